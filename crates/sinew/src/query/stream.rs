use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_core::driver::{Action, BoxFuture, Intent};
use sinew_core::record::Model;
use sinew_core::{Error, ErrorKind, Result};

use super::find::Find;
use super::page;
use crate::preload::{self, Tree};
use crate::relation::JoinNode;

/// Rows read, and loaded with their associations, at a time.
const CHUNK: usize = 500;

/// Rows one after another, in constant memory. Dropping it ends the query and gives its
/// connection back.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use futures_util::TryStreamExt;
/// let mut total = 0.0;
/// let mut orders = db.find::<Order>().stream();
/// while let Some(order) = orders.try_next().await? {
///     total += order.amount;
/// }
/// assert_eq!(total, 450.0);
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct RowStream<'d, M> {
    buffer: std::vec::IntoIter<M>,
    handed: Handed<M>,
    reading: Option<BoxFuture<'d, Result<()>>>,
}

/// Where the reading side leaves a chunk.
struct Handed<M>(Arc<Mutex<Option<Vec<M>>>>);

impl<M> Handed<M> {
    fn take(&self) -> Option<Vec<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Leaves a chunk, and waits until it was taken.
    async fn give(&self, rows: Vec<M>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows);
        let mut given = false;
        std::future::poll_fn(|_| {
            // The stream polls again once its buffer is empty; nobody needs to wake it.
            let ready = std::mem::replace(&mut given, true);
            if ready {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

impl<'d, M: Model> Find<'d, M> {
    /// The rows one after another, in constant memory, with their preloads (chunk by chunk).
    ///
    /// Where reading and writing have connections of their own, the stream holds one for
    /// reading; the loop around it may write through the same handle. A database that lives in
    /// one connection (`sqlite::memory:`) is read page by page instead, in the order asked for
    /// and then by primary key, so that the loop may use it as well; so is a query with
    /// associations where a server's connection gives one answer at a time (one that cannot be paged,
    /// for an offset, distinct rows or groups, is then read whole). Inside a transaction the stream
    /// reads on the transaction's connection, one stream at a time.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sinew::Result<()> {
    /// use futures_util::TryStreamExt;
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer primary key, name text not null)", ()).await?;
    /// # db.execute("INSERT INTO users VALUES (1, 'Ada')", ()).await?;
    /// let mut users = db.find::<User>().stream();
    /// while let Some(user) = users.try_next().await? {
    ///     assert_eq!(user.name, "Ada");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> RowStream<'d, M> {
        let handed = Arc::default();
        let reading = Box::pin(read(self, Handed(Arc::clone(&handed))));
        RowStream {
            buffer: Vec::new().into_iter(),
            handed: Handed(handed),
            reading: Some(reading),
        }
    }
}

async fn read<M: Model>(mut find: Find<'_, M>, handed: Handed<M>) -> Result<()> {
    if find.joins.iter().any(preload::repeats) {
        let message = "a stream cannot fold the rows that a joined association repeats";
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_model(M::NAME)
            .with_hint("preload it instead: a stream loads associations chunk by chunk"));
    }
    if let Some(error) = find.doubt.take() {
        return Err(error);
    }
    let limit = find.select.limit.take();
    let disturbed = is_disturbed(&find);
    let alone = !find.db.reads_beside() && !find.db.in_transaction();
    if (disturbed || alone) && !find.select.distinct && page::check(&find, 1).is_ok() {
        return read_pages(&find, limit, &handed).await;
    }
    find.select.limit = limit;
    if disturbed {
        // It cannot be paged either.
        handed.give(find.await?).await;
        return Ok(());
    }
    read_chunks(find, &handed).await
}

/// Whether other statements run on the connection between two chunks, and would end what is read:
/// those of the associations, and in a transaction those of the loop around the stream.
fn is_disturbed<M: Model>(find: &Find<'_, M>) -> bool {
    fn loads(join: &JoinNode) -> bool {
        !join.preloads.is_empty() || join.joins.iter().any(loads)
    }
    let loads = !find.preloads.is_empty() || find.joins.iter().any(loads);
    (loads || find.db.in_transaction()) && !find.db.runs_between_chunks()
}

/// Page by page, without holding a connection in between.
async fn read_pages<M: Model>(
    find: &Find<'_, M>,
    limit: Option<u64>,
    handed: &Handed<M>,
) -> Result<()> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut cursor = None;
    while left > 0 {
        let mut paged = find.again().page(left.min(CHUNK as u64));
        if let Some(cursor) = &cursor {
            paged = paged.after(cursor);
        }
        let page = paged.await?;
        left = left.saturating_sub(page.rows.len() as u64);
        cursor = page.next;
        handed.give(page.rows).await;
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

/// Chunk by chunk of one statement.
async fn read_chunks<M: Model>(find: Find<'_, M>, handed: &Handed<M>) -> Result<()> {
    static STREAMS: AtomicU64 = AtomicU64::new(1);
    let stream = STREAMS.fetch_add(1, Ordering::Relaxed);
    let db = find.db;
    let unscoped = db.settings.unscoped;
    let mut fetch = find.fetch()?;
    if unscoped {
        preload::strip_live_select(&mut fetch.select);
    }
    let select = std::mem::take(&mut fetch.select);
    let mut prepared = db.prepare(&select);
    let statement = prepared.statement(Action::Rows);
    let mut held = None;
    let (mut begins, mut more) = (true, true);
    while more {
        let mut op = match held.take() {
            Some(op) => op,
            None => db.op(Intent::Read, false).await?,
        };
        let place = (stream, begins);
        let (mut tree, follows) =
            Tree::chunk(&mut op, fetch.clone(), &statement, place, CHUNK, unscoped).await?;
        tree.descend(&mut op).await?;
        // A transaction's connection is for everybody in between.
        held = Some(op).filter(|_| !db.in_transaction());
        preload::after_find(db, &mut tree).await?;
        handed.give(tree.into_rows()?).await;
        (begins, more) = (false, follows);
    }
    Ok(())
}

// The rows in the buffer are never pinned.
impl<M> Unpin for RowStream<'_, M> {}

impl<M: Model> Stream for RowStream<'_, M> {
    type Item = Result<M>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.buffer.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            let Some(reading) = &mut self.reading else {
                return Poll::Ready(None);
            };
            match reading.as_mut().poll(cx) {
                Poll::Ready(result) => {
                    self.reading = None;
                    if let Err(error) = result {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Poll::Pending => match self.handed.take() {
                    Some(rows) => self.buffer = rows.into_iter(),
                    None => return Poll::Pending,
                },
            }
        }
    }
}

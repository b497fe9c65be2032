//! What a find asks for, and its reading. But for the last step it knows no model, so that it is
//! compiled once and not for each of an application's.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use sinew_core::driver::{BoxFuture, Intent};
use sinew_core::record::{Model, Rows};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, Result};
use sinew_sql::Select;

use super::one_trip::OneTrip;
use crate::db::Db;
use crate::preload::{self, Tree};
use crate::relation::{JoinNode, PreloadNode};

/// What a find asks for.
pub(super) struct Asked<'d> {
    pub(super) db: &'d Db,
    pub(super) meta: &'static ModelMeta,
    pub(super) select: Select,
    pub(super) joins: Vec<JoinNode>,
    pub(super) preloads: Vec<PreloadNode>,
    pub(super) doubt: Option<Error>,
    pub(super) one_trip: OneTrip,
}

impl<'d> Asked<'d> {
    /// The select, with what it joins and preloads.
    pub(super) fn fetch(self) -> Result<preload::Fetch> {
        if let Some(error) = self.doubt {
            return Err(error);
        }
        let (mut joins, preloads) = (self.joins, self.preloads);
        preload::check(&preloads)?;
        preload::check_joins(&joins)?;
        let preloads = preload::under_joins(&mut joins, preloads);
        let unscoped = self.db.settings.unscoped;
        preload::Fetch::root(self.meta, self.select, &joins, preloads, unscoped)
    }

    /// Reads the rows with what is preloaded.
    pub(super) fn read(self) -> BoxFuture<'d, Result<Option<Box<dyn Rows>>>> {
        Box::pin(async move {
            let (db, one_trip) = (self.db, self.one_trip);
            let tree = read_tree(db, self.fetch()?, one_trip, Box::new(no_change)).await?;
            tree.finish()
        })
    }
}

/// Reads the rows, and, below what `shape` leaves of them, what is preloaded.
pub(super) async fn read_tree(
    db: &Db,
    fetch: preload::Fetch,
    one_trip: OneTrip,
    shape: Box<dyn FnOnce(&mut Tree<'_>) + Send + '_>,
) -> Result<Tree<'static>> {
    let mut op = db.op(Intent::Read, false).await?;
    let unscoped = db.settings.unscoped;
    let mut tree = match one_trip.decide(db) && preload::can_be_at_once(db.dialect(), &fetch) {
        true => Tree::read_at_once(&mut op, fetch, unscoped).await?,
        false => Tree::read(&mut op, fetch, unscoped).await?,
    };
    shape(&mut tree);
    tree.descend(&mut op).await?;
    op.finish().await?;
    preload::after_find(db, &mut tree).await?;
    Ok(tree)
}

/// A read tree is taken as it is.
fn no_change(_: &mut Tree<'_>) {}

/// The rows of a query on their way: what a [`Find`](super::Find) becomes when it is awaited.
///
/// A type of its own, as a model then needs no more code than that of taking the rows over.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use std::future::IntoFuture;
///
/// let users: sinew::query::FindFuture<'_, User> = db.find::<User>().into_future();
/// assert_eq!(users.await?.len(), 3);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct FindFuture<'d, M> {
    reading: BoxFuture<'d, Result<Option<Box<dyn Rows>>>>,
    of: PhantomData<fn() -> M>,
}

impl<'d, M> FindFuture<'d, M> {
    pub(super) fn of(asked: Asked<'d>) -> Self {
        Self {
            reading: asked.read(),
            of: PhantomData,
        }
    }
}

impl<M: Model> Future for FindFuture<'_, M> {
    type Output = Result<Vec<M>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.reading.as_mut().poll(context) {
            Poll::Ready(Ok(rows)) => Poll::Ready(Ok(preload::typed(rows))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

use std::future::IntoFuture;

use sinew_core::driver::BoxFuture;
use sinew_core::record::Model;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{BinaryOp, Expr, Order, Scope};

use super::cursor::{Cursor, hash};
use super::find::Find;

/// Some rows of an ordered query, and where to go on.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let page = db.find::<User>().order_by(User::age.asc()).page(2).await?;
/// assert_eq!(page.rows.len(), 2);
/// assert!(page.next.is_some() && page.previous.is_none());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<M> {
    /// The rows.
    pub rows: Vec<M>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
    /// Where the page before ends, for [`Paged::before`]; `None` on the first one.
    pub previous: Option<Cursor>,
}

/// A query for one page; awaits to a [`Page`].
///
/// Pages are found by the values of the order's columns, not by counting rows: a late page costs
/// no more than the first one, and rows that come or go in between neither repeat nor hide others.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let first = db.find::<User>().page(2).await?;
/// let last = db.find::<User>().page(2).after(&first.next.unwrap()).await?;
/// assert_eq!(last.rows.len(), 1);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Paged<'d, M> {
    find: Find<'d, M>,
    rows: u64,
    from: Option<(Cursor, bool)>,
}

impl<'d, M: Model> Find<'d, M> {
    /// A page of `rows` rows. The primary key is appended to the order, so that it is total.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// db.execute("CREATE TABLE users (id integer primary key, name text not null)", ()).await?;
    /// db.execute("INSERT INTO users (name) VALUES ('Ada'), ('Bob'), ('Cid')", ()).await?;
    /// let page = db.find::<User>().order_by(User::name.asc()).page(2).await?;
    /// assert_eq!(page.rows.len(), 2);
    /// let link = page.next.unwrap().to_string();
    /// let next = db.find::<User>().order_by(User::name.asc()).page(2).after(&link.parse()?).await?;
    /// assert_eq!(next.rows[0].name, "Cid");
    /// assert!(next.next.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn page(self, rows: u64) -> Paged<'d, M> {
        Paged {
            find: self,
            rows,
            from: None,
        }
    }
}

impl<'d, M: Model> Paged<'d, M> {
    /// The rows that follow this place.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let first = db.find::<User>().order_by(User::age.asc()).page(2).await?;
    /// let second = db.find::<User>().order_by(User::age.asc()).page(2).after(&first.next.unwrap()).await?;
    /// assert_eq!(second.rows[0].name, "Grace");
    /// # Ok(()) }
    /// ```
    pub fn after(mut self, cursor: &Cursor) -> Self {
        self.from = Some((cursor.clone(), false));
        self
    }

    /// The rows that come before this place, in the same order as always.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let query = || db.find::<User>().order_by(User::age.asc()).page(2);
    /// let second = query().after(&query().await?.next.unwrap()).await?;
    /// let first = query().before(&second.previous.unwrap()).await?;
    /// assert_eq!(first.rows[0].name, "Ada");
    /// # Ok(()) }
    /// ```
    pub fn before(mut self, cursor: &Cursor) -> Self {
        self.from = Some((cursor.clone(), true));
        self
    }

    async fn read(self) -> Result<Page<M>> {
        let mut find = self.find;
        let db = find.db;
        check(&find, self.rows)?;
        find.order_by_key();
        let mut keys = keys_of::<M>(&find.select.order);
        let order = fingerprint::<M>(&keys);
        let (from, back) = match self.from {
            Some((cursor, back)) => (Some(cursor), back),
            None => (None, false),
        };
        if back {
            keys.iter_mut().for_each(Key::turn);
        }
        let exprs: Vec<Expr> = keys.iter().map(|key| key.expr.clone()).collect();
        if let Some(cursor) = &from {
            if cursor.order != order || cursor.values.len() != keys.len() {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "this cursor belongs to another order",
                )
                .with_model(M::NAME)
                .with_hint("page with the same `order_by` that gave the cursor"));
            }
            find.select.filter.push(beyond(&keys, &cursor.values));
        }
        find.select.order = keys.into_iter().map(Key::into_order).collect();
        find.select.limit = Some(self.rows.saturating_add(1));
        let one_trip = find.one_trip;
        let mut fetch = find.fetch()?;
        fetch.select_extra(exprs)?;
        let wanted = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let mut more = false;
        let (mut rows, mut marks) = Find::<M>::read(db, (fetch, one_trip), |tree| {
            more = tree.len() > wanted;
            tree.truncate::<M>(wanted);
        })
        .await?;
        if back {
            rows.reverse();
            marks.reverse();
        }
        let came = from.is_some();
        let (next, previous) = if back { (came, more) } else { (more, came) };
        let place = |mark: Option<Vec<Value<'static>>>, there: bool| {
            mark.filter(|_| there)
                .map(|values| Cursor { order, values })
        };
        let last = place(marks.last().cloned(), next);
        let first = place(marks.into_iter().next(), previous);
        Ok(Page {
            rows,
            next: last,
            previous: first,
        })
    }
}

/// Whether rows can be paged at all.
pub(super) fn check<M: Model>(find: &Find<'_, M>, rows: u64) -> Result<()> {
    let select = &find.select;
    let problem = if rows == 0 {
        "a page of no rows leads nowhere"
    } else if select.limit.is_some() || select.offset.is_some() {
        "a page has a size and a place of its own: leave out `limit` and `offset`"
    } else if !select.group_by.is_empty() {
        "groups cannot be paged"
    } else if M::KEY.is_empty() {
        "rows without a primary key cannot be paged"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidInput, problem).with_model(M::NAME))
}

/// One item of the order.
struct Key {
    expr: Expr,
    descending: bool,
    /// Where NULLs come, for what can be NULL.
    nulls_first: Option<bool>,
}

impl Key {
    fn turn(&mut self) {
        self.descending = !self.descending;
        self.nulls_first = self.nulls_first.map(|first| !first);
    }

    fn into_order(self) -> Order {
        Order {
            expr: self.expr,
            descending: self.descending,
            nulls_first: self.nulls_first,
        }
    }

    /// It has this value.
    fn is(&self, value: &Value<'static>) -> Expr {
        if value.is_null() {
            return Expr::IsNull(Box::new(self.expr.clone()), false);
        }
        self.expr.clone().equals(Expr::Value(value.clone()))
    }

    /// It comes later than this value; `None` where nothing can.
    fn follows(&self, value: &Value<'static>) -> Option<Expr> {
        if value.is_null() {
            let first = self.nulls_first.unwrap_or(false);
            return first.then(|| Expr::IsNull(Box::new(self.expr.clone()), true));
        }
        let op = if self.descending {
            BinaryOp::Lt
        } else {
            BinaryOp::Gt
        };
        let later = self.expr.clone().binary(op, Expr::Value(value.clone()));
        Some(match self.nulls_first {
            Some(false) => later.or(Expr::IsNull(Box::new(self.expr.clone()), false)),
            _ => later,
        })
    }
}

/// The order with the place of NULLs spelled out, as far as anything can be NULL.
fn keys_of<M: Model>(orders: &[Order]) -> Vec<Key> {
    let nullable = |expr: &Expr| match expr {
        Expr::Column(Scope::Here, name) => {
            let mut columns = M::schema().columns.iter();
            columns
                .find(|column| column.name == *name)
                .is_none_or(|column| column.nullable)
        }
        _ => true,
    };
    orders
        .iter()
        .map(|order| Key {
            expr: order.expr.clone(),
            descending: order.descending,
            nulls_first: nullable(&order.expr)
                .then(|| order.nulls_first.unwrap_or(!order.descending)),
        })
        .collect()
}

fn fingerprint<M: Model>(keys: &[Key]) -> u64 {
    let mut text = String::from(M::TABLE);
    for key in keys {
        text.push_str(&format!(
            " {:?} {} {:?}",
            key.expr, key.descending, key.nulls_first
        ));
    }
    hash(text.as_bytes())
}

/// The row comes later than these values: at the first item that differs.
fn beyond(keys: &[Key], values: &[Value<'static>]) -> Expr {
    let mut ways = Vec::new();
    for (at, (key, value)) in keys.iter().zip(values).enumerate() {
        let Some(follows) = key.follows(value) else {
            continue;
        };
        let same = keys
            .iter()
            .zip(values)
            .take(at)
            .map(|(key, value)| key.is(value));
        ways.push(Expr::And(same.chain([follows]).collect()));
    }
    let ways = Expr::Or(ways);
    match (keys, values) {
        // Says the same once more in a form that an index can use.
        ([key, _, ..], [value, ..]) if key.nulls_first.is_none() => {
            let op = if key.descending {
                BinaryOp::Le
            } else {
                BinaryOp::Ge
            };
            key.expr
                .clone()
                .binary(op, Expr::Value(value.clone()))
                .and(ways)
        }
        _ => ways,
    }
}

impl<'d, M: Model> IntoFuture for Paged<'d, M> {
    type Output = Result<Page<M>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}

//! Whether a tree is read in one round trip or level by level.

use std::time::Duration;

use sinew_core::record::Model;

use super::Find;
use crate::db::Db;

/// From this latency on, a round trip costs more than what saves it.
const FAR: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OneTrip {
    /// By the latency that was measured.
    #[default]
    Measured,
    /// Wherever the database can.
    Always,
    /// Nowhere.
    Never,
}

impl OneTrip {
    pub(crate) fn decide(self, db: &Db) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Measured => db.latency().is_some_and(|latency| latency >= FAR),
        }
    }
}

impl<M: Model> Find<'_, M> {
    /// Reads the rows and everything that is preloaded in one round trip, however deep the tree is.
    ///
    /// Each statement leaves the keys of its rows in the server, where the next ones find them, so
    /// that all are sent together, in a transaction of their own. Without this word PostgreSQL does
    /// so by itself when a round trip takes a millisecond or more, the shortest of at least 32 seen by
    /// the pool: over a network, that is, while a server nearby is read level by level, which
    /// leaves out statements that nobody has keys for. [`Db::level_by_level`](crate::Db::level_by_level)
    /// keeps it to that. Left to
    /// wait for its owners in any case is what hangs on a [`BelongsToAny`](crate::BelongsToAny).
    ///
    /// It changes nothing where there is nothing to save (SQLite), where the protocol takes one
    /// statement at a time (MySQL), and for rows that are locked or streamed. PostgreSQL does not
    /// run statements that leave keys on several processors.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>()
    ///     .preload(User::orders.preload(Order::items))
    ///     .one_trip()
    ///     .await?;
    /// assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn one_trip(mut self) -> Self {
        self.one_trip = OneTrip::Always;
        self
    }
}

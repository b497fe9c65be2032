//! The database handle: connections, settings, transactions, raw statements.

mod connect;
mod counting;
mod forms;
mod handle;
mod op;
mod raw;
mod settings;
mod transaction;
mod watch;
mod whole;

pub(crate) use counting::Counter;
pub(crate) use forms::Form;
pub use handle::Db;
pub(crate) use op::{Op, Prepared};
pub(crate) use raw::{Affected, Ignore, cell};
pub use raw::{FromTuple, Query, RawExecute};
pub use settings::Session;
pub(crate) use settings::Settings;

//! SQL as data: statements, expressions and DDL, rendered by dialect. Pure: no I/O, no driver.

mod check;
pub mod ddl;
pub mod dialect;
pub mod expr;
pub mod render;
pub mod statement;

pub use ddl::Ddl;
pub use dialect::{Capabilities, Dialect, Generated, Placeholder, Support, Upsert};
pub use expr::{BinaryOp, Expr, InList, Kept, Order, Raw, Scope};
pub use render::{Render, Rendered, Writer};
pub use statement::{
    Conflict, Delete, HandOn, Ident, Insert, InsertSelect, Join, JoinKind, Lock, PerGroup,
    Promised, Select, SelectItem, Source, Update,
};

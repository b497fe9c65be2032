//! SQL as data: statements, expressions and DDL, rendered by dialect. Pure: no I/O, no driver.

mod check;
pub mod ddl;
pub mod dialect;
pub mod expr;
pub mod render;
pub mod statement;

pub use ddl::Ddl;
pub use dialect::{
    Capabilities, Dialect, Generated, LimitsEach, ListPart, Placeholder, Support, Upsert,
};
pub use expr::{BinaryOp, Expr, Holds, InList, Kept, Order, Raw, Scope};
pub use render::{Render, Rendered, Writer};
pub use statement::{
    Conflict, Delete, HandOn, Ident, Insert, InsertSelect, Join, JoinKind, Lock, PerGroup,
    Promised, Replace, Select, SelectItem, Source, Update,
};

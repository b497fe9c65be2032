//! Statements as data.

use std::borrow::Cow;

use crate::expr::{Expr, InList, Order, Raw};

/// A name of a table, column, alias or constraint; always quoted when rendered.
pub type Ident = Cow<'static, str>;

/// A `SELECT`.
#[derive(Clone, Debug, Default)]
pub struct Select {
    /// `DISTINCT`.
    pub distinct: bool,
    /// What is selected.
    pub columns: Vec<SelectItem>,
    /// The main source; `Scope::Here` in expressions means its row.
    pub from: Source,
    /// Joins in order.
    pub joins: Vec<Join>,
    /// Conditions, all of which must hold.
    pub filter: Vec<Expr>,
    /// `GROUP BY`.
    pub group_by: Vec<Expr>,
    /// `HAVING`, all of which must hold.
    pub having: Vec<Expr>,
    /// `ORDER BY`.
    pub order: Vec<Order>,
    /// `LIMIT`, written as a literal: a bound limit makes SQLite prepare anew at every execution.
    pub limit: Option<u64>,
    /// `OFFSET`, literal.
    pub offset: Option<u64>,
    /// At most so many rows for each group.
    pub per_group: Option<PerGroup>,
    /// Row locks.
    pub lock: Option<Lock>,
}

/// One selected expression.
#[derive(Clone, Debug)]
pub struct SelectItem {
    /// What.
    pub expr: Expr,
    /// Under which name.
    pub alias: Option<Ident>,
}

impl From<Expr> for SelectItem {
    fn from(expr: Expr) -> Self {
        Self { expr, alias: None }
    }
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A table (possibly `schema.table`). The renderer gives it an alias where an enclosing
    /// query uses the same name.
    Table(Ident),
    /// A table under a given alias.
    Aliased(Ident, Ident),
    /// A sub-query under a given alias.
    Query(Box<Select>, Ident),
}

impl Default for Source {
    fn default() -> Self {
        Self::Table(Ident::Borrowed(""))
    }
}

/// A join.
#[derive(Clone, Debug)]
pub enum Join {
    /// A table under an alias.
    Table {
        /// Left or inner.
        kind: JoinKind,
        /// The table.
        table: Ident,
        /// Its alias.
        alias: Ident,
        /// The condition; refers to the joined table by `Scope::Alias`.
        on: Expr,
    },
    /// SQL written by the user, such as `LEFT JOIN companies ON …`.
    Raw(Raw),
}

/// How a join treats rows without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Keeps them.
    Left,
    /// Drops them.
    Inner,
}

/// A limit for each group of rows. Renders as
/// `SELECT <columns> FROM (SELECT <columns>, ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) …)
/// WHERE row number between …`, in the order of `Select::order`. Where the groups are listed and the
/// database can, each group's rows are chosen by a query of their own instead
/// ([`Dialect::limits_each`](crate::Dialect::limits_each)), which reads no more of a group than
/// it needs if an index has its rows in order.
#[derive(Clone, Debug)]
pub struct PerGroup {
    /// What makes a group.
    pub partition: Vec<Expr>,
    /// Rows per group.
    pub limit: Option<u64>,
    /// Rows to skip per group.
    pub offset: u64,
    /// The groups that are wanted, as values of the partition; all where there are none.
    pub keys: Option<InList>,
    /// Whether an index finds the rows of a group, and each group is there once in the list.
    pub indexed: bool,
    /// A column that tells rows of the main source apart, where one does.
    pub row: Option<Ident>,
}

/// A row lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// `FOR UPDATE`.
    Update,
    /// `FOR SHARE`.
    Share,
}

/// An `INSERT`. It holds no values: the caller binds `columns.len() * rows` of them in row order.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub table: Ident,
    /// The columns; empty for a row of defaults.
    pub columns: Vec<Ident>,
    /// How many rows the statement holds (1 where the driver repeats it).
    pub rows: usize,
    /// What happens on a conflict.
    pub conflict: Option<Conflict>,
    /// Columns to return.
    pub returning: Vec<Ident>,
    /// Columns, by their positions, whose values may stand for keys that an earlier insert of the
    /// transaction made.
    pub promised: Vec<(usize, Promised)>,
    /// Under which number the server keeps the first of the columns that are returned, for inserts
    /// that follow ([`Insert::promised`]).
    pub keep: Option<u32>,
}

/// Numbers that stand for keys which only the server knows so far: it kept them, in order, when it
/// inserted the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// The number under which it kept them.
    pub slot: u32,
    /// What stands for the last one that there can be.
    pub lowest: i64,
    /// What stands for the first one; the second is one less.
    pub highest: i64,
}

/// A query that also leaves keys of its rows in the server, where later statements of the same
/// transaction find them ([`InList::Kept`]): a tree of queries then takes one round trip. One column
/// is added behind those of the query; where it is NULL there is no row.
#[derive(Clone, Debug)]
pub struct HandOn {
    /// The query.
    pub query: Select,
    /// What it leaves: under which number, and the positions of the columns.
    pub keys: Vec<(u32, Vec<usize>)>,
}

/// `INSERT INTO … SELECT …`. Rows that collide with others are skipped.
#[derive(Clone, Debug)]
pub struct InsertSelect {
    /// The table.
    pub table: Ident,
    /// The columns, one for each of the query's.
    pub columns: Vec<Ident>,
    /// Where the rows come from.
    pub query: Select,
}

/// Rows that go and rows that come, as one statement, which fails unless so many rows are found.
/// Only where a statement can hold others that write.
///
/// It returns a row: a number that says nothing, how many rows went, and how many came.
#[derive(Clone, Debug)]
pub struct Replace {
    /// The rows that have to be there, which the insert finds in the table [`Replace::FOUND`].
    pub found: Select,
    /// How many: a bound number, and not zero.
    pub wanted: Expr,
    /// What goes.
    pub delete: Delete,
    /// What comes.
    pub insert: InsertSelect,
}

impl Replace {
    /// Under which name [`Replace::insert`] reads the rows that were found.
    pub const FOUND: Ident = Ident::Borrowed("sinew_found");
}

/// What an insert does on a conflict.
#[derive(Clone, Debug)]
pub enum Conflict {
    /// Nothing, for a conflict on these columns (on any unique key when empty).
    Nothing(Vec<Ident>),
    /// Updates the existing row.
    Update {
        /// The columns whose conflict is meant.
        target: Vec<Ident>,
        /// The assignments; `Expr::Excluded` is the value that was to be inserted.
        set: Vec<(Ident, Expr)>,
    },
}

/// An `UPDATE`.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// The table.
    pub table: Ident,
    /// The assignments.
    pub set: Vec<(Ident, Expr)>,
    /// Conditions, all of which must hold.
    pub filter: Vec<Expr>,
    /// Columns to return.
    pub returning: Vec<Ident>,
}

/// A `DELETE`.
#[derive(Clone, Debug, Default)]
pub struct Delete {
    /// The table.
    pub table: Ident,
    /// Conditions, all of which must hold.
    pub filter: Vec<Expr>,
    /// Columns to return.
    pub returning: Vec<Ident>,
}

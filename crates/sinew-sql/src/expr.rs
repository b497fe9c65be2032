//! Expressions as data.

use sinew_core::Value;
use sinew_core::value::TypeFamily;

use crate::statement::{Ident, Select};

/// An SQL expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A column.
    Column(Scope, Ident),
    /// A bound value.
    Value(Value<'static>),
    /// A placeholder whose value the caller binds at execution.
    Param,
    /// `left op right`.
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    /// `NOT e`.
    Not(Box<Expr>),
    /// A number as text, where the database does not compare one with the other by itself.
    AsText(Box<Expr>),
    /// All hold; an empty list is true.
    And(Vec<Expr>),
    /// One holds; an empty list is false.
    Or(Vec<Expr>),
    /// `e IS NULL`, or `IS NOT NULL` when the flag is set.
    IsNull(Box<Expr>, bool),
    /// `e BETWEEN low AND high`.
    Between(Box<[Expr; 3]>),
    /// `e IN (…)`, also for tuples; `NOT IN` when negated.
    In {
        /// One expression, or a tuple.
        tuple: Vec<Expr>,
        /// The list.
        list: InList,
        /// `NOT IN`.
        negated: bool,
    },
    /// `e LIKE pattern`.
    Like {
        /// The text.
        expr: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// Whether upper and lower case are the same.
        ignore_case: bool,
    },
    /// Whether the list in a list column holds these.
    List {
        /// The list.
        list: Box<Expr>,
        /// All of them, or one.
        holds: Holds,
        /// A `Value::List`, none of them NULL.
        items: Value<'static>,
    },
    /// How many elements the list in a list column has.
    ListLength(Box<Expr>),
    /// `EXISTS (…)`, `NOT EXISTS (…)` when negated.
    Exists(Box<Select>, bool),
    /// A sub-query with one value.
    Query(Box<Select>),
    /// `name(args)`, an aggregate or function known to every dialect.
    Function {
        /// Its name, from Sinew's own code, never from input.
        name: &'static str,
        /// `DISTINCT` inside.
        distinct: bool,
        /// The arguments; empty with `COUNT` means `COUNT(*)`.
        args: Vec<Expr>,
    },
    /// The value that a conflicting insert wanted to write.
    Excluded(Ident),
    /// SQL written by the user, with its values.
    Raw(Raw),
    /// The row is not soft-deleted: this column of it is NULL. Renders as `IS NULL`; a variant of
    /// its own so that an unscoped session can take it out.
    Live(Scope, Ident),
    /// A literal `1`, for `SELECT 1`.
    One,
    /// SQL `NULL` written out.
    Null,
}

/// Whose column it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of the main source of the statement that holds the expression.
    Here,
    /// Of the main source of the n-th enclosing statement (1 = the next outer one).
    Outer(u32),
    /// Of the source with this alias.
    Alias(Ident),
    /// Of none: written without a qualifier (an output alias, say).
    Bare,
}

/// A list to search.
#[derive(Clone, Debug)]
pub enum InList {
    /// Values, bound as one parameter (`Value::Array` or `Value::Tuples`).
    Values(Value<'static>),
    /// Values of a list column (each a `Value::List`), bound one by one.
    Lists(Vec<Value<'static>>),
    /// The rows of a sub-query.
    Query(Box<Select>),
    /// The keys that an earlier statement of the same transaction kept in the server.
    Kept(Kept),
}

/// Keys that one statement leaves in the server for later ones of its transaction
/// ([`HandOn`](crate::HandOn)).
#[derive(Clone, Debug)]
pub struct Kept {
    /// Under this number.
    pub slot: u32,
    /// The types of the columns that they are compared with.
    pub families: Vec<TypeFamily>,
}

/// How many of some values a list has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Each of them.
    All,
    /// One at least.
    Any,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// Text concatenation.
    Concat,
}

/// SQL written by the user: text with `?` placeholders, and their values.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The text. A `?` inside quotes or comments is not a placeholder; `??` is a literal `?`.
    pub sql: String,
    /// The values in order.
    pub binds: Vec<Value<'static>>,
}

/// An `ORDER BY` item.
#[derive(Clone, Debug)]
pub struct Order {
    /// What to order by.
    pub expr: Expr,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Whether NULLs come first or last; the database decides when unset, so it is unset only where
    /// there are none, and in the user's own SQL.
    pub nulls_first: Option<bool>,
}

impl Expr {
    /// A column of the current row.
    pub fn here(name: impl Into<Ident>) -> Self {
        Self::Column(Scope::Here, name.into())
    }

    /// A column of an aliased source.
    pub fn of(alias: impl Into<Ident>, name: impl Into<Ident>) -> Self {
        Self::Column(Scope::Alias(alias.into()), name.into())
    }

    /// A column of the n-th enclosing statement's row.
    pub fn outer(depth: u32, name: impl Into<Ident>) -> Self {
        Self::Column(Scope::Outer(depth), name.into())
    }

    /// `self op other`.
    #[must_use]
    pub fn binary(self, op: BinaryOp, other: Expr) -> Self {
        Self::Binary(Box::new(self), op, Box::new(other))
    }

    /// `self = other`.
    #[must_use]
    pub fn equals(self, other: Expr) -> Self {
        self.binary(BinaryOp::Eq, other)
    }

    /// Both hold; flattens.
    #[must_use]
    pub fn and(self, other: Expr) -> Self {
        match (self, other) {
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), one) => {
                all.push(one);
                Self::And(all)
            }
            (one, other) => Self::And(vec![one, other]),
        }
    }

    /// One holds; flattens.
    #[must_use]
    pub fn or(self, other: Expr) -> Self {
        match (self, other) {
            (Self::Or(mut all), one) => {
                all.push(one);
                Self::Or(all)
            }
            (one, other) => Self::Or(vec![one, other]),
        }
    }

    /// The same expression with this statement's row called `alias`: what was `Here` becomes
    /// `Alias(alias)`, also where sub-queries refer to it as an outer row.
    #[must_use]
    pub fn rebase(mut self, alias: &Ident) -> Self {
        self.each_scope(0, &mut |depth, scope| {
            let here = match scope {
                Scope::Here => depth == 0,
                Scope::Outer(n) => *n == depth && depth > 0,
                Scope::Alias(_) | Scope::Bare => false,
            };
            if here {
                *scope = Scope::Alias(alias.clone());
            }
        });
        self
    }

    /// Visits the scope of every column, with the number of sub-queries around it.
    pub fn each_scope(&mut self, depth: u32, visit: &mut dyn FnMut(u32, &mut Scope)) {
        match self {
            Self::Column(scope, _) | Self::Live(scope, _) => visit(depth, scope),
            Self::Binary(left, _, right) => {
                left.each_scope(depth, visit);
                right.each_scope(depth, visit);
            }
            Self::Not(inner)
            | Self::AsText(inner)
            | Self::IsNull(inner, _)
            | Self::ListLength(inner)
            | Self::List { list: inner, .. } => inner.each_scope(depth, visit),
            Self::And(all) | Self::Or(all) | Self::Function { args: all, .. } => {
                for expr in all {
                    expr.each_scope(depth, visit);
                }
            }
            Self::Between(three) => {
                for expr in three.iter_mut() {
                    expr.each_scope(depth, visit);
                }
            }
            Self::In { tuple, list, .. } => {
                for expr in tuple {
                    expr.each_scope(depth, visit);
                }
                if let InList::Query(query) = list {
                    query.each_scope(depth + 1, visit);
                }
            }
            Self::Like { expr, pattern, .. } => {
                expr.each_scope(depth, visit);
                pattern.each_scope(depth, visit);
            }
            Self::Exists(query, _) | Self::Query(query) => query.each_scope(depth + 1, visit),
            Self::Value(_)
            | Self::Param
            | Self::Excluded(_)
            | Self::Raw(_)
            | Self::One
            | Self::Null => {}
        }
    }
}

impl Select {
    /// Visits the scope of every column in the statement, `depth` sub-queries deep.
    pub fn each_scope(&mut self, depth: u32, visit: &mut dyn FnMut(u32, &mut Scope)) {
        if let crate::statement::Source::Query(query, _) = &mut self.from {
            query.each_scope(depth + 1, visit);
        }
        let exprs = self
            .columns
            .iter_mut()
            .map(|item| &mut item.expr)
            .chain(self.joins.iter_mut().filter_map(|join| match join {
                crate::statement::Join::Table { on, .. } => Some(on),
                crate::statement::Join::Raw(_) => None,
            }))
            .chain(&mut self.filter)
            .chain(&mut self.group_by)
            .chain(&mut self.having)
            .chain(self.order.iter_mut().map(|order| &mut order.expr))
            .chain(
                self.per_group
                    .iter_mut()
                    .flat_map(|group| &mut group.partition),
            );
        for expr in exprs {
            expr.each_scope(depth, visit);
        }
    }
}

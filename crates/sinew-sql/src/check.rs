//! Whether what the user wrote in SQL can be sent at all, before anything is sent.

use sinew_core::{Error, ErrorKind, Result};

use crate::expr::{Expr, InList, Raw};
use crate::statement::{Join, Select, Source};

/// How a raw fragment begins that stands for an expression that could not be built.
const UNBUILT: &str = "/* cannot be built */ ";

impl Expr {
    /// Stands for an expression that could not be built: [`Expr::check`] returns the reason.
    pub fn unbuilt(error: &Error) -> Self {
        let text = format!("{UNBUILT}{}\n{error}", error.kind());
        Self::Raw(Raw {
            sql: text,
            binds: Vec::new(),
        })
    }

    /// Checks every raw fragment inside: one value for each `?`, quotes and comments closed.
    ///
    /// # Errors
    /// With kind `InvalidInput` when not, and what an unbuilt expression met.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Raw(raw) => match raw.sql.strip_prefix(UNBUILT) {
                Some(reason) => Err(unbuilt(reason)),
                None => raw.check(),
            },
            Self::Binary(left, _, right) => left.check().and_then(|()| right.check()),
            Self::Not(inner)
            | Self::AsText(inner)
            | Self::IsNull(inner, _)
            | Self::ListLength(inner)
            | Self::List { list: inner, .. } => inner.check(),
            Self::And(all) | Self::Or(all) | Self::Function { args: all, .. } => {
                all.iter().try_for_each(Self::check)
            }
            Self::Between(three) => three.iter().try_for_each(Self::check),
            Self::In { tuple, list, .. } => {
                tuple.iter().try_for_each(Self::check)?;
                match list {
                    InList::Query(query) => query.check(),
                    InList::Values(_) | InList::Lists(_) | InList::Kept(_) => Ok(()),
                }
            }
            Self::Like { expr, pattern, .. } => expr.check().and_then(|()| pattern.check()),
            Self::Exists(query, _) | Self::Query(query) => query.check(),
            Self::Column(..)
            | Self::Live(..)
            | Self::Value(_)
            | Self::Param
            | Self::Excluded(_)
            | Self::One
            | Self::Null => Ok(()),
        }
    }
}

fn unbuilt(reason: &str) -> Error {
    let (kind, message) = reason.split_once('\n').unwrap_or(("", reason));
    let kind = match kind {
        "Unsupported" => ErrorKind::Unsupported,
        "InvalidInput" => ErrorKind::InvalidInput,
        "UnknownAssociation" => ErrorKind::UnknownAssociation,
        _ => ErrorKind::Schema,
    };
    Error::new(kind, message)
}

impl Select {
    /// Checks every raw fragment inside, as [`Expr::check`] does.
    ///
    /// # Errors
    /// As [`Expr::check`].
    pub fn check(&self) -> Result<()> {
        if let Source::Query(query, _) = &self.from {
            query.check()?;
        }
        for join in &self.joins {
            match join {
                Join::Table { on, .. } => on.check()?,
                Join::Raw(raw) => raw.check()?,
            }
        }
        let lists = [&self.filter, &self.group_by, &self.having];
        lists.into_iter().flatten().try_for_each(Expr::check)?;
        self.columns.iter().try_for_each(|item| item.expr.check())?;
        self.order.iter().try_for_each(|order| order.expr.check())?;
        self.per_group
            .iter()
            .flat_map(|group| &group.partition)
            .try_for_each(Expr::check)
    }
}

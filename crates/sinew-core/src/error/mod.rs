//! One error for everything that can go wrong, with where it happened and what to do about it.

mod kind;

use std::fmt;

pub use kind::ErrorKind;

/// The result of every Sinew operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
///
/// An error is one pointer wide. [`Error::kind`] is the same on every database.
pub struct Error(Box<Detail>);

#[derive(Debug, Default)]
struct Detail {
    kind: ErrorKind,
    message: String,
    model: Option<String>,
    association: Option<String>,
    constraint: Option<String>,
    table: Option<String>,
    column: Option<String>,
    path: Option<String>,
    sql: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

macro_rules! detail {
    ($($(#[$doc:meta])* $get:ident, $with:ident;)*) => {$(
        $(#[$doc])*
        pub fn $get(&self) -> Option<&str> {
            self.0.$get.as_deref()
        }

        #[doc = concat!("Adds what [`Error::", stringify!($get), "`] tells, unless it is known already.")]
        #[must_use]
        pub fn $with(mut self, value: impl Into<String>) -> Self {
            if self.0.$get.is_none() {
                self.0.$get = Some(value.into());
            }
            self
        }
    )*};
}

impl Error {
    /// An error of `kind` with a message in plain words.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Detail {
            kind,
            message: message.into(),
            ..Detail::default()
        }))
    }

    /// What sort of thing went wrong; the same on every database.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without place and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    detail! {
        /// The model concerned, by its Rust name.
        model, with_model;
        /// The association concerned, by its field name.
        association, with_association;
        /// The violated constraint, as the database names it.
        constraint, with_constraint;
        /// The table concerned.
        table, with_table;
        /// The column concerned.
        column, with_column;
        /// The statement that failed.
        sql, with_sql;
        /// What to do about it.
        hint, with_hint;
    }

    /// Where in a saved graph it happened, such as `orders[3].items[0]`.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Puts `step` before the path gathered so far: an error travels outwards.
    #[must_use]
    pub fn under(mut self, step: &str) -> Self {
        self.0.path = Some(match self.0.path.take() {
            Some(rest) => format!("{step}.{rest}"),
            None => step.to_owned(),
        });
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Whether a row was not found.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether a unique or primary key refused the row.
    pub fn is_unique_violation(&self) -> bool {
        self.kind() == ErrorKind::UniqueViolation
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &self.0;
        f.write_str(&detail.message)?;
        if let Some(path) = &detail.path {
            write!(f, " (at {path})")?;
        }
        if let Some(constraint) = &detail.constraint {
            write!(f, " [constraint {constraint}]")?;
        }
        if let Some(hint) = &detail.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &detail.kind)
            .field("message", &detail.message);
        let optional = [
            ("model", &detail.model),
            ("association", &detail.association),
            ("constraint", &detail.constraint),
            ("table", &detail.table),
            ("column", &detail.column),
            ("path", &detail.path),
            ("sql", &detail.sql),
            ("hint", &detail.hint),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                out.field(name, value);
            }
        }
        if let Some(source) = &detail.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

//! One error for everything that can go wrong, with where it happened and what to do about it.

mod kind;

use std::fmt;

pub use kind::ErrorKind;

/// The result of every Sinew operation.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// async fn oldest(db: &Db) -> sinew::Result<Option<User>> {
///     db.find::<User>().order_by(User::age.desc()).first().await
/// }
/// assert_eq!(oldest(&db).await?.unwrap().name, "Grace");
/// # Ok(()) }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
///
/// An error is one pointer wide. [`Error::kind`] is the same on every database.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let error = db.get::<User>(99).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert!(error.to_string().contains("User"));
/// # Ok(()) }
/// ```
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
        ///
        /// # Examples
        /// ```
        /// use sinew::{Error, ErrorKind};
        #[doc = concat!("let error = Error::new(ErrorKind::Hook, \"no\").", stringify!($with), "(\"this\");")]
        #[doc = concat!("assert_eq!(error.", stringify!($get), "(), Some(\"this\"));")]
        /// ```
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
    ///
    /// # Examples
    /// ```
    /// use sinew::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Hook, "not on Sundays");
    /// assert_eq!(error.to_string(), "not on Sundays");
    /// ```
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Detail {
            kind,
            message: message.into(),
            ..Detail::default()
        }))
    }

    /// What sort of thing went wrong; the same on every database.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.get::<User>(99).await.unwrap_err().kind(), ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without place and hint.
    ///
    /// # Examples
    /// ```
    /// use sinew::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Hook, "not on Sundays").with_hint("come back tomorrow");
    /// assert_eq!(error.message(), "not on Sundays");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    detail! {
        /// The model concerned, by its Rust name.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// assert_eq!(db.get::<User>(99).await.unwrap_err().model(), Some("User"));
        /// # Ok(()) }
        /// ```
        model, with_model;
        /// The association concerned, by its field name.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// let ada = db.get::<User>(1).await?;
        /// assert_eq!(ada.orders.loaded().unwrap_err().association(), Some("orders"));
        /// # Ok(()) }
        /// ```
        association, with_association;
        /// The violated constraint, as the database names it.
        ///
        /// # Examples
        /// ```
        /// use sinew::{Error, ErrorKind};
        /// let error = Error::new(ErrorKind::CheckViolation, "refused").with_constraint("chk_age");
        /// assert_eq!(error.constraint(), Some("chk_age"));
        /// ```
        constraint, with_constraint;
        /// The table concerned.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// let error = db.create(&mut user("Ada", 1)).await.unwrap_err();
        /// assert_eq!(error.table(), Some("users"));
        /// # Ok(()) }
        /// ```
        table, with_table;
        /// The column concerned.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// let error = db.create(&mut user("Ada", 1)).await.unwrap_err();
        /// assert_eq!(error.column(), Some("name"));
        /// # Ok(()) }
        /// ```
        column, with_column;
        /// The statement that failed.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// let error = db.query::<(i64,)>("SELECT nonsense", ()).await.unwrap_err();
        /// assert_eq!(error.sql(), Some("SELECT nonsense"));
        /// # Ok(()) }
        /// ```
        sql, with_sql;
        /// What to do about it.
        ///
        /// # Examples
        /// ```
        /// # use sinew_suite::docs::*;
        /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
        /// # let db = db().await?;
        /// let error = db.get::<User>(1).await?.orders.loaded().unwrap_err();
        /// assert!(error.to_string().contains(".preload(User::orders)"));
        /// # let _ = error.hint();
        /// # Ok(()) }
        /// ```
        hint, with_hint;
    }

    /// Where in a saved graph it happened, such as `orders[3].items[0]`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut boss = user("Babbage", 50);
    /// boss.reports = [user("Fine", 1), user(&"x".repeat(200), 1)].into();
    /// let error = db.create(&mut boss).await.unwrap_err();
    /// assert_eq!(error.path(), Some("reports[1]"));
    /// # Ok(()) }
    /// ```
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Puts `step` before the path gathered so far: an error travels outwards.
    ///
    /// # Examples
    /// ```
    /// use sinew::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::ValueTooLong, "too long").under("items[0]").under("orders[3]");
    /// assert_eq!(error.path(), Some("orders[3].items[0]"));
    /// ```
    #[must_use]
    pub fn under(mut self, step: &str) -> Self {
        self.0.path = Some(match self.0.path.take() {
            Some(rest) => format!("{step}.{rest}"),
            None => step.to_owned(),
        });
        self
    }

    /// Keeps the error that caused this one.
    ///
    /// # Examples
    /// ```
    /// use sinew::{Error, ErrorKind};
    /// use std::error::Error as _;
    /// let cause = "x".parse::<i32>().unwrap_err();
    /// let error = Error::new(ErrorKind::Hook, "no number").with_source(cause);
    /// assert!(error.source().is_some());
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Whether a row was not found.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.get::<User>(99).await.unwrap_err().is_not_found());
    /// # Ok(()) }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether a unique or primary key refused the row.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.create(&mut user("Ada", 1)).await.unwrap_err().is_unique_violation());
    /// # Ok(()) }
    /// ```
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

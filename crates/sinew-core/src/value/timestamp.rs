use std::fmt;
use std::str::FromStr;

use super::{ColumnType, Misfit, Required, TypeFamily, Value};

/// A moment in time with microseconds. Its default means "not set yet".
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let ada = db.get::<User>(1).await?;
/// assert!(ada.created_at <= Timestamp::now());
/// let moment: Timestamp = "2024-02-29T12:00:00Z".parse().unwrap();
/// assert!(moment < ada.created_at);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const UNSET: i64 = i64::MIN;

impl Timestamp {
    /// The current time.
    ///
    /// # Examples
    /// ```
    /// use sinew::Timestamp;
    /// assert!(Timestamp::now() > Timestamp::UNIX_EPOCH);
    /// ```
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// 1970-01-01T00:00:00Z.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(Timestamp::UNIX_EPOCH.to_string(), "1970-01-01T00:00:00Z");
    /// ```
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment this many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(Timestamp::from_micros(1_000_000).to_string(), "1970-01-01T00:00:01Z");
    /// ```
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z; `None` when unset.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(Timestamp::from_micros(7).micros(), Some(7));
    /// assert_eq!(Timestamp::default().micros(), None);
    /// ```
    pub const fn micros(self) -> Option<i64> {
        if self.0 == UNSET { None } else { Some(self.0) }
    }

    /// Whether it was never set.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(Timestamp::default().is_unset() && !Timestamp::now().is_unset());
    /// ```
    pub const fn is_unset(self) -> bool {
        self.0 == UNSET
    }

    /// The same moment as jiff's type; `None` when unset or out of jiff's range.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// let moment = Timestamp::from_micros(2_000_000).to_jiff();
    /// assert_eq!(moment.map(|moment| moment.as_second()), Some(2));
    /// ```
    pub fn to_jiff(self) -> Option<jiff::Timestamp> {
        self.micros()
            .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok())
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self(UNSET)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(value: jiff::Timestamp) -> Self {
        Self(value.as_microsecond())
    }
}

impl FromStr for Timestamp {
    type Err = Misfit;

    /// Reads RFC 3339, and the forms that databases print: a space for the `T`, no zone (UTC
    /// then), a date alone.
    fn from_str(text: &str) -> Result<Self, Misfit> {
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(moment.into());
        }
        if let Ok(civil) = text.trim_end_matches('Z').parse::<jiff::civil::DateTime>() {
            return jiff::tz::TimeZone::UTC
                .to_timestamp(civil)
                .map(Self::from)
                .map_err(|e| Misfit(e.to_string()));
        }
        // "2024-05-01 10:00:00+00", as PostgreSQL prints offsets, and Go's "+0000 UTC" form.
        let lenient = text
            .trim_end_matches(" UTC")
            .replacen(' ', "T", 1)
            .replace(' ', "");
        lenient
            .parse::<jiff::Timestamp>()
            .map(Self::from)
            .map_err(|_| Misfit(format!("{text:?} is not a timestamp")))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_jiff() {
            Some(moment) => fmt::Display::fmt(&moment, f),
            None => f.write_str("unset"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Required for Timestamp {}

impl ColumnType for Timestamp {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;

    fn to_value(&self) -> Value<'_> {
        self.micros().map_or(Value::Null, Value::Timestamp)
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            // A timestamp column that was written without one.
            Value::Null => Ok(Self::default()),
            Value::Timestamp(micros) | Value::DateTime(micros) => Ok(Self(micros)),
            Value::Text(text) => text
                .parse()
                .map_err(|_| Misfit("expected a timestamp, got another text".into())),
            Value::Date(days) => Ok(Self(i64::from(days) * 86_400_000_000)),
            // Loosely typed columns hold seconds since 1970.
            Value::Int(seconds) => seconds
                .checked_mul(1_000_000)
                .map(Self)
                .ok_or_else(|| Misfit("a number is out of range for a timestamp".into())),
            other => Err(Misfit::new("a timestamp", &other)),
        }
    }

    fn is_unset(&self) -> bool {
        Timestamp::is_unset(*self)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_jiff() {
            Some(moment) => serializer.collect_str(&moment),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)? {
            Some(text) => text.parse().map_err(serde::de::Error::custom),
            None => Ok(Self::default()),
        }
    }
}

/// When a row was soft-deleted, if it was. A field of this type makes deletes soft.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.delete(&mut ada).await?;
/// assert!(ada.deleted_at.is_deleted());
/// assert_eq!((db.find::<User>().count().await?, db.unscoped().find::<User>().count().await?), (2, 3));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeletedAt(Option<Timestamp>);

impl DeletedAt {
    /// Deleted at this moment.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// let deleted = DeletedAt::at(Timestamp::UNIX_EPOCH);
    /// assert!(deleted.is_deleted());
    /// ```
    pub const fn at(moment: Timestamp) -> Self {
        Self(Some(moment))
    }

    /// Whether the row is soft-deleted.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(!DeletedAt::default().is_deleted());
    /// ```
    pub const fn is_deleted(&self) -> bool {
        self.0.is_some()
    }

    /// When it was soft-deleted.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(DeletedAt::default().moment(), None);
    /// assert_eq!(DeletedAt::at(Timestamp::UNIX_EPOCH).moment(), Some(Timestamp::UNIX_EPOCH));
    /// ```
    pub const fn moment(&self) -> Option<Timestamp> {
        self.0
    }
}

impl Required for DeletedAt {}

impl ColumnType for DeletedAt {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Value<'_> {
        match &self.0 {
            Some(moment) => moment.to_value(),
            None => Value::Null,
        }
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Null => Ok(Self(None)),
            value => Timestamp::from_value(value).map(|moment| Self(Some(moment))),
        }
    }

    fn is_unset(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DeletedAt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for DeletedAt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<Timestamp>::deserialize(deserializer).map(Self)
    }
}

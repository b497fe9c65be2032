use std::borrow::Cow;

use super::{ColumnType, Misfit, Required, TypeFamily, Value};

impl Required for Vec<u8> {}

impl ColumnType for Vec<u8> {
    const FAMILY: TypeFamily = TypeFamily::Bytes;

    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.into_owned()),
            Value::Text(text) => Ok(text.into_owned().into_bytes()),
            other => Err(Misfit::new("bytes", &other)),
        }
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

/// A column that holds any serialisable value as JSON.
///
/// # Examples
/// ```
/// use sinew::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
/// struct Settings { dark: bool }
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Account { id: i64, settings: Json<Settings> }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Account]).await?;
/// let mut account = Account { settings: Json(Settings { dark: true }), ..Default::default() };
/// db.create(&mut account).await?;
/// assert!(db.get::<Account>(1).await?.settings.0.dark);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(feature = "json")]
mod json {
    use super::{ColumnType, Cow, Json, Misfit, Required, TypeFamily, Value};

    impl<T> Required for Json<T> where
        T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static
    {
    }

    impl<T> ColumnType for Json<T>
    where
        T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
    {
        const FAMILY: TypeFamily = TypeFamily::Json;

        fn to_value(&self) -> Value<'_> {
            // A value that cannot be JSON (a map with odd keys) is bound as NULL, which a
            // NOT NULL column then refuses.
            serde_json::to_string(&self.0).map_or(Value::Null, |text| Value::Json(Cow::Owned(text)))
        }

        fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
            match &value {
                Value::Json(text) | Value::Text(text) => {
                    serde_json::from_str(text).map(Json).map_err(|e| misfit(&e))
                }
                Value::Bytes(bytes) => serde_json::from_slice(bytes)
                    .map(Json)
                    .map_err(|e| misfit(&e)),
                other => Err(Misfit::new("JSON", other)),
            }
        }
    }

    /// Where a document does not fit, without what stands there.
    fn misfit(cause: &serde_json::Error) -> Misfit {
        let message = cause.to_string();
        // Of serde's messages these name fields only; others quote the document.
        if message.starts_with("missing field") || message.starts_with("duplicate field") {
            return Misfit(message);
        }
        let problem = match cause.classify() {
            serde_json::error::Category::Data => "the document is not of the field's type",
            _ => "the document is not JSON, or holds a number that is too large",
        };
        Misfit(format!(
            "{problem}, at line {} column {}",
            cause.line(),
            cause.column()
        ))
    }

    impl Required for serde_json::Value {}

    impl ColumnType for serde_json::Value {
        const FAMILY: TypeFamily = TypeFamily::Json;

        fn to_value(&self) -> Value<'_> {
            Value::Json(Cow::Owned(self.to_string()))
        }

        fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
            Json::<Self>::from_value(value).map(|json| json.0)
        }
    }
}

#[cfg(feature = "serde")]
mod transparent {
    use super::Json;

    impl<T: serde::Serialize> serde::Serialize for Json<T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Json<T> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            T::deserialize(deserializer).map(Json)
        }
    }
}

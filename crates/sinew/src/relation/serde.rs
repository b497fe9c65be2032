//! Associations as JSON and the like: loaded ones are what they hold, others are not there.
//!
//! A field that was not loaded has nothing to be written as, so it is left out by
//! `#[serde(skip_serializing_if = "HasMany::is_unloaded")]`; without that attribute writing it is
//! an error, never `null` and never `[]`. Read back, a missing field is "not loaded" again,
//! without an attribute; `null` is a loaded to-one association without a target.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use sinew_core::record::ToOne;

use super::slot::State;
use super::{BelongsTo, BelongsToAny, HasMany, HasOne, ManyToMany};

/// What is held, or why there is nothing to write.
fn held<X, S: Serializer>(state: &State<X>) -> Result<&X, S::Error> {
    state.loaded().map_err(|error| {
        S::Error::custom(format_args!(
            "{error}; to leave it out, write #[serde(skip_serializing_if = \"…::is_unloaded\")] on the field"
        ))
    })
}

/// What was read for a field.
enum Read<X> {
    Missing,
    Null,
    Value(X),
}

struct ReadVisitor<X> {
    /// Whether there is no such field at all.
    missing: bool,
    of: PhantomData<fn() -> X>,
}

impl<'de, X: Deserialize<'de>> Visitor<'de> for ReadVisitor<X> {
    type Value = Read<X>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an association")
    }

    fn visit_none<E>(self) -> Result<Read<X>, E> {
        Ok(if self.missing {
            Read::Missing
        } else {
            Read::Null
        })
    }

    fn visit_unit<E>(self) -> Result<Read<X>, E> {
        Ok(Read::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read<X>, D::Error> {
        X::deserialize(deserializer).map(Read::Value)
    }
}

fn read<'de, X: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Read<X>, D::Error> {
    // What serde hands over for a missing field answers `None` like `null` does, and can only be
    // told by its name.
    let missing = std::any::type_name::<D>().contains("MissingField");
    from.deserialize_option(ReadVisitor {
        missing,
        of: PhantomData,
    })
}

/// A to-many association is never `null`, so that one stands for "not loaded" as well.
fn read_many<'de, X: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<State<X>, D::Error> {
    Ok(match read(from)? {
        Read::Value(rows) => State::Loaded(rows),
        Read::Null | Read::Missing => State::default(),
    })
}

fn read_one<'de, X: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<State<Option<X>>, D::Error> {
    Ok(match read(from)? {
        Read::Value(row) => State::Loaded(Some(row)),
        Read::Null => State::Loaded(None),
        Read::Missing => State::default(),
    })
}

impl<T: Serialize> Serialize for HasMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        held::<_, S>(&self.0)?.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for HasMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_many(deserializer).map(Self)
    }
}

impl<T: Serialize, J> Serialize for ManyToMany<T, J> {
    /// The targets; the links are not written.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        held::<_, S>(&self.rows)?.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, J> Deserialize<'de> for ManyToMany<T, J> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            rows: read_many(deserializer)?,
            links: super::many_to_many::Links::default(),
        })
    }
}

impl<T: Serialize> Serialize for HasOne<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        held::<_, S>(&self.0)?.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for HasOne<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_one(deserializer).map(Self)
    }
}

impl<E: Serialize> Serialize for BelongsToAny<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        held::<_, S>(&self.0)?.serialize(serializer)
    }
}

impl<'de, E: Deserialize<'de>> Deserialize<'de> for BelongsToAny<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_one(deserializer).map(Self)
    }
}

impl<T: ToOne> Serialize for BelongsTo<T>
where
    T::Target: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        held::<_, S>(self.state())?.as_deref().serialize(serializer)
    }
}

impl<'de, T: ToOne> Deserialize<'de> for BelongsTo<T>
where
    T::Target: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match read_one::<T::Target, D>(deserializer)? {
            State::Loaded(target) => Self::holding(target.map(std::sync::Arc::new)),
            State::NotLoaded(_) => Self::default(),
        })
    }
}

//! What every association field has in common: it is loaded or it is not, and says so.

use sinew_core::{Error, ErrorKind, Result};

/// Which field a slot is, for messages; unknown for one that was made by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name(Option<(&'static str, &'static str)>);

impl Name {
    pub(crate) const fn new(model: &'static str, field: &'static str) -> Self {
        Self(Some((model, field)))
    }

    pub(crate) fn not_loaded(self) -> Error {
        match self.0 {
            Some((model, field)) => Error::new(
                ErrorKind::NotLoaded,
                format!(
                    "{model}.{field} is not loaded; preload it with .preload({model}::{field})"
                ),
            )
            .with_model(model)
            .with_association(field),
            None => Error::new(
                ErrorKind::NotLoaded,
                "this association is not loaded; preload it, or fill it with `.into()`",
            ),
        }
    }

    pub(crate) fn missing(self) -> Error {
        let (model, field) = self.0.unwrap_or(("the model", "the association"));
        Error::new(
            ErrorKind::NotFound,
            format!("{model}.{field} is required, but no row matched when it was loaded"),
        )
        .with_model(model)
        .with_association(field)
        .with_hint("the preload's condition excluded it, or the row is soft-deleted")
    }
}

/// Not loaded, or loaded with what was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State<X> {
    NotLoaded(Name),
    Loaded(X),
}

impl<X> Default for State<X> {
    fn default() -> Self {
        Self::NotLoaded(Name::default())
    }
}

impl<X> State<X> {
    pub(crate) fn loaded(&self) -> Result<&X> {
        match self {
            Self::Loaded(x) => Ok(x),
            Self::NotLoaded(name) => Err(name.not_loaded()),
        }
    }

    pub(crate) fn loaded_mut(&mut self) -> Result<&mut X> {
        match self {
            Self::Loaded(x) => Ok(x),
            Self::NotLoaded(name) => Err(name.not_loaded()),
        }
    }

    pub(crate) fn get(&self) -> Option<&X> {
        match self {
            Self::Loaded(x) => Some(x),
            Self::NotLoaded(_) => None,
        }
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut X> {
        match self {
            Self::Loaded(x) => Some(x),
            Self::NotLoaded(_) => None,
        }
    }

    pub(crate) const fn is_loaded(&self) -> bool {
        matches!(self, Self::Loaded(_))
    }
}

impl<X: Default> State<X> {
    /// What is held, loaded (and empty) from now on if it was not.
    pub(crate) fn or_empty(&mut self) -> &mut X {
        if !self.is_loaded() {
            *self = Self::Loaded(X::default());
        }
        match self {
            Self::Loaded(x) => x,
            Self::NotLoaded(_) => unreachable_slot(),
        }
    }
}

#[allow(clippy::unreachable)]
fn unreachable_slot() -> ! {
    unreachable!("a slot that was just filled is loaded")
}

/// How a decoded row begins its association fields.
#[doc(hidden)]
pub trait SlotInit {
    /// Not loaded, knowing its own name.
    fn unloaded(model: &'static str, field: &'static str) -> Self;
}

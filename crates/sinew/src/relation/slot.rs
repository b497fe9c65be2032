//! What every association field has in common: it is loaded or it is not, and says so.

use std::any::Any;
use std::sync::{Mutex, PoisonError};

use sinew_core::record::{Model, Record, Taken, Wanted};
use sinew_core::{Error, ErrorKind, Result};

/// The model and the field of a slot.
#[doc(hidden)]
#[derive(Debug, PartialEq, Eq)]
pub struct SlotName {
    model: &'static str,
    field: &'static str,
}

impl SlotName {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(model: &'static str, field: &'static str) -> Self {
        Self { model, field }
    }
}

/// Which field a slot is, for messages; unknown for one that was made by hand. A pointer, as every
/// row that is read carries one for each association.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name(Option<&'static SlotName>);

/// The names that were asked for while the program runs: one for each association at most.
static NAMES: Mutex<Vec<&'static SlotName>> = Mutex::new(Vec::new());

impl Name {
    pub(crate) const fn new(name: &'static SlotName) -> Self {
        Self(Some(name))
    }

    /// For a field that is no longer loaded.
    pub(crate) fn of(model: &'static str, field: &'static str) -> Self {
        let wanted = SlotName::new(model, field);
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.iter().find(|name| ***name == wanted) {
            return Self(Some(name));
        }
        let name = Box::leak(Box::new(wanted));
        names.push(name);
        Self(Some(name))
    }

    pub(crate) fn not_loaded(self) -> Error {
        match self.0 {
            Some(&SlotName { model, field }) => Error::new(
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
        const UNKNOWN: SlotName = SlotName::new("the model", "the association");
        let SlotName { model, field } = *self.0.unwrap_or(&UNKNOWN);
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

// What the two fields that hold a list do alike, once for each model of targets. Loops, as every
// model of an application gets its own copy of this, and adapters are many functions each.

pub(super) fn length<T>(rows: &State<Vec<T>>) -> usize {
    match rows {
        State::Loaded(rows) => rows.len(),
        State::NotLoaded(_) => 0,
    }
}

pub(super) fn list_records<'a, T: Model>(rows: Option<&'a Vec<T>>, out: &mut Vec<&'a dyn Record>) {
    let Some(rows) = rows else { return };
    out.reserve(rows.len());
    for row in rows {
        out.push(row);
    }
}

pub(super) fn list_records_mut<'a, T: Model>(
    rows: Option<&'a mut Vec<T>>,
    wanted: Wanted,
    out: &mut Vec<&'a mut dyn Record>,
) {
    let Some(rows) = rows else { return };
    if wanted == Wanted::All {
        out.reserve(rows.len());
    }
    for row in rows {
        if wanted.admits(row) {
            out.push(row);
        }
    }
}

pub(super) fn attach_to_list<T: Model>(
    state: &mut State<Vec<T>>,
    targets: &mut dyn Any,
    index: usize,
    keep: bool,
) -> bool {
    if let Some(rows) = targets.downcast_mut::<Taken<T>>()
        && let Some(row) = rows.take(index, keep)
    {
        state.or_empty().push(row);
        return true;
    }
    false
}

pub(super) fn attach_run_to_list<T: Model>(
    state: &mut State<Vec<T>>,
    targets: &mut dyn Any,
    index: usize,
    count: usize,
) -> bool {
    match targets.downcast_mut::<Taken<T>>() {
        Some(rows) => rows.take_run(index, count, state.or_empty()),
        None => false,
    }
}

pub(super) fn retain_in_list<T: Model>(
    rows: &mut Vec<T>,
    keep: &mut dyn FnMut(&dyn Record) -> bool,
) {
    let mut kept = 0;
    for at in 0..rows.len() {
        if rows.get(at).is_some_and(|row| keep(row)) {
            rows.swap(kept, at);
            kept += 1;
        }
    }
    rows.truncate(kept);
}

pub(super) fn copy_of_list<T: Clone>(rows: &State<Vec<T>>) -> State<Vec<T>> {
    match rows {
        State::Loaded(rows) => State::Loaded(copies(rows)),
        State::NotLoaded(name) => State::NotLoaded(*name),
    }
}

/// What `Vec::clone` does.
pub(crate) fn copies<T: Clone>(rows: &[T]) -> Vec<T> {
    let mut copies = Vec::with_capacity(rows.len());
    for row in rows {
        copies.push(row.clone());
    }
    copies
}

pub(super) fn put_in_list<T: Model>(state: &mut State<Vec<T>>, target: &mut dyn Any) -> bool {
    let Some(target) = taken::<T>(target) else {
        return false;
    };
    state.or_empty().push(target);
    true
}

/// What is in an `Option<T>`.
pub(super) fn taken<T: 'static>(target: &mut dyn Any) -> Option<T> {
    match target.downcast_mut::<Option<T>>() {
        Some(target) => target.take(),
        None => None,
    }
}

/// How a decoded row begins its association fields.
#[doc(hidden)]
pub trait SlotInit {
    /// Not loaded, knowing its own name.
    fn unloaded(name: &'static SlotName) -> Self;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_slot_takes_no_more_room_than_what_it_holds() {
        let pointer = size_of::<usize>();
        assert_eq!(size_of::<State<Vec<u8>>>(), 3 * pointer);
        assert!(size_of::<State<Option<Arc<u8>>>>() <= 2 * pointer);
    }

    #[test]
    fn a_name_is_kept_once() {
        let name = Name::of("Owner", "targets");
        let again = Name::of("Owner", "targets");
        assert!(std::ptr::eq(name.0.unwrap(), again.0.unwrap()));
        assert_ne!(name, Name::of("Owner", "others"));
    }
}

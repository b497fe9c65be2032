use std::any::Any;

use sinew_core::Result;
use sinew_core::record::{Model, Record, Slot, Taken, Wanted};

use super::slot::{Name, SlotInit, State};

/// One row of another table that holds this row's key, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct HasOne<T>(pub(super) State<Option<Box<T>>>);

impl<T> Default for HasOne<T> {
    fn default() -> Self {
        Self(State::default())
    }
}

impl<T> HasOne<T> {
    /// The target, if there is one.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    pub fn loaded(&self) -> Result<Option<&T>> {
        self.0.loaded().map(Option::as_deref)
    }

    /// The target, to be changed.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    pub fn loaded_mut(&mut self) -> Result<Option<&mut T>> {
        self.0.loaded_mut().map(Option::as_deref_mut)
    }

    /// Whether the association was loaded, or filled by hand.
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    /// The opposite of [`HasOne::is_loaded`], in the form that serde's `skip_serializing_if` wants.
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_loaded()
    }

    /// The target by value; `None` when the association was not loaded, `Some(None)` when there
    /// is no target.
    pub fn into_loaded(self) -> Option<Option<T>> {
        match self.0 {
            State::Loaded(row) => Some(row.map(|row| *row)),
            State::NotLoaded(_) => None,
        }
    }
}

impl<T> SlotInit for HasOne<T> {
    fn unloaded(model: &'static str, field: &'static str) -> Self {
        Self(State::NotLoaded(Name::new(model, field)))
    }
}

impl<T: Model> From<T> for HasOne<T> {
    fn from(row: T) -> Self {
        Self(State::Loaded(Some(Box::new(row))))
    }
}

impl<T: Model> From<Option<T>> for HasOne<T> {
    fn from(row: Option<T>) -> Self {
        Self(State::Loaded(row.map(Box::new)))
    }
}

impl<T: Model> Slot for HasOne<T> {
    fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    fn len(&self) -> usize {
        self.0.get().map_or(0, |row| usize::from(row.is_some()))
    }

    fn set_empty(&mut self) {
        self.0 = State::Loaded(None);
    }

    fn unload(&mut self, model: &'static str, field: &'static str) {
        *self = Self::unloaded(model, field);
    }

    /// Of several rows the first one stays: the order of the query decides.
    fn attach(&mut self, targets: &mut dyn Any, index: usize, keep: bool) -> bool {
        let Some(rows) = targets.downcast_mut::<Taken<T>>() else {
            return false;
        };
        let Some(row) = rows.take(index, keep) else {
            return false;
        };
        self.0.or_empty().get_or_insert_with(|| Box::new(row));
        true
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        out.extend(
            self.0
                .get()
                .into_iter()
                .flatten()
                .map(|row| &**row as &dyn Record),
        );
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        let rows = self
            .0
            .get_mut()
            .into_iter()
            .flatten()
            .map(|row| &mut **row as &mut dyn Record);
        out.extend(rows.filter(|row| wanted.admits(&**row)));
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        if let Some(held) = self.0.get_mut()
            && held.as_deref().is_some_and(|row| !keep(row))
        {
            *held = None;
        }
    }

    fn put(&mut self, target: Box<dyn Any + Send>) -> Result<(), Box<dyn Any + Send>> {
        self.0 = State::Loaded(Some(target.downcast::<T>()?));
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

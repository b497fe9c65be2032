use std::any::Any;

use sinew_core::Result;
use sinew_core::record::{Model, Record, Slot, Wanted};

use super::slot::{
    Name, SlotInit, SlotName, State, attach_run_to_list, attach_to_list, copy_of_list, length,
    list_records, list_records_mut, put_in_list, retain_in_list,
};

/// Many rows of another table that hold this row's key.
///
/// It is either loaded or it is not; one that was not loaded is never mistaken for an empty one.
///
/// # Examples
/// ```
/// # use sinew::HasMany;
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct Order { id: i64, user_id: i64 }
/// let unknown: HasMany<Order> = HasMany::default();
/// assert!(unknown.loaded().is_err());
///
/// let none: HasMany<Order> = [].into();
/// assert!(none.loaded().unwrap().is_empty());
/// ```
///
/// # With serde
/// (Feature `serde`.) A loaded association is written as its array. One that was not loaded is
/// left out by `#[serde(skip_serializing_if = "HasMany::is_unloaded")]` on the field; serde gives
/// a field no way to leave itself out, so without that attribute writing it is an error, never
/// `null` and never `[]`. A field that is missing is "not loaded" when it is read back, without an
/// attribute.
#[derive(Debug, PartialEq)]
pub struct HasMany<T>(pub(super) State<Vec<T>>);

impl<T: Clone> Clone for HasMany<T> {
    fn clone(&self) -> Self {
        Self(copy_of_list(&self.0))
    }
}

impl<T> Default for HasMany<T> {
    fn default() -> Self {
        Self(State::default())
    }
}

impl<T> HasMany<T> {
    /// The targets.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::orders).await?;
    /// assert_eq!(ada.orders.loaded()?.len(), 2);
    /// assert_eq!(ada.images.loaded().unwrap_err().kind(), ErrorKind::NotLoaded);
    /// # Ok(()) }
    /// ```
    pub fn loaded(&self) -> Result<&[T]> {
        self.0.loaded().map(Vec::as_slice)
    }

    /// The targets, to be changed; `save` then inserts those that were added. It removes nothing.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::orders).await?;
    /// ada.orders.loaded_mut()?.push(order(7.0, &[]));
    /// db.save(&mut ada).await?;
    /// assert_eq!(db.find::<Order>().count().await?, 4);
    /// # Ok(()) }
    /// ```
    pub fn loaded_mut(&mut self) -> Result<&mut Vec<T>> {
        self.0.loaded_mut()
    }

    /// Whether the association was loaded, or filled by hand.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// let mut ada = user("Ada", 36);
    /// assert!(!ada.orders.is_loaded());
    /// ada.orders = [].into();
    /// assert!(ada.orders.is_loaded());
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    /// The opposite of [`HasMany::is_loaded`], in the form that serde's `skip_serializing_if` wants.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(user("Ada", 36).orders.is_unloaded());
    /// ```
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_loaded()
    }

    /// The targets by value; `None` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::orders).await?;
    /// let orders: Vec<Order> = ada.orders.into_loaded().unwrap_or_default();
    /// assert_eq!(orders.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn into_loaded(self) -> Option<Vec<T>> {
        match self.0 {
            State::Loaded(rows) => Some(rows),
            State::NotLoaded(_) => None,
        }
    }
}

impl<T> SlotInit for HasMany<T> {
    fn unloaded(name: &'static SlotName) -> Self {
        Self(State::NotLoaded(Name::new(name)))
    }
}

impl<T> From<Vec<T>> for HasMany<T> {
    fn from(rows: Vec<T>) -> Self {
        Self(State::Loaded(rows))
    }
}

impl<T, const N: usize> From<[T; N]> for HasMany<T> {
    fn from(rows: [T; N]) -> Self {
        Self(State::Loaded(rows.into()))
    }
}

impl<T> FromIterator<T> for HasMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self(State::Loaded(rows.into_iter().collect()))
    }
}

impl<T: Model> Slot for HasMany<T> {
    fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    fn len(&self) -> usize {
        length(&self.0)
    }

    fn set_empty(&mut self) {
        self.0 = State::Loaded(Vec::new());
    }

    fn unload(&mut self, model: &'static str, field: &'static str) {
        self.0 = State::NotLoaded(Name::of(model, field));
    }

    fn attach(&mut self, targets: &mut dyn Any, index: usize, keep: bool) -> bool {
        attach_to_list(&mut self.0, targets, index, keep)
    }

    fn attach_run(&mut self, targets: &mut dyn Any, index: usize, count: usize) -> bool {
        attach_run_to_list(&mut self.0, targets, index, count)
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        list_records(self.0.get(), out);
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        list_records_mut(self.0.get_mut(), wanted, out);
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        if let Some(rows) = self.0.get_mut() {
            retain_in_list(rows, keep);
        }
    }

    fn put(&mut self, target: &mut dyn Any) -> bool {
        put_in_list(&mut self.0, target)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

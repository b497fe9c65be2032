use std::any::Any;

use sinew_core::Result;
use sinew_core::record::{Model, Record, Slot, Taken, Wanted};

use super::slot::{Name, SlotInit, SlotName, State, taken};

/// One row of another table that holds this row's key, or none.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut alan = User { profile: Profile { bio: "Machines".into(), ..Default::default() }.into(), ..user("Turing", 41) };
/// db.create(&mut alan).await?;
/// assert_eq!(alan.profile.loaded()?.unwrap().user_id, alan.id);
/// # Ok(()) }
/// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().preload(User::profile).await?;
    /// assert_eq!(users[0].profile.loaded()?.unwrap().bio, "Engines");
    /// assert!(users[2].profile.loaded()?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn loaded(&self) -> Result<Option<&T>> {
        self.0.loaded().map(Option::as_deref)
    }

    /// The target, to be changed.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::profile).await?;
    /// ada.profile.loaded_mut()?.unwrap().bio = "Notes".into();
    /// db.save(&mut ada).full().await?;
    /// assert_eq!(db.get::<Profile>(1).await?.bio, "Notes");
    /// # Ok(()) }
    /// ```
    pub fn loaded_mut(&mut self) -> Result<Option<&mut T>> {
        self.0.loaded_mut().map(Option::as_deref_mut)
    }

    /// Whether the association was loaded, or filled by hand.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// let mut ada = user("Ada", 36);
    /// assert!(!ada.profile.is_loaded());
    /// ada.profile = Profile::default().into();
    /// assert!(ada.profile.is_loaded());
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    /// The opposite of [`HasOne::is_loaded`], in the form that serde's `skip_serializing_if` wants.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(user("Ada", 36).profile.is_unloaded());
    /// ```
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_loaded()
    }

    /// The target by value; `None` when the association was not loaded, `Some(None)` when there
    /// is no target.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::profile).await?;
    /// let profile: Profile = ada.profile.into_loaded().flatten().unwrap();
    /// assert_eq!(profile.bio, "Engines");
    /// # Ok(()) }
    /// ```
    pub fn into_loaded(self) -> Option<Option<T>> {
        match self.0 {
            State::Loaded(row) => Some(row.map(|row| *row)),
            State::NotLoaded(_) => None,
        }
    }
}

impl<T> SlotInit for HasOne<T> {
    fn unloaded(name: &'static SlotName) -> Self {
        Self(State::NotLoaded(Name::new(name)))
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
        usize::from(matches!(self.0, State::Loaded(Some(_))))
    }

    fn set_empty(&mut self) {
        self.0 = State::Loaded(None);
    }

    fn unload(&mut self, model: &'static str, field: &'static str) {
        self.0 = State::NotLoaded(Name::of(model, field));
    }

    /// Of several rows the first one stays: the order of the query decides.
    fn attach(&mut self, targets: &mut dyn Any, index: usize, keep: bool) -> bool {
        let Some(rows) = targets.downcast_mut::<Taken<T>>() else {
            return false;
        };
        let Some(row) = rows.take(index, keep) else {
            return false;
        };
        let held = self.0.or_empty();
        if held.is_none() {
            *held = Some(Box::new(row));
        }
        true
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        if let Some(Some(row)) = self.0.get() {
            out.push(&**row);
        }
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        if let Some(Some(row)) = self.0.get_mut()
            && wanted.admits(&**row)
        {
            out.push(&mut **row);
        }
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        if let Some(held) = self.0.get_mut()
            && let Some(row) = held
            && !keep(&**row)
        {
            *held = None;
        }
    }

    fn put(&mut self, target: &mut dyn Any) -> bool {
        let Some(target) = taken::<T>(target) else {
            return false;
        };
        self.0 = State::Loaded(Some(Box::new(target)));
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

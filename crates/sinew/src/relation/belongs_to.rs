use std::any::Any;
use std::sync::Arc;

use sinew_core::Result;
use sinew_core::record::{Model, Record, Slot, ToOne, Wanted};

use super::slot::{Name, SlotInit, SlotName, State, taken};

/// The one row that this row's foreign key refers to.
///
/// `BelongsTo<Company>` stands beside a key that must be set, `BelongsTo<Option<Company>>` beside
/// a nullable one. Rows that were loaded together share a target instead of copying it; changing
/// it through [`BelongsTo::loaded_mut`] copies it first.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut user = User { company: Company { name: "Bell".into(), ..Default::default() }.into(), ..user("Claude", 30) };
/// db.create(&mut user).await?;
/// assert_eq!(user.company_id, Some(2));
/// let profile = db.find::<Profile>().preload(Profile::user).first().await?.unwrap();
/// assert_eq!(profile.user.loaded()?.name, "Ada");             // required: no `Option` to unwrap
/// # Ok(()) }
/// ```
pub struct BelongsTo<T: ToOne> {
    state: State<Option<Arc<T::Target>>>,
    /// Which field it is, also once loaded: a required target may turn out to be missing.
    name: Name,
}

impl<T: ToOne> BelongsTo<T> {
    pub(super) fn holding(target: Option<Arc<T::Target>>) -> Self {
        Self {
            state: State::Loaded(target),
            name: Name::default(),
        }
    }

    #[cfg(feature = "serde")]
    pub(super) fn state(&self) -> &State<Option<Arc<T::Target>>> {
        &self.state
    }
}

impl<T: ToOne> BelongsTo<T> {
    /// The target: `&Company`, or `Option<&Company>` for an optional one.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded; `NotFound` when it is required and the
    /// load found nothing.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let grace = db.get::<User>(2).preload(User::manager).await?;
    /// assert_eq!(grace.manager.loaded()?.map(|manager| manager.name.as_str()), Some("Ada"));
    /// assert!(grace.company.loaded().is_err());
    /// # Ok(()) }
    /// ```
    pub fn loaded(&self) -> Result<T::Ref<'_>> {
        let name = self.name;
        T::read(self.state.loaded()?.as_deref()).ok_or_else(|| name.missing())
    }

    /// The target, to be changed.
    ///
    /// # Errors
    /// As [`BelongsTo::loaded`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut grace = db.get::<User>(2).preload(User::company).await?;
    /// grace.company.loaded_mut()?.unwrap().name = "Acme Ltd".into();
    /// db.save(&mut grace).full().await?;
    /// assert_eq!(db.get::<Company>(1).await?.name, "Acme Ltd");
    /// # Ok(()) }
    /// ```
    pub fn loaded_mut(&mut self) -> Result<T::Mut<'_>> {
        let name = self.name;
        let held = self.state.loaded_mut()?.as_mut().map(Arc::make_mut);
        T::change(held).ok_or_else(|| name.missing())
    }

    /// Whether the association was loaded, or filled by hand.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let grace = db.get::<User>(2).preload(User::company).await?;
    /// assert!(grace.company.is_loaded() && !grace.manager.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.state.is_loaded()
    }

    /// The opposite of [`BelongsTo::is_loaded`], in the form that serde's `skip_serializing_if`
    /// wants.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.get::<User>(2).await?.company.is_unloaded());
    /// # Ok(()) }
    /// ```
    pub fn is_unloaded(&self) -> bool {
        !self.state.is_loaded()
    }
}

impl<T: ToOne> Default for BelongsTo<T> {
    fn default() -> Self {
        Self {
            state: State::default(),
            name: Name::default(),
        }
    }
}

impl<T: ToOne> Clone for BelongsTo<T> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            name: self.name,
        }
    }
}

impl<T: ToOne> std::fmt::Debug for BelongsTo<T>
where
    T::Target: std::fmt::Debug,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BelongsTo").field(&self.state).finish()
    }
}

impl<T: ToOne> PartialEq for BelongsTo<T>
where
    T::Target: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
    }
}

impl<T: ToOne> SlotInit for BelongsTo<T> {
    fn unloaded(name: &'static SlotName) -> Self {
        let name = Name::new(name);
        Self {
            state: State::NotLoaded(name),
            name,
        }
    }
}

impl<T: ToOne> From<T> for BelongsTo<T> {
    fn from(target: T) -> Self {
        Self::holding(target.into_target().map(Arc::new))
    }
}

impl<M: Model> From<M> for BelongsTo<Option<M>> {
    fn from(row: M) -> Self {
        Self::holding(Some(Arc::new(row)))
    }
}

impl<T: ToOne> Slot for BelongsTo<T> {
    fn is_loaded(&self) -> bool {
        self.state.is_loaded()
    }

    fn len(&self) -> usize {
        usize::from(matches!(self.state, State::Loaded(Some(_))))
    }

    fn set_empty(&mut self) {
        self.state = State::Loaded(None);
    }

    fn unload(&mut self, model: &'static str, field: &'static str) {
        self.name = Name::of(model, field);
        self.state = State::NotLoaded(self.name);
    }

    fn shares(&self) -> bool {
        true
    }

    fn attach(&mut self, targets: &mut dyn Any, index: usize, _keep: bool) -> bool {
        if let Some(rows) = targets.downcast_ref::<Vec<Arc<T::Target>>>()
            && let Some(row) = rows.get(index)
        {
            self.state = State::Loaded(Some(Arc::clone(row)));
            return true;
        }
        false
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        if let Some(Some(row)) = self.state.get() {
            out.push(&**row);
        }
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        if let Some(Some(row)) = self.state.get_mut()
            && wanted.admits(&**row)
        {
            // `Arc::make_mut` is ten functions for each model, as it is ready for weak pointers.
            if Arc::get_mut(row).is_none() {
                *row = Arc::new(T::Target::clone(row));
            }
            if let Some(row) = Arc::get_mut(row) {
                out.push(row);
            }
        }
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        if let Some(held) = self.state.get_mut()
            && let Some(row) = held
            && !keep(&**row)
        {
            *held = None;
        }
    }

    fn put(&mut self, target: &mut dyn Any) -> bool {
        let Some(target) = taken(target) else {
            return false;
        };
        self.state = State::Loaded(Some(Arc::new(target)));
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

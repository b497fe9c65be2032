use std::any::Any;

use sinew_core::Result;
use sinew_core::record::{Record, Slot, Wanted};
use sinew_core::schema::AnyVariant;

use super::slot::{Name, SlotInit, SlotName, State, taken};

/// The models that a polymorphic row may belong to, as an enum. Written by
/// `#[derive(PolymorphicOwner)]`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// // #[derive(PolymorphicOwner, Clone, Debug)]
/// // pub enum ImageOwner { User(User), Company(Company) }
/// let image = db.find::<Image>().preload(Image::owner).first().await?.unwrap();
/// assert!(matches!(image.owner.loaded()?, Some(ImageOwner::User(ada)) if ada.id == 1));
/// # Ok(()) }
/// ```
pub trait PolymorphicOwner: Clone + Send + Sync + 'static {
    /// The models, in variant order.
    fn variants() -> Vec<AnyVariant>;

    /// The variant `index` around row `at` of `targets`, a `Vec<Arc<T>>` of that variant's model.
    fn from_shared(index: usize, targets: &dyn Any, at: usize) -> Option<Self>;

    /// Which variant this is.
    fn variant(&self) -> usize;

    /// The row inside.
    fn record(&self) -> &dyn Record;

    /// The row inside.
    fn record_mut(&mut self) -> &mut dyn Record;
}

/// The one row, of one of several models, that owns this row.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let acme = db.get::<Company>(1).await?;
/// let mut logo = Image { url: "acme.png".into(), owner: ImageOwner::Company(acme).into(), ..Default::default() };
/// db.create(&mut logo).await?;
/// assert_eq!((logo.owner_type.as_str(), logo.owner_id), ("companies", Some(1)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BelongsToAny<E>(pub(super) State<Option<Box<E>>>);

impl<E> Default for BelongsToAny<E> {
    fn default() -> Self {
        Self(State::default())
    }
}

impl<E> BelongsToAny<E> {
    /// The owner, if there is one.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let images = db.find::<Image>().preload(Image::owner).await?;
    /// assert!(matches!(images[0].owner.loaded()?, Some(ImageOwner::User(_))));
    /// # Ok(()) }
    /// ```
    pub fn loaded(&self) -> Result<Option<&E>> {
        self.0.loaded().map(Option::as_deref)
    }

    /// The owner, to be changed.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut images = db.find::<Image>().preload(Image::owner).await?;
    /// if let Some(ImageOwner::User(user)) = images[0].owner.loaded_mut()? {
    ///     user.age = 37;
    /// }
    /// assert!(matches!(images[0].owner.loaded()?, Some(ImageOwner::User(user)) if user.age == 37));
    /// # Ok(()) }
    /// ```
    pub fn loaded_mut(&mut self) -> Result<Option<&mut E>> {
        self.0.loaded_mut().map(Option::as_deref_mut)
    }

    /// Whether the association was loaded, or filled by hand.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let image = db.get::<Image>(1).await?;
    /// assert!(!image.owner.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    /// The opposite of [`BelongsToAny::is_loaded`], in the form that serde's
    /// `skip_serializing_if` wants.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.get::<Image>(1).await?.owner.is_unloaded());
    /// # Ok(()) }
    /// ```
    pub fn is_unloaded(&self) -> bool {
        !self.0.is_loaded()
    }
}

impl<E> SlotInit for BelongsToAny<E> {
    fn unloaded(name: &'static SlotName) -> Self {
        Self(State::NotLoaded(Name::new(name)))
    }
}

impl<E: PolymorphicOwner> From<E> for BelongsToAny<E> {
    fn from(owner: E) -> Self {
        Self(State::Loaded(Some(Box::new(owner))))
    }
}

/// Targets of one variant on their way into a [`BelongsToAny`].
pub(crate) struct VariantRows {
    pub(crate) variant: usize,
    pub(crate) rows: Box<dyn Any + Send + Sync>,
}

impl<E: PolymorphicOwner> Slot for BelongsToAny<E> {
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
        self.0 = State::NotLoaded(Name::of(model, field));
    }

    fn shares(&self) -> bool {
        true
    }

    fn attach(&mut self, targets: &mut dyn Any, index: usize, _keep: bool) -> bool {
        let Some(of) = targets.downcast_ref::<VariantRows>() else {
            return false;
        };
        let Some(owner) = E::from_shared(of.variant, &*of.rows, index) else {
            return false;
        };
        self.0 = State::Loaded(Some(Box::new(owner)));
        true
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        if let Some(Some(owner)) = self.0.get() {
            out.push(owner.record());
        }
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        if let Some(Some(owner)) = self.0.get_mut()
            && wanted.admits(owner.record())
        {
            out.push(owner.record_mut());
        }
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        if let Some(held) = self.0.get_mut()
            && held.as_deref().is_some_and(|owner| !keep(owner.record()))
        {
            *held = None;
        }
    }

    fn put(&mut self, target: &mut dyn Any) -> bool {
        let Some(owner) = taken::<E>(target) else {
            return false;
        };
        self.0 = State::Loaded(Some(Box::new(owner)));
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

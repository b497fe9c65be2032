use std::any::Any;

use sinew_core::record::{JoinModel, Model, Record, Slot, Taken, Wanted};
use sinew_core::{Error, ErrorKind, Result};

use super::slot::{
    Name, SlotInit, SlotName, State, attach_run_to_list, attach_to_list, copy_of_list, length,
    list_records, list_records_mut, put_in_list, retain_in_list,
};

/// Many rows of another table, linked through a join table.
///
/// With a second parameter the join table has a model of its own and its columns can be read
/// ([`ManyToMany::links`]) and written.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut linus = User { languages: [language("English"), language("C")].into(), ..user("Linus", 20) };
/// db.create(&mut linus).await?;
/// assert_eq!(linus.languages.loaded()?[0].id, 1);             // the English that is there already
/// assert_eq!(db.find::<Language>().count().await?, 3);
/// # Ok(()) }
/// ```
#[derive(Debug, PartialEq)]
pub struct ManyToMany<T, J = ()> {
    pub(super) rows: State<Vec<T>>,
    /// One per row, or fewer when links were not loaded or given.
    pub(super) links: Links<J>,
}

/// The link rows. Most associations have none, so they take no more room in a row than a pointer.
#[derive(Clone)]
pub(super) struct Links<J>(#[allow(clippy::box_collection)] Option<Box<Vec<J>>>);

impl<J> Links<J> {
    fn all(&self) -> &[J] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    fn all_mut(&mut self) -> &mut [J] {
        self.0.as_deref_mut().map_or(&mut [], Vec::as_mut_slice)
    }

    fn grow(&mut self) -> &mut Vec<J> {
        self.0.get_or_insert_default()
    }
}

impl<J: Clone + 'static> Links<J> {
    fn attach(&mut self, links: &mut dyn Any, index: usize, keep: bool) -> bool {
        let link = links
            .downcast_mut::<Taken<J>>()
            .and_then(|links| links.take(index, keep));
        link.map(|link| self.grow().push(link)).is_some()
    }

    /// Keeps the links of the targets that are kept, if there is one for each target.
    fn retain(&mut self, kept: &[bool]) {
        if let Some(links) = &mut self.0
            && links.len() == kept.len()
        {
            let mut at = kept.iter();
            links.retain(|_| at.next().copied().unwrap_or(true));
        }
    }
}

impl<J> Default for Links<J> {
    fn default() -> Self {
        Self(None)
    }
}

impl<J> From<Vec<J>> for Links<J> {
    fn from(links: Vec<J>) -> Self {
        Self((!links.is_empty()).then(|| Box::new(links)))
    }
}

impl<J: std::fmt::Debug> std::fmt::Debug for Links<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.all().fmt(f)
    }
}

impl<J: PartialEq> PartialEq for Links<J> {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl<T: Clone, J: Clone> Clone for ManyToMany<T, J> {
    fn clone(&self) -> Self {
        Self {
            rows: copy_of_list(&self.rows),
            links: self.links.clone(),
        }
    }
}

impl<T, J> Default for ManyToMany<T, J> {
    fn default() -> Self {
        Self {
            rows: State::default(),
            links: Links::default(),
        }
    }
}

impl<T, J> ManyToMany<T, J> {
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
    /// let ada = db.get::<User>(1).preload(User::languages.order_by(Language::name.asc())).await?;
    /// assert_eq!(ada.languages.loaded()?[1].name, "French");
    /// # Ok(()) }
    /// ```
    pub fn loaded(&self) -> Result<&[T]> {
        self.rows.loaded().map(Vec::as_slice)
    }

    /// The targets, to be changed; `save` then links those that were added. It removes nothing.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::languages).await?;
    /// ada.languages.loaded_mut()?.push(language("Latin"));
    /// db.save(&mut ada).await?;
    /// assert_eq!(db.association(&mut ada, User::languages).count().await?, 3);
    /// # Ok(()) }
    /// ```
    pub fn loaded_mut(&mut self) -> Result<&mut Vec<T>> {
        self.rows.loaded_mut()
    }

    /// Targets with their link rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let native = UserLanguage { proficiency: "native".into(), ..Default::default() };
    /// let mut ken = User { languages: ManyToMany::with_links([(language("B"), native)]), ..user("Ken", 25) };
    /// db.create(&mut ken).await?;
    /// let link = db.find::<UserLanguage>().filter(UserLanguage::user_id.eq(ken.id)).first().await?.unwrap();
    /// assert_eq!(link.proficiency, "native");
    /// # Ok(()) }
    /// ```
    pub fn with_links(pairs: impl IntoIterator<Item = (T, J)>) -> Self {
        let (rows, links): (_, Vec<J>) = pairs.into_iter().unzip();
        Self {
            rows: State::Loaded(rows),
            links: Links::from(links),
        }
    }

    /// Each target with its link row.
    ///
    /// # Errors
    /// `NotLoaded` when the association was not loaded, or targets were added without a link row.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::languages).await?;
    /// for (language, link) in ada.languages.links()? {
    ///     assert_eq!((link.user_id, link.language_id), (1, language.id));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn links(&self) -> Result<impl ExactSizeIterator<Item = (&T, &J)>> {
        let rows = self.rows.loaded()?;
        if rows.len() != self.links.all().len() {
            return Err(Error::new(
                ErrorKind::NotLoaded,
                format!(
                    "{} targets are held, but {} link rows; load the association again",
                    rows.len(),
                    self.links.all().len()
                ),
            ));
        }
        Ok(rows.iter().zip(self.links.all()))
    }

    /// Whether the association was loaded, or filled by hand.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::languages).await?;
    /// assert!(ada.languages.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.rows.is_loaded()
    }

    /// The opposite of [`ManyToMany::is_loaded`], in the form that serde's `skip_serializing_if`
    /// wants.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(user("Ada", 36).languages.is_unloaded());
    /// ```
    pub fn is_unloaded(&self) -> bool {
        !self.rows.is_loaded()
    }

    /// The targets by value; `None` when the association was not loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::languages).await?;
    /// assert_eq!(ada.languages.into_loaded().map(|languages| languages.len()), Some(2));
    /// # Ok(()) }
    /// ```
    pub fn into_loaded(self) -> Option<Vec<T>> {
        match self.rows {
            State::Loaded(rows) => Some(rows),
            State::NotLoaded(_) => None,
        }
    }
}

impl<T, J> SlotInit for ManyToMany<T, J> {
    fn unloaded(name: &'static SlotName) -> Self {
        Self {
            rows: State::NotLoaded(Name::new(name)),
            links: Links::default(),
        }
    }
}

impl<T, J> From<Vec<T>> for ManyToMany<T, J> {
    fn from(rows: Vec<T>) -> Self {
        Self {
            rows: State::Loaded(rows),
            links: Links::default(),
        }
    }
}

impl<T, J, const N: usize> From<[T; N]> for ManyToMany<T, J> {
    fn from(rows: [T; N]) -> Self {
        Vec::from(rows).into()
    }
}

impl<T, J> FromIterator<T> for ManyToMany<T, J> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        rows.into_iter().collect::<Vec<_>>().into()
    }
}

impl<T: Model, J: JoinModel> Slot for ManyToMany<T, J> {
    fn is_loaded(&self) -> bool {
        self.rows.is_loaded()
    }

    fn len(&self) -> usize {
        length(&self.rows)
    }

    fn set_empty(&mut self) {
        self.rows = State::Loaded(Vec::new());
        self.links = Links::default();
    }

    fn unload(&mut self, model: &'static str, field: &'static str) {
        self.rows = State::NotLoaded(Name::of(model, field));
        self.links = Links::default();
    }

    fn attach(&mut self, targets: &mut dyn Any, index: usize, keep: bool) -> bool {
        attach_to_list(&mut self.rows, targets, index, keep)
    }

    fn attach_run(&mut self, targets: &mut dyn Any, index: usize, count: usize) -> bool {
        attach_run_to_list(&mut self.rows, targets, index, count)
    }

    fn attach_link(&mut self, links: &mut dyn Any, index: usize, keep: bool) -> bool {
        self.links.attach(links, index, keep)
    }

    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        list_records(self.rows.get(), out);
    }

    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>) {
        list_records_mut(self.rows.get_mut(), wanted, out);
    }

    fn links<'a>(&'a self, out: &mut Vec<&'a dyn Record>) {
        out.extend(self.links.all().iter().filter_map(JoinModel::record));
    }

    fn links_mut<'a>(&'a mut self, out: &mut Vec<&'a mut dyn Record>) {
        out.extend(
            self.links
                .all_mut()
                .iter_mut()
                .filter_map(JoinModel::record_mut),
        );
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool) {
        let Some(rows) = self.rows.get_mut() else {
            return;
        };
        let mut kept = Vec::with_capacity(rows.len());
        retain_in_list(rows, &mut |row| {
            let keeps = keep(row);
            kept.push(keeps);
            keeps
        });
        self.links.retain(&kept);
    }

    fn put(&mut self, target: &mut dyn Any) -> bool {
        put_in_list(&mut self.rows, target)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

//! What of a record and its associations is written: `.select(…)` and `.omit(…)`.

use sinew_core::schema::{Linkage, ModelMeta};

use crate::column::{Column, EmbeddedColumns};
use crate::relation::{AnyRelation, FieldOf, Relation, Scoped, TargetsOf};
use sinew_core::record::Model;

/// What of one level of a graph is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteScope {
    /// Only these columns and associations, if any are named.
    selected: Option<Vec<Part>>,
    omitted: Vec<Part>,
    no_associations: bool,
    /// Scopes of associations.
    below: Vec<(usize, WriteScope)>,
    /// Associations whose links are written, but not their targets.
    links_only: Vec<usize>,
    /// Columns that are written whatever was selected: the keys of the owner.
    required: Vec<usize>,
}

/// A column or an association, by position.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, unreachable_pub)]
pub enum Part {
    Column(usize),
    Columns(usize, usize),
    Relation(usize),
}

impl Part {
    fn covers(self, column: usize) -> bool {
        match self {
            Self::Column(held) => held == column,
            Self::Columns(from, count) => (from..from + count).contains(&column),
            Self::Relation(_) => false,
        }
    }
}

impl WriteScope {
    /// Everything is written.
    pub(crate) const WHOLE: Self = Self {
        selected: None,
        omitted: Vec::new(),
        no_associations: false,
        below: Vec::new(),
        links_only: Vec::new(),
        required: Vec::new(),
    };

    pub(crate) fn select(&mut self, choices: Vec<Choice>) {
        let selected = self.selected.get_or_insert_default();
        for choice in choices {
            match choice {
                Choice::Part(part) => selected.push(part),
                Choice::Targets(relation) => selected.push(Part::Relation(relation)),
                Choice::Field(relation, column) => {
                    selected.push(Part::Relation(relation));
                    let below = scope_of(&mut self.below, relation);
                    below
                        .selected
                        .get_or_insert_default()
                        .push(Part::Column(column));
                }
            }
        }
    }

    pub(crate) fn omit(&mut self, choices: Vec<Choice>) {
        for choice in choices {
            match choice {
                Choice::Part(part) => self.omitted.push(part),
                Choice::Targets(relation) => self.links_only.push(relation),
                Choice::Field(relation, column) => {
                    let below = scope_of(&mut self.below, relation);
                    below.omitted.push(Part::Column(column));
                }
            }
        }
    }

    pub(crate) fn omit_associations(&mut self) {
        self.no_associations = true;
    }

    /// The same scope, writing these columns in any case.
    pub(crate) fn requiring(mut self, columns: &[usize]) -> Self {
        self.required.extend(columns);
        self
    }

    /// Whether the association is written at all.
    pub(crate) fn relation(&self, index: usize) -> bool {
        let part = Part::Relation(index);
        !self.no_associations
            && !self.omitted.contains(&part)
            && self
                .selected
                .as_ref()
                .is_none_or(|selected| selected.contains(&part))
    }

    /// Whether its targets are written, or only the links.
    pub(crate) fn targets(&self, index: usize) -> bool {
        !self.links_only.contains(&index)
    }

    /// Whether all columns are written.
    pub(crate) fn is_whole(&self) -> bool {
        self.selected.is_none() && self.omitted.is_empty()
    }

    /// Whether the column is written. Keys of a selected belongs-to count as selected.
    pub(crate) fn column(&self, meta: &ModelMeta, index: usize) -> bool {
        if self.required.contains(&index) {
            return true;
        }
        if self.omitted.iter().any(|part| part.covers(index)) {
            return false;
        }
        let Some(selected) = &self.selected else {
            return true;
        };
        if meta.key.contains(&index) || selected.iter().any(|part| part.covers(index)) {
            return true;
        }
        selected.iter().any(|part| match part {
            Part::Relation(relation) => match meta.relations.get(*relation).map(|r| &r.linkage) {
                Some(Linkage::Owner { own, .. }) => own.contains(&index),
                Some(Linkage::Any { id, kind, .. }) => *id == index || *kind == index,
                _ => false,
            },
            _ => false,
        })
    }

    /// The scope of an association's targets.
    pub(crate) fn below(&self, index: usize) -> WriteScope {
        let mut below = self.below.iter();
        let held = below.find(|(relation, _)| *relation == index);
        held.map_or(Self::WHOLE, |(_, scope)| scope.clone())
    }
}

/// The scope of an association's targets, to be changed.
fn scope_of(below: &mut Vec<(usize, WriteScope)>, index: usize) -> &mut WriteScope {
    let held = below.iter().position(|(held, _)| *held == index);
    let at = held.unwrap_or_else(|| {
        below.push((index, WriteScope::WHOLE));
        below.len() - 1
    });
    &mut below[at].1
}

/// One thing named in `.select(…)` or `.omit(…)`.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub enum Choice {
    #[doc(hidden)]
    Part(PartOf),
    #[doc(hidden)]
    Targets(usize),
    #[doc(hidden)]
    Field(usize, usize),
}

#[doc(hidden)]
#[allow(unreachable_pub)]
pub type PartOf = Part;

/// What `.select(…)` and `.omit(…)` take: columns and associations of `M`, one or a tuple.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ken = User { profile: Profile::default().into(), ..user("Ken", 25) };
/// db.create(&mut ken).select((User::name, User::profile)).await?;
/// assert_eq!(db.find::<Profile>().count().await?, 2);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column or association of `{M}`",
    label = "not a column or association of `{M}`"
)]
pub trait Choices<M> {
    #[doc(hidden)]
    fn into_choices(self) -> Vec<Choice>;
}

impl<M, T> Choices<M> for Column<M, T> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Part(Part::Column(self.index()))]
    }
}

impl<M, E: crate::generated::Embedded> Choices<M> for EmbeddedColumns<M, E> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Part(Part::Columns(self.base(), E::COUNT))]
    }
}

impl<M, T, K> Choices<M> for Relation<M, T, K> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Part(Part::Relation(self.index()))]
    }
}

impl<M: Model, T: Model, K> Choices<M> for Scoped<M, T, K> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Part(Part::Relation(self.node.relation))]
    }
}

impl<M, E> Choices<M> for AnyRelation<M, E> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Part(Part::Relation(self.index()))]
    }
}

impl<M> Choices<M> for TargetsOf<M> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Targets(self.relation)]
    }
}

impl<M> Choices<M> for FieldOf<M> {
    fn into_choices(self) -> Vec<Choice> {
        vec![Choice::Field(self.relation, self.column)]
    }
}

macro_rules! tuple_choices {
    ($($name:ident)+) => {
        impl<M, $($name: Choices<M>),+> Choices<M> for ($($name,)+) {
            fn into_choices(self) -> Vec<Choice> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_choices());)+
                all
            }
        }
    };
}

tuple_choices!(A);
tuple_choices!(A B);
tuple_choices!(A B C);
tuple_choices!(A B C D);
tuple_choices!(A B C D E);
tuple_choices!(A B C D E F);
tuple_choices!(A B C D E F G);
tuple_choices!(A B C D E F G H);

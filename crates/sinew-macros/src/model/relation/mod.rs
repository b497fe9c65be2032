//! What an association field means.

mod any;
mod belongs_to;
mod has;
mod many_to_many;
mod through;

use proc_macro2::Span;
use syn::{Attribute, Ident, Type, Visibility};

use super::{Attrs, Column, Errors, Key, closest, list};
use crate::parse::{Field, Shape, plain};

/// An association field.
pub(crate) struct Relation {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) docs: Vec<Attribute>,
    /// The field's name without `r#`.
    pub(crate) field: String,
    pub(crate) link: Link,
    pub(crate) on_update: Option<&'static str>,
    pub(crate) on_delete: Option<&'static str>,
    pub(crate) attrs: Attrs,
}

/// How owner and target are linked.
pub(crate) enum Link {
    BelongsTo {
        target: Type,
        optional: bool,
        /// The key's columns, in the order of the referenced ones.
        own: Vec<usize>,
        /// The target's referenced fields; its primary key when not said.
        references: Option<Vec<Ident>>,
    },
    Has(Has),
    ManyToMany(ManyToMany),
    Through {
        target: Type,
        path: Vec<Ident>,
        /// The target of the first step.
        first: Option<Type>,
    },
    Any {
        owner: Type,
        id: usize,
        kind: usize,
    },
}

/// Has-one and has-many.
pub(crate) struct Has {
    pub(crate) target: Type,
    pub(crate) many: bool,
    pub(crate) own: OwnKey,
    /// The target's key fields; the identifiers carry the span that is to blame.
    pub(crate) far: Vec<Ident>,
    /// The target's type field, and the value that stands for the owner.
    pub(crate) polymorphic: Option<(Ident, Option<String>)>,
}

/// Many-to-many.
pub(crate) struct ManyToMany {
    pub(crate) target: Type,
    pub(crate) join: Option<Type>,
    pub(crate) table: Option<String>,
    pub(crate) own: OwnKey,
    pub(crate) own_names: OwnNames,
    pub(crate) far: Far,
    pub(crate) far_names: FarNames,
}

/// The owner's referenced columns.
pub(crate) enum OwnKey {
    Columns(Vec<usize>),
    /// Its primary key, wherever that is.
    Primary,
}

/// The target's referenced columns.
pub(crate) enum Far {
    Primary,
    Fields(Vec<Ident>),
}

/// The join table's columns for the owner.
pub(crate) enum OwnNames {
    /// By convention: the column, and the field of the join model that it should be.
    Convention(Vec<(String, Ident)>),
    Given(Vec<(String, Span)>),
    /// This word and the key's names.
    Prefixed(String),
}

/// The join table's columns for the target.
pub(crate) enum FarNames {
    Given(Vec<(String, Span)>),
    /// This word and the names of the target's key.
    Prefixed(String),
}

/// What an association can see of its model.
pub(crate) struct Owner<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) columns: &'a [Column],
    pub(crate) key: &'a Key,
    /// The association fields with their targets.
    pub(crate) associations: &'a [(Ident, Option<Type>)],
}

impl Relation {
    pub(crate) fn read(
        field: &Field,
        shape: Shape,
        attrs: Attrs,
        owner: &Owner<'_>,
        errors: &mut Errors,
    ) -> Self {
        let on_update = attrs.action("on_update", errors).map(|(action, _)| action);
        let on_delete = attrs.action("on_delete", errors).map(|(action, _)| action);
        let site = Site {
            field,
            attrs: &attrs,
            owner,
        };
        let link = match shape {
            Shape::BelongsTo { target, optional } => {
                belongs_to::read(&site, target, optional, errors)
            }
            Shape::HasOne { target } => has::read(&site, target, false, errors),
            Shape::HasMany { target } if attrs.has("through") => {
                through::read(&site, target, errors)
            }
            Shape::HasMany { target } => has::read(&site, target, true, errors),
            Shape::ManyToMany { target, join } => many_to_many::read(&site, target, join, errors),
            Shape::BelongsToAny { owner } => any::read(&site, owner, errors),
            Shape::Plain => Link::Through {
                target: field.ty.clone(),
                path: Vec::new(),
                first: None,
            },
        };
        Self {
            ident: field.ident.clone(),
            vis: field.vis.clone(),
            docs: field.docs.clone(),
            field: plain(&field.ident),
            link,
            on_update,
            on_delete,
            attrs,
        }
    }
}

/// One association while it is read.
struct Site<'a> {
    field: &'a Field,
    attrs: &'a Attrs,
    owner: &'a Owner<'a>,
}

impl Site<'_> {
    /// `User::orders`, for messages.
    fn name(&self) -> String {
        format!("{}::{}", self.owner.ident, plain(&self.field.ident))
    }

    fn span(&self) -> Span {
        self.field.ident.span()
    }

    /// An identifier made by convention, which blames the association when it is not there.
    fn ident(&self, name: &str) -> Ident {
        Ident::new(name, Span::call_site().located_at(self.span()))
    }

    /// The column of this field, if there is one.
    fn column(&self, name: &str) -> Option<usize> {
        self.owner
            .columns
            .iter()
            .position(|column| column.field == name)
    }

    /// The columns that the user named; those that are not there are reported.
    fn named_columns(&self, words: &[Ident], errors: &mut Errors) -> Vec<usize> {
        let mut found = Vec::new();
        for word in words {
            let name = plain(word);
            match self.column(&name) {
                Some(at) => found.push(at),
                None => errors.at(word.span(), self.no_such_column(&name)),
            }
        }
        found
    }

    fn no_such_column(&self, name: &str) -> String {
        let model = self.owner.ident;
        let fields: Vec<_> = self
            .owner
            .columns
            .iter()
            .map(|c| c.field.as_str())
            .collect();
        match closest(name, &fields) {
            Some(near) => format!("`{model}` has no column `{name}`; did you mean `{near}`?"),
            None => format!("`{model}` has no column `{name}`; it has {}", list(&fields)),
        }
    }

    /// Fields that look like foreign keys, the closest to `name` first.
    fn candidates(&self, name: &str) -> Vec<&str> {
        let mut fields: Vec<_> = self
            .owner
            .columns
            .iter()
            .map(|column| column.field.as_str())
            .filter(|field| {
                field.ends_with("_id") || field.ends_with("_code") || field.ends_with("_ref")
            })
            .collect();
        if let Some(near) = closest(name, &fields) {
            fields.sort_by_key(|field| *field != near);
        }
        fields
    }

    /// The owner's columns that `word` (`references`, `foreign_key`) names, or its primary key.
    fn own_key(&self, word: &str, errors: &mut Errors) -> OwnKey {
        if let Some(words) = self.attrs.words(word) {
            return OwnKey::Columns(self.named_columns(&words, errors));
        }
        match self.owner.key {
            Key::Columns(key) => OwnKey::Columns(key.clone()),
            Key::Embedded(_) | Key::None => OwnKey::Primary,
        }
    }

    /// Two lists that pair by position need the same length.
    fn same_length(&self, one: (&str, usize), other: (&str, usize), errors: &mut Errors) {
        if one.1 != other.1 {
            let message = format!(
                "`{}` names {} and `{}` {}: they pair by position",
                one.0,
                count(one.1),
                other.0,
                other.1
            );
            let word = if self.attrs.has(one.0) {
                one.0
            } else {
                other.0
            };
            errors.at(self.attrs.span(word), message);
        }
    }

    /// Attributes that another one makes meaningless.
    fn excludes(&self, because: &str, others: &[&str], errors: &mut Errors) {
        for item in others.iter().filter_map(|other| self.attrs.get(other)) {
            let message = format!(
                "`{}` means nothing beside `{because}`: remove it",
                item.name
            );
            errors.at(item.name.span(), message);
        }
    }

    fn is_self(&self, target: &Type) -> bool {
        crate::parse::is_named(target, &[&self.owner.ident.to_string()])
    }
}

fn count(n: usize) -> String {
    if n == 1 {
        "1 field".to_owned()
    } else {
        format!("{n} fields")
    }
}

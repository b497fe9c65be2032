use std::collections::HashMap;

use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Ident, Type};

use super::known::{Place, text_of, word_of};
use super::relation::Owner;
use super::{Attrs, Column, Embedded, Errors, Generated, Key, Relation, Role, closest, list, name};
use crate::parse::{self, Field, Item, Shape, Value, plain};

/// A struct that stands for rows of a table, or is embedded in one.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) table: String,
    pub(crate) attrs: Attrs,
    pub(crate) columns: Vec<Column>,
    pub(crate) embedded: Vec<Embedded>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) skipped: Vec<Ident>,
    /// All fields in order.
    pub(crate) fields: Vec<FieldKind>,
    pub(crate) key: Key,
    pub(crate) generated: Generated,
    pub(crate) indexes: Vec<Index>,
    /// Conditions on the table, with their names.
    pub(crate) checks: Vec<(String, Option<String>)>,
}

/// What a field is, and which of its sort.
#[derive(Clone, Copy)]
pub(crate) enum FieldKind {
    Column(usize),
    Embedded(usize),
    Relation(usize),
    Skipped(usize),
}

/// An index written at the struct.
pub(crate) struct Index {
    pub(crate) columns: Vec<usize>,
    pub(crate) name: Option<String>,
    pub(crate) unique: bool,
    pub(crate) condition: Option<String>,
}

impl Model {
    /// Reads a model.
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let named = named_fields(input, "Model", errors)?;
        let model = Self::read_as(input, named, Place::Model, errors);
        model
            .key
            .check(&model.ident, &model.columns, &model.embedded, errors);
        check_soft_delete(&model, errors);
        Some(model)
    }

    /// Reads an embedded struct.
    pub(crate) fn read_embedded(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let named = named_fields(input, "Embedded", errors)?;
        let mut model = Self::read_as(input, named, Place::EmbeddedStruct, errors);
        if matches!(model.key, Key::Embedded(at)
            if model.embedded.get(at).is_some_and(|e| !e.attrs.has("primary_key")))
        {
            model.key = Key::None;
        }
        Some(model)
    }

    fn read_as(
        input: &DeriveInput,
        named: &syn::FieldsNamed,
        place: Place,
        errors: &mut Errors,
    ) -> Self {
        let items = parse::items(&input.attrs, "model", errors);
        let attrs = Attrs::read(&items, place, errors);
        let case = name::case(&attrs, errors);
        let fields = parse::fields(named, errors);
        let mut sorted = Sorted::default();
        for field in &fields {
            sorted.sort(field, &input.ident, case, errors);
        }
        let Sorted {
            mut columns,
            embedded,
            associations,
            skipped,
            kinds,
        } = sorted;
        check_names(&columns, errors);
        let key = Key::find(&columns, &embedded);
        mark_unique(&mut columns, &key);
        let indexes = indexes(&input.ident, &attrs, &mut columns, errors);
        let targets: Vec<_> = associations
            .iter()
            .map(|(field, shape, _)| (field.ident.clone(), target(shape)))
            .collect();
        let owner = Owner {
            ident: &input.ident,
            columns: &columns,
            key: &key,
            associations: &targets,
        };
        let relations = if matches!(place, Place::Model) {
            associations
                .into_iter()
                .map(|(field, shape, attrs)| Relation::read(field, shape, attrs, &owner, errors))
                .collect()
        } else {
            for (ident, _) in &targets {
                let message = "an embedded struct holds columns; put associations on the models";
                errors.at(ident.span(), message);
            }
            Vec::new()
        };
        Self {
            ident: input.ident.clone(),
            table: table(input, &attrs, errors),
            generated: key.generated(&columns, errors),
            checks: attrs
                .all("check")
                .filter_map(|item| check(item, errors))
                .collect(),
            attrs,
            columns,
            embedded,
            relations,
            skipped,
            fields: kinds,
            key,
            indexes,
        }
    }
}

/// The fields by what they are.
#[derive(Default)]
struct Sorted<'a> {
    columns: Vec<Column>,
    embedded: Vec<Embedded>,
    associations: Vec<(&'a Field, Shape, Attrs)>,
    skipped: Vec<Ident>,
    kinds: Vec<FieldKind>,
}

impl<'a> Sorted<'a> {
    fn sort(
        &mut self,
        field: &'a Field,
        model: &Ident,
        case: Option<sinew_names::Case>,
        errors: &mut Errors,
    ) {
        let says = |word: &str| field.items.iter().any(|item| item.name == word);
        let shape = if says("skip") {
            Shape::Plain
        } else {
            parse::shape(&field.ty, model, errors)
        };
        let place = match &shape {
            _ if says("skip") => Place::Skipped,
            Shape::Plain if says("embedded") => Place::Embedded,
            Shape::Plain => Place::Column,
            Shape::BelongsTo { .. } => Place::BelongsTo,
            Shape::HasOne { .. } => Place::HasOne,
            Shape::HasMany { .. } => Place::HasMany,
            Shape::ManyToMany { .. } => Place::ManyToMany,
            Shape::BelongsToAny { .. } => Place::BelongsToAny,
        };
        let attrs = Attrs::read(&field.items, place, errors);
        let (after, offset) = self.position();
        match place {
            Place::Skipped => {
                self.kinds.push(FieldKind::Skipped(self.skipped.len()));
                self.skipped.push(field.ident.clone());
            }
            Place::Embedded => {
                self.kinds.push(FieldKind::Embedded(self.embedded.len()));
                let embedded = Embedded::read(field, attrs, errors);
                self.embedded.push(Embedded {
                    after,
                    offset,
                    ..embedded
                });
            }
            Place::Column => {
                self.kinds.push(FieldKind::Column(self.columns.len()));
                let column = Column::read(field, attrs, case, errors);
                if let Some(item) = column.attrs.get("check") {
                    check(item, errors);
                }
                self.columns.push(Column {
                    after,
                    offset,
                    ..column
                });
            }
            _ => {
                self.kinds
                    .push(FieldKind::Relation(self.associations.len()));
                self.associations.push((field, shape, attrs));
            }
        }
    }

    /// The embedded struct before the next column, and the columns since.
    fn position(&self) -> (Option<usize>, usize) {
        let after = self.embedded.len().checked_sub(1);
        (
            after,
            self.columns
                .iter()
                .filter(|column| column.after == after)
                .count(),
        )
    }
}

fn target(shape: &Shape) -> Option<Type> {
    match shape {
        Shape::BelongsTo { target, .. }
        | Shape::HasOne { target }
        | Shape::HasMany { target }
        | Shape::ManyToMany { target, .. } => Some(target.clone()),
        Shape::BelongsToAny { .. } | Shape::Plain => None,
    }
}

fn named_fields<'a>(
    input: &'a DeriveInput,
    derive: &str,
    errors: &mut Errors,
) -> Option<&'a syn::FieldsNamed> {
    if !input.generics.params.is_empty() {
        let message = format!("`{derive}` is for structs without generic parameters");
        errors.tokens(&input.generics, message);
    }
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => return Some(named),
            Fields::Unnamed(fields) => {
                let message = format!(
                    "`{derive}` is for structs with named fields; for a struct around one column \
                     use `#[derive(Newtype)]`"
                );
                errors.tokens(fields, message);
            }
            Fields::Unit => {
                errors.tokens(
                    &input.ident,
                    format!("`{derive}` is for structs with named fields"),
                );
            }
        },
        Data::Enum(data) => {
            let message = format!(
                "`{derive}` is for structs; an enum of states is a column with \
                 `#[derive(Enumeration)]`, an enum of models an owner with \
                 `#[derive(PolymorphicOwner)]`"
            );
            errors.tokens(&data.enum_token, message);
        }
        Data::Union(data) => {
            errors.tokens(&data.union_token, format!("`{derive}` is for structs"));
        }
    }
    None
}

fn table(input: &DeriveInput, attrs: &Attrs, errors: &mut Errors) -> String {
    let name = name::table(&input.ident, attrs);
    if name.is_empty() {
        errors.at(attrs.span("table"), "a table needs a name");
    }
    for other in ["singular", "table_prefix"] {
        if let Some(item) = attrs.get(other).filter(|_| attrs.has("table")) {
            errors.at(
                item.name.span(),
                format!("`{other}` means nothing beside `table`: remove it"),
            );
        }
    }
    name
}

/// No two columns of one name.
fn check_names(columns: &[Column], errors: &mut Errors) {
    let mut seen: HashMap<String, &Column> = HashMap::new();
    for column in columns {
        if let Some(first) = seen.get(&column.name.to_lowercase()) {
            let message = format!(
                "`{}` and `{}` are both stored in column `{}`",
                first.field, column.field, column.name
            );
            let span = match column.attrs.get("column") {
                Some(item) => item.value_span(),
                None => column.ident.span(),
            };
            errors.at(span, message);
        } else {
            seen.insert(column.name.to_lowercase(), column);
        }
    }
}

/// A sole key is unique, and so is a column with a unique index of its own.
fn mark_unique(columns: &mut [Column], key: &Key) {
    let mut groups: HashMap<String, usize> = HashMap::new();
    for name in columns
        .iter()
        .filter_map(|column| column.attrs.text("unique_index"))
    {
        *groups.entry(name).or_default() += 1;
    }
    for column in &mut *columns {
        if column.attrs.has("unique_index") {
            let group = column.attrs.text("unique_index");
            column.unique |= group.is_none_or(|name| groups.get(&name) == Some(&1));
        }
    }
    if let Key::Columns(key) = key
        && let [sole] = key.as_slice()
        && let Some(column) = columns.get_mut(*sole)
    {
        column.unique = true;
    }
}

/// `index(columns(a, b), name = "…", unique, condition = "…")` at the struct.
fn indexes(
    model: &Ident,
    attrs: &Attrs,
    columns: &mut [Column],
    errors: &mut Errors,
) -> Vec<Index> {
    let mut found = Vec::new();
    for item in attrs.all("index") {
        let Value::List(items, atoms) = &item.value else {
            continue;
        };
        for atom in atoms {
            errors.at(
                atom.span(),
                "expected `columns(…)`, `name = \"…\"`, `unique` or `where = \"…\"`",
            );
        }
        let mut index = Index {
            columns: Vec::new(),
            name: None,
            unique: false,
            condition: None,
        };
        for part in items {
            match (plain(&part.name).as_str(), &part.value) {
                ("columns", Value::List(names, _)) => {
                    for name in names {
                        index
                            .columns
                            .extend(position(model, &name.name, columns, errors));
                    }
                }
                ("name", Value::One(atom)) => index.name = text_of(atom).map(|(text, _)| text),
                ("where", Value::One(atom)) => {
                    index.condition = text_of(atom).map(|(text, _)| text);
                }
                ("unique", Value::Flag) => index.unique = true,
                _ => index_part(part, errors),
            }
        }
        if index.columns.is_empty() && errors.is_empty() {
            errors.at(
                item.name.span(),
                "an index needs columns: `index(columns(a, b))`",
            );
        }
        if let ([sole], true, None) = (index.columns.as_slice(), index.unique, &index.condition)
            && let Some(column) = columns.get_mut(*sole)
        {
            column.unique = true;
        }
        found.push(index);
    }
    found
}

fn index_part(part: &Item, errors: &mut Errors) {
    const PARTS: &[&str] = &["columns", "name", "unique", "where"];
    let name = plain(&part.name);
    let message = match closest(&name, PARTS) {
        Some(near) if near == name => {
            "write `index(columns(a, b), name = \"…\", unique, where = \"…\")`".to_owned()
        }
        Some(near) => format!("unknown part `{name}` of an index; did you mean `{near}`?"),
        None => format!(
            "unknown part `{name}` of an index; there are {}",
            list(PARTS)
        ),
    };
    errors.at(part.name.span(), message);
}

fn position(model: &Ident, word: &Ident, columns: &[Column], errors: &mut Errors) -> Option<usize> {
    let name = plain(word);
    let found = columns.iter().position(|column| column.field == name);
    if found.is_none() {
        let fields: Vec<_> = columns.iter().map(|column| column.field.as_str()).collect();
        let guess = match closest(&name, &fields) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", list(&fields)),
        };
        errors.at(
            word.span(),
            format!("`{model}` has no column `{name}`; {guess}"),
        );
    }
    found
}

/// A check's condition and name.
pub(crate) fn check(item: &Item, errors: &mut Errors) -> Option<(String, Option<String>)> {
    let (condition, name) = match &item.value {
        Value::One(atom) => (text_of(atom), None),
        Value::List(items, atoms) => {
            let mut name = None;
            for part in items {
                match (plain(&part.name).as_str(), &part.value) {
                    ("name", Value::One(atom)) if word_of(atom).is_none() => name = text_of(atom),
                    _ => errors.at(
                        part.name.span(),
                        "write `check(\"age > 13\", name = \"adult\")`",
                    ),
                }
            }
            (atoms.first().and_then(text_of), name)
        }
        _ => (None, None),
    };
    match condition {
        Some((condition, _)) => Some((condition, name.map(|(name, _)| name))),
        None => {
            errors.at(
                item.name.span(),
                "a check needs a condition: `check = \"age > 13\"`",
            );
            None
        }
    }
}

/// One column at most says when the row was deleted.
fn check_soft_delete(model: &Model, errors: &mut Errors) {
    let mut columns = model
        .columns
        .iter()
        .filter(|column| column.role == Some(Role::Deleted));
    let Some(first) = columns.next() else { return };
    for column in columns {
        let message = format!(
            "`{}` makes deletes soft already: a model has one field of type `{}`",
            first.field,
            column.ty.to_token_stream()
        );
        errors.at(column.ident.span(), message);
    }
}

//! The model's description as constant data: no code of the host's is compiled for it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::position;
use crate::model::{
    Attrs, Column, Far, FarNames, FieldKind, Generated, Has, Index, Key, Link, ManyToMany, Model,
    OwnKey, OwnNames, Relation, Role,
};
use crate::parse::{Value, plain};

pub(crate) fn model(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let parts = parts(model);
    let generated = match model.generated {
        Generated::Auto => TokenStream::new(),
        Generated::Never => quote!(.not_generated()),
        Generated::Column(at) => {
            let position = model.columns.get(at).map(position::column);
            quote!(.generated(#position))
        }
    };
    let relations = optional_list(
        "relations",
        model.relations.iter().map(|r| relation(model, r)),
    );
    let table_parts = table_parts(model);
    let comment = text(&model.attrs, "comment");
    let hooks = if model.attrs.has("hooks") {
        quote!(.hooks(__p::hook_table::<#ident>))
    } else {
        TokenStream::new()
    };
    quote! {
        #[automatically_derived]
        impl __p::Described for #ident {
            const SPEC: __p::ModelSpec =
                __p::ModelSpec::of::<#ident>(&[#(#parts),*]) #generated #relations #table_parts #comment #hooks;
        }
    }
}

/// The columns and embedded structs in field order.
pub(crate) fn parts(model: &Model) -> Vec<TokenStream> {
    let part = |field: &FieldKind| match *field {
        FieldKind::Column(at) => {
            let column = column(model.columns.get(at)?);
            Some(quote!(__p::Part::Column(#column)))
        }
        FieldKind::Embedded(at) => {
            let held = model.embedded.get(at)?;
            let (field, prefix, ty) = (&held.field, &held.prefix, &held.ty);
            Some(quote!(__p::Part::Embedded(#field, #prefix, &<#ty as __p::Embedded>::SPEC)))
        }
        FieldKind::Relation(_) | FieldKind::Skipped(_) => None,
    };
    model.fields.iter().filter_map(part).collect()
}

/// Indexes and checks written at the struct.
pub(crate) fn table_parts(model: &Model) -> TokenStream {
    let indexes = optional_list(
        "indexes",
        model.indexes.iter().map(|each| index(model, each)),
    );
    let checks = model.checks.iter().map(|(condition, name)| {
        let name = option(name.as_deref());
        quote!(__p::CheckSpec::new(#condition, #name))
    });
    let checks = optional_list("checks", checks);
    quote!(#indexes #checks)
}

fn optional_list(method: &str, items: impl Iterator<Item = TokenStream>) -> TokenStream {
    let items: Vec<_> = items.collect();
    let method = Ident::new(method, proc_macro2::Span::call_site());
    if items.is_empty() {
        TokenStream::new()
    } else {
        quote!(.#method(&[#(#items),*]))
    }
}

fn index(model: &Model, index: &Index) -> TokenStream {
    let columns = position::columns(model, &index.columns);
    let (name, condition) = (
        option(index.name.as_deref()),
        option(index.condition.as_deref()),
    );
    let unique = index.unique;
    quote!(__p::IndexSpec::new(#columns, #unique, #name, #condition))
}

fn column(column: &Column) -> TokenStream {
    let (field, ty) = (&column.field, &column.ty);
    let attrs = &column.attrs;
    let start = if column.is_json() {
        let nullable = column.is_option();
        quote!(__p::ColumnSpec::json(#field, #nullable))
    } else {
        quote!(<#ty as __p::Field>::SPEC.named(#field))
    };
    let renamed = (column.name != column.field).then(|| {
        let name = &column.name;
        quote!(.column(#name))
    });
    let role = column.role.map(|role| match role {
        Role::Created => quote!(.created_at()),
        Role::Updated => quote!(.updated_at()),
        Role::Deleted => quote!(.deleted_at()),
    });
    let size = attrs.number("size").map(|size| quote!(.size(#size)));
    let precision = precision(attrs);
    let default = column.default_sql().map(|sql| quote!(.default(#sql)));
    let flags = ["unique", "no_index"]
        .into_iter()
        .filter(|flag| attrs.has(flag))
        .map(|flag| {
            let flag = Ident::new(flag, proc_macro2::Span::call_site());
            quote!(.#flag())
        });
    let indexes = ["index", "unique_index"]
        .into_iter()
        .filter(|word| attrs.has(word))
        .map(|word| {
            let method = Ident::new(word, proc_macro2::Span::call_site());
            let name = attrs.text(word).unwrap_or_default();
            quote!(.#method(#name))
        });
    let check = attrs.get("check").and_then(check);
    let (sql_type, comment) = (text(attrs, "sql_type"), text(attrs, "comment"));
    quote! {
        #start #renamed #role #size #precision #sql_type #default #(#flags)* #(#indexes)* #check #comment
    }
}

fn precision(attrs: &Attrs) -> Option<TokenStream> {
    let (digits, scale) = match attrs.numbers("precision").as_slice() {
        [digits] => (*digits, 0),
        [digits, scale] => (*digits, *scale),
        _ => return None,
    };
    let (digits, scale) = (u8::try_from(digits).ok()?, u8::try_from(scale).ok()?);
    Some(quote!(.precision(#digits, #scale)))
}

fn check(item: &crate::parse::Item) -> Option<TokenStream> {
    let mut ignored = crate::model::Errors::default();
    let (condition, name) = crate::model::check(item, &mut ignored)?;
    let name = option(name.as_deref());
    Some(quote!(.check(#condition, #name)))
}

/// `.comment("…")`.
fn text(attrs: &Attrs, name: &str) -> TokenStream {
    let method = Ident::new(name, proc_macro2::Span::call_site());
    attrs
        .text(name)
        .map_or_else(TokenStream::new, |text| quote!(.#method(#text)))
}

fn option(text: Option<&str>) -> TokenStream {
    text.map_or_else(|| quote!(__p::None), |text| quote!(__p::Some(#text)))
}

fn relation(model: &Model, relation: &Relation) -> TokenStream {
    let start = match &relation.link {
        Link::BelongsTo {
            target,
            optional,
            own,
            references,
        } => {
            let (field, own) = (&relation.field, position::columns(model, own));
            let far = match references {
                None => quote!(<#target as __p::Model>::KEY),
                Some(fields) => quote!(&[#(#target::#fields.index()),*]),
            };
            let required = !optional;
            quote!(__p::RelationSpec::belongs_to(#field, #required, #own, #far, <#target as __p::Model>::schema))
        }
        Link::Has(has) => has_spec(model, relation, has),
        Link::ManyToMany(many) => many_to_many(model, relation, many),
        Link::Through { target, path, .. } => {
            let field = &relation.field;
            let path = path.iter().map(plain);
            quote!(__p::RelationSpec::through(#field, &[#(#path),*], <#target as __p::Model>::schema))
        }
        Link::Any { owner, id, kind } => {
            let field = &relation.field;
            let positions = [id, kind].map(|&at| {
                model
                    .columns
                    .get(at)
                    .map(position::column)
                    .unwrap_or_default()
            });
            let [id, kind] = positions;
            quote!(__p::RelationSpec::any(#field, #id, #kind, <#owner as __p::PolymorphicOwner>::variants))
        }
    };
    let actions = [
        ("on_update", relation.on_update),
        ("on_delete", relation.on_delete),
    ];
    let actions = actions.into_iter().filter_map(|(method, action)| {
        let method = Ident::new(method, proc_macro2::Span::call_site());
        let action = Ident::new(action?, proc_macro2::Span::call_site());
        Some(quote!(.#method(__p::ReferentialAction::#action)))
    });
    let constraint = relation
        .attrs
        .get("constraint")
        .map(|item| match &item.value {
            Value::One(_) if relation.attrs.is_false("constraint") => quote!(.unconstrained()),
            _ => text(&relation.attrs, "constraint"),
        });
    let flags = ["soft_cascade", "no_index"]
        .into_iter()
        .filter(|flag| relation.attrs.has(flag));
    let flags = flags.map(|flag| {
        let flag = Ident::new(flag, proc_macro2::Span::call_site());
        quote!(.#flag())
    });
    quote!(#start #(#actions)* #constraint #(#flags)*)
}

/// The positions of the owner's referenced columns.
fn own(model: &Model, own: &OwnKey) -> TokenStream {
    match own {
        OwnKey::Columns(columns) => position::columns(model, columns),
        OwnKey::Primary => {
            let ident = &model.ident;
            quote!(<#ident as __p::Model>::KEY)
        }
    }
}

fn has_spec(model: &Model, relation: &Relation, has: &Has) -> TokenStream {
    let Has {
        target, many, far, ..
    } = has;
    let (field, own) = (&relation.field, own(model, &has.own));
    let far = quote!(&[#(#target::#far.index()),*]);
    let polymorphic = has.polymorphic.as_ref().map(|(kind, value)| {
        let table = &model.table;
        let value = value.as_ref().unwrap_or(table);
        quote!(.polymorphic(#target::#kind.index(), #value))
    });
    quote! {
        __p::RelationSpec::has(#field, #many, #own, #far, <#target as __p::Model>::schema) #polymorphic
    }
}

fn many_to_many(model: &Model, relation: &Relation, many: &ManyToMany) -> TokenStream {
    let ManyToMany { target, join, .. } = many;
    let (field, own) = (&relation.field, own(model, &many.own));
    let ident = &model.ident;
    let given = |names: &[&str]| quote!(__p::JoinNames::Given(&[#(#names),*]));
    let own_names = match &many.own_names {
        OwnNames::Convention(names) => given(
            &names
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
        ),
        OwnNames::Given(names) => given(
            &names
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
        ),
        OwnNames::Prefixed(word) => {
            quote!(__p::JoinNames::Prefixed(#word, <#ident as __p::Model>::KEY_NAMES))
        }
    };
    let far = match &many.far {
        Far::Primary => quote!(<#target as __p::Model>::KEY),
        Far::Fields(fields) => quote!(&[#(#target::#fields.index()),*]),
    };
    let far_names = match &many.far_names {
        FarNames::Given(names) => given(
            &names
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
        ),
        FarNames::Prefixed(word) => {
            quote!(__p::JoinNames::Prefixed(#word, <#target as __p::Model>::KEY_NAMES))
        }
    };
    let (table, join_model) = match (join, &many.table) {
        (Some(join), _) => (
            quote!(<#join as __p::Model>::TABLE),
            quote!(__p::Some(<#join as __p::Model>::schema)),
        ),
        (None, table) => (quote!(#table), quote!(__p::None)),
    };
    quote! {
        __p::RelationSpec::many_to_many(
            #field,
            (#own, #own_names),
            (#far, #far_names),
            (#table, #join_model),
            <#target as __p::Model>::schema,
        )
    }
}

/// Where an embedded struct holds the key, if it holds one.
pub(crate) fn auto_increment(model: &Model) -> TokenStream {
    match (&model.key, model.generated) {
        (Key::Columns(_), Generated::Never) => quote!(.not_generated()),
        (Key::Columns(_), Generated::Column(at)) => {
            let position = model.columns.get(at).map(position::column);
            quote!(.generated(#position))
        }
        _ => TokenStream::new(),
    }
}

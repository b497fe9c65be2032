//! `impl Model`: the key, the table, the description, and reading a row.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{constants, position};
use crate::model::{FieldKind, Key, Model};

pub(crate) fn implementation(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let (name, table) = (crate::parse::plain(ident), &model.table);
    let key = key(model);
    let count = position::count(model);
    let ends = (&quote!(__p::Ok), &quote!(__p::Err(misread.error())));
    let decode = decode(model, &quote!(&place), &name, ends);
    quote! {
        #[automatically_derived]
        impl __p::Model for #ident {
            #key
            const NAME: &'static str = #name;
            const TABLE: &'static str = #table;
            const COLUMNS: usize = #count;

            fn schema() -> &'static __p::ModelMeta {
                static META: __p::LazyLock<__p::ModelMeta> =
                    __p::LazyLock::new(|| __p::describe(&<#ident as __p::Described>::SPEC));
                &META
            }

            fn decode(row: &dyn __p::Row, at: usize) -> __p::Result<Self> {
                let misread = __p::Misread::new();
                let place = __p::Place::new(row, at, <Self as __p::Model>::schema, &misread);
                #decode
            }
        }
    }
}

/// The key's type, positions and names.
pub(crate) fn key(model: &Model) -> TokenStream {
    match &model.key {
        Key::Columns(key) => {
            let ty = constants::own_types(model, key);
            let positions = position::columns(model, key);
            let names = key
                .iter()
                .filter_map(|&at| model.columns.get(at))
                .map(|c| &c.name);
            quote! {
                type Key = #ty;
                const KEY: &'static [usize] = #positions;
                const KEY_NAMES: &'static [&'static str] = &[#(#names),*];
            }
        }
        Key::Embedded(at) => {
            let Some(held) = model.embedded.get(*at) else {
                return TokenStream::new();
            };
            let ty = &held.ty;
            let start = position::embedded(held);
            quote! {
                type Key = <#ty as __p::Embedded>::Key;
                const KEY: &'static [usize] =
                    &__p::shifted::<{ <#ty as __p::Embedded>::KEY.len() }>(<#ty as __p::Embedded>::KEY, #start);
                const KEY_NAMES: &'static [&'static str] = <#ty as __p::Embedded>::KEY_NAMES;
            }
        }
        Key::None => quote! {
            type Key = ();
            const KEY: &'static [usize] = &[];
            const KEY_NAMES: &'static [&'static str] = &[];
        },
    }
}

/// The body of a function that reads the struct from the columns at `place`.
///
/// What was read waits in variables that are there from the beginning, so there is one way out for
/// all columns that cannot be read. With a way out of its own behind each a debug build drops what was
/// read before it in a chain of its own each time, which is most of a model's code.
pub(crate) fn decode(
    model: &Model,
    place: &TokenStream,
    name: &str,
    (finish, otherwise): (&TokenStream, &TokenStream),
) -> TokenStream {
    let mut columns = Vec::new();
    let mut read = |decoded: TokenStream| {
        let held = format_ident!("c{}", columns.len());
        columns.push((held.clone(), decoded));
        quote!(#held)
    };
    let fields = model.fields.iter().filter_map(|field| {
        Some(match *field {
            FieldKind::Column(at) => {
                let column = model.columns.get(at)?;
                let (ident, ty, position) = (&column.ident, &column.ty, position::column(column));
                let held = read(if column.is_json() {
                    quote!(__p::json_decode(#place, #position))
                } else {
                    quote!(<#ty as __p::Field>::decode(#place, #position))
                });
                quote!(#ident: __p::taken(&mut #held))
            }
            FieldKind::Embedded(at) => {
                let held = model.embedded.get(at)?;
                let (ident, ty, base) = (&held.ident, &held.ty, position::embedded(held));
                let inside = quote!(&__p::Place::inside(#place, #base));
                let held = read(quote!(<#ty as __p::Embedded>::decode(#inside)));
                quote!(#ident: __p::taken(&mut #held))
            }
            FieldKind::Relation(at) => {
                let relation = model.relations.get(at)?;
                let (ident, field) = (&relation.ident, &relation.field);
                quote!(#ident: __p::SlotInit::unloaded(const { &__p::SlotName::new(#name, #field) }))
            }
            FieldKind::Skipped(at) => {
                let ident = model.skipped.get(at)?;
                quote!(#ident: ::core::default::Default::default())
            }
        })
    });
    let fields: Vec<_> = fields.collect();
    let (held, decoded): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    quote! {
        #(let mut #held = __p::None;)*
        if #(__p::kept(&mut #held, #decoded) &&)* true {
            #finish(Self { #(#fields),* })
        } else {
            #otherwise
        }
    }
}

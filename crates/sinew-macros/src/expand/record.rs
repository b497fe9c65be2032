//! `impl Record`: columns and associations by their position.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::position;
use crate::model::{Column, Embedded, Model};

pub(crate) fn implementation(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let (value, set, is_unset) = (value(model), set(model), is_unset(model));
    let (slot, slot_mut) = (slot(model, &quote!(&)), slot(model, &quote!(&mut)));
    quote! {
        #[automatically_derived]
        impl p::Record for #ident {
            fn meta(&self) -> &'static p::ModelMeta {
                <Self as p::Model>::schema()
            }
            fn value(&self, column: usize) -> p::Value<'_> {
                #value
            }
            fn set(&mut self, column: usize, value: p::Value<'_>) -> p::Result<()> {
                p::placed(#set, column, <Self as p::Model>::schema)
            }
            fn is_unset(&self, column: usize) -> bool {
                #is_unset
            }
            fn slot(&self, relation: usize) -> p::Option<&dyn p::Slot> {
                #slot
            }
            fn slot_mut(&mut self, relation: usize) -> p::Option<&mut dyn p::Slot> {
                #slot_mut
            }
            fn as_any(&self) -> &dyn p::Any {
                self
            }
            fn as_any_mut(&mut self) -> &mut dyn p::Any {
                self
            }
        }
    }
}

pub(crate) fn value(model: &Model) -> TokenStream {
    let arm = |column: &Column| {
        let (field, ty) = (&column.ident, &column.ty);
        if column.is_json() {
            let nullable = column.is_option();
            quote!(p::json_value(&self.#field, #nullable))
        } else {
            quote!(<#ty as p::ColumnType>::to_value(&self.#field))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as p::Embedded>::value(&self.#field, #column))
    };
    position::matching(model, arm, inside, &quote!(p::Value::Null))
}

pub(crate) fn set(model: &Model) -> TokenStream {
    let arm = |column: &Column| {
        let (field, ty) = (&column.ident, &column.ty);
        if column.is_json() {
            quote!(p::json_assign(&mut self.#field, value))
        } else {
            quote!(p::assign::<#ty>(&mut self.#field, value))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as p::Embedded>::set(&mut self.#field, #column, value))
    };
    position::matching(model, arm, inside, &quote!(p::Ok(())))
}

pub(crate) fn is_unset(model: &Model) -> TokenStream {
    let arm = |column: &Column| {
        let (field, ty) = (&column.ident, &column.ty);
        if column.is_json() {
            quote!(false)
        } else {
            quote!(<#ty as p::ColumnType>::is_unset(&self.#field))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as p::Embedded>::is_unset(&self.#field, #column))
    };
    position::matching(model, arm, inside, &quote!(false))
}

fn slot(model: &Model, borrow: &TokenStream) -> TokenStream {
    let arms = model.relations.iter().enumerate().map(|(at, relation)| {
        let at = Literal::usize_unsuffixed(at);
        let field = &relation.ident;
        quote!(#at => p::Some(#borrow self.#field),)
    });
    quote!(match relation { #(#arms)* _ => p::None })
}

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
        impl __p::Record for #ident {
            fn meta(&self) -> &'static __p::ModelMeta {
                <Self as __p::Model>::schema()
            }
            fn value(&self, column: usize) -> __p::Value<'_> {
                #value
            }
            fn set(&mut self, column: usize, value: __p::Value<'_>) -> __p::Result<()> {
                __p::placed(#set, column, <Self as __p::Model>::schema)
            }
            fn is_unset(&self, column: usize) -> bool {
                #is_unset
            }
            fn slot(&self, relation: usize) -> __p::Option<&dyn __p::Slot> {
                #slot
            }
            fn slot_mut(&mut self, relation: usize) -> __p::Option<&mut dyn __p::Slot> {
                #slot_mut
            }
            fn as_any(&self) -> &dyn __p::Any {
                self
            }
            fn as_any_mut(&mut self) -> &mut dyn __p::Any {
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
            quote!(__p::json_value(&self.#field, #nullable))
        } else {
            quote!(<#ty as __p::Field>::value(&self.#field))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as __p::Embedded>::value(&self.#field, #column))
    };
    position::matching(model, arm, inside, &quote!(__p::Value::Null))
}

pub(crate) fn set(model: &Model) -> TokenStream {
    let arm = |column: &Column| {
        let (field, ty) = (&column.ident, &column.ty);
        if column.is_json() {
            quote!(__p::json_assign(&mut self.#field, value))
        } else {
            quote!(<#ty as __p::Field>::assign(&mut self.#field, value))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as __p::Embedded>::set(&mut self.#field, #column, value))
    };
    position::matching(model, arm, inside, &quote!(__p::Ok(())))
}

pub(crate) fn is_unset(model: &Model) -> TokenStream {
    let arm = |column: &Column| {
        let (field, ty) = (&column.ident, &column.ty);
        if column.is_json() {
            quote!(false)
        } else {
            quote!(<#ty as __p::Field>::unset(&self.#field))
        }
    };
    let inside = |held: &Embedded, column: &TokenStream| {
        let (field, ty) = (&held.ident, &held.ty);
        quote!(<#ty as __p::Embedded>::is_unset(&self.#field, #column))
    };
    position::matching(model, arm, inside, &quote!(false))
}

fn slot(model: &Model, borrow: &TokenStream) -> TokenStream {
    let arms = model.relations.iter().enumerate().map(|(at, relation)| {
        let at = Literal::usize_unsuffixed(at);
        let field = &relation.ident;
        quote!(#at => __p::Some(#borrow self.#field),)
    });
    quote!(match relation { #(#arms)* _ => __p::None })
}

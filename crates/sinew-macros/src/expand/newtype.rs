//! `impl ColumnType` for a struct around one column.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Index, Member};

use crate::model::Errors;
use crate::parse::option_inner;

pub(crate) fn implementation(input: &DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    let wrong = "`Newtype` is for structs around one column: `struct UserId(i64);`";
    let Data::Struct(data) = &input.data else {
        errors.tokens(&input.ident, wrong);
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.tokens(
            &input.generics,
            "`Newtype` is for structs without generic parameters",
        );
    }
    let mut fields = data.fields.iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        errors.tokens(&input.ident, wrong);
        return None;
    };
    if let (Fields::Unnamed(_) | Fields::Named(_), Some(inner)) =
        (&data.fields, option_inner(&field.ty))
    {
        let message = "wrap the plain type, and use `Option` of the newtype in models";
        errors.tokens(inner, message);
    }
    let (ident, ty) = (&input.ident, &field.ty);
    let member = field
        .ident
        .clone()
        .map_or(Member::Unnamed(Index::from(0)), Member::Named);
    Some(quote! {
        #[automatically_derived]
        impl __p::Required for #ident {}

        #[automatically_derived]
        impl __p::Element for #ident {
            type Plain = Self;
        }

        #[automatically_derived]
        impl __p::ColumnType for #ident {
            const FAMILY: __p::TypeFamily = <#ty as __p::ColumnType>::FAMILY;

            fn to_value(&self) -> __p::Value<'_> {
                <#ty as __p::ColumnType>::to_value(&self.#member)
            }
            fn from_value(value: __p::Value<'_>) -> __p::CoreResult<Self, __p::Misfit> {
                __p::Ok(Self { #member: <#ty as __p::ColumnType>::from_value(value)? })
            }
            fn from_row(row: &dyn __p::Row, index: usize) -> __p::Option<Self> {
                __p::Some(Self { #member: <#ty as __p::ColumnType>::from_row(row, index)? })
            }
            fn is_unset(&self) -> bool {
                <#ty as __p::ColumnType>::is_unset(&self.#member)
            }
        }
    })
}

//! `impl ColumnType` for a fieldless enum.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::enumeration::Enumeration;

pub(crate) fn implementation(enumeration: &Enumeration) -> TokenStream {
    let ident = &enumeration.ident;
    let name = crate::parse::plain(ident);
    let variants: Vec<_> = enumeration
        .variants
        .iter()
        .map(|variant| &variant.ident)
        .collect();
    let (family, to_value, from_value) = if enumeration.integer {
        let numbers: Vec<_> = enumeration
            .variants
            .iter()
            .map(|variant| &variant.number)
            .collect();
        (
            quote!(__p::TypeFamily::Int64),
            quote!(__p::Value::Int(match self { #(Self::#variants => #numbers),* })),
            quote! {
                let number = <i64 as __p::ColumnType>::from_value(value)?;
                #(if number == (#numbers) { return __p::Ok(Self::#variants); })*
                __p::Err(__p::unknown_number(#name))
            },
        )
    } else {
        let texts: Vec<_> = enumeration
            .variants
            .iter()
            .map(|variant| &variant.text)
            .collect();
        (
            quote!(__p::TypeFamily::Enum(&[#(#texts),*])),
            quote!(__p::text_value(match self { #(Self::#variants => #texts),* })),
            quote! {
                let text = __p::text_of(&value)?;
                match text {
                    #(#texts => __p::Ok(Self::#variants),)*
                    _ => __p::Err(__p::unknown_text(#name, &[#(#texts),*])),
                }
            },
        )
    };
    quote! {
        #[automatically_derived]
        impl __p::Required for #ident {}

        #[automatically_derived]
        impl __p::Element for #ident {
            type Plain = Self;
        }

        #[automatically_derived]
        impl __p::ColumnType for #ident {
            const FAMILY: __p::TypeFamily = #family;

            fn to_value(&self) -> __p::Value<'_> {
                #to_value
            }
            fn from_value(value: __p::Value<'_>) -> __p::CoreResult<Self, __p::Misfit> {
                #from_value
            }
        }
    }
}

//! `impl ColumnType` for a fieldless enum.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::enumeration::Enumeration;

pub(crate) fn implementation(enumeration: &Enumeration) -> TokenStream {
    let ident = &enumeration.ident;
    let name = crate::parse::plain(ident);
    let variants: Vec<_> = enumeration.variants.iter().map(|variant| &variant.ident).collect();
    let (family, to_value, from_value) = if enumeration.integer {
        let numbers: Vec<_> = enumeration.variants.iter().map(|variant| &variant.number).collect();
        (
            quote!(p::TypeFamily::Int64),
            quote!(p::Value::Int(match self { #(Self::#variants => #numbers),* })),
            quote! {
                let number = <i64 as p::ColumnType>::from_value(value)?;
                #(if number == (#numbers) { return p::Ok(Self::#variants); })*
                p::Err(p::unknown_number(#name, number))
            },
        )
    } else {
        let texts: Vec<_> = enumeration.variants.iter().map(|variant| &variant.text).collect();
        (
            quote!(p::TypeFamily::Enum(&[#(#texts),*])),
            quote!(p::text_value(match self { #(Self::#variants => #texts),* })),
            quote! {
                let text = p::text_of(&value)?;
                match text {
                    #(#texts => p::Ok(Self::#variants),)*
                    _ => p::Err(p::unknown_text(#name, text, &[#(#texts),*])),
                }
            },
        )
    };
    quote! {
        #[automatically_derived]
        impl p::Required for #ident {}

        #[automatically_derived]
        impl p::ColumnType for #ident {
            const FAMILY: p::TypeFamily = #family;

            fn to_value(&self) -> p::Value<'_> {
                #to_value
            }
            fn from_value(value: p::Value<'_>) -> p::CoreResult<Self, p::Misfit> {
                #from_value
            }
        }
    }
}

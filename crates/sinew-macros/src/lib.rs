//! The derive macros of Sinew: `Model`, `Embedded`, `PolymorphicOwner`, `Enumeration` and
//! `Newtype`. Users reach them through the `sinew` crate, which documents them.
//!
//! An input goes through three rooms: `parse` knows what was written and where, `model` knows what
//! it means and which rules it must obey, `expand` knows the Rust that comes out. `fallback` says
//! what comes out when a rule is broken.

mod expand;
mod fallback;
mod model;
mod parse;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a model: a typed constant per field, and what Sinew needs to read, write and
/// migrate it.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::model(&input).into()
}

/// Makes a struct a group of columns that models can embed.
#[proc_macro_derive(Embedded, attributes(model))]
pub fn derive_embedded(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::embedded(&input).into()
}

/// Makes an enum of models the owner of polymorphic rows.
#[proc_macro_derive(PolymorphicOwner, attributes(polymorphic))]
pub fn derive_polymorphic_owner(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::polymorphic_owner(&input).into()
}

/// Makes a fieldless enum a column type.
#[proc_macro_derive(Enumeration, attributes(enumeration))]
pub fn derive_enumeration(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::enumeration(&input).into()
}

/// Makes a struct around one column type a column type of its own.
#[proc_macro_derive(Newtype)]
pub fn derive_newtype(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::newtype(&input).into()
}

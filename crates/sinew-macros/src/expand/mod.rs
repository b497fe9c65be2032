//! The Rust that comes out. This file is the table of contents; each part has a file.

mod any_owner;
mod checks;
pub(crate) mod constants;
mod embedded;
mod enumeration;
mod model;
mod newtype;
mod position;
mod record;
mod schema;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::fallback;
use crate::model::any_owner::AnyOwner;
use crate::model::enumeration::Enumeration;
use crate::model::{Errors, Model};

pub(crate) fn model(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let read = Model::read(input, &mut errors);
    let Some(model) = read.as_ref().filter(|_| errors.is_empty()) else {
        return fallback::model(input, read.as_ref(), &errors);
    };
    let positions = position::constants(model);
    let constants = constants::all(model);
    let column_types = constants::types(model);
    let implementation = model::implementation(model);
    let record = record::implementation(model);
    let schema = schema::model(model);
    let checks = checks::all(model);
    guest(&quote! {
        #positions
        #constants
        #column_types
        #implementation
        #record
        #schema
        #checks
    })
}

pub(crate) fn embedded(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let read = Model::read_embedded(input, &mut errors);
    let Some(model) = read.as_ref().filter(|_| errors.is_empty()) else {
        return fallback::embedded(input, read.as_ref(), &errors);
    };
    let positions = position::constants(model);
    let constants = constants::all(model);
    let column_types = constants::types(model);
    let implementation = embedded::implementation(model);
    guest(&quote! {
        #positions
        #constants
        #column_types
        #implementation
    })
}

pub(crate) fn polymorphic_owner(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    match AnyOwner::read(input, &mut errors) {
        Some(owner) if errors.is_empty() => guest(&any_owner::implementation(&owner)),
        _ => fallback::polymorphic_owner(input, &errors),
    }
}

pub(crate) fn enumeration(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    match Enumeration::read(input, &mut errors) {
        Some(enumeration) if errors.is_empty() => guest(&enumeration::implementation(&enumeration)),
        _ => fallback::column_type(input, &errors),
    }
}

pub(crate) fn newtype(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    match newtype::implementation(input, &mut errors) {
        Some(tokens) if errors.is_empty() => guest(&tokens),
        _ => fallback::column_type(input, &errors),
    }
}

/// Generated code is a guest: it names one door, and stays silent under its host's lints.
pub(crate) fn guest(tokens: &TokenStream) -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            missing_docs,
            non_upper_case_globals,
            private_interfaces,
            unreachable_pub,
            unused_qualifications,
            clippy::absolute_paths
        )]
        const _: () = {
            use ::sinew::private as __p;
            #tokens
        };
    }
}

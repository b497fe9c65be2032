//! Positions of columns. They are literals up to the first embedded struct; behind it they count
//! from a constant, since only the compiler knows how many columns that struct has.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::model::{Column, Embedded, Model};

/// The constant for the position behind embedded struct `at`.
pub(crate) fn behind(at: usize) -> Ident {
    format_ident!("BEHIND_{at}")
}

/// `number` behind embedded struct `after`.
fn at(after: Option<usize>, offset: usize) -> TokenStream {
    let literal = Literal::usize_unsuffixed(offset);
    match after {
        None => quote!(#literal),
        Some(after) if offset == 0 => behind(after).to_token_stream(),
        Some(after) => {
            let base = behind(after);
            quote!(#base + #literal)
        }
    }
}

pub(crate) fn column(column: &Column) -> TokenStream {
    at(column.after, column.offset)
}

pub(crate) fn embedded(embedded: &Embedded) -> TokenStream {
    at(embedded.after, embedded.offset)
}

/// Positions of several columns of the model.
pub(crate) fn columns(model: &Model, indices: &[usize]) -> TokenStream {
    let positions = indices
        .iter()
        .filter_map(|&at| model.columns.get(at))
        .map(column);
    quote!(&[#(#positions),*])
}

/// How many columns the model has.
pub(crate) fn count(model: &Model) -> TokenStream {
    let after = model.embedded.len().checked_sub(1);
    at(
        after,
        model
            .columns
            .iter()
            .filter(|column| column.after == after)
            .count(),
    )
}

/// The constants for the positions behind embedded structs.
pub(crate) fn constants(model: &Model) -> TokenStream {
    let all = model.embedded.iter().enumerate().map(|(at, held)| {
        let name = behind(at);
        let start = embedded(held);
        let ty = &held.ty;
        quote!(const #name: usize = #start + <#ty as __p::Embedded>::COUNT;)
    });
    quote!(#(#all)*)
}

/// A `match` on the column's position with an arm per column; embedded structs get what
/// `in_embedded` makes of them and of the position inside; `otherwise` is the last arm.
pub(crate) fn matching(
    model: &Model,
    arm: impl Fn(&Column) -> TokenStream,
    in_embedded: impl Fn(&Embedded, &TokenStream) -> TokenStream,
    otherwise: &TokenStream,
) -> TokenStream {
    let mut tokens = segment(model, model.embedded.len(), &arm, None, otherwise);
    for (at, held) in model.embedded.iter().enumerate().rev() {
        let behind = behind(at);
        let start = embedded(held);
        let inside = in_embedded(held, &quote!(column - (#start)));
        let rest = quote! {
            column if column < #behind => #inside,
            column => #tokens,
        };
        tokens = segment(model, at, &arm, Some(rest), otherwise);
    }
    tokens
}

/// The columns before embedded struct `until` and behind the one before it.
fn segment(
    model: &Model,
    until: usize,
    arm: &impl Fn(&Column) -> TokenStream,
    rest: Option<TokenStream>,
    otherwise: &TokenStream,
) -> TokenStream {
    let after = until.checked_sub(1);
    let here = model.columns.iter().filter(|column| column.after == after);
    let arms: Vec<_> = here
        .map(|column| {
            let offset = Literal::usize_unsuffixed(column.offset);
            let arm = arm(column);
            quote!(#offset => #arm,)
        })
        .collect();
    let subject = match after {
        None => quote!(column),
        Some(after) => {
            let behind = behind(after);
            quote!(column - #behind)
        }
    };
    match rest {
        Some(rest) if arms.is_empty() => quote!(match column { #rest }),
        Some(rest) => quote!(match #subject { #(#arms)* _ => match column { #rest } }),
        None if arms.is_empty() => otherwise.clone(),
        None => quote!(match #subject { #(#arms)* _ => #otherwise }),
    }
}

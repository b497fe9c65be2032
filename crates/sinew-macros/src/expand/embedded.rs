//! `impl Embedded`: a group of columns inside a model's.

use proc_macro2::TokenStream;
use quote::quote;

use super::{model, position, record, schema};
use crate::model::Model;

pub(crate) fn implementation(embedded: &Model) -> TokenStream {
    let ident = &embedded.ident;
    let key = model::key(embedded);
    let count = position::count(embedded);
    let parts = schema::parts(embedded);
    let generated = schema::auto_increment(embedded);
    let table_parts = schema::table_parts(embedded);
    let ends = (&quote!(__p::Some), &quote!(__p::None));
    let decode = model::decode(embedded, &quote!(place), "", ends);
    let (value, set, is_unset) = (
        record::value(embedded),
        record::set(embedded),
        record::is_unset(embedded),
    );
    quote! {
        #[automatically_derived]
        impl __p::Embedded for #ident {
            #key
            const COUNT: usize = #count;
            const SPEC: __p::EmbeddedSpec =
                __p::EmbeddedSpec::new(&[#(#parts),*]) #generated #table_parts;

            fn decode(place: &__p::Place<'_>) -> __p::Option<Self> {
                #decode
            }
            fn value(&self, column: usize) -> __p::Value<'_> {
                #value
            }
            fn set(&mut self, column: usize, value: __p::Value<'_>) -> __p::Fit {
                #set
            }
            fn is_unset(&self, column: usize) -> bool {
                #is_unset
            }
        }
    }
}

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
///
/// A field is an association when its type is `BelongsTo`, `HasOne`, `HasMany`, `ManyToMany` or
/// `BelongsToAny`; every other field is a column. The model also derives `Clone` (and usually `Debug`
/// and `Default`).
///
/// # The model itself
///
/// | `#[model(…)]` | meaning |
/// | --- | --- |
/// | `table = "people"` | the table; the plural of the model's name otherwise |
/// | `singular`, `table_prefix = "app_"` | the table's name without plural, with a prefix |
/// | `rename_all = "camelCase"` | how columns are named |
/// | `index(columns(a, b), name = "…", unique, where = "…")` | an index |
/// | `check = "a < b"`, `check("a < b", name = "…")` | a check constraint |
/// | `comment = "…"` | the table's comment |
/// | `hooks` | the model implements `Hooks` |
///
/// # Columns
///
/// | `#[model(…)]` | meaning |
/// | --- | --- |
/// | `primary_key` | a part of the primary key; a field `id` is it otherwise |
/// | `auto_increment`, `auto_increment = false` | whether the database numbers it; it does a sole integer key |
/// | `column = "…"`, `sql_type = "…"` | its name and its type in the database |
/// | `size = 100`, `precision = (10, 2)` | its length; its digits in all and after the point |
/// | `unique`, `unique_index`, `index` | a constraint, an index; `index = "name"` is shared by columns that name it |
/// | `no_index` | no index for a foreign key or a soft delete |
/// | `default = 7`, `default = sql("now()")` | its default |
/// | `check = "age > 13"`, `comment = "…"` | a check constraint, a comment |
/// | `created_at`, `updated_at` | filled by Sinew, as are timestamps of these names |
/// | `json` | any serde type, kept as JSON |
/// | `embedded`, `prefix = "author_"` | the columns of a struct that derives `Embedded` |
/// | `skip` | no column |
///
/// # Associations
///
/// | `#[model(…)]` | meaning |
/// | --- | --- |
/// | `foreign_key = user_id`, `references = code` | the key and what it refers to; `(a, b)` for several |
/// | `join_table = "…"`, `join_foreign_key = "…"`, `join_references = "…"` | the join table and its columns |
/// | `polymorphic = owner` | the targets have owners of several models |
/// | `polymorphic_value`, `polymorphic_type`, `polymorphic_id` | the owner's value, and the two fields |
/// | `through = (orders, items)` | a way over other associations, read-only |
/// | `on_update = cascade`, `on_delete = set_null` | also `restrict`, `no_action`, `set_default` |
/// | `constraint = false`, `constraint = "name"` | no foreign key constraint, or its name |
/// | `soft_cascade` | a soft delete of the owner deletes the targets softly too |
/// | `no_index` | no index for the key |
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::model(&input).into()
}

/// Makes a struct a group of columns that models and other such structs can embed, with the
/// attributes of [`Model`](macro@Model) for columns, indexes and checks. It may hold the primary key.
#[proc_macro_derive(Embedded, attributes(model))]
pub fn derive_embedded(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::embedded(&input).into()
}

/// Makes an enum of models the owner of polymorphic rows: `enum ImageOwner { User(User) }`.
///
/// The type column holds the model's table; `#[polymorphic(value = "user")]` on a variant says
/// otherwise.
///
/// A variant may hold its model in a `Box`, `User(Box<User>)`. That is what Clippy's
/// `large_enum_variant` asks for where the models differ much in size; the association keeps the
/// enum in a box anyway, so `#[allow(clippy::large_enum_variant)]` costs nothing there.
#[proc_macro_derive(PolymorphicOwner, attributes(polymorphic))]
pub fn derive_polymorphic_owner(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::polymorphic_owner(&input).into()
}

/// Makes a fieldless enum a column type, kept as text in snake_case.
///
/// `#[enumeration(rename_all = "…")]` chooses another case, `#[enumeration(rename = "…")]` on a
/// variant its text, `#[enumeration(integer)]` keeps the discriminant instead.
#[proc_macro_derive(Enumeration, attributes(enumeration))]
pub fn derive_enumeration(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::enumeration(&input).into()
}

/// Makes a struct around one column type a column type of its own: `struct UserId(i64);`, so that
/// a key of one model cannot be taken for a key of another.
#[proc_macro_derive(Newtype)]
pub fn derive_newtype(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::newtype(&input).into()
}

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
/// | `size = 100`, `precision = (10, 2)` | its length; its digits in all and after the point; in a list those of each element |
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
///
/// # Examples
/// ```
/// use sinew::prelude::*;
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[model(table = "people", index(columns(city, name)))]
/// pub struct Person {
///     pub id: i64,
///     #[model(size = 100, unique)]
///     pub name: String,
///     #[model(default = "Paris")]
///     pub city: String,
///     pub boss_id: Option<i64>,
///     pub boss: BelongsTo<Option<Person>>,
///     #[model(foreign_key = boss_id, on_delete = set_null)]
///     pub staff: HasMany<Person>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// db.auto_migrate(models![Person]).await?;
/// let staff = [Person { name: "Grace".into(), ..Default::default() }];
/// let mut ada = Person { name: "Ada".into(), staff: staff.into(), ..Default::default() };
/// db.create(&mut ada).await?;
/// let grace = db.find::<Person>().filter(Person::boss.to(Person::name).eq("Ada")).await?;
/// assert_eq!(grace[0].name, "Grace");
/// # Ok(()) }
/// ```
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::model(&input).into()
}

/// Makes a struct a group of columns that models and other such structs can embed, with the
/// attributes of [`Model`](macro@Model) for columns, indexes and checks. It may hold the primary key.
///
/// # Examples
/// ```
/// use sinew::prelude::*;
///
/// #[derive(Embedded, Clone, Debug, Default)]
/// pub struct Address { pub street: String, pub city: String }
///
/// #[derive(Model, Clone, Debug, Default)]
/// pub struct Shop {
///     pub id: i64,
///     #[model(embedded, prefix = "at_")]
///     pub address: Address,
/// }
/// assert_eq!(Shop::address.field(Address::city).name(), "at_city");
/// ```
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
///
/// # Examples
/// ```
/// use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # pub struct User { pub id: i64, #[model(polymorphic = owner)] pub images: HasMany<Image> }
/// # #[derive(Model, Clone, Debug, Default)]
/// # pub struct Company { pub id: i64, #[model(polymorphic = owner)] pub logo: HasOne<Image> }
///
/// #[derive(PolymorphicOwner, Clone, Debug)]
/// pub enum ImageOwner { User(User), Company(Company) }
///
/// #[derive(Model, Clone, Debug, Default)]
/// pub struct Image {
///     pub id: i64,
///     pub owner_id: i64,
///     pub owner_type: String,
///     #[model(polymorphic)]
///     pub owner: BelongsToAny<ImageOwner>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![User, Company, Image]).await?;
/// db.create(&mut User { images: [Image::default()].into(), ..Default::default() }).await?;
/// let images = db.find::<Image>().preload(Image::owner).await?;
/// assert!(matches!(images[0].owner.loaded()?, Some(ImageOwner::User(_))));
/// # Ok(()) }
/// ```
#[proc_macro_derive(PolymorphicOwner, attributes(polymorphic))]
pub fn derive_polymorphic_owner(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::polymorphic_owner(&input).into()
}

/// Makes a fieldless enum a column type, kept as text in snake_case.
///
/// `#[enumeration(rename_all = "…")]` chooses another case, `#[enumeration(rename = "…")]` on a
/// variant its text, `#[enumeration(integer)]` keeps the discriminant instead.
///
/// # Examples
/// ```
/// use sinew::prelude::*;
///
/// #[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
/// pub enum Status { #[default] New, GoneAway }
///
/// #[derive(Model, Clone, Debug, Default)]
/// pub struct Customer { pub id: i64, pub status: Status }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Customer]).await?;
/// db.create(&mut Customer { status: Status::GoneAway, ..Default::default() }).await?;
/// assert_eq!(db.query::<(String,)>("SELECT status FROM customers", ()).await?[0].0, "gone_away");
/// assert_eq!(db.find::<Customer>().filter(Customer::status.eq(Status::GoneAway)).count().await?, 1);
/// # Ok(()) }
/// ```
#[proc_macro_derive(Enumeration, attributes(enumeration))]
pub fn derive_enumeration(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::enumeration(&input).into()
}

/// Makes a struct around one column type a column type of its own: `struct UserId(i64);`, so that
/// a key of one model cannot be taken for a key of another.
///
/// # Examples
/// ```
/// use sinew::prelude::*;
///
/// #[derive(Newtype, Clone, Copy, Debug, Default, PartialEq)]
/// pub struct UserId(i64);
///
/// #[derive(Model, Clone, Debug, Default)]
/// pub struct User { pub id: UserId, pub orders: HasMany<Order> }
///
/// #[derive(Model, Clone, Debug, Default)]
/// pub struct Order { pub id: i64, pub user_id: UserId }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![User, Order]).await?;
/// let mut user = User { orders: [Order::default()].into(), ..Default::default() };
/// db.create(&mut user).await?;
/// assert_eq!(user.orders.loaded()?[0].user_id, UserId(1));
/// # Ok(()) }
/// ```
#[proc_macro_derive(Newtype)]
pub fn derive_newtype(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::newtype(&input).into()
}

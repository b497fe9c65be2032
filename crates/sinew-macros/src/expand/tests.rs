//! The code that comes out: it is small and says what it should.

use proc_macro2::TokenStream;
use syn::parse_quote;

fn compact(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

#[track_caller]
fn contains(code: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            code.contains(&part.replace(' ', "")),
            "{part:?} is not in\n{code}"
        );
    }
}

#[test]
fn a_model_becomes_constants_and_impls() {
    let code = compact(&super::model(&parse_quote! {
        pub struct User {
            pub id: i64,
            pub company_id: Option<i64>,
            pub company: BelongsTo<Option<Company>>,
            pub(crate) orders: HasMany<Order>,
        }
    }));
    contains(
        &code,
        &[
            "use ::sinew::private as __p;",
            "pub const id: __p::Column<User, i64> = __p::Column::new(0, true);",
            "pub const company: __p::Relation<User, Company, __p::kind::BelongsTo<Option<i64>>>",
            "pub(crate) const orders: __p::Relation<User, Order, __p::kind::HasMany<\
             <Order as __p::ColumnAt<{ Order::user_id.index() }>>::Type>>",
            "impl __p::ColumnAt<{ 1 }> for User { type Type = Option<i64>; }",
            "type Key = i64;",
            "const COLUMNS: usize = 2;",
            "__p::RelationSpec::belongs_to(\"company\", false, &[1], <Company as __p::Model>::KEY, \
             <Company as __p::Model>::schema)",
            "__p::ForeignKey<Option<i64>, <Company as __p::Model>::Key>",
        ],
    );
}

#[test]
fn columns_behind_an_embedded_struct_count_from_its_end() {
    let code = compact(&super::model(&parse_quote! {
        struct Post {
            id: i64,
            #[model(embedded, prefix = "author_")]
            author: Author,
            title: String,
        }
    }));
    contains(
        &code,
        &[
            "const BEHIND_0: usize = 1 + <Author as __p::Embedded>::COUNT;",
            "const author: __p::EmbeddedColumns<Post, Author> = __p::EmbeddedColumns::new(1);",
            "const title: __p::Column<Post, String> = __p::Column::new(BEHIND_0, false);",
            "impl __p::ColumnAt<{ BEHIND_0 }> for Post",
            "column if column < BEHIND_0 =>",
        ],
    );
}

#[test]
fn a_broken_model_is_reported_and_still_a_model() {
    let code = compact(&super::model(&parse_quote! {
        struct User {
            #[model(primry_key)]
            id: String,
            orders: HasMany<Order>,
        }
    }));
    contains(
        &code,
        &[
            "compile_error!",
            "impl __p::Model for User",
            "impl __p::Record for User",
            "type Key = String;",
            "const orders: __p::Relation<User, Order,",
        ],
    );
}

/// The tokens of [`ten_columns_and_three_associations`]: what each model of an application costs the
/// compiler before anything else does.
const TOKENS: usize = 3_198;

fn count(tokens: TokenStream) -> usize {
    tokens.into_iter().fold(0, |sum, token| match token {
        proc_macro2::TokenTree::Group(group) => sum + 2 + count(group.stream()),
        _ => sum + 1,
    })
}

fn ten_columns_and_three_associations() -> syn::DeriveInput {
    parse_quote! {
        pub struct Thing {
            pub id: i64,
            pub parent_id: Option<i64>,
            pub parent: BelongsTo<Option<Parent>>,
            pub name: String,
            pub email: String,
            pub title: String,
            pub body: String,
            pub age: i32,
            pub score: f64,
            pub active: bool,
            pub created_at: Timestamp,
            #[model(foreign_key = parent_id)]
            pub children: HasMany<Child>,
            #[model(join_table = "links")]
            pub peers: ManyToMany<Peer>,
        }
    }
}

#[test]
fn the_code_of_a_model_stays_small() {
    let now = count(super::model(&ten_columns_and_three_associations()));
    assert!(
        now <= TOKENS + TOKENS / 50,
        "a model of ten columns and three associations becomes {now} tokens, more than two in a \
         hundred above {TOKENS}. Each model of each application pays for it: move what is the same \
         for all models into `sinew::generated`. If it is worth it, set `TOKENS` to {now} and say \
         why in the commit; `cargo xtask bench --compile --contenders sinew` shows what it costs."
    );
    assert!(
        now >= TOKENS - TOKENS / 10,
        "it is {now} tokens now: set `TOKENS` to that, so that they stay away"
    );
}

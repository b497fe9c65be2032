//! The rules: each mistake is found, in words that say what to do, and a correct model has none.

use syn::{DeriveInput, parse_quote};

use super::any_owner::AnyOwner;
use super::enumeration::Enumeration;
use super::{Errors, Key, Link, Model};

fn mistakes(input: &DeriveInput) -> Vec<String> {
    let mut errors = Errors::default();
    Model::read(input, &mut errors);
    errors.messages()
}

fn model(input: &DeriveInput) -> Model {
    let mut errors = Errors::default();
    let model = Model::read(input, &mut errors);
    assert_eq!(errors.messages(), Vec::<String>::new());
    model.expect("a struct with named fields")
}

/// Asserts that there is exactly one mistake, which contains these words.
#[track_caller]
fn one_mistake(input: &DeriveInput, words: &[&str]) {
    let found = mistakes(input);
    assert_eq!(found.len(), 1, "{found:#?}");
    for word in words {
        assert!(found[0].contains(word), "{word:?} is not in {:?}", found[0]);
    }
}

#[test]
fn a_correct_model_has_no_mistakes() {
    let user = model(&parse_quote! {
        struct User {
            id: i64,
            created_at: Timestamp,
            deleted_at: DeletedAt,
            #[model(size = 100, unique, check = "name <> ''")]
            name: String,
            company_id: Option<i64>,
            company: BelongsTo<Option<Company>>,
            manager_id: Option<i64>,
            manager: sinew::BelongsTo<Option<Self>>,
            #[model(foreign_key = manager_id)]
            reports: HasMany<Self>,
            #[model(on_delete = cascade, constraint = "fk_mine")]
            orders: HasMany<Order>,
            #[model(through = (orders, items))]
            items: HasMany<Item>,
            #[model(join_table = "user_languages")]
            languages: ManyToMany<Language>,
            spoken: ManyToMany<Language, UserLanguage>,
            #[model(polymorphic = owner)]
            images: HasMany<Image>,
        }
    });
    assert_eq!(user.table, "users");
    assert_eq!(user.columns.len(), 6);
    assert_eq!(user.relations.len(), 8);
    assert!(matches!(&user.key, Key::Columns(key) if key == &[0]));
}

#[test]
fn misspelt_attributes_are_guessed() {
    one_mistake(
        &parse_quote!(
            struct User {
                #[model(primry_key)]
                id: i64,
            }
        ),
        &[
            "unknown attribute `primry_key`",
            "did you mean `primary_key`?",
            "`size`",
        ],
    );
    one_mistake(
        &parse_quote!(
            #[model(tabel = "people")]
            struct User {
                id: i64,
            }
        ),
        &["did you mean `table`?"],
    );
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                #[model(many2many = "x")]
                name: String,
            }
        ),
        &["many2many", "`join_table = \"…\"` on a `ManyToMany` field"],
    );
}

#[test]
fn attributes_stay_in_their_places() {
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                #[model(join_table = "x")]
                orders: HasMany<Order>,
            }
        ),
        &["`join_table` belongs on a `ManyToMany`, not on a `HasMany`"],
    );
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                #[model(size = 3)]
                orders: HasMany<Order>,
            }
        ),
        &["`size` belongs on a column, not on a `HasMany`"],
    );
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                #[model(foreign_key = x)]
                name: String,
            }
        ),
        &["`foreign_key` belongs on a `BelongsTo`", "not on a column"],
    );
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                #[model(skip, size = 4)]
                name: String,
            }
        ),
        &["`size` belongs on a column, not on a skipped field"],
    );
}

#[test]
fn values_have_the_right_form() {
    let cases: [(DeriveInput, &str); 8] = [
        (
            parse_quote!(
                struct U {
                    #[model(size = "9")]
                    id: i64,
                }
            ),
            "`size = 100`",
        ),
        (
            parse_quote!(
                struct U {
                    #[model(size = 0)]
                    id: i64,
                }
            ),
            "above zero",
        ),
        (
            parse_quote!(
                struct U {
                    #[model(unique = "x")]
                    id: i64,
                }
            ),
            "`unique` takes no value",
        ),
        (
            parse_quote!(
                struct U {
                    #[model(column = name)]
                    id: i64,
                }
            ),
            "`column` takes a string",
        ),
        (
            parse_quote!(
                struct U {
                    #[model(precision = (1, 2, 3))]
                    id: i64,
                }
            ),
            "(10, 2)",
        ),
        (
            parse_quote!(
                struct U {
                    #[model(unique, unique)]
                    id: i64,
                }
            ),
            "written twice",
        ),
        (
            parse_quote!(
                struct U {
                    id: i64,
                    #[model(foreign_key = "user_id")]
                    o: HasMany<O>,
                }
            ),
            "without quotes",
        ),
        (
            parse_quote!(
                struct U {
                    id: i64,
                    #[model(on_delete = cascad)]
                    o: HasMany<O>,
                }
            ),
            "did you mean `cascade`?",
        ),
    ];
    for (input, words) in cases {
        one_mistake(&input, &[words]);
    }
}

#[test]
fn all_mistakes_are_found_at_once() {
    let found = mistakes(&parse_quote! {
        #[model(tabel = "x")]
        struct User {
            #[model(uniqe)]
            id: i64,
            #[model(size = "x", join_table = "y")]
            name: String,
            company: BelongsTo<Company>,
            languages: ManyToMany<Language>,
            #[model(column = "name")]
            other: String,
        }
    });
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn broken_syntax_hides_nothing_else() {
    let found = mistakes(&parse_quote! {
        struct User {
            #[model(size = , uniqe)]
            id: i64,
            #[model(size 4)]
            name: String,
            #[model]
            other: String,
        }
    });
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_belongs_to_finds_its_key() {
    let key_of = |input: &DeriveInput| -> Vec<String> {
        let model = model(input);
        let Some(Link::BelongsTo { own, .. }) = model.relations.first().map(|r| &r.link) else {
            panic!("not a belongs-to");
        };
        own.iter()
            .map(|&at| model.columns[at].field.clone())
            .collect()
    };
    let by_id = parse_quote!(
        struct O {
            id: i64,
            user_id: i64,
            user_no: i64,
            user: BelongsTo<User>,
        }
    );
    assert_eq!(key_of(&by_id), ["user_id"]);
    let by_prefix = parse_quote!(
        struct O {
            id: i64,
            user_code: String,
            user: BelongsTo<User>,
        }
    );
    assert_eq!(key_of(&by_prefix), ["user_code"]);
    let by_reference = parse_quote!(
        struct O {
            id: i64,
            user_id: i64,
            user_code: String,
            #[model(references = code)]
            user: BelongsTo<User>,
        }
    );
    assert_eq!(key_of(&by_reference), ["user_code"]);
    let by_reference_and_id = parse_quote!(
        struct O {
            id: i64,
            user_id: String,
            #[model(references = code)]
            user: BelongsTo<User>,
        }
    );
    assert_eq!(key_of(&by_reference_and_id), ["user_id"]);
    let named = parse_quote!(
        struct O {
            id: i64,
            a: i64,
            b: i64,
            #[model(foreign_key = (a, b), references = (id, location_id))]
            user: BelongsTo<User>,
        }
    );
    assert_eq!(key_of(&named), ["a", "b"]);
}

#[test]
fn a_belongs_to_without_a_key_lists_candidates() {
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                account_id: i64,
                usr_id: i64,
                user: BelongsTo<User>,
            }
        ),
        &[
            "`O::user` needs a key",
            "no field `user_id`",
            "`usr_id` or `account_id`",
        ],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user_a: i64,
                user_b: i64,
                user: BelongsTo<User>,
            }
        ),
        &[
            "which field is the key of `O::user`?",
            "`user_a` or `user_b`",
        ],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user_id: i64,
                #[model(foreign_key = usr_id)]
                user: BelongsTo<User>,
            }
        ),
        &["`O` has no column `usr_id`; did you mean `user_id`?"],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                a: i64,
                b: i64,
                #[model(foreign_key = (a, b), references = id)]
                user: BelongsTo<User>,
            }
        ),
        &["`foreign_key` names 2 fields and `references` 1"],
    );
}

#[test]
fn optional_and_required_go_with_their_keys() {
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user_id: i64,
                user: BelongsTo<Option<User>>,
            }
        ),
        &[
            "`O::user` is optional, but its key `user_id` is not",
            "`BelongsTo<User>`",
        ],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user_id: Option<i64>,
                user: BelongsTo<User>,
            }
        ),
        &["`O::user` is required", "`BelongsTo<Option<User>>`"],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user_id: i64,
                #[model(on_delete = set_null)]
                user: BelongsTo<User>,
            }
        ),
        &["cannot be set to NULL"],
    );
    one_mistake(
        &parse_quote!(
            struct O {
                id: i64,
                user: HasOne<Option<User>>,
            }
        ),
        &["`HasOne` may always be empty"],
    );
}

#[test]
fn self_references_need_an_own_key() {
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                manager_id: Option<i64>,
                reports: HasMany<User>,
            }
        ),
        &[
            "which field is the key of `User::reports`?",
            "`foreign_key = manager_id`",
        ],
    );
    model(&parse_quote!(
        struct User {
            id: i64,
            user_id: Option<i64>,
            reports: HasMany<User>,
        }
    ));
}

#[test]
fn referenced_columns_are_unique() {
    one_mistake(
        &parse_quote!(
            struct User {
                id: i64,
                code: String,
                #[model(references = code)]
                cards: HasMany<Card>,
            }
        ),
        &["`User::code` is not unique"],
    );
    for attribute in [
        "unique",
        "unique_index",
        "unique_index = \"u\"",
        "primary_key",
    ] {
        let attribute: proc_macro2::TokenStream = attribute.parse().expect("tokens");
        model(&parse_quote!(
            struct User {
                id: i64,
                #[model(#attribute)]
                code: String,
                #[model(references = code)]
                cards: HasMany<Card>,
            }
        ));
    }
}

#[test]
fn keys_are_sane() {
    one_mistake(
        &parse_quote!(
            struct U {
                name: String,
            }
        ),
        &["no primary key", "`id: i64`"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                #[model(primary_key)]
                name: Option<String>,
            }
        ),
        &["cannot be an `Option`"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                id: Option<i64>,
            }
        ),
        &["cannot be an `Option`"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                id: i64,
                #[model(auto_increment)]
                n: i64,
            }
        ),
        &["only a primary key", "`n` is none"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                id: i64,
                a: DeletedAt,
                b: DeletedAt,
            }
        ),
        &["`a` makes deletes soft already"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                id: i64,
                name: String,
                #[model(column = "NAME")]
                other: String,
            }
        ),
        &["`name` and `other` are both stored"],
    );
}

#[test]
fn ways_through_begin_at_an_own_association() {
    one_mistake(
        &parse_quote!(
            struct U {
                id: i64,
                orders: HasMany<Order>,
                #[model(through = (order, items))]
                items: HasMany<Item>,
            }
        ),
        &["`U` has no association `order`; did you mean `orders`?"],
    );
    one_mistake(
        &parse_quote!(
            struct U {
                id: i64,
                orders: HasMany<Order>,
                #[model(through = (orders, items), on_delete = cascade)]
                items: HasMany<Item>,
            }
        ),
        &["`on_delete` means nothing beside `through`"],
    );
}

#[test]
fn other_shapes_are_refused() {
    one_mistake(
        &parse_quote!(
            struct U(i64);
        ),
        &["structs with named fields", "Newtype"],
    );
    one_mistake(
        &parse_quote!(
            enum U {
                A,
            }
        ),
        &["`#[derive(Enumeration)]`"],
    );
    one_mistake(
        &parse_quote!(
            struct U<T> {
                id: T,
            }
        ),
        &["without generic parameters"],
    );
}

#[test]
fn tables_follow_the_naming_attributes() {
    let cases: [(DeriveInput, &str); 5] = [
        (
            parse_quote!(
                struct CreditCard {
                    id: i64,
                }
            ),
            "credit_cards",
        ),
        (
            parse_quote!(
                #[model(table = "cc")]
                struct CreditCard {
                    id: i64,
                }
            ),
            "cc",
        ),
        (
            parse_quote!(
                #[model(singular)]
                struct CreditCard {
                    id: i64,
                }
            ),
            "credit_card",
        ),
        (
            parse_quote!(
                #[model(table_prefix = "app_")]
                struct Person {
                    id: i64,
                }
            ),
            "app_people",
        ),
        (
            parse_quote!(
                #[model(table = "app.users")]
                struct Person {
                    id: i64,
                }
            ),
            "app.users",
        ),
    ];
    for (input, table) in cases {
        assert_eq!(model(&input).table, table);
    }
    let renamed = model(&parse_quote! {
        #[model(rename_all = "camelCase")]
        struct User { id: i64, first_name: String, #[model(column = "AGE")] age: i32, r#type: i32 }
    });
    let names: Vec<_> = renamed
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["id", "firstName", "AGE", "type"]);
}

#[test]
fn defaults_become_sql() {
    let model = model(&parse_quote! {
        struct U {
            id: i64,
            #[model(default = -7)] a: i32,
            #[model(default = 1_000)] b: i32,
            #[model(default = "it's")] c: String,
            #[model(default = true)] d: bool,
            #[model(default = sql("now()"))] e: Timestamp,
            #[model(default = 0.5)] f: f64,
        }
    });
    let defaults: Vec<_> = model
        .columns
        .iter()
        .filter_map(super::Column::default_sql)
        .collect();
    assert_eq!(defaults, ["-7", "1000", "'it''s'", "TRUE", "now()", "0.5"]);
}

#[test]
fn enumerations_name_and_number_their_variants() {
    let mut errors = Errors::default();
    let read = Enumeration::read(
        &parse_quote! {
            #[enumeration(rename_all = "SCREAMING_SNAKE_CASE")]
            enum State { InWork, #[enumeration(rename = "ok")] Done = 5, Gone }
        },
        &mut errors,
    );
    let variants = read.expect("an enum").variants;
    let texts: Vec<_> = variants
        .iter()
        .map(|variant| variant.text.as_str())
        .collect();
    assert_eq!(texts, ["IN_WORK", "ok", "GONE"]);
    let numbers: Vec<_> = variants
        .iter()
        .map(|variant| variant.number.to_string())
        .collect();
    assert_eq!(numbers, ["0", "(5)", "(5) + 1"]);
    assert!(errors.is_empty());

    let wrong: DeriveInput = parse_quote!(
        #[enumeration(renam_all = "x")]
        enum State {
            A(i64),
            #[enumeration(rename = "c")]
            B,
            C,
        }
    );
    Enumeration::read(&wrong, &mut errors);
    assert_eq!(errors.messages().len(), 3, "{:#?}", errors.messages());
}

#[test]
fn owners_are_enums_of_models() {
    let mut errors = Errors::default();
    let owner = AnyOwner::read(
        &parse_quote!(
            enum Owner {
                User(User),
                #[polymorphic(value = "c")]
                Company(Box<Company>),
            }
        ),
        &mut errors,
    );
    assert!(errors.is_empty());
    let boxed: Vec<_> = owner
        .expect("an enum")
        .variants
        .iter()
        .map(|v| v.boxed)
        .collect();
    assert_eq!(boxed, [false, true]);
    AnyOwner::read(
        &parse_quote!(
            enum Owner {
                A,
                B { x: i64 },
            }
        ),
        &mut errors,
    );
    AnyOwner::read(
        &parse_quote!(
            struct Owner;
        ),
        &mut errors,
    );
    assert_eq!(errors.messages().len(), 3);
}

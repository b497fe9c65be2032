//! What a new database gets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use sinew_core::ErrorKind;
use sinew_core::schema::{Linkage, ModelMeta, ReferentialAction, RelationMeta};
use sinew_core::value::TypeFamily as F;
use sinew_migrate::desired;
use support::models::{self as m, belongs_to, col, has, model, null, relation};
use support::{golden, migrate, migrate_models, open, rows};

fn leak(model: ModelMeta) -> &'static ModelMeta {
    Box::leak(Box::new(model))
}

fn created(case: &str, models: &[&'static ModelMeta]) {
    let db = open();
    let plan = migrate_models(&db, models);
    golden(case, "plan.txt", &plan.to_string());
}

#[test]
fn north_star() {
    created(
        "north_star",
        &[
            m::profile(),
            m::order(),
            m::user(),
            m::image(),
            m::company(),
            m::language(),
        ],
    );
}

#[test]
fn every_type() {
    created("every_type", &[m::everything()]);
}

#[test]
fn circle() {
    created("circle", &[m::chicken(), m::egg()]);
}

#[test]
fn join_model_and_composite_keys() {
    created("join_model", &[m::person()]);
}

#[test]
fn the_order_of_models_makes_no_difference() {
    let models = [
        m::profile(),
        m::order(),
        m::user(),
        m::image(),
        m::company(),
        m::language(),
    ];
    let sorted = |models: &[&'static ModelMeta]| {
        let mut tables = desired(models).unwrap().tables;
        for table in &mut tables {
            table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
            table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        }
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        tables
    };
    let wanted = sorted(&models);
    for turn in 1..models.len() {
        let mut turned = models;
        turned.rotate_left(turn);
        assert_eq!(sorted(&turned), wanted);
        let db = open();
        migrate_models(&db, &turned);
    }
}

#[test]
fn targets_are_created_but_children_are_not() {
    let schema = desired(&[m::user()]).unwrap();
    let mut names: Vec<_> = schema
        .tables
        .iter()
        .map(|table| table.name.as_ref())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "companies",
            "languages",
            "user_friends",
            "user_languages",
            "users"
        ]
    );
    let db = open();
    migrate(&db, &schema);
    // The child comes later and gets its key then.
    migrate_models(&db, &[m::user(), m::order()]);
    let orders = desired(&[m::order()]).unwrap();
    assert!(orders.table("users").is_some());
}

#[test]
fn names_of_foreign_keys() {
    let schema = desired(&[m::user(), m::order(), m::profile()]).unwrap();
    let names = |table: &str| -> Vec<String> {
        let keys = &schema.table(table).unwrap().foreign_keys;
        keys.iter().map(|key| key.name.to_string()).collect()
    };
    assert_eq!(names("orders"), ["fk_users_orders"]);
    assert_eq!(names("profiles"), ["fk_users_profile"]);
    assert_eq!(names("users"), ["fk_users_company", "fk_users_reports"]);
    assert_eq!(
        names("user_languages"),
        ["fk_user_languages_user", "fk_user_languages_language"]
    );
    assert_eq!(
        names("user_friends"),
        ["fk_user_friends_user", "fk_user_friends_friends"]
    );
    let profile = &schema.table("profiles").unwrap().foreign_keys[0];
    assert_eq!(profile.on_update, Some(ReferentialAction::Cascade));
}

fn parent(children: RelationMeta) -> ModelMeta {
    ModelMeta {
        relations: vec![children],
        ..model(
            "Parent",
            "parents",
            vec![
                col("id", F::Int64),
                col("code", F::Text),
                null("x", F::Int64),
            ],
        )
    }
}

fn child() -> &'static ModelMeta {
    leak(model(
        "Child",
        "children",
        vec![col("id", F::Int64), col("parent_id", F::Int64)],
    ))
}

fn loner() -> &'static ModelMeta {
    leak(parent(has("none", 1, child)))
}

#[test]
fn contradicting_actions_are_an_error() {
    fn mother() -> &'static ModelMeta {
        leak(parent(RelationMeta {
            on_delete: Some(ReferentialAction::Cascade),
            ..has("children", 1, strict_child)
        }))
    }
    fn strict_child() -> &'static ModelMeta {
        leak(ModelMeta {
            relations: vec![RelationMeta {
                on_delete: Some(ReferentialAction::Restrict),
                ..belongs_to("parent", 1, mother)
            }],
            ..model(
                "Child",
                "children",
                vec![col("id", F::Int64), col("parent_id", F::Int64)],
            )
        })
    }
    let error = desired(&[mother(), strict_child()]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    for part in ["Parent.children", "CASCADE", "Child.parent", "RESTRICT"] {
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn a_reference_to_a_column_that_is_not_unique_is_an_error() {
    let linkage = Linkage::Target {
        own: vec![1],
        far: vec![1],
        polymorphic: None,
        target: child,
    };
    let parent = leak(parent(relation("children", true, linkage)));
    let error = desired(&[parent, child()]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error
            .message()
            .contains("Parent.children refers to parents(code)"),
        "{error}"
    );
}

#[test]
fn columns_that_hold_a_key_are_made_unique_together() {
    fn pair() -> &'static ModelMeta {
        leak(model(
            "Child",
            "children",
            vec![
                col("id", F::Int64),
                null("parent_id", F::Int64),
                null("parent_x", F::Int64),
            ],
        ))
    }
    let linkage = Linkage::Target {
        own: vec![0, 2],
        far: vec![1, 2],
        polymorphic: None,
        target: pair,
    };
    let parent = leak(parent(relation("children", true, linkage)));
    let db = open();
    migrate_models(&db, &[parent, pair()]);
    db.execute_batch(
        "INSERT INTO parents VALUES (1, 'a', 2); INSERT INTO children VALUES (1, 1, 2)",
    )
    .unwrap();
    assert!(
        db.execute("INSERT INTO children VALUES (2, 1, 3)", [])
            .is_err()
    );
}

#[test]
fn without_constraint_there_is_an_index_still() {
    let parent = leak(parent(RelationMeta {
        constrained: false,
        ..has("children", 1, child)
    }));
    let schema = desired(&[parent, child()]).unwrap();
    let children = schema.table("children").unwrap();
    assert!(children.foreign_keys.is_empty());
    assert_eq!(children.indexes[0].name, "idx_children_parent_id");
}

#[test]
fn long_names_are_cut_and_stay_found() {
    let name: &'static str = "a_column_whose_name_is_so_long_that_no_index_can_be_called_after_it";
    let mut model = model(
        "Long",
        "long",
        vec![col("id", F::Int64), col(name, F::Text)],
    );
    model.columns[1].unique = true;
    let db = open();
    let plan = migrate_models(&db, &[leak(model)]);
    assert!(
        plan.to_string()
            .contains("CONSTRAINT \"uni_long_a_column_whose")
    );
}

#[test]
fn a_model_in_another_schema() {
    let db = open();
    db.execute_batch("ATTACH ':memory:' AS app").unwrap();
    fn note() -> &'static ModelMeta {
        leak(ModelMeta {
            relations: vec![belongs_to("parent", 1, note)],
            ..model(
                "Note",
                "app.notes",
                vec![col("id", F::Int64), null("parent_id", F::Int64)],
            )
        })
    }
    let plan = migrate_models(&db, &[note()]);
    assert!(plan.to_string().contains("fk_app_notes_parent"), "{plan}");
    db.execute_batch("INSERT INTO app.notes VALUES (1, NULL), (2, 1)")
        .unwrap();
    db.execute_batch(
        "CREATE TRIGGER app.tr AFTER INSERT ON notes BEGIN DELETE FROM notes WHERE id = 99; END",
    )
    .unwrap();
    // A rebuild over there.
    fn stricter() -> &'static ModelMeta {
        leak(ModelMeta {
            relations: vec![RelationMeta {
                on_delete: Some(ReferentialAction::Cascade),
                ..belongs_to("parent", 1, stricter)
            }],
            ..model(
                "Note",
                "app.notes",
                vec![col("id", F::Int64), null("parent_id", F::Int64)],
            )
        })
    }
    migrate_models(&db, &[stricter()]);
    db.execute("DELETE FROM app.notes WHERE id = 1", [])
        .unwrap();
    assert!(rows(&db, "SELECT * FROM app.notes").is_empty());
    assert_eq!(
        rows(
            &db,
            "SELECT name FROM app.sqlite_master WHERE type = 'trigger'"
        )
        .len(),
        1
    );
}

#[test]
fn two_models_on_one_table_add_up() {
    let base = || vec![col("id", F::Int64), col("name", F::Text)];
    let view = leak(model("UserName", "users", base()));
    let mut more = base();
    more.push(null("age", F::Int32));
    let full = leak(model("User", "users", more));
    let schema = desired(&[view, full]).unwrap();
    assert_eq!(schema.tables.len(), 1);
    assert_eq!(schema.tables[0].columns.len(), 3);
    let mut other = base();
    other[1].family = F::Int64;
    let error = desired(&[view, leak(model("Other", "users", other))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    let _ = loner();
}

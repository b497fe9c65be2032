//! Models, as the derive macro would describe them.

use std::sync::LazyLock;

use sinew_core::record::Rows;
use sinew_core::schema::{
    AnyVariant, CheckMeta, ColumnMeta, ColumnRole, IndexMeta, JoinTable, Linkage, ModelFn,
    ModelMeta, Polymorphic, ReferentialAction, RelationMeta,
};
use sinew_core::value::TypeFamily as F;

fn no_rows() -> Box<dyn Rows> {
    unreachable!("migrations read no rows")
}

pub(crate) fn model(
    name: &'static str,
    table: &'static str,
    columns: Vec<ColumnMeta>,
) -> ModelMeta {
    ModelMeta {
        name,
        table: table.into(),
        generated: columns
            .first()
            .filter(|column| column.name == "id")
            .map(|_| 0),
        columns,
        key: vec![0],
        relations: vec![],
        indexes: vec![],
        checks: vec![],
        comment: None,
        new_rows: no_rows,
        hooks: None,
    }
}

pub(crate) fn col(name: &'static str, family: F) -> ColumnMeta {
    ColumnMeta {
        field: name.into(),
        name: name.into(),
        family,
        sql_type: None,
        nullable: false,
        size: None,
        precision: None,
        unique: name == "id",
        default: None,
        role: ColumnRole::Plain,
        comment: None,
        indexed: true,
    }
}

pub(crate) fn null(name: &'static str, family: F) -> ColumnMeta {
    ColumnMeta {
        nullable: true,
        ..col(name, family)
    }
}

pub(crate) fn relation(name: &'static str, many: bool, linkage: Linkage) -> RelationMeta {
    RelationMeta {
        name,
        index: 0,
        many,
        linkage,
        required: false,
        on_update: None,
        on_delete: None,
        constrained: true,
        constraint_name: None,
        indexed: true,
        soft_cascade: false,
    }
}

pub(crate) fn belongs_to(name: &'static str, own: usize, target: ModelFn) -> RelationMeta {
    relation(
        name,
        false,
        Linkage::Owner {
            own: vec![own],
            far: vec![0],
            target,
        },
    )
}

pub(crate) fn has(name: &'static str, far: usize, target: ModelFn) -> RelationMeta {
    let linkage = Linkage::Target {
        own: vec![0],
        far: vec![far],
        polymorphic: None,
        target,
    };
    relation(name, true, linkage)
}

pub(crate) fn many_to_many(
    name: &'static str,
    table: &'static str,
    own: &'static str,
    far: &'static str,
    target: ModelFn,
) -> RelationMeta {
    let table = JoinTable {
        name: table.into(),
        own: vec![own.into()],
        far: vec![far.into()],
        model: None,
    };
    relation(
        name,
        true,
        Linkage::Join {
            own: vec![0],
            far: vec![0],
            table,
            target,
        },
    )
}

macro_rules! models {
    ($($name:ident: $make:expr;)*) => {$(
        pub(crate) fn $name() -> &'static ModelMeta {
            static MODEL: LazyLock<ModelMeta> = LazyLock::new(|| $make);
            &MODEL
        }
    )*};
}

models! {
    // The north star's models.
    user: ModelMeta {
        relations: vec![
            belongs_to("company", 5, company),
            belongs_to("manager", 6, user),
            has("reports", 6, user),
            RelationMeta { many: false, ..has("profile", 1, profile) },
            RelationMeta { on_delete: Some(ReferentialAction::Cascade), ..has("orders", 1, order) },
            many_to_many("languages", "user_languages", "user_id", "language_id", language),
            many_to_many("friends", "user_friends", "user_id", "friend_id", user),
            relation("images", true, Linkage::Target {
                own: vec![0],
                far: vec![1],
                polymorphic: Some(Polymorphic { column: 2, value: "users".into() }),
                target: image,
            }),
        ],
        indexes: vec![IndexMeta { name: None, columns: vec![3], unique: false, condition: None }],
        checks: vec![CheckMeta { name: None, column: Some(7), condition: "age >= 0".into() }],
        comment: Some("People who sign in"),
        ..model("User", "users", vec![
            col("id", F::Int64),
            ColumnMeta { role: ColumnRole::CreatedAt, ..col("created_at", F::Timestamp) },
            ColumnMeta { role: ColumnRole::UpdatedAt, ..col("updated_at", F::Timestamp) },
            ColumnMeta { role: ColumnRole::DeletedAt, ..null("deleted_at", F::Timestamp) },
            ColumnMeta { size: Some(100), unique: true, ..col("name", F::Text) },
            null("company_id", F::Int64),
            null("manager_id", F::Int64),
            ColumnMeta { default: Some("18".into()), ..col("age", F::Int32) },
        ])
    };
    company: model("Company", "companies", vec![col("id", F::Int64), col("name", F::Text)]);
    language: ModelMeta {
        relations: vec![many_to_many("users", "user_languages", "language_id", "user_id", user)],
        ..model("Language", "languages", vec![col("id", F::Int64), col("name", F::Text)])
    };
    profile: ModelMeta {
        relations: vec![RelationMeta {
            on_update: Some(ReferentialAction::Cascade),
            ..belongs_to("user", 1, user)
        }],
        ..model("Profile", "profiles", vec![
            col("id", F::Int64), col("user_id", F::Int64), col("bio", F::Text),
        ])
    };
    order: ModelMeta {
        relations: vec![belongs_to("user", 1, user)],
        ..model("Order", "orders", vec![
            col("id", F::Int64), col("user_id", F::Int64), col("amount", F::Float64),
        ])
    };
    image: ModelMeta {
        relations: vec![relation("owner", false, Linkage::Any {
            id: 1,
            kind: 2,
            variants: || vec![AnyVariant { value: "users".into(), target: user, far: 0 }],
        })],
        ..model("Image", "images", vec![
            col("id", F::Int64), null("owner_id", F::Int64), null("owner_type", F::Text),
        ])
    };
    // A circle.
    chicken: ModelMeta {
        relations: vec![belongs_to("egg", 1, egg)],
        ..model("Chicken", "chickens", vec![col("id", F::Int64), null("egg_id", F::Int64)])
    };
    egg: ModelMeta {
        relations: vec![belongs_to("chicken", 1, chicken)],
        ..model("Egg", "eggs", vec![col("id", F::Int64), null("chicken_id", F::Int64)])
    };
    // Every family of types.
    everything: ModelMeta { generated: None, ..model("Everything", "everything", vec![
        col("id", F::Uuid),
        col("yes", F::Bool),
        col("small", F::Int8),
        col("big", F::UInt64),
        col("real", F::Float64),
        ColumnMeta { size: Some(20), ..col("short", F::Text) },
        col("bytes", F::Bytes),
        col("moment", F::Timestamp),
        col("day", F::Date),
        col("clock", F::Time),
        col("local", F::DateTime),
        ColumnMeta { precision: Some((10, 2)), ..col("price", F::Decimal) },
        col("document", F::Json),
        ColumnMeta { default: Some("'new'".into()), ..col("state", F::Enum(&["new", "old"])) },
        ColumnMeta { sql_type: Some("numeric(5)"), ..null("exact", F::Int32) },
    ]) };
    // A join model that the user wrote, and composite keys.
    person: ModelMeta {
        relations: vec![relation("addresses", true, Linkage::Join {
            own: vec![0, 1],
            far: vec![0],
            table: JoinTable {
                name: "person_addresses".into(),
                own: vec!["person_id".into(), "person_site".into()],
                far: vec!["address_id".into()],
                model: Some(person_address),
            },
            target: address,
        })],
        key: vec![0, 1],
        generated: None,
        ..model("Person", "people", vec![
            ColumnMeta { unique: false, ..col("id", F::Int64) }, col("site", F::Int32),
        ])
    };
    address: model("Address", "addresses", vec![col("id", F::Int64)]);
    person_address: ModelMeta {
        relations: vec![belongs_to("address", 2, address)],
        key: vec![0, 1, 2],
        generated: None,
        ..model("PersonAddress", "person_addresses", vec![
            col("person_id", F::Int64),
            col("person_site", F::Int32),
            col("address_id", F::Int64),
            ColumnMeta { default: Some("CURRENT_TIMESTAMP".into()), ..col("since", F::Timestamp) },
        ])
    };
}

//! Models with serde's own derives.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
#![cfg(feature = "serde")]

use serde::{Deserialize, Serialize};
use serde_json::json;
use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    id: i64,
    name: String,
    #[serde(skip_serializing_if = "HasMany::is_unloaded")]
    orders: HasMany<Order>,
    #[serde(skip_serializing_if = "HasOne::is_unloaded")]
    profile: HasOne<Profile>,
    #[model(join_table = "user_tags")]
    #[serde(skip_serializing_if = "ManyToMany::is_unloaded")]
    tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    id: i64,
    user_id: Option<i64>,
    #[serde(skip_serializing_if = "BelongsTo::is_unloaded")]
    user: BelongsTo<Option<User>>,
}

/// Without any attribute.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Profile {
    id: i64,
    user_id: i64,
    user: BelongsTo<User>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tag {
    id: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Image {
    id: i64,
    owner_id: i64,
    owner_type: String,
    #[model(polymorphic)]
    #[serde(skip_serializing_if = "BelongsToAny::is_unloaded")]
    owner: BelongsToAny<Owner>,
}

#[derive(PolymorphicOwner, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Owner {
    User(User),
}

fn round_trip<T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(
        serde_json::from_value::<T>(tree.clone()).unwrap(),
        *value,
        "{tree}"
    );
    assert_eq!(T::deserialize(&tree).unwrap(), *value);
}

#[test]
fn loaded_is_there_and_unloaded_is_not() {
    let plain = User {
        id: 1,
        name: "Ada".into(),
        ..User::default()
    };
    assert_eq!(
        serde_json::to_value(&plain).unwrap(),
        json!({"id": 1, "name": "Ada"})
    );
    round_trip(&plain);
    let full = User {
        orders: [
            Order {
                id: 2,
                user_id: Some(1),
                user: None.into(),
            },
            Order::default(),
        ]
        .into(),
        profile: None.into(),
        tags: [].into(),
        ..plain
    };
    let expected = json!({
        "id": 1, "name": "Ada", "profile": null, "tags": [],
        "orders": [{"id": 2, "user_id": 1, "user": null}, {"id": 0, "user_id": null}],
    });
    assert_eq!(serde_json::to_value(&full).unwrap(), expected);
    round_trip(&full);
    let order = Order {
        id: 2,
        user_id: Some(1),
        user: full.into(),
    };
    round_trip(&order);
    round_trip(&Image {
        owner: Owner::User(User::default()).into(),
        ..Image::default()
    });
    round_trip(&Image::default());
}

#[test]
fn a_missing_field_is_not_loaded_and_null_is_nobody() {
    let user: User =
        serde_json::from_str(r#"{"id": 1, "name": "Ada", "profile": null, "orders": null}"#)
            .unwrap();
    assert!(user.profile.loaded().unwrap().is_none());
    assert!(!user.orders.is_loaded() && !user.tags.is_loaded());
    let profile: Profile = serde_json::from_str(r#"{"id": 1, "user_id": 1}"#).unwrap();
    assert!(!profile.user.is_loaded());
    for bad in [
        r#"{"id": 1, "name": "Ada", "orders": 1}"#,
        r#"{"id": 1, "name": "Ada", "orders": [1]}"#,
        r#"{"id": 1, "name": "Ada", "profile": [}"#,
    ] {
        assert!(serde_json::from_str::<User>(bad).is_err(), "{bad}");
    }
}

#[test]
fn without_the_attribute_an_unloaded_field_is_an_error_and_never_null() {
    let error = serde_json::to_string(&Profile::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("not loaded") && error.contains("skip_serializing_if"),
        "{error}"
    );
    round_trip(&Profile {
        user: User::default().into(),
        ..Profile::default()
    });
}

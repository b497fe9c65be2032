//! The entities.

/// An entity in a module of its own, as sea-orm has it.
macro_rules! entity {
    ($name:ident, $table:literal { $($fields:tt)* }) => {
        #[allow(dead_code, reason = "the macros write more than is used here")]
        pub mod $name {
            use sea_orm::entity::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($fields)*
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(user, "users" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
    #[sea_orm(has_many)]
    pub posts: HasMany<super::post::Entity>,
});

entity!(post, "posts" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub title: String,
    pub body: String,
    pub created_at: i64,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub comments: HasMany<super::comment::Entity>,
    #[sea_orm(has_many, via = "post_tag")]
    pub tags: HasMany<super::tag::Entity>,
});

entity!(comment, "comments" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub post_id: i64,
    pub body: String,
    pub created_at: i64,
    #[sea_orm(belongs_to, from = "post_id", to = "id")]
    pub post: BelongsTo<super::post::Entity>,
});

entity!(tag, "tags" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    #[sea_orm(has_many, via = "post_tag")]
    pub posts: HasMany<super::post::Entity>,
});

entity!(post_tag, "post_tags" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: i64,
    #[sea_orm(belongs_to, from = "post_id", to = "id")]
    pub post: BelongsTo<super::post::Entity>,
    #[sea_orm(belongs_to, from = "tag_id", to = "id")]
    pub tag: BelongsTo<super::tag::Entity>,
});

entity!(channel, "channels" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    #[sea_orm(has_many)]
    pub messages: HasMany<super::message::Entity>,
});

entity!(message, "messages" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub channel_id: i64,
    pub body: String,
    pub created_at: i64,
    #[sea_orm(belongs_to, from = "channel_id", to = "id")]
    pub channel: BelongsTo<super::channel::Entity>,
});

entity!(account, "accounts" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: String,
    pub created_at: i64,
    #[sea_orm(has_one)]
    pub profile: HasOne<super::profile::Entity>,
});

entity!(profile, "profiles" {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub account_id: i64,
    pub bio: String,
    pub website: String,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
});

entity!(reading, "readings" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub sensor_id: i64,
    pub value: i64,
    pub note: String,
    pub created_at: i64,
});

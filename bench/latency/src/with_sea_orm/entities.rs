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
    pub author_id: i64,
    pub body: String,
    pub created_at: i64,
    #[sea_orm(belongs_to, from = "post_id", to = "id")]
    pub post: BelongsTo<super::post::Entity>,
    #[sea_orm(belongs_to, from = "author_id", to = "id")]
    pub author: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub likes: HasMany<super::like::Entity>,
});

entity!(like, "likes" {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub comment_id: i64,
    pub user_id: i64,
    #[sea_orm(belongs_to, from = "comment_id", to = "id")]
    pub comment: BelongsTo<super::comment::Entity>,
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

entity!(member, "members" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub email: String,
    #[sea_orm(has_many)]
    pub articles: HasMany<super::article::Entity>,
});

entity!(article, "articles" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub member_id: Uuid,
    pub title: String,
    pub body: String,
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<super::member::Entity>,
    #[sea_orm(has_many, via = "article_label")]
    pub labels: HasMany<super::label::Entity>,
});

entity!(label, "labels" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    #[sea_orm(has_many, via = "article_label")]
    pub articles: HasMany<super::article::Entity>,
});

entity!(article_label, "article_labels" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub article_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub label_id: Uuid,
    #[sea_orm(belongs_to, from = "article_id", to = "id")]
    pub article: BelongsTo<super::article::Entity>,
    #[sea_orm(belongs_to, from = "label_id", to = "id")]
    pub label: BelongsTo<super::label::Entity>,
});

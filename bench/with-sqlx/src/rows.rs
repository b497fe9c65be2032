//! The rows.

use sqlx::Row;

use super::DbRow;

/// A struct whose fields are read by their position.
macro_rules! row {
    ($name:ident { $($field:ident: $of:ty),* $(,)? }) => {
        #[derive(Clone)]
        pub struct $name {
            $(pub $field: $of),*
        }

        impl $name {
            #[allow(unused_assignments, reason = "the place after the last one")]
            pub fn read(row: DbRow) -> sqlx::Result<Self> {
                let mut place = 0;
                $(
                    let $field = row.try_get(place)?;
                    place += 1;
                )*
                Ok(Self { $($field),* })
            }
        }
    };
}

row!(User {
    id: i64,
    name: String,
    email: String,
    age: i32,
    created_at: i64
});
row!(Post {
    id: i64,
    user_id: i64,
    title: String,
    body: String,
    created_at: i64
});
row!(Comment {
    id: i64,
    post_id: i64,
    body: String,
    created_at: i64
});
row!(Tag {
    id: i64,
    name: String
});
row!(Channel {
    id: i64,
    name: String
});
row!(Message {
    id: i64,
    channel_id: i64,
    body: String,
    created_at: i64
});
row!(Account {
    id: i64,
    email: String,
    created_at: i64
});
row!(Profile {
    id: i64,
    account_id: i64,
    bio: String,
    website: String
});
row!(Reading {
    id: i64,
    sensor_id: i64,
    value: i64,
    note: String,
    created_at: i64
});

sinew_bench::reduce!(
    user: User,
    post: Post,
    comment: Comment,
    tag: Tag,
    channel: Channel,
    message: Message,
    account: Account,
    profile: Profile,
);

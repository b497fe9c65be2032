//! The tables.

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        email -> Text,
        age -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        user_id -> BigInt,
        title -> Text,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        post_id -> BigInt,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::table! {
    channels (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        channel_id -> BigInt,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    profiles (id) {
        id -> BigInt,
        account_id -> BigInt,
        bio -> Text,
        website -> Text,
    }
}

diesel::table! {
    readings (id) {
        id -> BigInt,
        sensor_id -> BigInt,
        value -> BigInt,
        note -> Text,
        created_at -> BigInt,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(post_tags -> tags (tag_id));
diesel::joinable!(post_tags -> posts (post_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts, comments, tags, post_tags);
diesel::joinable!(messages -> channels (channel_id));
diesel::joinable!(profiles -> accounts (account_id));
diesel::allow_tables_to_appear_in_same_query!(channels, messages);
diesel::allow_tables_to_appear_in_same_query!(accounts, profiles);

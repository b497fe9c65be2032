//! The statements.

/// One for each, and the list of all.
macro_rules! statements {
    ($($name:ident: $sql:expr;)*) => {
        $(pub const $name: &str = $sql;)*
        pub const ALL: &[&str] = &[$($name),*];
    };
}

statements! {
    USER: "SELECT id, name, email, age, created_at FROM users WHERE id = $1";
    USERS: "SELECT id, name, email, age, created_at FROM users";
    FILTERED: "SELECT id, name, email, age, created_at FROM users
        WHERE age = $1 AND created_at >= $2 ORDER BY name DESC LIMIT 100";
    FIRST_USERS: "SELECT id, name, email, age, created_at FROM users WHERE id <= $1";
    POSTS: "SELECT id, user_id, title, body, created_at FROM posts";
    FIRST_POSTS: "SELECT id, user_id, title, body, created_at FROM posts WHERE id <= $1";

    // Each level by the condition of the one above, which waits for no key.
    THEIR_POSTS: "SELECT id, user_id, title, body, created_at FROM posts
        WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))";
    THEIR_COMMENTS: "SELECT id, post_id, body, created_at FROM comments
        WHERE post_id = ANY(ARRAY(SELECT id FROM posts
            WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))))";
    THEIR_TAGS: "SELECT l.post_id, t.id, t.name FROM post_tags l JOIN tags t ON t.id = l.tag_id
        WHERE l.post_id = ANY(ARRAY(SELECT id FROM posts WHERE id <= $1))";
    THEIR_USERS: "SELECT id, name, email, age, created_at FROM users
        WHERE id = ANY(ARRAY(SELECT DISTINCT user_id FROM posts))";
    ACCOUNTS: "SELECT id, email, created_at FROM accounts";
    THEIR_PROFILES: "SELECT id, account_id, bio, website FROM profiles
        WHERE account_id IN (SELECT id FROM accounts)";

    // Each level by the keys that the one above gave.
    POSTS_OF: "SELECT id, user_id, title, body, created_at FROM posts WHERE user_id = ANY($1)";
    COMMENTS_OF: "SELECT id, post_id, body, created_at FROM comments WHERE post_id = ANY($1)";
    TAGS_OF: "SELECT l.post_id, t.id, t.name FROM post_tags l JOIN tags t ON t.id = l.tag_id
        WHERE l.post_id = ANY($1)";
    USERS_OF: "SELECT id, name, email, age, created_at FROM users WHERE id = ANY($1)";
    PROFILES_OF: "SELECT id, account_id, bio, website FROM profiles WHERE account_id = ANY($1)";

    INSERT_USER: "INSERT INTO users (name, email, age, created_at) VALUES ($1, $2, $3, $4)
        RETURNING id";
    INSERT_USERS: "INSERT INTO users (name, email, age, created_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) RETURNING id";
    INSERT_POSTS: "INSERT INTO posts (user_id, title, body, created_at)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) RETURNING id";
    INSERT_LINKS: "INSERT INTO post_tags (post_id, tag_id)
        SELECT * FROM unnest($1::bigint[], $2::bigint[])";
    // Numbers in place of keys: the database numbers rows in the order of their arrays.
    CREATE: "WITH
        u AS (INSERT INTO users (name, email, age, created_at)
            SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) RETURNING id),
        un AS (SELECT id, row_number() OVER (ORDER BY id) n FROM u),
        p AS (INSERT INTO posts (user_id, title, body, created_at)
            SELECT un.id, x.title, x.body, x.at
            FROM unnest($5::bigint[], $6::text[], $7::text[], $8::bigint[])
                WITH ORDINALITY x (owner, title, body, at, n)
            JOIN un ON un.n = x.owner ORDER BY x.n RETURNING id),
        pn AS (SELECT id, row_number() OVER (ORDER BY id) n FROM p),
        l AS (INSERT INTO post_tags (post_id, tag_id)
            SELECT pn.id, x.tag FROM unnest($9::bigint[], $10::bigint[]) x (post, tag)
            JOIN pn ON pn.n = x.post)
        SELECT ARRAY(SELECT id FROM un ORDER BY n), ARRAY(SELECT id FROM pn ORDER BY n)";
    REPLACE: "WITH
        gone AS (DELETE FROM post_tags WHERE post_id = $1 AND tag_id <> ALL($2) RETURNING 1),
        new AS (INSERT INTO post_tags (post_id, tag_id) SELECT $1, unnest($2::bigint[])
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT (SELECT count(*) FROM new), (SELECT count(*) FROM gone)";
    REMOVE_OTHERS: "DELETE FROM post_tags WHERE post_id = $1 AND tag_id <> ALL($2)";
    ADD_LINKS: "INSERT INTO post_tags (post_id, tag_id) SELECT $1, unnest($2::bigint[])
        ON CONFLICT DO NOTHING";
    RENAME: "UPDATE users SET name = $1, email = $2 WHERE id = $3";

    NEWEST: "SELECT m.id, m.channel_id, m.body, m.created_at FROM channels c
        CROSS JOIN LATERAL (SELECT * FROM messages WHERE channel_id = c.id
            ORDER BY created_at DESC LIMIT 3) m";
    CHANNELS: "SELECT id, name FROM channels";
    READINGS: "SELECT id, sensor_id, value, note, created_at FROM readings WHERE id <= $1";
    RECENT_AUTHORS: "SELECT id, name, email, age, created_at FROM users
        WHERE id IN (SELECT user_id FROM posts WHERE created_at >= $1)";
}

/// What only W13 to W15 have the tables for.
pub const MORE: &[&str] = &[
    ACCOUNTS,
    THEIR_PROFILES,
    PROFILES_OF,
    NEWEST,
    CHANNELS,
    READINGS,
];

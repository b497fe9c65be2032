//! The rows that everybody reads, and what is written.

/// The owners of the tree of two levels, and those of the tree of four: the first users.
pub const TREE2: i64 = 20;
pub const TREE4: i64 = 10;
/// The find takes users below this age, 100 of them.
pub const AGE: i32 = 4;
/// The post whose links are replaced: tags 1 to 20 by 11 to 30.
pub const REPLACED: i64 = 5_000;

pub const SCHEMA: &str = "
    CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, email text NOT NULL,
        age integer NOT NULL, created_at bigint NOT NULL);
    CREATE INDEX ON users (age);
    CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),
        title text NOT NULL, body text NOT NULL, created_at bigint NOT NULL);
    CREATE INDEX ON posts (user_id);
    CREATE TABLE comments (id bigserial PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts (id),
        author_id bigint NOT NULL REFERENCES users (id), body text NOT NULL,
        created_at bigint NOT NULL);
    CREATE INDEX ON comments (post_id);
    CREATE TABLE likes (id bigserial PRIMARY KEY,
        comment_id bigint NOT NULL REFERENCES comments (id), user_id bigint NOT NULL);
    CREATE INDEX ON likes (comment_id);
    CREATE TABLE tags (id bigserial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE post_tags (post_id bigint NOT NULL REFERENCES posts (id),
        tag_id bigint NOT NULL REFERENCES tags (id), PRIMARY KEY (post_id, tag_id));
    CREATE INDEX ON post_tags (tag_id);
    CREATE TABLE members (id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL);
    CREATE TABLE articles (id uuid PRIMARY KEY, member_id uuid NOT NULL REFERENCES members (id),
        title text NOT NULL, body text NOT NULL);
    CREATE INDEX ON articles (member_id);
    CREATE TABLE labels (id uuid PRIMARY KEY, name text NOT NULL);
    CREATE TABLE article_labels (article_id uuid NOT NULL REFERENCES articles (id),
        label_id uuid NOT NULL REFERENCES labels (id), PRIMARY KEY (article_id, label_id));
    CREATE INDEX ON article_labels (label_id);";

/// 10 posts for each of the first 500 users, 5 comments with 2 likes each for the first 500 posts,
/// 3 tags for each of the first 1,000 posts.
pub const ROWS: &str = "
    INSERT INTO users (name, email, age, created_at)
        SELECT 'User number ' || n, 'user' || n || '@example.com', n % 80,
            1750000000000000 + n * 1000000
        FROM generate_series(1, 2000) n;
    INSERT INTO posts (user_id, title, body, created_at)
        SELECT (n - 1) / 10 + 1, 'The title of post ' || n,
            'Post ' || n || ' has a body of about eighty characters, as if somebody had written it.',
            1750000000000000 + n
        FROM generate_series(1, 5000) n;
    INSERT INTO comments (post_id, author_id, body, created_at)
        SELECT (n - 1) / 5 + 1, n * 37 % 2000 + 1, 'Comment ' || n || ' agrees with the post',
            1750000000000000 + n
        FROM generate_series(1, 2500) n;
    INSERT INTO likes (comment_id, user_id)
        SELECT (n - 1) / 2 + 1, n * 61 % 2000 + 1 FROM generate_series(1, 5000) n;
    INSERT INTO tags (name) SELECT 'tag ' || n FROM generate_series(1, 100) n;
    INSERT INTO post_tags
        SELECT post, (post * 7 + at * 31) % 100 + 1
        FROM generate_series(1, 1000) post, generate_series(0, 2) at;
    INSERT INTO post_tags SELECT 5000, n FROM generate_series(1, 20) n;
    ANALYZE;";

/// What is in the tables that are written.
pub const STATE: &str = "
    SELECT concat_ws('; ',
        (SELECT count(*) FROM users), (SELECT count(*) FROM posts), (SELECT count(*) FROM tags),
        (SELECT count(*) FROM post_tags), (SELECT count(*) FROM labels),
        (SELECT count(*) FROM article_labels),
        (SELECT string_agg(tag_id::text, ' ' ORDER BY tag_id) FROM post_tags WHERE post_id = 5000),
        (SELECT string_agg(concat_ws(',', u.name, u.email, u.age, u.created_at, p.title, p.body,
                p.created_at, t.name), ' ' ORDER BY p.title, t.name)
            FROM users u JOIN posts p ON p.user_id = u.id
            LEFT JOIN post_tags l ON l.post_id = p.id LEFT JOIN tags t ON t.id = l.tag_id
            WHERE u.id > 2000),
        (SELECT string_agg(concat_ws(',', m.name, m.email, a.title, a.body, t.name), ' '
                ORDER BY a.title, t.name)
            FROM members m JOIN articles a ON a.member_id = m.id
            LEFT JOIN article_labels l ON l.article_id = a.id
            LEFT JOIN labels t ON t.id = l.label_id))";

/// Takes out what was created, and puts back what was replaced.
pub const RESTORE: &str = "
    BEGIN;
    DELETE FROM article_labels; DELETE FROM labels; DELETE FROM articles; DELETE FROM members;
    DELETE FROM post_tags WHERE post_id > 5000;
    DELETE FROM posts WHERE id > 5000;
    DELETE FROM users WHERE id > 2000;
    DELETE FROM tags WHERE id > 100;
    DELETE FROM post_tags WHERE post_id = 5000;
    INSERT INTO post_tags SELECT 5000, n FROM generate_series(1, 20) n;
    COMMIT;";

/// A user to be created, with ten posts.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
    pub posts: Vec<NewPost>,
}

/// The first three posts have a new tag each.
#[derive(Clone, Debug)]
pub struct NewPost {
    pub title: String,
    pub body: String,
    pub created_at: i64,
    pub tag: Option<String>,
}

pub fn new_user() -> NewUser {
    let post = |n: i64| NewPost {
        title: format!("The title of new post {n}"),
        body: format!("New post {n} has a body of about eighty characters, as others have it."),
        created_at: 1_760_000_000_000_000 + n,
        tag: (n < 3).then(|| format!("new tag {n}")),
    };
    NewUser {
        name: "A new user".into(),
        email: "new@example.com".into(),
        age: 30,
        created_at: 1_760_000_000_000_000,
        posts: (0..10).map(post).collect(),
    }
}

pub fn tag_name(id: i64) -> String {
    format!("tag {id}")
}

/// The tags that the post shall have; half of them it has.
pub fn replacement() -> Vec<i64> {
    (11..=30).collect()
}

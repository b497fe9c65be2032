//! By hand: tokio-postgres in the best form that we know. A preload tree is one round trip, as every
//! level selects its owners by their own condition; a nested create is one statement.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use futures_util::future::try_join_all;
use futures_util::try_join;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use crate::contender::{Contender, Outcome, Sample, timed};
use crate::data::{self, NewUser};
use crate::digest::Digest;
use crate::workload::Workload;

const FIND: &str = "SELECT id, name, email, age, created_at FROM users WHERE age < $1 ORDER BY id";
const USERS: &str = "SELECT id, name, email, age, created_at FROM users WHERE id <= $1";
const POSTS: &str = "SELECT id, user_id, title, body, created_at FROM posts
    WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))";
const TAGS: &str = "SELECT l.post_id, t.id, t.name FROM post_tags l JOIN tags t ON t.id = l.tag_id
    WHERE l.post_id = ANY(ARRAY(SELECT id FROM posts
        WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))))";
const COMMENTS: &str = "SELECT id, post_id, author_id, body, created_at FROM comments
    WHERE post_id = ANY(ARRAY(SELECT id FROM posts
        WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))))";
const AUTHORS: &str = "SELECT id, name, email, age, created_at FROM users
    WHERE id = ANY(ARRAY(SELECT DISTINCT author_id FROM comments
        WHERE post_id = ANY(ARRAY(SELECT id FROM posts
            WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))))))";
const LIKES: &str = "SELECT id, comment_id, user_id FROM likes
    WHERE comment_id = ANY(ARRAY(SELECT id FROM comments
        WHERE post_id = ANY(ARRAY(SELECT id FROM posts
            WHERE user_id = ANY(ARRAY(SELECT id FROM users WHERE id <= $1))))))";
const CREATE: &str = "WITH
    u AS (INSERT INTO users (name, email, age, created_at) VALUES ($1, $2, $3, $4) RETURNING id),
    p AS (INSERT INTO posts (user_id, title, body, created_at)
        SELECT u.id, x.title, x.body, x.at
        FROM u, unnest($5::text[], $6::text[], $7::bigint[]) WITH ORDINALITY x (title, body, at, n)
        ORDER BY n RETURNING id),
    t AS (INSERT INTO tags (name) SELECT * FROM unnest($8::text[]) RETURNING id),
    pn AS (SELECT id, row_number() OVER (ORDER BY id) n FROM p),
    tn AS (SELECT id, row_number() OVER (ORDER BY id) n FROM t),
    l AS (INSERT INTO post_tags (post_id, tag_id)
        SELECT pn.id, tn.id FROM unnest($9::bigint[]) WITH ORDINALITY x (post, tag)
        JOIN pn ON pn.n = x.post JOIN tn ON tn.n = x.tag)
    SELECT (SELECT id FROM u), ARRAY(SELECT id FROM pn ORDER BY n), ARRAY(SELECT id FROM tn ORDER BY n)";
const CREATE_KEYED: &str = "WITH
    m AS (INSERT INTO members (id, name, email) VALUES ($1, $2, $3)),
    a AS (INSERT INTO articles (id, member_id, title, body)
        SELECT x.id, $1, x.title, x.body
        FROM unnest($4::uuid[], $5::text[], $6::text[]) x (id, title, body)),
    l AS (INSERT INTO labels (id, name) SELECT * FROM unnest($7::uuid[], $8::text[]))
    INSERT INTO article_labels (article_id, label_id) SELECT * FROM unnest($9::uuid[], $7::uuid[])";
const REPLACE: &str = "WITH
    gone AS (DELETE FROM post_tags WHERE post_id = $1 AND tag_id <> ALL($2) RETURNING 1),
    new AS (INSERT INTO post_tags (post_id, tag_id) SELECT $1, unnest($2::bigint[])
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT (SELECT count(*) FROM new), (SELECT count(*) FROM gone)";

#[derive(Default)]
struct User {
    id: i64,
    name: String,
    email: String,
    age: i32,
    created_at: i64,
    posts: Vec<Post>,
}

struct Post {
    id: i64,
    user_id: i64,
    title: String,
    body: String,
    created_at: i64,
    tags: Vec<(i64, String)>,
    comments: Vec<Comment>,
}

struct Comment {
    id: i64,
    author_id: i64,
    body: String,
    created_at: i64,
    /// Its place in the authors of the tree.
    author: usize,
    likes: Vec<(i64, i64)>,
}

struct Tree {
    users: Vec<User>,
    authors: Vec<User>,
}

pub struct Hand {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Contender for Hand {
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
        Box::pin(self.go(workload))
    }
}

impl Hand {
    pub async fn open(url: &str) -> Result<Self, Box<dyn Error>> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let texts = [
            FIND,
            USERS,
            POSTS,
            TAGS,
            COMMENTS,
            AUTHORS,
            LIKES,
            CREATE,
            CREATE_KEYED,
            REPLACE,
        ];
        let prepared = try_join_all(texts.map(|text| client.prepare(text))).await?;
        let statements = texts.into_iter().zip(prepared).collect();
        Ok(Self { client, statements })
    }

    async fn go(&self, workload: Workload) -> Outcome {
        let mut digest = Digest::default();
        let time = match workload {
            Workload::Find => {
                let (time, users) = timed!(self.find());
                for (place, user) in (0..).zip(&users) {
                    user.reduce(place, &mut digest);
                }
                time
            }
            Workload::Tree2 => {
                let (time, users) = timed!(self.tree2());
                users
                    .iter()
                    .for_each(|user| user.reduce_tree(&[], &mut digest));
                time
            }
            Workload::Tree4 => {
                let (time, tree) = timed!(self.tree4());
                let Tree { users, authors } = &tree;
                users
                    .iter()
                    .for_each(|user| user.reduce_tree(authors, &mut digest));
                time
            }
            Workload::CreateSerial => {
                let new = data::new_user();
                let (time, created) = timed!(self.create(&new));
                digest.count(created);
                time
            }
            Workload::CreateKeyed => {
                let new = data::new_user();
                let (time, created) = timed!(self.create_keyed(&new));
                digest.count(created);
                time
            }
            Workload::Replace => {
                let ids = data::replacement();
                let (time, row) = timed!(self.one(REPLACE, &[&data::REPLACED, &ids]));
                digest.count(row.get::<_, i64>(0) as usize);
                digest.count(row.get::<_, i64>(1) as usize);
                time
            }
        };
        Ok(Sample { time, digest })
    }

    async fn rows(
        &self,
        text: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query(&self.statements[text], values).await
    }

    async fn one(
        &self,
        text: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, tokio_postgres::Error> {
        self.client.query_one(&self.statements[text], values).await
    }

    async fn find(&self) -> Result<Vec<User>, tokio_postgres::Error> {
        Ok(self
            .rows(FIND, &[&data::AGE])
            .await?
            .iter()
            .map(User::read)
            .collect())
    }

    async fn tree2(&self) -> Result<Vec<User>, tokio_postgres::Error> {
        let (users, posts) = try_join!(
            self.rows(USERS, &[&data::TREE2]),
            self.rows(POSTS, &[&data::TREE2]),
        )?;
        let mut users: Vec<User> = users.iter().map(User::read).collect();
        hand_over(&mut users, posts.iter().map(Post::read));
        Ok(users)
    }

    async fn tree4(&self) -> Result<Tree, tokio_postgres::Error> {
        let (users, posts, tags, comments, authors, likes) = try_join!(
            self.rows(USERS, &[&data::TREE4]),
            self.rows(POSTS, &[&data::TREE4]),
            self.rows(TAGS, &[&data::TREE4]),
            self.rows(COMMENTS, &[&data::TREE4]),
            self.rows(AUTHORS, &[&data::TREE4]),
            self.rows(LIKES, &[&data::TREE4]),
        )?;
        let mut users: Vec<User> = users.iter().map(User::read).collect();
        let authors: Vec<User> = authors.iter().map(User::read).collect();
        let mut posts: Vec<Post> = posts.iter().map(Post::read).collect();
        let place: HashMap<i64, usize> =
            authors.iter().zip(0..).map(|(a, at)| (a.id, at)).collect();
        let mut all: Vec<(i64, Comment)> = comments
            .iter()
            .map(|row| (row.get(1), Comment::read(row, &place)))
            .collect();
        let at: HashMap<i64, usize> = all.iter().zip(0..).map(|((_, c), at)| (c.id, at)).collect();
        for row in &likes {
            all[at[&row.get(1)]].1.likes.push((row.get(0), row.get(2)));
        }
        let at: HashMap<i64, usize> = posts
            .iter()
            .zip(0..)
            .map(|(post, at)| (post.id, at))
            .collect();
        for row in &tags {
            posts[at[&row.get(0)]].tags.push((row.get(1), row.get(2)));
        }
        for (post, comment) in all {
            posts[at[&post]].comments.push(comment);
        }
        hand_over(&mut users, posts);
        Ok(Tree { users, authors })
    }

    /// How many rows got a key.
    async fn create(&self, new: &NewUser) -> Result<usize, tokio_postgres::Error> {
        let [titles, bodies] = texts(new);
        let times: Vec<i64> = new.posts.iter().map(|post| post.created_at).collect();
        let (tagged, tags) = tags(new);
        let values: [&(dyn ToSql + Sync); 9] = [
            &new.name,
            &new.email,
            &new.age,
            &new.created_at,
            &titles,
            &bodies,
            &times,
            &tags,
            &tagged,
        ];
        let row = self.one(CREATE, &values).await?;
        let (_, posts, tags): (i64, Vec<i64>, Vec<i64>) = (row.get(0), row.get(1), row.get(2));
        Ok(1 + posts.len() + tags.len())
    }

    async fn create_keyed(&self, new: &NewUser) -> Result<usize, tokio_postgres::Error> {
        let [titles, bodies] = texts(new);
        let (labelled, labels) = tags(new);
        let articles: Vec<Uuid> = titles.iter().map(|_| Uuid::now_v7()).collect();
        let label_ids: Vec<Uuid> = labels.iter().map(|_| Uuid::now_v7()).collect();
        let owners: Vec<Uuid> = labelled.iter().map(|n| articles[*n as usize - 1]).collect();
        let values: [&(dyn ToSql + Sync); 9] = [
            &Uuid::now_v7(),
            &new.name,
            &new.email,
            &articles,
            &titles,
            &bodies,
            &label_ids,
            &labels,
            &owners,
        ];
        self.client
            .execute(&self.statements[CREATE_KEYED], &values)
            .await?;
        Ok(1 + articles.len() + label_ids.len())
    }
}

fn texts(new: &NewUser) -> [Vec<&str>; 2] {
    let titles = new.posts.iter().map(|post| post.title.as_str());
    let bodies = new.posts.iter().map(|post| post.body.as_str());
    [titles.collect(), bodies.collect()]
}

/// The numbers of the posts that have a new tag, and these tags.
fn tags(new: &NewUser) -> (Vec<i64>, Vec<&str>) {
    let tagged = (1..).zip(&new.posts);
    tagged
        .filter_map(|(n, post)| Some((n, post.tag.as_deref()?)))
        .unzip()
}

/// Gives the posts to their owners.
fn hand_over(users: &mut [User], posts: impl IntoIterator<Item = Post>) {
    let at: HashMap<i64, usize> = users
        .iter()
        .zip(0..)
        .map(|(user, at)| (user.id, at))
        .collect();
    for post in posts {
        users[at[&post.user_id]].posts.push(post);
    }
}

impl User {
    fn read(row: &Row) -> Self {
        Self {
            id: row.get(0),
            name: row.get(1),
            email: row.get(2),
            age: row.get(3),
            created_at: row.get(4),
            posts: Vec::new(),
        }
    }

    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.user(
            place,
            self.id,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
    }

    fn reduce_tree(&self, authors: &[User], digest: &mut Digest) {
        self.reduce(0, digest);
        for post in &self.posts {
            digest.post(
                self.id,
                post.id,
                post.user_id,
                &post.title,
                &post.body,
                post.created_at,
            );
            for (id, name) in &post.tags {
                digest.tag(post.id, *id, name);
            }
            for Comment {
                id,
                author_id,
                body,
                created_at,
                author,
                likes,
            } in &post.comments
            {
                digest.comment(post.id, *id, *author_id, body, *created_at);
                authors[*author].reduce(*id, digest);
                for (like, user) in likes {
                    digest.like(*id, *like, *user);
                }
            }
        }
    }
}

impl Post {
    fn read(row: &Row) -> Self {
        Self {
            id: row.get(0),
            user_id: row.get(1),
            title: row.get(2),
            body: row.get(3),
            created_at: row.get(4),
            tags: Vec::new(),
            comments: Vec::new(),
        }
    }
}

impl Comment {
    fn read(row: &Row, authors: &HashMap<i64, usize>) -> Self {
        let author_id = row.get(2);
        Self {
            id: row.get(0),
            author_id,
            body: row.get(3),
            created_at: row.get(4),
            author: authors[&author_id],
            likes: Vec::new(),
        }
    }
}

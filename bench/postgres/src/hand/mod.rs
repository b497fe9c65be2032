//! By hand: tokio-postgres in the two best forms that we know. *Piped*, a tree is one round trip, as
//! each level is chosen by the condition of the one above, and a graph is one statement. *Any*, each
//! level is chosen by the keys of the one above and is a round trip. Rows are read as they arrive.

mod rows;
mod sql;
mod write;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::future::{try_join, try_join_all, try_join3};
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::group::group;
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, RowStream, Statement};

use rows::{Account, Channel, Comment, Link, Message, Post, Profile, Tag, User};

type Value<'a> = &'a (dyn ToSql + Sync);
type Read<T> = fn(&Row) -> Result<T, tokio_postgres::Error>;

/// A connection with its statements.
pub struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    user: Statement,
    insert_user: Statement,
    rename: Statement,
}

impl Session {
    async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let more = client.query_one("SELECT to_regclass('readings') IS NOT NULL", &[]);
        let more: bool = more.await?.try_get(0)?;
        let texts = sql::ALL
            .iter()
            .filter(|text| more || !sql::MORE.contains(text));
        let texts: Vec<&'static str> = texts.copied().collect();
        let prepared = try_join_all(texts.iter().map(|text| client.prepare(text))).await?;
        let statements: HashMap<_, _> = texts.into_iter().zip(prepared).collect();
        Ok(Self {
            user: statements[sql::USER].clone(),
            insert_user: statements[sql::INSERT_USER].clone(),
            rename: statements[sql::RENAME].clone(),
            client,
            statements,
        })
    }

    async fn find(&self, id: i64) -> Result<User> {
        Ok(User::read(
            &self.client.query_one(&self.user, &[&id]).await?,
        )?)
    }

    async fn rename(&self, id: i64, name: &str, email: &str) -> Result<()> {
        let values: &[Value<'_>] = &[&name, &email, &id];
        if self.client.execute(&self.rename, values).await? != 1 {
            return Err("no such user".into());
        }
        Ok(())
    }

    /// Sends the statement, and is there when the server has begun to answer.
    async fn start(&self, text: &str, values: &[Value<'_>]) -> Result<RowStream> {
        let statement = &self.statements[text];
        let rows = self.client.query_raw(statement, values.iter().copied());
        Ok(rows.await?)
    }

    async fn all<T>(&self, text: &str, values: &[Value<'_>], read: Read<T>) -> Result<Vec<T>> {
        collect(self.start(text, values).await?, read).await
    }

    async fn one(&self, text: &str, values: &[Value<'_>]) -> Result<Row> {
        Ok(self
            .client
            .query_one(&self.statements[text], values)
            .await?)
    }
}

async fn collect<T>(rows: RowStream, read: Read<T>) -> Result<Vec<T>> {
    let mut rows = std::pin::pin!(rows);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        found.push(read(&row)?);
    }
    Ok(found)
}

pub struct Hand<const PIPED: bool> {
    session: Session,
    /// What the tasks of W17 share: statements of several tasks are on their way at once.
    crowd: Vec<Arc<Session>>,
}

pub type Piped = Hand<true>;
pub type Any = Hand<false>;

fn ids<T>(rows: &[T], id: impl Fn(&T) -> i64) -> Vec<i64> {
    rows.iter().map(id).collect()
}

impl<const PIPED: bool> Hand<PIPED> {
    async fn load_authors(&self, most: i64) -> Result<Vec<(User, Vec<Post>)>> {
        let db = &self.session;
        let (users, posts) = if PIPED {
            let most: &[Value<'_>] = &[&most];
            let users = db.all(sql::FIRST_USERS, most, User::read);
            let posts = db.all(sql::THEIR_POSTS, most, Post::read);
            try_join(users, posts).await?
        } else {
            let users = db.all(sql::FIRST_USERS, &[&most], User::read).await?;
            let owners = ids(&users, |user| user.id);
            (users, db.all(sql::POSTS_OF, &[&owners], Post::read).await?)
        };
        Ok(group(users, posts, |user| user.id, |post| post.user_id))
    }

    async fn load_nested(&self, most: i64) -> Result<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let db = &self.session;
        let (users, posts, comments) = if PIPED {
            let most: &[Value<'_>] = &[&most];
            let users = db.all(sql::FIRST_USERS, most, User::read);
            let posts = db.all(sql::THEIR_POSTS, most, Post::read);
            let comments = db.all(sql::THEIR_COMMENTS, most, Comment::read);
            try_join3(users, posts, comments).await?
        } else {
            let users = db.all(sql::FIRST_USERS, &[&most], User::read).await?;
            let owners = ids(&users, |user| user.id);
            let posts = db.all(sql::POSTS_OF, &[&owners], Post::read).await?;
            let owners = ids(&posts, |post| post.id);
            let owners: &[Value<'_>] = &[&owners];
            let comments = db.all(sql::COMMENTS_OF, owners, Comment::read);
            (users, posts, comments.await?)
        };
        let posts = group(posts, comments, |post| post.id, |comment| comment.post_id);
        Ok(group(
            users,
            posts,
            |user| user.id,
            |(post, _)| post.user_id,
        ))
    }

    async fn load_tagged(&self, most: i64) -> Result<Vec<(Post, Vec<Tag>)>> {
        let db = &self.session;
        let (posts, links) = if PIPED {
            let most: &[Value<'_>] = &[&most];
            let posts = db.all(sql::FIRST_POSTS, most, Post::read);
            let links = db.all(sql::THEIR_TAGS, most, Link::read);
            try_join(posts, links).await?
        } else {
            let posts = db.all(sql::FIRST_POSTS, &[&most], Post::read).await?;
            let owners = ids(&posts, |post| post.id);
            (posts, db.all(sql::TAGS_OF, &[&owners], Link::read).await?)
        };
        let grouped = group(posts, links, |post| post.id, |link| link.post_id);
        let tag = |Link { id, name, .. }| Tag { id, name };
        let tags = |(post, links): (Post, Vec<Link>)| (post, links.into_iter().map(tag).collect());
        Ok(grouped.into_iter().map(tags).collect())
    }

    async fn load_with_users(&self) -> Result<Vec<(Post, Option<Arc<User>>)>> {
        let db = &self.session;
        let (posts, users) = if PIPED {
            let posts = db.all(sql::POSTS, &[], Post::read);
            let users = db.all(sql::THEIR_USERS, &[], User::read);
            try_join(posts, users).await?
        } else {
            let posts = db.all(sql::POSTS, &[], Post::read).await?;
            let mut owners = ids(&posts, |post| post.user_id);
            owners.sort_unstable();
            owners.dedup();
            (posts, db.all(sql::USERS_OF, &[&owners], User::read).await?)
        };
        let users = users.into_iter().map(|user| (user.id, Arc::new(user)));
        let users: HashMap<i64, Arc<User>> = users.collect();
        let mut last: Option<Arc<User>> = None;
        let with_user = |post: Post| {
            if last.as_ref().is_none_or(|user| user.id != post.user_id) {
                last = users.get(&post.user_id).cloned();
            }
            (post, last.clone())
        };
        Ok(posts.into_iter().map(with_user).collect())
    }

    async fn load_accounts(&self) -> Result<Vec<(Account, Option<Profile>)>> {
        let db = &self.session;
        let (accounts, profiles) = if PIPED {
            let accounts = db.all(sql::ACCOUNTS, &[], Account::read);
            let profiles = db.all(sql::THEIR_PROFILES, &[], Profile::read);
            try_join(accounts, profiles).await?
        } else {
            let accounts = db.all(sql::ACCOUNTS, &[], Account::read).await?;
            let owners = ids(&accounts, |account| account.id);
            let owners: &[Value<'_>] = &[&owners];
            let profiles = db.all(sql::PROFILES_OF, owners, Profile::read);
            (accounts, profiles.await?)
        };
        let (key, owner) = (|a: &Account| a.id, |p: &Profile| p.account_id);
        let grouped = group(accounts, profiles, key, owner).into_iter();
        let one = |(account, mut profiles): (Account, Vec<Profile>)| (account, profiles.pop());
        Ok(grouped.map(one).collect())
    }
}

impl<const PIPED: bool> Operations for Hand<PIPED> {
    const BY_HAND: bool = true;

    type User = NewUser;
    type Graph = NewGraph;
    type Replacement = Vec<i64>;
    type Rename = (i64, String, String);

    fn user(new: NewUser) -> NewUser {
        new
    }

    fn graph(user: NewUser, posts: Vec<NewPost>) -> NewGraph {
        (user, posts)
    }

    fn replacement(tags: Vec<i64>) -> Vec<i64> {
        tags
    }

    fn rename(id: i64, name: String, email: String) -> Self::Rename {
        (id, name, email)
    }

    async fn open(place: &str, many: bool) -> Result<Self> {
        let mut crowd = Vec::new();
        for _ in 0..if many { 4 } else { 0 } {
            crowd.push(Arc::new(Session::open(place).await?));
        }
        let session = Session::open(place).await?;
        Ok(Self { session, crowd })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        self.session.find(id).await
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        self.session.all(sql::USERS, &[], User::read).await
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let values: &[Value<'_>] = &[&data::AGE, &data::SINCE];
        self.session.all(sql::FILTERED, values, User::read).await
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_authors(most).await
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_nested(most).await
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_tagged(most).await
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_with_users().await
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        let db = &self.session;
        let values: &[Value<'_>] = &[&user.name, &user.email, &user.age, &user.created_at];
        let row = db.client.query_one(&db.insert_user, values).await?;
        Ok(row.try_get(0)?)
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        write::users(&self.session, users.iter()).await
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let graphs = std::slice::from_ref(graph);
        let (users, posts) = if PIPED {
            write::create(&self.session, graphs).await?
        } else {
            write::create_by_levels(&self.session, graphs).await?
        };
        Ok(users.into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        if PIPED {
            write::replace(&self.session, tags).await
        } else {
            write::replace_in_a_burst(&self.session, tags).await
        }
    }

    async fn update(&mut self, (id, name, email): &mut Self::Rename) -> Result<()> {
        self.session.rename(*id, name, email).await
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let channels = self.session.all(sql::CHANNELS, &[], Channel::read);
        let messages = self.session.all(sql::NEWEST, &[], Message::read);
        let (channels, messages) = try_join(channels, messages).await?;
        let (key, owner) = (|c: &Channel| c.id, |m: &Message| m.channel_id);
        Ok(group(channels, messages, key, owner))
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_accounts().await
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let rows = self.session.start(sql::READINGS, &[&most]).await?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = rows.try_next().await? {
            let note: &str = row.try_get(3)?;
            seen.reading(
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                note,
                row.try_get(4)?,
            );
        }
        Ok(())
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let values: &[Value<'_>] = &[&data::NEW_POST];
        self.session
            .all(sql::RECENT_AUTHORS, values, User::read)
            .await
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let task = |jobs| {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let session = Arc::clone(&self.crowd[at % self.crowd.len()]);
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&session, job).await.is_err());
                }
                failed
            }
        };
        let running = crowd::tasks(tasks, task);
        Ok(running.await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let (users, _) = if PIPED {
            write::create(&self.session, graphs).await?
        } else {
            write::create_by_levels(&self.session, graphs).await?
        };
        Ok(users)
    }
}

async fn work(session: &Session, job: Job) -> Result<()> {
    match job {
        Job::Read(id) => {
            black_box(session.find(id).await?);
        }
        Job::Write(id, name, email) => session.rename(id, &name, &email).await?,
    }
    Ok(())
}

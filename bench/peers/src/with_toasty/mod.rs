//! toasty: includes for trees; graphs by nested create builders and one `create_many` for the links.

mod models;
mod rows;

use std::hint::black_box;

use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::{Failure, Operations, Reduce, Result, Workload, crowd};
use toasty::Db;

use models::{Account, Channel, Comment, Message, Post, PostTag, Profile, Tag, User};

/// The builder of a user.
macro_rules! new_user {
    ($new:expr) => {{
        let NewUser {
            name,
            email,
            age,
            created_at,
        } = $new;
        User::create()
            .name(name)
            .email(email)
            .age(age)
            .created_at(created_at)
    }};
}

pub struct Toasty {
    db: Db,
}

impl Operations for Toasty {
    /// It reads whole lists or pages.
    const LACKS: &[Workload] = &[Workload::Stream];

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
        let mut builder = Db::builder();
        builder.models(toasty::models!(
            User, Post, Comment, Tag, PostTag, Channel, Message, Account, Profile
        ));
        let size = if many { 4 } else { 1 };
        let db = builder.max_pool_size(size).connect(place).await?;
        #[cfg(feature = "sqlite")]
        if place.starts_with("sqlite") {
            // For each connection of the pool, which it has no hook for.
            let mut held = Vec::new();
            for _ in 0..size {
                let mut connection = db.connection().await?;
                let pragma = toasty::sql::statement("PRAGMA synchronous = NORMAL");
                pragma.exec(&mut connection).await?;
                held.push(connection);
            }
        }
        Ok(Self { db })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        Ok(User::get_by_id(&mut self.db, key(id)).await?)
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(User::all().exec(&mut self.db).await?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let fields = User::fields();
        let condition = fields.age().eq(data::AGE);
        let condition = condition.and(fields.created_at().ge(data::SINCE));
        let found = User::filter(condition)
            .order_by(fields.name().desc())
            .limit(100);
        Ok(found.exec(&mut self.db).await?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = User::filter(User::fields().id().le(key(most)));
        let found = users.include(User::fields().posts());
        Ok(found.exec(&mut self.db).await?)
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = User::filter(User::fields().id().le(key(most)));
        let found = users.include(User::fields().posts().comments());
        Ok(found.exec(&mut self.db).await?)
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let posts = Post::filter(Post::fields().id().le(key(most)));
        let found = posts.include(Post::fields().tags());
        Ok(found.exec(&mut self.db).await?)
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        let found = Post::all().include(Post::fields().user());
        Ok(found.exec(&mut self.db).await?)
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        let user = new_user!(std::mem::take(user));
        Ok(id(user.exec(&mut self.db).await?.id))
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        let users = std::mem::take(users).into_iter();
        let many = users.fold(User::create_many(), |many, user| many.item(new_user!(user)));
        let users = many.exec(&mut self.db).await?;
        Ok(users.into_iter().map(|user| id(user.id)).collect())
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let users = create(&mut self.db, vec![std::mem::take(graph)]).await?;
        let ids = |user: User| {
            let posts: Vec<i64> = user.posts.get().iter().map(|post| id(post.id)).collect();
            [id(user.id)].into_iter().chain(posts)
        };
        Ok(users.into_iter().flat_map(ids).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        Ok(replace(&mut self.db, tags).await?)
    }

    async fn update(&mut self, rename: &mut Self::Rename) -> Result<()> {
        update(&mut self.db, std::mem::take(rename)).await
    }

    /// It has no limit for each owner: a query for each.
    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let mut found = Vec::new();
        for channel in Channel::all().exec(&mut self.db).await? {
            let newest = channel
                .messages()
                .order_by(Message::fields().created_at().desc())
                .limit(data::NEWEST as usize);
            let newest = newest.exec(&mut self.db).await?;
            found.push((channel, newest));
        }
        Ok(found)
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        let found = Account::all().include(Account::fields().profile());
        Ok(found.exec(&mut self.db).await?)
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let recent = Post::fields().created_at().ge(data::NEW_POST);
        let found = User::filter(User::fields().posts().any(recent));
        Ok(found.exec(&mut self.db).await?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let task = |jobs| {
            let mut db = self.db.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&mut db, job).await.is_err());
                }
                failed
            }
        };
        Ok(crowd::tasks(tasks, task).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let users = create(&mut self.db, std::mem::take(graphs)).await?;
        Ok(users.into_iter().map(|user| id(user.id)).collect())
    }
}

fn key(id: i64) -> u64 {
    id as u64
}

fn id(key: u64) -> i64 {
    key as i64
}

/// Users with their posts at once, and then the links of these.
async fn create(db: &mut Db, graphs: Vec<NewGraph>) -> Result<Vec<User>> {
    let posts = graphs.iter().flat_map(|(_, posts)| posts);
    let tags: Vec<[i64; 3]> = posts.map(|post| post.tags).collect();
    let mut tx = db.transaction().await?;
    let post = |new: NewPost| {
        let post = User::fields().posts().create();
        post.title(new.title)
            .body(new.body)
            .created_at(new.created_at)
    };
    let user = |(user, posts): NewGraph| {
        let posts: Vec<_> = posts.into_iter().map(post).collect();
        new_user!(user).posts(posts)
    };
    let mut users = Vec::with_capacity(graphs.len());
    // A create of many does not give their posts back.
    for graph in graphs {
        users.push(user(graph).exec(&mut tx).await?);
    }
    let posts = users.iter().flat_map(|user: &User| user.posts.get());
    let links = posts.zip(&tags).flat_map(|(post, tags)| {
        let of_post = |tag: i64| PostTag::create().post_id(post.id).tag_id(key(tag));
        tags.map(of_post)
    });
    let many = links.fold(PostTag::create_many(), |many, link| many.item(link));
    many.exec(&mut tx).await?;
    tx.commit().await?;
    Ok(users)
}

/// How many links are new, and how many are gone.
async fn replace(db: &mut Db, wanted: &[i64]) -> toasty::Result<(usize, usize)> {
    let of_post = || PostTag::fields().post_id().eq(key(data::REPLACED));
    let mut tx = db.transaction().await?;
    let links = PostTag::filter(of_post()).exec(&mut tx).await?;
    let held: Vec<i64> = links.iter().map(|link| id(link.tag_id)).collect();
    let gone = held.iter().filter(|id| !wanted.contains(id));
    let gone: Vec<u64> = gone.map(|id| key(*id)).collect();
    let removed = gone.len();
    PostTag::filter(of_post().and(PostTag::fields().tag_id().in_list(gone)))
        .delete()
        .exec(&mut tx)
        .await?;
    let new = wanted.iter().filter(|id| !held.contains(id));
    let added = new.clone().count();
    let links = new.fold(PostTag::create_many(), |many, id| {
        let link = PostTag::create().post_id(key(data::REPLACED));
        many.item(link.tag_id(key(*id)))
    });
    links.exec(&mut tx).await?;
    tx.commit().await?;
    Ok((added, removed))
}

async fn update(db: &mut Db, (id, name, email): (i64, String, String)) -> Result<()> {
    let user = User::filter_by_id(key(id)).update();
    Ok(user.name(name).email(email).exec(db).await?)
}

async fn work(db: &mut Db, job: Job) -> Result<(), Failure> {
    match job {
        Job::Read(id) => {
            black_box(User::get_by_id(db, key(id)).await?);
        }
        Job::Write(id, name, email) => update(db, (id, name, email)).await?,
    }
    Ok(())
}

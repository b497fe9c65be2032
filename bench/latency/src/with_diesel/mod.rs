//! diesel-async, with everything pipelined that its connection can pipeline: the levels of a preload
//! tree select their owners by sub-queries, and inserts that do not wait for keys go out together.

mod schema;

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use uuid::Uuid;

use crate::contender::{Contender, Outcome, Sample, timed};
use crate::data;
use crate::digest::Digest;
use crate::workload::Workload;

use schema::{
    Article, ArticleLabel, Comment, Label, Like, Member, NewPost, NewTag, NewUser, Post, PostTag,
    Tag, User, article_labels, articles, comments, labels, likes, members, post_tags, posts, tags,
    users,
};

type Owned = Vec<(User, Vec<Post>)>;
type CommentTree = (Comment, Vec<Like>);
type PostTree = (Post, Vec<(PostTag, Tag)>, Vec<CommentTree>);

struct Tree {
    users: Vec<(User, Vec<PostTree>)>,
    authors: HashMap<i64, User>,
}

/// What is inserted with keys made before.
struct Keyed {
    member: Member,
    articles: Vec<Article>,
    labels: Vec<Label>,
    links: Vec<ArticleLabel>,
}

pub struct Diesel {
    connection: AsyncPgConnection,
}

impl Contender for Diesel {
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
        Box::pin(self.go(workload))
    }
}

impl Diesel {
    pub async fn open(url: &str) -> Result<Self, Box<dyn Error>> {
        let connection = AsyncPgConnection::establish(url).await?;
        Ok(Self { connection })
    }

    async fn go(&mut self, workload: Workload) -> Outcome {
        let connection = &mut self.connection;
        let mut digest = Digest::default();
        let time = match workload {
            Workload::Find => {
                let found = users::table
                    .filter(users::age.lt(data::AGE))
                    .order(users::id)
                    .select(User::as_select());
                let (time, found) = timed!(found.load(connection));
                for (place, user) in (0..).zip(&found) {
                    user.reduce(place, &mut digest);
                }
                time
            }
            Workload::Tree2 => {
                let (time, owned) = timed!(tree2(connection));
                for (user, posts) in &owned {
                    user.reduce(0, &mut digest);
                    posts.iter().for_each(|post| post.reduce(&mut digest));
                }
                time
            }
            Workload::Tree4 => {
                let (time, tree) = timed!(tree4(connection));
                tree.reduce(&mut digest);
                time
            }
            Workload::CreateSerial => {
                let new = data::new_user();
                let (time, created) = timed!(create(connection, &new));
                digest.count(created);
                time
            }
            Workload::CreateKeyed => {
                let keyed = Keyed::new(data::new_user());
                let (time, ()) = timed!(create_keyed(connection, &keyed));
                digest.count(1 + keyed.articles.len() + keyed.labels.len());
                time
            }
            Workload::Replace => {
                let ids = data::replacement();
                let (time, (added, removed)) = timed!(replace(connection, &ids));
                digest.count(added);
                digest.count(removed);
                time
            }
        };
        Ok(Sample { time, digest })
    }
}

async fn tree2(connection: &AsyncPgConnection) -> QueryResult<Owned> {
    let owners = users::table.filter(users::id.le(data::TREE2));
    let found = owners.select(User::as_select()).load(&mut &*connection);
    let owned = posts::table
        .filter(posts::user_id.eq_any(owners.select(users::id)))
        .select(Post::as_select())
        .load(&mut &*connection);
    let (found, owned) = try_join!(found, owned)?;
    let owned = owned.grouped_by(&found);
    Ok(found.into_iter().zip(owned).collect())
}

async fn tree4(connection: &AsyncPgConnection) -> QueryResult<Tree> {
    let owners = users::table.filter(users::id.le(data::TREE4));
    let written = posts::table.filter(posts::user_id.eq_any(owners.select(users::id)));
    let said = comments::table.filter(comments::post_id.eq_any(written.select(posts::id)));
    // The users a second time, as a statement has each table once.
    let authors = diesel::alias!(users as authors);
    let (found, all_posts, all_tags, all_comments, authors, all_likes) = try_join!(
        owners.select(User::as_select()).load(&mut &*connection),
        written.select(Post::as_select()).load(&mut &*connection),
        post_tags::table
            .inner_join(tags::table)
            .filter(post_tags::post_id.eq_any(written.select(posts::id)))
            .select((PostTag::as_select(), Tag::as_select()))
            .load::<(PostTag, Tag)>(&mut &*connection),
        said.select(Comment::as_select()).load(&mut &*connection),
        authors
            .filter(
                authors
                    .field(users::id)
                    .eq_any(said.select(comments::author_id))
            )
            .select(authors.fields(users::all_columns))
            .load::<User>(&mut &*connection),
        likes::table
            .filter(likes::comment_id.eq_any(said.select(comments::id)))
            .select(Like::as_select())
            .load(&mut &*connection),
    )?;
    let all_likes = all_likes.grouped_by(&all_comments);
    let all_comments: Vec<CommentTree> = all_comments.into_iter().zip(all_likes).collect();
    let all_comments = all_comments.grouped_by(&all_posts);
    let all_tags = all_tags.grouped_by(&all_posts);
    let trees = all_posts.into_iter().zip(all_tags).zip(all_comments);
    let trees: Vec<PostTree> = trees
        .map(|((post, tags), comments)| (post, tags, comments))
        .collect();
    // `grouped_by` takes pairs at most.
    let at: HashMap<i64, usize> = found
        .iter()
        .zip(0..)
        .map(|(user, at)| (user.id, at))
        .collect();
    let mut found: Vec<_> = found.into_iter().map(|user| (user, Vec::new())).collect();
    for tree in trees {
        found[at[&tree.0.user_id]].1.push(tree);
    }
    let authors = authors.into_iter().map(|user| (user.id, user)).collect();
    Ok(Tree {
        users: found,
        authors,
    })
}

/// How many rows got a key.
async fn create(connection: &mut AsyncPgConnection, new: &data::NewUser) -> QueryResult<usize> {
    let user = NewUser {
        name: &new.name,
        email: &new.email,
        age: new.age,
        created_at: new.created_at,
    };
    let new_tags: Vec<NewTag<'_>> = new
        .posts
        .iter()
        .filter_map(|post| {
            Some(NewTag {
                name: post.tag.as_deref()?,
            })
        })
        .collect();
    let created = connection.transaction(async |connection| {
        let connection = &*connection;
        let (user_id, tag_ids): (i64, Vec<i64>) = try_join!(
            diesel::insert_into(users::table)
                .values(&user)
                .returning(users::id)
                .get_result(&mut &*connection),
            diesel::insert_into(tags::table)
                .values(&new_tags)
                .returning(tags::id)
                .get_results(&mut &*connection),
        )?;
        let new_posts = new.posts.iter().map(|post| NewPost {
            user_id,
            title: &post.title,
            body: &post.body,
            created_at: post.created_at,
        });
        let post_ids: Vec<i64> = diesel::insert_into(posts::table)
            .values(new_posts.collect::<Vec<_>>())
            .returning(posts::id)
            .get_results(&mut &*connection)
            .await?;
        let tagged = post_ids
            .iter()
            .zip(&new.posts)
            .filter(|(_, post)| post.tag.is_some());
        let links: Vec<PostTag> = tagged
            .zip(&tag_ids)
            .map(|((post_id, _), tag_id)| PostTag {
                post_id: *post_id,
                tag_id: *tag_id,
            })
            .collect();
        diesel::insert_into(post_tags::table)
            .values(&links)
            .execute(&mut &*connection)
            .await?;
        QueryResult::Ok(1 + post_ids.len() + tag_ids.len())
    });
    created.await
}

async fn create_keyed(connection: &mut AsyncPgConnection, keyed: &Keyed) -> QueryResult<()> {
    let created = connection.transaction(async |connection| {
        let connection = &*connection;
        // Sent in this order, so that every key is there before it is referenced.
        try_join!(
            diesel::insert_into(members::table)
                .values(&keyed.member)
                .execute(&mut &*connection),
            diesel::insert_into(articles::table)
                .values(&keyed.articles)
                .execute(&mut &*connection),
            diesel::insert_into(labels::table)
                .values(&keyed.labels)
                .execute(&mut &*connection),
            diesel::insert_into(article_labels::table)
                .values(&keyed.links)
                .execute(&mut &*connection),
        )?;
        QueryResult::Ok(())
    });
    created.await
}

/// How many links are new, and how many are gone.
async fn replace(connection: &mut AsyncPgConnection, ids: &[i64]) -> QueryResult<(usize, usize)> {
    let links = ids.iter().map(|tag_id| PostTag {
        post_id: data::REPLACED,
        tag_id: *tag_id,
    });
    let links: Vec<PostTag> = links.collect();
    let replaced = connection.transaction(async |connection| {
        let connection = &*connection;
        let gone = post_tags::table
            .filter(post_tags::post_id.eq(data::REPLACED))
            .filter(post_tags::tag_id.ne_all(ids));
        try_join!(
            diesel::insert_into(post_tags::table)
                .values(&links)
                .on_conflict_do_nothing()
                .execute(&mut &*connection),
            diesel::delete(gone).execute(&mut &*connection),
        )
    });
    replaced.await
}

impl Keyed {
    fn new(new: data::NewUser) -> Self {
        let member = Member {
            id: Uuid::now_v7(),
            name: new.name,
            email: new.email,
        };
        let (mut articles, mut labels, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for post in new.posts {
            let article_id = Uuid::now_v7();
            articles.push(Article {
                id: article_id,
                member_id: member.id,
                title: post.title,
                body: post.body,
            });
            if let Some(name) = post.tag {
                let label_id = Uuid::now_v7();
                labels.push(Label { id: label_id, name });
                links.push(ArticleLabel {
                    article_id,
                    label_id,
                });
            }
        }
        Self {
            member,
            articles,
            labels,
            links,
        }
    }
}

impl Tree {
    fn reduce(&self, digest: &mut Digest) {
        for (user, posts) in &self.users {
            user.reduce(0, digest);
            for (post, tags, comments) in posts {
                post.reduce(digest);
                for (_, tag) in tags {
                    digest.tag(post.id, tag.id, &tag.name);
                }
                for (comment, likes) in comments {
                    let Comment {
                        id,
                        author_id,
                        body,
                        created_at,
                        ..
                    } = comment;
                    digest.comment(post.id, *id, *author_id, body, *created_at);
                    self.authors[author_id].reduce(*id, digest);
                    for like in likes {
                        digest.like(*id, like.id, like.user_id);
                    }
                }
            }
        }
    }
}

impl User {
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
}

impl Post {
    fn reduce(&self, digest: &mut Digest) {
        let Post {
            id,
            user_id,
            title,
            body,
            created_at,
        } = self;
        digest.post(*user_id, *id, *user_id, title, body, *created_at);
    }
}

//! What it writes.

use futures_util::future::{try_join, try_join4};
use sinew_bench::Result;
use sinew_bench::data::{self, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;

use super::{Session, Value, sql};

/// The columns of users.
struct Users<'a> {
    names: Vec<&'a str>,
    emails: Vec<&'a str>,
    ages: Vec<i32>,
    times: Vec<i64>,
}

impl<'a> Users<'a> {
    fn of(users: impl ExactSizeIterator<Item = &'a NewUser>) -> Self {
        let size = users.len();
        let mut all = Self {
            names: Vec::with_capacity(size),
            emails: Vec::with_capacity(size),
            ages: Vec::with_capacity(size),
            times: Vec::with_capacity(size),
        };
        for user in users {
            all.names.push(user.name.as_str());
            all.emails.push(user.email.as_str());
            all.ages.push(user.age);
            all.times.push(user.created_at);
        }
        all
    }

    fn values(&self) -> [Value<'_>; 4] {
        [&self.names, &self.emails, &self.ages, &self.times]
    }
}

fn number(row: &tokio_postgres::Row) -> Result<i64, tokio_postgres::Error> {
    row.try_get(0)
}

pub async fn users(
    db: &Session,
    users: impl ExactSizeIterator<Item = &NewUser>,
) -> Result<Vec<i64>> {
    let users = Users::of(users);
    db.all(sql::INSERT_USERS, &users.values(), number).await
}

/// The columns of posts but their owner.
struct Posts<'a> {
    titles: Vec<&'a str>,
    bodies: Vec<&'a str>,
    times: Vec<i64>,
}

fn posts(graphs: &[NewGraph]) -> impl Iterator<Item = &NewPost> + Clone {
    graphs.iter().flat_map(|(_, posts)| posts)
}

impl<'a> Posts<'a> {
    fn of(graphs: &'a [NewGraph]) -> Self {
        Self {
            titles: posts(graphs).map(|post| post.title.as_str()).collect(),
            bodies: posts(graphs).map(|post| post.body.as_str()).collect(),
            times: posts(graphs).map(|post| post.created_at).collect(),
        }
    }
}

/// As many owners as there are posts.
fn owners(graphs: &[NewGraph], ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let owned = graphs.iter().zip(ids);
    let owners = owned.flat_map(|((_, posts), id)| posts.iter().map(move |_| id));
    owners.collect()
}

fn links(graphs: &[NewGraph], ids: impl IntoIterator<Item = i64>) -> (Vec<i64>, Vec<i64>) {
    let linked = posts(graphs).zip(ids);
    let links = linked.flat_map(|(post, id)| post.tags.map(|tag| (id, tag)));
    links.unzip()
}

/// One statement for all.
pub async fn create(db: &Session, graphs: &[NewGraph]) -> Result<(Vec<i64>, Vec<i64>)> {
    let new = Users::of(graphs.iter().map(|(user, _)| user));
    let rows = Posts::of(graphs);
    let owners = owners(graphs, 1..);
    let (of, tags) = links(graphs, 1..);
    let [names, emails, ages, times] = new.values();
    let values: [Value<'_>; 10] = [
        names,
        emails,
        ages,
        times,
        &owners,
        &rows.titles,
        &rows.bodies,
        &rows.times,
        &of,
        &tags,
    ];
    let row = db.one(sql::CREATE, &values).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// One statement for each level.
pub async fn create_by_levels(db: &Session, graphs: &[NewGraph]) -> Result<(Vec<i64>, Vec<i64>)> {
    let begin = async { Ok(db.client.batch_execute("BEGIN").await?) };
    let new = Users::of(graphs.iter().map(|(user, _)| user));
    let values = new.values();
    let ((), new) = try_join(begin, db.all(sql::INSERT_USERS, &values, number)).await?;
    let rows = Posts::of(graphs);
    let owners = owners(graphs, new.iter().copied());
    let values: [Value<'_>; 4] = [&owners, &rows.titles, &rows.bodies, &rows.times];
    let ids = db.all(sql::INSERT_POSTS, &values, number).await?;
    let (of, tags) = links(graphs, ids.iter().copied());
    let values: [Value<'_>; 2] = [&of, &tags];
    let links = db
        .client
        .execute(&db.statements[sql::INSERT_LINKS], &values);
    try_join(links, db.client.batch_execute("COMMIT")).await?;
    Ok((new, ids))
}

/// One statement: how many links are new, and how many are gone.
pub async fn replace(db: &Session, tags: &[i64]) -> Result<(usize, usize)> {
    let row = db.one(sql::REPLACE, &[&data::REPLACED, &tags]).await?;
    let (added, gone): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok((added as usize, gone as usize))
}

/// Four statements at once.
pub async fn replace_in_a_burst(db: &Session, tags: &[i64]) -> Result<(usize, usize)> {
    let values: [Value<'_>; 2] = [&data::REPLACED, &tags];
    let (_, gone, added, _) = try_join4(
        async { db.client.batch_execute("BEGIN").await.map(|()| 0) },
        db.client
            .execute(&db.statements[sql::REMOVE_OTHERS], &values),
        db.client.execute(&db.statements[sql::ADD_LINKS], &values),
        async { db.client.batch_execute("COMMIT").await.map(|()| 0) },
    )
    .await?;
    Ok((added as usize, gone as usize))
}

//! What it writes.

use sinew_bench::Result;
use sinew_bench::data::{self, NewUser};
use sinew_bench::inputs::NewGraph;
use sqlx::mysql::{MySqlConnection, MySqlExecutor};
use sqlx::{Connection, MySql, QueryBuilder, query};

pub const INSERT_USER: &str =
    "INSERT INTO users (name, email, age, created_at) VALUES (?, ?, ?, ?)";

/// One statement for all; their keys follow one another.
pub async fn users<'a>(
    connection: &mut MySqlConnection,
    users: impl Iterator<Item = &'a NewUser>,
) -> Result<Vec<i64>> {
    let mut insert =
        QueryBuilder::<MySql>::new("INSERT INTO users (name, email, age, created_at) ");
    insert.push_values(users, |mut row, user| {
        row.push_bind(&user.name)
            .push_bind(&user.email)
            .push_bind(user.age)
            .push_bind(user.created_at);
    });
    keys(connection, insert).await
}

async fn keys(
    connection: &mut MySqlConnection,
    mut insert: QueryBuilder<MySql>,
) -> Result<Vec<i64>> {
    let done = insert.build().execute(connection).await?;
    let first = done.last_insert_id() as i64;
    Ok((first..).take(done.rows_affected() as usize).collect())
}

/// One statement for each level; the keys of the users and of the posts.
pub async fn create(
    connection: &mut MySqlConnection,
    graphs: &[NewGraph],
) -> Result<(Vec<i64>, Vec<i64>)> {
    let mut tx = connection.begin().await?;
    let new = users(&mut tx, graphs.iter().map(|(user, _)| user)).await?;
    let owned = graphs.iter().zip(&new);
    let rows = owned.flat_map(|((_, posts), id)| posts.iter().map(move |post| (*id, post)));
    let mut insert = QueryBuilder::new("INSERT INTO posts (user_id, title, body, created_at) ");
    insert.push_values(rows, |mut row, (user_id, post)| {
        row.push_bind(user_id)
            .push_bind(&post.title)
            .push_bind(&post.body)
            .push_bind(post.created_at);
    });
    let posts = keys(&mut tx, insert).await?;
    let of = graphs.iter().flat_map(|(_, posts)| posts).zip(&posts);
    let links = of.flat_map(|(post, id)| post.tags.map(|tag| (*id, tag)));
    link(&mut tx, links).await?;
    tx.commit().await?;
    Ok((new, posts))
}

async fn link(
    connection: &mut MySqlConnection,
    links: impl Iterator<Item = (i64, i64)>,
) -> Result<usize> {
    let mut insert = QueryBuilder::<MySql>::new("INSERT IGNORE INTO post_tags (post_id, tag_id) ");
    insert.push_values(links, |mut row, (post, tag)| {
        row.push_bind(post).push_bind(tag);
    });
    let done = insert.build().execute(connection).await?;
    Ok(done.rows_affected() as usize)
}

/// How many links are new, and how many are gone.
pub async fn replace(connection: &mut MySqlConnection, tags: &[i64]) -> Result<(usize, usize)> {
    let mut tx = connection.begin().await?;
    let mut delete = QueryBuilder::<MySql>::new("DELETE FROM post_tags WHERE post_id = ");
    delete
        .push_bind(data::REPLACED)
        .push(" AND tag_id NOT IN (");
    let mut list = delete.separated(", ");
    for tag in tags {
        list.push_bind(*tag);
    }
    delete.push(")");
    let gone = delete.build().execute(&mut *tx).await?.rows_affected();
    let links = tags.iter().map(|tag| (data::REPLACED, *tag));
    let added = link(&mut tx, links).await?;
    tx.commit().await?;
    Ok((added, gone as usize))
}

pub async fn rename(
    executor: impl MySqlExecutor<'_>,
    (id, name, email): &(i64, String, String),
) -> Result<()> {
    let update = query("UPDATE users SET name = ?, email = ? WHERE id = ?");
    let done = update
        .bind(name)
        .bind(email)
        .bind(*id)
        .execute(executor)
        .await?;
    if done.rows_affected() != 1 {
        return Err("no such user".into());
    }
    Ok(())
}

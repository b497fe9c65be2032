//! What it writes: arrays, a statement for each level.

use sinew_bench::Result;
use sinew_bench::data::{self, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sqlx::postgres::{PgConnection, PgExecutor, PgRow};
use sqlx::{Connection, Row, query};

pub const INSERT_USER: &str =
    "INSERT INTO users (name, email, age, created_at) VALUES ($1, $2, $3, $4) RETURNING id";

pub async fn users<'a>(
    connection: &mut PgConnection,
    users: impl Iterator<Item = &'a NewUser> + Clone,
) -> Result<Vec<i64>> {
    let insert = query(
        "INSERT INTO users (name, email, age, created_at) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) RETURNING id",
    );
    let names: Vec<&str> = users.clone().map(|user| user.name.as_str()).collect();
    let emails: Vec<&str> = users.clone().map(|user| user.email.as_str()).collect();
    let ages: Vec<i32> = users.clone().map(|user| user.age).collect();
    let times: Vec<i64> = users.map(|user| user.created_at).collect();
    let insert = insert.bind(names).bind(emails).bind(ages).bind(times);
    let insert = insert.try_map(|row: PgRow| row.try_get(0));
    Ok(insert.fetch_all(connection).await?)
}

async fn posts(
    connection: &mut PgConnection,
    owners: Vec<i64>,
    posts: &[&NewPost],
) -> Result<Vec<i64>> {
    let insert = query(
        "INSERT INTO posts (user_id, title, body, created_at) \
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) RETURNING id",
    );
    let titles: Vec<&str> = posts.iter().map(|post| post.title.as_str()).collect();
    let bodies: Vec<&str> = posts.iter().map(|post| post.body.as_str()).collect();
    let times: Vec<i64> = posts.iter().map(|post| post.created_at).collect();
    let insert = insert.bind(owners).bind(titles).bind(bodies).bind(times);
    let insert = insert.try_map(|row: PgRow| row.try_get(0));
    Ok(insert.fetch_all(connection).await?)
}

/// One statement for each level; the keys of the users and of the posts.
pub async fn create(
    connection: &mut PgConnection,
    graphs: &[NewGraph],
) -> Result<(Vec<i64>, Vec<i64>)> {
    let mut tx = connection.begin().await?;
    let new = users(&mut tx, graphs.iter().map(|(user, _)| user)).await?;
    let owned = graphs.iter().zip(&new);
    let owners = owned.flat_map(|((_, posts), id)| posts.iter().map(move |_| *id));
    let rows: Vec<&NewPost> = graphs.iter().flat_map(|(_, posts)| posts).collect();
    let ids = posts(&mut tx, owners.collect(), &rows).await?;
    let links = rows.iter().zip(&ids);
    let links = links.flat_map(|(post, id)| post.tags.map(|tag| (*id, tag)));
    let (of, tags): (Vec<i64>, Vec<i64>) = links.unzip();
    let insert = query(
        "INSERT INTO post_tags (post_id, tag_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])",
    );
    insert.bind(of).bind(tags).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok((new, ids))
}

/// How many links are new, and how many are gone.
pub async fn replace(connection: &mut PgConnection, tags: &[i64]) -> Result<(usize, usize)> {
    let replace = query(
        "WITH gone AS (DELETE FROM post_tags WHERE post_id = $1 AND tag_id <> ALL($2) RETURNING 1), \
         new AS (INSERT INTO post_tags (post_id, tag_id) SELECT $1, unnest($2::bigint[]) \
         ON CONFLICT DO NOTHING RETURNING 1) \
         SELECT (SELECT count(*) FROM new), (SELECT count(*) FROM gone)",
    );
    let replace = replace.bind(data::REPLACED).bind(tags);
    let counts = replace.try_map(|row: PgRow| Ok((row.try_get(0)?, row.try_get(1)?)));
    let (added, gone): (i64, i64) = counts.fetch_one(connection).await?;
    Ok((added as usize, gone as usize))
}

pub async fn rename(
    executor: impl PgExecutor<'_>,
    (id, name, email): &(i64, String, String),
) -> Result<()> {
    let update = query("UPDATE users SET name = $1, email = $2 WHERE id = $3");
    let update = update.bind(name).bind(email).bind(*id);
    let done = update.execute(executor).await?;
    if done.rows_affected() != 1 {
        return Err("no such user".into());
    }
    Ok(())
}

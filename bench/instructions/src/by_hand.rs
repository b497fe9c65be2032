//! The same single-row operations in rusqlite by hand: what the engine adds is the difference.

use std::hint::black_box;

use rusqlite::{Connection, params};

use crate::Work;
use crate::models::{Note, SCHEMA, User};

pub type Result<T = ()> = std::result::Result<T, rusqlite::Error>;

pub fn open() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    for statement in SCHEMA {
        connection.execute(statement, [])?;
    }
    Ok(connection)
}

/// What is counted.
pub fn go(connection: &Connection, work: &mut Work) -> Result {
    match work {
        Work::Find(keys) => keys.iter().try_for_each(|key| find(connection, *key)),
        Work::Create(users) => users
            .iter_mut()
            .try_for_each(|user| create(connection, user)),
        Work::Update(users) => users
            .iter_mut()
            .try_for_each(|user| update(connection, user)),
        Work::Delete(notes) => notes.iter().try_for_each(|note| delete(connection, note)),
        _ => Ok(()),
    }
}

fn find(connection: &Connection, key: i64) -> Result {
    let sql = "SELECT id, name, email, age, created_at FROM users WHERE id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let user = statement.query_row([key], |row| {
        Ok(User {
            id: row.get(0)?,
            name: row.get(1)?,
            email: row.get(2)?,
            age: row.get(3)?,
            created_at: row.get(4)?,
            ..Default::default()
        })
    })?;
    black_box(user);
    Ok(())
}

fn create(connection: &Connection, user: &mut User) -> Result {
    let sql = "INSERT INTO users (name, email, age, created_at) VALUES (?, ?, ?, ?)";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![user.name, user.email, user.age, user.created_at])?;
    user.id = connection.last_insert_rowid();
    Ok(())
}

fn update(connection: &Connection, user: &mut User) -> Result {
    // The values come from elsewhere, as an application has them.
    let (name, email) = (user.name.clone(), user.email.clone());
    let sql = "UPDATE users SET name = ?, email = ? WHERE id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![name, email, user.id])?;
    (user.name, user.email) = (name, email);
    Ok(())
}

fn delete(connection: &Connection, note: &Note) -> Result {
    let mut statement = connection.prepare_cached("DELETE FROM notes WHERE id = ?")?;
    statement.execute([note.id])?;
    Ok(())
}

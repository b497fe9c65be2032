//! A database to migrate, and models by hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod models;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sinew_core::Value;
use sinew_core::schema::ModelMeta;
use sinew_migrate::{Database, Plan, Schema, desired, introspection, plan, read};
use sinew_sql::dialect::sqlite::Sqlite;

pub(crate) fn open() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    db
}

pub(crate) fn look(db: &Connection, schema: &Schema) -> Database {
    let answers: Vec<_> = introspection(&Sqlite, schema)
        .unwrap()
        .iter()
        .map(|sql| rows(db, sql))
        .collect();
    read(&Sqlite, &answers).unwrap()
}

pub(crate) fn rows(db: &Connection, sql: &str) -> Vec<Vec<Value<'static>>> {
    let mut statement = db
        .prepare(sql)
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let width = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let value = |at| match row.get_ref(at).unwrap() {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(v) => Value::Int(v),
            ValueRef::Real(v) => Value::Float(v),
            ValueRef::Text(v) => Value::Text(String::from_utf8_lossy(v).into_owned().into()),
            ValueRef::Blob(v) => Value::Bytes(v.to_vec().into()),
        };
        all.push((0..width).map(value).collect());
    }
    all
}

pub(crate) fn plan_for(db: &Connection, schema: &Schema) -> Plan {
    plan(&look(db, schema), schema, &Sqlite).unwrap()
}

/// Runs a plan the way that its documentation says.
pub(crate) fn run(db: &Connection, plan: &Plan) -> Result<(), String> {
    for sql in &plan.before {
        db.execute_batch(sql).unwrap();
    }
    db.execute_batch("BEGIN").unwrap();
    let result = steps(db, plan);
    db.execute_batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })
        .unwrap();
    for sql in &plan.after {
        db.execute_batch(sql).unwrap();
    }
    result
}

fn steps(db: &Connection, plan: &Plan) -> Result<(), String> {
    for sql in plan.statements() {
        db.execute(sql, [])
            .map_err(|error| format!("{error}\n{sql}"))?;
    }
    for check in &plan.checks {
        let lost = rows(db, check);
        if !lost.is_empty() {
            return Err(format!("{check}: {lost:?}"));
        }
    }
    Ok(())
}

/// Plans, runs, and makes sure that nothing is left to do.
pub(crate) fn migrate(db: &Connection, schema: &Schema) -> Plan {
    let plan = plan_for(db, schema);
    if let Err(error) = run(db, &plan) {
        panic!("{error}\n\n{plan}");
    }
    let again = plan_for(db, schema);
    assert!(again.is_empty(), "not idempotent:\n{again}\nafter:\n{plan}");
    assert_eq!(
        rows(db, "PRAGMA integrity_check"),
        [[Value::Text("ok".into())]]
    );
    plan
}

pub(crate) fn migrate_models(db: &Connection, models: &[&'static ModelMeta]) -> Plan {
    migrate(db, &desired(models).unwrap())
}

/// Compares with `tests/golden/<case>/sqlite/<file>`; `UPDATE_GOLDEN=1` writes it anew.
pub(crate) fn golden(case: &str, file: &str, got: &str) {
    let folder = format!("{}/tests/golden/{case}/sqlite", env!("CARGO_MANIFEST_DIR"));
    let path = format!("{folder}/{file}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, got).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        got == wanted,
        "{path} differs; UPDATE_GOLDEN=1 writes it anew. Got:\n{got}"
    );
}

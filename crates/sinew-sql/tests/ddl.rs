//! Every DDL statement in each dialect, compared with `tests/golden/ddl_<dialect>.sql`.
//! `UPDATE_GOLDEN=1` writes the files anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fmt::Write as _;

use sinew_core::schema::ReferentialAction;
use sinew_core::value::TypeFamily as F;
use sinew_sql::Dialect;
use sinew_sql::ddl::{Check, Column, Ddl, ForeignKey, Index, Table, Unique};
use sinew_sql::dialect::{mysql::MySql, postgres::Postgres, sqlite::Sqlite};

fn column(name: &'static str, family: F) -> Column {
    Column {
        name: name.into(),
        family,
        exact: None,
        size: None,
        precision: None,
        nullable: false,
        default: None,
        generated: false,
        refers: false,
        comment: None,
    }
}

fn families() -> Vec<Column> {
    vec![
        Column {
            generated: true,
            ..column("id", F::Int64)
        },
        Column {
            default: Some("TRUE".into()),
            ..column("bool", F::Bool)
        },
        column("i8", F::Int8),
        column("i16", F::Int16),
        column("i32", F::Int32),
        column("i64", F::Int64),
        column("u8", F::UInt8),
        column("u16", F::UInt16),
        column("u32", F::UInt32),
        column("u64", F::UInt64),
        column("f32", F::Float32),
        column("f64", F::Float64),
        Column {
            nullable: true,
            ..column("text", F::Text)
        },
        Column {
            size: Some(100),
            default: Some("'it''s'".into()),
            ..column("short", F::Text)
        },
        column("bytes", F::Bytes),
        Column {
            default: Some("CURRENT_TIMESTAMP".into()),
            ..column("timestamp", F::Timestamp)
        },
        column("date", F::Date),
        column("time", F::Time),
        column("datetime", F::DateTime),
        column("uuid", F::Uuid),
        Column {
            precision: Some((10, 2)),
            ..column("price", F::Decimal)
        },
        column("decimal", F::Decimal),
        column("json", F::Json),
        Column {
            comment: Some("it's \\ a state".into()),
            ..column("state", F::Enum(&["new", "old"]))
        },
        Column {
            exact: Some("numeric(5)".into()),
            ..column("exact", F::Int32)
        },
        Column {
            default: Some("1 + 1".into()),
            ..column("computed", F::Int32)
        },
    ]
}

fn golden(dialect: &dyn Dialect) {
    let key = ForeignKey {
        name: "fk_users_orders".into(),
        columns: vec!["user_id".into(), "site".into()],
        table: "app.users".into(),
        references: vec!["id".into(), "site".into()],
        on_update: Some(ReferentialAction::Cascade),
        on_delete: Some(ReferentialAction::SetNull),
    };
    let unique = Unique {
        name: "uni_a".into(),
        columns: vec!["a".into(), "b\"`".into()],
    };
    let check = Check {
        name: "chk_a".into(),
        condition: "a > 0".into(),
    };
    let index = Index {
        name: "idx_a".into(),
        columns: vec!["a".into(), "b".into()],
        unique: true,
        condition: Some("a IS NOT NULL".into()),
    };
    let all = Table {
        name: "all".into(),
        columns: families(),
        primary_key: vec!["id".into()],
        uniques: vec![unique.clone()],
        foreign_keys: vec![key.clone()],
        checks: vec![check.clone()],
        ..Table::default()
    };
    let state = &all.columns[23];
    let list = [
        Ddl::CreateTable {
            table: &all,
            foreign_keys: true,
        },
        Ddl::CreateTable {
            table: &Table {
                columns: vec![],
                ..all.clone()
            },
            foreign_keys: false,
        },
        Ddl::CreateIndex("app.t", &index),
        Ddl::DropIndex("app.t", "idx_a"),
        Ddl::AddColumn {
            table: "t",
            column: &all.columns[13],
            foreign_key: Some(&key),
            checks: &[&check],
        },
        Ddl::AddForeignKey("t", &key),
        Ddl::DropForeignKey("t", "fk_a"),
        Ddl::AddUnique("t", &unique),
        Ddl::AddCheck("t", &check),
        Ddl::DropCheck("t", "chk_a"),
        Ddl::RenameTable("app.t", "u"),
        Ddl::DropTable("app.t"),
        Ddl::CommentTable("app.t", "it's a \\"),
        Ddl::CommentColumn("app.t", state),
    ];
    let mut got = String::new();
    for ddl in list {
        writeln!(got, "{};\n", ddl.render(dialect)).unwrap();
    }
    for column in &all.columns {
        writeln!(
            got,
            "-- rows get {} in {}",
            dialect.fill(column),
            column.name
        )
        .unwrap();
    }
    let name = dialect.name().to_lowercase();
    let file = format!("{}/tests/golden/ddl_{name}.sql", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &got).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        got == wanted,
        "{file} differs; UPDATE_GOLDEN=1 writes it anew. Got:\n{got}"
    );
}

#[test]
fn golden_sqlite() {
    golden(&Sqlite);
}

#[test]
fn golden_postgres() {
    golden(&Postgres);
}

#[test]
fn golden_mysql() {
    golden(&MySql);
}

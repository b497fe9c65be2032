//! Every sort of statement, rendered in each dialect and compared with `tests/golden/<dialect>.sql`.
//! `UPDATE_GOLDEN=1` writes the files anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fmt::Write as _;

use sinew_core::{ErrorKind, Value};
use sinew_sql::dialect::mysql::MySql;
use sinew_sql::dialect::postgres::Postgres;
use sinew_sql::dialect::sqlite::Sqlite;
use sinew_sql::{
    BinaryOp, Conflict, Delete, Dialect, Expr, InList, Insert, Join, JoinKind, Lock, Order,
    PerGroup, Promised, Raw, Render, Scope, Select, SelectItem, Source, Update,
};

fn here(name: &'static str) -> Expr {
    Expr::here(name)
}

fn value(value: impl Into<i64>) -> Expr {
    Expr::Value(Value::Int(value.into()))
}

fn text(text: &'static str) -> Expr {
    Expr::Value(Value::Text(text.into()))
}

fn raw(sql: &str, binds: Vec<Value<'static>>) -> Raw {
    Raw {
        sql: sql.into(),
        binds,
    }
}

fn from(table: &'static str) -> Select {
    Select {
        columns: vec![here("id").into(), here("name").into()],
        from: Source::Table(table.into()),
        ..Select::default()
    }
}

fn filtered(filter: Expr) -> Select {
    Select {
        filter: vec![filter],
        ..from("users")
    }
}

fn asc(expr: Expr) -> Order {
    Order {
        expr,
        descending: false,
        nulls_first: None,
    }
}

fn exists(table: &'static str, filter: Expr) -> Expr {
    let query = Select {
        columns: vec![Expr::One.into()],
        filter: vec![filter],
        ..from(table)
    };
    Expr::Exists(Box::new(query), false)
}

fn ints(values: &[Option<i64>]) -> Value<'static> {
    Value::Array(
        values
            .iter()
            .map(|v| v.map_or(Value::Null, Value::Int))
            .collect(),
    )
}

fn is_in(tuple: Vec<Expr>, list: Value<'static>, negated: bool) -> Expr {
    Expr::In {
        tuple,
        list: InList::Values(list),
        negated,
    }
}

fn selects() -> Vec<(&'static str, Select)> {
    vec![
        ("select", from("users")),
        (
            "nothing selected",
            Select {
                columns: vec![],
                ..from("users")
            },
        ),
        (
            "no source",
            Select {
                columns: vec![Expr::One.into()],
                ..Select::default()
            },
        ),
        (
            "qualified table",
            Select {
                filter: vec![here("id").equals(value(1))],
                ..from("main.users")
            },
        ),
        (
            "hostile names",
            Select {
                columns: vec![SelectItem {
                    expr: here("a\"b"),
                    alias: Some("x\"; DROP".into()),
                }],
                ..from("us\"ers")
            },
        ),
        (
            "aliased",
            Select {
                from: Source::Aliased("users".into(), "u".into()),
                filter: vec![here("id").equals(Expr::of("u", "age"))],
                ..from("users")
            },
        ),
        (
            "distinct, group, having, order, limit, offset",
            Select {
                distinct: true,
                columns: vec![
                    here("name").into(),
                    SelectItem {
                        expr: Expr::Function {
                            name: "COUNT",
                            distinct: false,
                            args: vec![],
                        },
                        alias: Some("n".into()),
                    },
                ],
                group_by: vec![here("name")],
                having: vec![
                    Expr::Function {
                        name: "SUM",
                        distinct: true,
                        args: vec![here("age")],
                    }
                    .binary(BinaryOp::Gt, value(3)),
                    Expr::And(vec![]),
                ],
                order: vec![
                    Order {
                        expr: Expr::Column(Scope::Bare, "n".into()),
                        descending: true,
                        nulls_first: Some(true),
                    },
                    Order {
                        expr: here("name"),
                        descending: false,
                        nulls_first: Some(true),
                    },
                ],
                limit: Some(20),
                offset: Some(40),
                lock: Some(Lock::Update),
                ..from("users")
            },
        ),
        (
            "offset alone",
            Select {
                offset: Some(5),
                lock: Some(Lock::Share),
                ..from("users")
            },
        ),
        (
            "limits beyond what a database counts",
            Select {
                limit: Some(u64::MAX),
                offset: Some(u64::MAX),
                ..from("users")
            },
        ),
        (
            "joins",
            Select {
                columns: vec![here("id").into(), Expr::of("company", "name").into()],
                joins: vec![
                    Join::Table {
                        kind: JoinKind::Left,
                        table: "companies".into(),
                        alias: "company".into(),
                        on: Expr::of("company", "id").equals(here("company_id")),
                    },
                    Join::Table {
                        kind: JoinKind::Inner,
                        table: "orders".into(),
                        alias: "orders".into(),
                        on: Expr::of("orders", "user_id").equals(here("id")),
                    },
                    Join::Raw(raw(
                        "LEFT JOIN items i ON i.order_id = orders.id AND i.id > ?",
                        vec![Value::Int(9)],
                    )),
                ],
                filter: vec![exists(
                    "orders",
                    here("user_id").equals(Expr::outer(1, "id")),
                )],
                ..from("users")
            },
        ),
        (
            "sub-query as source",
            Select {
                from: Source::Query(Box::new(from("users")), "u".into()),
                filter: vec![here("name").equals(text("Ada"))],
                ..from("users")
            },
        ),
    ]
}

fn filters() -> Vec<(&'static str, Expr)> {
    let a = || here("id").equals(value(1));
    let b = || here("age").binary(BinaryOp::Lt, value(2));
    vec![
        (
            "all and none",
            Expr::Or(vec![Expr::And(vec![]), Expr::Or(vec![])]),
        ),
        (
            "and in or in and",
            Expr::And(vec![a(), Expr::Or(vec![b(), Expr::And(vec![a(), b()])])]),
        ),
        ("one in and", Expr::And(vec![Expr::Or(vec![a(), b()])])),
        (
            "not",
            Expr::Not(Box::new(Expr::Or(vec![a(), Expr::Not(Box::new(b()))]))),
        ),
        (
            "null",
            Expr::And(vec![
                here("age").equals(Expr::Value(Value::Null)),
                here("age").binary(BinaryOp::Ne, Expr::Null),
                Expr::Null.equals(here("name")),
                Expr::IsNull(Box::new(here("name")), true),
                Expr::Live(Scope::Here, "age".into()),
            ]),
        ),
        (
            "arithmetic",
            here("age")
                .binary(BinaryOp::Add, value(1))
                .binary(BinaryOp::Mul, value(2))
                .binary(
                    BinaryOp::Ge,
                    value(1).binary(
                        BinaryOp::Sub,
                        value(2).binary(BinaryOp::Sub, here("id").binary(BinaryOp::Rem, value(3))),
                    ),
                ),
        ),
        (
            "concat",
            here("name")
                .binary(BinaryOp::Concat, text("x"))
                .binary(BinaryOp::Concat, text("y"))
                .equals(text("z")),
        ),
        ("comparison of conditions", a().equals(b())),
        (
            "between",
            Expr::Between(Box::new([
                here("age"),
                value(1),
                value(2).binary(BinaryOp::Add, value(3)),
            ])),
        ),
        (
            "in",
            is_in(vec![here("id")], ints(&[Some(1), None, Some(2)]), false),
        ),
        (
            "not in",
            is_in(vec![here("id")], ints(&[Some(1), None]), true),
        ),
        ("in nothing", is_in(vec![here("id")], ints(&[]), false)),
        (
            "in one value",
            is_in(vec![here("id")], Value::Int(7), false),
        ),
        (
            "tuples",
            is_in(
                vec![here("id"), here("age")],
                Value::Tuples {
                    width: 2,
                    values: vec![Value::Int(1), Value::Int(2), Value::Int(3), Value::Null],
                },
                true,
            ),
        ),
        ("no tuple", is_in(vec![], ints(&[]), true)),
        (
            "in a query",
            Expr::In {
                tuple: vec![here("id"), here("name")],
                list: InList::Query(Box::new(filtered(a()))),
                negated: true,
            },
        ),
        (
            "like",
            Expr::And(vec![
                Expr::Like {
                    expr: Box::new(here("name")),
                    pattern: Box::new(text("A%")),
                    ignore_case: false,
                },
                Expr::Like {
                    expr: Box::new(here("name")),
                    pattern: Box::new(text("a%")),
                    ignore_case: true,
                },
            ]),
        ),
        (
            "exists, three deep on one table",
            exists(
                "users",
                Expr::And(vec![
                    here("company_id").equals(Expr::outer(1, "id")),
                    exists(
                        "users",
                        Expr::And(vec![
                            here("company_id").equals(Expr::outer(1, "id")),
                            here("age").equals(Expr::outer(2, "age")),
                            exists("companies", here("id").equals(Expr::outer(3, "company_id"))),
                        ]),
                    ),
                ]),
            ),
        ),
        (
            "a table called t1",
            exists(
                "t1",
                exists(
                    "users",
                    exists("T1", here("id").equals(Expr::outer(3, "id"))),
                ),
            ),
        ),
        (
            "scalar query",
            Expr::Query(Box::new(Select {
                columns: vec![
                    Expr::Function {
                        name: "COUNT",
                        distinct: true,
                        args: vec![here("id")],
                    }
                    .into(),
                ],
                filter: vec![here("user_id").equals(Expr::outer(1, "id"))],
                ..from("orders")
            }))
            .binary(BinaryOp::Ge, value(3)),
        ),
        (
            "raw",
            Expr::And(vec![
                Expr::Raw(raw(
                    "age > ? OR name = 'what?' -- really?\n OR name = ? /* ? */",
                    vec![Value::Int(1), Value::Text("x".into())],
                )),
                Expr::Raw(raw("name <> '??' AND 1 = 1 -- the end", vec![])),
            ]),
        ),
        (
            "raw alone",
            Expr::Raw(raw(
                "\"age\" = ? OR 'it''s ?' = ?",
                vec![Value::Int(1), Value::Int(2)],
            )),
        ),
        ("param", here("id").equals(Expr::Param)),
    ]
}

fn grouped() -> Vec<(&'static str, Select)> {
    let select = Select {
        columns: vec![
            here("id").into(),
            here("user_id").into(),
            SelectItem {
                expr: here("amount").binary(BinaryOp::Mul, value(2)),
                alias: Some("twice".into()),
            },
        ],
        filter: vec![here("amount").binary(BinaryOp::Gt, value(1))],
        ..from("orders")
    };
    let group = |limit, offset| {
        Some(PerGroup {
            partition: vec![here("user_id")],
            limit,
            offset,
        })
    };
    vec![
        (
            "per group",
            Select {
                per_group: group(Some(3), 0),
                ..select.clone()
            },
        ),
        (
            "per group, ordered",
            Select {
                per_group: group(Some(3), 2),
                order: vec![
                    Order {
                        expr: here("amount"),
                        descending: true,
                        nulls_first: Some(false),
                    },
                    asc(here("id")),
                ],
                limit: Some(100),
                ..select.clone()
            },
        ),
        (
            "per group, skipping",
            Select {
                per_group: Some(PerGroup {
                    partition: vec![],
                    limit: None,
                    offset: 1,
                }),
                order: vec![asc(here("id"))],
                ..select
            },
        ),
    ]
}

fn writes() -> Vec<(&'static str, Box<dyn Render>)> {
    let insert = Insert {
        table: "users".into(),
        columns: vec!["name".into(), "age".into()],
        rows: 1,
        conflict: None,
        returning: vec![],
        promised: vec![],
        keep: None,
    };
    let upsert = |target: Vec<_>, set| Insert {
        conflict: Some(Conflict::Update { target, set }),
        ..insert.clone()
    };
    vec![
        ("insert", Box::new(insert.clone())),
        (
            "insert rows",
            Box::new(Insert {
                rows: 3,
                returning: vec!["id".into()],
                ..insert.clone()
            }),
        ),
        (
            "insert defaults",
            Box::new(Insert {
                columns: vec![],
                ..insert.clone()
            }),
        ),
        (
            "insert that keeps its keys",
            Box::new(Insert {
                returning: vec!["id".into()],
                keep: Some(2),
                ..insert.clone()
            }),
        ),
        (
            "insert with a key that is kept",
            Box::new(Insert {
                promised: vec![(
                    1,
                    Promised {
                        slot: 2,
                        lowest: 90,
                        highest: 99,
                    },
                )],
                ..insert.clone()
            }),
        ),
        (
            "insert or nothing",
            Box::new(Insert {
                conflict: Some(Conflict::Nothing(vec![])),
                ..insert.clone()
            }),
        ),
        (
            "insert or nothing on a key",
            Box::new(Insert {
                conflict: Some(Conflict::Nothing(vec!["id".into()])),
                ..insert.clone()
            }),
        ),
        (
            "upsert",
            Box::new(upsert(
                vec!["id".into()],
                vec![
                    ("name".into(), Expr::Excluded("name".into())),
                    ("age".into(), here("age").binary(BinaryOp::Add, value(1))),
                ],
            )),
        ),
        (
            "upsert of nothing",
            Box::new(upsert(vec!["id".into()], vec![])),
        ),
        (
            "update",
            Box::new(Update {
                table: "main.users".into(),
                set: vec![
                    ("age".into(), here("age").binary(BinaryOp::Add, value(1))),
                    ("name".into(), Expr::Value(Value::Null)),
                    ("company_id".into(), Expr::Null),
                ],
                filter: vec![here("id").equals(Expr::Param)],
                returning: vec!["id".into()],
            }),
        ),
        (
            "delete",
            Box::new(Delete {
                table: "users".into(),
                filter: vec![
                    Expr::Or(vec![
                        here("id").equals(value(1)),
                        here("id").equals(value(2)),
                    ]),
                    exists("users", here("company_id").equals(Expr::outer(1, "id"))),
                ],
                returning: vec![],
            }),
        ),
        (
            "delete everything",
            Box::new(Delete {
                table: "users".into(),
                ..Delete::default()
            }),
        ),
        (
            "raw statement",
            Box::new(raw("SELECT ??, ? FROM users -- all", vec![Value::Int(1)])),
        ),
    ]
}

fn cases() -> Vec<(&'static str, Box<dyn Render>)> {
    let mut all: Vec<(&str, Box<dyn Render>)> = Vec::new();
    all.extend(
        selects()
            .into_iter()
            .map(|(name, select)| (name, Box::new(select) as Box<dyn Render>)),
    );
    all.extend(
        filters()
            .into_iter()
            .map(|(name, filter)| (name, Box::new(filtered(filter)) as Box<dyn Render>)),
    );
    all.extend(
        grouped()
            .into_iter()
            .map(|(name, select)| (name, Box::new(select) as Box<dyn Render>)),
    );
    all.extend(writes());
    all
}

fn golden(dialect: &dyn Dialect) {
    let mut got = String::new();
    for (name, statement) in cases() {
        let rendered = statement.render(dialect);
        writeln!(got, "-- {name}\n{}", rendered.sql).unwrap();
        if !rendered.binds.is_empty() {
            writeln!(got, "-- binds {:?}", rendered.binds).unwrap();
        }
        got.push('\n');
        let (_, binds) = statement.shape(dialect);
        assert_eq!(rendered.binds, binds, "{name}");
    }
    let file = format!(
        "{}/tests/golden/{}.sql",
        env!("CARGO_MANIFEST_DIR"),
        dialect.name().to_lowercase()
    );
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(format!("{}/tests/golden", env!("CARGO_MANIFEST_DIR"))).unwrap();
        std::fs::write(&file, &got).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    if got != wanted {
        let first = got.lines().zip(wanted.lines()).find(|(a, b)| a != b);
        panic!("{file} differs, first at {first:#?}; UPDATE_GOLDEN=1 writes it anew");
    }
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

/// SQLite itself accepts all of it.
#[test]
fn sqlite_prepares_each() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    rusqlite::vtab::array::load_module(&db).unwrap();
    db.execute_batch(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name, age, company_id, \"a\"\"b\");
         CREATE TABLE companies (id, name);
         CREATE TABLE orders (id, name, user_id, amount);
         CREATE TABLE items (id, order_id);
         CREATE TABLE t1 (id, name);
         CREATE TABLE \"us\"\"ers\" (\"a\"\"b\");",
    )
    .unwrap();
    for (name, statement) in cases() {
        if name == "raw statement" {
            continue;
        }
        let sql = statement.render(&Sqlite).sql;
        if let Err(error) = db.prepare(&sql) {
            panic!("{name}: {error}\n{sql}");
        }
    }
}

#[test]
fn raw_is_checked() {
    let check = |sql: &str, count| raw(sql, vec![Value::Null; count]).check();
    assert!(check("a = ? AND b = '?' AND c ?? 'x' -- ?", 1).is_ok());
    assert!(check("a = ?\n/* ? */ OR b = ?", 2).is_ok());
    assert!(check("a = 'it''s ?'", 0).is_ok());
    for (sql, count, says) in [
        ("a = ?", 0, "1 placeholders, but 0 values"),
        ("a = 1", 2, "0 placeholders, but 2 values"),
        ("a = ?1", 1, "plain `?`"),
        ("a = 'open", 0, "leaves ' open"),
        ("a = \"open", 0, "leaves \" open"),
        ("a /* open", 0, "leaves /* open"),
    ] {
        let error = check(sql, count).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains(says), "{error}");
    }
}

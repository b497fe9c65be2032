//! Lists of keys: against columns of every collation, and larger than one packet.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use sinew_core::driver::{Action, Connection, Driver as _, Intent, Statement};
use sinew_core::{ErrorKind, Value};
use sinew_sql::dialect::mysql::MySql;
use sinew_sql::{Dialect as _, Writer};
use support::{Kept, each, open, run, text};

/// What a dialect writes.
#[derive(Default)]
struct Written {
    sql: String,
    binds: Vec<Value<'static>>,
}

impl<'a> Writer<'a> for Written {
    fn text(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn bind(&mut self, value: Value<'a>) {
        self.sql.push('?');
        self.binds.push(value.into_owned());
    }
}

/// The rows of a statement that ends in `IN` and this list.
async fn listed(
    c: &mut dyn Connection,
    head: &str,
    list: &Value<'static>,
    negated: bool,
) -> Vec<Vec<Value<'static>>> {
    let mut written = Written::default();
    written.sql.push_str(head);
    MySql.key_list(list, negated, &mut written);
    run(c, &written.sql, &written.binds).await.unwrap().rows
}

fn texts(values: impl IntoIterator<Item = String>) -> Value<'static> {
    Value::Array(values.into_iter().map(|v| Value::Text(v.into())).collect())
}

async fn make(c: &mut dyn Connection, columns: &str, values: Vec<Value<'static>>) {
    run(c, "DROP TABLE IF EXISTS t", &[]).await.unwrap();
    run(c, &format!("CREATE TABLE t (a {columns})"), &[])
        .await
        .unwrap();
    let times = values.len();
    let insert = "INSERT INTO `t` (`a`) VALUES (?)";
    each(c, insert, times, values, false).await.0.unwrap();
}

#[tokio::test]
async fn columns_of_every_collation_mysql() {
    let Some(db) = open("collations").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    for kind in [
        "varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "varchar(300) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin",
        "varchar(300) CHARACTER SET utf8mb3",
        "varchar(300) CHARACTER SET latin1",
        "varchar(300) CHARACTER SET latin1 COLLATE latin1_bin",
        "varchar(300) CHARACTER SET ucs2 COLLATE ucs2_bin",
        "varbinary(900)",
        "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    ] {
        for key in ["", ", KEY (a(191))"] {
            let values = ["käse", "q\"\\uote", " spaced", "", "über"]
                .map(text)
                .to_vec();
            make(c, &format!("{kind}{key}"), values).await;
            for more in [0, 250, 700, 5_000] {
                // Longer texts change the type of the list.
                let mut wanted: Vec<_> = ["käse", "q\"\\uote", ""].map(text).to_vec();
                wanted.push(Value::Text("x".repeat(more + 1).into()));
                wanted.push(Value::Null);
                // A place for each key, and a document of many.
                let mut many = wanted.clone();
                many.extend((0..20).map(|n| text(&format!("none {n}"))));
                for list in [wanted, many].map(Value::Array) {
                    let head = "SELECT COUNT(*) FROM t WHERE t.a";
                    assert_eq!(
                        listed(c, head, &list, false).await,
                        [[Value::Int(3)]],
                        "{kind}"
                    );
                    assert_eq!(
                        listed(c, head, &list, true).await,
                        [[Value::Int(2)]],
                        "{kind}"
                    );
                }
                let pairs = Value::Tuples {
                    width: 2,
                    values: vec![Value::Int(1), text("käse"), Value::Int(2), text("über")],
                };
                let head = "SELECT COUNT(*) FROM t WHERE (1, t.a)";
                assert_eq!(
                    listed(c, head, &pairs, false).await,
                    [[Value::Int(1)]],
                    "{kind}"
                );
            }
        }
    }
}

#[tokio::test]
async fn lists_larger_than_a_packet_mysql() {
    let Some(db) = open("large_lists").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    let key = |n: usize| format!("{n:0200}é\"");
    let values: Vec<_> = (0..1_000)
        .map(|n| Value::Text(key(n * 200).into()))
        .collect();
    run(c, "ALTER DATABASE /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */", &[])
        .await
        .unwrap();
    make(c, "varchar(255) PRIMARY KEY", values).await;
    // Above 16 MB and above 40 MB.
    for count in [90_000, 200_000] {
        let list = texts((0..count).map(key));
        let started = Instant::now();
        let head = "SELECT COUNT(*) FROM t WHERE a";
        let found = count.div_ceil(200) as i64;
        assert_eq!(listed(c, head, &list, false).await, [[Value::Int(found)]]);
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{:?}",
            started.elapsed()
        );
    }
    // Read slowly, too.
    let list = texts((0..100_000).map(key));
    let mut written = Written::default();
    written.sql.push_str("SELECT a FROM t WHERE a");
    MySql.key_list(&list, false, &mut written);
    let statement = Statement {
        sql: &written.sql,
        binds: written.binds,
        action: Action::Rows,
    };
    let mut kept = Kept::default();
    while c.fetch(&statement, 100, &mut kept).await.unwrap() {}
    assert_eq!(kept.rows.len(), 500);
}

#[tokio::test]
async fn a_value_larger_than_a_packet_is_refused_and_no_more_mysql() {
    let Some(db) = open("large_value").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    make(c, "longblob", vec![text("x")]).await;
    let id = run(c, "SELECT CONNECTION_ID()", &[]).await.unwrap().rows;
    let size = match run(c, "SELECT @@max_allowed_packet", &[])
        .await
        .unwrap()
        .rows[0][0]
    {
        Value::Int(size) => usize::try_from(size).unwrap(),
        ref other => panic!("{other:?}"),
    };
    let insert = "INSERT INTO t (a) VALUES (?)";
    let error = run(c, insert, &[Value::Bytes(vec![1; size + 1].into())])
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLong);
    assert!(error.hint().unwrap().contains("max_allowed_packet"));
    assert_eq!(
        run(c, "SELECT CONNECTION_ID()", &[]).await.unwrap().rows,
        id
    );
    run(c, insert, &[Value::Bytes(vec![1; size - 100_000].into())])
        .await
        .unwrap();
    let length = run(c, "SELECT MAX(LENGTH(a)) FROM t", &[])
        .await
        .unwrap()
        .rows;
    assert_eq!(length, [[Value::Int(size as i64 - 100_000)]]);
}

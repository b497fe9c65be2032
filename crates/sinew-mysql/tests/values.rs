//! Values survive the way to the server and back, at their limits.

#![allow(clippy::unwrap_used, clippy::uninlined_format_args)]

mod support;

use sinew_core::driver::{Driver as _, Intent};
use sinew_core::{ErrorKind, Value};
use support::{open, run, text};

const TABLE: &str = "CREATE TABLE t (n int auto_increment primary key, i bigint, u bigint unsigned, \
    b boolean, f double, g float, s longtext, y longblob, d datetime(6), a date, c time(6), \
    k binary(16), m decimal(65,30), j json) CHARACTER SET utf8mb4";

#[tokio::test]
async fn there_and_back_mysql() {
    let Some(db) = open("values").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let far = 253_402_300_799_999_999;
    let first = -62_135_596_800_000_000;
    let every: String = (0..=0x0010_ffff)
        .step_by(97)
        .filter_map(char::from_u32)
        .collect();
    let bytes: Vec<u8> = (0..=255).collect();
    let cases: Vec<(&str, Value<'static>, Option<Value<'static>>)> = vec![
        ("i", Value::Int(i64::MAX), None),
        ("i", Value::Int(i64::MIN), None),
        ("i", Value::Null, None),
        ("u", Value::UInt(u64::MAX), None),
        ("u", Value::Int(7), None),
        ("b", Value::Bool(true), Some(Value::Int(1))),
        ("f", Value::Float(f64::MIN_POSITIVE), None),
        ("f", Value::Float(f64::MAX), None),
        ("f", Value::Float(-0.1), None),
        ("g", Value::Float(f64::from(0.1_f32)), None),
        ("s", text(""), None),
        ("s", text("a\0b\\'\"\u{1F600}"), None),
        ("s", text(&"x".repeat(1 << 20)), None),
        ("s", Value::Text(every.into()), None),
        ("y", Value::Bytes(bytes.into()), None),
        ("y", Value::Bytes(vec![0xff; 1 << 20].into()), None),
        ("d", Value::Timestamp(far), Some(Value::DateTime(far))),
        ("d", Value::DateTime(first), None),
        ("d", Value::DateTime(-1), None),
        ("d", Value::DateTime(1_795_178_580_123_456), None),
        ("a", Value::Date(-719_162), None),
        ("a", Value::Date(2_932_896), None),
        ("c", Value::Time(86_399_999_999), None),
        ("c", Value::Time(0), None),
        (
            "k",
            Value::Uuid([0xfe; 16]),
            Some(Value::Bytes(vec![0xfe; 16].into())),
        ),
        (
            "k",
            Value::Uuid([0; 16]),
            Some(Value::Bytes(vec![0; 16].into())),
        ),
        (
            "m",
            Value::Decimal("-12345678901234567890123456789012345.5".into()),
            Some(Value::Decimal(
                format!("-12345678901234567890123456789012345.5{}", "0".repeat(29)).into(),
            )),
        ),
    ];
    for (column, value, wanted) in cases {
        let sql = format!("INSERT INTO t ({column}) VALUES (?)");
        let id = run(c, &sql, std::slice::from_ref(&value))
            .await
            .unwrap()
            .done[0]
            .last_id
            .unwrap();
        let sql = format!("SELECT {column} FROM t WHERE n = ?");
        let rows = run(c, &sql, &[Value::Int(id)]).await.unwrap().rows;
        let wanted = wanted.unwrap_or(value);
        assert!(
            rows == [[wanted.clone()]],
            "{column}: {:.200?} {:.200?}",
            rows,
            wanted
        );
        // What was written is found again by itself.
        if !matches!(wanted, Value::Null | Value::Float(_)) {
            let sql = format!("SELECT count(*) FROM t WHERE n = ? AND {column} = ?");
            let rows = run(c, &sql, &[Value::Int(id), wanted.clone()])
                .await
                .unwrap()
                .rows;
            assert_eq!(rows, [[Value::Int(1)]], "{column} {wanted:.200?}");
        }
    }
    let json = r#"{"a": [1, "é"]}"#;
    let id = run(
        c,
        "INSERT INTO t (j) VALUES (?)",
        &[Value::Json(json.into())],
    )
    .await
    .unwrap();
    let id = id.done[0].last_id.unwrap();
    let rows = run(c, "SELECT j FROM t WHERE n = ?", &[Value::Int(id)])
        .await
        .unwrap()
        .rows;
    assert!(
        matches!(&rows[0][0], Value::Json(t) | Value::Text(t) if t == json),
        "{rows:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_held_is_refused_mysql() {
    let Some(db) = open("refused").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(
        c,
        "CREATE TABLE t (f double, d datetime(6), n tinyint, s varchar(3))",
        &[],
    )
    .await
    .unwrap();
    for (column, value, kind) in [
        ("f", Value::Float(f64::NAN), ErrorKind::InvalidInput),
        ("f", Value::Float(f64::INFINITY), ErrorKind::InvalidInput),
        ("d", Value::Timestamp(i64::MAX), ErrorKind::InvalidInput),
        ("n", Value::Int(128), ErrorKind::ValueTooLong),
        ("n", text("x"), ErrorKind::Decode),
        ("s", text("abcd"), ErrorKind::ValueTooLong),
    ] {
        let sql = format!("INSERT INTO t ({column}) VALUES (?)");
        let error = run(c, &sql, &[value]).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        if kind != ErrorKind::InvalidInput {
            assert_eq!(error.column(), Some(column));
        }
    }
    assert_eq!(
        run(c, "SELECT count(*) FROM t", &[]).await.unwrap().rows,
        [[Value::Int(0)]]
    );
}

#[tokio::test]
async fn key_lists_of_any_length_use_the_index_mysql() {
    let Some(db) = open("lists").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(
        c,
        "CREATE TABLE t (n bigint primary key, s varchar(20) not null, k binary(16) not null, \
         index (s), index (k)) /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE \
         utf8mb4_0900_bin */",
        &[],
    )
    .await
    .unwrap();
    let rows = 50_000_i64;
    let uuid = |n: i64| Value::Uuid(i128::from(n).to_be_bytes());
    let mut binds = Vec::new();
    for n in 0..rows {
        binds.extend([Value::Int(n), text(&format!("é{n}")), uuid(n)]);
    }
    let sql = "INSERT INTO `t` (`n`, `s`, `k`) VALUES (?, ?, ?)";
    let (result, kept) = support::each(c, sql, 50_000, binds, false).await;
    result.unwrap();
    assert_eq!(kept.done.len(), 50_000);
    let texts = "(SELECT k0 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 VARCHAR(768) CHARACTER SET utf8mb4 \
                 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS k)";
    let numbers = "(SELECT k0 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 BIGINT PATH '$')) AS k)";
    let bytes =
        "(SELECT UNHEX(k0) FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 VARCHAR(1536) PATH '$')) AS k)";
    let all = 0..200_000_i64;
    for (column, list, values) in [
        (
            "n",
            numbers,
            all.clone().map(Value::Int).collect::<Vec<_>>(),
        ),
        (
            "s",
            texts,
            all.clone().map(|n| text(&format!("é{n}"))).collect(),
        ),
        ("k", bytes, all.clone().map(uuid).collect()),
    ] {
        let sql = format!("SELECT count(*) FROM t WHERE {column} IN {list}");
        let found = run(c, &sql, &[Value::Array(values.clone())])
            .await
            .unwrap()
            .rows;
        assert_eq!(found, [[Value::Int(rows)]], "{column}");
        let plan = run(c, &format!("EXPLAIN {sql}"), &[Value::Array(values)])
            .await
            .unwrap()
            .rows;
        // The table's line: of its access types only `ALL` and `index` read all of it.
        let line = plan.iter().find(|row| row[2] == text("t")).unwrap();
        assert!(
            line.iter()
                .any(|v| *v == text("ref") || *v == text("eq_ref")),
            "{plan:?}"
        );
    }
    let pairs = "(n, s) IN (SELECT k0, k1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 BIGINT PATH '$[0]', \
                 k1 VARCHAR(768) CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 \
                 COLLATE utf8mb4_0900_bin */ PATH '$[1]')) AS k)";
    let values = vec![Value::Int(1), text("é1"), Value::Int(2), text("é3")];
    let list = Value::Tuples { width: 2, values };
    let found = run(c, &format!("SELECT n FROM t WHERE {pairs}"), &[list])
        .await
        .unwrap()
        .rows;
    assert_eq!(found, [[Value::Int(1)]]);
}

//! Values in and out, lists of keys, streams.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod support;

use std::time::Instant;

use proptest::prelude::*;
use sinew_core::driver::{Batch, Bracket, Connection};
use sinew_core::{ColumnType, ErrorKind, Timestamp, Value};
use sinew_sqlite::tuples_sql;
use support::*;

fn echo(value: Value<'_>) -> Value<'static> {
    let (_database, mut c) = memory();
    exec(&mut c, "SELECT ?", vec![value]).unwrap().rows[0].1[0].clone()
}

#[test]
fn each_sort_of_value_has_one_form() {
    let uuid = [7; 16];
    for (value, stored) in [
        (Value::Null, Value::Null),
        (Value::Bool(true), int(1)),
        (int(i64::MIN), int(i64::MIN)),
        (Value::UInt(5), int(5)),
        (Value::Float(f64::INFINITY), Value::Float(f64::INFINITY)),
        (Value::Float(-0.0), Value::Float(-0.0)),
        (
            Value::Float(f64::MIN_POSITIVE),
            Value::Float(f64::MIN_POSITIVE),
        ),
        (text(""), text("")),
        (text("a\0b\0"), text("a\0b\0")),
        (Value::Bytes(vec![].into()), Value::Bytes(vec![].into())),
        (
            Value::Bytes(vec![0, 255].into()),
            Value::Bytes(vec![0, 255].into()),
        ),
        (
            Value::Timestamp(1_795_178_580_123_456),
            text("2026-11-20T12:43:00.123456Z"),
        ),
        (Value::DateTime(0), text("1970-01-01T00:00:00.000000")),
        (Value::Date(-1), text("1969-12-31")),
        (Value::Time(1), text("00:00:00.000001")),
        (Value::Uuid(uuid), Value::Bytes(uuid.to_vec().into())),
        (
            Value::Decimal("-0001234567890123.4500".into()),
            text("-0001234567890123.4500"),
        ),
        (
            Value::Decimal("9223372036854775807.00".into()),
            text("9223372036854775807"),
        ),
        (
            Value::UInt(u64::MAX),
            Value::Bytes(b"18446744073709551615".as_slice().into()),
        ),
        (
            Value::UInt(1 << 63),
            Value::Bytes(b"09223372036854775808".as_slice().into()),
        ),
        (Value::Json("{\"a\":1}".into()), text("{\"a\":1}")),
    ] {
        assert_eq!(echo(value.clone()), stored, "{value:?}");
    }
}

#[test]
fn what_sqlite_cannot_hold_is_refused() {
    let (_database, mut c) = memory();
    for value in [
        Value::Float(f64::NAN),
        Value::Decimal("1234567890.123456".into()),
        Value::Decimal("9223372036854775808".into()),
        Value::Decimal("0.1000000000000001".into()),
        Value::Timestamp(i64::MAX),
        Value::Time(-1),
        Value::Date(i32::MAX),
        Value::DateTime(i64::MIN),
        Value::Array(vec![Value::Array(vec![])]),
        Value::Array(vec![Value::Float(f64::NAN)]),
        Value::Tuples {
            width: 2,
            values: vec![int(1)],
        },
        Value::Tuples {
            width: 0,
            values: vec![],
        },
    ] {
        let error = exec(&mut c, "SELECT ?", vec![value.clone()])
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{value:?}");
        assert_eq!(error.sql(), Some("SELECT ?"));
    }
}

#[test]
fn text_that_is_none() {
    let (_database, mut c) = memory();
    let error = exec(&mut c, "SELECT CAST(x'ff' AS TEXT) AS odd", vec![])
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.column()),
        (ErrorKind::Decode, Some("odd"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_come_back(
        number in any::<i64>(),
        float in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO | proptest::num::f64::INFINITE,
        words in any::<String>(),
        bytes in any::<Vec<u8>>(),
        micros in -377_705_023_201_000_000_i64..=253_402_207_200_999_999,
    ) {
        let (_database, mut c) = memory();
        let binds = vec![
            int(number),
            Value::Float(float),
            text(&words),
            Value::Bytes(bytes.clone().into()),
            Value::Timestamp(micros),
        ];
        let keep = exec(&mut c, "SELECT ?, ?, ?, ?, ?", binds).unwrap();
        let row = &keep.rows[0].1;
        prop_assert_eq!(&row[0], &int(number));
        prop_assert!(matches!(row[1], Value::Float(f) if f.to_bits() == float.to_bits()));
        prop_assert_eq!(&row[2], &text(&words));
        prop_assert_eq!(&row[3], &Value::Bytes(bytes.clone().into()));
        let moment = Timestamp::from_value(row[4].clone()).unwrap();
        prop_assert_eq!(moment.micros(), Some(micros));
        // And through a list, where each keeps its type.
        let list = Value::Array(vec![int(number), Value::Float(float), text(&words), Value::Bytes(bytes.into())]);
        let keep = exec(&mut c, "SELECT value FROM rarray(?)", vec![list]).unwrap();
        let values: Vec<_> = keep.rows.iter().map(|row| row.1[0].clone()).collect();
        prop_assert_eq!(&values[..], &row[..4]);
    }
}

const KEYS: i64 = 50_000;

fn fifty_thousand(c: &mut Box<dyn Connection>, table: &str) {
    script(c, &[table]);
    let sql = format!(
        "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {KEYS}) \
         SELECT x, printf('k%d', x), CAST(printf('%016d', x) AS BLOB), x + 0.5 FROM c"
    );
    script(c, &[&sql]);
}

#[test]
fn fifty_thousand_keys() {
    let (_database, mut c) = memory();
    fifty_thousand(
        &mut c,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT UNIQUE, b BLOB UNIQUE, f REAL UNIQUE)",
    );
    let blob = |n: i64| Value::Bytes(format!("{n:016}").into_bytes().into());
    type MakeKey = fn(i64) -> Value<'static>;
    let lists: [(&str, MakeKey); 4] = [
        ("id", int),
        ("k", |n| Value::Text(format!("k{n}").into())),
        ("b", blob),
        #[allow(clippy::cast_precision_loss)]
        ("f", |n| Value::Float(n as f64 + 0.5)),
    ];
    for (column, value) in lists {
        // As many keys again that are not there.
        let list: Vec<_> = (1..=KEYS).map(|n| value(n * 2)).collect();
        for form in ["(SELECT value FROM rarray(?))", "rarray(?)"] {
            let sql = format!("SELECT count(*), sum(id) FROM t WHERE {column} IN {form}");
            let start = Instant::now();
            let keep = exec(&mut c, &sql, vec![Value::Array(list.clone())]).unwrap();
            println!("{sql}: {:?}", start.elapsed());
            assert_eq!(keep.rows[0].1[0], int(KEYS / 2), "{column}");
            let empty = exec(&mut c, &sql, vec![Value::Array(vec![])]).unwrap();
            assert_eq!(empty.ints(), [0]);
        }
    }
}

#[test]
fn fifty_thousand_tuples() {
    let (_database, mut c) = memory();
    fifty_thousand(
        &mut c,
        "CREATE TABLE t (a INTEGER, k TEXT, b BLOB, f REAL, PRIMARY KEY (a, k, b, f)) WITHOUT ROWID",
    );
    let mut values = Vec::new();
    for n in 1..=KEYS {
        let n = n * 2;
        #[allow(clippy::cast_precision_loss)]
        values.extend([
            int(n),
            Value::Text(format!("k{n}").into()),
            Value::Bytes(format!("{n:016}").into_bytes().into()),
            Value::Float(n as f64 + 0.5),
        ]);
    }
    for (width, columns) in [(4, "(a, k, b, f)"), (2, "(a, k)"), (1, "a")] {
        let list: Vec<_> = values
            .chunks(4)
            .flat_map(|tuple| tuple[..width].to_vec())
            .collect();
        let sql = format!(
            "SELECT count(*) FROM t WHERE {columns} IN {}",
            tuples_sql(width)
        );
        let start = Instant::now();
        let keep = exec(
            &mut c,
            &sql,
            vec![Value::Tuples {
                width,
                values: list,
            }],
        )
        .unwrap();
        println!("{sql}: {:?}", start.elapsed());
        assert_eq!(keep.ints(), [KEYS / 2]);
        let empty = exec(
            &mut c,
            &sql,
            vec![Value::Tuples {
                width,
                values: vec![],
            }],
        )
        .unwrap();
        assert_eq!(empty.ints(), [0]);
        let plan = exec(
            &mut c,
            &format!("EXPLAIN QUERY PLAN {sql}"),
            vec![Value::Null],
        )
        .unwrap();
        println!(
            "{:?}",
            plan.rows.iter().map(|r| &r.1[3]).collect::<Vec<_>>()
        );
    }
    // Parts of different tuples do not match, and neither does NULL.
    let mixed = vec![
        int(1),
        text("k2"),
        int(2),
        text("k1"),
        Value::Null,
        text("k3"),
        int(4),
        text("k4"),
    ];
    let sql = format!("SELECT a FROM t WHERE (a, k) IN {}", tuples_sql(2));
    let keep = exec(
        &mut c,
        &sql,
        vec![Value::Tuples {
            width: 2,
            values: mixed,
        }],
    )
    .unwrap();
    assert_eq!(keep.ints(), [4]);
}

#[test]
fn a_hundred_thousand_rows_in_chunks() {
    let (_database, mut c) = memory();
    let sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ?) SELECT x FROM c";
    let statement = stmt(sql, vec![int(100_000)]);
    let (mut total, mut chunks) = (0, 0);
    loop {
        let mut keep = Keep::default();
        let more = block_on(c.fetch(&statement, 1000, &mut keep)).unwrap();
        assert!(keep.rows.len() <= 1000);
        chunks += 1;
        for n in keep.ints() {
            total += 1;
            assert_eq!(n, total);
        }
        assert_eq!(keep.done.is_empty(), more);
        if !more {
            break;
        }
    }
    assert_eq!((total, chunks), (100_000, 101));
    // It starts over.
    let mut keep = Keep::default();
    assert!(block_on(c.fetch(&statement, 10, &mut keep)).unwrap());
    assert_eq!(keep.ints()[0], 1);
    // Left half-way and ended, another run of the same statement is a new one.
    block_on(c.rollback(Bracket::None)).unwrap();
    let mut keep = Keep::default();
    assert!(block_on(c.fetch(&statement, 10, &mut keep)).unwrap());
    assert_eq!(keep.ints()[0], 1);
    block_on(run(&mut c, Batch::bare(vec![]))).unwrap();
    let mut keep = Keep::default();
    assert!(block_on(c.fetch(&statement, 10, &mut keep)).unwrap());
    assert_eq!(keep.ints()[0], 1);
}

#[test]
fn a_transaction_writes_while_it_streams() {
    let (_database, mut c) = memory();
    script(&mut c, &["CREATE TABLE t (x)", "CREATE TABLE log (x)"]);
    block_on(run(
        &mut c,
        tx(
            true,
            false,
            vec![each(
                "INSERT INTO t VALUES (?)",
                5,
                (0..5).map(int).collect(),
            )],
        ),
    ))
    .unwrap();
    let statement = stmt("SELECT x FROM t", vec![]);
    loop {
        let mut keep = Keep::default();
        let more = block_on(c.fetch(&statement, 2, &mut keep)).unwrap();
        for n in keep.ints() {
            block_on(run(
                &mut c,
                tx(
                    false,
                    false,
                    vec![stmt("INSERT INTO log VALUES (?)", vec![int(n * 2)])],
                ),
            ))
            .unwrap();
        }
        if !more {
            break;
        }
    }
    block_on(run(&mut c, tx(false, true, vec![]))).unwrap();
    assert_eq!(
        exec(&mut c, "SELECT x FROM log", vec![]).unwrap().ints(),
        [0, 2, 4, 6, 8]
    );
}

#[test]
fn a_stream_ends_with_an_error() {
    let (_database, mut c) = memory();
    let statement = stmt("SELECT 1 UNION ALL SELECT 2", vec![]);
    let mut keep = Keep {
        fail_at: Some(0),
        ..Keep::default()
    };
    assert!(block_on(c.fetch(&statement, 2, &mut keep)).is_err());
    let mut keep = Keep::default();
    assert!(!block_on(c.fetch(&statement, 3, &mut keep)).unwrap());
    assert_eq!(keep.ints(), [1, 2]);
    for sql in ["SELECT ?", "SELEC"] {
        let bad = stmt(sql, vec![]);
        let error = block_on(c.fetch(&bad, 2, &mut keep)).unwrap_err();
        assert_eq!(error.sql(), Some(sql));
    }
}

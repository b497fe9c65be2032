//! Every value survives, at its limits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

mod support;

use sinew_core::driver::Batch;
use sinew_core::{ErrorKind, Value};
use sinew_postgres::Postgres;
use support::{rows, run, take, url, with};

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn cases() -> Vec<(&'static str, Value<'static>)> {
    let decimal = |text: &'static str| Value::Decimal(text.into());
    vec![
        ("bool", Value::Bool(true)),
        ("int2", Value::Int(i16::MIN.into())),
        ("int4", Value::Int(i32::MAX.into())),
        ("int8", Value::Int(i64::MAX)),
        ("int8", Value::Int(i64::MIN)),
        ("float4", Value::Float(1.5)),
        ("float8", Value::Float(f64::MAX)),
        ("float8", Value::Float(f64::MIN_POSITIVE)),
        ("float8", Value::Float(f64::INFINITY)),
        ("float8", Value::Float(-0.0)),
        ("text", text("")),
        ("text", text("ä\u{1f980}\u{10ffff}'\"\\")),
        ("varchar", text(&"x".repeat(1 << 20))),
        ("bytea", Value::Bytes(vec![0, 255, b'\\'].into())),
        ("bytea", Value::Bytes(vec![7; 1 << 20].into())),
        ("timestamptz", Value::Timestamp(1_795_178_580_123_456)),
        ("timestamptz", Value::Timestamp(-62_135_596_800_000_001)),
        ("timestamptz", Value::Timestamp(-210_866_803_200_000_000)),
        ("timestamptz", Value::Timestamp(i64::MAX)),
        ("timestamp", Value::DateTime(253_402_300_799_999_999)),
        ("date", Value::Date(2_932_896)),
        ("date", Value::Date(-719_529)),
        ("time", Value::Time(86_399_999_999)),
        (
            "uuid",
            Value::Uuid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255]),
        ),
        ("numeric", decimal("18446744073709551615")),
        ("numeric", decimal("-0.000000000000000000012345678900")),
        ("numeric", decimal("123456789012345678901234567890.0001")),
        ("numeric", decimal("0")),
        ("numeric", decimal("100000000")),
        ("numeric", decimal("0.10")),
        ("numeric", decimal("NaN")),
        ("jsonb", Value::Json(r#"{"a": [1, null, "ü"]}"#.into())),
        ("json", Value::Json(r#"{"b":1,"a":2}"#.into())),
        (
            "int8[]",
            Value::List(vec![Value::Int(1), Value::Null, Value::Int(3)]),
        ),
        (
            "text[]",
            Value::List(vec![text("a,\"b\\"), text(""), text("NULL")]),
        ),
        ("numeric[]", Value::List(vec![decimal("1.50"), Value::Null])),
        ("timestamptz[]", Value::List(vec![Value::Timestamp(1)])),
        ("int4[]", Value::List(vec![])),
        ("text", Value::Null),
    ]
}

async fn round_trips(url: &str) {
    let database = Postgres::connect(url).await.unwrap();
    let mut connection = take(&database).await;
    for (ty, value) in cases() {
        let sql = format!("SELECT $1::{ty}");
        let kept = run(
            &mut *connection,
            Batch::bare(vec![rows(&sql, vec![value.clone()])]),
        )
        .await;
        let kept = kept.unwrap_or_else(|error| panic!("{ty} {}: {error:?}", value.sort()));
        assert_eq!(kept.rows[0].1, [value], "{ty}");
    }
    let nan = vec![rows("SELECT $1::float8", vec![Value::Float(f64::NAN)])];
    let kept = run(&mut *connection, Batch::bare(nan)).await.unwrap();
    assert!(matches!(kept.rows[0].1[0], Value::Float(f) if f.is_nan()));
}

#[tokio::test]
async fn values_survive_prepared() {
    if let Some(url) = url() {
        round_trips(&url).await;
    }
}

#[tokio::test]
async fn values_survive_unprepared() {
    if let Some(url) = url() {
        round_trips(&with(&url, "prepare=off")).await;
    }
}

/// Values that are bound where another type is wanted are read by the server as it reads literals.
#[tokio::test]
async fn values_of_other_types() {
    let Some(url) = url() else { return };
    for option in ["prepare=on", "prepare=off"] {
        let database = Postgres::connect(&with(&url, option)).await.unwrap();
        let mut connection = take(&database).await;
        for (sql, value, wanted) in [
            (
                "SELECT $1::timestamptz",
                text("2026-11-20T12:43:00.123456Z"),
                Value::Timestamp(1_795_178_580_123_456),
            ),
            (
                "SELECT $1::uuid::text",
                Value::Uuid([0xab; 16]),
                text("abababab-abab-abab-abab-abababababab"),
            ),
            (
                "SELECT $1::numeric",
                Value::UInt(u64::MAX),
                Value::Decimal("18446744073709551615".into()),
            ),
            (
                "SELECT $1::numeric",
                Value::Int(-5),
                Value::Decimal("-5".into()),
            ),
            ("SELECT $1::float8", Value::Int(3), Value::Float(3.0)),
            ("SELECT $1::int4", Value::Bool(true), Value::Int(1)),
            ("SELECT $1::jsonb", text("[1]"), Value::Json("[1]".into())),
            (
                "SELECT $1::text",
                Value::Timestamp(0),
                text("1970-01-01 00:00:00.000000+00"),
            ),
            (
                "SELECT $1::inet::text",
                text("10.0.0.1/8"),
                text("10.0.0.1/8"),
            ),
            ("SELECT $1::interval::text", text("1 day"), text("1 day")),
        ] {
            let kept = run(&mut *connection, Batch::bare(vec![rows(sql, vec![value])])).await;
            let kept = kept.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            assert_eq!(kept.rows[0].1, [wanted], "{sql}");
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    for (sql, value, kind) in [
        ("SELECT $1::text", text("a\0b"), ErrorKind::InvalidInput),
        (
            "SELECT $1::text[]",
            Value::Array(vec![text("\0")]),
            ErrorKind::InvalidInput,
        ),
        (
            "SELECT $1::int4",
            Value::Int(i64::MAX),
            ErrorKind::ValueTooLong,
        ),
        (
            "SELECT $1::int8",
            Value::UInt(u64::MAX),
            ErrorKind::ValueTooLong,
        ),
        (
            "SELECT $1::timestamptz",
            Value::Timestamp(i64::MIN),
            ErrorKind::InvalidInput,
        ),
        ("SELECT $1::int4", text("x"), ErrorKind::Decode),
        (
            "SELECT 'infinity'::timestamptz FROM (SELECT $1::int4) x",
            Value::Int(1),
            ErrorKind::Decode,
        ),
        (
            "SELECT '10.0.0.1'::inet FROM (SELECT $1::int4) x",
            Value::Int(1),
            ErrorKind::Decode,
        ),
    ] {
        let error = run(&mut *connection, Batch::bare(vec![rows(sql, vec![value])]))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{sql}: {error:?}");
    }
}

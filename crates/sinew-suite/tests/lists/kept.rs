//! Lists that come back as they went in, for each type of element.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use sinew_suite::prelude::*;
use uuid::Uuid;

#[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
enum Mood {
    #[default]
    Happy,
    SoSo,
}

#[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
#[enumeration(integer)]
enum Level {
    #[default]
    Low = -3,
    High = 7,
}

#[derive(Newtype, Clone, Copy, Debug, Default, PartialEq)]
struct BoxId(i64);

/// For a type of element: lists of its values, none and all of them, are created, read back, found
/// by what they are and what they hold, and saved.
macro_rules! kept {
    ($($name:ident: $type:ty = $values:expr;)*) => { $(mod $name {
        #[allow(unused_imports)]
        use super::*;

        #[derive(Model, Clone, Debug, Default, PartialEq)]
        struct Thing {
            id: i64,
            list: Vec<$type>,
            maybe: Option<Vec<$type>>,
            holes: Vec<Option<$type>>,
            both: Option<Vec<Option<$type>>>,
        }

        fn thing(values: &[$type], n: usize) -> Thing {
            let list: Vec<$type> = values[..n].to_vec();
            let holes: Vec<Option<$type>> = list.iter().cloned().map(Some).chain([None]).collect();
            Thing {
                id: 0,
                maybe: (n % 2 == 1).then(|| list.clone()),
                both: (n % 2 == 0).then(|| holes.clone()),
                list,
                holes,
            }
        }

        async fn kept(db: Db) -> Result<()> {
            db.auto_migrate(models![Thing]).await?;
            let plan = db.auto_migrate(models![Thing]).plan().await?;
            assert!(plan.is_empty(), "{plan}");
            let values: Vec<$type> = $values;
            let mut things: Vec<_> = (0..=values.len()).map(|n| thing(&values, n)).collect();
            db.create(&mut things).await?;
            let all = || db.find::<Thing>().order_by(Thing::id);
            assert_eq!(all().await?, things);
            for thing in &things {
                let alone = [thing.clone()];
                let is = |condition: sinew::Condition<Thing>| all().filter(condition);
                assert_eq!(is(Thing::list.eq(&thing.list)).await?, alone);
                assert_eq!(is(Thing::holes.eq(&thing.holes)).await?, alone);
                assert_eq!(is(Thing::list.is_in([thing.list.clone()])).await?, alone);
                assert_eq!(is(Thing::list.ne(&thing.list)).count().await?, values.len() as u64);
                if let Some(maybe) = &thing.maybe {
                    assert_eq!(is(Thing::maybe.eq(maybe.clone())).await?, alone);
                    assert_eq!(is(Thing::maybe.is_in([Some(maybe.clone())])).await?, alone);
                }
                let length = i64::try_from(thing.list.len()).unwrap();
                assert_eq!(is(Thing::list.list_len().eq(length)).await?, alone);
                // The n-th list holds the first n values.
                assert_eq!(is(Thing::list.contains_all(&thing.list)).await?, things[thing.list.len()..]);
            }
            for (n, value) in values.iter().enumerate() {
                assert_eq!(all().filter(Thing::list.contains(value)).await?, things[n + 1..]);
                assert_eq!(all().filter(Thing::holes.contains(value)).await?, things[n + 1..]);
                let one = std::slice::from_ref(value);
                assert_eq!(all().filter(Thing::list.overlaps(one)).await?, things[n + 1..]);
            }
            assert_eq!(all().filter(Thing::list.overlaps(&values)).await?, things[1..]);
            // Each row gets another row's lists.
            let turned: Vec<_> = things.iter().rev().cloned().collect();
            for (thing, other) in things.iter_mut().zip(turned) {
                *thing = Thing { id: thing.id, ..other };
                db.save(thing).await?;
            }
            assert_eq!(all().await?, things);
            for thing in &mut things {
                db.update(thing).set(Thing::maybe.to(Some(values.clone()))).await?;
            }
            assert!(all().await?.iter().all(|thing| thing.maybe.as_ref() == Some(&values)));
            Ok(())
        }

        suite![kept];
    })* };
}

fn moments() -> Vec<Timestamp> {
    [
        "1000-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "2000-02-29T23:59:59.1Z",
        "9999-12-30T22:00:00.999999Z",
    ]
    .map(|text| text.parse().unwrap())
    .into()
}

fn utc() -> Vec<DateTime<Utc>> {
    let of = |moment: Timestamp| DateTime::from_timestamp_micros(moment.micros().unwrap());
    moments()
        .into_iter()
        .map(|moment| of(moment).unwrap())
        .collect()
}

fn dates() -> Vec<NaiveDate> {
    utc()
        .into_iter()
        .map(|moment| moment.date_naive())
        .take(4)
        .collect()
}

fn times() -> Vec<NaiveTime> {
    [(0, 0), (0, 1000), (1, 500_000_000), (86_399, 999_999_000)]
        .map(|(second, nano)| NaiveTime::from_num_seconds_from_midnight_opt(second, nano).unwrap())
        .into()
}

fn date_times() -> Vec<NaiveDateTime> {
    utc().into_iter().map(|moment| moment.naive_utc()).collect()
}

fn texts() -> Vec<String> {
    [
        "",
        "NULL",
        "null",
        "a,b",
        "{}",
        "{\"a\"}",
        "[]",
        "it's \"quoted\" \\ /",
        "\\u0041",
        "ünï 😀 \u{10ffff} \u{202e}",
        "line\nbreak\ttab\u{1}",
        "a ",
        "A",
        "a",
        " ",
        "?",
        "$1 :x %s",
    ]
    .map(String::from)
    .into_iter()
    .chain(["x".repeat(300), "x".repeat(299), "x".repeat(70_000)])
    .collect()
}

fn decimals() -> Vec<Decimal> {
    let texts = [
        "0",
        "0.1",
        "-1.50",
        "79228162514264337593543950335",
        "-0.0000000000000000000000000001",
        "12345678901234567890.123456789",
    ];
    texts.map(|text| text.parse().unwrap()).into()
}

kept! {
    truths: bool = vec![false, true];
    bits_8: i8 = vec![i8::MIN, -1, 0, i8::MAX];
    bits_16: i16 = vec![i16::MIN, -1, 0, i16::MAX];
    bits_32: i32 = vec![i32::MIN, -1, 0, i32::MAX];
    bits_64: i64 = vec![i64::MIN, i64::MIN + 1, -1, 0, (1 << 53) + 1, i64::MAX - 1, i64::MAX];
    unsigned_16: u16 = vec![0, u16::MAX];
    unsigned_32: u32 = vec![0, u32::MAX];
    unsigned_64: u64 = vec![0, 1, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, u64::MAX];
    floats_32: f32 = vec![f32::MIN, -1.5, f32::MIN_POSITIVE, 0.0, 0.1, 16_777_217.0, f32::MAX];
    floats_64: f64 = vec![f64::MIN, -1.5, 5e-324, 0.0, 0.1, 0.1 + 0.2, 9_007_199_254_740_993.0,
        f64::INFINITY, f64::NEG_INFINITY, 1e300, f64::MAX];
    plain_floats: f64 = vec![1.0, 2.5, -3e-5, 1e16, 1e17];
    strings: String = texts();
    chars: char = vec!['a', '"', '\\', '😀', ' ', ','];
    bytes: Vec<u8> = vec![vec![], vec![0], vec![255; 3], b"\\x00".to_vec(), b"text".to_vec()];
    uuids: Uuid = vec![Uuid::nil(), Uuid::max(), Uuid::from_u128(1)];
    exact: Decimal = decimals();
    timestamps: Timestamp = moments();
    chrono_utc: DateTime<Utc> = utc();
    chrono_date_time: NaiveDateTime = date_times();
    chrono_date: NaiveDate = dates();
    chrono_time: NaiveTime = times();
    time_date: time::Date = vec![time::macros::date!(1970-01-01), time::macros::date!(9999-12-31)];
    time_time: time::Time = vec![time::macros::time!(00:00), time::macros::time!(23:59:59.999999)];
    time_moment: time::OffsetDateTime = vec![time::macros::datetime!(2000-02-29 00:00:00.5 UTC)];
    time_plain: time::PrimitiveDateTime = vec![time::macros::datetime!(2000-02-29 23:00)];
    moods: Mood = vec![Mood::Happy, Mood::SoSo];
    levels: Level = vec![Level::Low, Level::High];
    boxes: BoxId = vec![BoxId(1), BoxId(-1)];
}

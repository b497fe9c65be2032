//! Moments, dates and times of day.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use sinew_suite::prelude::*;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

use crate::capabilities;
use crate::kept::kept;

/// The ends of what every database holds, the epoch, and what lies beside them.
const MOMENTS: [&str; 9] = [
    "1000-01-01T00:00:00Z",
    "1582-10-10T12:00:00.000001Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00.000001Z",
    "2000-02-29T23:59:59.1Z",
    "2038-01-19T03:14:08.123456Z",
    "9999-12-30T21:59:59.999999Z",
    "9999-12-30T22:00:00.999999Z",
];

fn moments<T>(of: impl Fn(Timestamp) -> T) -> Vec<T> {
    MOMENTS.map(|text| of(text.parse().unwrap())).into()
}

fn utc(moment: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(moment.micros().unwrap()).unwrap()
}

fn offset(moment: Timestamp) -> OffsetDateTime {
    let nanos = i128::from(moment.micros().unwrap()) * 1000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap()
}

kept! {
    sinew_timestamp: Timestamp = moments(|moment| moment);
    chrono_utc: DateTime<Utc> = moments(utc);
    chrono_date_time: NaiveDateTime = moments(|moment| utc(moment).naive_utc());
    chrono_date: NaiveDate = ["1000-01-01", "1582-10-10", "1969-12-31", "1970-01-01", "2000-02-29", "9999-12-31"]
        .map(|date| date.parse().unwrap()).into();
    chrono_time: NaiveTime = ["00:00:00", "00:00:00.000001", "12:34:56.1", "23:59:59.999999"]
        .map(|time| time.parse().unwrap()).into();
    time_offset: OffsetDateTime = moments(offset);
    time_date_time: PrimitiveDateTime = moments(|moment| {
        let moment = offset(moment);
        PrimitiveDateTime::new(moment.date(), moment.time())
    });
    time_date: Date = ["1000-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "9999-12-31"]
        .map(|text| {
            let date: NaiveDate = text.parse().unwrap();
            let days = date.signed_duration_since(NaiveDate::default()).num_days();
            time::macros::date!(1970 - 01 - 01) + time::Duration::days(days)
        }).into();
    time_time: Time = vec![Time::MIDNIGHT, time::macros::time!(12:34:56.000_001), time::macros::time!(23:59:59.999_999)];
}

#[derive(Model, Clone, Debug, Default)]
struct Event {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    at: Timestamp,
    maybe: Option<Timestamp>,
}

async fn filled_in_moments_are_those_stored(db: Db) -> Result<()> {
    db.auto_migrate(models![Event]).await?;
    let mut event = Event {
        at: Timestamp::now(),
        ..Default::default()
    };
    event.maybe = Some(event.at);
    db.create(&mut event).await?;
    let read = db.get::<Event>(event.id).await?;
    assert_eq!(
        (read.created_at, read.updated_at),
        (event.created_at, event.updated_at)
    );
    assert_eq!((read.at, read.maybe), (event.at, event.maybe));
    db.save(&mut event).await?;
    assert_eq!(
        db.get::<Event>(event.id).await?.updated_at,
        event.updated_at
    );
    db.update(&mut event)
        .set(Event::maybe.to(None::<Timestamp>))
        .await?;
    let read = db.get::<Event>(event.id).await?;
    assert_eq!((read.updated_at, read.maybe), (event.updated_at, None));
    Ok(())
}

async fn far_away(db: Db) -> Result<()> {
    db.auto_migrate(models![Event]).await?;
    // Years -1000 and, for what no database holds, the ends of the count itself.
    let distant = Timestamp::from_micros(-93_724_128_000_000_000);
    let mut event = Event {
        at: distant,
        ..Default::default()
    };
    let created = db.create(&mut event).await;
    if capabilities(&db).distant_moments.supported {
        created?;
        assert_eq!(db.get::<Event>(event.id).await?.at, distant);
        assert_eq!(
            db.find::<Event>()
                .filter(Event::at.eq(distant))
                .count()
                .await?,
            1
        );
    } else {
        refused(created, ErrorKind::InvalidInput);
        assert_eq!(rows(&db, "events").await?, 0);
    }
    let before = rows(&db, "events").await?;
    let too_far = Timestamp::from_micros(i64::MIN + 1);
    let mut event = Event {
        at: too_far,
        ..Default::default()
    };
    refused(db.create(&mut event).await, ErrorKind::InvalidInput);
    let mut batch = vec![Event {
        at: distant,
        maybe: Some(too_far),
        ..Default::default()
    }];
    refused(db.create(&mut batch).await, ErrorKind::InvalidInput);
    assert_eq!(rows(&db, "events").await?, before);
    Ok(())
}

async fn a_leap_second(db: Db) -> Result<()> {
    db.auto_migrate(models![Event, Clock]).await?;
    let leap: Timestamp = "2016-12-31T23:59:60Z".parse().unwrap();
    let mut event = Event {
        at: leap,
        ..Default::default()
    };
    db.create(&mut event).await?;
    assert_eq!(db.get::<Event>(event.id).await?.at, leap);
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 1_500_000).unwrap();
    let mut clock = Clock {
        time,
        ..Default::default()
    };
    db.create(&mut clock).await?;
    // No database knows a sixtieth second; whatever it becomes is within a second of it.
    let read = db.get::<Clock>(clock.id).await?.time;
    let distance = read.signed_duration_since(time);
    assert!(distance.abs() <= TimeDelta::seconds(1), "{read}");
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Clock {
    id: i64,
    time: NaiveTime,
    date: NaiveDate,
    at: NaiveDateTime,
    utc: DateTime<Utc>,
}

// What is finer than a microsecond is cut off, never rounded into another second or day.
async fn finer_than_microseconds(db: Db) -> Result<()> {
    db.auto_migrate(models![Clock]).await?;
    for at in [
        "2024-12-31T23:59:59.999999999",
        "1969-12-31T23:59:59.999999999",
        "1969-12-31T23:59:59.000000001",
    ] {
        let at: NaiveDateTime = at.parse().unwrap();
        let mut clock = Clock {
            time: at.time(),
            date: at.date(),
            at,
            utc: at.and_utc(),
            ..Default::default()
        };
        db.create(&mut clock).await?;
        let read = db.get::<Clock>(clock.id).await?;
        let cut =
            at - TimeDelta::nanoseconds(i64::from(at.and_utc().timestamp_subsec_nanos() % 1000));
        assert_eq!(
            (read.at, read.utc, read.time),
            (cut, cut.and_utc(), cut.time())
        );
        // The same value finds it again.
        let same = Clock::at
            .eq(at)
            .and(Clock::utc.eq(at.and_utc()))
            .and(Clock::time.eq(at.time()));
        assert_eq!(db.find::<Clock>().filter(same).count().await?, 1);
    }
    Ok(())
}

suite![
    filled_in_moments_are_those_stored,
    far_away,
    a_leap_second,
    finer_than_microseconds
];

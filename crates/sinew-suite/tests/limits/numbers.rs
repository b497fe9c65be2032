//! Integers and floating-point numbers.

use sinew_suite::prelude::*;

use crate::capabilities;
use crate::kept::kept;

kept! {
    bits_8: i8 = vec![i8::MIN, -1, 0, 1, i8::MAX];
    bits_16: i16 = vec![i16::MIN, -1, 0, 1, i16::MAX];
    bits_32: i32 = vec![i32::MIN, -1, 0, 1, i32::MAX];
    bits_64: i64 = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    unsigned_8: u8 = vec![0, 1, u8::MAX];
    unsigned_16: u16 = vec![0, 1, u16::MAX];
    unsigned_32: u32 = vec![0, 1, u32::MAX];
    unsigned_64: u64 = vec![0, 1, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, (1 << 63) + 1,
        9_999_999_999_999_999_999, 10_000_000_000_000_000_000, u64::MAX - 1, u64::MAX];
    truth: bool = vec![false, true];
    float_32: f32 = vec![f32::MIN, -1.5, -f32::MIN_POSITIVE, 0.0, f32::MIN_POSITIVE, 0.1, 16_777_217.0, f32::MAX];
    float_64: f64 = vec![f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, f64::MIN_POSITIVE, 0.1, 0.1 + 0.2,
        9_007_199_254_740_993.0, 1e300, f64::MAX];
    tiny_64: f64 = vec![0.0, 2.3e-308, 1e-300];
}

mod strange {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Reading {
        id: i64,
        narrow: f32,
        wide: f64,
        maybe: Option<f64>,
    }

    /// Either the value is kept to the bit, or the write is refused and nothing written.
    async fn check(db: &Db, value: f64, supported: bool) -> Result<()> {
        db.auto_migrate(models![Reading]).await?;
        #[allow(clippy::cast_possible_truncation)]
        let mut reading = Reading {
            narrow: value as f32,
            wide: value,
            maybe: Some(value),
            ..Default::default()
        };
        let mut fine = Reading::default();
        db.create(&mut fine).await?;
        let created = db.create(&mut reading).await;
        if !supported {
            let error = refused(created, ErrorKind::InvalidInput);
            assert!(error.message().contains("stored"), "{error}");
            reading.id = fine.id;
            refused(db.save(&mut reading).await, ErrorKind::InvalidInput);
            let set = Reading::wide.to(value);
            refused(db.update(&mut fine).set(set).await, ErrorKind::InvalidInput);
            let stored: Vec<(f64, Option<f64>)> =
                db.query("SELECT wide, maybe FROM readings", ()).await?;
            assert_eq!(stored, [(0.0, None)]);
            return Ok(());
        }
        created?;
        let read = db.get::<Reading>(reading.id).await?;
        assert_eq!(read.wide.to_bits(), value.to_bits());
        assert_eq!(read.narrow.to_bits(), reading.narrow.to_bits());
        assert_eq!(read.maybe.map(f64::to_bits), Some(value.to_bits()));
        let same = Reading::wide
            .eq(value)
            .and(Reading::narrow.eq(reading.narrow));
        assert_eq!(db.find::<Reading>().filter(same).count().await?, 1);
        Ok(())
    }

    async fn not_a_number(db: Db) -> Result<()> {
        check(&db, f64::NAN, capabilities(&db).nan.supported).await
    }

    async fn infinity(db: Db) -> Result<()> {
        check(&db, f64::INFINITY, capabilities(&db).infinity.supported).await
    }

    async fn negative_infinity(db: Db) -> Result<()> {
        check(&db, f64::NEG_INFINITY, capabilities(&db).infinity.supported).await
    }

    async fn negative_zero(db: Db) -> Result<()> {
        db.auto_migrate(models![Reading]).await?;
        let mut reading = Reading {
            narrow: -0.0,
            wide: -0.0,
            ..Default::default()
        };
        db.create(&mut reading).await?;
        // Its sign may be lost: the two zeros are equal.
        let read = db.get::<Reading>(reading.id).await?;
        assert_eq!((read.wide, read.narrow), (0.0, 0.0));
        assert_eq!(
            db.find::<Reading>()
                .filter(Reading::wide.eq(0.0))
                .count()
                .await?,
            1
        );
        Ok(())
    }

    suite![not_a_number, infinity, negative_infinity, negative_zero];
}

mod out_of_range {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "numbers")]
    struct Wide {
        id: i64,
        n: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "numbers")]
    struct Narrow {
        id: i64,
        n: u8,
    }

    // A number that the Rust type cannot hold is an error when it is read, never another number.
    async fn read_into_a_narrower_type(db: Db) -> Result<()> {
        db.auto_migrate(models![Wide]).await?;
        for n in [256, -1, i64::MAX] {
            let mut wide = Wide {
                n,
                ..Default::default()
            };
            db.create(&mut wide).await?;
            let error = refused(db.get::<Narrow>(wide.id).await, ErrorKind::Decode);
            assert!(error.to_string().contains("Narrow.n"), "{error}");
        }
        Ok(())
    }

    suite![read_into_a_narrower_type];
}

mod mappings {
    use super::*;

    #[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
    enum Mood {
        #[default]
        Calm,
        #[enumeration(rename = "it's \"odd\" \\ 😀")]
        Odd,
        VeryLoud,
    }

    #[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
    #[enumeration(integer)]
    enum Level {
        Low = -5,
        #[default]
        Middle = 0,
        High = 2_000_000_000,
    }

    #[derive(Newtype, Clone, Copy, Debug, Default, PartialEq)]
    struct Serial(u64);

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Guest {
        id: i64,
        mood: Mood,
        maybe: Option<Mood>,
        level: Level,
        other: Option<Level>,
        serial: Serial,
    }

    async fn enumerations_and_newtypes(db: Db) -> Result<()> {
        db.auto_migrate(models![Guest]).await?;
        assert!(db.auto_migrate(models![Guest]).plan().await?.is_empty());
        let guest = |mood, level, serial| Guest {
            mood,
            maybe: Some(mood),
            level,
            other: Some(level),
            serial: Serial(serial),
            ..Default::default()
        };
        let mut guests = vec![
            guest(Mood::Calm, Level::Low, 0),
            guest(Mood::Odd, Level::Middle, 1 << 63),
            guest(Mood::VeryLoud, Level::High, u64::MAX),
            Guest::default(),
        ];
        db.create(&mut guests).await?;
        let all = || db.find::<Guest>().order_by(Guest::id);
        assert_eq!(all().await?, guests);
        for guest in &guests[1..3] {
            let alone = [guest.clone()];
            assert_eq!(all().filter(Guest::mood.eq(guest.mood)).await?, alone);
            assert_eq!(
                all().filter(Guest::maybe.is_in([guest.maybe])).await?,
                alone
            );
            assert_eq!(all().filter(Guest::other.eq(guest.level)).await?, alone);
            assert_eq!(all().filter(Guest::serial.eq(guest.serial)).await?, alone);
        }
        assert_eq!(
            all().filter(Guest::level.gt(Level::Middle)).await?,
            guests[2..3]
        );
        db.execute("UPDATE guests SET mood = 'nobody knows'", ())
            .await?;
        refused(db.get::<Guest>(guests[0].id).await, ErrorKind::Decode);
        Ok(())
    }

    suite![enumerations_and_newtypes];
}

//! Whatever a list holds, it comes back, and holds what it holds.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sinew_suite::prelude::*;
use uuid::Uuid;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Anything {
    id: i64,
    numbers: Vec<i64>,
    unsigned: Vec<u64>,
    floats: Vec<f64>,
    texts: Vec<String>,
    holes: Option<Vec<Option<String>>>,
    bytes: Vec<Vec<u8>>,
    uuids: Vec<Uuid>,
    moments: Vec<Timestamp>,
}

/// Texts of few letters, so that they meet, and of what has a meaning somewhere.
fn text() -> impl Strategy<Value = String> {
    "[ab\"\\\\{}\\[\\],'?\\u{1}-\\u{1f}é😀 ]{0,4}".prop_map(|text: String| text)
}

fn anything() -> impl Strategy<Value = Anything> {
    let float = any::<f64>().prop_filter("equal to itself, and with one zero", |f| {
        !f.is_nan() && f.to_bits() != (-0.0_f64).to_bits()
    });
    let moment =
        (-30_000_000_000_000_000_i64..250_000_000_000_000_000).prop_map(Timestamp::from_micros);
    let list = || 0..5_usize;
    (
        prop::collection::vec(any::<i64>(), list()),
        prop::collection::vec(any::<u64>(), list()),
        prop::collection::vec(float, list()),
        prop::collection::vec(text(), list()),
        prop::option::of(prop::collection::vec(prop::option::of(text()), list())),
        prop::collection::vec(prop::collection::vec(any::<u8>(), list()), list()),
        prop::collection::vec(any::<u128>().prop_map(Uuid::from_u128), list()),
        prop::collection::vec(moment, list()),
    )
        .prop_map(
            |(numbers, unsigned, floats, texts, holes, bytes, uuids, moments)| Anything {
                id: 0,
                numbers,
                unsigned,
                floats,
                texts,
                holes,
                bytes,
                uuids,
                moments,
            },
        )
}

async fn round_trips(db: Db) -> Result<()> {
    db.auto_migrate(models![Anything]).await?;
    let mut runner = TestRunner::default();
    for _ in 0..12 {
        let several = prop::collection::vec(anything(), 1..6);
        let mut written = several.new_tree(&mut runner).unwrap().current();
        db.create(&mut written).await?;
        for one in &written {
            assert_eq!(db.get::<Anything>(one.id).await?, *one);
            same_is_found(&db, one).await?;
        }
        let changed = several.new_tree(&mut runner).unwrap().current();
        for (one, other) in written.iter_mut().zip(changed) {
            *one = Anything {
                id: one.id,
                ..other
            };
            db.save(one).await?;
            assert_eq!(db.get::<Anything>(one.id).await?, *one);
        }
    }
    texts_are_found_where_they_are(&db).await
}

async fn same_is_found(db: &Db, one: &Anything) -> Result<()> {
    let same = Anything::numbers.eq(&one.numbers)
        & Anything::unsigned.eq(&one.unsigned)
        & Anything::floats.eq(&one.floats)
        & Anything::texts.eq(&one.texts)
        & Anything::bytes.eq(&one.bytes)
        & Anything::uuids.eq(&one.uuids)
        & Anything::moments.eq(&one.moments)
        & Anything::unsigned.contains_all(&one.unsigned)
        & Anything::floats.contains_all(&one.floats)
        & Anything::moments.contains_all(&one.moments)
        & Anything::id.eq(one.id);
    assert_eq!(
        db.find::<Anything>().filter(same).count().await?,
        1,
        "{one:?}"
    );
    Ok(())
}

/// The database's answer is that of the lists themselves.
async fn texts_are_found_where_they_are(db: &Db) -> Result<()> {
    let all = db.find::<Anything>().order_by(Anything::id).await?;
    let wanted: Vec<String> = all
        .iter()
        .flat_map(|one| one.texts.clone())
        .take(20)
        .collect();
    for two in wanted.chunks(2) {
        let ids = |test: &dyn Fn(&Anything) -> bool| {
            let found = all.iter().filter(|one| test(one));
            found.map(|one| one.id).collect::<Vec<_>>()
        };
        let find = |condition| {
            let found = db
                .find::<Anything>()
                .filter(condition)
                .order_by(Anything::id);
            found.pluck(Anything::id)
        };
        let holds = |one: &Anything, text: &String| one.texts.contains(text);
        assert_eq!(
            find(Anything::texts.contains(&two[0])).await?,
            ids(&|one| holds(one, &two[0]))
        );
        assert_eq!(
            find(Anything::texts.contains_all(two)).await?,
            ids(&|one| two.iter().all(|text| holds(one, text)))
        );
        assert_eq!(
            find(Anything::texts.overlaps(two)).await?,
            ids(&|one| two.iter().any(|text| holds(one, text)))
        );
        assert_eq!(
            find(Anything::holes.overlaps(two)).await?,
            ids(&|one| one
                .holes
                .iter()
                .flatten()
                .flatten()
                .any(|text| two.contains(text)))
        );
    }
    Ok(())
}

suite![round_trips];

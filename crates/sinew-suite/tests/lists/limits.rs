//! Very long lists, and values that not every database takes.

use sinew_suite::prelude::*;

use crate::capabilities;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Series {
    id: i64,
    numbers: Vec<i64>,
    words: Vec<String>,
    floats: Vec<f64>,
}

async fn ten_thousand_elements(db: Db) -> Result<()> {
    db.auto_migrate(models![Series]).await?;
    let series = |of: i64| Series {
        numbers: (0..10_000).map(|n| n * of).collect(),
        words: (0..10_000)
            .map(|n| format!("word \"{n}\" of {of}"))
            .collect(),
        floats: (0..10_000_i32).map(|n| f64::from(n) / 7.0).collect(),
        ..Default::default()
    };
    let mut all = vec![series(1), series(-3)];
    db.create(&mut all).await?;
    assert_eq!(db.find::<Series>().order_by(Series::id).await?, all);
    let find = |condition| db.find::<Series>().filter(condition).pluck(Series::id);
    assert_eq!(find(Series::words.eq(&all[1].words)).await?, [2]);
    assert_eq!(find(Series::numbers.contains(9_999)).await?, [1]);
    assert_eq!(find(Series::words.contains_all(&all[0].words)).await?, [1]);
    assert_eq!(
        find(Series::numbers.contains_all(&all[1].numbers)).await?,
        [2]
    );
    assert_eq!(
        find(Series::floats.overlaps([9_999.0 / 7.0])).await?,
        [1, 2]
    );
    assert_eq!(find(Series::numbers.list_len().eq(10_000)).await?, [1, 2]);
    Ok(())
}

/// NaN is kept in a list on every database, where a column of floats would refuse it.
async fn not_a_number(db: Db) -> Result<()> {
    db.auto_migrate(models![Series]).await?;
    let mut series = Series {
        floats: vec![1.0, f64::NAN, -0.0],
        ..Default::default()
    };
    db.create(&mut series).await?;
    let read = db.get::<Series>(series.id).await?.floats;
    assert!(
        read[0] == 1.0 && read[1].is_nan() && read[2] == 0.0,
        "{read:?}"
    );
    let find = |condition| db.find::<Series>().filter(condition).count();
    assert_eq!(find(Series::floats.contains(f64::NAN)).await?, 1);
    assert_eq!(find(Series::floats.contains(0.0)).await?, 1);
    assert_eq!(find(Series::floats.contains(-0.0)).await?, 1);
    assert_eq!(find(Series::floats.contains(f64::INFINITY)).await?, 0);
    assert_eq!(find(Series::floats.contains_all([f64::NAN, 1.0])).await?, 1);
    assert_eq!(find(Series::floats.eq([1.0, f64::NAN, 0.0])).await?, 1);
    Ok(())
}

async fn nul_in_a_text(db: Db) -> Result<()> {
    db.auto_migrate(models![Series]).await?;
    let mut series = Series {
        words: vec!["a".into(), "x\0y".into()],
        ..Default::default()
    };
    match db.create(&mut series).await {
        Ok(()) => {
            assert!(capabilities(&db).nul_in_text.supported);
            assert_eq!(db.get::<Series>(series.id).await?, series);
            let found = db.find::<Series>().filter(Series::words.contains("x\0y"));
            assert_eq!(found.count().await?, 1);
        }
        error => {
            refused(error, ErrorKind::InvalidInput);
            assert!(!capabilities(&db).nul_in_text.supported);
            assert_eq!(rows(&db, "series").await?, 0);
        }
    }
    Ok(())
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Sized {
    id: i64,
    #[model(size = 3)]
    words: Vec<String>,
}

/// The size of a list column is that of each element.
async fn sizes(db: Db) -> Result<()> {
    db.auto_migrate(models![Sized]).await?;
    assert!(db.auto_migrate(models![Sized]).plan().await?.is_empty());
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut fits = Sized {
        words: words(&["abc", "äöü", "x", "y", "z"]),
        ..Default::default()
    };
    db.create(&mut fits).await?;
    let mut long = Sized {
        words: words(&["abc", "abcd"]),
        ..Default::default()
    };
    refused(db.create(&mut long).await, ErrorKind::ValueTooLong);
    let set = Sized::words.to(["abcd"]);
    refused(db.update(&mut fits).set(set).await, ErrorKind::ValueTooLong);
    assert_eq!(db.find::<Sized>().await?, [fits]);
    Ok(())
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Narrow {
    id: i64,
    list: Vec<Option<i64>>,
}

mod wide {
    use super::*;

    /// The same table, for those who believe that nothing in it is NULL.
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    #[model(table = "narrows")]
    pub(super) struct Strict {
        pub(super) id: i64,
        pub(super) list: Vec<i64>,
    }
}

async fn what_does_not_fit_says_where(db: Db) -> Result<()> {
    db.auto_migrate(models![Narrow]).await?;
    let mut row = Narrow {
        list: vec![Some(1), None],
        ..Default::default()
    };
    db.create(&mut row).await?;
    let error = refused(db.get::<wide::Strict>(row.id).await, ErrorKind::Decode);
    assert!(
        error.message().contains("Strict.list: element 1: "),
        "{error}"
    );
    row.list = vec![Some(2)];
    db.save(&mut row).await?;
    assert_eq!(db.get::<wide::Strict>(row.id).await?.list, [2]);
    Ok(())
}

suite![
    ten_thousand_elements,
    not_a_number,
    nul_in_a_text,
    sizes,
    what_does_not_fit_says_where,
];

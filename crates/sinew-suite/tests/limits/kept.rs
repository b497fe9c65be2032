//! Values that come back as they went in.

/// A case for a column type: values in ascending order, no two of them the same, are created, read
/// back, found by each way of comparing, and saved.
macro_rules! kept {
    ($($name:ident: $type:ty = $values:expr;)*) => { $(mod $name {
        #[allow(unused_imports)]
        use super::*;

        #[derive(Model, Clone, Debug, PartialEq)]
        struct Thing {
            id: i64,
            value: $type,
            maybe: Option<$type>,
        }

        async fn kept(db: Db) -> Result<()> {
            db.auto_migrate(models![Thing]).await?;
            assert!(db.auto_migrate(models![Thing]).plan().await?.is_empty());
            let values: Vec<$type> = $values;
            let (first, last) = (values[0].clone(), values[values.len() - 1].clone());
            let thing = |(n, value): (usize, &$type)| Thing {
                id: 0,
                value: value.clone(),
                maybe: (n % 2 == 0).then(|| value.clone()),
            };
            let mut things: Vec<_> = values.iter().enumerate().map(thing).collect();
            db.create(&mut things).await?;
            let all = || db.find::<Thing>().order_by(Thing::id);
            assert_eq!(all().await?, things);
            for thing in &things {
                let alone = [thing.clone()];
                let is = |condition: sinew::Condition<Thing>| all().filter(condition);
                let value = || thing.value.clone();
                assert_eq!(is(Thing::value.eq(value())).await?, alone);
                assert_eq!(is(Thing::value.between(value(), value())).await?, alone);
                assert_eq!(is(Thing::value.is_in([value()])).await?, alone);
                assert_eq!(is(Thing::value.ne(value())).count().await?, values.len() as u64 - 1);
                if let Some(maybe) = &thing.maybe {
                    assert_eq!(is(Thing::maybe.eq(maybe.clone())).await?, alone);
                    assert_eq!(is(Thing::maybe.is_in([Some(maybe.clone())])).await?, alone);
                }
            }
            assert_eq!(all().filter(Thing::value.is_in(values.clone())).await?, things);
            let between = Thing::value.between(first.clone(), last.clone());
            assert_eq!(all().filter(between).await?, things);
            let ordered = db.find::<Thing>().order_by(Thing::value.asc()).pluck(Thing::value);
            assert_eq!(ordered.await?, values);
            let after = all().filter(Thing::value.gt(first.clone())).count();
            assert_eq!(after.await?, values.len() as u64 - 1);
            // Each row gets another row's value.
            let turned = values.iter().rev().enumerate();
            for (thing, other) in things.iter_mut().zip(turned.map(thing)) {
                (thing.value, thing.maybe) = (other.value, other.maybe);
                db.save(thing).await?;
            }
            assert_eq!(all().await?, things);
            for thing in &mut things {
                db.update(thing).set(Thing::maybe.to(Some(last.clone()))).await?;
            }
            assert!(all().await?.iter().all(|thing| thing.maybe.as_ref() == Some(&last)));
            Ok(())
        }

        suite![kept];
    })* };
}

pub(crate) use kept;

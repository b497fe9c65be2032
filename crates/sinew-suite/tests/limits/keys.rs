//! Values of every sort as keys: of owners, of targets, in join tables.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sinew_suite::prelude::*;
use uuid::Uuid;

macro_rules! keys {
    ($($name:ident: $type:ty, ($($key:tt)*), ($($foreign:tt)*) = $values:expr;)*) => { $(mod $name {
        #[allow(unused_imports)]
        use super::*;

        #[derive(Model, Clone, Debug)]
        struct Owner {
            #[model(primary_key $($key)*)]
            code: $type,
            children: HasMany<Child>,
            #[model(join_table = "owner_labels")]
            labels: ManyToMany<Label>,
        }

        #[derive(Model, Clone, Debug)]
        struct Child {
            id: i64,
            $($foreign)*
            owner_code: Option<$type>,
            owner: BelongsTo<Option<Owner>>,
        }

        #[derive(Model, Clone, Debug)]
        struct Label {
            #[model(primary_key $($key)*)]
            code: $type,
        }

        fn child() -> Child {
            Child { id: 0, owner_code: None, owner: Default::default() }
        }

        async fn key(db: Db) -> Result<()> {
            db.auto_migrate(models![Owner, Child, Label]).await?;
            let values: Vec<$type> = $values;
            let labels: Vec<_> = values.iter().map(|code| Label { code: code.clone() }).collect();
            let owner = |code: &$type| Owner {
                code: code.clone(),
                children: [child(), child()].into(),
                labels: labels.clone().into(),
            };
            let mut owners: Vec<_> = values.iter().map(owner).collect();
            for owner in &mut owners {
                db.create(owner).await?;
            }
            let read = db
                .find::<Owner>()
                .preload((Owner::children.preload(Child::owner), Owner::labels))
                .await?;
            assert_eq!(read.len(), values.len());
            for owner in &read {
                let children = owner.children.loaded()?;
                assert_eq!(children.len(), 2, "{:?}", owner.code);
                for child in children {
                    assert_eq!(child.owner_code.as_ref(), Some(&owner.code));
                    assert_eq!(child.owner.loaded()?.map(|owner| &owner.code), Some(&owner.code));
                }
                let held = owner.labels.loaded()?;
                assert!(values.iter().all(|code| held.iter().any(|label| label.code == *code)));
                assert_eq!(held.len(), values.len());
            }
            for value in &values {
                let mut one = db.get::<Owner>(value.clone()).await?;
                assert_eq!(one.code, *value);
                assert_eq!(db.association(&mut one, Owner::labels).count().await?, values.len() as u64);
                let mine = Child::owner.to(Owner::code).eq(value.clone());
                assert_eq!(db.find::<Child>().filter(mine).count().await?, 2);
                db.association(&mut one, Owner::labels).replace([Label { code: value.clone() }]).await?;
                let mut read = db.find::<Owner>().filter(Owner::code.eq(value.clone())).join(Owner::labels).await?;
                assert_eq!(read[0].labels.loaded()?[0].code, *value);
                db.delete(&mut read[0]).with((Owner::children, Owner::labels)).await?;
            }
            assert_eq!((rows(&db, "children").await?, rows(&db, "owner_labels").await?), (0, 0));
            Ok(())
        }

        suite![key];
    })* };
}

keys! {
    signed: i64, (, auto_increment = false), () = vec![i64::MIN, -1, 1, i64::MAX];
    unsigned: u64, (, auto_increment = false), () = vec![1, 1 << 63, u64::MAX - 1, u64::MAX];
    small: u8, (, auto_increment = false), () = vec![1, 255];
    text: String, (, size = 60), (#[model(size = 60)]) = [
        "a", "A", "a ", " a", "\u{e9}", "e\u{301}", "\u{10ffff}", "'\"`\\", "😀", "%_",
    ].map(String::from).into();
    character: char, (, size = 4), (#[model(size = 4)]) = vec!['a', 'A', ' ', '\\', '\u{10ffff}'];
    bytes: Vec<u8>, (, size = 300), (#[model(size = 300)]) =
        vec![vec![1], vec![0], vec![0, 0], (0..=255).collect(), b"a ".to_vec(), b"a".to_vec()];
    identifiers: Uuid, (), () = vec![Uuid::from_u128(1), Uuid::max()];
    dates: NaiveDate, (), () =
        ["1000-01-01", "1970-01-01", "9999-12-31"].map(|date| date.parse().unwrap()).into();
    timestamps: Timestamp, (), () =
        ["1000-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000001Z"]
            .map(|moment| moment.parse().unwrap()).into();
    decimals: Decimal, (, precision = (20, 4)), (#[model(precision = (20, 4))]) =
        ["-0.0001", "1.5", "99999999999.9999"].map(|decimal| decimal.parse().unwrap()).into();
    truth: bool, (), () = vec![false, true];
}

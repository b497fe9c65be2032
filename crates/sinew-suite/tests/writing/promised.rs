//! Graphs of new rows whose keys the database makes: however they travel, every key in memory is the
//! one in the database, and whatever is refused leaves nothing behind.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Region {
    id: i32,
    name: String,
    shops: HasMany<Shop>,
}

#[derive(Model, Clone, Debug, Default)]
struct Shop {
    id: u64,
    region_id: i32,
    region: BelongsTo<Region>,
    name: String,
    #[model(check = "size >= 0")]
    size: i64,
    #[model(default = "7")]
    rating: Option<i64>,
    shelves: HasMany<Shelf>,
    goods: ManyToMany<Good, Stock>,
}

#[derive(Model, Clone, Debug, Default)]
struct Shelf {
    id: i64,
    shop_id: u64,
    parent_id: Option<i64>,
    #[model(foreign_key = parent_id)]
    boards: HasMany<Shelf>,
    #[model(polymorphic = owner)]
    notes: HasMany<Note>,
}

#[derive(Model, Clone, Debug, Default)]
struct Note {
    id: i64,
    owner_id: i64,
    owner_type: String,
    text: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Good {
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Stock {
    #[model(primary_key)]
    shop_id: u64,
    #[model(primary_key)]
    good_id: i64,
    amount: i64,
}

async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![Region, Shop, Shelf, Note, Good, Stock])
        .await
}

fn shelf(note: &str) -> Shelf {
    Shelf {
        notes: [Note {
            text: note.into(),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    }
}

fn shop(name: &str, goods: Vec<Good>) -> Shop {
    Shop {
        name: name.into(),
        shelves: [shelf(&format!("{name} 1")), shelf(&format!("{name} 2"))].into(),
        goods: goods.into(),
        ..Default::default()
    }
}

fn good(name: &str) -> Good {
    Good {
        name: name.into(),
        ..Default::default()
    }
}

/// What memory says of shops, shelves, notes and stocks is what the database says.
async fn agrees(db: &Db, shops: &[Shop]) -> Result<()> {
    for shop in shops {
        let held: Vec<(String, i32, i64)> = db
            .query(
                "SELECT name, region_id, rating FROM shops WHERE id = ?",
                (shop.id,),
            )
            .await?;
        assert_eq!(
            held,
            [(shop.name.clone(), shop.region_id, shop.rating.unwrap())]
        );
        for shelf in shop.shelves.loaded()? {
            assert_eq!(shelf.shop_id, shop.id);
            for note in shelf.notes.loaded()? {
                let held: Vec<(i64, String, i64, String)> = db
                    .query(
                        "SELECT shelves.shop_id, owner_type, owner_id, text FROM notes \
                         JOIN shelves ON shelves.id = owner_id WHERE notes.id = ?",
                        (note.id,),
                    )
                    .await?;
                let shop = i64::try_from(shop.id).unwrap();
                assert_eq!(
                    held,
                    [(shop, "shelves".into(), shelf.id, note.text.clone())]
                );
                assert_eq!(note.owner_id, shelf.id);
            }
        }
        for good in shop.goods.loaded()? {
            let stock = "SELECT COUNT(*) FROM stocks JOIN goods ON goods.id = good_id \
                         WHERE shop_id = ? AND good_id = ? AND goods.name = ?";
            let held: Vec<(i64,)> = db
                .query(stock, (shop.id, good.id, good.name.as_str()))
                .await?;
            assert_eq!(held, [(1,)], "{}", good.name);
        }
    }
    Ok(())
}

async fn keys_of_every_width_arrive(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut Region::default()).await?;
    let mut region = Region {
        name: "north".into(),
        shops: [
            shop("a", vec![good("salt"), good("rice")]),
            shop("b", vec![good("tea")]),
            shop("c", vec![]),
        ]
        .into(),
        ..Default::default()
    };
    db.create(&mut region).await?;
    assert_eq!(region.id, 2);
    let shops = region.shops.loaded()?;
    assert!(shops.iter().all(|shop| shop.region_id == region.id));
    agrees(&db, shops).await?;
    assert_eq!(rows(&db, "notes").await?, 6);
    assert_eq!(rows(&db, "stocks").await?, 3);
    Ok(())
}

async fn new_owners_are_shared_by_nobody_else(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut shops: Vec<Shop> = ["a", "b", "c"]
        .map(|name| Shop {
            region: Region {
                name: format!("of {name}"),
                ..Default::default()
            }
            .into(),
            ..shop(name, vec![good(name)])
        })
        .into();
    db.create(&mut shops).await?;
    agrees(&db, &shops).await?;
    for shop in &shops {
        let region = shop.region.loaded()?;
        assert_eq!(shop.region_id, region.id);
        let names: Vec<String> = db
            .query(
                "SELECT regions.name FROM shops JOIN regions ON regions.id = region_id \
                 WHERE shops.id = ?",
                (shop.id,),
            )
            .await?
            .into_iter()
            .map(|(name,): (String,)| name)
            .collect();
        assert_eq!(names, [format!("of {}", shop.name)]);
    }
    Ok(())
}

/// Some targets are there, some are new; one link is given with what it holds.
async fn new_and_existing_targets_and_given_links(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut salt = good("salt");
    db.create(&mut salt).await?;
    let mut first = Shop {
        region: Region::default().into(),
        ..shop("a", vec![])
    };
    first.goods = ManyToMany::with_links([
        (
            salt.clone(),
            Stock {
                amount: 5,
                ..Default::default()
            },
        ),
        (
            good("tea"),
            Stock {
                amount: 9,
                ..Default::default()
            },
        ),
    ]);
    db.create(&mut first).await?;
    agrees(&db, std::slice::from_ref(&first)).await?;
    let tea = first.goods.loaded()?[1].id;
    let amounts: Vec<(i64, i64)> = db
        .query("SELECT good_id, amount FROM stocks ORDER BY amount", ())
        .await?;
    assert_eq!(amounts, [(salt.id, 5), (tea, 9)]);
    assert_eq!(rows(&db, "goods").await?, 2);
    Ok(())
}

/// A key that is given but not there: such a target is inserted with it.
async fn a_target_that_was_presumed_there(db: Db) -> Result<()> {
    tables(&db).await?;
    let tea = Good {
        id: 77,
        ..good("tea")
    };
    let mut one = Shop {
        region: Region {
            id: 5,
            name: "new".into(),
            ..Default::default()
        }
        .into(),
        ..shop("a", vec![tea, good("salt")])
    };
    db.create(&mut one).await?;
    assert_eq!((one.region_id, one.goods.loaded()?[0].id), (5, 77));
    agrees(&db, std::slice::from_ref(&one)).await?;
    assert_eq!(rows(&db, "regions").await?, 1);
    assert_eq!(rows(&db, "goods").await?, 2);
    Ok(())
}

async fn a_tree_of_rows_of_one_table(db: Db) -> Result<()> {
    tables(&db).await?;
    let node = |boards: Vec<Shelf>| Shelf {
        boards: boards.into(),
        ..Default::default()
    };
    let leaves = || vec![node(vec![]), node(vec![])];
    let mut one = Shop {
        region: Region::default().into(),
        name: "a".into(),
        ..Default::default()
    };
    db.create(&mut one).await?;
    let mut root = Shelf {
        shop_id: one.id,
        ..node(vec![node(leaves()), node(leaves())])
    };
    fn owned_by(shelf: &mut Shelf, shop: u64) {
        shelf.shop_id = shop;
        for board in shelf.boards.loaded_mut().unwrap() {
            owned_by(board, shop);
        }
    }
    owned_by(&mut root, one.id);
    db.create(&mut root).await?;
    let held: Vec<(i64, Option<i64>)> = db
        .query("SELECT id, parent_id FROM shelves ORDER BY id", ())
        .await?;
    let mut wanted = vec![(root.id, None)];
    for board in root.boards.loaded()? {
        assert_eq!(board.parent_id, Some(root.id));
        wanted.push((board.id, Some(root.id)));
        for leaf in board.boards.loaded()? {
            assert_eq!(leaf.parent_id, Some(board.id));
            wanted.push((leaf.id, Some(board.id)));
        }
    }
    wanted.sort_unstable();
    assert_eq!(held, wanted);
    Ok(())
}

async fn refused_at_any_level_it_leaves_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut bad = shop("bad", vec![good("tea")]);
    bad.size = -1;
    let mut region = Region {
        shops: [shop("a", vec![good("salt")]), bad].into(),
        ..Default::default()
    };
    let error = refused(db.create(&mut region).await, ErrorKind::CheckViolation);
    assert_eq!(error.path(), Some("shops[1]"));
    for table in ["regions", "shops", "shelves", "notes", "goods", "stocks"] {
        assert_eq!(rows(&db, table).await?, 0, "{table}");
    }
    let shops = region.shops.loaded()?;
    assert_eq!((region.id, shops[0].id, shops[1].region_id), (0, 0, 0));
    assert_eq!(shops[0].rating, None);
    assert_eq!(shops[0].shelves.loaded()?[1].shop_id, 0);
    assert_eq!(shops[0].goods.loaded()?[0].id, 0);
    Ok(())
}

/// A key beside a loaded target that is new contradicts it.
async fn a_key_that_contradicts_a_new_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut one = Shop {
        region_id: 4711,
        region: Region::default().into(),
        ..shop("a", vec![])
    };
    let error = refused(db.create(&mut one).await, ErrorKind::Mismatch);
    assert!(error.message().contains("4711"), "{error}");
    assert!(!error.message().contains("21464"), "{error}");
    assert_eq!((one.region_id, one.region.loaded()?.id), (4711, 0));
    assert_eq!(rows(&db, "regions").await?, 0);
    Ok(())
}

async fn inside_a_transaction_and_after_an_error_there(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut first, mut second) = (Region::default(), Region::default());
    first.shops = [shop("a", vec![good("salt")])].into();
    let mut bad = shop("bad", vec![]);
    bad.size = -1;
    second.shops = [bad].into();
    db.transaction(async |tx| {
        tx.create(&mut first).await?;
        refused(tx.create(&mut second).await, ErrorKind::CheckViolation);
        second.shops.loaded_mut()?[0].size = 1;
        tx.create(&mut second).await
    })
    .await?;
    agrees(&db, first.shops.loaded()?).await?;
    agrees(&db, second.shops.loaded()?).await?;
    assert_eq!(rows(&db, "shops").await?, 2);
    Ok(())
}

/// Dropped after any number of polls, memory is as before, and all or nothing is in the database.
async fn nobody_waits_any_more(db: Db) -> Result<()> {
    tables(&db).await?;
    let region = || Region {
        shops: [shop("a", vec![good("salt")]), shop("b", vec![])].into(),
        ..Default::default()
    };
    // Its statements are known now.
    db.create(&mut region()).await?;
    for polls in 0..12 {
        let mut one = region();
        let finished = {
            let mut create = pin!(db.create(&mut one).into_future());
            let mut left = polls;
            poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(false);
                }
                left -= 1;
                create.as_mut().poll(context).map(|result| result.is_ok())
            })
            .await
        };
        if !finished {
            let shops = one.shops.loaded()?;
            assert_eq!((one.id, shops[0].id, shops[1].region_id), (0, 0, 0));
            assert_eq!(shops[0].shelves.loaded()?[0].id, 0);
        }
        // What was on its way may be done by now, may be done yet, or is undone; but as a whole.
        let whole: Vec<(i64, i64, i64)> = db
            .query(
                "SELECT (SELECT COUNT(*) FROM regions), (SELECT COUNT(*) FROM shops), \
                 (SELECT COUNT(*) FROM stocks)",
                (),
            )
            .await?;
        let (regions, shops, stocks) = whole[0];
        assert_eq!((shops, stocks), (regions * 2, regions));
        if finished {
            agrees(&db, one.shops.loaded()?).await?;
        }
    }
    Ok(())
}

/// Numbers near those that stand for keys are only numbers.
async fn numbers_from_far_out(db: Db) -> Result<()> {
    tables(&db).await?;
    let far = i64::MAX - (1 << 40);
    let mut one = Shop {
        region: Region::default().into(),
        size: far,
        ..shop(
            "a",
            vec![
                Good {
                    id: far,
                    ..good("far")
                },
                good("near"),
            ],
        )
    };
    one.shelves = [Shelf {
        notes: [Note {
            text: "x".into(),
            ..Default::default()
        }]
        .into(),
        parent_id: None,
        ..Default::default()
    }]
    .into();
    db.create(&mut one).await?;
    assert_eq!((one.size, one.goods.loaded()?[0].id), (far, far));
    agrees(&db, std::slice::from_ref(&one)).await?;
    let sizes: Vec<(i64,)> = db.query("SELECT size FROM shops", ()).await?;
    assert_eq!(sizes, [(far,)]);
    Ok(())
}

suite![
    keys_of_every_width_arrive,
    new_owners_are_shared_by_nobody_else,
    new_and_existing_targets_and_given_links,
    a_target_that_was_presumed_there,
    a_tree_of_rows_of_one_table,
    refused_at_any_level_it_leaves_nothing,
    a_key_that_contradicts_a_new_owner,
    inside_a_transaction_and_after_an_error_there,
    nobody_waits_any_more,
    numbers_from_far_out,
];

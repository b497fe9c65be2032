//! Auto-migrate (B050 to B083).

use sinew_suite::prelude::*;

mod growing {
    use super::*;

    mod first {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct User {
            pub(super) id: i64,
            pub(super) name: String,
            pub(super) old: Option<String>,
        }
    }

    mod second {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct User {
            pub(super) id: i64,
            #[model(size = 100, index)]
            pub(super) name: String,
            #[model(default = 7)]
            pub(super) rank: i64,
            pub(super) email: Option<String>,
            pub(super) company_id: Option<i64>,
            #[model(on_delete = set_null)]
            pub(super) company: BelongsTo<Option<Company>>,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Company {
            pub(super) id: i64,
        }
    }

    // Behaviour: B070, B071, B072
    async fn an_existing_table_grows_and_keeps_everything(db: Db) -> Result<()> {
        db.auto_migrate(models![first::User]).await?;
        let one = |name: &str| first::User {
            name: name.into(),
            old: Some("kept".into()),
            ..Default::default()
        };
        db.create(&mut vec![one("Ada"), one("Grace")]).await?;
        db.auto_migrate(models![second::User, second::Company])
            .await?;
        assert_eq!(
            values::<String>(&db, "users", "name").await?,
            ["Ada", "Grace"]
        );
        assert_eq!(values::<i64>(&db, "users", "rank").await?, [7, 7]);
        // A column that the models no longer have is not dropped.
        assert_eq!(
            values::<Option<String>>(&db, "users", "old").await?,
            [Some("kept".into()), Some("kept".into())]
        );
        // The new constraint is there, with its action.
        let mut stray = second::User {
            company_id: Some(404),
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        let mut grace = db.get::<second::User>(2).await?;
        grace.company = second::Company::default().into();
        db.save(&mut grace).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "users", "company_id").await?,
            [None, Some(1)]
        );
        db.execute("DELETE FROM companies", ()).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "users", "company_id").await?,
            [None, None]
        );
        let again = db
            .auto_migrate(models![second::User, second::Company])
            .plan()
            .await?;
        assert!(again.is_empty(), "{again}");
        Ok(())
    }

    suite![an_existing_table_grows_and_keeps_everything];
}

mod long_texts {
    use super::*;

    mod first {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Note {
            pub(super) id: i64,
            pub(super) title: String,
            pub(super) body: String,
            pub(super) author: String,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Author {
            #[model(primary_key, size = 40)]
            pub(super) name: String,
        }
    }

    mod second {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Note {
            pub(super) id: i64,
            #[model(size = 400, unique)]
            pub(super) title: String,
            #[model(index)]
            pub(super) body: String,
            #[model(size = 40)]
            pub(super) author: String,
            #[model(foreign_key = author, references = name)]
            pub(super) writer: BelongsTo<Author>,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Author {
            #[model(primary_key, size = 40)]
            pub(super) name: String,
        }
    }

    fn note(title: &str, author: &str) -> first::Note {
        first::Note {
            title: title.into(),
            body: "b".repeat(5_000),
            author: author.into(),
            ..Default::default()
        }
    }

    // Behaviour: B070, B073
    async fn long_texts_become_keys(db: Db) -> Result<()> {
        db.auto_migrate(models![first::Note, first::Author]).await?;
        let (one, other) = ("t".repeat(399) + "1", "t".repeat(399) + "2");
        db.create(&mut first::Author { name: "Ada".into() }).await?;
        db.create(&mut vec![note(&one, "Ada"), note(&other, "Ada")])
            .await?;
        let all = || models![second::Note, second::Author];
        db.auto_migrate(all()).await?;
        let again = db.auto_migrate(all()).plan().await?;
        assert!(again.is_empty(), "{again}");
        // The texts are kept apart to their last character, and nothing was cut.
        let titles = values::<String>(&db, "notes", "title").await?;
        assert_eq!(titles, [one.clone(), other]);
        assert_eq!(
            values::<String>(&db, "notes", "body").await?[1].len(),
            5_000
        );
        let twice = db.create(&mut note(&one, "Ada")).await;
        refused(twice, ErrorKind::UniqueViolation);
        let stray = db.create(&mut note("new", "Bob")).await;
        refused(stray, ErrorKind::ForeignKeyViolation);
        Ok(())
    }

    async fn rows_that_do_not_fit_are_never_cut(db: Db) -> Result<()> {
        db.auto_migrate(models![first::Note, first::Author]).await?;
        db.create(&mut first::Author { name: "Ada".into() }).await?;
        let title = "t".repeat(401);
        db.create(&mut note(&title, "Ada")).await?;
        let all = || models![second::Note, second::Author];
        // Whether a database looks at lengths is its own affair.
        if let Err(error) = db.auto_migrate(all()).await {
            assert_eq!(error.kind(), ErrorKind::Schema, "{error:?}");
            assert!(error.message().contains("title"), "{error:?}");
            assert!(error.hint().is_some());
            assert_eq!(values::<String>(&db, "notes", "title").await?, [title]);
            db.execute("UPDATE notes SET title = 'short'", ()).await?;
            db.auto_migrate(all()).await?;
        } else {
            assert_eq!(values::<String>(&db, "notes", "title").await?, [title]);
        }
        assert!(db.auto_migrate(all()).plan().await?.is_empty());
        Ok(())
    }

    suite![long_texts_become_keys, rows_that_do_not_fit_are_never_cut];
}

mod broken_off {
    use super::*;

    mod first {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Seat {
            pub(super) id: i64,
            pub(super) place: i64,
        }
    }

    mod second {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Seat {
            pub(super) id: i64,
            #[model(unique)]
            pub(super) place: i64,
            #[model(default = 7, index)]
            pub(super) price: i64,
            pub(super) hall_id: Option<i64>,
            pub(super) hall: BelongsTo<Option<Hall>>,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Hall {
            pub(super) id: i64,
        }
    }

    // Behaviour: B070
    async fn a_migration_that_broke_off_is_completed(db: Db) -> Result<()> {
        db.auto_migrate(models![first::Seat]).await?;
        let seat = || first::Seat {
            place: 1,
            ..Default::default()
        };
        db.create(&mut vec![seat(), seat()]).await?;
        let all = || models![second::Seat, second::Hall];
        for _ in 0..2 {
            refused(db.auto_migrate(all()).await, ErrorKind::UniqueViolation);
            assert!(!db.auto_migrate(all()).plan().await?.is_empty());
        }
        db.execute("UPDATE seats SET place = 2 WHERE id = 2", ())
            .await?;
        db.auto_migrate(all()).await?;
        let again = db.auto_migrate(all()).plan().await?;
        assert!(again.is_empty(), "{again}");
        assert_eq!(values::<i64>(&db, "seats", "price").await?, [7, 7]);
        let mut stray = second::Seat {
            place: 3,
            hall_id: Some(404),
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        stray.place = 2;
        stray.hall_id = None;
        refused(db.create(&mut stray).await, ErrorKind::UniqueViolation);
        Ok(())
    }

    suite![a_migration_that_broke_off_is_completed];
}

mod actions {
    use super::*;

    mod first {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct User {
            pub(super) id: i64,
            pub(super) posts: HasMany<Post>,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Post {
            pub(super) id: i64,
            pub(super) user_id: i64,
        }
    }

    mod second {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct User {
            pub(super) id: i64,
            #[model(on_delete = cascade)]
            pub(super) posts: HasMany<Post>,
        }

        #[derive(Model, Clone, Debug, Default)]
        pub(super) struct Post {
            pub(super) id: i64,
            pub(super) user_id: i64,
        }
    }

    // Behaviour: B071
    async fn a_changed_action_is_applied(db: Db) -> Result<()> {
        db.auto_migrate(models![first::User, first::Post]).await?;
        let posts = [first::Post::default(), first::Post::default()];
        db.create(&mut first::User {
            posts: posts.into(),
            ..Default::default()
        })
        .await?;
        let deleted = db.execute("DELETE FROM users", ()).await;
        refused(deleted, ErrorKind::ForeignKeyViolation);
        db.auto_migrate(models![second::User, second::Post]).await?;
        assert_eq!(rows(&db, "posts").await?, 2);
        db.execute("DELETE FROM users", ()).await?;
        assert_eq!(rows(&db, "posts").await?, 0);
        Ok(())
    }

    suite![a_changed_action_is_applied];
}

mod circles {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Team {
        id: i64,
        captain_id: Option<i64>,
        captain: BelongsTo<Option<Player>>,
        players: HasMany<Player>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Player {
        id: i64,
        team_id: Option<i64>,
        team: BelongsTo<Option<Team>>,
    }

    // Behaviour: B064, B067
    async fn tables_that_refer_to_each_other(db: Db) -> Result<()> {
        db.auto_migrate(models![Player, Team]).await?;
        let mut team = Team {
            players: [Player::default(), Player::default()].into(),
            ..Default::default()
        };
        db.create(&mut team).await?;
        let captain = team.players.loaded()?[1].clone();
        db.update(&mut team)
            .set(Team::captain_id.to(captain.id))
            .await?;
        for sql in [
            "UPDATE teams SET captain_id = 404",
            "UPDATE players SET team_id = 404",
        ] {
            refused(db.execute(sql, ()).await, ErrorKind::ForeignKeyViolation);
        }
        let read = db
            .get::<Team>(1)
            .preload((Team::captain, Team::players))
            .await?;
        assert_eq!(read.captain.loaded()?.map(|p| p.id), Some(captain.id));
        Ok(())
    }

    suite![tables_that_refer_to_each_other];
}

mod order {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Order {
        id: i64,
        customer_id: i64,
        customer: BelongsTo<Customer>,
        #[model(join_table = "order_labels", on_delete = cascade)]
        labels: ManyToMany<Label>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Customer {
        id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Label {
        id: i64,
    }

    // Behaviour: B053, B059, B065
    async fn what_a_model_refers_to_comes_along(db: Db) -> Result<()> {
        let plan = db.auto_migrate(models![Order]).plan().await?.to_string();
        for name in [
            "fk_orders_customer",
            "fk_order_labels_order",
            "fk_order_labels_label",
        ] {
            assert!(plan.contains(name), "{name} in {plan}");
        }
        db.auto_migrate(models![Order]).await?;
        let labels = [Label::default(), Label::default()];
        let mut order = Order {
            customer: Customer::default().into(),
            labels: labels.into(),
            ..Default::default()
        };
        db.create(&mut order).await?;
        // An action on a many-to-many applies to both keys of the join table.
        db.execute("DELETE FROM labels WHERE id = 1", ()).await?;
        assert_eq!(rows(&db, "order_labels").await?, 1);
        db.execute("DELETE FROM orders", ()).await?;
        assert_eq!(rows(&db, "order_labels").await?, 0);
        Ok(())
    }

    suite![what_a_model_refers_to_comes_along];
}

mod indexes {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Seat {
        id: i64,
        #[model(unique_index = "seats_row_number")]
        row: i64,
        #[model(unique_index = "seats_row_number")]
        place: i64,
        #[model(unique)]
        code: i64,
        #[model(index)]
        price: i64,
        hall_id: Option<i64>,
        hall: BelongsTo<Option<Hall>>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Hall {
        id: i64,
    }

    // Behaviour: B073, B074, B075
    async fn indexes_and_their_names(db: Db) -> Result<()> {
        let plan = db
            .auto_migrate(models![Seat, Hall])
            .plan()
            .await?
            .to_string();
        for name in ["seats_row_number", "idx_seats_price", "idx_seats_hall_id"] {
            assert!(plan.contains(name), "{name} in {plan}");
        }
        db.auto_migrate(models![Seat, Hall]).await?;
        let seat = |row, place, code| Seat {
            row,
            place,
            code,
            ..Default::default()
        };
        db.create(&mut vec![seat(1, 1, 1), seat(1, 2, 2)]).await?;
        refused(
            db.create(&mut seat(1, 2, 3)).await,
            ErrorKind::UniqueViolation,
        );
        refused(
            db.create(&mut seat(2, 2, 2)).await,
            ErrorKind::UniqueViolation,
        );
        assert_eq!(rows(&db, "seats").await?, 2);
        Ok(())
    }

    suite![indexes_and_their_names];
}

mod long_names {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct AnExtraordinarilyLongModelNameThatGoesOnAndOn {
        id: i64,
        an_association_whose_name_is_hardly_any_shorter: HasMany<Child>,
        an_association_whose_name_is_hardly_any_shorter_either: HasMany<Other>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Child {
        id: i64,
        an_extraordinarily_long_model_name_that_goes_on_and_on_id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Other {
        id: i64,
        an_extraordinarily_long_model_name_that_goes_on_and_on_id: i64,
    }

    // Behaviour: B056
    async fn generated_names_are_cut_and_stay_apart(db: Db) -> Result<()> {
        let models = || models![AnExtraordinarilyLongModelNameThatGoesOnAndOn, Child, Other];
        db.auto_migrate(models()).await?;
        assert!(db.auto_migrate(models()).plan().await?.is_empty());
        let mut stray = Child {
            an_extraordinarily_long_model_name_that_goes_on_and_on_id: 4,
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        Ok(())
    }

    suite![generated_names_are_cut_and_stay_apart];
}

mod inside {
    use super::*;
    use crate::fixture::*;

    // Behaviour: B081
    async fn a_migration_is_part_of_its_transaction(db: Db) -> Result<()> {
        let all = || models![Company];
        let result = db
            .transaction(async |tx| {
                tx.auto_migrate(all()).await?;
                tx.create(&mut company("Acme")).await?;
                Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
            })
            .await;
        // Undone with the transaction, or refused as that cannot be: no table is left behind.
        match result.as_ref().map_err(Error::kind) {
            Err(ErrorKind::InvalidInput) => {}
            Err(ErrorKind::Unsupported) => {
                let error = refused(result, ErrorKind::Unsupported);
                assert!(error.message().contains("transaction"), "{error:?}");
                assert!(error.hint().is_some_and(|h| h.contains("outside")));
            }
            other => panic!("{other:?}"),
        }
        let plan = db.auto_migrate(all()).plan().await?;
        assert!(!plan.is_empty());
        assert!(rows(&db, "companies").await.is_err());
        db.auto_migrate(all()).await?;
        assert_eq!(rows(&db, "companies").await?, 0);
        Ok(())
    }

    // Behaviour: B081
    async fn a_refused_migration_leaves_its_transaction_as_it_was(db: Db) -> Result<()> {
        db.auto_migrate(models![Company]).await?;
        let migrated = db
            .transaction(async |tx| {
                tx.create(&mut company("Acme")).await?;
                // There is nothing to do, which every database can do.
                tx.auto_migrate(models![Company]).await?;
                let migrated = tx.auto_migrate(models![Language]).await;
                tx.create(&mut company("Initech")).await?;
                Ok(migrated)
            })
            .await?;
        assert_eq!(rows(&db, "companies").await?, 2);
        let plan = db.auto_migrate(models![Language]).plan().await?;
        match migrated {
            Ok(()) => assert!(plan.is_empty(), "{plan}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
                assert!(!plan.is_empty());
            }
        }
        Ok(())
    }

    suite![
        a_migration_is_part_of_its_transaction,
        a_refused_migration_leaves_its_transaction_as_it_was,
    ];
}

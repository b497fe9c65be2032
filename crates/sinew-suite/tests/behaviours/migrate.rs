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
        let result = db
            .transaction(async |tx| {
                tx.auto_migrate(models![Company]).await?;
                tx.create(&mut company("Acme")).await?;
                Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
            })
            .await;
        refused(result, ErrorKind::InvalidInput);
        // Whether the tables stayed depends on the database; that it works afterwards does not.
        tables(&db).await?;
        assert_eq!(rows(&db, "companies").await?, 0);
        Ok(())
    }

    suite![a_migration_is_part_of_its_transaction];
}

//! "Custom Join Table", "Composite Foreign Keys", "Self-Referential Associations" and "Association
//! Configuration".

use sinew_suite::prelude::*;

mod custom_join_table {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        languages: ManyToMany<Language, UserLanguage>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Language {
        id: i64,
        name: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct UserLanguage {
        #[model(primary_key)]
        user_id: i64,
        #[model(primary_key)]
        language_id: i64,
        proficiency: String,
        created_at: Timestamp,
    }

    fn language(name: &str) -> Language {
        Language {
            name: name.into(),
            ..Default::default()
        }
    }

    // Seed: B034, B061 -- Custom Join Table
    async fn links_have_columns_of_their_own(db: Db) -> Result<()> {
        // The join model comes with the models that use it.
        db.auto_migrate(models![User, Language]).await?;
        let mut user = User {
            languages: [language("English")].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            pairs(&db, "user_languages", "user_id", "language_id").await?,
            [(1, 1)]
        );
        db.association(&mut user, User::languages)
            .append_with(language("Spanish"), |link: &mut UserLanguage| {
                link.proficiency = "native".into();
            })
            .await?;
        let sql = "SELECT language_id, proficiency, created_at FROM user_languages ORDER BY 1";
        let stored: Vec<(i64, String, Timestamp)> = db.query(sql, ()).await?;
        assert_eq!((stored[0].0, stored[0].1.as_str()), (1, ""));
        assert_eq!((stored[1].0, stored[1].1.as_str()), (2, "native"));
        assert!(stored.iter().all(|link| link.2 > Timestamp::UNIX_EPOCH));
        // And they are read with the targets.
        let read = db.get::<User>(1).preload(User::languages).await?;
        let links: Vec<_> = read
            .languages
            .links()?
            .map(|(language, link)| (language.name.as_str(), link.proficiency.as_str()))
            .collect();
        assert_eq!(links, [("English", ""), ("Spanish", "native")]);
        let native = User::languages.filter_link(UserLanguage::proficiency.eq("native"));
        let read = db.get::<User>(1).preload(native).await?;
        assert_eq!(read.languages.loaded()?.len(), 1);
        Ok(())
    }

    // Seed: B061 -- Custom Join Table: its key and its constraints
    async fn the_join_model_has_a_key_and_constraints(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Language, UserLanguage])
            .await?;
        let mut user = User {
            languages: [language("English")].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        let mut twice = UserLanguage {
            user_id: 1,
            language_id: 1,
            ..Default::default()
        };
        refused(db.create(&mut twice).await, ErrorKind::UniqueViolation);
        let mut stray = UserLanguage {
            user_id: 1,
            language_id: 404,
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        assert_eq!(rows(&db, "user_languages").await?, 1);
        Ok(())
    }

    suite![
        links_have_columns_of_their_own,
        the_join_model_has_a_key_and_constraints
    ];
}

mod composite {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        #[model(unique_index = "users_in_locations")]
        id: i64,
        #[model(unique_index = "users_in_locations")]
        location_id: i64,
        name: String,
        #[model(foreign_key = (user_id, location_id), references = (id, location_id))]
        orders: HasMany<Order>,
        #[model(foreign_key = (user_id, location_id), references = (id, location_id))]
        badge: HasOne<Badge>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Order {
        id: i64,
        user_id: i64,
        location_id: i64,
        #[model(foreign_key = (user_id, location_id), references = (id, location_id))]
        user: BelongsTo<User>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Badge {
        id: i64,
        user_id: i64,
        location_id: i64,
    }

    // Seed: B020 -- Composite Foreign Keys
    async fn two_columns_make_one_key(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order, Badge]).await?;
        let user = User {
            location_id: 7,
            name: "Ada".into(),
            ..Default::default()
        };
        let mut order = Order {
            user: user.into(),
            ..Default::default()
        };
        db.create(&mut order).await?;
        assert_eq!((order.user_id, order.location_id), (1, 7));
        assert_eq!(
            pairs(&db, "orders", "user_id", "location_id").await?,
            [(1, 7)]
        );
        let mut other = User {
            location_id: 8,
            orders: [Order::default(), Order::default()].into(),
            badge: Badge::default().into(),
            ..Default::default()
        };
        db.create(&mut other).await?;
        assert_eq!(
            pairs(&db, "orders", "user_id", "location_id").await?,
            [(1, 7), (2, 8), (2, 8)]
        );
        assert_eq!(
            pairs(&db, "badges", "user_id", "location_id").await?,
            [(2, 8)]
        );
        let users = db
            .find::<User>()
            .order_by(User::id.asc())
            .preload_all()
            .await?;
        assert_eq!(
            (
                users[0].orders.loaded()?.len(),
                users[1].orders.loaded()?.len()
            ),
            (1, 2)
        );
        assert!(users[0].badge.loaded()?.is_none() && users[1].badge.loaded()?.is_some());
        let orders = db
            .find::<Order>()
            .order_by(Order::id.asc())
            .preload(Order::user)
            .await?;
        assert_eq!(orders[0].user.loaded()?.name, "Ada");
        // Half of a key is not the key.
        let mut wrong = Order {
            user_id: 1,
            location_id: 8,
            ..Default::default()
        };
        refused(db.create(&mut wrong).await, ErrorKind::ForeignKeyViolation);
        Ok(())
    }

    suite![two_columns_make_one_key];
}

mod self_referential {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        manager_id: Option<i64>,
        #[model(foreign_key = manager_id)]
        manager: BelongsTo<Option<User>>,
        #[model(foreign_key = manager_id)]
        reports: HasMany<User>,
    }

    fn user(name: &str) -> User {
        User {
            name: name.into(),
            ..Default::default()
        }
    }

    // Seed: B043 -- Self-Referential Associations
    async fn managers_and_reports(db: Db) -> Result<()> {
        db.auto_migrate(models![User]).await?;
        let mut boss = User {
            reports: [user("Grace"), user("Alan")].into(),
            ..user("Ada")
        };
        db.create(&mut boss).await?;
        let mut trainee = User {
            manager: db.get::<User>(2).await?.into(),
            ..user("Kurt")
        };
        db.create(&mut trainee).await?;
        let keys = values::<Option<i64>>(&db, "users", "manager_id").await?;
        assert_eq!(keys, [None, Some(1), Some(1), Some(2)]);
        let manager = db.get::<User>(1).preload(User::reports).await?;
        let names: Vec<_> = manager
            .reports
            .loaded()?
            .iter()
            .map(|u| u.name.as_str())
            .collect();
        assert_eq!(names, ["Grace", "Alan"]);
        let employee = db
            .get::<User>(4)
            .preload(User::manager.preload(User::manager))
            .await?;
        let grace = employee.manager.loaded()?.expect("a manager");
        assert_eq!(grace.name, "Grace");
        assert_eq!(
            grace.manager.loaded()?.map(|u| u.name.as_str()),
            Some("Ada")
        );
        assert!(
            db.get::<User>(1)
                .preload(User::manager)
                .await?
                .manager
                .loaded()?
                .is_none()
        );
        Ok(())
    }

    suite![managers_and_reports];
}

mod configuration {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(hooks)]
    struct User {
        id: i64,
        deleted_at: DeletedAt,
        name: String,
        orders: HasMany<Order>,
    }

    #[derive(Model, Clone, Debug, Default)]
    #[model(hooks)]
    struct Order {
        id: i64,
        user_id: Option<i64>,
        note: String,
    }

    /// A value that an application puts on its session.
    struct Tenant(&'static str);

    impl Hooks for User {
        async fn before_create(&mut self, _db: &Db) -> Result<()> {
            self.name.push_str(" (hooked)");
            Ok(())
        }
    }

    impl Hooks for Order {
        async fn before_create(&mut self, db: &Db) -> Result<()> {
            // What the handle sees and carries tells which session it came from.
            let seen = db.find::<User>().count().await?;
            let tenant = db.value::<Tenant>().map_or("nobody", |tenant| tenant.0);
            self.note = format!("{seen} users, {tenant}");
            Ok(())
        }
    }

    fn user() -> User {
        User {
            name: "Ada".into(),
            orders: [Order::default()].into(),
            ..Default::default()
        }
    }

    // Seed: B267 -- Association Configuration: skip hooks
    async fn skip_hooks_also_of_nested_rows(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order]).await?;
        db.create(&mut user()).await?;
        db.session().skip_hooks().create(&mut user()).await?;
        assert_eq!(
            values::<String>(&db, "users", "name").await?,
            ["Ada (hooked)", "Ada"]
        );
        assert_eq!(
            values::<String>(&db, "orders", "note").await?,
            ["1 users, nobody", ""]
        );
        Ok(())
    }

    // Seed: B278 -- Association Configuration: per session, down to the hooks of nested rows
    async fn sessions_reach_hooks_of_nested_rows(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order]).await?;
        let mut gone = User {
            name: "Gone".into(),
            ..Default::default()
        };
        db.create(&mut gone).await?;
        db.delete(&mut gone).await?;
        db.create(&mut user()).await?;
        db.session().unscoped().create(&mut user()).await?;
        db.session()
            .with_value(Tenant("Acme"))
            .create(&mut user())
            .await?;
        assert_eq!(
            values::<String>(&db, "orders", "note").await?,
            ["1 users, nobody", "3 users, nobody", "3 users, Acme"]
        );
        Ok(())
    }

    // Seed: B123 -- Association Configuration: full save for everything done through a handle
    async fn a_handle_that_always_saves_in_full(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order]).await?;
        let db = db.full_save_associations();
        let mut ada = user();
        db.create(&mut ada).await?;
        ada.orders.loaded_mut()?[0].note = "changed".into();
        db.save(&mut ada).await?;
        assert_eq!(values::<String>(&db, "orders", "note").await?, ["changed"]);
        Ok(())
    }

    suite![
        skip_hooks_also_of_nested_rows,
        sessions_reach_hooks_of_nested_rows,
        a_handle_that_always_saves_in_full,
    ];
}

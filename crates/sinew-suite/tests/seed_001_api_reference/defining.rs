//! "Defining Associations" and "Association Tags".

use sinew_suite::prelude::*;

mod belongs_to {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        company_id: i64,
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
    }

    // Seed: B003 -- Belongs To
    async fn by_convention(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let company = Company {
            name: "Acme".into(),
            ..Default::default()
        };
        let mut user = User {
            name: "Ada".into(),
            company: company.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.company_id, user.company.loaded()?.id);
        assert_eq!(value::<i64>(&db, "users", "company_id", user.id).await?, 1);
        assert_eq!(values::<String>(&db, "companies", "name").await?, ["Acme"]);
        let read = db.get::<User>(user.id).preload(User::company).await?;
        assert_eq!(read.company.loaded()?.name, "Acme");
        Ok(())
    }

    suite![by_convention];
}

mod belongs_to_customized {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        company_id: i64,
        #[model(foreign_key = company_id, references = id)]
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
    }

    // Seed: B012 -- Belongs To: customization
    async fn the_convention_written_out(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let company = Company {
            name: "Acme".into(),
            ..Default::default()
        };
        let mut user = User {
            company: company.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(values::<i64>(&db, "users", "company_id").await?, [1]);
        Ok(())
    }

    suite![the_convention_written_out];
}

mod has_one {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        profile: HasOne<Profile>,
        #[model(foreign_key = owner, references = id)]
        passport: HasOne<Passport>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        user_id: i64,
        bio: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Passport {
        id: i64,
        owner: i64,
    }

    // Seed: B005, B013 -- Has One
    async fn by_convention_and_customized(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Profile, Passport]).await?;
        let mut user = User {
            profile: Profile {
                bio: "Engines".into(),
                ..Default::default()
            }
            .into(),
            passport: Passport::default().into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [user.id]);
        assert_eq!(values::<i64>(&db, "passports", "owner").await?, [user.id]);
        let read = db.get::<User>(user.id).preload_all().await?;
        assert_eq!(
            read.profile.loaded()?.map(|p| p.bio.as_str()),
            Some("Engines")
        );
        assert_eq!(read.passport.loaded()?.map(|p| p.owner), Some(user.id));
        Ok(())
    }

    suite![by_convention_and_customized];
}

mod has_many {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        orders: HasMany<Order>,
        #[model(foreign_key = user_id, references = id)]
        bills: HasMany<Bill>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Order {
        id: i64,
        user_id: i64,
        amount: f64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Bill {
        id: i64,
        user_id: i64,
    }

    // Seed: B006, B013 -- Has Many
    async fn by_convention_and_customized(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order, Bill]).await?;
        let mut user = User {
            orders: [1.5, 2.5]
                .map(|amount| Order {
                    amount,
                    ..Default::default()
                })
                .into(),
            bills: [Bill::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(values::<i64>(&db, "orders", "user_id").await?, [1, 1]);
        assert_eq!(values::<f64>(&db, "orders", "amount").await?, [1.5, 2.5]);
        assert_eq!(values::<i64>(&db, "bills", "user_id").await?, [1]);
        let read = db
            .get::<User>(1)
            .preload((User::orders, User::bills))
            .await?;
        assert_eq!(
            (read.orders.loaded()?.len(), read.bills.loaded()?.len()),
            (2, 1)
        );
        Ok(())
    }

    suite![by_convention_and_customized];
}

mod many_to_many {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        #[model(join_table = "user_languages")]
        languages: ManyToMany<Language>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Language {
        id: i64,
        name: String,
    }

    // Seed: B026, B057 -- Many To Many
    async fn a_join_table_named_user_languages(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Language]).await?;
        let names = ["English", "Spanish"];
        let language = |name: &str| Language {
            name: name.into(),
            ..Default::default()
        };
        let mut user = User {
            languages: names.map(language).into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            pairs(&db, "user_languages", "user_id", "language_id").await?,
            [(1, 1), (1, 2)]
        );
        assert_eq!(values::<String>(&db, "languages", "name").await?, names);
        Ok(())
    }

    suite![a_join_table_named_user_languages];
}

mod polymorphic {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Image {
        id: i64,
        url: String,
        owner_id: i64,
        owner_type: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        #[model(polymorphic = owner)]
        images: HasMany<Image>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
        #[model(polymorphic = owner)]
        images: HasMany<Image>,
    }

    fn image(url: &str) -> Image {
        Image {
            url: url.into(),
            ..Default::default()
        }
    }

    // Seed: B036, B098 -- Polymorphic Associations
    async fn images_of_users_and_companies(db: Db) -> Result<()> {
        db.auto_migrate(models![Image, User, Company]).await?;
        let mut user = User {
            images: [image("a"), image("b")].into(),
            ..Default::default()
        };
        let mut company = Company {
            images: [image("c")].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        db.create(&mut company).await?;
        // Both have the id 1: the type tells them apart.
        assert_eq!((user.id, company.id), (1, 1));
        let held = &user.images.loaded()?[0];
        assert_eq!((held.owner_id, held.owner_type.as_str()), (1, "users"));
        assert_eq!(values::<i64>(&db, "images", "owner_id").await?, [1, 1, 1]);
        let types = values::<String>(&db, "images", "owner_type").await?;
        assert_eq!(types, ["users", "users", "companies"]);
        let company = db.get::<Company>(1).preload(Company::images).await?;
        let urls: Vec<_> = company
            .images
            .loaded()?
            .iter()
            .map(|i| i.url.as_str())
            .collect();
        assert_eq!(urls, ["c"]);
        Ok(())
    }

    suite![images_of_users_and_companies];
}

mod tags {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        company_id: Option<i64>,
        #[model(foreign_key = company_id, references = id)]
        company: BelongsTo<Option<Company>>,
        #[model(on_update = cascade, on_delete = set_null)]
        profile: HasOne<Profile>,
        #[model(
            join_table = "user_languages",
            join_foreign_key = "speaker",
            join_references = "tongue"
        )]
        languages: ManyToMany<Language>,
        #[model(polymorphic = owner, polymorphic_value = "user")]
        images: HasMany<Image>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        user_id: Option<i64>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Language {
        id: i64,
        name: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Image {
        id: i64,
        owner_id: i64,
        owner_type: String,
    }

    // Seed: B028, B036, B054 -- Association Tags
    async fn every_tag_takes_effect(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company, Profile, Language, Image])
            .await?;
        let mut user = User {
            company: Company::default().into(),
            profile: Profile::default().into(),
            languages: [Language {
                name: "English".into(),
                ..Default::default()
            }]
            .into(),
            images: [Image::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            pairs(&db, "user_languages", "speaker", "tongue").await?,
            [(1, 1)]
        );
        assert_eq!(
            values::<String>(&db, "images", "owner_type").await?,
            ["user"]
        );
        let read = db.get::<User>(1).preload_all().await?;
        assert_eq!(read.images.loaded()?.len(), 1);
        assert_eq!(read.languages.loaded()?[0].name, "English");
        assert!(read.company.loaded()?.is_some());
        // OnUpdate:CASCADE and OnDelete:SET NULL are the database's business.
        db.execute("DELETE FROM user_languages", ()).await?;
        db.execute("UPDATE users SET id = 7 WHERE id = 1", ())
            .await?;
        assert_eq!(
            values::<Option<i64>>(&db, "profiles", "user_id").await?,
            [Some(7)]
        );
        db.execute("DELETE FROM users WHERE id = 7", ()).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "profiles", "user_id").await?,
            [None]
        );
        Ok(())
    }

    suite![every_tag_takes_effect];
}

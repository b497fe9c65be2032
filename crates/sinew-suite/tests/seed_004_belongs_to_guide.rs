//! The guide "Belongs To": users of companies.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

mod convention {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        created_at: Timestamp,
        updated_at: Timestamp,
        deleted_at: DeletedAt,
        name: String,
        company_id: i64,
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
    }

    fn company(name: &str) -> Company {
        Company {
            name: name.into(),
            ..Default::default()
        }
    }

    // Seed: B003, B084 -- Belongs To
    async fn users_of_a_company(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let mut first = User {
            company: company("Acme").into(),
            ..Default::default()
        };
        db.create(&mut first).await?;
        // The company exists by now, and is not created again.
        let acme = first.company.loaded()?.clone();
        let mut second = User {
            company: acme.into(),
            ..Default::default()
        };
        db.create(&mut second).await?;
        assert_eq!(values::<i64>(&db, "users", "company_id").await?, [1, 1]);
        assert_eq!(rows(&db, "companies").await?, 1);
        Ok(())
    }

    // Seed: B149, B165 -- CRUD with Belongs To
    async fn association_mode(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let mut user = User {
            company: company("Acme").into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            db.association(&mut user, User::company).find().await?[0].name,
            "Acme"
        );
        assert_eq!(db.association(&mut user, User::company).count().await?, 1);
        db.association(&mut user, User::company)
            .replace(company("Umbrella"))
            .await?;
        assert_eq!(
            (user.company_id, user.company.loaded()?.name.as_str()),
            (2, "Umbrella")
        );
        assert_eq!(values::<i64>(&db, "users", "company_id").await?, [2]);
        // Append is replace.
        db.association(&mut user, User::company)
            .append(company("Initech"))
            .await?;
        assert_eq!(values::<i64>(&db, "users", "company_id").await?, [3]);
        assert_eq!(rows(&db, "companies").await?, 3);
        Ok(())
    }

    // Seed: B201, B235 -- Eager Loading
    async fn preload_or_join(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let mut user = User {
            company: company("Acme").into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        let preloaded = db.get::<User>(1).preload(User::company).await?;
        let joined = db.get::<User>(1).join(User::company).await?;
        for user in [preloaded, joined] {
            assert_eq!(user.company.loaded()?.name, "Acme");
        }
        let mut later = db.find::<User>().await?;
        refused(later[0].company.loaded().map(drop), ErrorKind::NotLoaded);
        db.load(&mut later, User::company).await?;
        assert_eq!(later[0].company.loaded()?.name, "Acme");
        Ok(())
    }

    suite![users_of_a_company, association_mode, preload_or_join];
}

mod foreign_key {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        company_refer: i64,
        #[model(foreign_key = company_refer)]
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
    }

    // Seed: B012 -- Override Foreign Key
    async fn company_refer_instead_of_company_id(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let acme = Company {
            name: "Acme".into(),
            ..Default::default()
        };
        let mut user = User {
            company: acme.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.company_refer, 1);
        assert_eq!(values::<i64>(&db, "users", "company_refer").await?, [1]);
        let read = db.get::<User>(1).preload(User::company).await?;
        assert_eq!(read.company.loaded()?.name, "Acme");
        Ok(())
    }

    suite![company_refer_instead_of_company_id];
}

mod references {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        #[model(size = 20)]
        company_id: String,
        #[model(references = code)]
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        #[model(size = 20, unique)]
        code: String,
        name: String,
    }

    // Seed: B014, B015 -- Override References
    async fn the_code_is_the_reference(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let acme = Company {
            code: "ACME".into(),
            ..Default::default()
        };
        let mut user = User {
            company: acme.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.company_id, "ACME");
        assert_eq!(
            values::<String>(&db, "users", "company_id").await?,
            ["ACME"]
        );
        let read = db.get::<User>(1).preload(User::company).await?;
        assert_eq!(read.company.loaded()?.id, 1);
        let mut stray = User {
            company_id: "NONE".into(),
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        Ok(())
    }

    suite![the_code_is_the_reference];
}

mod same_name {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        company_id: i64,
        #[model(references = company_id)]
        company: BelongsTo<Company>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        #[model(primary_key)]
        company_id: i64,
        code: String,
        name: String,
    }

    // Seed: B015, B016 -- Override References: the key's name exists on both sides
    async fn it_stays_a_belongs_to(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let acme = Company {
            code: "ACME".into(),
            ..Default::default()
        };
        let mut user = User {
            name: "Ada".into(),
            company: acme.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.company_id, user.company.loaded()?.company_id);
        assert_eq!(
            values::<i64>(&db, "users", "company_id").await?,
            [user.company_id]
        );
        // The constraint is on the users.
        let mut stray = User {
            company_id: 404,
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        let mut alone = Company {
            code: "SOLO".into(),
            ..Default::default()
        };
        db.create(&mut alone).await?;
        assert_eq!(rows(&db, "companies").await?, 2);
        let read = db.get::<User>(1).preload(User::company).await?;
        assert_eq!(read.company.loaded()?.code, "ACME");
        Ok(())
    }

    suite![it_stays_a_belongs_to];
}

mod constraints {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        company_id: Option<i64>,
        #[model(on_update = cascade, on_delete = set_null)]
        company: BelongsTo<Option<Company>>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Company {
        id: i64,
        name: String,
    }

    // Seed: B054, B257 -- FOREIGN KEY Constraints
    async fn update_cascades_and_delete_sets_null(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Company]).await?;
        let mut user = User {
            company: Company::default().into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        db.execute("UPDATE companies SET id = 9", ()).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "users", "company_id").await?,
            [Some(9)]
        );
        let mut company = db.get::<Company>(9).await?;
        db.delete(&mut company).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "users", "company_id").await?,
            [None]
        );
        assert_eq!(rows(&db, "users").await?, 1);
        Ok(())
    }

    suite![update_cascades_and_delete_sets_null];
}

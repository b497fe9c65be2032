//! Join models, soft deletes, hooks and unscoped handles in association mode.

use sinew_suite::prelude::*;

use crate::fixture::*;

use std::cell::RefCell;

/// `append_with` fills the columns of a link, also of one that is there already.
async fn link_columns(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        name: "Ada".into(),
        tags: [].into(),
        ..Default::default()
    };
    db.create(&mut ada).await?;
    let mut red = tag("red");
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::tags)
            .append_with(&mut red, |link| link.weight = 3)
            .await?
    );
    // And one that reads back what was stored, where no insert returns it.
    assert!((3..=4).contains(&n), "target, is the link there, link: {n}");
    db.association(&mut ada, User::tags)
        .append(tag("blue"))
        .await?;
    let held: Vec<_> = ada
        .tags
        .links()?
        .map(|(tag, link)| (tag.id, link.tag_id, link.weight))
        .collect();
    assert_eq!(held, [(1, 1, 3), (2, 2, 0)]);
    assert!(
        ada.tags
            .links()?
            .all(|(_, link)| link.created_at > Timestamp::default())
    );
    let created = db.find::<UserTag>().first().await?.unwrap().created_at;

    db.association(&mut ada, User::tags)
        .append_with(red.clone(), |link| {
            link.weight = 5;
            link.user_id = 77;
        })
        .await?;
    db.association(&mut ada, User::tags)
        .append(red.clone())
        .await?;
    assert_eq!(
        ada.tags
            .links()?
            .map(|(_, link)| link.weight)
            .collect::<Vec<_>>(),
        [5, 0]
    );
    db.association(&mut ada, User::tags)
        .update_link(&red, |link| link.weight += 1)
        .await?;
    let row = db
        .find::<UserTag>()
        .filter(UserTag::tag_id.eq(1))
        .first()
        .await?
        .unwrap();
    assert_eq!((row.user_id, row.weight, row.created_at), (1, 6, created));
    assert_eq!(
        ada.tags
            .links()?
            .map(|(_, link)| link.weight)
            .collect::<Vec<_>>(),
        [6, 0]
    );
    let kept = ada.tags.loaded()?[0].clone();
    db.association(&mut ada, User::tags)
        .replace([tag("new"), kept])
        .await?;
    assert_eq!(
        ada.tags
            .links()?
            .map(|(_, link)| link.weight)
            .collect::<Vec<_>>(),
        [0, 6]
    );
    let error = db
        .association(&mut ada, User::tags)
        .update_link(&tag("x"), |link| link.weight = 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

/// Links of a join model are soft-deleted, unseen, and revived.
// Behaviour: B150, B193, B194
async fn soft_deleted_links(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut red = tag("red");
    db.association(&mut ada, User::tags)
        .append_with(&mut red, |link| link.weight = 3)
        .await?;
    db.association(&mut ada, User::tags).delete(&red).await?;
    assert_eq!(
        number(
            &db,
            "SELECT count(*) FROM user_tags WHERE deleted_at IS NOT NULL"
        )
        .await,
        1
    );
    assert_eq!(db.association(&mut ada, User::tags).count().await?, 0);
    assert_eq!(
        db.unscoped()
            .association(&mut ada, User::tags)
            .count()
            .await?,
        1
    );
    db.association(&mut ada, User::tags)
        .append(red.clone())
        .await?;
    assert_eq!(db.association(&mut ada, User::tags).count().await?, 1);
    assert_eq!(db.find::<UserTag>().first().await?.unwrap().weight, 3);
    db.association(&mut ada, User::tags).clear().await?;
    db.association(&mut ada, User::tags)
        .append_with(red.clone(), |link| link.weight = 4)
        .await?;
    assert_eq!(db.find::<UserTag>().first().await?.unwrap().weight, 4);
    db.association(&mut ada, User::tags).clear().await?;
    db.unscoped()
        .association(&mut ada, User::tags)
        .clear()
        .await?;
    assert_eq!(number(&db, "SELECT count(*) FROM user_tags").await, 0);
    assert_eq!(db.find::<Tag>().count().await?, 1);
    Ok(())
}

/// Displaced children go, softly where they are soft-deletable; the unscoped session
/// removes them for good.
// Behaviour: B184, B185
async fn unscoped_deletes_children(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let note = |text: &str| Note {
        text: text.into(),
        ..Default::default()
    };
    let mut first = note("1");
    db.association(&mut ada, User::notes)
        .append(&mut first)
        .await?;
    db.association(&mut ada, User::notes)
        .append([note("2"), note("3")])
        .await?;
    let diff = db
        .association(&mut ada, User::notes)
        .unscoped()
        .replace([first.clone(), note("4")])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 2));
    assert_eq!(
        number(&db, "SELECT count(*) FROM notes WHERE deleted_at IS NULL").await,
        2
    );
    db.association(&mut ada, User::notes)
        .unscoped()
        .delete(&first)
        .await?;
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::notes)
            .unscoped()
            .clear()
            .await?
    );
    assert_eq!(n, 1);
    assert_eq!(db.association(&mut ada, User::notes).count().await?, 0);
    assert_eq!(number(&db, "SELECT count(*) FROM notes").await, 4);
    assert_eq!(
        db.unscoped()
            .association(&mut ada, User::notes)
            .count()
            .await?,
        4
    );
    db.unscoped()
        .association(&mut ada, User::notes)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(number(&db, "SELECT count(*) FROM notes").await, 0);

    db.association(&mut ada, User::orders)
        .append([order(1.0), order(2.0)])
        .await?;
    db.association(&mut ada, User::orders)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(db.find::<Order>().count().await?, 0);
    Ok(())
}

// Behaviour: B186, B187, B188
async fn unscoped_belongs_to_deletes_what_was_unlinked(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let company = |name: &str| Company {
        name: name.into(),
        ..Default::default()
    };
    let (mut a, mut b, mut c) = (company("a"), company("b"), company("c"));
    db.create(&mut c).await?;
    db.association(&mut ada, User::company)
        .append(&mut a)
        .await?;
    let diff = db
        .association(&mut ada, User::company)
        .unscoped()
        .replace(&mut b)
        .await?;
    assert_eq!((diff.added, diff.removed), (1, 1));
    assert_eq!(
        db.find::<Company>()
            .order_by(Company::id.asc())
            .pluck(Company::name)
            .await?,
        ["c", "b"]
    );
    db.association(&mut ada, User::company)
        .unscoped()
        .delete(&c)
        .await?;
    assert_eq!(
        (db.find::<Company>().count().await?, ada.company_id),
        (2, Some(b.id))
    );
    db.association(&mut ada, User::company)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(db.find::<Company>().pluck(Company::name).await?, ["c"]);
    assert_eq!(ada.company_id, None);

    db.association(&mut ada, User::languages)
        .append(language("Go"))
        .await?;
    db.association(&mut ada, User::languages)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(db.find::<Language>().count().await?, 1, "only links go");
    Ok(())
}

// Each case runs on a thread of its own.
thread_local! {
    static RAN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn ran(what: impl Into<String>) {
    RAN.with_borrow_mut(|ran| ran.push(what.into()));
}

fn taken() -> Vec<String> {
    RAN.take()
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Team {
    id: i64,
    members: HasMany<Member>,
    skills: ManyToMany<Skill, TeamSkill>,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Member {
    id: i64,
    team_id: Option<i64>,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Skill {
    id: i64,
}

/// Without a unique key over its pair.
#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct TeamSkill {
    id: i64,
    team_id: i64,
    skill_id: i64,
}

impl Hooks for Team {
    async fn before_save(&mut self, _db: &Db) -> Result<()> {
        ran("team");
        Ok(())
    }
}

impl Hooks for Member {
    async fn before_create(&mut self, _db: &Db) -> Result<()> {
        ran(format!("create {}", self.name));
        Ok(())
    }

    async fn before_update(&mut self, _db: &Db) -> Result<()> {
        ran(format!("update {}", self.name));
        Ok(())
    }

    async fn before_delete(&mut self, db: &Db) -> Result<()> {
        ran(format!(
            "delete {} in a transaction: {}",
            self.name,
            db.in_transaction()
        ));
        Ok(())
    }
}

impl Hooks for TeamSkill {
    async fn after_create(&mut self, _db: &Db) -> Result<()> {
        ran(format!("link {}", self.skill_id));
        Ok(())
    }
}

/// Hooks run for rows that are really inserted or deleted, on the real rows, never the
/// owner's.
// Behaviour: B256
async fn hooks(db: Db) -> Result<()> {
    tables(&db).await?;
    db.auto_migrate(models![Team, Member, Skill, TeamSkill])
        .await?;
    let mut team = Team::default();
    db.create(&mut team).await?;
    taken();
    let mut ada = Member {
        name: "Ada".into(),
        ..Default::default()
    };
    db.association(&mut team, Team::members)
        .append(&mut ada)
        .await?;
    assert_eq!(taken(), ["create Ada"]);
    let stub = Member {
        id: ada.id,
        ..Default::default()
    };
    db.association(&mut team, Team::members).clear().await?;
    db.association(&mut team, Team::members)
        .append(stub)
        .await?;
    assert!(taken().is_empty(), "linking and unlinking run none");
    db.association(&mut team, Team::members)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(taken(), ["delete Ada in a transaction: true"]);

    let mut skill = Skill::default();
    db.association(&mut team, Team::skills)
        .append(&mut skill)
        .await?;
    db.association(&mut team, Team::skills)
        .append(&mut skill)
        .await?;
    assert_eq!(taken(), ["link 1"]);
    assert_eq!(number(&db, "SELECT count(*) FROM team_skills").await, 1);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Account {
    #[model(primary_key)]
    tenant_id: i64,
    #[model(primary_key)]
    number: i64,
    #[model(foreign_key = (tenant_id, account_number), references = (tenant_id, number))]
    entries: HasMany<Entry>,
    #[model(foreign_key = (tenant_id, account_number), references = (tenant_id, number))]
    fixed: HasMany<Fixed>,
}

#[derive(Model, Clone, Debug, Default)]
struct Entry {
    id: i64,
    tenant_id: i64,
    account_number: Option<i64>,
}

#[derive(Model, Clone, Debug, Default)]
struct Fixed {
    id: i64,
    tenant_id: i64,
    account_number: i64,
}

/// Composite keys match on all columns; unlinking empties the nullable ones, and is refused
/// where there is none.
// Behaviour: B176
async fn composite_keys(db: Db) -> Result<()> {
    tables(&db).await?;
    db.auto_migrate(models![Account, Entry, Fixed]).await?;
    let account = |tenant_id, number| Account {
        tenant_id,
        number,
        ..Default::default()
    };
    let mut all = vec![account(1, 1), account(1, 2), account(2, 1)];
    db.create(&mut all).await?;
    let entries = || {
        vec![
            vec![Entry::default(), Entry::default()],
            vec![Entry::default()],
            vec![Entry::default()],
        ]
    };
    db.association(&mut all, Account::entries)
        .append(entries())
        .await?;
    assert_eq!(
        db.association(&mut all[0], Account::entries)
            .count()
            .await?,
        2
    );
    assert_eq!(db.association(&mut all, Account::entries).count().await?, 4);
    let diff = db
        .association(&mut all, Account::entries)
        .replace(entries())
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (4, 0, 4));
    db.association(&mut all[0], Account::entries)
        .clear()
        .await?;
    let rows = linked(
        &db,
        "SELECT tenant_id, account_number FROM entries WHERE id > 4 ORDER BY id",
    )
    .await;
    assert_eq!(rows, [(1, None), (1, None), (1, Some(2)), (2, Some(1))]);

    let mut fixed = Fixed::default();
    db.association(&mut all[0], Account::fixed)
        .append(&mut fixed)
        .await?;
    let error = db
        .association(&mut all[0], Account::fixed)
        .clear()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    let error = db
        .association(&mut all[0], Account::fixed)
        .replace(Fixed::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains(".unscoped()"));
    assert_eq!(number(&db, "SELECT count(*) FROM fixeds").await, 1);
    db.association(&mut all[0], Account::fixed)
        .unscoped()
        .delete(&fixed)
        .await?;
    assert_eq!(number(&db, "SELECT count(*) FROM fixeds").await, 0);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Badge {
    id: i64,
    user_id: i64,
    user: BelongsTo<User>,
}

/// A required belongs-to can be exchanged, not cut.
async fn a_required_belongs_to(db: Db) -> Result<()> {
    tables(&db).await?;
    db.auto_migrate(models![Badge]).await?;
    let (ada, bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    let mut badge = Badge {
        user: ada.into(),
        ..Default::default()
    };
    db.create(&mut badge).await?;
    let diff = db.association(&mut badge, Badge::user).replace(bob).await?;
    assert_eq!((diff.added, diff.removed, badge.user_id), (1, 1, 2));
    assert_eq!(badge.user.loaded()?.name, "Bob");
    let error = db
        .association(&mut badge, Badge::user)
        .replace(Vec::<User>::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert_eq!(badge.user_id, 2);
    Ok(())
}

/// A full-save session writes the targets' columns too.
// Behaviour: B196
async fn full_save(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut go = language("Go");
    db.association(&mut ada, User::languages)
        .append(&mut go)
        .await?;
    go.speakers = 9;
    db.full_save_associations()
        .association(&mut ada, User::languages)
        .replace(&mut go)
        .await?;
    assert_eq!(db.get::<Language>(go.id).await?.speakers, 9);
    let mut one = order(1.0);
    db.association(&mut ada, User::orders)
        .append(&mut one)
        .await?;
    one.amount = 2.0;
    db.full_save_associations()
        .association(&mut ada, User::orders)
        .replace(&mut one)
        .await?;
    assert_eq!(db.get::<Order>(one.id).await?.amount, 2.0);
    Ok(())
}

suite![
    link_columns,
    soft_deleted_links,
    unscoped_deletes_children,
    unscoped_belongs_to_deletes_what_was_unlinked,
    hooks,
    composite_keys,
    a_required_belongs_to,
    full_save,
];

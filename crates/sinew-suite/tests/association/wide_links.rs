//! Join models whose key is wider than the pair they link.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Package {
    id: i64,
    name: String,
    #[model(join_foreign_key = "dependent_id", join_references = "dependency_id")]
    dependencies: ManyToMany<Package, Dependency>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Dependency {
    #[model(primary_key)]
    dependent_id: i64,
    #[model(primary_key)]
    dependency_id: i64,
    #[model(primary_key, size = 20)]
    kind: String,
    #[model(primary_key, size = 20)]
    platform: String,
    created_at: Timestamp,
    optional: bool,
}

async fn two(db: &Db) -> Result<(Package, Package)> {
    db.auto_migrate(models![Package, Dependency]).await?;
    let named = |name: &str| Package {
        name: name.into(),
        dependencies: [].into(),
        ..Default::default()
    };
    let (mut app, mut tool) = (named("app"), named("tool"));
    db.create(&mut app).await?;
    db.create(&mut tool).await?;
    Ok((app, tool))
}

async fn stored(db: &Db) -> Vec<(String, String, bool)> {
    let order = (Dependency::kind.asc(), Dependency::platform.asc());
    let rows = db.find::<Dependency>().order_by(order).await.unwrap();
    let row = |row: Dependency| (row.kind, row.platform, row.optional);
    rows.into_iter().map(row).collect()
}

fn held(of: &Package) -> Vec<(String, String, bool)> {
    let links = of.dependencies.links().unwrap();
    let row = |row: &Dependency| (row.kind.clone(), row.platform.clone(), row.optional);
    let mut all: Vec<_> = links.map(|(_, link)| row(link)).collect();
    all.sort();
    all
}

fn row(kind: &str, platform: &str, optional: bool) -> (String, String, bool) {
    (kind.into(), platform.into(), optional)
}

/// A key column of a link that is there can be changed: the row is found by its key before.
async fn a_key_column_of_a_link_is_changed(db: Db) -> Result<()> {
    let (mut app, tool) = two(&db).await?;
    db.association(&mut app, Package::dependencies)
        .append(tool.clone())
        .await?;
    db.association(&mut app, Package::dependencies)
        .update_link(&tool, |link| {
            link.kind = "build".into();
            link.optional = true;
        })
        .await?;
    assert_eq!(stored(&db).await, [row("build", "", true)]);
    assert_eq!(held(&app), [row("build", "", true)]);
    Ok(())
}

/// A change that leads to another key makes another link; one that leads to a known key changes
/// that link.
async fn another_key_is_another_link(db: Db) -> Result<()> {
    let (mut app, tool) = two(&db).await?;
    let mut links = db.association(&mut app, Package::dependencies);
    for (kind, optional) in [("build", false), ("dev", true), ("dev", false)] {
        links
            .reborrow()
            .append_with(tool.clone(), |link| {
                link.kind = kind.into();
                link.platform = "linux".into();
                link.optional = optional;
            })
            .await?;
    }
    let both = [row("build", "linux", false), row("dev", "linux", false)];
    assert_eq!(stored(&db).await, both);
    assert_eq!(held(&app), both);
    db.association(&mut app, Package::dependencies)
        .append_with(tool.clone(), |link| link.optional = true)
        .await?;
    let both = [row("build", "linux", true), row("dev", "linux", false)];
    assert_eq!(stored(&db).await, both);
    assert_eq!(held(&app), both);
    Ok(())
}

/// After a replace memory and database agree, also where a pair has several links.
async fn replace_keeps_every_link_of_a_pair(db: Db) -> Result<()> {
    let (mut app, tool) = two(&db).await?;
    for kind in ["build", "dev"] {
        db.association(&mut app, Package::dependencies)
            .append_with(tool.clone(), |link| link.kind = kind.into())
            .await?;
    }
    let both = [row("build", "", false), row("dev", "", false)];
    let other = Package {
        name: "other".into(),
        ..Default::default()
    };
    let diff = db
        .association(&mut app, Package::dependencies)
        .replace([tool.clone(), other.clone()])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 0));
    let mut again = db
        .get::<Package>(app.id)
        .preload(Package::dependencies)
        .await?;
    assert_eq!(held(&app), held(&again));
    assert_eq!(held(&app)[1..], both);

    let diff = db
        .association(&mut again, Package::dependencies)
        .replace([other])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 2));
    assert_eq!(again.dependencies.loaded()?.len(), 1);
    assert_eq!(stored(&db).await, [row("", "", false)]);
    Ok(())
}

/// A full save writes link columns that were changed, and links that were added, by their key.
async fn a_full_save_writes_link_columns(db: Db) -> Result<()> {
    let (mut app, tool) = two(&db).await?;
    for kind in ["build", "dev"] {
        db.association(&mut app, Package::dependencies)
            .append_with(tool.clone(), |link| link.kind = kind.into())
            .await?;
    }
    let mut app = db
        .get::<Package>(app.id)
        .preload(Package::dependencies)
        .await?;
    let build = |(_, link): &(_, &Dependency)| link.kind == "build";
    let created = app.dependencies.links()?.find(build).unwrap().1.created_at;
    let changed = |app: &Package| {
        let links = app.dependencies.links().unwrap();
        let changed = links.map(|(package, link)| {
            let link = Dependency {
                optional: link.kind == "dev",
                created_at: Timestamp::default(),
                ..link.clone()
            };
            (package.clone(), link)
        });
        changed.collect::<Vec<_>>()
    };
    app.dependencies = ManyToMany::with_links(changed(&app));
    db.save(&mut app).await?;
    let before = [row("build", "", false), row("dev", "", false)];
    assert_eq!(stored(&db).await, before, "not a full save");
    let mut with_more = changed(&app);
    with_more.push((
        tool.clone(),
        Dependency {
            kind: "test".into(),
            ..Default::default()
        },
    ));
    app.dependencies = ManyToMany::with_links(with_more);
    db.save(&mut app).full().await?;
    let after = [
        row("build", "", false),
        row("dev", "", true),
        row("test", "", false),
    ];
    assert_eq!(stored(&db).await, after);
    let by_kind = db.find::<Dependency>().order_by(Dependency::kind.asc());
    let moments = by_kind.await?;
    assert_eq!(moments[0].created_at, created, "stays");
    Ok(())
}

suite![
    a_key_column_of_a_link_is_changed,
    another_key_is_another_link,
    replace_keeps_every_link_of_a_pair,
    a_full_save_writes_link_columns,
];

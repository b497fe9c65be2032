//! How many rows there should be, by `cargo metadata` alone, and how many there are.

use std::collections::BTreeSet;

use sinew::{Db, Result};

use super::models::{Author, Dependency, Feature, Licence, Package, Target, Version};
use super::project::{Project, licences};

/// Rows by table, as `cargo metadata` has them.
pub fn expected(project: &Project) -> [(&'static str, u64); 9] {
    let packages = &project.metadata.packages;
    let (mut names, mut authors, mut spdx) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut by_author, mut by_licence, mut features, mut targets) = (0, 0, 0, 0);
    for package in packages {
        names.insert(package.name.as_str());
        let own: BTreeSet<_> = package.authors.iter().map(String::as_str).collect();
        by_author += own.len();
        authors.extend(own);
        let own = package.license.as_deref().map(licences).unwrap_or_default();
        by_licence += own.len();
        spdx.extend(own);
        features += package.features.len();
        targets += package.targets.len();
    }
    [
        ("packages", names.len() as u64),
        ("versions", packages.len() as u64),
        ("dependencies", edges(project) as u64),
        ("features", features as u64),
        ("targets", targets as u64),
        ("authors", authors.len() as u64),
        ("authors of versions", by_author as u64),
        ("licences", spdx.len() as u64),
        ("licences of versions", by_licence as u64),
    ]
}

/// Pairs of packages, with a kind and a platform each.
fn edges(project: &Project) -> usize {
    let nodes = project
        .metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes);
    let links = nodes.flat_map(|node| node.deps.iter().map(move |link| (&node.id, link)));
    let edges = links.flat_map(|(from, link)| {
        let how = |how: &cargo_metadata::DepKindInfo| {
            let platform = how.target.as_ref().map(ToString::to_string);
            (from, &link.pkg, how.kind.to_string(), platform)
        };
        link.dep_kinds.iter().map(how).collect::<Vec<_>>()
    });
    edges.collect::<BTreeSet<_>>().len()
}

/// Rows by table, as the database has them: one statement each.
///
/// # Errors
/// When the database refuses.
pub async fn found(db: &Db) -> Result<[(&'static str, u64); 9]> {
    let by_author = db.find::<Version>().pluck(Version::authors.count()).await?;
    let by_licence = db
        .find::<Version>()
        .pluck(Version::licences.count())
        .await?;
    Ok([
        ("packages", db.find::<Package>().count().await?),
        ("versions", db.find::<Version>().count().await?),
        ("dependencies", db.find::<Dependency>().count().await?),
        ("features", db.find::<Feature>().count().await?),
        ("targets", db.find::<Target>().count().await?),
        ("authors", db.find::<Author>().count().await?),
        (
            "authors of versions",
            by_author.iter().sum::<i64>().unsigned_abs(),
        ),
        ("licences", db.find::<Licence>().count().await?),
        (
            "licences of versions",
            by_licence.iter().sum::<i64>().unsigned_abs(),
        ),
    ])
}

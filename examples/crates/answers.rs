//! Questions about a project, answered along its associations.

use std::collections::{BTreeSet, HashMap};

use sinew::column::Fragment;
use sinew::{Db, Result, sql};
use sinew_examples::{chapter, result};

use super::graph::Graph;
use super::models::{Author, Dependency, Feature, Kind, Licence, Package, Target, Version};
use super::why::why;

/// Rows that a list shows.
const TOP: u64 = 5;

/// Asks everything. `name` is the package of the first question.
///
/// # Errors
/// When the database refuses, or there is no package of that name.
pub async fn answer_all(db: &Db, name: Option<&str>) -> Result<()> {
    ask(db, "Who depends on it, and why?", async |db| {
        why(db, name).await
    })
    .await?;
    ask(db, "What does most depend on?", dependents).await?;
    ask(db, "What exists in several versions?", several_versions).await?;
    ask(db, "Which are the longest chains?", chains).await?;
    ask(db, "What is it licensed under?", licences).await?;
    ask(
        db,
        "Most authors, most prolific authors, most features?",
        most,
    )
    .await?;
    ask(db, "What runs a build script?", build_scripts).await
}

/// Asks one question and tells how many statements it took.
async fn ask(db: &Db, question: &str, answer: impl AsyncFnOnce(&Db) -> Result<()>) -> Result<()> {
    chapter(question);
    let counting = db.counting();
    answer(&counting).await?;
    result(format!(
        "[{}]",
        number_of(counting.statements(), "statement")
    ));
    Ok(())
}

/// A number of things.
pub fn number_of(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Name and number; its package has to be loaded.
pub fn label(version: &Version) -> Result<String> {
    Ok(format!(
        "{} {}",
        version.package.loaded()?.name,
        version.number
    ))
}

/// Names without repetition: a pair that is linked twice counts once.
fn labels<'a>(versions: impl IntoIterator<Item = &'a Version>) -> Result<Vec<String>> {
    let labels: BTreeSet<String> = versions.into_iter().map(label).collect::<Result<_>>()?;
    Ok(labels.into_iter().collect())
}

/// A list that fits a line.
fn shortened(names: &[String]) -> String {
    match names.get(..6) {
        Some(first) if names.len() > 6 => {
            format!("{} and {} more", first.join(", "), names.len() - 6)
        }
        _ => names.join(", "),
    }
}

/// The most depended-on versions first. A pair may be linked several times, so it is the number of
/// different dependents that counts, which takes a fragment of SQL.
pub fn most_needed() -> Fragment {
    let dependents = "SELECT COUNT(DISTINCT dependent_id) FROM dependencies \
                      WHERE dependency_id = versions.id AND kind <> ?";
    sql(format!("({dependents}) DESC"), ["dev"])
}

/// Five versions, all that depends on them, and the packages of all. Asking row by row would take
/// a statement for each of them.
async fn dependents(db: &Db) -> Result<()> {
    let versions = db
        .find::<Version>()
        .filter(
            Version::dependents
                .filter_link(Dependency::kind.ne(Kind::Dev))
                .any(),
        )
        .order_by((most_needed(), Version::id.asc()))
        .limit(TOP)
        .preload(Version::package)
        .preload(
            Version::dependents
                .filter_link(Dependency::kind.ne(Kind::Dev))
                .preload(Version::package),
        )
        .await?;
    for version in &versions {
        let names = labels(version.dependents.loaded()?)?;
        result(format!(
            "{:4} need {}: {}",
            names.len(),
            label(version)?,
            shortened(&names)
        ));
    }
    Ok(())
}

async fn several_versions(db: &Db) -> Result<()> {
    let mut packages = db
        .find::<Package>()
        .filter(Package::versions.count().gt(1))
        .preload(
            Package::versions
                .order_by(Version::id.asc())
                .preload(Version::dependents.preload(Version::package)),
        )
        .await?;
    // By name, but not by ORDER BY: each database, and each of its locales, sorts texts in its own way.
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    for package in &packages {
        result(&package.name);
        for version in package.versions.loaded()? {
            let names = labels(version.dependents.loaded()?)?;
            result(format!("  {} for {}", version.number, shortened(&names)));
        }
    }
    if packages.is_empty() {
        result("none");
    }
    Ok(())
}

async fn chains(db: &Db) -> Result<()> {
    let versions = db
        .find::<Version>()
        .order_by(Version::id.asc())
        .preload(Version::package)
        .preload(Version::dependencies)
        .await?;
    let mut graph = Graph::default();
    let mut names = HashMap::new();
    for version in &versions {
        names.insert(version.id, label(version)?);
        for (dependency, link) in version.dependencies.links()? {
            graph.add(version.id, dependency.id, link.kind);
        }
    }
    let name = |id: &i64| names.get(id).cloned().unwrap_or_default();
    let members: Vec<i64> = versions
        .iter()
        .filter(|version| version.member)
        .map(|version| version.id)
        .collect();
    for chain in graph.longest_chains(&members).iter().take(3) {
        let names: Vec<_> = chain.iter().map(name).collect();
        result(format!("{} long: {}", chain.len(), names.join(" → ")));
    }
    for (from, to) in graph.circles() {
        result(format!(
            "a circle, by a dev-dependency: {} →(dev) {} → …",
            name(&from),
            name(&to)
        ));
    }
    Ok(())
}

async fn licences(db: &Db) -> Result<()> {
    let order = (Licence::versions.count().desc(), Licence::id.asc());
    let counted = db
        .find::<Licence>()
        .order_by(order)
        .with(Licence::versions.count())
        .await?;
    for (licence, versions) in counted {
        result(format!("{versions:4}  {}", licence.name));
    }
    let none = db
        .find::<Version>()
        .filter(Version::licences.none())
        .join(Version::package)
        .await?;
    if !none.is_empty() {
        result(format!(
            "{:4}  none: {}",
            none.len(),
            shortened(&labels(&none)?)
        ));
    }
    Ok(())
}

async fn most(db: &Db) -> Result<()> {
    let counted = db
        .find::<Version>()
        .join(Version::package)
        .filter(Version::authors.any())
        .order_by((Version::authors.count().desc(), Version::id.asc()))
        .limit(TOP)
        .with(Version::authors.count())
        .await?;
    for (version, authors) in counted {
        result(format!("{authors:4} authors of {}", label(&version)?));
    }
    let counted = db
        .find::<Author>()
        .order_by((Author::versions.count().desc(), Author::id.asc()))
        .limit(TOP)
        .preload(Author::packages)
        .with(Author::versions.count())
        .await?;
    for (author, versions) in counted {
        // The address is nobody's business here.
        let name = author.name.split(" <").next().unwrap_or_default();
        // A package of which two versions are theirs comes twice.
        let mut packages: Vec<_> = author
            .packages
            .loaded()?
            .iter()
            .map(|package| package.name.clone())
            .collect();
        packages.sort();
        packages.dedup();
        result(format!("{versions:4} by {name}: {}", shortened(&packages)));
    }
    let busy = Version::features.filter(Feature::name.ne("default"));
    let counted = db
        .find::<Version>()
        .join(Version::package)
        .filter(Version::features.any())
        .order_by((busy.clone().count().desc(), Version::id.asc()))
        .limit(TOP)
        .with(busy.count())
        .await?;
    for (version, features) in counted {
        result(format!("{features:4} features of {}", label(&version)?));
    }
    Ok(())
}

async fn build_scripts(db: &Db) -> Result<()> {
    let script = Version::targets.filter(Target::kind.eq("custom-build"));
    let versions = db
        .find::<Version>()
        .filter(script.any())
        .join(Version::package)
        .await?;
    let names = labels(&versions)?;
    result(format!("{}: {}", names.len(), names.join(", ")));
    Ok(())
}

//! The import: one transaction, and as many statements for ten packages as for ten thousand.

use std::collections::{BTreeSet, HashMap};

use cargo_metadata::Package;
use indicatif::{ProgressBar, ProgressStyle};
use sinew::{Db, Result};

use super::counts;
use super::mirror::{Change, Mirror, Mirrored};
use super::models::{self, Author, Licence, Version};
use super::project::Project;
use super::rows::{self, licences_of, named};

/// What an import did.
pub struct Imported {
    /// What changed, by table.
    pub tables: Vec<(&'static str, Change)>,
    /// The statements that it took, reading what was there included.
    pub statements: u64,
}

/// Makes the database hold this project, and nothing else.
///
/// # Errors
/// When the database refuses; nothing has changed then.
pub async fn import(db: &Db, project: &Project) -> Result<Imported> {
    let counting = db.counting();
    let bar = bar(project);
    let import = counting.transaction(async |tx| {
        Import {
            db: tx,
            project,
            bar: &bar,
        }
        .run()
        .await
    });
    let tables = import.await;
    bar.finish_and_clear();
    Ok(Imported {
        tables: tables?,
        statements: counting.statements(),
    })
}

/// Goes to the standard error stream; hidden when that is no terminal.
fn bar(project: &Project) -> ProgressBar {
    let rows = counts::expected(project).iter().map(|(_, rows)| rows).sum();
    let bar = ProgressBar::new(rows);
    match ProgressStyle::with_template("  {msg:12} {wide_bar} {pos}/{len} rows") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

struct Import<'a> {
    db: &'a Db,
    project: &'a Project,
    bar: &'a ProgressBar,
}

impl Import<'_> {
    async fn run(&self) -> Result<Vec<(&'static str, Change)>> {
        let (db, project) = (self.db, self.project);
        let packages = &project.metadata.packages;

        // Rows that others refer to come first.
        let names = named(
            packages
                .iter()
                .flat_map(|package| package.authors.iter().cloned()),
        );
        let mut authors = self.table("authors", names).await?;
        let names = named(packages.iter().flat_map(licences_of));
        let mut licences = self.table("licences", names).await?;
        let names: Vec<models::Package> =
            named(packages.iter().map(|package| package.name.to_string()));
        let mut packages = self.table("packages", names).await?;
        let wanted = rows::versions(project, &packages.by_identity(|package| package.id))?;
        let mut versions = self.table("versions", wanted).await?;
        let ids = versions.by_identity(|version| version.id);
        let mut features = self
            .table("features", rows::features(project, &ids)?)
            .await?;
        let mut targets = self.table("targets", rows::targets(project, &ids)?).await?;
        let edges = rows::dependencies(project, &ids)?;
        let mut dependencies = self.table("dependencies", edges).await?;
        let of_versions = self.links(&versions, &authors, &licences).await?;

        // Rows that are gone go in the opposite order.
        dependencies.remove(db).await?;
        targets.remove(db).await?;
        features.remove(db).await?;
        versions.remove(db).await?;
        packages.remove(db).await?;
        licences.remove(db).await?;
        authors.remove(db).await?;
        Ok(vec![
            ("packages", packages.change),
            ("versions", versions.change),
            ("dependencies", dependencies.change),
            ("features", features.change),
            ("targets", targets.change),
            ("authors", authors.change),
            ("authors of versions", of_versions[0]),
            ("licences", licences.change),
            ("licences of versions", of_versions[1]),
        ])
    }

    /// One table, its changes counted by the bar.
    async fn table<M: Mirrored>(&self, name: &'static str, wanted: Vec<M>) -> Result<Mirror<M>> {
        self.bar.set_message(name);
        let mirror = Mirror::write(self.db, wanted).await?;
        self.bar.inc(mirror.rows.len() as u64);
        Ok(mirror)
    }

    /// The links without columns of their own: association mode writes the difference by itself.
    async fn links(
        &self,
        versions: &Mirror<Version>,
        authors: &Mirror<Author>,
        licences: &Mirror<Licence>,
    ) -> Result<[Change; 2]> {
        self.bar.set_message("links");
        // A version that is gone loses its links here, so that they are counted.
        let mut owners: Vec<Version> = versions
            .rows
            .iter()
            .chain(&versions.gone)
            .cloned()
            .collect();
        let packages = &self.project.metadata.packages;
        let packages: HashMap<&str, &Package> = packages
            .iter()
            .map(|package| (package.id.repr.as_str(), package))
            .collect();
        let of = |owner: &Version| packages.get(owner.spec.as_str());

        let known = authors.by_identity(Author::clone);
        let named = |owner| of(owner).into_iter().flat_map(|package| &package.authors);
        let wanted: Vec<Vec<Author>> = owners
            .iter()
            .map(|owner| pick(&known, named(owner)))
            .collect();
        let authors = self
            .db
            .association(&mut owners, Version::authors)
            .replace(wanted)
            .await?;

        let known = licences.by_identity(Licence::clone);
        let named = |owner| {
            of(owner)
                .map(|package| licences_of(package))
                .unwrap_or_default()
        };
        let wanted: Vec<Vec<Licence>> = owners
            .iter()
            .map(|owner| pick(&known, &named(owner)))
            .collect();
        let licences = self
            .db
            .association(&mut owners, Version::licences)
            .replace(wanted)
            .await?;

        self.bar
            .inc(authors.added + authors.kept + licences.added + licences.kept);
        Ok([authors.into(), licences.into()])
    }
}

/// The rows of these names, each once.
fn pick<'a, M: Clone>(
    known: &HashMap<String, M>,
    names: impl IntoIterator<Item = &'a String>,
) -> Vec<M> {
    let names: BTreeSet<&String> = names.into_iter().collect();
    names
        .into_iter()
        .filter_map(|name| known.get(name).cloned())
        .collect()
}

//! The tables: a project's dependency graph.
//!
//! ```text
//! Package ── has many ── Version ─┬─ has many ───── Feature, Target
//!                                 ├─ many to many ─ Author, Licence
//!                                 └─ many to many ─ Version, by Dependency
//! ```

use sinew::prelude::*;

/// A package by its name, whichever of its versions are in use.
#[derive(Model, Clone, Debug, Default)]
pub struct Package {
    /// The primary key.
    pub id: i64,
    /// Its name in the registry.
    #[model(size = 100, unique_index)]
    pub name: String,
    /// Has many: usually one; two or more are worth a look.
    #[model(on_delete = cascade)]
    pub versions: HasMany<Version>,
}

/// One version of a package, as the lock file chose it: a node of the graph.
#[derive(Model, Clone, Debug, Default)]
pub struct Version {
    /// The primary key.
    pub id: i64,
    /// What Cargo calls it: name, version and source in one. There is one of each.
    #[model(size = 700, unique_index)]
    pub spec: String,
    /// The foreign key to its package.
    pub package_id: i64,
    /// Belongs to: the other side of `Package.versions`.
    pub package: BelongsTo<Package>,
    /// The version's number.
    #[model(size = 100)]
    pub number: String,
    /// Where it comes from; `None` for a folder.
    #[model(size = 300)]
    pub source: Option<String>,
    /// Whether it is a member of the workspace.
    pub member: bool,
    /// The licence expression of its manifest.
    #[model(size = 300)]
    pub licence: Option<String>,
    /// The edition of its manifest.
    #[model(size = 20)]
    pub edition: String,
    /// The oldest Rust it says it works with.
    #[model(size = 50)]
    pub rust_version: Option<String>,
    /// Has many: its Cargo features.
    #[model(on_delete = cascade)]
    pub features: HasMany<Feature>,
    /// Has many: its libraries, programs, tests, build scripts.
    #[model(on_delete = cascade)]
    pub targets: HasMany<Target>,
    /// Many to many, by a join table that Sinew makes.
    #[model(join_table = "version_authors", on_delete = cascade)]
    pub authors: ManyToMany<Author>,
    /// Many to many: the licences that its expression names.
    #[model(join_table = "version_licences", on_delete = cascade)]
    pub licences: ManyToMany<Licence>,
    /// Many to many with itself: what it depends on. The links are rows of [`Dependency`].
    #[model(
        join_foreign_key = "dependent_id",
        join_references = "dependency_id",
        on_delete = cascade
    )]
    pub dependencies: ManyToMany<Version, Dependency>,
    /// The same links from the other end: what depends on it.
    #[model(
        join_foreign_key = "dependency_id",
        join_references = "dependent_id",
        on_delete = cascade
    )]
    pub dependents: ManyToMany<Version, Dependency>,
}

/// An edge of the graph: the join model, whose columns say how one version depends on another.
///
/// A pair may be linked several times, say for building and for testing, so kind and platform are
/// part of the key.
#[derive(Model, Clone, Debug, Default)]
pub struct Dependency {
    /// The version that depends.
    #[model(primary_key)]
    pub dependent_id: i64,
    /// The version depended on.
    #[model(primary_key)]
    pub dependency_id: i64,
    /// What it is needed for.
    #[model(primary_key)]
    pub kind: Kind,
    /// The platforms that need it, such as `cfg(windows)`; empty for all.
    #[model(primary_key, size = 400)]
    pub platform: String,
    /// Whether only a feature turns it on.
    pub optional: bool,
}

/// What a dependency is needed for; text in the database.
#[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The package itself.
    #[default]
    Normal,
    /// Its build script.
    Build,
    /// Its tests, examples and benchmarks.
    Dev,
}

/// A Cargo feature of a version.
#[derive(Model, Clone, Debug, Default)]
pub struct Feature {
    /// The primary key.
    pub id: i64,
    /// The foreign key to its version.
    #[model(unique_index = "features_of_a_version")]
    pub version_id: i64,
    /// Its name.
    #[model(size = 100, unique_index = "features_of_a_version")]
    pub name: String,
    /// What it turns on: a JSON column.
    pub enables: Json<Vec<String>>,
}

/// Something that Cargo builds of a version.
#[derive(Model, Clone, Debug, Default)]
pub struct Target {
    /// The primary key.
    pub id: i64,
    /// The foreign key to its version.
    #[model(unique_index = "targets_of_a_version")]
    pub version_id: i64,
    /// Its name.
    #[model(size = 100, unique_index = "targets_of_a_version")]
    pub name: String,
    /// `lib`, `bin`, `test`, `custom-build`; several with commas between them.
    #[model(size = 100, unique_index = "targets_of_a_version")]
    pub kind: String,
    /// Its edition, which may differ from its package's.
    #[model(size = 20)]
    pub edition: String,
}

/// Somebody whom a manifest names.
#[derive(Model, Clone, Debug, Default)]
pub struct Author {
    /// The primary key.
    pub id: i64,
    /// As it is written there, usually with an address.
    #[model(size = 300, unique_index)]
    pub name: String,
    /// The other direction of `Version.authors`.
    #[model(join_table = "version_authors", on_delete = cascade)]
    pub versions: ManyToMany<Version>,
    /// Has many through: the packages of those versions. Read-only.
    #[model(through = (versions, package))]
    pub packages: HasMany<Package>,
}

/// A licence that a manifest names.
#[derive(Model, Clone, Debug, Default)]
pub struct Licence {
    /// The primary key.
    pub id: i64,
    /// Its SPDX name, with its exception if it has one.
    #[model(size = 100, unique_index)]
    pub name: String,
    /// The other direction of `Version.licences`.
    #[model(join_table = "version_licences", on_delete = cascade)]
    pub versions: ManyToMany<Version>,
}

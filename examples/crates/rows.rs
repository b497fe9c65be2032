//! The rows that a project is made of, and how each is told from the others.

use std::collections::{BTreeSet, HashMap};

use sinew::{Error, ErrorKind, Json, Result};

use super::mirror::Mirrored;
use super::models::{Author, Dependency, Feature, Kind, Licence, Package, Target, Version};
use super::project::{Project, licences};

/// Tables of names: the name is all there is to a row.
macro_rules! names {
    ($($model:ty),*) => {$(
        impl From<String> for $model {
            fn from(name: String) -> Self {
                Self { name, ..Self::default() }
            }
        }

        impl Mirrored for $model {
            type Identity = String;
            type Content = ();

            fn identity(&self) -> String {
                self.name.clone()
            }

            fn content(&self) {}

            fn adopt(&mut self, held: &Self) {
                self.id = held.id;
            }
        }
    )*};
}

names!(Package, Author, Licence);

impl Mirrored for Version {
    type Identity = String;
    type Content = (
        String,
        Option<String>,
        bool,
        Option<String>,
        String,
        Option<String>,
    );

    fn identity(&self) -> String {
        self.spec.clone()
    }

    fn content(&self) -> Self::Content {
        let Self {
            number,
            source,
            member,
            licence,
            edition,
            rust_version,
            ..
        } = self.clone();
        (number, source, member, licence, edition, rust_version)
    }

    fn adopt(&mut self, held: &Self) {
        self.id = held.id;
    }
}

impl Mirrored for Feature {
    type Identity = (i64, String);
    type Content = Vec<String>;

    fn identity(&self) -> Self::Identity {
        (self.version_id, self.name.clone())
    }

    fn content(&self) -> Vec<String> {
        self.enables.0.clone()
    }

    fn adopt(&mut self, held: &Self) {
        self.id = held.id;
    }
}

impl Mirrored for Target {
    type Identity = (i64, String, String);
    type Content = String;

    fn identity(&self) -> Self::Identity {
        (self.version_id, self.name.clone(), self.kind.clone())
    }

    fn content(&self) -> String {
        self.edition.clone()
    }

    fn adopt(&mut self, held: &Self) {
        self.id = held.id;
    }
}

impl Mirrored for Dependency {
    type Identity = (i64, i64, Kind, String);
    type Content = bool;

    fn identity(&self) -> Self::Identity {
        (
            self.dependent_id,
            self.dependency_id,
            self.kind,
            self.platform.clone(),
        )
    }

    fn content(&self) -> bool {
        self.optional
    }

    // Its identity is its primary key.
    fn adopt(&mut self, _: &Self) {}
}

/// Primary keys by name.
pub type Keys = HashMap<String, i64>;

fn key(keys: &Keys, name: &str) -> Result<i64> {
    keys.get(name).copied().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("cargo metadata refers to {name}, but lacks it"),
        )
    })
}

/// One row of `M` for each of the names.
pub fn named<M: From<String>>(names: impl IntoIterator<Item = String>) -> Vec<M> {
    names
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(M::from)
        .collect()
}

/// The licences of one package, by its expression.
pub fn licences_of(package: &cargo_metadata::Package) -> BTreeSet<String> {
    package.license.as_deref().map(licences).unwrap_or_default()
}

/// The versions of a project.
pub fn versions(project: &Project, packages: &Keys) -> Result<Vec<Version>> {
    let members = &project.metadata.workspace_members;
    let version = |package: &cargo_metadata::Package| {
        Ok(Version {
            spec: package.id.repr.clone(),
            package_id: key(packages, &package.name)?,
            number: package.version.to_string(),
            source: package.source.as_ref().map(|source| source.repr.clone()),
            member: members.contains(&package.id),
            licence: package.license.clone(),
            edition: package.edition.to_string(),
            rust_version: package.rust_version.as_ref().map(ToString::to_string),
            ..Default::default()
        })
    };
    project.metadata.packages.iter().map(version).collect()
}

/// Their features.
pub fn features(project: &Project, versions: &Keys) -> Result<Vec<Feature>> {
    let mut rows = Vec::new();
    for package in &project.metadata.packages {
        let version_id = key(versions, &package.id.repr)?;
        rows.extend(package.features.iter().map(|(name, enables)| Feature {
            version_id,
            name: name.clone(),
            enables: Json(enables.clone()),
            ..Default::default()
        }));
    }
    Ok(rows)
}

/// What Cargo builds of them.
pub fn targets(project: &Project, versions: &Keys) -> Result<Vec<Target>> {
    let mut rows = Vec::new();
    for package in &project.metadata.packages {
        let version_id = key(versions, &package.id.repr)?;
        rows.extend(package.targets.iter().map(|target| {
            Target {
                version_id,
                name: target.name.clone(),
                kind: target
                    .kind
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
                edition: target.edition.to_string(),
                ..Default::default()
            }
        }));
    }
    Ok(rows)
}

/// The links between them.
pub fn dependencies(project: &Project, versions: &Keys) -> Result<Vec<Dependency>> {
    let dependency = |edge: &super::project::Edge| {
        Ok(Dependency {
            dependent_id: key(versions, &edge.dependent)?,
            dependency_id: key(versions, &edge.dependency)?,
            kind: edge.kind,
            platform: edge.platform.clone(),
            optional: edge.optional,
        })
    };
    project.edges.iter().map(dependency).collect()
}

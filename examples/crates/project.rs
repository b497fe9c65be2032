//! What `cargo metadata` says of a project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use super::models::Kind;

/// Why a project could not be read; its text is for people.
pub type Problem = Box<dyn std::error::Error>;

/// A project's packages and the edges between them.
pub struct Project {
    /// Where its root manifest is.
    pub root: PathBuf,
    /// What Cargo printed.
    pub metadata: Metadata,
    /// Its dependency edges, each once.
    pub edges: Vec<Edge>,
}

/// One dependency edge, by Cargo's names for its ends.
pub struct Edge {
    /// What depends.
    pub dependent: String,
    /// What it depends on.
    pub dependency: String,
    /// What for.
    pub kind: Kind,
    /// On which platforms; empty for all.
    pub platform: String,
    /// Whether only a feature turns it on.
    pub optional: bool,
}

impl Project {
    /// Reads the project in the folder `path`, or of the manifest `path`.
    ///
    /// # Errors
    /// When there is no manifest, or Cargo cannot make sense of it.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let manifest = manifest(path)?;
        let online = MetadataCommand::new().manifest_path(&manifest).exec();
        // Without a network everything may still be in Cargo's cache.
        let metadata = online.or_else(|error| {
            let mut offline = MetadataCommand::new();
            offline
                .manifest_path(&manifest)
                .other_options(["--offline".to_owned()]);
            offline.exec().map_err(|_| explained(&manifest, &error))
        })?;
        let edges = edges(&metadata)?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        Ok(Self {
            root,
            metadata,
            edges,
        })
    }
}

fn manifest(path: &Path) -> Result<PathBuf, Problem> {
    let shown = path.display();
    if !path.exists() {
        return Err(format!("{shown} does not exist").into());
    }
    let manifest = if path.is_dir() {
        path.join("Cargo.toml")
    } else {
        path.to_owned()
    };
    if manifest.file_name().is_none_or(|name| name != "Cargo.toml") || !manifest.is_file() {
        return Err(format!("{shown} is no Cargo project: it has no Cargo.toml").into());
    }
    Ok(manifest)
}

fn explained(manifest: &Path, error: &cargo_metadata::Error) -> Problem {
    let shown = manifest.display();
    match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            format!("cargo cannot read {shown}:\n{}", stderr.trim()).into()
        }
        other => format!("cargo cannot read {shown}: {other}").into(),
    }
}

/// The edges that Cargo resolved; whether one is optional stands in the manifest.
fn edges(metadata: &Metadata) -> Result<Vec<Edge>, Problem> {
    let resolve = metadata
        .resolve
        .as_ref()
        .ok_or("cargo metadata resolved no dependencies")?;
    let mut edges = Vec::new();
    let mut seen = BTreeSet::new();
    for node in &resolve.nodes {
        for link in &node.deps {
            for how in &link.dep_kinds {
                let platform = how
                    .target
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let key = (&node.id, &link.pkg, how.kind.to_string(), platform.clone());
                if !seen.insert(key) {
                    continue;
                }
                edges.push(Edge {
                    dependent: node.id.repr.clone(),
                    dependency: link.pkg.repr.clone(),
                    kind: kind(how.kind),
                    optional: optional(metadata, (&node.id, &link.pkg), how.kind, &platform),
                    platform,
                });
            }
        }
    }
    Ok(edges)
}

fn kind(kind: DependencyKind) -> Kind {
    match kind {
        DependencyKind::Build => Kind::Build,
        DependencyKind::Development => Kind::Dev,
        _ => Kind::Normal,
    }
}

/// Whether every line of the manifest that asks for this edge is optional.
fn optional(
    metadata: &Metadata,
    (dependent, dependency): (&PackageId, &PackageId),
    kind: DependencyKind,
    platform: &str,
) -> bool {
    let target = &metadata[dependency];
    let mut lines = metadata[dependent].dependencies.iter().filter(|line| {
        line.name == target.name.as_str()
            && line.kind == kind
            && line
                .target
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
                == platform
            && line.req.matches(&target.version)
    });
    let first = lines.next();
    first.is_some_and(|line| line.optional) && lines.all(|line| line.optional)
}

/// The licences that an SPDX expression names: `MIT OR (Apache-2.0 WITH LLVM-exception)` names two.
pub fn licences(expression: &str) -> BTreeSet<String> {
    let mut names: Vec<String> = Vec::new();
    let mut joins = false;
    for word in expression.split(|c: char| c.is_whitespace() || "()/".contains(c)) {
        match (word, names.last_mut()) {
            ("" | "OR" | "AND" | "or" | "and", _) => {}
            ("WITH", _) => joins = true,
            (exception, Some(name)) if joins => {
                *name = format!("{name} WITH {exception}");
                joins = false;
            }
            (name, _) => names.push(name.to_owned()),
        }
    }
    names.into_iter().collect()
}

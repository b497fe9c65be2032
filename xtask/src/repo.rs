//! The repository: where it is, which files it has, which packages.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::run;

pub(crate) struct Repo {
    pub(crate) root: PathBuf,
}

impl Repo {
    /// The workspace around the current folder.
    pub(crate) fn find() -> Result<Self, String> {
        let mut command = Command::new(cargo());
        command.args(["locate-project", "--workspace", "--message-format", "plain"]);
        let manifest = run::output(&mut command)?;
        let root = Path::new(manifest.trim())
            .parent()
            .ok_or("the workspace has no folder")?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    /// A cargo command that runs at the root.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(args).current_dir(&self.root);
        // What cargo told this program about its package: some build scripts look at it, and their
        // crates would be built again whenever cargo is called without.
        for (name, _) in std::env::vars_os() {
            let known = name.to_string_lossy();
            if known.starts_with("CARGO_PKG_") || known.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Every file that git knows or would add, from the root with `/`, sorted.
    pub(crate) fn files(&self) -> Result<Vec<String>, String> {
        let mut command = Command::new("git");
        command.current_dir(&self.root);
        command.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = run::output(&mut command)
            .map_err(|e| format!("{e}\nthis check needs a git checkout"))?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|path| !path.is_empty() && self.root.join(path).is_file())
            .map(String::from)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.root.join(path)).map_err(|e| format!("{path}: {e}"))
    }

    pub(crate) fn metadata(&self) -> Result<Metadata, String> {
        let mut command = self.cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let text = run::output(&mut command)?;
        let value = serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))?;
        Ok(Metadata::read(&value, &self.root))
    }
}

/// What the commands need to know of `cargo metadata`.
pub(crate) struct Metadata {
    pub(crate) target_directory: PathBuf,
    /// By name.
    pub(crate) packages: BTreeMap<String, Package>,
}

pub(crate) struct Package {
    /// From the root, for example `crates/sinew/Cargo.toml`.
    pub(crate) manifest: String,
    /// Names of the path dependencies that users get too; those of tests are left out.
    pub(crate) uses: Vec<String>,
    /// Names of the libraries, programs, examples and test files.
    pub(crate) targets: Vec<String>,
}

impl Metadata {
    fn read(value: &Value, root: &Path) -> Self {
        let packages = list(value, "packages")
            .map(|package| {
                (
                    text(package, "name").to_string(),
                    Package::read(package, root),
                )
            })
            .collect();
        Self {
            target_directory: PathBuf::from(text(value, "target_directory")),
            packages,
        }
    }

    /// The package that holds a file.
    pub(crate) fn package_of(&self, file: &str) -> Option<&str> {
        let holds = |package: &&Package| {
            let folder = package.manifest.trim_end_matches("Cargo.toml");
            !folder.is_empty() && file.starts_with(folder)
        };
        let found = self.packages.iter().find(|(_, package)| holds(package));
        found.map(|(name, _)| name.as_str())
    }
}

impl Package {
    fn read(package: &Value, root: &Path) -> Self {
        let manifest = Path::new(text(package, "manifest_path"));
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
        let uses = list(package, "dependencies")
            .filter(|uses| uses.get("path").is_some() && text(uses, "kind") != "dev")
            .map(|uses| text(uses, "name").to_string());
        let targets = list(package, "targets").map(|target| text(target, "name").to_string());
        Self {
            manifest: manifest.to_string_lossy().replace('\\', "/"),
            uses: uses.collect(),
            targets: targets.collect(),
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The cargo that started this program, so that both are of one toolchain.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

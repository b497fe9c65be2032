//! `cargo xtask bench --compile`: what an application with many models costs to build, written with
//! each of the peers.

mod app;
mod build;
mod report;

use std::path::PathBuf;

use crate::repo::Repo;
use app::{CONTENDERS, Contender};

const USAGE: &str = "usage: cargo xtask bench --compile [--models N] [--contenders hand,diesel,toasty,sea-orm,sinew] \
     [--no-release] [--markdown]";

/// What the command line asks for.
struct Wanted {
    models: usize,
    contenders: Vec<&'static Contender>,
    release: bool,
    markdown: bool,
}

pub(super) fn run(repo: &Repo, args: &[String]) -> Result<(), String> {
    let wanted = Wanted::read(args)?;
    let mut rows = Vec::new();
    for contender in wanted.contenders {
        let folder = Folder::new(contender.name)?;
        app::write(repo, contender, wanted.models, &folder.0)?;
        let costs = build::measure(contender, wanted.models, &folder.0, wanted.release)?;
        println!("\n{}", report::table(&[(contender.name, costs.clone())]));
        rows.push((contender.name, costs));
    }
    println!("\n{}", report::table(&rows));
    if wanted.markdown {
        report::write(repo, wanted.models, &rows)?;
    }
    Ok(())
}

impl Wanted {
    fn read(args: &[String]) -> Result<Self, String> {
        let mut wanted = Self {
            models: 50,
            contenders: CONTENDERS.iter().collect(),
            release: true,
            markdown: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--models" => wanted.models = models(args.next())?,
                "--contenders" => wanted.contenders = contenders(args.next())?,
                "--no-release" => wanted.release = false,
                "--markdown" => wanted.markdown = true,
                _ => return Err(format!("`{arg}` is not known; {USAGE}")),
            }
        }
        Ok(wanted)
    }
}

fn models(text: Option<&String>) -> Result<usize, String> {
    let number = text.and_then(|text| text.parse().ok());
    number
        .filter(|models| *models >= app::FEWEST)
        .ok_or_else(|| format!("--models wants a number from {} on; {USAGE}", app::FEWEST))
}

fn contenders(names: Option<&String>) -> Result<Vec<&'static Contender>, String> {
    let names = names.ok_or(USAGE)?;
    let find = |name: &str| {
        let found = CONTENDERS.iter().find(|each| each.name == name);
        found.ok_or_else(|| format!("there is no contender `{name}`; {USAGE}"))
    };
    names.split(',').map(find).collect()
}

/// A temporary folder, which goes when it is done with.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Self, String> {
        let path =
            std::env::temp_dir().join(format!("sinew-compile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            println!("{} is left behind: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Wanted, String> {
        Wanted::read(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn all_contenders_with_fifty_models_unless_told_otherwise() {
        let wanted = read(&[]).unwrap();
        assert_eq!(
            (wanted.models, wanted.contenders.len()),
            (50, CONTENDERS.len())
        );
        let wanted = read(&["--models", "7", "--contenders", "sinew,hand"]).unwrap();
        let names: Vec<_> = wanted.contenders.iter().map(|each| each.name).collect();
        assert_eq!((wanted.models, names), (7, vec!["sinew", "hand"]));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for args in [
            &["--models", "3"][..],
            &["--models"],
            &["--contenders", "gorm"],
            &["--fast"],
        ] {
            assert!(read(args).is_err(), "{args:?}");
        }
    }
}

//! The application: a ring of models, each with ten columns, and associations to the ones beside it.

use std::path::Path;

use crate::repo::Repo;

/// Below it a model would be associated with another one twice, or with itself.
pub(super) const FEWEST: usize = 4;

/// What the application is written with.
pub(super) struct Contender {
    /// Its name in the tables, and its folder in bench/compile.
    pub(super) name: &'static str,
    /// The package whose version the table shows.
    pub(super) package: &'static str,
    manifest: &'static str,
    main: &'static str,
    model: &'static str,
}

macro_rules! contender {
    ($name:literal, $package:literal) => {
        Contender {
            name: $name,
            package: $package,
            manifest: template!($name, "Cargo.toml"),
            main: template!($name, "main.rs"),
            model: template!($name, "model.rs"),
        }
    };
}

macro_rules! template {
    ($name:literal, $file:literal) => {
        include_str!(concat!(
            "../../../../bench/compile/",
            $name,
            "/",
            $file,
            ".in"
        ))
    };
}

const SCHEMA: &str = include_str!("../../../../bench/compile/schema.sql.in");

pub(super) const CONTENDERS: [Contender; 5] = [
    contender!("hand", "rusqlite"),
    contender!("diesel", "diesel"),
    contender!("toasty", "toasty"),
    contender!("sea-orm", "sea-orm"),
    contender!("sinew", "sinew"),
];

/// Where the model that is edited stands in the application.
pub(super) const EDITED: &str = "src/models/m2.rs";
/// What is edited in it, which ends in a number.
pub(super) const EDIT: &str = "edit ";

/// Writes the application into `folder`.
pub(super) fn write(
    repo: &Repo,
    contender: &Contender,
    models: usize,
    folder: &Path,
) -> Result<(), String> {
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    let source = folder.join("src/models");
    std::fs::create_dir_all(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    put("Cargo.toml", &manifest(repo, contender))?;
    put("src/main.rs", &repeated(contender.main, models))?;
    let schema: String = (0..models).map(|at| filled(SCHEMA, at, models)).collect();
    put("src/schema.sql", &schema)?;
    put(
        "src/models/mod.rs",
        &repeated("$each{pub mod m$i;}", models),
    )?;
    for at in 0..models {
        let text = filled(contender.model, at, models);
        put(&format!("src/models/m{at}.rs"), &text)?;
    }
    Ok(())
}

fn manifest(repo: &Repo, contender: &Contender) -> String {
    let sinew = repo.root.join("crates/sinew");
    let dependencies = contender
        .manifest
        .replace("$sinew", &sinew.display().to_string());
    format!(
        "[workspace]\n\n[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{dependencies}"
    )
}

/// The template for model `at`.
fn filled(template: &str, at: usize, models: usize) -> String {
    let other = |by: usize| ((at + by) % models).to_string();
    template
        .replace("$parent", &other(models - 1))
        .replace("$child", &other(1))
        .replace("$peer", &other(2))
        .replace("$i", &at.to_string())
}

/// The text with what stands in `$each{…}` written for each model.
fn repeated(text: &str, models: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let inside = line
            .trim()
            .strip_prefix("$each{")
            .and_then(|rest| rest.strip_suffix('}'));
        match inside {
            Some(inside) => out.extend((0..models).map(|at| filled(inside, at, models) + "\n")),
            None => out.extend([line, "\n"]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_closes() {
        let text = "$i of $parent, $child, $peer";
        assert_eq!(filled(text, 0, 5), "0 of 4, 1, 2");
        assert_eq!(filled(text, 4, 5), "4 of 3, 0, 1");
    }

    #[test]
    fn each_model_has_its_line() {
        assert_eq!(repeated("a\n  $each{m$i;}\nb", 2), "a\nm0;\nm1;\nb\n");
    }

    #[test]
    fn nothing_is_left_to_fill_in_and_there_is_something_to_edit() {
        for contender in &CONTENDERS {
            let model = filled(contender.model, 2, 5);
            let main = repeated(contender.main, 5);
            assert!(
                !model.contains('$') && !main.contains('$'),
                "{}",
                contender.name
            );
            assert_eq!(model.matches(EDIT).count(), 1, "{}", contender.name);
        }
    }
}

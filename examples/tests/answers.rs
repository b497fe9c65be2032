//! The examples give the same answers on every database, and again on a second run.

// The tests are made by macros, so clippy does not know that they are some.
#![allow(clippy::unwrap_used, clippy::panic)]

// Their `main` is not called here.
#[allow(dead_code)]
#[path = "../blog/main.rs"]
mod blog;
#[allow(dead_code)]
#[path = "../crates/main.rs"]
mod crates;

use std::path::Path;

use sinew::{Db, ErrorKind, Result};
use sinew_examples::printed;
use sinew_suite::{MYSQL, POSTGRES, run_at};

async fn blog_at(url: &str) -> String {
    let (told, page) = printed(blog::run(url)).await;
    told.unwrap();
    answers(&page)
}

async fn crates_at(url: &str) -> String {
    let arguments = crates::Arguments {
        path: Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
        why: Some("tokio".into()),
    };
    let (asked, page) = printed(crates::run(url, &arguments)).await;
    asked.unwrap();
    answers(&page)
}

/// What an example prints but for what is the database's own: its address, and the plan of a find
/// in its SQL.
fn answers(page: &str) -> String {
    let mut answers = String::new();
    let mut plan = false;
    for line in page.lines() {
        plan = !line.is_empty() && (plan || line.contains("explain() shows"));
        if !plan && !line.contains("→ into ") {
            answers.push_str(line);
            answers.push('\n');
        }
    }
    answers
}

/// What comes after the import, of which a second run has less to say.
fn after_the_import(answers: &str) -> &str {
    &answers[answers.find("━━ Rows").unwrap()..]
}

async fn same_answers(url: &str) -> Result<()> {
    let blog = blog_at("sqlite::memory:").await;
    assert!(blog.contains("Ada has key 1") && blog.ends_with("→ posts left: 0\n"));
    let crates = crates_at("sqlite::memory:").await;
    // Both in one database; the first one a second time when the other one's tables are there.
    assert_eq!(blog_at(url).await, blog);
    assert_eq!(crates_at(url).await, crates);
    assert_eq!(blog_at(url).await, blog);
    let again = crates_at(url).await;
    assert!(again.contains("→ 0 changes\n"));
    assert_eq!(after_the_import(&again), after_the_import(&crates));
    Ok(())
}

async fn tables_of_others_are_left_alone(url: &str) -> Result<()> {
    let db = Db::connect(url).await?;
    for table in ["users", "authors"] {
        db.execute(&format!("CREATE TABLE {table} (mine INTEGER)"), ())
            .await?;
        db.execute(&format!("INSERT INTO {table} VALUES (7)"), ())
            .await?;
    }
    for _ in 0..2 {
        let (told, _) = printed(blog::run(url)).await;
        let error = told.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(error.to_string().contains("a table `users`"), "{error}");
        let arguments = crates::Arguments {
            path: Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
            why: None,
        };
        let (asked, _) = printed(crates::run(url, &arguments)).await;
        assert!(asked.unwrap_err().to_string().contains("a table `authors`"));
    }
    for table in ["users", "authors"] {
        let rows: Vec<(i64,)> = db.query(&format!("SELECT mine FROM {table}"), ()).await?;
        assert_eq!(rows, [(7,)]);
    }
    for table in ["posts", "packages", "sinew_examples"] {
        let made = db.execute(&format!("SELECT 1 FROM {table}"), ()).await;
        assert!(made.is_err(), "{table}");
    }
    db.close().await;
    Ok(())
}

/// A file, so that it is still there when an example runs again.
fn in_a_file(name: &str, case: impl AsyncFnOnce(&str) -> Result<()>) -> Result<()> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite://{}", folder.join("examples.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(case(&url))?;
    std::fs::remove_dir_all(&folder).unwrap();
    Ok(())
}

macro_rules! on_each_database {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $case() -> sinew::Result<()> {
                super::in_a_file(stringify!($case), super::$case)
            })*
        }
        mod postgres {
            $(#[test]
            fn $case() -> sinew::Result<()> {
                super::run_at(&super::POSTGRES, super::$case)
            })*
        }
        mod mysql {
            $(#[test]
            fn $case() -> sinew::Result<()> {
                super::run_at(&super::MYSQL, super::$case)
            })*
        }
    };
}

on_each_database![same_answers, tables_of_others_are_left_alone];

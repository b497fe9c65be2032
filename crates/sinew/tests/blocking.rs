//! Synchronous programs: what an embedded database can do inside a runtime.

#![allow(missing_docs, clippy::unwrap_used)]

use sinew::ErrorKind;
use sinew::blocking::Db;
use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    id: i64,
    name: String,
}

#[tokio::test]
async fn inside_a_runtime_it_works_or_says_why_not() -> sinew::Result<()> {
    let db = Db::connect("sqlite::memory:")?;
    db.auto_migrate(models![User]).run()?;
    db.create(&mut User::default()).run()?;
    assert_eq!(db.find::<User>().count().run()?, 1);
    let error = db
        .transaction(|_| db.find::<User>().count().run())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(db.find::<User>().count().await?, 1);
    Ok(())
}

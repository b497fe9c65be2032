//! Servers that refuse.

use sinew_suite::prelude::*;

use crate::{Server, servers, with};

const SECRET: &str = "s3cret-pass";

/// What connecting and a first operation return.
async fn tried(url: &str) -> Error {
    let outcome = match Db::connect(url).await {
        Ok(db) => {
            let shown = format!("{db:?}");
            assert!(!shown.contains(SECRET), "{shown}");
            db.execute("SELECT 1", ()).await
        }
        Err(error) => Err(error),
    };
    let error = refused(outcome, ErrorKind::Connection);
    let mut said = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        said += &format!("{cause} {cause:?}");
        source = cause.source();
    }
    assert!(!said.contains(SECRET), "{said}");
    error
}

/// The parts of a URL: scheme, what comes before the host, host and port, database and options.
fn parts(url: &str) -> (&str, &str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, rest) = rest.split_once('@').unwrap();
    let (host, database) = rest.split_once('/').unwrap();
    (scheme, host, database)
}

async fn refusals(_: &Server, url: &str) -> Result<()> {
    let (scheme, host, database) = parts(url);
    // No such user; where everybody is let in by name, the name is what is wrong.
    tried(&format!(
        "{scheme}://nobody_of_this_name:{SECRET}@{host}/{database}"
    ))
    .await;
    let (user, _) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    tried(&format!("{scheme}://{user}@{host}/no_such_database")).await;
    // Nobody listens on port 1.
    let error = tried(&format!("{scheme}://user:{SECRET}@127.0.0.1:1/x")).await;
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    // No such host, and a server of another kind.
    tried(&with(
        &format!("{scheme}://user:{SECRET}@host.invalid/x"),
        "connect_timeout=5",
    ))
    .await;
    Ok(())
}

servers![refusals];

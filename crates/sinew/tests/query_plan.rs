//! Seeing what runs: plans, events, values on a session.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod query_support;

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use query_support::*;
use sinew::prelude::*;
use tracing::field::{Field, Visit};

#[tokio::test]
async fn a_plan_shows_statements_and_runs_none() -> sinew::Result<()> {
    let db = filled().await?.counting();
    let plan = db
        .find::<User>()
        .preload(User::orders.preload(Order::items))
        .preload(User::company)
        .explain();
    assert_eq!((plan.statements(), plan.stages()), (4, 3));
    assert_eq!(plan.sql().count(), 4);
    let text = plan.to_string();
    assert!(
        text.starts_with("4 statements in one visit, 3 stages\n"),
        "{text}"
    );
    assert!(text.contains("\n  users "), "{text}");
    assert!(text.contains("\n  └ orders "), "{text}");
    assert!(text.contains("\n    └ items "), "{text}");
    let plan = db.get::<Image>(1).preload(Image::owner).explain();
    assert_eq!(plan.statements(), 3);
    assert_eq!(db.statements(), 0);
    Ok(())
}

#[tokio::test]
async fn an_embedded_database_is_visited_once() -> sinew::Result<()> {
    let db = filled().await?.counting();
    db.find::<User>()
        .preload(User::orders.preload(Order::items))
        .await?;
    assert_eq!((db.statements(), db.round_trips()), (3, 1));
    Ok(())
}

#[tokio::test]
async fn the_databases_own_plan() -> sinew::Result<()> {
    let db = filled().await?;
    let text = db
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .preload(User::orders.limit(1).preload(Order::items))
        .query_plan()
        .await?;
    assert!(text.contains("SCAN users"), "{text}");
    assert!(text.contains("orders_user"), "{text}");
    assert!(text.contains("items_order"), "{text}");
    let text = db.get::<User>(1).query_plan().await?;
    assert!(
        text.contains("SEARCH users USING INTEGER PRIMARY KEY"),
        "{text}"
    );
    assert!(
        db.find::<User>()
            .filter(sql("?", ()))
            .query_plan()
            .await
            .is_err()
    );
    Ok(())
}

/// Keeps every event as text.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl tracing::Subscriber for Kept {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sinew"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn every_statement_is_told_without_its_values() -> sinew::Result<()> {
    let db = filled().await?;
    let kept = Kept::default();
    let _guard = tracing::subscriber::set_default(kept.clone());
    let take = || std::mem::take(&mut *kept.0.lock().unwrap());
    db.find::<User>()
        .filter(User::name.ne("sesame"))
        .preload(User::orders)
        .await?;
    let lines = take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for part in [
        "DEBUG ",
        "db.system=\"sqlite\"",
        "db.statement=\"SELECT",
        "rows=4 ",
        "elapsed=",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(
        lines[1].contains("orders") && lines[1].contains("rows=4 "),
        "{}",
        lines[1]
    );
    db.execute("UPDATE users SET age = ?", (41,)).await?;
    assert!(take()[0].contains("rows=5 "));
    let slow = db.slow_threshold(Duration::ZERO);
    slow.find::<User>()
        .filter(User::name.eq("sesame"))
        .count()
        .await?;
    let lines = take();
    assert!(
        lines[0].starts_with("WARN ") && lines[0].contains("slow statement"),
        "{lines:#?}"
    );
    let _ = db
        .query::<(i64,)>("SELECT nothing FROM users WHERE name = ?", ("sesame",))
        .await;
    let lines = take();
    assert!(lines[0].contains("error=Statement"), "{lines:#?}");
    let _: Vec<_> = futures_util::StreamExt::collect(db.find::<User>().stream()).await;
    assert_eq!(take().len(), 1);
    assert!(!lines.join("").contains("sesame"), "values are never told");
    Ok(())
}

struct Actor(&'static str);

static SEEN: Mutex<Vec<&str>> = Mutex::new(Vec::new());

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Note {
    id: i64,
    parent_id: Option<i64>,
    #[model(foreign_key = parent_id)]
    replies: HasMany<Note>,
}

impl Hooks for Note {
    async fn before_create(&mut self, db: &Db) -> sinew::Result<()> {
        SEEN.lock()
            .unwrap()
            .push(db.value::<Actor>().map_or("nobody", |actor| actor.0));
        Ok(())
    }

    async fn after_find(&mut self, db: &Db) -> sinew::Result<()> {
        SEEN.lock().unwrap().push(if db.value::<Actor>().is_some() {
            "found"
        } else {
            "found by nobody"
        });
        Ok(())
    }
}

#[tokio::test]
async fn values_on_a_session_reach_the_hooks_of_nested_rows() -> sinew::Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.execute(
        "CREATE TABLE notes (id integer primary key, parent_id integer)",
        (),
    )
    .await?;
    let session = db.with_value(Actor("Ada")).with_value(7_u8);
    let mut note = Note {
        replies: [Note::default()].into(),
        ..Note::default()
    };
    session.create(&mut note).await?;
    assert_eq!(std::mem::take(&mut *SEEN.lock().unwrap()), ["Ada", "Ada"]);
    assert_eq!(session.value::<u8>(), Some(&7));
    assert!(db.value::<Actor>().is_none());
    let mut plain = session.get::<Note>(1).await?;
    session.load(&mut plain, Note::replies).await?;
    assert_eq!(
        std::mem::take(&mut *SEEN.lock().unwrap()),
        ["found", "found"]
    );
    Ok(())
}

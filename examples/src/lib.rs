//! What the examples share: printing what they do, and the SQL that it takes.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

static SHOWS: AtomicBool = AtomicBool::new(true);

struct Sql;

struct Text(Option<String>);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "sql" | "db.statement") {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Sql {
    #[allow(clippy::print_stdout)]
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("sinew") || !SHOWS.load(Ordering::Relaxed) {
            return;
        }
        let mut text = Text(None);
        event.record(&mut text);
        if let Some(sql) = text.0 {
            println!("    │ {}", shortened(&sql));
        }
    }
}

/// The statement without the quotes that a reader does not need.
fn shortened(sql: &str) -> String {
    let plain = sql.replace('"', "");
    match plain.strip_prefix("SELECT ").and_then(|rest| rest.split_once(" FROM ")) {
        Some((columns, rest)) if columns.len() > 60 => format!("SELECT … FROM {rest}"),
        _ => plain,
    }
}

/// Prints every statement that Sinew sends from now on.
///
/// # Errors
/// When a subscriber is installed already.
pub fn print_sql() -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Sql))
}

/// Runs `work` without printing its statements.
pub async fn quietly<T>(work: impl IntoFuture<Output = T>) -> T {
    SHOWS.store(false, Ordering::Relaxed);
    let result = work.await;
    SHOWS.store(true, Ordering::Relaxed);
    result
}

/// Prints a chapter's heading.
#[allow(clippy::print_stdout)]
pub fn chapter(title: &str) {
    println!("\n━━ {title} {}", "━".repeat(76_usize.saturating_sub(title.chars().count())));
}

/// Prints what comes next.
#[allow(clippy::print_stdout)]
pub fn step(text: &str) {
    println!("\n  {text}");
}

/// Prints a result.
#[allow(clippy::print_stdout)]
pub fn result(text: impl std::fmt::Display) {
    println!("    → {text}");
}

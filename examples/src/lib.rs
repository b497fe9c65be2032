//! What the examples share: printing what they do, the SQL that it takes, and tables of their own.

mod tables;

use std::cell::RefCell;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

pub use tables::{drop_tables, made_before};

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
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("sinew") || !SHOWS.load(Ordering::Relaxed) {
            return;
        }
        let mut text = Text(None);
        event.record(&mut text);
        if let Some(sql) = text.0 {
            line(format_args!("    │ {}", shortened(&sql)));
        }
    }
}

/// The statement without the quotes that a reader does not need.
fn shortened(sql: &str) -> String {
    let plain = sql.replace(['"', '`'], "");
    match plain
        .strip_prefix("SELECT ")
        .and_then(|rest| rest.split_once(" FROM "))
    {
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

tokio::task_local! {
    static PAGE: RefCell<String>;
}

/// Runs `work`; what it prints becomes a text instead.
pub async fn printed<T>(work: impl Future<Output = T>) -> (T, String) {
    let work = async {
        let outcome = work.await;
        (outcome, PAGE.with(RefCell::take))
    };
    PAGE.scope(RefCell::default(), work).await
}

/// Prints a line; ends the program where nobody reads on (`| head`).
fn line(text: std::fmt::Arguments<'_>) {
    let kept = PAGE.try_with(|page| {
        let mut page = page.borrow_mut();
        page.push_str(&text.to_string());
        page.push('\n');
    });
    if kept.is_err() && writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// Prints a chapter's heading.
pub fn chapter(title: &str) {
    let rule = "━".repeat(76_usize.saturating_sub(title.chars().count()));
    line(format_args!("\n━━ {title} {rule}"));
}

/// Prints what comes next.
pub fn step(text: &str) {
    line(format_args!("\n  {text}"));
}

/// Prints a result.
pub fn result(text: impl std::fmt::Display) {
    line(format_args!("    → {text}"));
}

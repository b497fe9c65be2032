//! The texts of the statements that an operation sends.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use sinew::Result;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Visit for Kept {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sinew"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What an operation returns, and the statements that it sent.
pub(crate) async fn statements_of<T>(
    operation: impl AsyncFnOnce() -> Result<T>,
) -> Result<(T, Vec<String>)> {
    let kept = Kept::default();
    let listening = tracing::subscriber::set_default(kept.clone());
    let returned = operation().await?;
    drop(listening);
    let statements = std::mem::take(&mut *kept.0.lock().unwrap());
    Ok((returned, statements))
}

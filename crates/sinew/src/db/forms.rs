//! Statement texts found by what they are made of, without making the statement first.

use std::sync::Arc;

use sinew_core::schema::ModelMeta;
use sinew_sql::Render;

use super::Db;

/// Forms kept; beyond this they are forgotten and made again.
const FORMS: usize = 4096;

/// What a statement on one model is made of: its verb and lists of columns. Equal forms stand for
/// equal texts, so whatever makes a difference to the text has to go in.
#[derive(Clone, Copy)]
pub(crate) struct Form(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Form {
    /// A statement of this sort on this model.
    pub(crate) fn of(verb: &'static str, meta: &'static ModelMeta) -> Self {
        let first = verb.bytes().fold(0, |all, byte| all << 8 | u64::from(byte));
        Self(0x243f_6a88_85a3_08d3)
            .with(first)
            .with(std::ptr::from_ref(meta).addr() as u64)
    }

    /// With one more number.
    pub(crate) fn with(self, number: u64) -> Self {
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        // Both halves of the product matter.
        #[allow(clippy::cast_possible_truncation)]
        Self(((product >> 64) as u64 ^ product as u64).rotate_left(23))
    }

    /// With a list of columns.
    pub(crate) fn columns(self, columns: &[usize]) -> Self {
        self.columns_of(columns.iter().copied())
    }

    /// As [`Form::columns`].
    pub(crate) fn columns_of(self, columns: impl ExactSizeIterator<Item = usize>) -> Self {
        let list = self.with(columns.len() as u64);
        columns.fold(list, |all, column| {
            // Told apart from "nothing": zero would leave little of the state.
            all.with(column as u64 + 1)
        })
    }
}

impl Db {
    /// The text of the statement that has this form; `statement` makes one where it is met first.
    pub(crate) fn text_of<S: Render>(&self, form: Form, statement: impl FnOnce() -> S) -> Arc<str> {
        let known = self.shared.forms.read().ok();
        if let Some(text) = known.and_then(|texts| texts.get(&form.0).cloned()) {
            return text;
        }
        let text: Arc<str> = statement().render(self.dialect()).sql.into();
        if let Ok(mut texts) = self.shared.forms.write() {
            if texts.len() >= FORMS {
                texts.clear();
            }
            texts.insert(form.0, Arc::clone(&text));
        }
        text
    }
}

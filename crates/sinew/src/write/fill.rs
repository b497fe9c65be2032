//! What Sinew fills by itself before an insert: keys that the program makes, and moments.

use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Result, Timestamp, Value};

use super::insert::at;
use super::place::Place;

/// What is filled in the rows of one model.
pub(super) struct Filling {
    /// The key, where it may be a UUID that is not set.
    key: Option<usize>,
    moments: Vec<(usize, TypeFamily)>,
}

impl Filling {
    pub(super) fn of(meta: &ModelMeta) -> Self {
        let other = |family: TypeFamily| family.is_integer() || family == TypeFamily::Text;
        let key = match meta.key.as_slice() {
            [key] => meta.columns.get(*key).filter(|c| !other(c.family)),
            _ => None,
        };
        let stamps = |role| matches!(role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
        let columns = meta.columns.iter().enumerate();
        Self {
            key: key.and(meta.key.first().copied()),
            moments: columns
                .filter(|(_, column)| stamps(column.role))
                .map(|(index, column)| (index, column.family))
                .collect(),
        }
    }

    /// Whether there is nothing to fill.
    pub(super) fn is_empty(&self) -> bool {
        self.key.is_none() && self.moments.is_empty()
    }

    /// What a record lacks, and what it gets.
    pub(super) fn missing(
        &self,
        record: &dyn Record,
        now: Timestamp,
    ) -> Vec<(usize, Value<'static>)> {
        let is_nil = |key: &usize| record.value(*key) == Value::Uuid([0; 16]);
        let key = self.key.filter(is_nil);
        let key = key.map(|key| (key, Value::Uuid(super::uuid::v7(now))));
        let moments = self.moments.iter();
        let moments = moments.filter(|(index, _)| record.is_unset(*index));
        let moments = moments.map(|(index, family)| (*index, moment_for(*family, now)));
        key.into_iter().chain(moments).collect()
    }

    fn fill(&self, record: &mut dyn Record, now: Timestamp) -> Result<()> {
        for (index, value) in self.missing(record, now) {
            record.set(index, value)?;
        }
        Ok(())
    }
}

/// Fills records of one model.
pub(super) fn fill_all(
    records: &mut [&mut dyn Record],
    now: Timestamp,
    place: &Place<'_>,
) -> Result<()> {
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let filling = Filling::of(meta);
    if filling.is_empty() {
        return Ok(());
    }
    for (index, record) in records.iter_mut().enumerate() {
        let filled = filling.fill(&mut **record, now);
        filled.map_err(|error| at(error, place, index))?;
    }
    Ok(())
}

/// Fills one record.
pub(crate) fn fill(record: &mut dyn Record, now: Timestamp) -> Result<()> {
    Filling::of(record.meta()).fill(record, now)
}

/// `now` as a column of this family holds it.
pub(crate) fn moment_for(family: TypeFamily, now: Timestamp) -> Value<'static> {
    let micros = now.micros().unwrap_or_default();
    match family {
        TypeFamily::DateTime => Value::DateTime(micros),
        family if family.is_integer() => Value::Int(micros.div_euclid(1_000_000)),
        _ => Value::Timestamp(micros),
    }
}

//! What hangs on records: rows that hold their key, and rows that are linked to them.

use sinew_core::record::{Record, Wanted};
use sinew_core::schema::{Linkage, RelationMeta};
use sinew_core::{Result, Value};

use super::graph::{Mode, Writer, level};
use super::insert::at;
use super::links;
use super::owners::collect;
use super::place::Place;
use super::scope::WriteScope;
use crate::relation::reach::coerce;

/// Stamps the records' keys into their has-one and has-many targets and writes those.
pub(super) async fn write_children(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    if !scope.targets(slot) {
        return Ok(());
    }
    let Linkage::Target {
        far, polymorphic, ..
    } = &relation.linkage
    else {
        return Ok(());
    };
    for (index, record) in records.iter_mut().enumerate() {
        stamp_children(&mut **record, relation).map_err(|error| at(error, place, index))?;
    }
    let below = scope.below(slot);
    let (mut targets, positions) = collect(records, slot, Wanted::All);
    if targets.is_empty() {
        return Ok(());
    }
    let mut columns = far.clone();
    columns.extend(polymorphic.as_ref().map(|p| p.column));
    let below = below.requiring(&columns);
    let under = Place {
        parent: Some(place),
        relation: relation.name,
        many: relation.many,
        positions,
    };
    level(writer, &mut targets, Mode::Child(&columns), &below, &under).await
}

/// Writes the owner's key into the targets it holds.
pub(crate) fn stamp_children(
    record: &mut dyn Record,
    relation: &'static RelationMeta,
) -> Result<()> {
    let Linkage::Target {
        own,
        far,
        polymorphic,
        ..
    } = &relation.linkage
    else {
        return Ok(());
    };
    let key = record.values_owned(own);
    let Some(slot) = record.slot_mut(relation.index) else {
        return Ok(());
    };
    let mut targets = Vec::new();
    slot.records_mut(Wanted::All, &mut targets);
    for target in targets {
        stamp_child(target, &key, far, polymorphic.as_ref())?;
    }
    Ok(())
}

/// Writes an owner's key (and type) into one target.
pub(crate) fn stamp_child(
    target: &mut dyn Record,
    key: &[Value<'static>],
    far: &[usize],
    polymorphic: Option<&sinew_core::schema::Polymorphic>,
) -> Result<()> {
    let meta = target.meta();
    for (&index, value) in far.iter().zip(key) {
        let value = match meta.columns.get(index) {
            Some(column) => coerce(value.clone(), column.family),
            None => value.clone(),
        };
        target.set(index, value)?;
    }
    if let Some(kind) = polymorphic {
        target.set(kind.column, Value::Text(kind.value.clone()))?;
    }
    Ok(())
}

/// Writes many-to-many targets and their links.
pub(super) async fn write_targets(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    if scope.targets(slot) {
        let below = scope.below(slot);
        let (mut targets, positions) = collect(records, slot, Wanted::All);
        if targets.is_empty() {
            return Ok(());
        }
        let under = Place {
            parent: Some(place),
            relation: relation.name,
            many: true,
            positions,
        };
        level(writer, &mut targets, Mode::Target, &below, &under).await?;
    }
    links::write(writer, records, relation, place).await
}

//! What hangs on records: rows that hold their key, and rows that are linked to them.

use sinew_core::record::{Record, Wanted};
use sinew_core::schema::{Linkage, RelationMeta};
use sinew_core::{Result, Value};

use super::early::{Early, Leaves};
use super::graph::{Mode, Writer, level};
use super::insert::at;
use super::lane::Then;
use super::links;
use super::owners::collect;
use super::place::Place;
use super::scope::WriteScope;
use crate::relation::reach::coerce;

/// Writes what hangs on records through these associations.
pub(super) async fn write_below(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    below: &[&'static RelationMeta],
    mut early: Early,
    (scope, place): (&WriteScope, &Place<'_>),
    then: Then,
) -> Result<()> {
    if !writer.lane.defers() {
        for relation in below {
            if let Linkage::Join { .. } = relation.linkage {
                write_targets(writer, records, relation, scope, place).await?;
            } else {
                stamp_all(records, relation, place)?;
                write_children(writer, records, relation, (scope, place), Then::More).await?;
            }
        }
        return Ok(());
    }
    let (joins, children): (Vec<&RelationMeta>, Vec<_>) = below
        .iter()
        .partition(|relation| matches!(relation.linkage, Linkage::Join { .. }));
    let mut leaves = Vec::new();
    let mut deep = Vec::new();
    for relation in children {
        if !scope.targets(relation.index) {
            continue;
        }
        stamp_all(records, relation, place)?;
        let below = children_scope(relation, scope);
        match Leaves::send(writer, records, relation, &below, place)? {
            Some(sent) => leaves.push(sent),
            None => deep.push(relation),
        }
    }
    for relation in joins {
        if early
            .arrive(writer, records, relation, scope, place)
            .await?
        {
            links::write(writer, records, relation, place).await?;
        } else {
            write_targets(writer, records, relation, scope, place).await?;
        }
    }
    let last = deep.len();
    for (index, relation) in deep.into_iter().enumerate() {
        let then = then.unless(index + 1 < last);
        write_children(writer, records, relation, (scope, place), then).await?;
    }
    for leaves in leaves {
        leaves.arrive(writer, records, then).await?;
    }
    Ok(())
}

/// Stamps the records' keys into their has-one and has-many targets.
fn stamp_all(
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    place: &Place<'_>,
) -> Result<()> {
    for (index, record) in records.iter_mut().enumerate() {
        stamp_children(&mut **record, relation).map_err(|error| at(error, place, index))?;
    }
    Ok(())
}

/// The columns of children that hold their owner's key (and type).
fn stamped(relation: &RelationMeta) -> Vec<usize> {
    let Linkage::Target {
        far, polymorphic, ..
    } = &relation.linkage
    else {
        return Vec::new();
    };
    let mut columns = far.clone();
    columns.extend(polymorphic.as_ref().map(|p| p.column));
    columns
}

fn children_scope(relation: &RelationMeta, scope: &WriteScope) -> WriteScope {
    scope.below(relation.index).requiring(&stamped(relation))
}

/// Writes has-one and has-many targets, whose keys were stamped.
async fn write_children(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    (scope, place): (&WriteScope, &Place<'_>),
    then: Then,
) -> Result<()> {
    if !scope.targets(relation.index) {
        return Ok(());
    }
    let (mut targets, positions) = collect(records, relation.index, Wanted::All);
    if targets.is_empty() {
        return Ok(());
    }
    let columns = stamped(relation);
    let below = children_scope(relation, scope);
    let under = Place {
        parent: Some(place),
        relation: relation.name,
        many: relation.many,
        positions,
    };
    let mode = Mode::Child(&columns);
    level(writer, &mut targets, mode, &below, &under, then).await
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
    if slot.is_empty() {
        return Ok(());
    }
    let mut targets = Vec::with_capacity(slot.len());
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
async fn write_targets(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    let owner = records.first().map(|record| record.meta());
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
        let promises = match (owner, targets.first()) {
            (Some(owner), Some(target)) => writer.takes_target(owner, relation, target.meta()),
            _ => false,
        };
        level(
            writer,
            &mut targets,
            Mode::Target { promises },
            &below,
            &under,
            Then::More,
        )
        .await?;
    }
    links::write(writer, records, relation, place).await
}

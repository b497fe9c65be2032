//! Rows that need nothing from those they hang on but a key later on: over a network their inserts
//! go out together with others instead of one after another.

use sinew_core::Result;
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::{Linkage, RelationMeta};
use sinew_sql::Conflict;

use super::existing::{LookUp, become_existing, key_of, unique_sets};
use super::graph::{Mode, Writer, level};
use super::insert::{Started, at, fill, promise};
use super::lane::Then;
use super::owners::{collect, holds_any};
use super::place::Place;
use super::scope::WriteScope;

/// Many-to-many targets that are on their way already, by association.
#[derive(Default)]
pub(super) struct Early(Vec<(usize, Sent)>);

struct Sent {
    /// Which targets had a key, and may be there already.
    keyed: Vec<bool>,
    known: Option<LookUp>,
    inserts: Option<(Started, Option<Conflict>)>,
}

/// Whether the targets of a many-to-many can go ahead of their links.
fn goes_ahead(relation: &RelationMeta, records: &[&mut dyn Record], scope: &WriteScope) -> bool {
    matches!(relation.linkage, Linkage::Join { .. })
        && scope.targets(relation.index)
        && is_flat(records, relation)
}

/// Whether nothing hangs on the targets of an association.
fn is_flat(records: &[&mut dyn Record], relation: &RelationMeta) -> bool {
    let mut held: Vec<&dyn Record> = Vec::new();
    for record in records {
        if let Some(slot) = record.slot(relation.index) {
            slot.records(&mut held);
        }
    }
    !held.iter().any(|record| holds_any(*record))
}

/// Whether any of these associations has targets that can go ahead.
pub(super) fn early_ones(
    below: &[&'static RelationMeta],
    records: &[&mut dyn Record],
    scope: &WriteScope,
) -> bool {
    below
        .iter()
        .any(|relation| goes_ahead(relation, records, scope))
}

/// Inserts records, together with what they are to be linked to. Where their keys can be promised,
/// nothing is waited for.
pub(super) async fn write_with_targets(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    (scope, place): (&WriteScope, &Place<'_>),
    below: &[&'static RelationMeta],
    promises: bool,
    early: &mut Early,
) -> Result<()> {
    for (index, record) in records.iter_mut().enumerate() {
        fill(&mut **record, writer.now).map_err(|error| at(error, place, index))?;
    }
    let started = if promises && promise(&mut writer.lane, records, scope, place)? {
        None
    } else {
        Some(Started::of(&mut writer.lane, records, scope, None, place)?)
    };
    for relation in below {
        if !writer.full && goes_ahead(relation, records, scope) {
            let sent = send(writer, records, relation, scope, place).await?;
            early.0.extend(sent.map(|sent| (relation.index, sent)));
        }
    }
    if let Some(started) = started
        && started.returns()
    {
        started
            .end(&mut writer.lane, records, None, Then::More)
            .await?;
    }
    Ok(())
}

/// The targets of an association with their place.
fn targets<'a, 'p>(
    records: &'a mut [&mut dyn Record],
    relation: &'static RelationMeta,
    place: &'p Place<'p>,
) -> (Vec<&'a mut dyn Record>, Place<'p>) {
    let (targets, positions) = collect(records, relation.index, Wanted::All);
    let under = Place {
        parent: Some(place),
        relation: relation.name,
        many: relation.many,
        positions,
    };
    (targets, under)
}

/// Those of the targets that are (not) keyed.
fn part<'a, 'p>(
    targets: Vec<&'a mut dyn Record>,
    keyed: &[bool],
    wanted: impl Fn(usize, &dyn Record) -> bool,
    place: &Place<'p>,
    with_key: bool,
) -> (Vec<&'a mut dyn Record>, Place<'p>) {
    let mut positions = Vec::new();
    let mut some = Vec::new();
    for (index, target) in targets.into_iter().enumerate() {
        if keyed.get(index) == Some(&with_key) && wanted(index, &*target) {
            some.push(target);
            positions.push(place.positions.get(index).copied().unwrap_or_default());
        }
    }
    let place = Place {
        parent: place.parent,
        relation: place.relation,
        many: place.many,
        positions,
    };
    (some, place)
}

/// `None` for targets that are better written like any others, as nothing waits for them.
async fn send(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<Option<Sent>> {
    let Some(owner) = records.first().map(|record| record.meta()) else {
        return Ok(None);
    };
    let (held, under) = targets(records, relation, place);
    let keyed: Vec<bool> = held.iter().map(|target| target.has_key()).collect();
    let mut sent = Sent {
        known: None,
        inserts: None,
        keyed,
    };
    let Some(meta) = held.first().map(|target| target.meta()) else {
        return Ok(Some(sent));
    };
    let with_key = held.iter().filter(|target| target.has_key());
    let keys: Vec<_> = with_key
        .map(|target| target.values_owned(&meta.key))
        .collect();
    if !keys.is_empty() && writer.presumes(meta) {
        return Ok(None);
    }
    if keys.is_empty() || !writer.presume_there(meta, keys.clone()).await? {
        sent.known = LookUp::begin(&mut writer.lane, meta, keys, &[])?;
    }
    let (mut new, under) = part(held, &sent.keyed, |_, _| true, &under, false);
    if new.is_empty() {
        return Ok(Some(sent));
    }
    for (index, target) in new.iter_mut().enumerate() {
        fill(&mut **target, writer.now).map_err(|error| at(error, &under, index))?;
    }
    // One that is there already is found by what it collides with.
    let conflict = (!unique_sets(meta).is_empty()).then(|| Conflict::Nothing(Vec::new()));
    let below = scope.below(relation.index);
    if conflict.is_none()
        && writer.takes_target(owner, relation, meta)
        && writer.promises(meta, &new, &[])
        && promise(&mut writer.lane, &mut new, &below, &under)?
    {
        return Ok(Some(sent));
    }
    let started = Started::of(&mut writer.lane, &new, &below, conflict.as_ref(), &under)?;
    sent.inserts = Some((started, conflict));
    Ok(Some(sent))
}

impl Early {
    /// Waits for the targets of an association. False when they were not sent.
    pub(super) async fn arrive(
        &mut self,
        writer: &mut Writer<'_>,
        records: &mut [&mut dyn Record],
        relation: &'static RelationMeta,
        scope: &WriteScope,
        place: &Place<'_>,
    ) -> Result<bool> {
        let Some(at) = self
            .0
            .iter()
            .position(|(index, _)| *index == relation.index)
        else {
            return Ok(false);
        };
        let (_, sent) = self.0.swap_remove(at);
        if let Some((started, conflict)) = sent.inserts
            && (conflict.is_some() || started.returns())
        {
            let (held, under) = targets(records, relation, place);
            let (mut new, under) = part(held, &sent.keyed, |_, _| true, &under, false);
            let lane = &mut writer.lane;
            let inserted = started
                .end(lane, &mut new, conflict.as_ref(), Then::More)
                .await?;
            if conflict.is_some() {
                become_existing(lane, &mut new, &inserted.written, &under).await?;
            }
        }
        let Some(known) = sent.known else {
            return Ok(true);
        };
        let known = known.end(&mut writer.lane).await?;
        let (held, under) = targets(records, relation, place);
        let missing = |_, target: &dyn Record| !known.contains_key(&key_of(target));
        let (mut missing, under) = part(held, &sent.keyed, missing, &under, true);
        if !missing.is_empty() {
            let below = scope.below(relation.index);
            let mode = Mode::Target { promises: false };
            level(writer, &mut missing, mode, &below, &under, Then::More).await?;
        }
        Ok(true)
    }
}

/// Children that nothing hangs on, and that are all new: their inserts wait for those of others.
pub(super) struct Leaves {
    relation: &'static RelationMeta,
    started: Started,
}

impl Leaves {
    /// Sends the children of an association, whose keys were stamped. `None` when they have to be
    /// written one level after the other.
    pub(super) fn send(
        writer: &mut Writer<'_>,
        records: &mut [&mut dyn Record],
        relation: &'static RelationMeta,
        scope: &WriteScope,
        place: &Place<'_>,
    ) -> Result<Option<Self>> {
        if !is_flat(records, relation) {
            return Ok(None);
        }
        let (mut held, under) = targets(records, relation, place);
        if held.iter().any(|target| target.has_key()) {
            return Ok(None);
        }
        for (index, target) in held.iter_mut().enumerate() {
            fill(&mut **target, writer.now).map_err(|error| at(error, &under, index))?;
        }
        let started = Started::of(&mut writer.lane, &held, scope, None, &under)?;
        Ok(Some(Self { relation, started }))
    }

    /// Reads their keys back.
    pub(super) async fn arrive(
        self,
        writer: &mut Writer<'_>,
        records: &mut [&mut dyn Record],
        then: Then,
    ) -> Result<()> {
        if !self.started.returns() {
            return Ok(());
        }
        let (mut held, _) = collect(records, self.relation.index, Wanted::All);
        self.started
            .end(&mut writer.lane, &mut held, None, then)
            .await?;
        Ok(())
    }
}

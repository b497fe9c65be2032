//! How a write runs: in one transaction, on one connection, memory put back when it fails.

use std::sync::RwLock;

use sinew_core::driver::Intent;
use sinew_core::record::{Model, Record};
use sinew_core::schema::{Linkage, ModelMeta};
use sinew_core::{Result, Timestamp};

use super::graph::{Mode, Writer, level};
use super::keys::KeyMap;
use super::lane::{Lane, Then};
use super::owners::holds_any;
use super::place::Place;
use super::promise;
use super::scope::WriteScope;
use super::snapshot::Snapshot;
use crate::db::Db;
use crate::hook;
use crate::relation::reach::column;
use crate::relation::slot::copies;

/// Whether any record of the graphs under these, which are of one model, has hooks that this handle
/// runs.
pub(crate) fn have_hooks<'r>(db: &Db, records: impl Iterator<Item = &'r dyn Record>) -> bool {
    let mut records = records.peekable();
    let Some(first) = records.peek() else {
        return false;
    };
    if db.settings.skip_hooks || !may_have_hooks(first.meta()) {
        return false;
    }
    let mut below = Vec::new();
    records.any(|record| any_hooked(db, record, &mut below))
}

/// By the place of a model, whether it or a model that its rows may lead to has hooks.
static HOOKED: RwLock<Option<KeyMap<bool, usize>>> = RwLock::new(None);

/// Whether rows of a model, or whatever may hang on them, can have hooks: mostly not, and then no
/// row has to be looked at.
fn may_have_hooks(meta: &'static ModelMeta) -> bool {
    let place = std::ptr::from_ref(meta).addr();
    if let Ok(known) = HOOKED.read()
        && let Some(&hooked) = known.as_ref().and_then(|known| known.get(&place))
    {
        return hooked;
    }
    let hooked = reaches_hooks(meta);
    if let Ok(mut known) = HOOKED.write() {
        known.get_or_insert_default().insert(place, hooked);
    }
    hooked
}

fn reaches_hooks(meta: &'static ModelMeta) -> bool {
    let mut seen = vec![meta];
    let mut at = 0;
    while let Some(&meta) = seen.get(at) {
        at += 1;
        if meta.hooks.is_some() {
            return true;
        }
        for relation in &meta.relations {
            let mut next: Vec<&'static ModelMeta> = relation.target().into_iter().collect();
            match &relation.linkage {
                Linkage::Join { table, .. } => next.extend(table.model.map(|model| model())),
                Linkage::Any { variants, .. } => {
                    next.extend(variants().iter().map(|variant| (variant.target)()));
                }
                Linkage::Owner { .. } | Linkage::Target { .. } | Linkage::Through { .. } => {}
            }
            for meta in next {
                if !seen.iter().any(|known| std::ptr::eq(*known, meta)) {
                    seen.push(meta);
                }
            }
        }
    }
    false
}

/// `below` holds what is still to be looked at of the records above.
fn any_hooked<'r>(db: &Db, record: &'r dyn Record, below: &mut Vec<&'r dyn Record>) -> bool {
    let meta = record.meta();
    if hook::of(meta, db).is_some() {
        return true;
    }
    for relation in &meta.relations {
        let Some(slot) = record.slot(relation.index).filter(|slot| slot.is_loaded()) else {
            continue;
        };
        if let Linkage::Join { table, .. } = &relation.linkage
            && table
                .model
                .is_some_and(|model| hook::of(model(), db).is_some())
        {
            return true;
        }
        let first = below.len();
        slot.records(below);
        for at in first..below.len() {
            if let Some(record) = below.get(at).copied()
                && any_hooked(db, record, below)
            {
                return true;
            }
        }
        below.truncate(first);
    }
    false
}

/// How a write runs.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    /// Hooks run in between, in a transaction that they share.
    pub(crate) hooks: bool,
    /// It may take several statements.
    pub(crate) atomic: bool,
    /// Existing associated rows are updated too.
    pub(crate) full: bool,
    /// Rows with keys of the program's own are looked for before they are inserted.
    pub(crate) looks_first: bool,
}

impl Way {
    /// Several statements, or one.
    pub(crate) fn new(hooks: bool, atomic: bool) -> Self {
        Self {
            hooks,
            atomic,
            full: false,
            looks_first: true,
        }
    }

    /// Existing associated rows are updated too, if so.
    pub(crate) fn full(self, full: bool) -> Self {
        Self { full, ..self }
    }
}

/// Runs `work` with a writer: on one connection, or, when hooks run in between, in a transaction
/// that the hooks share.
pub(crate) async fn with_writer<T>(
    db: &Db,
    way: Way,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    if way.hooks {
        return with_hooks(db, way, work).await;
    }
    let mut vague = false;
    on_own(db, way, &mut vague, work).await
}

async fn with_hooks<T>(
    db: &Db,
    way: Way,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    db.transaction(async |tx| {
        let mut writer = Writer {
            lane: Lane::Tx(tx),
            now: Timestamp::now(),
            full: way.full,
            looks_first: true,
        };
        work(&mut writer).await
    })
    .await
}

/// Runs `work` on a connection of its own. The end of the transaction travels with the last
/// statements unless `vague`, which then tells whether an error does not say which row it concerns.
async fn on_own<T>(
    db: &Db,
    way: Way,
    vague: &mut bool,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    // Where statements wait for one another anyway, the end can be undone a little longer.
    let rides = !std::mem::take(vague) && db.dialect().capabilities().pipelining.supported;
    let mut writer = Writer {
        lane: Lane::alone(db.op(Intent::Write, way.atomic).await?, rides),
        now: Timestamp::now(),
        full: way.full,
        looks_first: way.looks_first,
    };
    let mut result = work(&mut writer).await;
    if result.is_ok()
        && let Err(error) = writer.lane.finish().await
    {
        result = Err(error);
    }
    if let Err(error) = &result {
        *vague = writer.lane.is_vague(error);
        writer.lane.undo().await?;
    }
    result
}

/// Rows that are written, without their type: what writes them is compiled once, not for each
/// model of an application.
pub(crate) trait Written: Send {
    fn all(&self) -> Vec<&dyn Record>;

    fn all_mut(&mut self) -> Vec<&mut dyn Record>;

    /// Keeps a copy of all rows.
    fn keep(&mut self);

    /// Puts the copy back, once.
    fn give_back(&mut self);
}

/// Rows that are written, with their type.
pub(crate) struct Typed<'r, M> {
    rows: &'r mut [M],
    copy: Vec<M>,
}

impl<'r, M: Model> Typed<'r, M> {
    pub(crate) fn new(rows: &'r mut [M]) -> Self {
        let copy = Vec::new();
        Self { rows, copy }
    }
}

impl<M: Model> Written for Typed<'_, M> {
    fn all(&self) -> Vec<&dyn Record> {
        let mut all: Vec<&dyn Record> = Vec::with_capacity(self.rows.len());
        for row in &*self.rows {
            all.push(row);
        }
        all
    }

    fn all_mut(&mut self) -> Vec<&mut dyn Record> {
        let mut all: Vec<&mut dyn Record> = Vec::with_capacity(self.rows.len());
        for row in &mut *self.rows {
            all.push(row);
        }
        all
    }

    fn keep(&mut self) {
        self.copy = copies(self.rows);
    }

    fn give_back(&mut self) {
        while let Some(copy) = self.copy.pop() {
            if let Some(row) = self.rows.get_mut(self.copy.len()) {
                *row = copy;
            }
        }
    }
}

/// Writes rows with what hangs on them.
pub(crate) async fn write_rows(
    db: &Db,
    written: &mut dyn Written,
    mode: Mode<'_>,
    scope: &WriteScope,
    full: bool,
) -> Result<()> {
    let (hooks, atomic, snapshot) = {
        let rows = written.all();
        if rows.is_empty() {
            return Ok(());
        }
        let hooks = have_hooks(db, rows.iter().copied());
        let several = rows.len() > 1 || rows.iter().any(|row| holds_any(*row));
        let atomic = several || matches!(mode, Mode::Create(_)) && counts_on(db, &rows);
        let snapshot = (!hooks).then(|| Snapshot::take(&rows));
        (hooks, atomic, snapshot)
    };
    // Hooks may change anything, also what associations hold.
    if hooks {
        written.keep();
    }
    // What hangs on a row that is saved is mostly there.
    let mut way = Way {
        hooks,
        atomic,
        full: full || db.settings.full_save,
        looks_first: matches!(mode, Mode::Save),
    };
    let mut vague = false;
    let mut stamped = Stamped {
        rows: written,
        snapshot,
    };
    let what = (mode, scope);
    let mut result = attempt(db, stamped.rows, way, &mut vague, what).await;
    if vague && stamped.snapshot.is_some() {
        // Nothing was written. Step by step the database tells which row is at fault, if one is.
        stamped.put_back();
        // What was presumed wrongly is not presumed again.
        way.looks_first = true;
        result = attempt(db, stamped.rows, way, &mut vague, what).await;
    }
    if result.is_ok() {
        stamped.snapshot = None;
    } else if hooks {
        stamped.rows.give_back();
    }
    result
}

/// Rows that are being written. Unless it came to its end they get back what was stamped, also when
/// nobody waits any more.
struct Stamped<'r> {
    rows: &'r mut dyn Written,
    snapshot: Option<Snapshot>,
}

impl Stamped<'_> {
    fn put_back(&mut self) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.restore(self.rows.all_mut().into_iter());
        }
    }
}

impl Drop for Stamped<'_> {
    fn drop(&mut self) {
        self.put_back();
    }
}

/// Whether the database has to be told to count on from a key that is given: a second statement.
pub(super) fn counts_on(db: &Db, rows: &[&dyn Record]) -> bool {
    let Some(meta) = rows.first().map(|row| row.meta()) else {
        return false;
    };
    let Some(generated) = meta.generated else {
        return false;
    };
    rows.iter().any(|row| !row.is_unset(generated))
        && db
            .dialect()
            .advance(&meta.table, &column(meta, generated))
            .is_some()
}

async fn attempt(
    db: &Db,
    rows: &mut dyn Written,
    way: Way,
    vague: &mut bool,
    (mode, scope): (Mode<'_>, &WriteScope),
) -> Result<()> {
    let mut records = rows.all_mut();
    let place = Place::root(records.len());
    let work = async |writer: &mut Writer<'_>| {
        level(writer, &mut records, mode, scope, &place, Then::Last).await?;
        if writer.lane.promises().is_none() {
            return Ok(());
        }
        writer.lane.finish().await?;
        promise::keep(&mut writer.lane, &mut records)
    };
    match way.hooks {
        true => with_hooks(db, way, work).await,
        false => on_own(db, way, vague, work).await,
    }
}

//! How a write runs: in one transaction, on one connection, memory put back when it fails.

use sinew_core::driver::Intent;
use sinew_core::record::{Model, Record};
use sinew_core::{Result, Timestamp};

use super::graph::{Mode, Writer, level};
use super::lane::{Lane, Then};
use super::owners::holds_any;
use super::place::Place;
use super::promise;
use super::scope::WriteScope;
use super::snapshot::Snapshot;
use crate::db::Db;
use crate::hook;
use crate::relation::reach::column;

/// Whether any record of the graph has hooks that this handle runs.
pub(crate) fn has_hooks(db: &Db, record: &dyn Record) -> bool {
    if db.settings.skip_hooks {
        return false;
    }
    let meta = record.meta();
    if hook::of(meta, db).is_some() {
        return true;
    }
    for relation in &meta.relations {
        let Some(slot) = record.slot(relation.index).filter(|slot| slot.is_loaded()) else {
            continue;
        };
        if let sinew_core::schema::Linkage::Join { table, .. } = &relation.linkage
            && table
                .model
                .is_some_and(|model| hook::of(model(), db).is_some())
        {
            return true;
        }
        let mut below = Vec::new();
        slot.records(&mut below);
        if below.into_iter().any(|record| has_hooks(db, record)) {
            return true;
        }
    }
    false
}

/// Runs `work` with a writer: on one connection, or, when hooks run in between, in a transaction
/// that the hooks share. `atomic` when it may take several statements.
pub(crate) async fn with_writer<T>(
    db: &Db,
    hooks: bool,
    atomic: bool,
    full: bool,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    if hooks {
        return with_hooks(db, full, work).await;
    }
    let mut vague = false;
    on_own(db, (atomic, full, true), &mut vague, work).await
}

async fn with_hooks<T>(
    db: &Db,
    full: bool,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    db.transaction(async |tx| {
        let mut writer = Writer {
            lane: Lane::Tx(tx),
            now: Timestamp::now(),
            full,
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
    (atomic, full, looks_first): (bool, bool, bool),
    vague: &mut bool,
    work: impl AsyncFnOnce(&mut Writer<'_>) -> Result<T>,
) -> Result<T> {
    // Where statements wait for one another anyway, the end can be undone a little longer.
    let rides = !std::mem::take(vague) && db.dialect().capabilities().pipelining.supported;
    let mut writer = Writer {
        lane: Lane::alone(db.op(Intent::Write, atomic).await?, rides),
        now: Timestamp::now(),
        full,
        looks_first,
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

/// Writes rows with what hangs on them.
pub(crate) async fn write_rows<M: Model>(
    db: &Db,
    rows: &mut [M],
    mode: Mode<'_>,
    scope: &WriteScope,
    full: bool,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let hooks = rows.iter().any(|row| has_hooks(db, row));
    let several = rows.len() > 1 || rows.iter().any(|row| holds_any(row));
    let atomic = several || matches!(mode, Mode::Create(_)) && counts_on(db, rows);
    // Hooks may change anything, also what associations hold.
    let whole = hooks.then(|| rows.to_vec());
    let snapshot = (!hooks).then(|| Snapshot::take(rows.iter().map(|row| row as &dyn Record)));
    let full = full || db.settings.full_save;
    let mut vague = false;
    let mut stamped = Stamped { rows, snapshot };
    let options = (hooks, atomic, full);
    let what = (mode, scope);
    let mut result = attempt(db, stamped.rows, options, &mut vague, what).await;
    if vague && stamped.snapshot.is_some() {
        // Nothing was written. Step by step the database tells which row is at fault, if one is.
        stamped.put_back();
        result = attempt(db, stamped.rows, options, &mut vague, what).await;
    }
    if result.is_ok() {
        stamped.snapshot = None;
    } else if let Some(before) = whole {
        stamped.rows.clone_from_slice(&before);
    }
    result
}

/// Rows that are being written. Unless it came to its end they get back what was stamped, also when
/// nobody waits any more.
struct Stamped<'r, M: Model> {
    rows: &'r mut [M],
    snapshot: Option<Snapshot>,
}

impl<M: Model> Stamped<'_, M> {
    fn put_back(&mut self) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.restore(self.rows.iter_mut().map(|row| row as &mut dyn Record));
        }
    }
}

impl<M: Model> Drop for Stamped<'_, M> {
    fn drop(&mut self) {
        self.put_back();
    }
}

/// Whether the database has to be told to count on from a key that is given: a second statement.
fn counts_on<M: Model>(db: &Db, rows: &[M]) -> bool {
    let meta = M::schema();
    let Some(generated) = meta.generated else {
        return false;
    };
    rows.iter().any(|row| !row.is_unset(generated))
        && db
            .dialect()
            .advance(&meta.table, &column(meta, generated))
            .is_some()
}

async fn attempt<M: Model>(
    db: &Db,
    rows: &mut [M],
    (hooks, atomic, full): (bool, bool, bool),
    vague: &mut bool,
    (mode, scope): (Mode<'_>, &WriteScope),
) -> Result<()> {
    let mut records: Vec<&mut dyn Record> =
        rows.iter_mut().map(|row| row as &mut dyn Record).collect();
    let place = Place::root(records.len());
    let work = async |writer: &mut Writer<'_>| {
        level(writer, &mut records, mode, scope, &place, Then::Last).await?;
        if writer.lane.promises().is_none() {
            return Ok(());
        }
        writer.lane.finish().await?;
        promise::keep(&mut writer.lane, &mut records)
    };
    match hooks {
        true => with_hooks(db, full, work).await,
        false => {
            // What hangs on a row that is saved is mostly there; what was presumed wrongly is not
            // presumed again.
            let looks_first = *vague || matches!(mode, Mode::Save);
            on_own(db, (atomic, full, looks_first), vague, work).await
        }
    }
}

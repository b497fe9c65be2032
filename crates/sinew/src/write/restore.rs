use std::collections::HashMap;
use std::future::IntoFuture;

use sinew_core::driver::{Action, BoxFuture};
use sinew_core::record::{Model, Record, RowSet, Rows};
use sinew_core::schema::{ColumnRole, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Update};

use super::existing::{Encoded, encoded, key_of};
use super::fill::moment_for;
use super::graph::Writer;
use super::insert::at;
use super::place::Place;
use super::remove::cascades;
use super::rows::{among, keyless, keys_of, read_rows, run_hooks};
use super::run::{Way, with_writer};
use super::snapshot::Columns;
use super::store::gone;
use crate::db::{Affected, Db};
use crate::hook::{self, Moment};
use crate::relation::reach::{coerce, column};

/// Soft-deleted rows to be brought back; awaits to `()`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = db.find::<User>().await?;
/// db.delete(&mut users).await?;
/// db.restore(&mut users).await?;
/// assert_eq!(db.find::<User>().count().await?, 3);
/// # Ok(()) }
/// ```
#[must_use = "nothing is restored until it is awaited"]
pub struct Restore<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
}

impl Db {
    /// Brings soft-deleted rows back: one, or each of a `Vec`. What went with them at the same
    /// moment through a `soft_cascade` association comes back too. A row that is not deleted
    /// stays as it is. Update and save hooks run on the row.
    ///
    /// ```sql
    /// UPDATE users SET deleted_at = NULL, updated_at = ? WHERE id = ?
    /// ```
    ///
    /// # Errors
    /// `NotFound` when a row is gone for good, `MissingKey` when it was never created,
    /// `Unsupported` when the model has no `DeletedAt`.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub deleted_at: DeletedAt }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// # let mut user = User::default();
    /// # db.create(&mut user).await?;
    /// db.delete(&mut user).await?;
    /// db.restore(&mut user).await?;
    /// assert!(!user.deleted_at.is_deleted());
    /// assert_eq!(db.find::<User>().count().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn restore<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Restore<'a, R::Model> {
        Restore {
            db: self,
            rows: rows.rows_mut(),
        }
    }
}

impl<'a, M: Model> IntoFuture for Restore<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(restore_rows(self.db, self.rows))
    }
}

async fn restore_rows<M: Model>(db: &Db, rows: &mut [M]) -> Result<()> {
    let meta = M::schema();
    let Some(deleted) = meta.deleted_at() else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} has no DeletedAt, so its rows are deleted for good",
                meta.name
            ),
        )
        .with_model(meta.name));
    };
    if rows.is_empty() {
        return Ok(());
    }
    let hooks = hook::of(meta, db).is_some();
    let place = Place::root(rows.len());
    let columns = Columns::take(rows);
    let whole = hooks.then(|| rows.to_vec());
    let mut records: Vec<&mut dyn Record> =
        rows.iter_mut().map(|row| row as &mut dyn Record).collect();
    let result = with_writer(db, Way::new(hooks, true), async |writer| {
        if let Some(index) = records.iter().position(|record| !record.has_key()) {
            return Err(at(keyless(meta, "restored"), &place, index));
        }
        let keys = keys_of(records.iter().map(|record| &**record));
        let filter = vec![among(meta, &meta.key, keys)];
        let mut stored = read_rows(&mut writer.lane, meta, filter).await?;
        let known: HashMap<Encoded, bool> = (0..stored.len())
            .filter_map(|i| stored.get(i))
            .map(|row| (key_of(row), row.is_unset(deleted)))
            .collect();
        for (index, record) in records.iter().enumerate() {
            if !known.contains_key(&key_of(&**record)) {
                return Err(at(gone(meta, Some(&**record)), &place, index));
            }
        }
        records.retain(|record| known.get(&key_of(&**record)) == Some(&false));
        run_hooks(
            writer,
            &mut records,
            &[Moment::BeforeSave, Moment::BeforeUpdate],
            &place,
        )
        .await?;
        for record in &mut records {
            record.set(deleted, Value::Null)?;
            for (index, column) in meta.columns.iter().enumerate() {
                if column.role == ColumnRole::UpdatedAt {
                    record.set(index, moment_for(column.family, writer.now))?;
                }
            }
        }
        bring_back(writer, meta, &mut *stored).await?;
        run_hooks(
            writer,
            &mut records,
            &[Moment::AfterUpdate, Moment::AfterSave],
            &place,
        )
        .await
    })
    .await;
    drop(records);
    match (&result, whole) {
        (Ok(()), _) => {
            // Those that were live in the database, but deleted in memory.
            for row in rows.iter_mut() {
                row.set(deleted, Value::Null)?;
            }
        }
        (Err(_), Some(before)) => rows.clone_from_slice(&before),
        (Err(_), None) => columns.put_back(rows),
    }
    result
}

/// Restores the rows as stored, and what was deleted with them.
fn bring_back<'f, 'd: 'f>(
    writer: &'f mut Writer<'d>,
    meta: &'static ModelMeta,
    stored: &'f mut dyn Rows,
) -> BoxFuture<'f, Result<()>> {
    Box::pin(async move {
        let Some(deleted) = meta.deleted_at() else {
            return Ok(());
        };
        let dead: Vec<&dyn Record> = (0..stored.len())
            .filter_map(|i| stored.get(i))
            .filter(|row| !row.is_unset(deleted))
            .collect();
        if dead.is_empty() {
            return Ok(());
        }
        let mut set = vec![(column(meta, deleted), Expr::Null)];
        for (index, held) in meta.columns.iter().enumerate() {
            if held.role == ColumnRole::UpdatedAt {
                set.push((
                    column(meta, index),
                    Expr::Value(moment_for(held.family, writer.now)),
                ));
            }
        }
        let filter = vec![among(meta, &meta.key, keys_of(dead.iter().copied()))];
        let statement = Update {
            table: meta.table.clone(),
            set,
            filter,
            returning: Vec::new(),
        };
        let db = writer.lane.db().clone();
        let mut prepared = db.prepare(&statement);
        let mut affected = Affected::default();
        writer
            .lane
            .run(vec![prepared.statement(Action::Count)], &mut affected)
            .await?;
        for relation in cascades(meta) {
            follow(writer, relation, &dead, deleted).await?;
        }
        Ok(())
    })
}

/// Restores what a `soft_cascade` association lost at the same moment as its owners.
async fn follow(
    writer: &mut Writer<'_>,
    relation: &RelationMeta,
    owners: &[&dyn Record],
    deleted: usize,
) -> Result<()> {
    let (meta, own, far, kind) = match &relation.linkage {
        Linkage::Target {
            own,
            far,
            polymorphic,
            target,
        } => (target(), own, far.clone(), polymorphic.as_ref()),
        Linkage::Join { own, table, .. } => {
            let Some(model) = table.model.map(|model| model()) else {
                return Ok(());
            };
            let far = table
                .own
                .iter()
                .filter_map(|name| model.column(name))
                .collect();
            (model, own, far, None)
        }
        _ => return Ok(()),
    };
    let Some(gone) = meta.deleted_at() else {
        return Ok(());
    };
    let mut moments: HashMap<Encoded, Vec<Value<'static>>> = HashMap::new();
    let mut keys = Vec::new();
    for owner in owners {
        let family = |i: usize| {
            far.get(i)
                .and_then(|&far| meta.columns.get(far))
                .map(|c| c.family)
        };
        let key: Vec<Value<'static>> = owner
            .values_owned(own)
            .into_iter()
            .enumerate()
            .map(|(i, value)| match family(i) {
                Some(family) => coerce(value, family),
                None => value,
            })
            .collect();
        moments
            .entry(encoded(&key))
            .or_default()
            .push(owner.value(deleted).into_owned());
        keys.extend(key);
    }
    let mut filter = vec![
        among(meta, &far, keys),
        Expr::IsNull(Box::new(Expr::here(column(meta, gone))), true),
    ];
    if let Some(kind) = kind {
        let value = Expr::Value(Value::Text(kind.value.clone()));
        filter.push(Expr::here(column(meta, kind.column)).equals(value));
    }
    let mut rows = read_rows(&mut writer.lane, meta, filter).await?;
    for index in 0..rows.len() {
        let Some(row) = rows.get_mut(index) else {
            continue;
        };
        let with_owner = moments
            .get(&encoded(&row.values_owned(&far)))
            .is_some_and(|moments| moments.contains(&row.value(gone)));
        if !with_owner {
            // It was deleted by itself: as far as this goes, it is not there.
            row.set(gone, Value::Null)?;
        }
    }
    bring_back(writer, meta, &mut *rows).await
}

use std::future::IntoFuture;

use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, Record, RowSet};
use sinew_core::schema::{Linkage, ModelMeta};
use sinew_core::{Result, Value};

use super::existing::{Keys, comparable, encoded, key_of, look_up};
use super::graph::Writer;
use super::insert::at;
use super::one;
use super::place::Place;
use super::remove::{Gone, Removal, cascades, remove};
use super::rows::keyless;
use super::run::{Way, with_writer};
use super::snapshot::Columns;
use super::store::gone;
use crate::db::Db;
use crate::hook;
use crate::preload;
use crate::relation::{Preload, PreloadNode};

/// Rows at hand to be deleted; awaits to `()`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = db.find::<User>().filter(User::age.gt(40)).await?;
/// db.delete(&mut users).await?;
/// assert_eq!(db.find::<User>().count().await?, 1);
/// # Ok(()) }
/// ```
#[must_use = "nothing is deleted until it is awaited"]
pub struct DeleteRows<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
    nodes: Vec<PreloadNode>,
}

impl Db {
    /// Deletes one row, or each of a `Vec`. A model with a `DeletedAt` is deleted softly, in the
    /// row and in the struct; through [`Db::unscoped`] its rows go for good.
    ///
    /// ```sql
    /// UPDATE users SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL  -- soft
    /// DELETE FROM companies WHERE id = ?                                   -- for good
    /// ```
    ///
    /// Associations stay, as far as the database's constraints let them, unless
    /// [`DeleteRows::with`] names them. An association that says `soft_cascade` follows a soft
    /// delete by itself.
    ///
    /// # Errors
    /// `NotFound` when a row is gone or soft-deleted already, `MissingKey` when it was never
    /// created, `ForeignKeyViolation` when rows still point at it. Nothing is deleted then.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub deleted_at: DeletedAt, pub orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct Order { pub id: i64, pub user_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User, Order]).await?;
    /// let mut user = User { orders: [Order::default()].into(), ..Default::default() };
    /// db.create(&mut user).await?;
    /// db.delete(&mut user).with(User::orders).await?;
    /// assert!(user.deleted_at.is_deleted());
    /// assert!(user.orders.loaded()?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn delete<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> DeleteRows<'a, R::Model> {
        DeleteRows {
            db: self,
            rows: rows.rows_mut(),
            nodes: Vec::new(),
        }
    }
}

/// Adds nodes; the same association again replaces what was said before.
pub(super) fn add(nodes: &mut Vec<PreloadNode>, more: Vec<PreloadNode>) {
    for node in more {
        nodes.retain(|held| held.relation != node.relation);
        nodes.push(node);
    }
}

/// Adds every association that a delete can take along.
pub(super) fn add_all<M: Model>(nodes: &mut Vec<PreloadNode>) {
    for relation in &M::schema().relations {
        let taken = matches!(
            relation.linkage,
            Linkage::Target { .. } | Linkage::Join { .. }
        );
        if taken && nodes.iter().all(|node| node.relation != relation.index) {
            nodes.push(PreloadNode::new(M::schema, relation.index));
        }
    }
}

impl<'a, M: Model> DeleteRows<'a, M> {
    /// Deletes these associations too, bottom-up, in the same transaction: the targets of a
    /// has-one or has-many (softly where they are soft-deletable), the links of a many-to-many.
    /// What a row belongs to, and the targets of a many-to-many, are never deleted.
    ///
    /// Conditions and limits count, and `User::orders.with(Order::items)` goes a level deeper.
    /// It takes one or two statements per association, whatever the number of rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// db.delete(&mut ada).with((User::orders.with(Order::items), User::languages)).await?;
    /// assert_eq!((db.find::<Order>().count().await?, db.find::<Language>().count().await?), (1, 2));
    /// # Ok(()) }
    /// ```
    pub fn with(mut self, associations: impl Preload<M>) -> Self {
        add(&mut self.nodes, associations.into_nodes());
        self
    }

    /// Deletes every association of the first level too, as [`DeleteRows::with`] does.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// db.delete(&mut ada).with_associations().await?;
    /// assert_eq!(db.find::<Profile>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn with_associations(mut self) -> Self {
        add_all::<M>(&mut self.nodes);
        self
    }
}

impl<'a, M: Model> IntoFuture for DeleteRows<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { db, rows, nodes } = self;
        Box::pin(async move {
            if nodes.is_empty()
                && let [row] = &mut *rows
                && let Some(deleted) = one::delete(db, row).await
            {
                return deleted;
            }
            Box::pin(delete_rows(db, rows, nodes)).await
        })
    }
}

/// Whether hooks of the model, or of anything that a delete of its rows reaches, run on a handle.
pub(super) fn reaches_hooks(db: &Db, meta: &'static ModelMeta, nodes: &[PreloadNode]) -> bool {
    if db.settings.skip_hooks {
        return false;
    }
    let below = |relation: &sinew_core::schema::RelationMeta, children: &[PreloadNode]| {
        let link = match &relation.linkage {
            Linkage::Join { table, .. } => table.model.map(|model| model()),
            _ => None,
        };
        link.is_some_and(|meta| hook::of(meta, db).is_some())
            || relation
                .target()
                .is_some_and(|meta| reaches_hooks(db, meta, children))
    };
    hook::of(meta, db).is_some()
        || nodes
            .iter()
            .any(|node| node.meta().is_ok_and(|r| below(r, &node.children)))
        || cascade_hooks(db, meta, &mut Vec::new())
}

fn cascade_hooks(db: &Db, meta: &'static ModelMeta, seen: &mut Vec<*const ModelMeta>) -> bool {
    if meta.deleted_at().is_none() || seen.contains(&std::ptr::from_ref(meta)) {
        return false;
    }
    seen.push(meta);
    cascades(meta).any(|relation| {
        let follows = match &relation.linkage {
            Linkage::Join { table, .. } => table.model.map(|model| model()),
            _ => relation.target(),
        };
        follows.is_some_and(|meta| hook::of(meta, db).is_some() || cascade_hooks(db, meta, seen))
    })
}

async fn delete_rows<M: Model>(db: &Db, rows: &mut [M], nodes: Vec<PreloadNode>) -> Result<()> {
    preload::check(&nodes)?;
    if rows.is_empty() {
        return Ok(());
    }
    let meta = M::schema();
    let hard = db.settings.unscoped;
    let hooks = reaches_hooks(db, meta, &nodes);
    let cascading = meta.deleted_at().is_some() && !hard && cascades(meta).next().is_some();
    let atomic = rows.len() > 1 || !nodes.is_empty() || cascading;
    let place = Place::root(rows.len());
    let columns = Columns::take(rows);
    let whole = hooks.then(|| rows.to_vec());
    let mut records: Vec<&mut dyn Record> =
        rows.iter_mut().map(|row| row as &mut dyn Record).collect();
    let result = with_writer(db, Way::new(hooks, atomic), async |writer| {
        check_there(writer, meta, &records, &place).await?;
        let mut removal = Removal::new(hard);
        let single = records.len() == 1;
        let count = remove(
            writer,
            &mut records,
            M::schema,
            &nodes,
            &mut removal,
            &place,
        )
        .await?;
        if single && count == 0 {
            return Err(gone(meta, records.first().map(|record| &**record)));
        }
        Ok(removal.gone)
    })
    .await;
    match (result, whole) {
        (Ok(gone), _) => {
            for record in records {
                empty(record, &gone);
            }
            Ok(())
        }
        (Err(error), Some(before)) => {
            rows.clone_from_slice(&before);
            Err(error)
        }
        (Err(error), None) => {
            columns.put_back(rows);
            Err(error)
        }
    }
}

/// Refuses rows without a key and, among several, those that are not there: a statement for all
/// of them could not tell which.
async fn check_there(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &[&mut dyn Record],
    place: &Place<'_>,
) -> Result<()> {
    if let Some(index) = records.iter().position(|record| !record.has_key()) {
        return Err(at(keyless(meta, "deleted"), place, index));
    }
    if records.len() < 2 {
        return Ok(());
    }
    let deleted: Vec<usize> = meta
        .deleted_at()
        .filter(|_| !writer.lane.db().settings.unscoped)
        .into_iter()
        .collect();
    let keys = Keys::of(meta, records.iter().map(|record| &**record));
    let found = look_up(&mut writer.lane, meta, keys, &deleted).await?;
    for (index, record) in records.iter().enumerate() {
        let live = found
            .get(&key_of(&**record))
            .is_some_and(|v| v.iter().all(Value::is_null));
        if !live {
            return Err(at(gone(meta, Some(&**record)), place, index));
        }
    }
    Ok(())
}

/// Takes what was deleted out of a row's loaded associations.
fn empty(record: &mut dyn Record, all: &[Gone]) {
    let meta = record.meta();
    for gone in all {
        let Some(relation) = meta.relations.get(gone.relation) else {
            continue;
        };
        let pair = match &relation.linkage {
            Linkage::Join { own, far, .. } => Some((record.values_owned(own), far)),
            _ => None,
        };
        let Some(slot) = record
            .slot_mut(gone.relation)
            .filter(|slot| slot.is_loaded())
        else {
            continue;
        };
        match &gone.targets {
            None => slot.set_empty(),
            Some(keys) if keys.is_empty() && pair.is_some() => {
                slot.unload(meta.name, relation.name);
            }
            Some(keys) => slot.retain(&mut |target| {
                let key = match &pair {
                    Some((own, far)) => {
                        let mut both = own.clone();
                        both.extend(target.values_owned(far));
                        encoded(&comparable(both))
                    }
                    None => key_of(target),
                };
                !keys.contains(&key)
            }),
        }
    }
}

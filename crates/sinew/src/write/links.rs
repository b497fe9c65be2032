//! Rows of join tables.

use sinew_core::driver::{Action, Row};
use sinew_core::record::{Record, Rows};
use sinew_core::schema::{ColumnRole, JoinTable, Linkage, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Expr, Insert};

use super::graph::Writer;
use super::insert::{at, fill, insert};
use super::place::Place;
use super::scope::WriteScope;
use crate::db::Ignore;
use crate::hook::{self, Moment};
use crate::relation::reach::column;

/// One link to be written: the owner's key, the target's key, and the link row the user gave.
pub(crate) struct Link {
    pub(crate) own: Vec<Value<'static>>,
    pub(crate) far: Vec<Value<'static>>,
    pub(crate) given: Option<Vec<Value<'static>>>,
}

/// Writes the links of everything the records hold under a many-to-many association.
pub(crate) async fn write(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    place: &Place<'_>,
) -> Result<()> {
    let Linkage::Join { own, far, table, .. } = &relation.linkage else { return Ok(()) };
    let mut links = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Some(slot) = record.slot(relation.index) else { continue };
        let mut targets: Vec<&dyn Record> = Vec::new();
        slot.records(&mut targets);
        let mut given: Vec<&dyn Record> = Vec::new();
        slot.links(&mut given);
        let owner = record.values_owned(own);
        for (position, target) in targets.iter().enumerate() {
            let far = target.values_owned(far);
            if !target.has_key() {
                return Err(at(missing_key(target.meta(), relation), place, index));
            }
            let given = given.get(position).map(|link| {
                (0..link.meta().columns.len()).map(|i| link.value(i).into_owned()).collect()
            });
            links.push(Link { own: owner.clone(), far, given });
        }
    }
    insert_links(writer, table, links).await?;
    if table.model.is_some() {
        for record in records.iter_mut() {
            stamp_links(&mut **record, relation, own, far, table)?;
        }
    }
    Ok(())
}

/// Writes the keys into the link rows that the user gave.
fn stamp_links(
    record: &mut dyn Record,
    relation: &RelationMeta,
    own: &[usize],
    far: &[usize],
    table: &JoinTable,
) -> Result<()> {
    let owner = record.values_owned(own);
    let Some(slot) = record.slot_mut(relation.index) else { return Ok(()) };
    let mut targets: Vec<&dyn Record> = Vec::new();
    slot.records(&mut targets);
    let keys: Vec<_> = targets.iter().map(|target| target.values_owned(far)).collect();
    let mut links = Vec::new();
    slot.links_mut(&mut links);
    for (link, far) in links.into_iter().zip(keys) {
        let values = owner.iter().cloned().chain(far);
        for (name, value) in table.own.iter().chain(&table.far).zip(values) {
            if let Some(column) = link.meta().column(name) {
                link.set(column, value)?;
            }
        }
    }
    Ok(())
}

fn missing_key(meta: &ModelMeta, relation: &RelationMeta) -> Error {
    Error::new(
        ErrorKind::MissingKey,
        format!("a {} of {} has no key, so nothing can be linked to it", meta.name, relation.name),
    )
    .with_association(relation.name)
    .with_hint("its targets are omitted: they must be in the database already")
}

/// Inserts links; those that are there already stay (a soft-deleted one is revived).
pub(crate) async fn insert_links(
    writer: &mut Writer<'_>,
    table: &JoinTable,
    links: Vec<Link>,
) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    match table.model {
        Some(model) => insert_models(writer, model(), table, links).await,
        None => insert_pairs(writer, table, links).await,
    }
}

async fn insert_pairs(
    writer: &mut Writer<'_>,
    table: &JoinTable,
    links: Vec<Link>,
) -> Result<()> {
    // A column shared by both sides (a tenant, say) is written once.
    let far_new: Vec<usize> =
        (0..table.far.len()).filter(|&i| !table.own.contains(&table.far[i])).collect();
    let columns: Vec<_> =
        table.own.iter().chain(far_new.iter().map(|&i| &table.far[i])).cloned().collect();
    let times = links.len();
    let mut binds = Vec::with_capacity(columns.len() * times);
    for link in links {
        binds.extend(link.own);
        binds.extend(link.far.into_iter().enumerate().filter(|(i, _)| far_new.contains(i)).map(|(_, v)| v));
    }
    let statement = Insert {
        table: table.name.clone(),
        columns,
        rows: 1,
        conflict: Some(Conflict::Nothing(Vec::new())),
        returning: Vec::new(),
    };
    let db = writer.lane.db().clone();
    let mut prepared = db.prepare(&statement);
    prepared.binds = binds;
    writer.lane.run(vec![prepared.statement(Action::Total { times })], &mut Ignore).await
}

/// A row made of values, to be decoded into a join model.
pub(crate) struct Made(pub(crate) Vec<Value<'static>>);

impl Row for Made {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self.0.get(index).map_or(Value::Null, Value::reborrow))
    }

    fn name(&self, _index: usize) -> Option<&str> {
        None
    }
}

/// What stands for "nothing was said" in a column that is not nullable.
pub(crate) fn zero(family: TypeFamily) -> Value<'static> {
    use TypeFamily as F;
    match family {
        F::Bool => Value::Bool(false),
        F::Float32 | F::Float64 => Value::Float(0.0),
        F::Text => Value::Text("".into()),
        F::Enum(names) => Value::Text((*names.first().unwrap_or(&"")).into()),
        F::Bytes => Value::Bytes(Vec::new().into()),
        F::Timestamp => Value::Null,
        F::Date => Value::Date(0),
        F::Time => Value::Time(0),
        F::DateTime => Value::DateTime(0),
        F::Uuid => Value::Uuid([0; 16]),
        F::Decimal => Value::Decimal("0".into()),
        F::Json => Value::Json("null".into()),
        _ => Value::Int(0),
    }
}

/// A join model's row with nothing but zero values.
pub(crate) fn blank(model: &ModelMeta) -> Vec<Value<'static>> {
    let value = |column: &sinew_core::schema::ColumnMeta| {
        if column.nullable { Value::Null } else { zero(column.family) }
    };
    model.columns.iter().map(value).collect()
}

async fn insert_models(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    table: &JoinTable,
    links: Vec<Link>,
) -> Result<()> {
    let position = |name: &str| {
        model.column(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Schema,
                format!("the join model {} has no column {name:?}", model.name),
            )
            .with_model(model.name)
        })
    };
    let own: Vec<usize> = table.own.iter().map(|name| position(name)).collect::<Result<_>>()?;
    let far: Vec<usize> = table.far.iter().map(|name| position(name)).collect::<Result<_>>()?;
    let mut rows: Box<dyn Rows> = (model.new_rows)();
    for link in links {
        let mut values = link.given.unwrap_or_else(|| blank(model));
        for (&index, value) in own.iter().chain(&far).zip(link.own.into_iter().chain(link.far)) {
            if let Some(place) = values.get_mut(index) {
                *place = value;
            }
        }
        rows.push(&Made(values), 0)?;
    }
    let conflict = match model.role(ColumnRole::DeletedAt) {
        Some(deleted) => Conflict::Update {
            target: own.iter().chain(&far).map(|&index| column(model, index)).collect(),
            set: vec![(column(model, deleted), Expr::Null)],
        },
        None => Conflict::Nothing(Vec::new()),
    };
    let mut records = rows.all_mut();
    for record in &mut records {
        fill(&mut **record, writer.now)?;
    }
    run_hooks(writer, &mut records, [Moment::BeforeSave, Moment::BeforeCreate]).await?;
    let place = Place::root(records.len());
    insert(&mut writer.lane, &mut records, &WriteScope::default(), Some(&conflict), &place).await?;
    run_hooks(writer, &mut records, [Moment::AfterCreate, Moment::AfterSave]).await
}

async fn run_hooks(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    moments: [Moment; 2],
) -> Result<()> {
    let super::lane::Lane::Tx(db) = &writer.lane else { return Ok(()) };
    let Some(meta) = records.first().map(|record| record.meta()) else { return Ok(()) };
    let Some(hooks) = hook::of(meta, db) else { return Ok(()) };
    for record in records.iter_mut() {
        for moment in moments {
            hooks.call(&mut **record, db, moment).await?;
        }
    }
    Ok(())
}

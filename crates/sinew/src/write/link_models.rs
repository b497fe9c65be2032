//! Links that have a model.

use std::collections::HashSet;

use sinew_core::driver::Row;
use sinew_core::record::{Record, Rows};
use sinew_core::schema::{ColumnRole, JoinTable, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Expr};

use super::existing::{Encoded, comparable, encoded, unique_sets};
use super::graph::Writer;
use super::insert::{fill, insert};
use super::links::Link;
use super::place::Place;
use super::rows::{among, read_rows};
use super::scope::WriteScope;
use crate::hook::{self, Moment};
use crate::relation::reach::column;

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
        if column.nullable {
            Value::Null
        } else {
            zero(column.family)
        }
    };
    model.columns.iter().map(value).collect()
}

/// Whether the database itself refuses a second link between the same two rows.
fn unique_together(model: &ModelMeta, pair: &[usize]) -> bool {
    let covers = |set: &Vec<usize>| set.iter().all(|index| pair.contains(index));
    covers(&model.key) && !model.key.is_empty() || unique_sets(model).iter().any(covers)
}

fn pair_key(link: &Link) -> Encoded {
    encoded(&comparable(
        link.own.iter().chain(&link.far).cloned().collect(),
    ))
}

/// Which of these links are there already.
async fn present(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    pair: &[usize],
    links: &[Link],
) -> Result<HashSet<Encoded>> {
    let keys = links
        .iter()
        .flat_map(|link| link.own.iter().chain(&link.far))
        .cloned()
        .collect();
    let mut filter = vec![among(model, pair, keys)];
    if let Some(deleted) = model.deleted_at() {
        filter.push(Expr::IsNull(
            Box::new(Expr::here(column(model, deleted))),
            false,
        ));
    }
    let rows = read_rows(&mut writer.lane, model, filter).await?;
    let held = (0..rows.len()).filter_map(|index| rows.get(index));
    Ok(held
        .map(|row| encoded(&comparable(row.values_owned(pair))))
        .collect())
}

/// The join model's columns that refer to the owner and to the target.
fn positions(model: &ModelMeta, table: &JoinTable) -> Result<(Vec<usize>, Vec<usize>)> {
    let position = |name: &str| {
        model.column(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Schema,
                format!("the join model {} has no column {name:?}", model.name),
            )
            .with_model(model.name)
        })
    };
    let own: Vec<usize> = table
        .own
        .iter()
        .map(|name| position(name))
        .collect::<Result<_>>()?;
    let far: Vec<usize> = table
        .far
        .iter()
        .map(|name| position(name))
        .collect::<Result<_>>()?;
    Ok((own, far))
}

pub(super) async fn insert_models(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    table: &JoinTable,
    links: Vec<Link>,
) -> Result<()> {
    let (own, far) = positions(model, table)?;
    let pair: Vec<usize> = own.iter().chain(&far).copied().collect();
    let known = if unique_together(model, &pair) {
        HashSet::new()
    } else {
        present(writer, model, &pair, &links).await?
    };
    let mut rows: Box<dyn Rows> = (model.new_rows)();
    for link in links {
        if known.contains(&pair_key(&link)) {
            continue;
        }
        let mut values = link.given.unwrap_or_else(|| blank(model));
        for (&index, value) in own
            .iter()
            .chain(&far)
            .zip(link.own.into_iter().chain(link.far))
        {
            if let Some(place) = values.get_mut(index) {
                *place = value;
            }
        }
        rows.push(&Made(values), 0)?;
    }
    let conflict = match model.role(ColumnRole::DeletedAt) {
        Some(deleted) if unique_together(model, &pair) => Conflict::Update {
            target: own
                .iter()
                .chain(&far)
                .map(|&index| column(model, index))
                .collect(),
            set: vec![(column(model, deleted), Expr::Null)],
        },
        _ => Conflict::Nothing(Vec::new()),
    };
    let mut records = rows.all_mut();
    for record in &mut records {
        fill(&mut **record, writer.now)?;
    }
    run_hooks(
        writer,
        &mut records,
        [Moment::BeforeSave, Moment::BeforeCreate],
    )
    .await?;
    let place = Place::root(records.len());
    insert(
        &mut writer.lane,
        &mut records,
        &WriteScope::default(),
        Some(&conflict),
        &place,
    )
    .await?;
    run_hooks(
        writer,
        &mut records,
        [Moment::AfterCreate, Moment::AfterSave],
    )
    .await
}

async fn run_hooks(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    moments: [Moment; 2],
) -> Result<()> {
    let super::lane::Lane::Tx(db) = &writer.lane else {
        return Ok(());
    };
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let Some(hooks) = hook::of(meta, db) else {
        return Ok(());
    };
    for record in records.iter_mut() {
        for moment in moments {
            hooks.call(&mut **record, db, moment).await?;
        }
    }
    Ok(())
}

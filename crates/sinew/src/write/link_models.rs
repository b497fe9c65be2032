//! Links that have a model.

use std::collections::{HashMap, HashSet};

use sinew_core::driver::Row;
use sinew_core::record::{Record, Rows};
use sinew_core::schema::{ColumnRole, JoinTable, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Expr};

use super::existing::{self, Encoded, comparable, encoded, unique_sets};
use super::fill::{fill, moment_for};
use super::graph::Writer;
use super::insert::insert;
use super::lane::Then;
use super::links::Link;
use super::place::Place;
use super::rows::{among, read_rows};
use super::scope::WriteScope;
use super::store::update_rows;
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
        F::List(_) => Value::List(Vec::new()),
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

/// Updates links that are there and whose given rows differ; returns the others.
async fn update_given(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    pair: &[usize],
    links: Vec<Link>,
) -> Result<Vec<Link>> {
    let given = links.iter().filter(|link| link.given.is_some());
    let keys: Vec<_> = given
        .flat_map(|link| link.own.iter().chain(&link.far))
        .cloned()
        .collect();
    if keys.is_empty() || model.key.is_empty() {
        return Ok(links);
    }
    let mut rows = read_rows(&mut writer.lane, model, vec![among(model, pair, keys)]).await?;
    let mut held = rows.all_mut();
    let mut by_key: HashMap<Encoded, usize> = HashMap::new();
    let mut by_pair: HashMap<Encoded, usize> = HashMap::new();
    let single = unique_together(model, pair);
    for (index, row) in held.iter().enumerate() {
        by_key.insert(existing::key_of(&**row), index);
        if single {
            by_pair.insert(encoded(&comparable(row.values_owned(pair))), index);
        }
    }
    let columns: Vec<usize> = (0..model.columns.len())
        .filter(|index| !model.key.contains(index) && !pair.contains(index))
        .filter(|&index| {
            let role = model.columns.get(index).map(|column| column.role);
            !matches!(
                role,
                Some(ColumnRole::CreatedAt | ColumnRole::UpdatedAt | ColumnRole::DeletedAt)
            )
        })
        .collect();
    let mut rest = Vec::new();
    let mut changed = vec![false; held.len()];
    for link in links {
        let found = link.given.as_ref().and_then(|given| {
            let mut values = given.clone();
            for (&index, value) in pair.iter().zip(link.own.iter().chain(&link.far)) {
                values.get_mut(index)?.clone_from(value);
            }
            let key = model.key.iter().filter_map(|&index| values.get(index));
            let key = encoded(&comparable(key.cloned().collect()));
            by_key.get(&key).or_else(|| by_pair.get(&pair_key(&link)))
        });
        let (Some(&index), Some(given)) = (found, &link.given) else {
            rest.push(link);
            continue;
        };
        let (Some(row), Some(changed)) = (held.get_mut(index), changed.get_mut(index)) else {
            continue;
        };
        for &column in &columns {
            if let Some(value) = given.get(column)
                && row.value(column) != *value
            {
                row.set(column, value.reborrow())?;
                *changed = true;
            }
        }
        if let Some(deleted) = model.deleted_at().filter(|&index| !row.is_unset(index)) {
            row.set(deleted, Value::Null)?;
            *changed = true;
        }
    }
    let changed = held
        .into_iter()
        .zip(changed)
        .filter(|(_, changed)| *changed);
    let mut changed: Vec<&mut dyn Record> = changed.map(|(row, _)| row).collect();
    if changed.is_empty() {
        return Ok(rest);
    }
    if let Some(index) = model.role(ColumnRole::UpdatedAt)
        && let Some(column) = model.columns.get(index)
    {
        for row in &mut changed {
            row.set(index, moment_for(column.family, writer.now))?;
        }
    }
    let before = [Moment::BeforeSave, Moment::BeforeUpdate];
    run_hooks(writer, &mut changed, before).await?;
    let created = model.role(ColumnRole::CreatedAt);
    let columns: Vec<usize> = (0..model.columns.len())
        .filter(|index| !model.key.contains(index) && created != Some(*index))
        .collect();
    let place = Place::root(changed.len());
    update_rows(writer, model, &mut changed, &columns, true, &place).await?;
    let after = [Moment::AfterUpdate, Moment::AfterSave];
    run_hooks(writer, &mut changed, after).await?;
    Ok(rest)
}

pub(super) async fn insert_models(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    table: &JoinTable,
    mut links: Vec<Link>,
) -> Result<()> {
    let (own, far) = positions(model, table)?;
    let pair: Vec<usize> = own.iter().chain(&far).copied().collect();
    if writer.full {
        links = update_given(writer, model, &pair, links).await?;
        if links.is_empty() {
            return Ok(());
        }
    }
    let known = if unique_together(model, &pair) {
        HashSet::new()
    } else {
        present(writer, model, &pair, &links).await?
    };
    // A link that was given may be another one of a pair, told apart by the rest of its key.
    let wide = pair.iter().all(|index| model.key.contains(index));
    let mut rows: Box<dyn Rows> = (model.new_rows)();
    for link in links {
        if !(wide && link.given.is_some()) && known.contains(&pair_key(&link)) {
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
        Then::Unseen,
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

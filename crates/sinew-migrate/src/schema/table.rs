use sinew_core::schema::{CheckMeta, ColumnMeta, IndexMeta, Linkage, ModelMeta};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::ddl::{Check, Column, Index, Table, Unique};

use super::{Schema, add_index, names};

/// Adds a model's table; of a second model on the same table, what the first does not have.
pub(super) fn add(schema: &mut Schema, model: &ModelMeta) -> Result<()> {
    if schema.table(&model.table).is_none() {
        let name = model.table.clone();
        let primary_key = names(model, &model.key)?;
        schema.tables.push(Table {
            name,
            primary_key,
            ..Table::default()
        });
    }
    let Some(table) = schema.table_mut(&model.table) else {
        return Ok(());
    };
    for (at, column) in model.columns.iter().enumerate() {
        match table.column(&column.name) {
            Some(known) if known.family != column.family => return Err(two_types(model, column)),
            Some(_) => {}
            None => table
                .columns
                .push(self::column(column, model.generated == Some(at))),
        }
        if column.unique && model.key != [at] {
            let name = sinew_names::unique(&model.table, &column.name).into();
            unique(
                table,
                Unique {
                    name,
                    columns: vec![column.name.clone()],
                },
            );
        }
    }
    for meta in &model.checks {
        check(table, model, meta);
    }
    for meta in &model.indexes {
        index(table, model, meta)?;
    }
    if table.comment.is_none() {
        table.comment = model.comment.map(Into::into);
    }
    Ok(())
}

/// A column without what stands at the table.
pub(super) fn column(meta: &ColumnMeta, generated: bool) -> Column {
    Column {
        name: meta.name.clone(),
        family: meta.family,
        exact: meta.sql_type.map(Into::into),
        size: meta.size,
        precision: meta.precision,
        nullable: meta.nullable,
        default: meta.default.clone(),
        generated,
        refers: false,
        comment: meta.comment.map(Into::into),
    }
}

fn two_types(model: &ModelMeta, column: &ColumnMeta) -> Error {
    let message = format!(
        "two models on table {} give its column {} different types, one of them is {}",
        model.table, column.name, model.name
    );
    Error::new(ErrorKind::Schema, message)
        .with_model(model.name)
        .with_table(model.table.as_ref())
        .with_column(column.name.as_ref())
}

fn unique(table: &mut Table, unique: Unique) {
    if !table.uniques.iter().any(|known| known.name == unique.name) {
        table.uniques.push(unique);
    }
}

fn check(table: &mut Table, model: &ModelMeta, meta: &CheckMeta) {
    let column = meta.column.and_then(|at| model.columns.get(at));
    let base = match (&meta.name, column) {
        (Some(name), _) => name.to_string(),
        (None, Some(column)) => sinew_names::check(&model.table, &column.name),
        (None, None) => sinew_names::check(&model.table, "table"),
    };
    if table
        .checks
        .iter()
        .any(|known| known.condition == meta.condition)
    {
        return;
    }
    let taken = |name: &str| table.checks.iter().any(|known| known.name == name);
    let mut name = base.clone();
    let mut n = 2;
    while taken(&name) {
        name = format!("{base}_{n}");
        n += 1;
    }
    table.checks.push(Check {
        name: name.into(),
        condition: meta.condition.clone(),
    });
}

fn index(table: &mut Table, model: &ModelMeta, meta: &IndexMeta) -> Result<()> {
    let columns = names(model, &meta.columns)?;
    let name = meta.name.clone().unwrap_or_else(|| {
        let parts: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        sinew_names::index(&model.table, &parts).into()
    });
    if !table.indexes.iter().any(|known| known.name == name) {
        let condition = meta.condition.map(Into::into);
        table.indexes.push(Index {
            name,
            columns,
            unique: meta.unique,
            condition,
        });
    }
    Ok(())
}

/// A row that belongs to one of several models is found by type and key: indexes both, whichever
/// side declares the association.
pub(super) fn polymorphic_indexes(schema: &mut Schema, model: &ModelMeta) -> Result<()> {
    for relation in &model.relations {
        let (holder, columns) = match &relation.linkage {
            Linkage::Any { id, kind, .. } => (&model.table, names(model, &[*kind, *id])?),
            Linkage::Target {
                far,
                polymorphic: Some(polymorphic),
                target,
                ..
            } => {
                let target = target();
                let mut columns = names(target, &[polymorphic.column])?;
                columns.extend(names(target, far)?);
                (&target.table, columns)
            }
            _ => continue,
        };
        if let Some(table) = schema.table_mut(holder) {
            add_index(table, columns);
        }
    }
    Ok(())
}

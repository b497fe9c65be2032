use sinew_core::schema::{JoinTable, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Ident;
use sinew_sql::ddl::{Column, Table};

use super::foreign::{Declared, Side};
use super::{Schema, names, same, table};

/// One of the two references of a join table.
struct Reference<'m> {
    model: &'m ModelMeta,
    own: &'m [Ident],
    far: Vec<usize>,
    name: String,
}

/// Adds the join tables of many-to-many associations, and declares their foreign keys. Where both
/// sides declare one, the side that the table is named after comes first, whatever the order of
/// the models.
pub(super) fn add(
    schema: &mut Schema,
    models: &[&'static ModelMeta],
    declared: &mut Vec<Declared>,
) -> Result<()> {
    let mut joins = Vec::new();
    for model in models {
        for relation in &model.relations {
            if let Linkage::Join {
                own,
                far,
                table,
                target,
            } = &relation.linkage
            {
                let named_after = table.name.starts_with(&sinew_names::snake(model.name));
                joins.push((
                    (!named_after, model.name),
                    *model,
                    relation,
                    own,
                    far,
                    table,
                    target,
                ));
            }
        }
    }
    joins.sort_by_key(|join| join.0);
    for (_, model, relation, own, far, join, target) in joins {
        let references = references(model, relation, join, (own, far), target());
        add_table(schema, model, relation, join, &references)?;
        for reference in references {
            declared.push(Declared {
                on: join.name.clone(),
                columns: reference.own.to_vec(),
                table: reference.model.table.clone(),
                references: names(reference.model, &reference.far)?,
                name: reference.name.into(),
                named: false,
                side: Side::Has,
                constrained: relation.constrained,
                on_update: relation.on_update,
                on_delete: relation.on_delete,
                by: format!("{}.{}", model.name, relation.name),
            });
        }
    }
    Ok(())
}

/// The references to the owner and to the target.
fn references<'m>(
    model: &'m ModelMeta,
    relation: &RelationMeta,
    join: &'m JoinTable,
    (own, far): (&[usize], &[usize]),
    target: &'m ModelMeta,
) -> [Reference<'m>; 2] {
    let itself = target.name == model.name && target.table == model.table;
    let second = if itself { relation.name } else { target.name };
    let name = |name: &str| sinew_names::foreign_key(&join.name, &sinew_names::snake(name));
    [
        Reference {
            model,
            own: &join.own,
            far: own.to_vec(),
            name: name(model.name),
        },
        Reference {
            model: target,
            own: &join.far,
            far: far.to_vec(),
            name: name(second),
        },
    ]
}

fn add_table(
    schema: &mut Schema,
    model: &ModelMeta,
    relation: &RelationMeta,
    join: &JoinTable,
    references: &[Reference<'_>],
) -> Result<()> {
    let mut columns: Vec<Column> = Vec::new();
    for reference in references {
        for (name, column) in reference.own.iter().zip(&reference.far) {
            let Some(meta) = reference.model.columns.get(*column) else {
                continue;
            };
            if columns.iter().all(|known| known.name != *name) {
                let column = table::column(meta, false);
                columns.push(Column {
                    name: name.clone(),
                    nullable: false,
                    default: None,
                    comment: None,
                    ..column
                });
            }
        }
    }
    let key: Vec<Ident> = columns.iter().map(|column| column.name.clone()).collect();
    let Some(known) = schema.table_mut(&join.name) else {
        let name = join.name.clone();
        schema.tables.push(Table {
            name,
            columns,
            primary_key: key,
            ..Table::default()
        });
        return Ok(());
    };
    if join.model.is_none() && !key.iter().all(|name| known.column(name).is_some()) {
        let message = format!(
            "{}.{} wants the join table {} with the columns {}, but that table has {}",
            model.name,
            relation.name,
            join.name,
            list(&key),
            list(
                &known
                    .columns
                    .iter()
                    .map(|column| column.name.clone())
                    .collect::<Vec<_>>()
            ),
        );
        return Err(Error::new(ErrorKind::Schema, message)
            .with_model(model.name)
            .with_association(relation.name)
            .with_table(join.name.as_ref()));
    }
    for column in columns {
        if known.column(&column.name).is_none() {
            known.columns.push(column);
        }
    }
    if known.primary_key.is_empty() {
        // Without a key the same link could be stored twice.
        known.primary_key = key;
    } else if same(&known.primary_key, &key) {
        known.uniques.retain(|unique| !same(&unique.columns, &key));
    }
    Ok(())
}

fn list(names: &[Ident]) -> String {
    names.join(", ")
}

use sinew_sql::Ddl;
use sinew_sql::ddl::{Column, ForeignKey, Index};

use super::{index, types};
use crate::dialect::Task;
use crate::diff::Change;
use crate::plan::{Plan, Step};

/// One step for each change; what a column needs is one.
pub(super) fn alter(
    task: &Task<'_>,
    changes: &[Change<'_>],
    plan: &mut Plan,
    later: &mut Vec<Step>,
) {
    let table = task.existing.name.as_str();
    let mut modified: Vec<&str> = Vec::new();
    for column in changes.iter().flat_map(|change| whole(task, change)) {
        if !modified.contains(&column.name.as_ref()) {
            modified.push(&column.name);
            plan.steps.push(modify(task, column, true));
        }
    }
    for change in changes {
        match *change {
            Change::AddColumn(column) => plan.steps.push(add_column(task, column)),
            Change::AllowNull(column) | Change::Retype(column, _) | Change::PutDefault(column) => {
                if !modified.contains(&column.name.as_ref()) {
                    modified.push(&column.name);
                    plan.steps.push(modify(task, column, false));
                }
            }
            // Not compared here.
            Change::CommentColumn(_) | Change::CommentTable(_) => {}
            Change::AddUnique(unique) => plan.steps.push(step(
                format!("make {} of {table} unique", unique.columns.join(", ")),
                Ddl::AddUnique(table, unique).render(task.dialect),
            )),
            Change::PutCheck(check, _) => plan.steps.push(step(
                format!("add check {} to {table}", check.name),
                Ddl::AddCheck(table, check).render(task.dialect),
            )),
            Change::PutForeignKey(key, replaced) => later.push(foreign_key(task, key, replaced)),
            Change::PutIndex(index, replaced) => {
                let long = |name: &str| {
                    let known = task.existing.column(name);
                    let stays = known.filter(|_| !modified.contains(&name));
                    match (stays, task.desired.column(name)) {
                        (Some(known), _) => types::is_long(&known.type_name),
                        (None, Some(made)) => types::is_long(&task.dialect.type_name(made)),
                        (None, None) => false,
                    }
                };
                plan.steps.push(put_index(task, index, replaced, &long));
            }
        }
    }
}

/// The long texts and bytes that a change needs as a whole: of such a type they could only be
/// found, or kept apart, by their first characters.
fn whole<'a>(task: &Task<'a>, change: &Change<'a>) -> Vec<&'a Column> {
    let names = match change {
        Change::AddUnique(unique) => &unique.columns,
        Change::PutIndex(index, _) if index.unique => &index.columns,
        Change::PutForeignKey(key, _) => &key.columns,
        _ => return Vec::new(),
    };
    names
        .iter()
        .filter_map(|name| {
            let known = task.existing.column(name)?;
            let wanted = task.desired.column(name)?;
            let shortens = wanted.size.is_some() && wanted.exact.is_none();
            (types::is_long(&known.type_name) && shortens).then_some(wanted)
        })
        .collect()
}

fn step(description: String, sql: String) -> Step {
    Step {
        description,
        sql: vec![sql],
    }
}

fn add_column(task: &Task<'_>, column: &Column) -> Step {
    let table = task.existing.name.as_str();
    let d = task.dialect;
    let add = |column: &Column| {
        Ddl::AddColumn {
            table,
            column,
            foreign_key: None,
            checks: &[],
        }
        .render(d)
    };
    let column = &Column {
        generated: false,
        refers: false,
        ..column.clone()
    };
    let mut step = Step::new(format!("add column {} to {table}", column.name));
    if column.nullable || column.default.is_some() {
        step.sql.push(add(column));
        return step;
    }
    // Rows that are there need a value; later ones have to bring their own.
    let filled = Column {
        default: Some(format!("({})", d.fill(column)).into()),
        ..column.clone()
    };
    step.sql.push(add(&filled));
    step.sql.push(format!(
        "ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT",
        d.quote_table(table),
        d.quote_name(&column.name)
    ));
    step
}

/// The column as the model wants it, but with what it had and the model does not speak of. With
/// `retypes`, its type is the model's, also where the one it has could hold more.
fn modify(task: &Task<'_>, column: &Column, retypes: bool) -> Step {
    let table = task.existing.name.as_str();
    let known = task.existing.column(&column.name);
    let mut wanted = Column {
        generated: false,
        refers: false,
        ..column.clone()
    };
    let mut was = String::new();
    if let Some(known) = known {
        wanted.nullable |= known.nullable;
        wanted.default = wanted
            .default
            .or_else(|| known.default.clone().map(Into::into));
        wanted.comment = wanted
            .comment
            .or_else(|| known.comment.clone().map(Into::into));
        if !retypes && types::holds(&known.type_name, column) {
            wanted.exact = Some(known.type_name.clone().into());
        } else {
            was = format!(", which was {}", known.type_name);
        }
    }
    let sql = format!(
        "ALTER TABLE {} MODIFY COLUMN {}",
        task.dialect.quote_table(table),
        wanted.definition(task.dialect, false)
    );
    step(
        format!("change column {} of {table}{was}", column.name),
        sql,
    )
}

fn foreign_key(task: &Task<'_>, key: &ForeignKey, replaced: Option<usize>) -> Step {
    let table = task.existing.name.as_str();
    let known = replaced
        .and_then(|at| task.existing.foreign_keys.get(at))
        .and_then(|known| known.name.as_deref());
    let mut step = Step::new(format!("add foreign key {} to {table}", key.name));
    if let Some(name) = known {
        step.description = format!("change foreign key {name} of {table}");
        step.sql
            .push(Ddl::DropForeignKey(table, name).render(task.dialect));
    }
    step.sql
        .push(Ddl::AddForeignKey(table, key).render(task.dialect));
    step
}

fn put_index(
    task: &Task<'_>,
    index: &Index,
    replaced: Option<&str>,
    long: &dyn Fn(&str) -> bool,
) -> Step {
    let table = task.existing.name.as_str();
    let d = task.dialect;
    let Some(replaced) = replaced else {
        let sql = index::create(d, task.desired, table, index, long);
        return step(format!("create index {} on {table}", index.name), sql);
    };
    // In one statement, as a foreign key may need the index.
    let sql = format!(
        "ALTER TABLE {} DROP INDEX {}, ADD {}INDEX {} ({})",
        d.quote_table(table),
        d.quote_name(replaced),
        if index.unique { "UNIQUE " } else { "" },
        d.quote_name(&index.name),
        index::parts(d, task.desired, index, long)
    );
    step(format!("change index {replaced} on {table}"), sql)
}

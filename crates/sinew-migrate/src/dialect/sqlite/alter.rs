use sinew_core::Result;
use sinew_sql::Ddl;
use sinew_sql::ddl::{Check, Column, ForeignKey, Index};

use super::rebuild::rebuild;
use super::token::{Kind, tokens};
use super::{parse, types};
use crate::database::ExistingTable;
use crate::dialect::Task;
use crate::diff::Change;
use crate::plan::{Plan, Step};

/// Makes the changes by `ALTER TABLE` where SQLite can, otherwise all in one rebuild.
pub(super) fn alter(task: &Task<'_>, changes: &[Change<'_>], plan: &mut Plan) -> Result<()> {
    let (indexes, rest): (Vec<_>, Vec<_>) = changes
        .iter()
        .copied()
        .partition(|change| matches!(change, Change::PutIndex(..)));
    let replaced: Vec<&str> = indexes
        .iter()
        .filter_map(|change| match change {
            Change::PutIndex(_, replaced) => *replaced,
            _ => None,
        })
        .collect();
    let mut dropped = false;
    if !rest.is_empty() {
        match simple(task, &rest) {
            Some(steps) => plan.steps.extend(steps),
            None => {
                rebuild(task, &rest, &replaced, plan)?;
                dropped = true;
            }
        }
    }
    for change in indexes {
        if let Change::PutIndex(index, replaced) = change {
            put_index(task, index, replaced.filter(|_| !dropped), plan);
        }
    }
    Ok(())
}

fn put_index(task: &Task<'_>, index: &Index, replaced: Option<&str>, plan: &mut Plan) {
    let table = &task.existing.name;
    let mut step = Step::new(format!("create index {} on {table}", index.name));
    if let Some(replaced) = replaced {
        step.description = format!("change index {replaced} on {table}");
        step.sql
            .push(Ddl::DropIndex(table, replaced).render(task.dialect));
    }
    step.sql
        .push(Ddl::CreateIndex(table, index).render(task.dialect));
    plan.steps.push(step);
}

/// A column that `ALTER TABLE` can add, with what is added along with it.
struct Addition<'a> {
    column: &'a Column,
    foreign_key: Option<&'a ForeignKey>,
    checks: Vec<&'a Check>,
}

/// The steps without a rebuild; `None` if it needs one.
fn simple(task: &Task<'_>, changes: &[Change<'_>]) -> Option<Vec<Step>> {
    let table = &task.existing.name;
    let mut added: Vec<Addition<'_>> = Vec::new();
    let mut unique = Vec::new();
    for change in changes {
        match *change {
            Change::AddColumn(column) => {
                if !can_be_added(task, column) {
                    return None;
                }
                added.push(Addition {
                    column,
                    foreign_key: None,
                    checks: vec![],
                });
            }
            Change::AddUnique(constraint) => {
                // A unique index does the same, and needs no copy of the table.
                let index = Index {
                    name: constraint.name.clone(),
                    columns: constraint.columns.clone(),
                    unique: true,
                    condition: None,
                };
                let sql = Ddl::CreateIndex(table, &index).render(task.dialect);
                let text = format!("make {} of {table} unique", index.columns.join(", "));
                unique.push(Step {
                    description: text,
                    sql: vec![sql],
                });
            }
            Change::PutCheck(check, None) => {
                added
                    .iter_mut()
                    .rev()
                    .find(|one| mentions(check, one.column))?
                    .checks
                    .push(check);
            }
            Change::PutForeignKey(key, None) => {
                let [name] = key.columns.as_slice() else {
                    return None;
                };
                let one = added.iter_mut().find(|one| one.column.name == *name)?;
                if !one.column.nullable || one.column.default.is_some() || one.foreign_key.is_some()
                {
                    return None;
                }
                one.foreign_key = Some(key);
            }
            _ => return None,
        }
    }
    let strict = is_strict(task.existing);
    let mut steps: Vec<Step> = Vec::new();
    for one in added {
        let column = adapted(one.column, strict);
        let Addition {
            foreign_key,
            checks,
            ..
        } = one;
        let ddl = Ddl::AddColumn {
            table,
            column: &column,
            foreign_key,
            checks: &checks,
        };
        let mut step = Step::new(format!("add column {} to {table}", column.name));
        step.sql.push(ddl.render(task.dialect));
        steps.push(step);
    }
    steps.extend(unique);
    Some(steps)
}

/// The column with a type that the table admits.
pub(super) fn adapted(column: &Column, strict: bool) -> Column {
    let mut column = Column {
        generated: false,
        refers: false,
        ..column.clone()
    };
    if strict {
        column.exact = Some(types::strict(&column).into());
    }
    column
}

fn is_strict(table: &ExistingTable) -> bool {
    table
        .sql
        .as_deref()
        .and_then(parse::create_table)
        .is_some_and(|created| created.strict)
}

/// Whether `ADD COLUMN` takes it: existing rows need a value that is known without a look at them.
fn can_be_added(task: &Task<'_>, column: &Column) -> bool {
    let key = task.desired.primary_key.contains(&column.name);
    let constant = column
        .default
        .as_ref()
        .is_none_or(|default| is_constant(default));
    let null = column
        .default
        .as_ref()
        .is_none_or(|default| default.eq_ignore_ascii_case("null"));
    !key && constant && (column.nullable || !null)
}

fn is_constant(default: &str) -> bool {
    match tokens(default).as_slice() {
        [one] => match &one.kind {
            Kind::Literal(_) => true,
            Kind::Word(word) => ["null", "true", "false"].contains(&word.to_lowercase().as_str()),
            _ => false,
        },
        [sign, number] => {
            (sign.is_sign('-') || sign.is_sign('+')) && matches!(number.kind, Kind::Literal(_))
        }
        _ => false,
    }
}

fn mentions(check: &Check, column: &Column) -> bool {
    tokens(&check.condition)
        .iter()
        .any(|token| match &token.kind {
            Kind::Word(name) | Kind::Quoted(name) => name.eq_ignore_ascii_case(&column.name),
            _ => false,
        })
}

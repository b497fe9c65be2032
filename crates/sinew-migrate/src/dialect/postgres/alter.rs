use sinew_sql::Ddl;
use sinew_sql::ddl::Column;

use crate::dialect::Task;
use crate::diff::Change;
use crate::plan::{Plan, Step};

/// Makes the changes one by one. Foreign keys wait for the tables they refer to.
pub(super) fn alter(
    task: &Task<'_>,
    changes: &[Change<'_>],
    plan: &mut Plan,
    later: &mut Vec<Step>,
) {
    for change in changes {
        let step = one(task, change);
        match change {
            Change::PutForeignKey(..) => later.push(step),
            _ => plan.steps.push(step),
        }
    }
}

fn one(task: &Task<'_>, change: &Change<'_>) -> Step {
    let (d, table) = (task.dialect, task.existing.name.as_str());
    let alter = |column: &Column, what: String| {
        format!(
            "ALTER TABLE {} ALTER COLUMN {} {what}",
            d.quote_table(table),
            d.quote_name(&column.name)
        )
    };
    let (description, sql) = match *change {
        Change::AddColumn(column) => {
            let filled = !column.nullable && column.default.is_none() && !column.generated;
            let mut added = column.clone();
            if filled {
                added.default = Some(d.fill(column).into());
            }
            let ddl = Ddl::AddColumn {
                table,
                column: &added,
                foreign_key: None,
                checks: &[],
            };
            let mut sql = vec![ddl.render(d)];
            if column.comment.is_some() {
                sql.push(Ddl::CommentColumn(table, column).render(d));
            }
            if filled {
                // The value for existing rows is no default for later ones.
                sql.push(alter(column, "DROP DEFAULT".into()));
            }
            (format!("add column {} to {table}", column.name), sql)
        }
        Change::AllowNull(column) => (
            format!("let {} of {table} be NULL", column.name),
            vec![alter(column, "DROP NOT NULL".into())],
        ),
        Change::Retype(column, was) => (
            format!(
                "change {} of {table} from {was} to {}",
                column.name,
                d.type_name(column)
            ),
            retype(task, column, alter),
        ),
        Change::PutDefault(column) => {
            let default = column.default.as_deref().unwrap_or("NULL");
            let sql = alter(column, format!("SET DEFAULT {default}"));
            (
                format!("set the default of {} of {table}", column.name),
                vec![sql],
            )
        }
        Change::CommentColumn(column) => (
            format!("comment on {} of {table}", column.name),
            vec![Ddl::CommentColumn(table, column).render(d)],
        ),
        Change::CommentTable(comment) => (
            format!("comment on {table}"),
            vec![Ddl::CommentTable(table, comment).render(d)],
        ),
        Change::AddUnique(unique) => (
            format!("make {} of {table} unique", unique.columns.join(", ")),
            vec![Ddl::AddUnique(table, unique).render(d)],
        ),
        Change::PutCheck(check, replaced) => {
            let old = replaced.and_then(|at| task.existing.checks.get(at)?.name.as_deref());
            let drop = old.map(|name| Ddl::DropCheck(table, name).render(d));
            let sql = drop
                .into_iter()
                .chain([Ddl::AddCheck(table, check).render(d)])
                .collect();
            (format!("add check {} to {table}", check.name), sql)
        }
        Change::PutForeignKey(key, replaced) => {
            let old = replaced.and_then(|at| task.existing.foreign_keys.get(at)?.name.as_deref());
            let verb = if old.is_some() { "change" } else { "add" };
            let drop = old.map(|name| Ddl::DropForeignKey(table, name).render(d));
            let sql = drop
                .into_iter()
                .chain([Ddl::AddForeignKey(table, key).render(d)])
                .collect();
            (format!("{verb} foreign key {} of {table}", key.name), sql)
        }
        Change::PutIndex(index, replaced) => {
            let verb = if replaced.is_some() {
                "change"
            } else {
                "create"
            };
            let drop = replaced.map(|name| Ddl::DropIndex(table, name).render(d));
            let sql = drop
                .into_iter()
                .chain([Ddl::CreateIndex(table, index).render(d)])
                .collect();
            (format!("{verb} index {} on {table}", index.name), sql)
        }
    };
    Step { description, sql }
}

/// A default would have to fit the new type by itself; it is put back afterwards.
fn retype(
    task: &Task<'_>,
    column: &Column,
    alter: impl Fn(&Column, String) -> String,
) -> Vec<String> {
    let ty = task.dialect.type_name(column);
    let name = task.dialect.quote_name(&column.name);
    let old = task
        .existing
        .column(&column.name)
        .and_then(|known| known.default.as_deref());
    let mut sql = Vec::new();
    if old.is_some() {
        sql.push(alter(column, "DROP DEFAULT".into()));
    }
    sql.push(alter(column, format!("TYPE {ty} USING {name}::{ty}")));
    if let Some(default) = column.default.as_deref().or(old) {
        sql.push(alter(column, format!("SET DEFAULT {default}")));
    }
    sql
}

use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Ddl;
use sinew_sql::ddl::Column;

use super::alter::adapted;
use super::parse::{self, Clause, ColumnText, CreateTable, Meaning};
use crate::database::{Attached, ExistingTable};
use crate::dialect::Task;
use crate::diff::{Change, last};
use crate::plan::{Plan, Step};

/// A table's statement while it is changed.
struct Draft<'a> {
    task: &'a Task<'a>,
    created: CreateTable,
    /// Columns and constraints that are added, as SQL.
    columns: Vec<String>,
    constraints: Vec<String>,
    /// New columns that existing rows need a value in, with that value.
    filled: Vec<(&'a Column, String)>,
    notes: Vec<String>,
}

/// Copies the table into a new one with the changes. Its rows, and everything in its statement
/// that the changes do not concern, stay as they are; indexes, triggers and views too.
pub(super) fn rebuild<'a>(
    task: &'a Task<'a>,
    changes: &[Change<'a>],
    replaced: &[&str],
    plan: &mut Plan,
) -> Result<()> {
    let existing = task.existing;
    let Some(created) = existing.sql.as_deref().and_then(parse::create_table) else {
        let message = format!(
            "the table {} has no statement that can be read",
            existing.name
        );
        return Err(Error::new(ErrorKind::Schema, message).with_table(existing.name.as_str()));
    };
    let mut draft = Draft {
        task,
        created,
        columns: vec![],
        constraints: vec![],
        filled: vec![],
        notes: vec![],
    };
    draft.remove(changes);
    for change in changes {
        draft.apply(change);
    }
    let table = task.dialect.quote_table(&existing.name);
    let copy = free_name(task);
    let mut step = Step::new(format!(
        "rebuild table {}: {}",
        existing.name,
        draft.notes.join("; ")
    ));
    step.sql
        .push(draft.create(&task.dialect.quote_table(&copy)));
    step.sql
        .push(draft.insert(&task.dialect.quote_table(&copy), &table));
    if draft.autoincrement() {
        step.sql.extend(keep_sequence(&existing.name, &copy));
    }
    step.sql
        .push(Ddl::DropTable(&existing.name).render(task.dialect));
    step.sql
        .push(Ddl::RenameTable(&copy, last(&existing.name)).render(task.dialect));
    let kept = existing
        .attached
        .iter()
        .filter(|one| !replaced.contains(&one.name.as_str()));
    step.sql.extend(kept.map(|one| attach(existing, one, task)));
    plan.steps.push(step);
    plan.rebuilds(&table_pragma(task));
    Ok(())
}

fn table_pragma(task: &Task<'_>) -> String {
    let name = &task.existing.name;
    let table = task.dialect.quote_name(last(name));
    match name.rsplit_once('.') {
        Some((schema, _)) => {
            format!(
                "PRAGMA {}.foreign_key_check({table})",
                task.dialect.quote_table(schema)
            )
        }
        None => format!("PRAGMA foreign_key_check({table})"),
    }
}

/// A name that no table has.
fn free_name(task: &Task<'_>) -> String {
    let (schema, table) = match task.existing.name.rsplit_once('.') {
        Some((schema, table)) => (format!("{schema}."), table),
        None => (String::new(), task.existing.name.as_str()),
    };
    let mut name = format!("{schema}_sinew_new_{table}");
    while task.database.table(&name).is_some() {
        name.push('_');
    }
    name
}

/// The numbers of deleted rows must not be given out again.
fn keep_sequence(table: &str, copy: &str) -> [String; 2] {
    let sequence = match table.rsplit_once('.') {
        Some((schema, _)) => format!("\"{}\".sqlite_sequence", schema.replace('"', "\"\"")),
        None => "sqlite_sequence".to_owned(),
    };
    let [table, copy] = [table, copy].map(|name| last(name).replace('\'', "''"));
    [
        format!("DELETE FROM {sequence} WHERE name = '{copy}'"),
        format!(
            "INSERT INTO {sequence} (name, seq) SELECT '{copy}', seq FROM {sequence} \
             WHERE name = '{table}' COLLATE NOCASE"
        ),
    ]
}

/// The statement of an index or trigger; SQLite keeps it without the schema.
fn attach(table: &ExistingTable, one: &Attached, task: &Task<'_>) -> String {
    let Some((schema, _)) = table.name.rsplit_once('.') else {
        return one.sql.clone();
    };
    let tokens = super::token::tokens(&one.sql);
    let word = tokens
        .iter()
        .find(|token| token.is("INDEX") || token.is("TRIGGER"));
    match word {
        Some(word) => {
            let (head, tail) = one.sql.split_at(word.end);
            format!(
                "{head} {}.{}",
                task.dialect.quote_table(schema),
                tail.trim_start()
            )
        }
        None => one.sql.clone(),
    }
}

impl<'a> Draft<'a> {
    /// Takes out the foreign keys and checks that are replaced, all at once: they are counted in
    /// the order in which the statement has them.
    fn remove(&mut self, changes: &[Change<'a>]) {
        let mut keys = Vec::new();
        let mut checks = Vec::new();
        for change in changes {
            match change {
                Change::PutForeignKey(_, Some(at)) => keys.push(*at),
                Change::PutCheck(_, Some(at)) => checks.push(*at),
                _ => {}
            }
        }
        let (mut key, mut check) = (0, 0);
        let mut stays = |clause: &Clause| {
            let (count, gone) = match clause.meaning {
                Meaning::ForeignKey(_) => (&mut key, &keys),
                Meaning::Check(_) => (&mut check, &checks),
                _ => return true,
            };
            *count += 1;
            !gone.contains(&(*count - 1))
        };
        for column in &mut self.created.columns {
            column.clauses.retain(&mut stays);
        }
        self.created.constraints.retain(&mut stays);
    }

    fn apply(&mut self, change: &Change<'a>) {
        let dialect = self.task.dialect;
        match *change {
            Change::AddColumn(column) => self.add_column(column),
            Change::AllowNull(column) => {
                self.clauses(column)
                    .retain(|clause| !matches!(clause.meaning, Meaning::NotNull));
                self.notes.push(format!("allow NULL in {}", column.name));
            }
            Change::Retype(column, from) => {
                let adapted = adapted(column, self.created.strict);
                let name = dialect.type_name(&adapted);
                self.notes.push(format!(
                    "change the type of {} from {from} to {name}",
                    column.name
                ));
                if let Some(text) = self.column(column) {
                    text.type_name = name;
                }
            }
            Change::PutDefault(column) => self.change_default(column),
            Change::AddUnique(unique) => {
                self.constraints.push(unique.definition(dialect));
                self.notes
                    .push(format!("make {} unique", unique.columns.join(", ")));
            }
            Change::PutCheck(check, replaced) => {
                self.constraints.push(check.definition(dialect));
                self.notes
                    .push(format!("{} check {}", put(replaced), check.name));
            }
            Change::PutForeignKey(key, replaced) => {
                self.constraints.push(key.definition(dialect));
                self.notes
                    .push(format!("{} foreign key {}", put(replaced), key.name));
            }
            Change::PutIndex(..) | Change::CommentColumn(_) | Change::CommentTable(_) => {}
        }
    }

    fn add_column(&mut self, column: &'a Column) {
        let dialect = self.task.dialect;
        let definition = adapted(column, self.created.strict).definition(dialect, false);
        self.columns.push(definition);
        let mut note = format!("add column {}", column.name);
        if !column.nullable && column.default.is_none() {
            let fill = dialect.fill(column);
            note.push_str(&format!(" (existing rows get {fill})"));
            self.filled.push((column, fill));
        }
        self.notes.push(note);
    }

    fn change_default(&mut self, column: &Column) {
        let definition = Column {
            nullable: true,
            ..column.clone()
        };
        let sql = definition.definition(self.task.dialect, false);
        let Some(at) = sql.find(" DEFAULT ") else {
            return;
        };
        let text = sql[at + 1..].to_owned();
        let clauses = self.clauses(column);
        clauses.retain(|clause| !matches!(clause.meaning, Meaning::Default(_)));
        clauses.push(Clause {
            text,
            meaning: Meaning::Other,
        });
        self.notes
            .push(format!("change the default of {}", column.name));
    }

    fn column(&mut self, column: &Column) -> Option<&mut ColumnText> {
        self.created
            .columns
            .iter_mut()
            .find(|text| text.name.eq_ignore_ascii_case(&column.name))
    }

    fn clauses(&mut self, column: &Column) -> &mut Vec<Clause> {
        // A column that is not there has nothing to change.
        let at = self
            .created
            .columns
            .iter()
            .position(|text| text.name.eq_ignore_ascii_case(&column.name));
        match at {
            Some(at) => &mut self.created.columns[at].clauses,
            None => &mut self.created.constraints,
        }
    }

    fn create(&self, name: &str) -> String {
        let columns = self.created.columns.iter().map(|column| {
            let clauses = column.clauses.iter().map(|clause| clause.text.as_str());
            let parts = [column.written.as_str(), column.type_name.as_str()].into_iter();
            let parts: Vec<&str> = parts
                .chain(clauses)
                .filter(|part| !part.is_empty())
                .collect();
            parts.join(" ")
        });
        let constraints = self
            .created
            .constraints
            .iter()
            .map(|clause| clause.text.clone());
        let items: Vec<String> = columns
            .chain(self.columns.iter().cloned())
            .chain(constraints)
            .chain(self.constraints.iter().cloned())
            .collect();
        let mut sql = format!("CREATE TABLE {name} (\n  {}\n)", items.join(",\n  "));
        if !self.created.options.is_empty() {
            sql.push(' ');
            sql.push_str(&self.created.options);
        }
        sql
    }

    fn insert(&self, copy: &str, table: &str) -> String {
        let mut into: Vec<String> = Vec::new();
        if self.has_hidden_numbers() {
            into.push("rowid".to_owned());
        }
        into.extend(
            self.task
                .existing
                .columns
                .iter()
                .filter(|column| !column.computed)
                .map(|column| self.task.dialect.quote_name(&column.name)),
        );
        let mut from = into.clone();
        for (column, fill) in &self.filled {
            into.push(self.task.dialect.quote_name(&column.name));
            from.push(fill.clone());
        }
        format!(
            "INSERT INTO {copy} ({}) SELECT {} FROM {table}",
            into.join(", "),
            from.join(", ")
        )
    }

    /// Whether rows have a number that is no column: it stays, as something may refer to it.
    fn has_hidden_numbers(&self) -> bool {
        let existing = self.task.existing;
        let numbered = |key: &String| {
            existing
                .column(key)
                .is_some_and(|column| column.type_name.eq_ignore_ascii_case("integer"))
        };
        let key = existing.primary_key.len() == 1 && existing.primary_key.iter().all(numbered);
        let named =
            self.task.desired.column("rowid").is_some() || existing.column("rowid").is_some();
        !self.created.without_rowid && !key && !named
    }

    fn autoincrement(&self) -> bool {
        let is = |clause: &Clause| {
            matches!(
                clause.meaning,
                Meaning::PrimaryKey {
                    autoincrement: true,
                    ..
                }
            )
        };
        self.created
            .columns
            .iter()
            .any(|column| column.clauses.iter().any(is))
    }
}

fn put(replaced: Option<usize>) -> &'static str {
    if replaced.is_some() { "change" } else { "add" }
}

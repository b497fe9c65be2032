use std::borrow::Cow;

use super::{Check, Column, Ddl, ForeignKey, Index, Table, Unique};
use crate::dialect::{Dialect, Generated};
use crate::statement::Ident;

impl Ddl<'_> {
    /// The statement's text; empty where the dialect has no such statement and needs none.
    pub fn render(&self, dialect: &dyn Dialect) -> String {
        let d = dialect;
        let alter = |table: &str| format!("ALTER TABLE {}", d.quote_table(table));
        match self {
            Ddl::CreateTable {
                table,
                foreign_keys,
            } => table.create(d, *foreign_keys),
            Ddl::CreateIndex(table, index) => index.create(d, table),
            Ddl::DropIndex(table, index) => d.drop_index(table, index),
            Ddl::AddColumn {
                table,
                column,
                foreign_key,
                checks,
            } => {
                let mut sql = format!(
                    "{} ADD COLUMN {}",
                    alter(table),
                    column.definition(d, false)
                );
                for check in *checks {
                    sql.push(' ');
                    sql.push_str(&check.definition(d));
                }
                if let Some(foreign_key) = foreign_key {
                    sql.push_str(&format!(" CONSTRAINT {} ", d.quote_name(&foreign_key.name)));
                    sql.push_str(&foreign_key.reference(d));
                }
                sql
            }
            Ddl::AddForeignKey(table, key) => format!("{} ADD {}", alter(table), key.definition(d)),
            Ddl::AddUnique(table, unique) => {
                format!("{} ADD {}", alter(table), unique.definition(d))
            }
            Ddl::AddCheck(table, check) => format!("{} ADD {}", alter(table), check.definition(d)),
            Ddl::DropForeignKey(table, name) => {
                format!(
                    "{} {} {}",
                    alter(table),
                    d.drop_foreign_key(),
                    d.quote_name(name)
                )
            }
            Ddl::DropCheck(table, name) => {
                format!("{} DROP CONSTRAINT {}", alter(table), d.quote_name(name))
            }
            Ddl::RenameTable(table, name) => {
                format!("{} RENAME TO {}", alter(table), d.quote_name(name))
            }
            Ddl::DropTable(table) => format!("DROP TABLE {}", d.quote_table(table)),
            Ddl::CommentTable(table, comment) => d.comment_table(table, comment),
            Ddl::CommentColumn(table, column) => d.comment_column(table, column),
        }
    }
}

impl Table {
    fn create(&self, d: &dyn Dialect, foreign_keys: bool) -> String {
        let mut generated_key = false;
        let mut parts: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let inline = column.generated && d.generated().is_key && self.keyed_by(column);
                generated_key |= inline;
                column.definition(d, inline)
            })
            .collect();
        if !self.primary_key.is_empty() && !generated_key {
            parts.push(format!("PRIMARY KEY ({})", quote_all(d, &self.primary_key)));
        }
        parts.extend(self.uniques.iter().map(|unique| unique.definition(d)));
        if foreign_keys {
            parts.extend(self.foreign_keys.iter().map(|key| key.definition(d)));
        }
        parts.extend(self.checks.iter().map(|check| check.definition(d)));
        format!(
            "CREATE TABLE {} (\n  {}\n){}",
            d.quote_table(&self.name),
            parts.join(",\n  "),
            d.table_options()
        )
    }

    fn keyed_by(&self, column: &Column) -> bool {
        matches!(self.primary_key.as_slice(), [key] if *key == column.name)
    }
}

impl Column {
    /// The column as it stands in `CREATE TABLE`; with `generated_key`, it is the whole primary
    /// key and the database numbers it.
    pub fn definition(&self, dialect: &dyn Dialect, generated_key: bool) -> String {
        let mut sql = format!(
            "{} {}",
            dialect.quote_name(&self.name),
            dialect.type_name(self)
        );
        let Generated {
            sql: generated,
            is_key,
        } = dialect.generated();
        if generated_key || self.generated && !is_key {
            sql.push_str(generated);
        }
        if !self.nullable && !generated_key {
            sql.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            sql.push_str(" DEFAULT ");
            sql.push_str(&default_sql(default));
        }
        sql.push_str(&dialect.column_comment(self));
        sql
    }
}

/// A default as it may stand behind `DEFAULT`: expressions need parentheses.
pub(crate) fn default_sql(default: &str) -> Cow<'_, str> {
    let trimmed = default.trim();
    if is_literal(trimmed) || trimmed.starts_with('(') && closes_at_end(trimmed) {
        Cow::Borrowed(trimmed)
    } else {
        Cow::Owned(format!("({trimmed})"))
    }
}

fn is_literal(sql: &str) -> bool {
    const WORDS: [&str; 6] = [
        "NULL",
        "TRUE",
        "FALSE",
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_TIME",
    ];
    let quoted = |sql: &str| {
        sql.len() >= 2
            && sql.starts_with('\'')
            && sql.ends_with('\'')
            && !sql[1..sql.len() - 1].replace("''", "").contains('\'')
    };
    WORDS.iter().any(|word| sql.eq_ignore_ascii_case(word))
        || sql
            .trim_start_matches(['+', '-'])
            .starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && sql.parse::<f64>().is_ok()
        || quoted(sql)
        || sql.strip_prefix(['x', 'X']).is_some_and(quoted)
}

/// Whether the parenthesis that opens the text closes at its very end.
fn closes_at_end(sql: &str) -> bool {
    let mut depth = 0;
    let mut in_text = false;
    for (at, c) in sql.char_indices() {
        match c {
            '\'' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 == sql.len();
                }
            }
            _ => {}
        }
    }
    false
}

impl Unique {
    /// The constraint as it stands in `CREATE TABLE`.
    pub fn definition(&self, d: &dyn Dialect) -> String {
        format!(
            "CONSTRAINT {} UNIQUE ({})",
            d.quote_name(&self.name),
            quote_all(d, &self.columns)
        )
    }
}

impl Check {
    /// The constraint as it stands in `CREATE TABLE`.
    pub fn definition(&self, d: &dyn Dialect) -> String {
        format!(
            "CONSTRAINT {} CHECK ({})",
            d.quote_name(&self.name),
            self.condition
        )
    }
}

impl ForeignKey {
    /// The constraint as it stands in `CREATE TABLE`.
    pub fn definition(&self, d: &dyn Dialect) -> String {
        format!(
            "CONSTRAINT {} FOREIGN KEY ({}) {}",
            d.quote_name(&self.name),
            quote_all(d, &self.columns),
            self.reference(d)
        )
    }

    /// From `REFERENCES` on.
    pub fn reference(&self, d: &dyn Dialect) -> String {
        let table = d.quote_table(d.referenced(&self.table));
        let mut sql = format!("REFERENCES {table} ({})", quote_all(d, &self.references));
        if let Some(action) = self.on_update {
            sql.push_str(" ON UPDATE ");
            sql.push_str(action.sql());
        }
        if let Some(action) = self.on_delete {
            sql.push_str(" ON DELETE ");
            sql.push_str(action.sql());
        }
        sql
    }
}

impl Index {
    fn create(&self, d: &dyn Dialect, table: &str) -> String {
        let (name, table) = d.index_on(&self.name, table);
        let unique = if self.unique { "UNIQUE " } else { "" };
        let mut sql = format!(
            "CREATE {unique}INDEX {name} ON {table} ({})",
            quote_all(d, &self.columns)
        );
        if let Some(condition) = &self.condition
            && d.capabilities().partial_indexes.supported
        {
            sql.push_str(" WHERE ");
            sql.push_str(condition);
        }
        sql
    }
}

fn quote_all(d: &dyn Dialect, names: &[Ident]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| d.quote_name(name)).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::default_sql;

    #[test]
    fn expressions_get_parentheses() {
        for literal in [
            "1",
            "-2.5",
            "'it''s'",
            "NULL",
            "true",
            "x'00'",
            "(1 + 2)",
            "CURRENT_TIMESTAMP",
        ] {
            assert_eq!(default_sql(literal), literal);
        }
        for (default, wanted) in [
            ("1 + 2", "(1 + 2)"),
            ("lower('A')", "(lower('A'))"),
            ("'a' || 'b'", "('a' || 'b')"),
            ("(1) + (2)", "((1) + (2))"),
            ("guest", "(guest)"),
        ] {
            assert_eq!(default_sql(default), wanted);
        }
    }
}

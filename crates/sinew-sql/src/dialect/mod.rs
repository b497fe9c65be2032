//! What differs between databases.

mod capabilities;
pub mod mysql;
pub mod postgres;
pub mod sqlite;

use sinew_core::Value;
use sinew_core::value::TypeFamily;

pub use capabilities::{Capabilities, Support};

use crate::ddl::Column;
use crate::expr::{Expr, Holds, Kept};
use crate::render::Writer;
use crate::statement::Ident;
use crate::statement::Promised;

/// One database's SQL.
pub trait Dialect: Send + Sync + std::fmt::Debug {
    /// Its name.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// What encloses a name, an ASCII character; doubled inside.
    fn quote(&self) -> char {
        '"'
    }

    /// How placeholders are written.
    fn placeholder(&self) -> Placeholder {
        Placeholder::Question
    }

    /// A truth value as a literal.
    fn truth(&self, value: bool) -> &'static str {
        if value { "TRUE" } else { "FALSE" }
    }

    /// What asks for the plan of the statement that follows it.
    fn explain(&self) -> &'static str {
        "EXPLAIN "
    }

    /// What follows a pattern so that a backslash escapes in it.
    fn like_escape(&self) -> &'static str {
        ""
    }

    /// What stands before `OFFSET` where there is no limit.
    fn no_limit(&self) -> &'static str;

    /// What follows the table when a row of defaults is inserted.
    fn default_row(&self) -> &'static str {
        " DEFAULT VALUES"
    }

    /// What locks the rows of a select against changes by others.
    fn share_lock(&self) -> &'static str {
        " FOR SHARE"
    }

    /// How an insert handles conflicts.
    fn upsert(&self) -> Upsert {
        Upsert::OnConflict
    }

    /// What a function of standard SQL is called.
    fn function<'n>(&self, name: &'n str) -> &'n str {
        name
    }

    /// What encloses a number to make it text, where numbers and texts are not compared without.
    fn number_as_text(&self) -> (&'static str, &'static str) {
        ("", "")
    }

    /// A query, with one value to bind, after which the database numbers the rows of a table from
    /// beyond that value; `None` where keys that are given count by themselves. It never makes the
    /// database fall back to smaller numbers.
    fn advance(&self, _table: &str, _column: &str) -> Option<String> {
        None
    }

    /// What encloses a column's name to mean the value that was to be inserted.
    fn excluded(&self) -> (&'static str, &'static str) {
        ("excluded.", "")
    }

    /// `IN` and the list (a `Value::Array` or `Value::Tuples`), after the expression or tuple that
    /// is looked for. The list is one parameter, or as many as make few texts of all its lengths.
    /// NULLs in it are dropped, so that they can neither match nor turn `NOT IN` into unknown.
    fn key_list<'a>(&self, list: &'a Value<'static>, negated: bool, sql: &mut dyn Writer<'a>);

    /// How the rows of a limit per group are chosen for each group by itself; `None` where that cannot
    /// be said, and the rows of all groups are numbered.
    fn limits_each(&self) -> Option<LimitsEach> {
        None
    }

    /// A source in parentheses whose rows are the keys of a list that is bound as one parameter (a
    /// `Value::Array` or `Value::Tuples`), in the columns `a0`, `a1`, …. NULLs in the list are
    /// dropped. Only where [`Dialect::limits_each`].
    fn key_rows<'a>(&self, _list: &'a Value<'static>, sql: &mut dyn Writer<'a>) {
        sql.text("(SELECT NULL AS a0)");
    }

    /// As [`Dialect::key_rows`], of keys that were kept in the server.
    fn kept_rows<'a>(&self, _kept: &Kept, sql: &mut dyn Writer<'a>) {
        sql.text("(SELECT NULL AS a0)");
    }

    /// The condition that a list column holds all of some values, or one of them; NULL where the
    /// list is NULL. An element that is NULL is equal to nothing.
    fn list_test(&self, holds: Holds, items: &Value<'static>) -> &'static [ListPart];

    /// The function that tells how many elements a list column's list has.
    fn list_length(&self) -> &'static str;

    /// What keeps all values of column number `column` in the server, as part `part` of the keys
    /// `slot`. Only where [`Dialect::keeps`] says that it can.
    fn keep<'a>(&self, _slot: u32, _part: usize, _column: u64, sql: &mut dyn Writer<'a>) {
        sql.text("NULL");
    }

    /// `IN` and the keys that were kept.
    fn kept<'a>(&self, _kept: &Kept, sql: &mut dyn Writer<'a>) {
        sql.text(" IN (NULL)");
    }

    /// Whether keys that are compared with a column of this type can be kept in the server.
    fn keeps(&self, _family: TypeFamily) -> bool {
        false
    }

    /// What encloses the name of the column of keys that an insert (`"made"`) returned, to keep them
    /// in the server under this number. Only where [`Dialect::promises`].
    fn keep_made(&self, _slot: u32) -> (String, &'static str) {
        (String::new(), "")
    }

    /// The value of placeholder `number`, or, where that lies in the range, the key that it stands
    /// for. Only where [`Dialect::promises`].
    fn promised(&self, _number: u64, _promised: Promised) -> String {
        String::new()
    }

    /// Whether rows can be inserted with keys that only the server knows.
    fn promises(&self) -> bool {
        false
    }

    /// Assignments that an upsert makes first, so that the key which the database tells is that of
    /// the row it updated; `None` where that needs none, or RETURNING tells it.
    fn tell_key(&self, _column: &Ident) -> Option<Expr> {
        None
    }

    /// Whether a list to search may be a sub-query with a limit.
    fn limits_in_lists(&self) -> bool {
        true
    }

    /// What follows the closing parenthesis of `CREATE TABLE`.
    fn table_options(&self) -> &'static str {
        ""
    }

    /// The type of a column.
    fn type_name(&self, column: &Column) -> String;

    /// How a column that the database numbers is declared.
    fn generated(&self) -> Generated;

    /// What existing rows get in a new column that is NOT NULL and has no default, as SQL.
    fn fill(&self, column: &Column) -> String;

    /// The greatest length of a name that Sinew makes, in bytes.
    fn identifier_limit(&self) -> usize;

    /// A name in quotes.
    fn quote_name(&self, name: &str) -> String {
        let quote = self.quote();
        format!(
            "{quote}{}{quote}",
            name.replace(quote, &format!("{quote}{quote}"))
        )
    }

    /// A table's name, each part of a qualified one in quotes.
    fn quote_table(&self, name: &str) -> String {
        let parts: Vec<String> = name.split('.').map(|part| self.quote_name(part)).collect();
        parts.join(".")
    }

    /// How a foreign key names the table that it references.
    fn referenced<'a>(&self, table: &'a str) -> &'a str {
        table
    }

    /// The names of an index and its table, in quotes, as `CREATE INDEX … ON …` wants them.
    fn index_on(&self, index: &str, table: &str) -> (String, String) {
        (self.quote_name(index), self.quote_table(table))
    }

    /// `DROP INDEX`.
    fn drop_index(&self, table: &str, index: &str) -> String {
        let schema = table
            .rsplit_once('.')
            .map(|(schema, _)| self.quote_table(schema) + ".");
        format!(
            "DROP INDEX {}{}",
            schema.unwrap_or_default(),
            self.quote_name(index)
        )
    }

    /// The words that drop a foreign key from a table.
    fn drop_foreign_key(&self) -> &'static str {
        "DROP CONSTRAINT"
    }

    /// The comment in a column's definition, where it stands there.
    fn column_comment(&self, _column: &Column) -> String {
        String::new()
    }

    /// The statement that comments a table, where there is one.
    fn comment_table(&self, _table: &str, _comment: &str) -> String {
        String::new()
    }

    /// The statement that comments a column, where there is one.
    fn comment_column(&self, _table: &str, _column: &Column) -> String {
        String::new()
    }
}

/// A piece of a condition on a list column.
#[derive(Clone, Copy, Debug)]
pub enum ListPart {
    /// This text.
    Sql(&'static str),
    /// The list column, or what stands for it.
    List,
    /// A placeholder for the values that are looked for.
    Items,
}

/// How the rows of a limit per group are chosen for each group by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsEach {
    /// By a derived table that sees the keys beside it:
    /// `FROM keys CROSS JOIN LATERAL (SELECT … WHERE fk = keys.a0 ORDER BY … LIMIT …)`.
    Lateral,
    /// By a list of rows for each key:
    /// `FROM keys CROSS JOIN t WHERE t.id IN (SELECT id … WHERE fk = keys.a0 ORDER BY … LIMIT …)`.
    RowLists,
}

/// How a column that the database numbers is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generated {
    /// What follows the type.
    pub sql: &'static str,
    /// Whether that also makes it the primary key.
    pub is_key: bool,
}

/// How placeholders are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `?`
    Question,
    /// `$1`, `$2`, …
    Numbered,
}

/// How an insert handles conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// `ON CONFLICT (…) DO …`
    OnConflict,
    /// `ON DUPLICATE KEY UPDATE …`
    OnDuplicateKey,
}

/// The list without NULLs and without tuples that hold one.
pub(crate) fn without_nulls<'a>(list: &'a Value<'static>) -> Value<'a> {
    match list {
        Value::Array(values) => Value::Array(
            values
                .iter()
                .filter(|value| !value.is_null())
                .map(Value::reborrow)
                .collect(),
        ),
        Value::Tuples { width, values } => Value::Tuples {
            width: *width,
            values: values
                .chunks((*width).max(1))
                .filter(|tuple| !tuple.iter().any(Value::is_null))
                .flatten()
                .map(Value::reborrow)
                .collect(),
        },
        one => one.reborrow(),
    }
}

/// Text as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

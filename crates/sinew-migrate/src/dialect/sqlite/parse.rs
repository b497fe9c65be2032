//! Reads the `CREATE TABLE` and `CREATE INDEX` statements that SQLite keeps.
//!
//! A rebuild changes the text at the places found here and leaves everything else as somebody
//! wrote it, so that nothing is lost that Sinew does not know.

use sinew_core::schema::ReferentialAction;

use super::token::{Kind, Token, plain, tokens};
use crate::database::{ExistingCheck, ExistingForeignKey, ExistingIndex};

/// A `CREATE TABLE` in pieces.
#[derive(Debug, Default)]
pub(super) struct CreateTable {
    /// Column definitions in order.
    pub(super) columns: Vec<ColumnText>,
    /// Table constraints in order.
    pub(super) constraints: Vec<Clause>,
    /// What follows the closing parenthesis.
    pub(super) options: String,
    pub(super) without_rowid: bool,
    pub(super) strict: bool,
}

/// A column definition.
#[derive(Debug)]
pub(super) struct ColumnText {
    pub(super) name: String,
    /// The name as written, in its quotes.
    pub(super) written: String,
    /// The type as written.
    pub(super) type_name: String,
    pub(super) clauses: Vec<Clause>,
}

/// One constraint of a column or table.
#[derive(Debug)]
pub(super) struct Clause {
    pub(super) text: String,
    pub(super) meaning: Meaning,
}

/// What a constraint means, as far as migrations care.
#[derive(Debug)]
pub(super) enum Meaning {
    PrimaryKey {
        columns: Vec<String>,
        autoincrement: bool,
    },
    NotNull,
    Unique(ExistingIndex),
    Check(ExistingCheck),
    Default(String),
    ForeignKey(ExistingForeignKey),
    Computed,
    Other,
}

/// A cursor over tokens.
struct Cursor<'s> {
    sql: &'s str,
    tokens: &'s [Token],
    at: usize,
}

/// The pieces of a `CREATE TABLE`; `None` if this is something else.
pub(super) fn create_table(sql: &str) -> Option<CreateTable> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|token| token.is_sign('('))?;
    if !tokens.first()?.is("CREATE") || tokens[..open].iter().any(|token| token.is("VIRTUAL")) {
        return None;
    }
    let close = closing(&tokens, open)?;
    let mut table = CreateTable {
        options: sql[tokens[close].end..]
            .trim()
            .trim_end_matches(';')
            .trim()
            .to_owned(),
        ..CreateTable::default()
    };
    let words = &tokens[close + 1..];
    table.without_rowid = words.iter().any(|token| token.is("WITHOUT"));
    table.strict = words.iter().any(|token| token.is("STRICT"));
    for item in split(&tokens[open + 1..close]) {
        let mut cursor = Cursor {
            sql,
            tokens: item,
            at: 0,
        };
        if cursor.at_constraint() {
            while cursor.at < item.len() {
                let clause = cursor.clause(None);
                table.constraints.push(clause);
            }
        } else {
            table.columns.push(cursor.column()?);
        }
    }
    Some(table)
}

/// The index that a `CREATE INDEX` makes.
pub(super) fn create_index(name: &str, sql: &str) -> Option<ExistingIndex> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|token| token.is_sign('('))?;
    let close = closing(&tokens, open)?;
    let condition = tokens.get(close + 1).filter(|token| token.is("WHERE"));
    Some(ExistingIndex {
        name: Some(name.to_owned()),
        columns: columns(&tokens[open + 1..close]),
        unique: tokens.get(1)?.is("UNIQUE"),
        condition: condition.map(|_| plain(&tokens[close + 2..])),
    })
}

/// The position of the parenthesis that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The pieces between commas outside of parentheses.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0;
    tokens
        .split(|token| {
            match token.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') => depth -= 1,
                _ => {}
            }
            depth == 0 && token.is_sign(',')
        })
        .filter(|item| !item.is_empty())
        .collect()
}

/// The columns of a key or index; one that is more than a name and a direction is kept as text
/// that is no column's name.
fn columns(tokens: &[Token]) -> Vec<String> {
    split(tokens)
        .into_iter()
        .map(|item| match item {
            [one] => one.name().unwrap_or_else(|| plain(item)),
            [one, direction] if direction.is("ASC") || direction.is("DESC") => {
                one.name().unwrap_or_else(|| plain(item))
            }
            _ => format!("({})", plain(item)),
        })
        .collect()
}

impl Cursor<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(word));
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<String> {
        let name = self.peek()?.name();
        self.at += 1;
        name
    }

    /// What stands in the parentheses that open here.
    fn group(&mut self) -> &[Token] {
        let from = self.at + 1;
        match self
            .peek()
            .filter(|token| token.is_sign('('))
            .and(closing(self.tokens, self.at))
        {
            Some(close) => {
                self.at = close + 1;
                &self.tokens[from..close]
            }
            None => &[],
        }
    }

    fn text(&self, from: usize) -> String {
        match (
            self.tokens.get(from),
            self.tokens.get(self.at.wrapping_sub(1)),
        ) {
            (Some(first), Some(last)) if last.end > first.start => {
                self.sql[first.start..last.end].to_owned()
            }
            _ => String::new(),
        }
    }

    fn at_constraint(&self) -> bool {
        const WORDS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
        self.peek()
            .is_some_and(|token| WORDS.iter().any(|word| token.is(word)))
    }

    fn at_clause(&self) -> bool {
        const WORDS: [&str; 11] = [
            "CONSTRAINT",
            "PRIMARY",
            "NOT",
            "NULL",
            "UNIQUE",
            "CHECK",
            "DEFAULT",
            "COLLATE",
            "REFERENCES",
            "GENERATED",
            "AS",
        ];
        self.peek()
            .is_some_and(|token| WORDS.iter().any(|word| token.is(word)))
    }

    fn column(&mut self) -> Option<ColumnText> {
        let name = self.name()?;
        let written = self.text(0);
        let from = self.at;
        while self.at < self.tokens.len() && !self.at_clause() {
            let before = self.at;
            self.group();
            if self.at == before {
                self.at += 1;
            }
        }
        let type_name = if self.at > from {
            self.text(from)
        } else {
            String::new()
        };
        let mut clauses = Vec::new();
        while self.at < self.tokens.len() {
            clauses.push(self.clause(Some(&name)));
        }
        Some(ColumnText {
            name,
            written,
            type_name,
            clauses,
        })
    }

    /// One constraint, of this column or of the table.
    fn clause(&mut self, column: Option<&str>) -> Clause {
        let from = self.at;
        let name = if self.accept("CONSTRAINT") {
            self.name()
        } else {
            None
        };
        let meaning = self.meaning(name, column);
        if self.at == from {
            self.at += 1;
        }
        Clause {
            text: self.text(from),
            meaning,
        }
    }

    fn meaning(&mut self, name: Option<String>, column: Option<&str>) -> Meaning {
        let own = || column.map(str::to_owned).into_iter().collect::<Vec<_>>();
        if self.accept("PRIMARY") {
            self.accept("KEY");
            let columns = if column.is_some() {
                own()
            } else {
                columns(self.group())
            };
            let _ = self.accept("ASC") || self.accept("DESC");
            self.on_conflict();
            let autoincrement = self.accept("AUTOINCREMENT");
            return Meaning::PrimaryKey {
                columns,
                autoincrement,
            };
        }
        if self.accept("NOT") {
            self.accept("NULL");
            self.on_conflict();
            return Meaning::NotNull;
        }
        if self.accept("UNIQUE") {
            let columns = if column.is_some() {
                own()
            } else {
                columns(self.group())
            };
            self.on_conflict();
            return Meaning::Unique(ExistingIndex {
                name,
                columns,
                unique: true,
                condition: None,
            });
        }
        if self.accept("CHECK") {
            let condition = plain(self.group());
            self.on_conflict();
            return Meaning::Check(ExistingCheck { name, condition });
        }
        if self.accept("DEFAULT") {
            return Meaning::Default(self.default_value());
        }
        if self.accept("FOREIGN") {
            self.accept("KEY");
            let columns = columns(self.group());
            self.accept("REFERENCES");
            return self.foreign_key(name, columns);
        }
        if self.accept("REFERENCES") {
            return self.foreign_key(name, own());
        }
        if self.accept("COLLATE") {
            self.at += 1;
        } else if self.accept("GENERATED") || self.accept("AS") {
            self.accept("ALWAYS");
            self.accept("AS");
            self.group();
            let _ = self.accept("STORED") || self.accept("VIRTUAL");
            return Meaning::Computed;
        } else {
            self.accept("NULL");
        }
        Meaning::Other
    }

    fn on_conflict(&mut self) {
        if self.accept("ON") {
            // CONFLICT and what to do.
            self.at += 2;
        }
    }

    fn default_value(&mut self) -> String {
        let from = self.at;
        if self.peek().is_some_and(|token| token.is_sign('(')) {
            self.group();
        } else {
            while self
                .peek()
                .is_some_and(|token| token.is_sign('-') || token.is_sign('+'))
            {
                self.at += 1;
            }
            self.at += 1;
        }
        self.text(from)
    }

    fn foreign_key(&mut self, name: Option<String>, own: Vec<String>) -> Meaning {
        let table = self.name().unwrap_or_default();
        let mut key = ExistingForeignKey {
            name,
            columns: own,
            table,
            references: columns(self.group()),
            on_update: ReferentialAction::NoAction,
            on_delete: ReferentialAction::NoAction,
        };
        loop {
            if self.accept("ON") {
                let update = self.accept("UPDATE");
                self.accept("DELETE");
                let action = self.action();
                *(if update {
                    &mut key.on_update
                } else {
                    &mut key.on_delete
                }) = action;
            } else if self.accept("MATCH") {
                self.at += 1;
            } else if self.accept("DEFERRABLE") {
                self.initially();
            } else if self.peek().is_some_and(|token| token.is("NOT"))
                && self
                    .tokens
                    .get(self.at + 1)
                    .is_some_and(|token| token.is("DEFERRABLE"))
            {
                self.at += 2;
                self.initially();
            } else {
                return Meaning::ForeignKey(key);
            }
        }
    }

    fn initially(&mut self) {
        if self.accept("INITIALLY") {
            self.at += 1;
        }
    }

    fn action(&mut self) -> ReferentialAction {
        if self.accept("SET") {
            return if self.accept("DEFAULT") {
                ReferentialAction::SetDefault
            } else {
                self.accept("NULL");
                ReferentialAction::SetNull
            };
        }
        if self.accept("CASCADE") {
            return ReferentialAction::Cascade;
        }
        if self.accept("RESTRICT") {
            return ReferentialAction::Restrict;
        }
        self.accept("NO");
        self.accept("ACTION");
        ReferentialAction::NoAction
    }
}

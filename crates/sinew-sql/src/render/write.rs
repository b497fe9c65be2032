//! `INSERT`, `UPDATE`, `DELETE`.

use super::out::Out;
use super::walk::{Frame, Name, Walk};
use crate::dialect::Upsert;
use crate::expr::Expr;
use crate::statement::{Conflict, Delete, Ident, Insert, InsertSelect, Replace, Update};

impl<'a, O: Out> Walk<'a, '_, O> {
    pub(super) fn insert(&mut self, insert: &'a Insert) {
        let keep = insert.keep.filter(|_| self.dialect.promises());
        if let Some((slot, column)) = keep.zip(insert.returning.first()) {
            self.push("WITH \"made\" AS (");
            self.insert_rows(insert);
            self.push("), \"kept\" AS MATERIALIZED (SELECT ");
            let (before, after) = self.dialect.keep_made(slot);
            self.push(&before);
            self.ident(column);
            self.push(after);
            // Also where no row was inserted the keys of an earlier insert have to go.
            self.push(" FROM \"made\") SELECT \"made\".* FROM \"kept\" LEFT JOIN \"made\" ON TRUE");
        } else {
            self.insert_rows(insert);
        }
    }

    fn insert_rows(&mut self, insert: &'a Insert) {
        self.push("INSERT INTO ");
        self.table(&insert.table);
        if insert.columns.is_empty() {
            self.push(self.dialect.default_row());
        } else {
            self.push(" (");
            self.idents(&insert.columns);
            self.push(") VALUES ");
            self.list(0..insert.rows.max(1), |walk, _| {
                walk.push("(");
                walk.list(0..insert.columns.len(), |walk, at| {
                    let mut promised = insert.promised.iter();
                    match promised.find(|(column, _)| *column == at) {
                        Some((_, promised)) if walk.dialect.promises() => {
                            walk.promised(*promised);
                        }
                        _ => walk.placeholder(),
                    }
                });
                walk.push(")");
            });
        }
        if let Some(conflict) = &insert.conflict {
            self.conflict(insert, conflict);
        }
        self.returning(&insert.returning);
    }

    pub(super) fn insert_select(&mut self, insert: &'a InsertSelect) {
        self.push("INSERT INTO ");
        self.table(&insert.table);
        self.push(" (");
        self.idents(&insert.columns);
        self.push(") ");
        self.select(&insert.query, None);
        match (self.dialect.upsert(), insert.columns.first()) {
            (Upsert::OnDuplicateKey, Some(first)) => {
                self.push(" ON DUPLICATE KEY UPDATE ");
                self.qualified(Name::Table(&insert.table), first);
                self.push(" = ");
                self.qualified(Name::Table(&insert.table), first);
            }
            _ => self.push(" ON CONFLICT DO NOTHING"),
        }
    }

    /// ```sql
    /// WITH "sinew_found" AS MATERIALIZED (SELECT …), "sinew_gone" AS (DELETE … RETURNING 1),
    /// "sinew_new" AS (INSERT … SELECT … FROM "sinew_found" … RETURNING 1)
    /// SELECT 1 / ((SELECT COUNT(*) FROM "sinew_found") / <wanted>), …
    /// ```
    pub(super) fn replace(&mut self, replace: &'a Replace) {
        self.push("WITH ");
        self.ident(&Replace::FOUND);
        self.push(" AS MATERIALIZED (");
        self.select(&replace.found, None);
        self.push("), \"sinew_gone\" AS (");
        self.delete(&replace.delete);
        self.push(" RETURNING 1), \"sinew_new\" AS (");
        self.insert_select(&replace.insert);
        self.push(" RETURNING 1) SELECT 1 / ((SELECT COUNT(*) FROM ");
        self.ident(&Replace::FOUND);
        self.push(") / ");
        self.expr(&replace.wanted, &row(&replace.delete.table));
        self.push("), (SELECT COUNT(*) FROM \"sinew_gone\"), (SELECT COUNT(*) FROM \"sinew_new\")");
    }

    fn conflict(&mut self, insert: &'a Insert, conflict: &'a Conflict) {
        let (target, set): (_, &'a [_]) = match conflict {
            Conflict::Nothing(target) => (target, &[]),
            Conflict::Update { target, set } => (target, set),
        };
        match self.dialect.upsert() {
            Upsert::OnConflict => {
                self.push(" ON CONFLICT");
                if !target.is_empty() {
                    self.push(" (");
                    self.idents(target);
                    self.push(")");
                }
                self.push(if set.is_empty() {
                    " DO NOTHING"
                } else {
                    " DO UPDATE SET "
                });
            }
            Upsert::OnDuplicateKey => return self.on_duplicate(insert, target, set),
        }
        self.assignments(set, &row(&insert.table));
    }

    /// Any unique key of the row may be the one that is taken there. With a target the first
    /// assignment fails unless it is the target that collided: of a single value there are two.
    fn on_duplicate(&mut self, insert: &'a Insert, target: &'a [Ident], set: &'a [(Ident, Expr)]) {
        let frame = row(&insert.table);
        let unchanged = target.first().or(insert.columns.first());
        let (column, first) = match (set, unchanged) {
            ([], None) => return,
            ([], Some(column)) => (column, None),
            ([(column, expr), ..], _) => (column, Some(expr)),
        };
        self.push(" ON DUPLICATE KEY UPDATE ");
        self.ident(column);
        self.push(" = ");
        for (at, name) in target.iter().enumerate() {
            self.push(if at == 0 { "IF(" } else { " AND " });
            self.own(insert, name);
            self.push(" <=> VALUES(");
            self.ident(name);
            self.push(")");
        }
        if !target.is_empty() {
            self.push(", ");
        }
        match first {
            Some(expr) => self.expr(expr, &frame),
            None => self.own(insert, column),
        }
        if !target.is_empty() {
            self.push(", (SELECT 1 UNION ALL SELECT 2))");
        }
        if let Some(rest) = set.get(1..).filter(|rest| !rest.is_empty()) {
            self.push(", ");
            self.assignments(rest, &frame);
        }
    }

    /// A column of the row that is there.
    fn own(&mut self, insert: &'a Insert, column: &'a Ident) {
        self.table(&insert.table);
        self.push(".");
        self.ident(column);
    }

    pub(super) fn update(&mut self, update: &'a Update) {
        let frame = row(&update.table);
        self.push("UPDATE ");
        self.table(&update.table);
        self.push(" SET ");
        self.assignments(&update.set, &frame);
        self.conditions(" WHERE ", &update.filter, &frame);
        self.returning(&update.returning);
    }

    pub(super) fn delete(&mut self, delete: &'a Delete) {
        let frame = row(&delete.table);
        self.push("DELETE FROM ");
        self.table(&delete.table);
        self.conditions(" WHERE ", &delete.filter, &frame);
        self.returning(&delete.returning);
    }

    fn assignments(&mut self, set: &'a [(Ident, Expr)], frame: &Frame<'a, '_>) {
        self.list(set, |walk, (column, expr)| {
            walk.ident(column);
            walk.push(" = ");
            walk.expr(expr, frame);
        });
    }

    fn returning(&mut self, columns: &'a [Ident]) {
        if !columns.is_empty() && self.dialect.capabilities().returning.supported {
            self.push(" RETURNING ");
            self.idents(columns);
        }
    }
}

/// The frame of a statement that writes `table`.
fn row(table: &str) -> Frame<'_, '_> {
    Frame {
        name: Name::Table(table),
        joins: &[],
        parent: None,
    }
}

//! `SELECT`.

use super::out::Out;
use super::walk::{Frame, Name, Walk};
use crate::expr::Order;
use crate::statement::{Join, JoinKind, Lock, Select, SelectItem, Source};

impl<'a, O: Out> Walk<'a, '_, O> {
    pub(super) fn select(&mut self, select: &'a Select, parent: Option<&Frame<'a, '_>>) {
        let frame = match &select.from {
            Source::Table(table) => Frame::of_table(table, &select.joins, parent),
            Source::Aliased(_, alias) | Source::Query(_, alias) => Frame {
                name: Name::Alias(alias),
                joins: &select.joins,
                parent,
            },
        };
        if let Some(group) = &select.per_group {
            self.per_group(select, group, &frame);
        } else {
            self.push(if select.distinct {
                "SELECT DISTINCT "
            } else {
                "SELECT "
            });
            if select.columns.is_empty() {
                self.push("1");
            }
            self.list(&select.columns, |walk, item| walk.item(item, &frame));
            self.body(select, &frame);
            self.orders(&select.order, &frame);
        }
        self.window(select.limit, select.offset);
        if let Some(lock) = select.lock
            && select.per_group.is_none()
            && self.dialect.capabilities().row_locks.supported
        {
            self.push(match lock {
                Lock::Update => " FOR UPDATE",
                Lock::Share => self.dialect.share_lock(),
            });
        }
    }

    pub(super) fn item(&mut self, item: &'a SelectItem, frame: &Frame<'a, '_>) {
        self.expr(&item.expr, frame);
        if let Some(alias) = &item.alias {
            self.push(" AS ");
            self.ident(alias);
        }
    }

    /// From `FROM` to `HAVING`.
    pub(super) fn body(&mut self, select: &'a Select, frame: &Frame<'a, '_>) {
        self.source(&select.from, frame);
        for join in &select.joins {
            self.join(join, frame);
        }
        if self.of_groups(select, frame) {
            self.more_conditions(&select.filter, frame);
        } else {
            self.conditions(" WHERE ", &select.filter, frame);
        }
        if !select.group_by.is_empty() {
            self.push(" GROUP BY ");
            self.list(&select.group_by, |walk, expr| walk.expr(expr, frame));
        }
        self.conditions(" HAVING ", &select.having, frame);
    }

    fn source(&mut self, source: &'a Source, frame: &Frame<'a, '_>) {
        match source {
            Source::Table(table) if table.is_empty() => {}
            Source::Table(table) => {
                self.push(" FROM ");
                self.table(table);
                if let Name::Chosen(_) = frame.name {
                    self.push(" AS ");
                    self.name(frame.name);
                }
            }
            Source::Aliased(table, alias) => {
                self.push(" FROM ");
                self.aliased(table, alias);
            }
            Source::Query(query, alias) => {
                self.push(" FROM (");
                // A derived table sees what its statement sees, but not the statement's own row.
                let hidden = Frame {
                    name: Name::Alias(""),
                    joins: &[],
                    parent: frame.parent,
                };
                self.select(query, Some(&hidden));
                self.push(") AS ");
                self.ident(alias);
            }
        }
    }

    fn aliased(&mut self, table: &'a str, alias: &'a str) {
        self.table(table);
        if table != alias {
            self.push(" AS ");
            self.ident(alias);
        }
    }

    fn join(&mut self, join: &'a Join, frame: &Frame<'a, '_>) {
        match join {
            Join::Table {
                kind,
                table,
                alias,
                on,
            } => {
                self.push(match kind {
                    JoinKind::Left => " LEFT JOIN ",
                    JoinKind::Inner => " INNER JOIN ",
                });
                self.aliased(table, alias);
                self.push(" ON ");
                self.expr(on, frame);
            }
            Join::Raw(raw) => {
                self.push(" ");
                self.raw(raw);
            }
        }
    }

    pub(super) fn window(&mut self, limit: Option<u64>, offset: Option<u64>) {
        const MOST: u64 = i64::MAX as u64;
        let offset = offset.filter(|&offset| offset > 0);
        if let Some(limit) = limit {
            self.push(" LIMIT ");
            self.number(limit.min(MOST));
        } else if offset.is_some() {
            self.push(self.dialect.no_limit());
        }
        if let Some(offset) = offset {
            self.push(" OFFSET ");
            self.number(offset.min(MOST));
        }
    }

    pub(super) fn order(&mut self, order: &'a Order, frame: &Frame<'a, '_>) {
        self.sorted(order, |walk| walk.expr(&order.expr, frame));
    }

    /// One item of an `ORDER BY`, its expression by `write`.
    pub(super) fn sorted(&mut self, order: &'a Order, write: impl Fn(&mut Self)) {
        let capabilities = self.dialect.capabilities();
        let direct = capabilities.nulls_order.supported;
        // Without the words any index on the expression fits.
        let usual = capabilities.nulls_smallest.supported != order.descending;
        let nulls_first = order.nulls_first.filter(|&first| first != usual);
        if let (Some(first), false) = (nulls_first, direct) {
            write(self);
            self.push(if first {
                " IS NULL DESC, "
            } else {
                " IS NULL, "
            });
        }
        write(self);
        if order.descending {
            self.push(" DESC");
        }
        if let (Some(first), true) = (nulls_first, direct) {
            self.push(if first { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }
}

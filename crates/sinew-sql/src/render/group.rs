//! Limits for each group of rows.

use super::out::Out;
use super::walk::{Frame, Name, Walk};
use crate::dialect::LimitsEach;
use crate::expr::{Expr, InList, Order, Scope};
use crate::statement::{PerGroup, Select, SelectItem, Source};

/// The alias of the chosen rows of a select with a limit per group.
const GROUPED: &str = "g";
/// The column with a row's number in its group.
const NUMBER: &str = "rn";
/// The alias of the keys, where each group is chosen by itself.
const KEY: &str = "each_key";
/// The alias of the rows, where each group is chosen as a list of rows.
const ROW: &str = "each_row";

impl<'a, O: Out> Walk<'a, '_, O> {
    /// A limit per group, in the form that fits.
    pub(super) fn per_group(
        &mut self,
        select: &'a Select,
        group: &'a PerGroup,
        frame: &Frame<'a, '_>,
    ) {
        match self.each(select, frame) {
            Some(LimitsEach::Lateral) => self.lateral(select, group, frame),
            Some(LimitsEach::RowLists) => self.row_lists(select, group, frame),
            None => self.numbered(select, group, frame),
        }
    }

    /// How each group is chosen by itself, if it can be. Only for rows of one table: those of a join
    /// are found faster for all groups together.
    fn each(&self, select: &Select, frame: &Frame<'_, '_>) -> Option<LimitsEach> {
        let form = self.dialect.limits_each()?;
        let group = select.per_group.as_ref().filter(|group| group.indexed)?;
        let keyed = matches!(group.keys, Some(InList::Values(_) | InList::Kept(_)));
        let alone = matches!(&select.from, Source::Table(table) if !table.is_empty())
            && select.joins.is_empty()
            && select.group_by.is_empty()
            && !select.distinct
            && !select.columns.is_empty();
        let taken = |name: Name<'_>| name.clashes(KEY) || name.clashes(ROW);
        // The rows are read under another name than the user's SQL knows.
        let here = |expr: &Expr| matches!(expr, Expr::Column(Scope::Here, _));
        let plain = || {
            select.columns.iter().all(|item| here(&item.expr))
                && select.order.iter().all(|order| here(&order.expr))
        };
        let fits = match form {
            LimitsEach::Lateral => true,
            LimitsEach::RowLists => group.row.is_some() && plain(),
        };
        (keyed && alone && fits && !frame.uses(&taken)).then_some(form)
    }

    /// The groups that are wanted, as the first condition; whether there is one.
    pub(super) fn of_groups(&mut self, select: &'a Select, frame: &Frame<'a, '_>) -> bool {
        let Some(group) = &select.per_group else {
            return false;
        };
        let Some(keys) = &group.keys else {
            return false;
        };
        self.push(" WHERE ");
        if self.each(select, frame).is_none() {
            self.in_list(&group.partition, keys, false, frame);
            return true;
        }
        for (expr, n) in group.partition.iter().zip(0..) {
            self.push(if n > 0 { " AND " } else { "" });
            self.expr(expr, frame);
            self.push(" = ");
            self.ident(KEY);
            self.push(".a");
            self.number(n);
        }
        true
    }

    /// The keys as a source.
    fn keys(&mut self, group: &'a PerGroup) {
        let dialect = self.dialect;
        self.push(" FROM ");
        match &group.keys {
            Some(InList::Values(values)) => dialect.key_rows(values, self),
            Some(InList::Kept(kept)) => dialect.kept_rows(kept, self),
            Some(InList::Lists(_) | InList::Query(_)) | None => {}
        }
        self.push(" AS ");
        self.ident(KEY);
        self.push(" CROSS JOIN ");
    }

    /// What is in the parentheses after its columns: the rows of one group.
    fn of_one(&mut self, select: &'a Select, group: &'a PerGroup, frame: &Frame<'a, '_>) {
        self.body(select, frame);
        self.orders(&select.order, frame);
        self.window(group.limit, Some(group.offset));
    }

    fn lateral(&mut self, select: &'a Select, group: &'a PerGroup, frame: &Frame<'a, '_>) {
        self.grouped_columns(select);
        self.keys(group);
        self.push("LATERAL (SELECT ");
        self.named_columns(select, frame);
        self.of_one(select, group, frame);
        self.push(") AS ");
        self.ident(GROUPED);
        self.grouped_order(select);
    }

    fn row_lists(&mut self, select: &'a Select, group: &'a PerGroup, frame: &Frame<'a, '_>) {
        let outer = Frame {
            name: Name::Alias(ROW),
            joins: &[],
            parent: frame.parent,
        };
        self.push("SELECT ");
        self.list(&select.columns, |walk, item| walk.item(item, &outer));
        self.keys(group);
        if let Source::Table(table) = &select.from {
            self.table(table);
        }
        self.push(" AS ");
        self.ident(ROW);
        if let Some(row) = &group.row {
            self.push(" WHERE ");
            self.column(&Scope::Here, row, &outer);
            self.push(" IN (SELECT ");
            self.column(&Scope::Here, row, frame);
        }
        self.of_one(select, group, frame);
        self.push(")");
        self.orders(&select.order, &outer);
    }

    /// The rows of all groups are numbered in a sub-query, the outer query keeps those
    /// whose number is wanted and returns the same columns in the same places.
    fn numbered(&mut self, select: &'a Select, group: &'a PerGroup, frame: &Frame<'a, '_>) {
        self.grouped_columns(select);
        self.push(" FROM (SELECT ");
        self.named_columns(select, frame);
        if !select.columns.is_empty()
            || select
                .order
                .iter()
                .any(|order| selected(select, &order.expr).is_none())
        {
            self.push(", ");
        }
        self.row_number(select, group, frame);
        self.body(select, frame);
        self.push(") AS ");
        self.ident(GROUPED);
        self.numbers_wanted(group);
        self.grouped_order(select);
    }

    /// The columns under the names that [`Walk::named_columns`] gives them.
    fn grouped_columns(&mut self, select: &'a Select) {
        self.push(if select.distinct {
            "SELECT DISTINCT "
        } else {
            "SELECT "
        });
        self.list(select.columns.iter().zip(0..), |walk, (item, n)| {
            walk.grouped("c", n);
            let name = item.alias.as_ref().or(match &item.expr {
                Expr::Column(_, name) => Some(name),
                _ => None,
            });
            if let Some(name) = name {
                walk.push(" AS ");
                walk.ident(name);
            }
        });
        if select.columns.is_empty() {
            self.push("1");
        }
    }

    /// The columns, and what is ordered by, under names of Sinew's own.
    fn named_columns(&mut self, select: &'a Select, frame: &Frame<'a, '_>) {
        let columns = select.columns.iter().zip(0..);
        let columns = columns.map(|(item, n)| ("c", n, &item.expr));
        let orders = select.order.iter().zip(0..);
        let orders = orders.filter(|(order, _)| selected(select, &order.expr).is_none());
        let orders = orders.map(|(order, n)| ("o", n, &order.expr));
        self.list(columns.chain(orders), |walk, (prefix, n, expr)| {
            walk.expr(expr, frame);
            walk.push(" AS ");
            walk.chosen(prefix, n);
        });
    }

    fn grouped_order(&mut self, select: &'a Select) {
        if !select.order.is_empty() {
            self.push(" ORDER BY ");
            self.list(select.order.iter().zip(0..), |walk, (order, n)| {
                let (prefix, n) = selected(select, &order.expr).map_or(("o", n), |c| ("c", c));
                walk.sorted(order, |walk| walk.grouped(prefix, n));
            });
        }
    }

    /// `ORDER BY`, where there is an order.
    pub(super) fn orders(&mut self, orders: &'a [Order], frame: &Frame<'a, '_>) {
        if !orders.is_empty() {
            self.push(" ORDER BY ");
            self.list(orders, |walk, order| walk.order(order, frame));
        }
    }

    fn row_number(&mut self, select: &'a Select, group: &'a PerGroup, frame: &Frame<'a, '_>) {
        self.push("ROW_NUMBER() OVER (");
        if !group.partition.is_empty() {
            self.push("PARTITION BY ");
            self.list(&group.partition, |walk, expr| walk.expr(expr, frame));
        }
        if !select.order.is_empty() {
            self.push(if group.partition.is_empty() {
                "ORDER BY "
            } else {
                " ORDER BY "
            });
            self.list(&select.order, |walk, order| walk.order(order, frame));
        }
        self.push(") AS ");
        self.ident(NUMBER);
    }

    fn numbers_wanted(&mut self, group: &PerGroup) {
        let mut bound = |lead: &str, op: &str, number: u64| {
            self.push(lead);
            self.ident(GROUPED);
            self.push(".");
            self.ident(NUMBER);
            self.push(op);
            self.number(number.min(i64::MAX as u64));
        };
        let mut lead = " WHERE ";
        if group.offset > 0 {
            bound(lead, " > ", group.offset);
            lead = " AND ";
        }
        if let Some(limit) = group.limit {
            bound(lead, " <= ", group.offset.saturating_add(limit));
        }
    }

    fn grouped(&mut self, prefix: &str, n: u64) {
        self.ident(GROUPED);
        self.push(".");
        self.chosen(prefix, n);
    }
}

/// The position of a selected column that is this expression.
fn selected(select: &Select, expr: &Expr) -> Option<u64> {
    let Expr::Column(scope, name) = expr else {
        return None;
    };
    let same =
        |item: &SelectItem| matches!(&item.expr, Expr::Column(s, n) if s == scope && n == name);
    select.columns.iter().position(same).map(|n| n as u64)
}

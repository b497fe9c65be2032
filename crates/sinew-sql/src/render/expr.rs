//! Expressions.

use sinew_core::Value;

use super::out::Out;
use super::walk::{Frame, Name, Walk};
use crate::dialect::ListPart;
use crate::expr::{BinaryOp, Expr, Holds, InList, Scope};

/// How tightly an expression holds together; what binds less than its place asks for gets
/// parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bind {
    /// Anything, SQL written by the user too.
    Any,
    Or,
    And,
    Compare,
    /// `||` stands alone: databases disagree on its rank among the arithmetic operators.
    Concat,
    Sum,
    Product,
    Atom,
}

impl Expr {
    fn bind(&self) -> Bind {
        match self {
            Expr::Raw(_) => Bind::Any,
            Expr::And(all) | Expr::Or(all) if all.is_empty() => Bind::Atom,
            Expr::And(all) | Expr::Or(all) if all.len() == 1 => all[0].bind(),
            Expr::Or(_) => Bind::Or,
            Expr::And(_) | Expr::Not(_) => Bind::And,
            Expr::Live(..)
            | Expr::IsNull(..)
            | Expr::Between(_)
            | Expr::In { .. }
            | Expr::List { .. }
            | Expr::Like { .. } => Bind::Compare,
            Expr::Binary(_, op, _) => op.bind(),
            Expr::Column(..)
            | Expr::Value(_)
            | Expr::Param
            | Expr::Exists(..)
            | Expr::Query(_)
            | Expr::Function { .. }
            | Expr::Excluded(_)
            | Expr::AsText(_)
            | Expr::ListLength(_)
            | Expr::One
            | Expr::Null => Bind::Atom,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Expr::Null | Expr::Value(Value::Null))
    }
}

impl BinaryOp {
    fn bind(self) -> Bind {
        match self {
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => Bind::Compare,
            BinaryOp::Concat => Bind::Concat,
            BinaryOp::Add | BinaryOp::Sub => Bind::Sum,
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Bind::Product,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            BinaryOp::Eq => " = ",
            BinaryOp::Ne => " <> ",
            BinaryOp::Lt => " < ",
            BinaryOp::Le => " <= ",
            BinaryOp::Gt => " > ",
            BinaryOp::Ge => " >= ",
            BinaryOp::Add => " + ",
            BinaryOp::Sub => " - ",
            BinaryOp::Mul => " * ",
            BinaryOp::Div => " / ",
            BinaryOp::Rem => " % ",
            BinaryOp::Concat => " || ",
        }
    }
}

impl<'a, O: Out> Walk<'a, '_, O> {
    /// `lead` and the conditions, all of which must hold; nothing when there are none.
    pub(super) fn conditions(&mut self, lead: &str, all: &'a [Expr], frame: &Frame<'a, '_>) {
        if !all.is_empty() {
            self.push(lead);
            self.joined(all, " AND ", Bind::And, frame);
        }
    }

    /// Conditions that follow another one.
    pub(super) fn more_conditions(&mut self, all: &'a [Expr], frame: &Frame<'a, '_>) {
        for expr in all {
            self.push(" AND ");
            self.within(expr, Bind::And, frame);
        }
    }

    pub(super) fn expr(&mut self, expr: &'a Expr, frame: &Frame<'a, '_>) {
        match expr {
            Expr::Column(scope, name) => self.column(scope, name, frame),
            Expr::Value(value) => self.value(value.reborrow()),
            Expr::Param => self.placeholder(),
            Expr::Binary(left, op, right) => self.binary(left, *op, right, frame),
            Expr::Not(inner) => {
                self.push("NOT (");
                self.expr(inner, frame);
                self.push(")");
            }
            Expr::AsText(inner) => {
                let (before, after) = self.dialect.number_as_text();
                self.push(before);
                self.within(inner, Bind::Atom, frame);
                self.push(after);
            }
            Expr::And(all) if all.is_empty() => self.push(self.dialect.truth(true)),
            Expr::Or(all) if all.is_empty() => self.push(self.dialect.truth(false)),
            Expr::And(all) => self.joined(all, " AND ", Bind::And, frame),
            Expr::Or(all) => self.joined(all, " OR ", Bind::Or, frame),
            Expr::IsNull(inner, not) => self.null_test(inner, *not, frame),
            Expr::Between(three) => {
                let [expr, low, high] = three.as_ref();
                self.within(expr, Bind::Concat, frame);
                self.push(" BETWEEN ");
                self.within(low, Bind::Concat, frame);
                self.push(" AND ");
                self.within(high, Bind::Concat, frame);
            }
            Expr::In {
                tuple,
                list,
                negated,
            } => self.in_list(tuple, list, *negated, frame),
            Expr::Like {
                expr,
                pattern,
                ignore_case,
            } => {
                self.like(expr, pattern, *ignore_case, frame);
            }
            Expr::List { list, holds, items } => self.list_test(list, *holds, items, frame),
            Expr::ListLength(list) => {
                self.push(self.dialect.list_length());
                self.push("(");
                self.expr(list, frame);
                self.push(")");
            }
            Expr::Exists(query, negated) => {
                self.push(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.select(query, Some(frame));
                self.push(")");
            }
            Expr::Query(query) => {
                self.push("(");
                self.select(query, Some(frame));
                self.push(")");
            }
            Expr::Function {
                name,
                distinct,
                args,
            } => self.function(name, *distinct, args, frame),
            Expr::Excluded(name) => self.excluded(name),
            Expr::Raw(raw) => self.raw(raw),
            Expr::Live(scope, name) => {
                self.column(scope, name, frame);
                self.push(" IS NULL");
            }
            Expr::One => self.push("1"),
            Expr::Null => self.push("NULL"),
        }
    }

    /// The expression, in parentheses if it binds less tightly than `least`.
    fn within(&mut self, expr: &'a Expr, least: Bind, frame: &Frame<'a, '_>) {
        if expr.bind() < least {
            self.push("(");
            self.expr(expr, frame);
            self.push(")");
        } else {
            self.expr(expr, frame);
        }
    }

    fn joined(&mut self, all: &'a [Expr], with: &str, bind: Bind, frame: &Frame<'a, '_>) {
        if let [one] = all {
            return self.expr(one, frame);
        }
        for (index, expr) in all.iter().enumerate() {
            if index > 0 {
                self.push(with);
            }
            self.within(expr, bind, frame);
        }
    }

    pub(super) fn column(&mut self, scope: &'a Scope, name: &'a str, frame: &Frame<'a, '_>) {
        match scope {
            Scope::Here => self.qualified(frame.name, name),
            Scope::Outer(levels) => self.qualified(frame.outer(*levels).name, name),
            Scope::Alias(alias) => self.qualified(Name::Alias(alias), name),
            Scope::Bare => self.ident(name),
        }
    }

    fn binary(&mut self, left: &'a Expr, op: BinaryOp, right: &'a Expr, frame: &Frame<'a, '_>) {
        if let BinaryOp::Eq | BinaryOp::Ne = op {
            let not = op == BinaryOp::Ne;
            if right.is_null() {
                return self.null_test(left, not, frame);
            }
            if left.is_null() {
                return self.null_test(right, not, frame);
            }
        }
        if op == BinaryOp::Concat && !self.dialect.capabilities().concat_operator.supported {
            self.push("CONCAT(");
            self.expr(left, frame);
            self.push(", ");
            self.expr(right, frame);
            return self.push(")");
        }
        let (least_left, least_right) = match op.bind() {
            Bind::Sum => (Bind::Sum, Bind::Product),
            Bind::Product => (Bind::Product, Bind::Atom),
            Bind::Compare => (Bind::Concat, Bind::Concat),
            _ => (Bind::Atom, Bind::Atom),
        };
        self.within(left, least_left, frame);
        self.push(op.sql());
        self.within(right, least_right, frame);
    }

    fn null_test(&mut self, expr: &'a Expr, not: bool, frame: &Frame<'a, '_>) {
        self.within(expr, Bind::Concat, frame);
        self.push(if not { " IS NOT NULL" } else { " IS NULL" });
    }

    pub(super) fn in_list(
        &mut self,
        tuple: &'a [Expr],
        list: &'a InList,
        negated: bool,
        frame: &Frame<'a, '_>,
    ) {
        match (tuple, list) {
            ([], _) => return self.push(self.dialect.truth(negated)),
            // Nothing is in an empty list, NULL neither.
            (_, InList::Lists(lists)) if lists.is_empty() => {
                return self.push(self.dialect.truth(negated));
            }
            _ => {}
        }
        match tuple {
            [one] => self.within(one, Bind::Concat, frame),
            several => {
                self.push("(");
                self.list(several, |walk, expr| walk.expr(expr, frame));
                self.push(")");
            }
        }
        match list {
            InList::Values(values) => self.dialect.key_list(values, negated, self),
            InList::Lists(lists) => {
                self.push(if negated { " NOT IN (" } else { " IN (" });
                self.list(lists, |walk, list| walk.value(list.reborrow()));
                self.push(")");
            }
            InList::Kept(kept) => self.dialect.kept(kept, self),
            InList::Query(query) => {
                self.push(if negated { " NOT IN (" } else { " IN (" });
                let limited = query.limit.is_some() || query.offset.is_some();
                let wrapped = limited && !self.dialect.limits_in_lists();
                self.push(if wrapped { "SELECT * FROM (" } else { "" });
                self.select(query, Some(frame));
                self.push(if wrapped { ") AS limited)" } else { ")" });
            }
        }
    }

    fn list_test(
        &mut self,
        list: &'a Expr,
        holds: Holds,
        items: &'a Value<'static>,
        frame: &Frame<'a, '_>,
    ) {
        for part in self.dialect.list_test(holds, items) {
            match part {
                ListPart::Sql(sql) => self.push(sql),
                ListPart::List => self.within(list, Bind::Concat, frame),
                ListPart::Items => self.value(items.reborrow()),
            }
        }
    }

    fn like(
        &mut self,
        expr: &'a Expr,
        pattern: &'a Expr,
        ignore_case: bool,
        frame: &Frame<'a, '_>,
    ) {
        if !ignore_case || self.dialect.capabilities().ilike.supported {
            self.within(expr, Bind::Concat, frame);
            self.push(if ignore_case { " ILIKE " } else { " LIKE " });
            self.within(pattern, Bind::Concat, frame);
            return self.push(self.dialect.like_escape());
        }
        self.push("LOWER(");
        self.expr(expr, frame);
        self.push(") LIKE LOWER(");
        self.expr(pattern, frame);
        self.push(")");
        self.push(self.dialect.like_escape());
    }

    fn function(&mut self, name: &str, distinct: bool, args: &'a [Expr], frame: &Frame<'a, '_>) {
        self.push(self.dialect.function(name));
        self.push(if distinct { "(DISTINCT " } else { "(" });
        if args.is_empty() && name.eq_ignore_ascii_case("count") {
            self.push("*");
        }
        self.list(args, |walk, expr| walk.expr(expr, frame));
        self.push(")");
    }

    fn excluded(&mut self, name: &'a str) {
        let (before, after) = self.dialect.excluded();
        self.push(before);
        self.ident(name);
        self.push(after);
    }
}

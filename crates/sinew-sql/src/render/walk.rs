//! The walk: what it carries along, names, and placeholders.

use sinew_core::Value;

use super::out::Out;
use crate::dialect::{Dialect, Placeholder};
use crate::statement::{Ident, Join, Promised};

/// Where a dialect writes its own pieces of a statement.
pub trait Writer<'a> {
    /// Writes text as it is.
    fn text(&mut self, sql: &str);

    /// Writes a placeholder for this value.
    fn bind(&mut self, value: Value<'a>);
}

/// A walk over one statement.
pub(super) struct Walk<'a, 'd, O> {
    out: O,
    binds: Vec<Value<'a>>,
    placeholders: u64,
    style: Placeholder,
    quote: char,
    pub(super) dialect: &'d dyn Dialect,
}

/// One statement on the way from the outermost to where the walk is.
pub(super) struct Frame<'a, 'p> {
    pub(super) name: Name<'a>,
    pub(super) joins: &'a [Join],
    pub(super) parent: Option<&'p Frame<'a, 'p>>,
}

/// How a statement's main source is referred to.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    /// By its table's name, which may be qualified.
    Table(&'a str),
    /// By an alias that the statement gives.
    Alias(&'a str),
    /// By an alias `t<n>` that the walk chose.
    Chosen(u64),
}

impl Name<'_> {
    /// Whether a source called `other` would hide this one.
    fn clashes(&self, other: &str) -> bool {
        match self {
            Name::Table(name) => last(name).eq_ignore_ascii_case(other),
            Name::Alias(name) => name.eq_ignore_ascii_case(other),
            Name::Chosen(n) => is_chosen(*n, other),
        }
    }
}

fn is_chosen(n: u64, name: &str) -> bool {
    let digits = name.strip_prefix(['t', 'T']).unwrap_or("");
    !digits.starts_with(['0', '+']) && digits.parse() == Ok(n)
}

/// The last part of a qualified name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl<'a, 'p> Frame<'a, 'p> {
    /// The frame of a statement on `table`, under an alias of its own where an enclosing
    /// statement uses the name already.
    pub(super) fn of_table(
        table: &'a str,
        joins: &'a [Join],
        parent: Option<&'p Frame<'a, 'p>>,
    ) -> Self {
        let mut frame = Frame {
            name: Name::Table(table),
            joins,
            parent,
        };
        if let Some(outer) = parent
            && outer.uses(&|name| name.clashes(last(table)))
        {
            let mut n = outer.depth();
            while outer.uses(&|name| name.clashes_chosen(n))
                || frame.joins_use(&|name| name.clashes_chosen(n))
            {
                n += 1;
            }
            frame.name = Name::Chosen(n);
        }
        frame
    }

    fn depth(&self) -> u64 {
        1 + self.parent.map_or(0, Frame::depth)
    }

    fn uses(&self, test: &dyn Fn(Name<'_>) -> bool) -> bool {
        test(self.name)
            || self.joins_use(test)
            || self.parent.is_some_and(|parent| parent.uses(test))
    }

    fn joins_use(&self, test: &dyn Fn(Name<'_>) -> bool) -> bool {
        self.joins.iter().any(|join| match join {
            Join::Table { alias, .. } => test(Name::Alias(alias)),
            Join::Raw(_) => false,
        })
    }

    /// The frame `levels` statements further out; the outermost when there are fewer.
    pub(super) fn outer(&self, levels: u32) -> &Frame<'a, 'p> {
        let mut frame = self;
        for _ in 0..levels {
            match frame.parent {
                Some(parent) => frame = parent,
                None => break,
            }
        }
        frame
    }
}

impl Name<'_> {
    fn clashes_chosen(&self, n: u64) -> bool {
        match self {
            Name::Table(name) => is_chosen(n, last(name)),
            Name::Alias(name) => is_chosen(n, name),
            Name::Chosen(other) => *other == n,
        }
    }
}

impl<'a, 'd, O: Out> Walk<'a, 'd, O> {
    pub(super) fn new(dialect: &'d dyn Dialect, out: O) -> Self {
        Self {
            out,
            binds: Vec::new(),
            placeholders: 0,
            style: dialect.placeholder(),
            quote: dialect.quote(),
            dialect,
        }
    }

    pub(super) fn finish(self) -> (O, Vec<Value<'a>>) {
        (self.out, self.binds)
    }

    #[inline]
    pub(super) fn push(&mut self, piece: &str) {
        self.out.push(piece);
    }

    pub(super) fn number(&mut self, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.push(std::str::from_utf8(&digits[at..]).unwrap_or_default());
    }

    /// A name in quotes.
    pub(super) fn ident(&mut self, name: &str) {
        let quote = self.quote;
        if !has(name, quote) {
            return self.out.quoted(quote as u8, name);
        }
        let mut encoded = [0; 4];
        let quote: &str = quote.encode_utf8(&mut encoded);
        self.push(quote);
        for (index, part) in name.split(quote).enumerate() {
            if index > 0 {
                self.push(quote);
                self.push(quote);
            }
            self.push(part);
        }
        self.push(quote);
    }

    /// A table's name, each part of a qualified one in quotes.
    pub(super) fn table(&mut self, name: &str) {
        if !has(name, '.') {
            return self.ident(name);
        }
        for (index, part) in name.split('.').enumerate() {
            if index > 0 {
                self.push(".");
            }
            self.ident(part);
        }
    }

    /// A column of a source.
    pub(super) fn qualified(&mut self, name: Name<'a>, column: &str) {
        if let Name::Table(source) | Name::Alias(source) = name
            && !has(source, self.quote)
            && !has(column, self.quote)
            && !(matches!(name, Name::Table(_)) && has(source, '.'))
        {
            return self.out.pair(self.quote as u8, source, column);
        }
        self.name(name);
        self.push(".");
        self.ident(column);
    }

    pub(super) fn name(&mut self, name: Name<'a>) {
        match name {
            Name::Table(name) => self.table(name),
            Name::Alias(name) => self.ident(name),
            Name::Chosen(n) => self.chosen("t", n),
        }
    }

    /// A name of Sinew's own with a number, in quotes.
    pub(super) fn chosen(&mut self, prefix: &str, n: u64) {
        let mut encoded = [0; 4];
        let quote: &str = self.quote.encode_utf8(&mut encoded);
        self.push(quote);
        self.push(prefix);
        self.number(n);
        self.push(quote);
    }

    /// Each item by `write`, with `, ` between them.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item);
        }
    }

    pub(super) fn idents(&mut self, names: &'a [Ident]) {
        self.list(names, |walk, name| walk.ident(name));
    }

    pub(super) fn placeholder(&mut self) {
        self.placeholders += 1;
        match self.style {
            Placeholder::Question => self.push("?"),
            Placeholder::Numbered => {
                self.push("$");
                self.number(self.placeholders);
            }
        }
    }

    /// A placeholder whose value may stand for a key that only the server knows.
    pub(super) fn promised(&mut self, promised: Promised) {
        self.placeholders += 1;
        let text = self.dialect.promised(self.placeholders, promised);
        self.push(&text);
    }

    pub(super) fn value(&mut self, value: Value<'a>) {
        self.placeholder();
        self.binds.push(value);
    }
}

/// Whether the text holds this ASCII character. Names are short: a loop beats a search.
#[inline]
fn has(text: &str, character: char) -> bool {
    text.bytes().any(|byte| byte == character as u8)
}

impl<'a, O: Out> Writer<'a> for Walk<'a, '_, O> {
    fn text(&mut self, sql: &str) {
        self.push(sql);
    }

    fn bind(&mut self, value: Value<'a>) {
        self.value(value);
    }
}

//! The only place that writes SQL text.
//!
//! One walk over a statement feeds either a text or a hash of that text, so that both agree by
//! construction.

mod expr;
mod group;
mod hand_on;
mod out;
mod raw;
mod select;
mod walk;
mod write;

use sinew_core::Value;

use crate::dialect::Dialect;
use crate::expr::Raw;
use crate::statement::{Delete, HandOn, Insert, InsertSelect, Replace, Select, Update};

use out::{Out, Shape};
use walk::Walk;

pub use walk::Writer;

/// A statement as text, with its values borrowed from the statement.
#[derive(Debug)]
pub struct Rendered<'a> {
    /// The text.
    pub sql: String,
    /// The values in placeholder order.
    pub binds: Vec<Value<'a>>,
}

/// A statement that can be rendered.
pub trait Render {
    /// The text and values in this dialect.
    fn render(&self, dialect: &dyn Dialect) -> Rendered<'_>;

    /// A hash of exactly the text that [`Render::render`] would write, and the values, without
    /// building the text.
    fn shape(&self, dialect: &dyn Dialect) -> (u64, Vec<Value<'_>>);
}

/// A statement that the walk knows how to write.
trait Write {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>);
}

impl<S: Write> Render for S {
    fn render(&self, dialect: &dyn Dialect) -> Rendered<'_> {
        let mut walk = Walk::new(dialect, String::with_capacity(128));
        self.write(&mut walk);
        let (sql, binds) = walk.finish();
        Rendered { sql, binds }
    }

    fn shape(&self, dialect: &dyn Dialect) -> (u64, Vec<Value<'_>>) {
        let mut walk = Walk::new(dialect, Shape::new());
        self.write(&mut walk);
        let (shape, binds) = walk.finish();
        (shape.finish(), binds)
    }
}

impl Write for Select {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.select(self, None);
    }
}

impl Write for HandOn {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.hand_on(self);
    }
}

impl Write for Insert {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.insert(self);
    }
}

impl Write for InsertSelect {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.insert_select(self);
    }
}

impl Write for Update {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.update(self);
    }
}

impl Write for Delete {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.delete(self);
    }
}

impl Write for Replace {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.replace(self);
    }
}

/// A whole statement written by the user.
impl Write for Raw {
    fn write<'a, O: Out>(&'a self, walk: &mut Walk<'a, '_, O>) {
        walk.raw(self);
    }
}

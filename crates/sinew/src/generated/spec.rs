//! A model's description as constant data, which the derive writes and `describe` reads.

use std::any::Any;

use sinew_core::record::{Model, Rows};
use sinew_core::schema::{AnyVariant, ColumnRole, ModelFn, ReferentialAction};
use sinew_core::value::TypeFamily;

/// A model's hooks, as [`sinew_core::schema::ModelMeta`] keeps them.
pub type HooksFn = fn() -> &'static (dyn Any + Send + Sync);

/// A model with its constant description.
pub trait Described {
    const SPEC: ModelSpec;
}

/// Which key column the database numbers.
#[derive(Clone, Copy)]
pub enum Generated {
    /// The only one, if it is an integer.
    Auto,
    Never,
    Column(usize),
}

pub struct ModelSpec {
    pub(super) name: &'static str,
    pub(super) table: &'static str,
    pub(super) key: &'static [usize],
    pub(super) parts: &'static [Part],
    pub(super) generated: Generated,
    pub(super) relations: &'static [RelationSpec],
    pub(super) indexes: &'static [IndexSpec],
    pub(super) checks: &'static [CheckSpec],
    pub(super) comment: Option<&'static str>,
    pub(super) new_rows: fn() -> Box<dyn Rows>,
    pub(super) hooks: Option<HooksFn>,
}

fn new_rows<M: Model>() -> Box<dyn Rows> {
    Box::new(Vec::<M>::new())
}

/// Setters that take what they are named for.
macro_rules! setters {
    ($($name:ident: $($arg:ident: $ty:ty),* => $field:ident = $value:expr;)*) => {$(
        #[must_use]
        pub const fn $name(mut self, $($arg: $ty),*) -> Self {
            self.$field = $value;
            self
        }
    )*};
}

impl ModelSpec {
    pub const fn of<M: Model>(parts: &'static [Part]) -> Self {
        Self {
            name: M::NAME,
            table: M::TABLE,
            key: M::KEY,
            parts,
            generated: Generated::Auto,
            relations: &[],
            indexes: &[],
            checks: &[],
            comment: None,
            new_rows: new_rows::<M>,
            hooks: None,
        }
    }

    setters! {
        not_generated: => generated = Generated::Never;
        generated: column: usize => generated = Generated::Column(column);
        relations: relations: &'static [RelationSpec] => relations = relations;
        indexes: indexes: &'static [IndexSpec] => indexes = indexes;
        checks: checks: &'static [CheckSpec] => checks = checks;
        comment: comment: &'static str => comment = Some(comment);
        hooks: hooks: HooksFn => hooks = Some(hooks);
    }
}

/// A column, or the columns of an embedded struct.
pub enum Part {
    Column(ColumnSpec),
    /// Field, prefix of the column names, columns.
    Embedded(&'static str, &'static str, &'static EmbeddedSpec),
}

pub struct EmbeddedSpec {
    pub(super) parts: &'static [Part],
    pub(super) generated: Generated,
    pub(super) indexes: &'static [IndexSpec],
    pub(super) checks: &'static [CheckSpec],
}

impl EmbeddedSpec {
    pub const fn new(parts: &'static [Part]) -> Self {
        Self {
            parts,
            generated: Generated::Auto,
            indexes: &[],
            checks: &[],
        }
    }

    setters! {
        not_generated: => generated = Generated::Never;
        generated: column: usize => generated = Generated::Column(column);
        indexes: indexes: &'static [IndexSpec] => indexes = indexes;
        checks: checks: &'static [CheckSpec] => checks = checks;
    }
}

pub struct ColumnSpec {
    pub(super) field: &'static str,
    pub(super) name: &'static str,
    pub(super) family: TypeFamily,
    pub(super) nullable: bool,
    pub(super) sql_type: Option<&'static str>,
    pub(super) size: Option<u32>,
    pub(super) precision: Option<(u8, u8)>,
    pub(super) unique: bool,
    pub(super) default: Option<&'static str>,
    pub(super) role: ColumnRole,
    pub(super) comment: Option<&'static str>,
    /// The index's name; empty for one of its own.
    pub(super) index: Option<&'static str>,
    pub(super) unique_index: Option<&'static str>,
    pub(super) no_index: bool,
    pub(super) check: Option<CheckSpec>,
}

impl ColumnSpec {
    pub const fn json(field: &'static str, nullable: bool) -> Self {
        Self::new(field, TypeFamily::Json, nullable)
    }

    pub(super) const fn new(field: &'static str, family: TypeFamily, nullable: bool) -> Self {
        Self {
            field,
            name: field,
            family,
            nullable,
            sql_type: None,
            size: None,
            precision: None,
            unique: false,
            default: None,
            role: ColumnRole::Plain,
            comment: None,
            index: None,
            unique_index: None,
            no_index: false,
            check: None,
        }
    }

    /// The same for this field.
    #[must_use]
    pub const fn named(mut self, field: &'static str) -> Self {
        self.field = field;
        self.name = field;
        self
    }

    setters! {
        column: name: &'static str => name = name;
        sql_type: sql_type: &'static str => sql_type = Some(sql_type);
        size: size: u32 => size = Some(size);
        precision: digits: u8, scale: u8 => precision = Some((digits, scale));
        unique: => unique = true;
        default: sql: &'static str => default = Some(sql);
        created_at: => role = ColumnRole::CreatedAt;
        updated_at: => role = ColumnRole::UpdatedAt;
        deleted_at: => role = ColumnRole::DeletedAt;
        comment: comment: &'static str => comment = Some(comment);
        index: name: &'static str => index = Some(name);
        unique_index: name: &'static str => unique_index = Some(name);
        no_index: => no_index = true;
        check: condition: &'static str, name: Option<&'static str> =>
            check = Some(CheckSpec { condition, name });
    }
}

#[derive(Clone, Copy)]
pub struct CheckSpec {
    pub(super) condition: &'static str,
    pub(super) name: Option<&'static str>,
}

impl CheckSpec {
    pub const fn new(condition: &'static str, name: Option<&'static str>) -> Self {
        Self { condition, name }
    }
}

pub struct IndexSpec {
    pub(super) columns: &'static [usize],
    pub(super) unique: bool,
    pub(super) name: Option<&'static str>,
    pub(super) condition: Option<&'static str>,
}

impl IndexSpec {
    pub const fn new(
        columns: &'static [usize],
        unique: bool,
        name: Option<&'static str>,
        condition: Option<&'static str>,
    ) -> Self {
        Self {
            columns,
            unique,
            name,
            condition,
        }
    }
}

/// The join table's columns for one side.
#[derive(Clone, Copy)]
pub enum JoinNames {
    Given(&'static [&'static str]),
    /// This word, `_`, and each of these names.
    Prefixed(&'static str, &'static [&'static str]),
}

pub struct RelationSpec {
    pub(super) name: &'static str,
    pub(super) many: bool,
    pub(super) required: bool,
    pub(super) link: Link,
    pub(super) on_update: Option<ReferentialAction>,
    pub(super) on_delete: Option<ReferentialAction>,
    pub(super) constrained: bool,
    pub(super) constraint: Option<&'static str>,
    pub(super) soft_cascade: bool,
    pub(super) no_index: bool,
}

/// [`sinew_core::schema::Linkage`] as constant data.
#[derive(Clone, Copy)]
pub(super) enum Link {
    Owner {
        own: &'static [usize],
        far: &'static [usize],
        target: ModelFn,
    },
    Target {
        own: &'static [usize],
        far: &'static [usize],
        polymorphic: Option<(usize, &'static str)>,
        target: ModelFn,
    },
    Join {
        own: (&'static [usize], JoinNames),
        far: (&'static [usize], JoinNames),
        table: &'static str,
        model: Option<ModelFn>,
        target: ModelFn,
    },
    Through {
        path: &'static [&'static str],
        target: ModelFn,
    },
    Any {
        id: usize,
        kind: usize,
        variants: fn() -> Vec<AnyVariant>,
    },
}

impl RelationSpec {
    const fn new(name: &'static str, many: bool, required: bool, link: Link) -> Self {
        let constrained = !matches!(link, Link::Through { .. } | Link::Any { .. });
        Self {
            name,
            many,
            required,
            link,
            on_update: None,
            on_delete: None,
            constrained,
            constraint: None,
            soft_cascade: false,
            no_index: false,
        }
    }

    pub const fn belongs_to(
        name: &'static str,
        required: bool,
        own: &'static [usize],
        far: &'static [usize],
        target: ModelFn,
    ) -> Self {
        Self::new(name, false, required, Link::Owner { own, far, target })
    }

    pub const fn has(
        name: &'static str,
        many: bool,
        own: &'static [usize],
        far: &'static [usize],
        target: ModelFn,
    ) -> Self {
        Self::new(
            name,
            many,
            false,
            Link::Target {
                own,
                far,
                polymorphic: None,
                target,
            },
        )
    }

    pub const fn many_to_many(
        name: &'static str,
        own: (&'static [usize], JoinNames),
        far: (&'static [usize], JoinNames),
        (table, model): (&'static str, Option<ModelFn>),
        target: ModelFn,
    ) -> Self {
        Self::new(
            name,
            true,
            false,
            Link::Join {
                own,
                far,
                table,
                model,
                target,
            },
        )
    }

    pub const fn through(
        name: &'static str,
        path: &'static [&'static str],
        target: ModelFn,
    ) -> Self {
        Self::new(name, true, false, Link::Through { path, target })
    }

    pub const fn any(
        name: &'static str,
        id: usize,
        kind: usize,
        variants: fn() -> Vec<AnyVariant>,
    ) -> Self {
        Self::new(name, false, false, Link::Any { id, kind, variants })
    }

    /// The targets have owners of several models: the target's type column, and the value there.
    #[must_use]
    pub const fn polymorphic(mut self, column: usize, value: &'static str) -> Self {
        if let Link::Target {
            own, far, target, ..
        } = self.link
        {
            self.link = Link::Target {
                own,
                far,
                target,
                polymorphic: Some((column, value)),
            };
        }
        self.constrained = false;
        self
    }

    setters! {
        on_update: action: ReferentialAction => on_update = Some(action);
        on_delete: action: ReferentialAction => on_delete = Some(action);
        unconstrained: => constrained = false;
        constraint: name: &'static str => constraint = Some(name);
        soft_cascade: => soft_cascade = true;
        no_index: => no_index = true;
    }
}

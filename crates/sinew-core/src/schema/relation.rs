use std::borrow::Cow;

use super::ModelMeta;

/// Where to find a model's description; a function, because models refer to one another.
pub type ModelFn = fn() -> &'static ModelMeta;

/// One association.
#[derive(Clone, Debug)]
pub struct RelationMeta {
    /// The field's name.
    pub name: &'static str,
    /// Its position among the model's associations.
    pub index: usize,
    /// Whether it holds many targets.
    pub many: bool,
    /// How owner and target are linked.
    pub linkage: Linkage,
    /// Whether an owner without a target is an error (`BelongsTo<T>` rather than
    /// `BelongsTo<Option<T>>`).
    pub required: bool,
    /// What the database does to the referring row when the referenced key changes.
    pub on_update: Option<ReferentialAction>,
    /// What the database does to the referring row when the referenced row goes.
    pub on_delete: Option<ReferentialAction>,
    /// Whether a foreign key constraint is made.
    pub constrained: bool,
    /// The constraint's name, where the model gives one.
    pub constraint_name: Option<&'static str>,
    /// False where the model wants no index on the foreign key.
    pub indexed: bool,
    /// Whether soft-deleting the owner soft-deletes the targets too.
    pub soft_cascade: bool,
}

/// How owner and target are linked. Column positions count in the respective model.
#[derive(Clone, Debug)]
pub enum Linkage {
    /// Belongs-to: the owner holds the key.
    Owner {
        /// The owner's foreign key columns.
        own: Vec<usize>,
        /// The target's referenced columns.
        far: Vec<usize>,
        /// The target.
        target: ModelFn,
    },
    /// Has-one and has-many: the target holds the key.
    Target {
        /// The owner's referenced columns.
        own: Vec<usize>,
        /// The target's foreign key columns.
        far: Vec<usize>,
        /// The type column and its value, when the targets have owners of several models.
        polymorphic: Option<Polymorphic>,
        /// The target.
        target: ModelFn,
    },
    /// Many-to-many: a join table holds both keys.
    Join {
        /// The owner's referenced columns.
        own: Vec<usize>,
        /// The target's referenced columns.
        far: Vec<usize>,
        /// The join table.
        table: JoinTable,
        /// The target.
        target: ModelFn,
    },
    /// Has-many through other associations; read-only.
    Through {
        /// The associations on the way, the first of the owner, each next of the one before.
        path: Vec<&'static str>,
        /// The target.
        target: ModelFn,
    },
    /// Belongs to one of several models.
    Any {
        /// The owner's column that holds the target's key.
        id: usize,
        /// The owner's column that says which model.
        kind: usize,
        /// The models it may be.
        variants: fn() -> Vec<AnyVariant>,
    },
}

impl RelationMeta {
    /// The target model; `None` where there are several.
    pub fn target(&self) -> Option<&'static ModelMeta> {
        match &self.linkage {
            Linkage::Owner { target, .. }
            | Linkage::Target { target, .. }
            | Linkage::Join { target, .. }
            | Linkage::Through { target, .. } => Some(target()),
            Linkage::Any { .. } => None,
        }
    }
}

/// The type column of a polymorphic association, and the value that stands for the owner's model.
#[derive(Clone, Debug)]
pub struct Polymorphic {
    /// The target's type column.
    pub column: usize,
    /// Its value for this owner: the owner's table unless the model says otherwise.
    pub value: Cow<'static, str>,
}

/// The join table of a many-to-many association.
#[derive(Clone, Debug)]
pub struct JoinTable {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its columns that refer to the owner, in the order of the owner's columns.
    pub own: Vec<Cow<'static, str>>,
    /// Its columns that refer to the target.
    pub far: Vec<Cow<'static, str>>,
    /// The join model, where the user wrote one.
    pub model: Option<ModelFn>,
}

/// One model that a polymorphic row may belong to.
#[derive(Clone, Debug)]
pub struct AnyVariant {
    /// The value in the type column.
    pub value: Cow<'static, str>,
    /// The model.
    pub target: ModelFn,
    /// The referenced column of that model.
    pub far: usize,
}

/// What a foreign key does to the referring rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferentialAction {
    /// Change or delete them too.
    Cascade,
    /// Set their key to NULL.
    SetNull,
    /// Set their key to its default.
    SetDefault,
    /// Refuse at once.
    Restrict,
    /// Refuse at the end of the statement or transaction.
    NoAction,
}

impl ReferentialAction {
    /// The SQL words.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::Restrict => "RESTRICT",
            Self::NoAction => "NO ACTION",
        }
    }
}

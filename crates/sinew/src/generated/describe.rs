//! From the constant description to the one that the engine reads. It looks at no other model's
//! description, because models refer to one another in circles.

use std::borrow::Cow;

use sinew_core::schema::{
    CheckMeta, ColumnMeta, ColumnRole, IndexMeta, JoinTable, Linkage, ModelMeta, Polymorphic,
    RelationMeta,
};

use super::spec::{
    CheckSpec, ColumnSpec, EmbeddedSpec, Generated, IndexSpec, JoinNames, Link, ModelSpec, Part,
    RelationSpec,
};

/// The description of a model.
pub fn describe(spec: &'static ModelSpec) -> ModelMeta {
    let mut parts = Parts {
        generated: spec.generated,
        ..Parts::default()
    };
    parts.add(spec.parts, "", "");
    parts.add_table_parts(spec.indexes, spec.checks, "", 0);
    if let [sole] = spec.key
        && let Some(column) = parts.columns.get_mut(*sole)
    {
        column.unique = true;
    }
    parts.index_foreign_keys(spec);
    ModelMeta {
        name: spec.name,
        table: Cow::Borrowed(spec.table),
        key: spec.key.to_vec(),
        generated: parts.generated_column(spec.key),
        relations: spec
            .relations
            .iter()
            .enumerate()
            .map(|(at, each)| relation(at, each))
            .collect(),
        columns: parts.columns,
        indexes: parts.indexes,
        checks: parts.checks,
        comment: spec.comment,
        new_rows: spec.new_rows,
        hooks: spec.hooks.map(|hooks| hooks()),
    }
}

/// What the columns bring along.
struct Parts {
    columns: Vec<ColumnMeta>,
    indexes: Vec<IndexMeta>,
    checks: Vec<CheckMeta>,
    /// Columns that are not to be indexed.
    bare: Vec<usize>,
    generated: Generated,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            bare: Vec::new(),
            generated: Generated::Auto,
        }
    }
}

impl Parts {
    fn add(&mut self, parts: &'static [Part], path: &str, prefix: &str) {
        for part in parts {
            match part {
                Part::Column(column) => self.add_column(column, path, prefix),
                Part::Embedded(field, more, spec) => {
                    let path = format!("{path}{field}.");
                    self.add_embedded(spec, &path, &format!("{prefix}{more}"));
                }
            }
        }
    }

    fn add_embedded(&mut self, spec: &'static EmbeddedSpec, path: &str, prefix: &str) {
        let base = self.columns.len();
        self.add(spec.parts, path, prefix);
        self.add_table_parts(spec.indexes, spec.checks, prefix, base);
        if matches!(self.generated, Generated::Auto) {
            self.generated = match spec.generated {
                Generated::Column(at) => Generated::Column(base + at),
                other => other,
            };
        }
    }

    fn add_column(&mut self, spec: &'static ColumnSpec, path: &str, prefix: &str) {
        let at = self.columns.len();
        self.columns.push(ColumnMeta {
            field: joined(path, spec.field),
            name: joined(prefix, spec.name),
            family: spec.family,
            sql_type: spec.sql_type,
            nullable: spec.nullable,
            size: spec.size,
            precision: spec.precision,
            unique: spec.unique,
            default: spec.default.map(Cow::Borrowed),
            role: spec.role,
            comment: spec.comment,
            indexed: !spec.no_index,
        });
        if let Some(check) = spec.check {
            self.checks.push(check_meta(check, prefix, Some(at)));
        }
        for (name, unique) in [(spec.index, false), (spec.unique_index, true)] {
            if let Some(name) = name {
                let name = (!name.is_empty()).then(|| joined(prefix, name));
                self.add_to_index(name, unique, at);
            }
        }
        if spec.no_index {
            self.bare.push(at);
        } else if spec.role == ColumnRole::DeletedAt && spec.index.is_none() {
            self.add_to_index(None, false, at);
        }
    }

    /// Columns that share an index's name share the index.
    fn add_to_index(&mut self, name: Option<Cow<'static, str>>, unique: bool, at: usize) {
        let shared = self
            .indexes
            .iter_mut()
            .find(|index| name.is_some() && index.name == name && index.unique == unique);
        match shared {
            Some(index) => index.columns.push(at),
            None => self.indexes.push(IndexMeta {
                name,
                columns: vec![at],
                unique,
                condition: None,
            }),
        }
    }

    fn add_table_parts(
        &mut self,
        indexes: &'static [IndexSpec],
        checks: &'static [CheckSpec],
        prefix: &str,
        base: usize,
    ) {
        self.indexes.extend(indexes.iter().map(|index| IndexMeta {
            name: index.name.map(|name| joined(prefix, name)),
            columns: index.columns.iter().map(|at| base + at).collect(),
            unique: index.unique,
            condition: index.condition,
        }));
        self.checks
            .extend(checks.iter().map(|&check| check_meta(check, prefix, None)));
    }

    /// The model's own foreign keys are indexed, unless something serves as their index already
    /// or the model says no.
    fn index_foreign_keys(&mut self, spec: &ModelSpec) {
        for relation in spec.relations.iter().filter(|relation| !relation.no_index) {
            let columns = match &relation.link {
                Link::Owner { own, .. } => own.to_vec(),
                Link::Any { id, kind, .. } => vec![*kind, *id],
                _ => continue,
            };
            let bare = columns.iter().any(|at| self.bare.contains(at));
            if !bare && !columns.is_empty() && !self.is_indexed(&columns, spec.key) {
                self.indexes.push(IndexMeta {
                    name: None,
                    columns,
                    unique: false,
                    condition: None,
                });
            }
        }
    }

    fn is_indexed(&self, columns: &[usize], key: &[usize]) -> bool {
        let unique = |at: &usize| self.columns.get(*at).is_some_and(|column| column.unique);
        key.starts_with(columns)
            || matches!(columns, [sole] if unique(sole))
            || self
                .indexes
                .iter()
                .any(|index| index.condition.is_none() && index.columns.starts_with(columns))
    }

    fn generated_column(&self, key: &[usize]) -> Option<usize> {
        match (self.generated, key) {
            (Generated::Column(at), _) => Some(at),
            (Generated::Auto, [sole]) => {
                let integer =
                    |at: &usize| self.columns.get(*at).is_some_and(|c| c.family.is_integer());
                Some(*sole).filter(integer)
            }
            _ => None,
        }
    }
}

fn joined(before: &str, name: &'static str) -> Cow<'static, str> {
    if before.is_empty() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{before}{name}"))
    }
}

fn check_meta(check: CheckSpec, prefix: &str, column: Option<usize>) -> CheckMeta {
    CheckMeta {
        name: check.name.map(|name| joined(prefix, name)),
        column,
        condition: Cow::Borrowed(check.condition),
    }
}

fn relation(index: usize, spec: &RelationSpec) -> RelationMeta {
    RelationMeta {
        name: spec.name,
        index,
        many: spec.many,
        linkage: linkage(spec.link),
        required: spec.required,
        on_update: spec.on_update,
        on_delete: spec.on_delete,
        constrained: spec.constrained,
        constraint_name: spec.constraint,
        indexed: !spec.no_index,
        soft_cascade: spec.soft_cascade,
    }
}

fn linkage(link: Link) -> Linkage {
    match link {
        Link::Owner { own, far, target } => Linkage::Owner {
            own: own.to_vec(),
            far: far.to_vec(),
            target,
        },
        Link::Target {
            own,
            far,
            polymorphic,
            target,
        } => Linkage::Target {
            own: own.to_vec(),
            far: far.to_vec(),
            polymorphic: polymorphic.map(|(column, value)| Polymorphic {
                column,
                value: Cow::Borrowed(value),
            }),
            target,
        },
        Link::Join {
            own,
            far,
            table,
            model,
            target,
        } => Linkage::Join {
            own: own.0.to_vec(),
            far: far.0.to_vec(),
            table: JoinTable {
                name: Cow::Borrowed(table),
                own: join_names(own.1),
                far: join_names(far.1),
                model,
            },
            target,
        },
        Link::Through { path, target } => Linkage::Through {
            path: path.to_vec(),
            target,
        },
        Link::Any { id, kind, variants } => Linkage::Any { id, kind, variants },
    }
}

fn join_names(names: JoinNames) -> Vec<Cow<'static, str>> {
    match names {
        JoinNames::Given(names) => names.iter().map(|name| Cow::Borrowed(*name)).collect(),
        JoinNames::Prefixed(word, keys) => keys
            .iter()
            .map(|key| Cow::Owned(sinew_names::join_column(word, key)))
            .collect(),
    }
}

//! What a table lacks.

use sinew_core::schema::ReferentialAction;
use sinew_sql::ddl::{Check, Column, ForeignKey, Index, Table, Unique};

use crate::database::{ExistingColumn, ExistingForeignKey, ExistingIndex, ExistingTable};
use crate::dialect::Migrator;
use crate::schema::{leads, same};

/// One difference between a table that exists and the one that the models ask for. Only what is
/// missing or contradicts the models counts: what the database has beyond that stays.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<'a> {
    AddColumn(&'a Column),
    AllowNull(&'a Column),
    Retype(&'a Column, &'a str),
    PutDefault(&'a Column),
    CommentColumn(&'a Column),
    CommentTable(&'a str),
    AddUnique(&'a Unique),
    /// The position is that of the check in the existing table that is replaced.
    PutCheck(&'a Check, Option<usize>),
    /// As for checks.
    PutForeignKey(&'a ForeignKey, Option<usize>),
    /// The name is that of the index that is replaced.
    PutIndex(&'a Index, Option<&'a str>),
}

/// The changes in the order in which they can be made.
pub(crate) fn diff<'a>(
    existing: &'a ExistingTable,
    desired: &'a Table,
    migrator: &dyn Migrator,
) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    let comments = migrator.compares_comments();
    changes.extend(
        (desired.comment.as_deref())
            .filter(|comment| comments && existing.comment.as_deref() != Some(comment))
            .map(Change::CommentTable),
    );
    for column in &desired.columns {
        match existing.column(&column.name) {
            None => changes.push(Change::AddColumn(column)),
            Some(known) => column_changes(existing, known, column, migrator, &mut changes),
        }
    }
    for unique in &desired.uniques {
        if !has_unique(existing, unique) {
            changes.push(Change::AddUnique(unique));
        }
    }
    for check in &desired.checks {
        changes.extend(check_change(existing, check, migrator));
    }
    for index in &desired.indexes {
        changes.extend(index_change(existing, desired, index, migrator));
    }
    for key in &desired.foreign_keys {
        changes.extend(key_change(existing, key, migrator));
    }
    changes
}

fn column_changes<'a>(
    table: &ExistingTable,
    known: &'a ExistingColumn,
    column: &'a Column,
    migrator: &dyn Migrator,
    changes: &mut Vec<Change<'a>>,
) {
    let key = table
        .primary_key
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&column.name));
    if migrator.compares_comments()
        && column.comment.is_some()
        && known.comment.as_deref() != column.comment.as_deref()
    {
        changes.push(Change::CommentColumn(column));
    }
    if known.computed {
        return;
    }
    if !key && !migrator.same_type(known, column) {
        changes.push(Change::Retype(column, &known.type_name));
    }
    if column.nullable && !known.nullable && !key {
        changes.push(Change::AllowNull(column));
    }
    if let Some(default) = &column.default {
        let same = known
            .default
            .as_ref()
            .is_some_and(|known| migrator.same_default(known, default));
        if !same {
            changes.push(Change::PutDefault(column));
        }
    }
}

fn has_unique(existing: &ExistingTable, unique: &Unique) -> bool {
    let full = |index: &&ExistingIndex| index.unique && index.condition.is_none();
    same(&existing.primary_key, &unique.columns)
        || existing
            .indexes
            .iter()
            .filter(full)
            .any(|index| same(&index.columns, &unique.columns))
}

fn named(known: Option<&str>, name: &str) -> bool {
    known.is_some_and(|known| known.eq_ignore_ascii_case(name))
}

fn check_change<'a>(
    existing: &ExistingTable,
    check: &'a Check,
    migrator: &dyn Migrator,
) -> Option<Change<'a>> {
    let by_name = existing
        .checks
        .iter()
        .position(|known| named(known.name.as_deref(), &check.name));
    let wanted = migrator.plain(&check.condition);
    match by_name {
        Some(at) if !migrator.keeps_conditions() || existing.checks[at].condition == wanted => None,
        Some(at) => Some(Change::PutCheck(check, Some(at))),
        None if existing
            .checks
            .iter()
            .any(|known| known.condition == wanted) =>
        {
            None
        }
        None => Some(Change::PutCheck(check, None)),
    }
}

fn index_change<'a>(
    existing: &'a ExistingTable,
    desired: &Table,
    index: &'a Index,
    migrator: &dyn Migrator,
) -> Option<Change<'a>> {
    let condition = index
        .condition
        .as_ref()
        .filter(|_| migrator.has_partial_indexes())
        .map(|condition| migrator.plain(condition));
    let equal_columns = |known: &[String]| {
        known.len() == index.columns.len()
            && known
                .iter()
                .zip(&index.columns)
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let equal = |known: &ExistingIndex| {
        equal_columns(&known.columns)
            && (known.unique == index.unique)
            && match (&known.condition, &condition) {
                (None, None) => true,
                (Some(known), Some(wanted)) => known == wanted || !migrator.keeps_conditions(),
                _ => false,
            }
    };
    let by_name = existing
        .indexes
        .iter()
        .find(|known| named(known.name.as_deref(), &index.name));
    if let Some(known) = by_name {
        let name = known.name.as_deref();
        return (!equal(known)).then_some(Change::PutIndex(index, name));
    }
    let serves = |known: &ExistingIndex| {
        equal(known)
            || known.unique
                && known.condition.is_none()
                && condition.is_none()
                && equal_columns(&known.columns)
    };
    let of_foreign_key = !index.unique
        && condition.is_none()
        && desired
            .foreign_keys
            .iter()
            .any(|key| same(&key.columns, &index.columns));
    let found = existing.indexes.iter().any(serves)
        || condition.is_none() && equal_columns(&existing.primary_key)
        || of_foreign_key
            && (leads(&existing.primary_key, &index.columns)
                || existing.indexes.iter().any(|known| {
                    known.condition.is_none() && leads(&known.columns, &index.columns)
                }));
    (!found).then_some(Change::PutIndex(index, None))
}

fn key_change<'a>(
    existing: &ExistingTable,
    key: &'a ForeignKey,
    migrator: &dyn Migrator,
) -> Option<Change<'a>> {
    let same_table = |known: &str| {
        if migrator.has_schemas() {
            known.eq_ignore_ascii_case(&key.table)
        } else {
            last(known).eq_ignore_ascii_case(last(&key.table))
        }
    };
    let means_same = |known: &ExistingForeignKey| {
        same_table(&known.table)
            && if known.references.is_empty() {
                same(&known.columns, &key.columns)
            } else {
                same_pairs(known, key)
            }
    };
    let by_name = |known: &ExistingForeignKey| named(known.name.as_deref(), &key.name);
    let keys = &existing.foreign_keys;
    let found = keys
        .iter()
        .position(|known| means_same(known) && by_name(known));
    let Some(at) = found.or_else(|| keys.iter().position(means_same)) else {
        return Some(Change::PutForeignKey(key, keys.iter().position(by_name)));
    };
    let known = &keys[at];
    let differs = |wanted: Option<ReferentialAction>, is: ReferentialAction| match wanted {
        Some(wanted) => wanted != is,
        // Somebody else's key may say more than the models do.
        None => by_name(known) && is != ReferentialAction::NoAction,
    };
    let changed =
        differs(key.on_update, known.on_update) || differs(key.on_delete, known.on_delete);
    changed.then_some(Change::PutForeignKey(key, Some(at)))
}

fn same_pairs(known: &ExistingForeignKey, key: &ForeignKey) -> bool {
    known.columns.len() == key.columns.len()
        && known
            .columns
            .iter()
            .zip(&known.references)
            .all(|(own, far)| {
                key.columns
                    .iter()
                    .zip(&key.references)
                    .any(|(a, b)| a.eq_ignore_ascii_case(own) && b.eq_ignore_ascii_case(far))
            })
}

/// The last part of a qualified name.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

//! Inserts that meet rows which are there already.

use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind};
use sinew_sql::{Conflict, Expr, Ident};

use super::existing::unique_sets;
use crate::relation::reach::column;

/// The columns to read back because the row that was updated instead has values of its own: its
/// key, and all that was not set.
pub(super) fn foreign_columns(
    meta: &ModelMeta,
    conflict: &Conflict,
    written: &[usize],
    returned: &mut Vec<usize>,
) {
    let Conflict::Update { target, set } = conflict else {
        return;
    };
    for (index, column) in meta.columns.iter().enumerate() {
        let sets = set.iter().any(|(name, _)| *name == column.name) && written.contains(&index);
        if !sets && !target.contains(&column.name) && !returned.contains(&index) {
            returned.push(index);
        }
    }
}

/// The conflict without assignments of columns that this insert leaves out.
pub(super) fn writing(conflict: &Conflict, meta: &ModelMeta, written: &[usize]) -> Conflict {
    let Conflict::Update { target, set } = conflict else {
        return conflict.clone();
    };
    let writes = |name: &Ident| written.iter().any(|&index| column(meta, index) == *name);
    let mut set: Vec<_> = set
        .iter()
        .filter(|(name, _)| writes(name))
        .cloned()
        .collect();
    if set.is_empty() {
        // Nothing else changes, but the row that is there is to be returned.
        set.extend(
            target
                .iter()
                .map(|name| (name.clone(), Expr::Excluded(name.clone()))),
        );
    }
    Conflict::Update {
        target: target.clone(),
        set,
    }
}

/// The error in plain words when the columns of `on_conflict` are not unique together.
pub(super) fn wrong_target(meta: &ModelMeta, conflict: &Conflict, error: &Error) -> Option<Error> {
    (error.kind() == ErrorKind::Statement)
        .then(|| cannot_conflict(meta, conflict))
        .flatten()
}

/// The same before the insert, for databases that would not complain.
pub(super) fn cannot_conflict(meta: &ModelMeta, conflict: &Conflict) -> Option<Error> {
    let (Conflict::Nothing(target) | Conflict::Update { target, .. }) = conflict;
    if target.is_empty() {
        return None;
    }
    let same = |set: &[usize]| {
        set.len() == target.len() && set.iter().all(|&i| target.contains(&column(meta, i)))
    };
    if same(&meta.key) || unique_sets(meta).iter().any(|set| same(set)) {
        return None;
    }
    let named = format!(
        "{}.{}",
        meta.name,
        target.join(&format!(" and {}.", meta.name))
    );
    let error = Error::new(
        ErrorKind::InvalidInput,
        format!("{named} cannot conflict: no key or unique index covers just that"),
    );
    Some(error.with_hint("name the columns of the primary key or of one unique index"))
}

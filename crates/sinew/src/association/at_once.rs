//! Replacing the links of one owner in a single round trip: the database works out the difference.

use std::collections::HashSet;

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{BinaryOp, Delete, Expr, InList, InsertSelect, Select, SelectItem, Source};

use super::Difference;
use super::linking::{Linking, Values};
use crate::db::Db;
use crate::preload::key_condition;
use crate::write::{Then, Way, holds_any, with_writer};

/// How many rows each statement changed.
#[derive(Default)]
struct Changed(Vec<u64>);

impl Sink for Changed {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.0.push(done.affected);
        Ok(())
    }
}

/// Whether the links can be replaced without reading them: a plain join table, one owner, targets
/// that have keys and hold nothing that would have to be written.
fn is_plain(db: &Db, linking: &Linking, targets: &[&mut dyn Record]) -> bool {
    let keyed = |target: &dyn Record| target.has_key() && !holds_any(target);
    db.dialect().capabilities().pipelining.supported
        && !db.settings.full_save
        && linking.is_plain_join()
        && targets.iter().all(|target| keyed(&**target))
}

/// Replaces the links of one owner by those to these targets. `None` when it takes more than that:
/// nothing was written then.
///
/// ```sql
/// SELECT 1 / (COUNT(*) / $1) FROM tags WHERE id = ANY($2)     -- fails unless all are there
/// DELETE FROM post_tags WHERE post_id = $1 AND tag_id <> ALL($2)
/// INSERT INTO post_tags (post_id, tag_id) SELECT $1, id FROM tags WHERE id = ANY($2) AND NOT EXISTS …
/// ```
pub(crate) async fn replace(
    db: &Db,
    linking: &Linking,
    owners: &[Values],
    targets: &[&mut dyn Record],
) -> Result<Option<Difference>> {
    let [owner] = owners else {
        return Ok(None);
    };
    if !is_plain(db, linking, targets) {
        return Ok(None);
    }
    let mut seen = HashSet::new();
    let mut keys: Vec<Value<'static>> = Vec::new();
    for target in targets {
        let Some(values) = linking.target_values(&**target) else {
            return Ok(None);
        };
        if seen.insert(super::linking::key_of(&values)) {
            keys.extend(values);
        }
    }
    let wanted = seen.len();
    let (guard, delete, insert) = statements(linking, owner, &keys, wanted);
    let sent = with_writer(db, Way::new(false, true), async |writer| {
        let mut prepared = vec![(db.prepare(&delete), Action::Count)];
        if wanted > 0 {
            prepared.insert(0, (db.prepare(&guard), Action::Count));
            prepared.push((db.prepare(&insert), Action::Count));
        }
        let statements = prepared
            .iter_mut()
            .map(|(prepared, action)| prepared.statement(*action));
        let mut changed = Changed::default();
        writer
            .lane
            .run_then(Then::Last, statements.collect(), &mut changed)
            .await
            .map_err(crate::write::Failure::into_error)?;
        Ok(changed.0)
    })
    .await;
    match sent {
        Ok(changed) => Ok(Some(difference(&changed, wanted))),
        Err(error) if is_final(&error) => Err(error),
        // A target is not there, or something refuses the short way: step by step it is told why.
        Err(_) => Ok(None),
    }
}

fn is_final(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(
        error.kind(),
        K::Connection | K::Closed | K::Timeout | K::Conflict
    )
}

fn difference(changed: &[u64], wanted: usize) -> Difference {
    let (removed, added) = match changed {
        [_, removed, added] => (*removed, *added),
        other => (other.first().copied().unwrap_or_default(), 0),
    };
    Difference {
        added,
        kept: (wanted as u64).saturating_sub(added),
        removed,
    }
}

fn statements(
    linking: &Linking,
    owner: &Values,
    keys: &[Value<'static>],
    wanted: usize,
) -> (Select, Delete, InsertSelect) {
    let home = &linking.home;
    let names = linking.target_names();
    let width = names.len();
    let here = |names: &[sinew_sql::Ident]| -> Vec<Expr> {
        names.iter().map(|name| Expr::here(name.clone())).collect()
    };
    let is_wanted = || key_condition(here(&names), keys.to_vec(), width);
    let of_owner = || {
        let pairs = home.own().iter().zip(owner);
        pairs.map(|(name, value)| Expr::here(name.clone()).equals(Expr::Value(value.clone())))
    };
    let target = || Source::Table(linking.target.table.clone());
    let count = Expr::Function {
        name: "COUNT",
        distinct: false,
        args: Vec::new(),
    };
    let number = i64::try_from(wanted).unwrap_or(i64::MAX);
    let all = count.binary(BinaryOp::Div, Expr::Value(Value::Int(number)));
    let guard = Select {
        columns: vec![SelectItem::from(Expr::One.binary(BinaryOp::Div, all))],
        from: target(),
        filter: vec![is_wanted()],
        ..Select::default()
    };
    let mut filter: Vec<Expr> = of_owner().collect();
    if wanted > 0 {
        let list = match width {
            1 => Value::Array(keys.to_vec()),
            _ => Value::Tuples {
                width,
                values: keys.to_vec(),
            },
        };
        filter.push(Expr::In {
            tuple: here(home.far()),
            list: InList::Values(list),
            negated: true,
        });
    }
    let delete = Delete {
        table: home.table().clone(),
        filter,
        returning: Vec::new(),
    };
    let same = home.far().iter().zip(&names);
    let same = same.map(|(far, name)| Expr::here(far.clone()).equals(Expr::outer(1, name.clone())));
    let held = Select {
        columns: vec![SelectItem::from(Expr::One)],
        from: Source::Table(home.table().clone()),
        filter: of_owner().chain(same).collect(),
        ..Select::default()
    };
    let owner = owner.iter().cloned().map(Expr::Value);
    let insert = InsertSelect {
        table: home.table().clone(),
        columns: home.own().iter().chain(home.far()).cloned().collect(),
        query: Select {
            columns: owner.chain(here(&names)).map(SelectItem::from).collect(),
            from: target(),
            filter: vec![is_wanted(), Expr::Exists(Box::new(held), true)],
            ..Select::default()
        },
    };
    (guard, delete, insert)
}

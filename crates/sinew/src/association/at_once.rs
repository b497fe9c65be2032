//! Replacing the links of one owner in a single round trip: the database works out the difference.

use std::collections::HashSet;

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Delete, Expr, Ident, InList, InsertSelect, Replace, Select, SelectItem, Source};

use super::Difference;
use super::linking::{Linking, Values};
use crate::db::{Db, Prepared};
use crate::preload::key_condition;
use crate::write::{Then, Way, Writer, holds_any, with_writer};

/// How many rows went and came.
#[derive(Default)]
struct Changed {
    removed: u64,
    added: u64,
}

impl Sink for Changed {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let number = |index| row.int(index).and_then(|count| u64::try_from(count).ok());
        self.removed = number(1).unwrap_or_default();
        self.added = number(2).unwrap_or_default();
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// How many rows a statement that returns none removed.
#[derive(Default)]
struct Removed(u64);

impl Sink for Removed {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.0 = done.affected;
        Ok(())
    }
}

/// Whether the links can be replaced without reading them: a plain join table, one owner, targets
/// that have keys and hold nothing that would have to be written.
fn is_plain(db: &Db, linking: &Linking, targets: &[&mut dyn Record]) -> bool {
    let keyed = |target: &dyn Record| target.has_key() && !holds_any(target);
    db.dialect().capabilities().nested_writes.supported
        && !db.settings.full_save
        && linking.is_plain_join()
        && targets.iter().all(|target| keyed(&**target))
}

/// Replaces the links of one owner by those to these targets. `None` when it takes more than that:
/// nothing was written then.
///
/// ```sql
/// WITH found AS MATERIALIZED (SELECT id FROM tags WHERE id = ANY($1)),
/// gone AS (DELETE FROM post_tags WHERE post_id = $2 AND tag_id <> ALL($3) RETURNING 1),
/// new AS (INSERT INTO post_tags (post_id, tag_id) SELECT $4, id FROM found WHERE NOT EXISTS (…)
///     ON CONFLICT DO NOTHING RETURNING 1)
/// SELECT 1 / ((SELECT COUNT(*) FROM found) / $6), …     -- fails unless all are there
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
    let sent = with_writer(db, Way::new(false, false), async |writer| {
        let delete = delete(linking, owner, &keys);
        let mut changed = Changed::default();
        if wanted == 0 {
            let mut removed = Removed::default();
            run(writer, db.prepare(&delete), Action::Count, &mut removed).await?;
            changed.removed = removed.0;
        } else {
            let replace = statement(linking, owner, &keys, wanted, delete);
            run(writer, db.prepare(&replace), Action::Rows, &mut changed).await?;
        }
        Ok(changed)
    })
    .await;
    match sent {
        Ok(Changed { removed, added }) => Ok(Some(Difference {
            added,
            kept: (wanted as u64).saturating_sub(added),
            removed,
        })),
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

/// The links that are not wanted.
fn delete(linking: &Linking, owner: &Values, keys: &[Value<'static>]) -> Delete {
    let home = &linking.home;
    let mut filter: Vec<Expr> = of_owner(linking, owner).collect();
    if !keys.is_empty() {
        let list = match linking.target_names().len() {
            1 => Value::Array(keys.to_vec()),
            width => Value::Tuples {
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
    Delete {
        table: home.table().clone(),
        filter,
        returning: Vec::new(),
    }
}

fn here(names: &[Ident]) -> Vec<Expr> {
    names.iter().map(|name| Expr::here(name.clone())).collect()
}

/// The condition that a link is one of the owner's.
fn of_owner(linking: &Linking, owner: &Values) -> impl Iterator<Item = Expr> {
    let pairs = linking.home.own().iter().zip(owner);
    pairs.map(|(name, value)| Expr::here(name.clone()).equals(Expr::Value(value.clone())))
}

fn statement(
    linking: &Linking,
    owner: &Values,
    keys: &[Value<'static>],
    wanted: usize,
    delete: Delete,
) -> Replace {
    let home = &linking.home;
    let names = linking.target_names();
    let items = |names: &[Ident]| here(names).into_iter().map(SelectItem::from);
    let found = Select {
        columns: items(&names).collect(),
        from: Source::Table(linking.target.table.clone()),
        filter: vec![key_condition(here(&names), keys.to_vec(), names.len())],
        ..Select::default()
    };
    let same = home.far().iter().zip(&names);
    let same = same.map(|(far, name)| Expr::here(far.clone()).equals(Expr::outer(1, name.clone())));
    let held = Select {
        columns: vec![SelectItem::from(Expr::One)],
        from: Source::Table(home.table().clone()),
        filter: of_owner(linking, owner).chain(same).collect(),
        ..Select::default()
    };
    let own = owner.iter().cloned().map(Expr::Value).map(SelectItem::from);
    let insert = InsertSelect {
        table: home.table().clone(),
        columns: home.own().iter().chain(home.far()).cloned().collect(),
        query: Select {
            columns: own.chain(items(&names)).collect(),
            from: Source::Table(Replace::FOUND),
            filter: vec![Expr::Exists(Box::new(held), true)],
            ..Select::default()
        },
    };
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    Replace {
        found,
        wanted: Expr::Value(Value::Int(wanted)),
        delete,
        insert,
    }
}

async fn run(
    writer: &mut Writer<'_>,
    mut prepared: Prepared<'_>,
    action: Action,
    sink: &mut dyn Sink,
) -> Result<()> {
    let statements = vec![prepared.statement(action)];
    let sent = writer.lane.run_then(Then::Last, statements, sink);
    sent.await.map_err(crate::write::Failure::into_error)
}

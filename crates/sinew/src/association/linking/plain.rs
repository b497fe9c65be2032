//! A join table without a model holds both keys and nothing else.

use std::sync::Arc;

use sinew_core::Result;
use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::schema::JoinTable;
use sinew_sql::{Expr, Select, SelectItem, Source};

use super::{Linking, Pairs};
use crate::db::{Db, Form, Prepared};
use crate::relation::reach::coerce;
use crate::write::{KeySet, PlainLinks, Seed, Writer};

/// Inserts the links that are not there.
pub(super) async fn link(
    linking: &Linking,
    writer: &mut Writer<'_>,
    targets: &[&mut dyn Record],
    pairs: &Pairs<'_>,
    table: &JoinTable,
) -> Result<()> {
    let mut links = PlainLinks::with_room(table, targets.len());
    let mut seen = KeySet::with_capacity_and_hasher(targets.len(), Seed::default());
    for (index, target) in targets.iter().enumerate() {
        let owner = pairs.owner_of.get(index).copied().unwrap_or_default();
        let fresh = pairs.fresh.get(index).copied().unwrap_or(true);
        if fresh
            && let Some(key) = linking.target_key(&**target)
            && let Some(own) = pairs.owners.get(owner)
            && seen.insert((owner, key))
        {
            // What has a key has all its values.
            let far = linking.home.target_side.iter();
            let far = far.zip(&linking.home.far_families);
            let far = far.map(|(&index, &family)| coerce(target.value(index).into_owned(), family));
            links.push(own.iter().cloned(), far);
        }
    }
    links.insert(writer).await
}

/// Counts rows.
struct Counted(usize);

impl Sink for Counted {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

impl Linking {
    /// Whether all these targets, which have keys, are in the database: looked for one by one, which
    /// for a few in an embedded database is cheaper than to unfold a list of them.
    ///
    /// ```sql
    /// SELECT 1 FROM tags WHERE id = ?     -- for each
    /// ```
    pub(crate) async fn are_there(
        &self,
        writer: &mut Writer<'_>,
        targets: &[&mut dyn Record],
        wanted: &[bool],
    ) -> Result<bool> {
        let wanted = targets.iter().zip(wanted).filter(|(_, wanted)| **wanted);
        let mut prepared = Prepared {
            sql: self.text_of_one(writer.lane.db()),
            binds: Vec::new(),
        };
        let mut times = 0;
        for (target, _) in wanted {
            let key = self.home.target_side.iter();
            prepared.binds.extend(key.map(|&index| target.value(index)));
            times += 1;
        }
        if times == 0 {
            return Ok(true);
        }
        let mut found = Counted(0);
        let statements = vec![prepared.statement(Action::Each { times })];
        writer.lane.run(statements, &mut found).await?;
        Ok(found.0 == times)
    }

    fn text_of_one(&self, db: &Db) -> Arc<str> {
        let form = Form::of("is", self.target).columns(self.home.target_side);
        db.text_of(form, || {
            let names = self.target_names().into_iter();
            Select {
                columns: vec![SelectItem::from(Expr::One)],
                from: Source::Table(self.target.table.clone()),
                filter: names
                    .map(|name| Expr::here(name).equals(Expr::Param))
                    .collect(),
                ..Select::default()
            }
        })
    }
}

//! A join table holds both keys.

use std::collections::{HashMap, HashSet};

use sinew_core::record::{Record, Rows};
use sinew_core::schema::{ColumnRole, JoinTable, ModelMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Expr};

use super::home::positions;
use super::{Key, LinkRow, LinkRows, Linking, Pairs, Values, key};
use crate::hook::{self, Moment};
use crate::relation::reach::column;
use crate::write::{
    Made, Place, Then, WriteScope, Writer, blank, fill, insert, moment_for, read_rows, run_hooks,
    unique_sets, update_rows_at,
};

/// Changes the columns of one link row.
pub(crate) type Edit<'e> = Box<dyn FnOnce(&mut dyn Record) + Send + 'e>;

/// A change, and the same once more to find out which link of a pair it means.
pub(crate) struct Edits<'e> {
    pub(crate) change: Edit<'e>,
    pub(crate) probe: Edit<'e>,
}

/// A pair to be linked.
struct Wanted {
    owner: usize,
    own: Values,
    far: Values,
}

impl Wanted {
    fn place(&self) -> (usize, Key) {
        (self.owner, key(self.far.clone()))
    }
}

/// Inserts the links that are not there; revives soft-deleted ones.
pub(super) async fn link(
    linking: &Linking,
    writer: &mut Writer<'_>,
    targets: &[&mut dyn Record],
    pairs: &Pairs<'_>,
    table: &'static JoinTable,
    edit: Option<Edits<'_>>,
) -> Result<LinkRows> {
    let Some(model) = table.model else {
        super::plain::link(linking, writer, targets, pairs, table).await?;
        return Ok(LinkRows::default());
    };
    let mut seen = HashSet::new();
    let mut wanted = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let Some(far) = linking.target_values(&**target) else {
            continue;
        };
        let owner = pairs.owner_of.get(index).copied().unwrap_or_default();
        let fresh = edit.is_some() || pairs.fresh.get(index).copied().unwrap_or(true);
        if let Some(own) = pairs.owners.get(owner).filter(|_| fresh)
            && seen.insert((owner, key(far.clone())))
        {
            wanted.push(Wanted {
                owner,
                own: own.clone(),
                far,
            });
        }
    }
    if wanted.is_empty() {
        return Ok(LinkRows::default());
    }
    Modelled::of(linking, writer, model(), table)?
        .write(wanted, edit)
        .await
}

/// The links of a join table with a model.
struct Modelled<'w, 'd> {
    linking: &'w Linking,
    writer: &'w mut Writer<'d>,
    model: &'static ModelMeta,
    own: Vec<usize>,
    far: Vec<usize>,
}

impl<'w, 'd> Modelled<'w, 'd> {
    fn of(
        linking: &'w Linking,
        writer: &'w mut Writer<'d>,
        model: &'static ModelMeta,
        table: &'static JoinTable,
    ) -> Result<Self> {
        let (own, far) = (positions(model, &table.own), positions(model, &table.far));
        if own.len() != table.own.len() || far.len() != table.far.len() {
            let names: Vec<_> = table
                .own
                .iter()
                .chain(&table.far)
                .map(AsRef::as_ref)
                .collect();
            return Err(Error::new(
                ErrorKind::Schema,
                format!(
                    "the join model {} lacks one of {}",
                    model.name,
                    names.join(", ")
                ),
            )
            .with_model(model.name));
        }
        Ok(Self {
            linking,
            writer,
            model,
            own,
            far,
        })
    }

    /// Whether an insert of a link that is there already would be noticed by the database.
    fn is_unique(&self) -> bool {
        let pair: HashSet<usize> = self.own.iter().chain(&self.far).copied().collect();
        let is_pair = |set: &[usize]| pair == set.iter().copied().collect();
        is_pair(&self.model.key) || unique_sets(self.model).iter().any(|set| is_pair(set))
    }

    /// Whether a pair can have several links, which the rest of their key tells apart.
    fn is_wide(&self) -> bool {
        let key = &self.model.key;
        let mut pair = self.own.iter().chain(&self.far);
        key.len() > self.own.len() + self.far.len() && pair.all(|index| key.contains(index))
    }

    fn pair_key(&self, link: &dyn Record) -> Key {
        let columns: Vec<usize> = self.own.iter().chain(&self.far).copied().collect();
        key(link.values_owned(&columns))
    }

    async fn write(
        mut self,
        mut wanted: Vec<Wanted>,
        edits: Option<Edits<'_>>,
    ) -> Result<LinkRows> {
        let db = self.writer.lane.db().clone();
        let hooks = hook::of(self.model, &db).is_some();
        let mut rows = LinkRows::default();
        let (mut edit, probe) = match edits {
            Some(edits) => (Some(edits.change), Some(edits.probe)),
            None => (None, None),
        };
        // An upsert cannot tell a new link from one that it revived.
        let revives = self.model.deleted_at().is_some();
        if edit.is_some() || hooks || revives || !self.is_unique() {
            let links: Vec<_> = wanted
                .iter()
                .map(|w| (w.own.clone(), w.far.clone()))
                .collect();
            let filter = self.linking.home.exactly(&links, true);
            let mut held = read_rows(&mut self.writer.lane, self.model, filter).await?;
            let mut at: HashMap<Key, usize> = HashMap::new();
            for (index, link) in held.all_mut().into_iter().enumerate() {
                at.entry(self.pair_key(link)).or_insert(index);
            }
            let known = |w: &Wanted| at.contains_key(&pair(w));
            let (there, missing): (Vec<_>, Vec<_>) = wanted.into_iter().partition(known);
            wanted = missing;
            let another = match (&edit, there.first().and_then(|w| at.get(&pair(w)))) {
                (Some(_), Some(&first)) if self.is_wide() => {
                    let meant = match (probe, there.first()) {
                        (Some(probe), Some(w)) => self.meant(&mut *held, first, w, probe)?,
                        _ => Some(first),
                    };
                    for w in &there {
                        at.extend(meant.map(|meant| (pair(w), meant)));
                    }
                    meant.is_none()
                }
                _ => false,
            };
            if another {
                wanted = there;
                let places: Vec<_> = wanted.iter().map(Wanted::place).collect();
                self.insert(wanted, edit, &mut rows).await?;
                for place in places {
                    if let Some(row) = rows.get_mut(&place) {
                        row.another = true;
                    }
                }
                return Ok(rows);
            }
            let owners: HashMap<usize, (usize, Key)> = there
                .into_iter()
                .filter_map(|w| Some((*at.get(&pair(&w))?, w.place())))
                .collect();
            if !owners.is_empty() {
                self.keep(&mut *held, &owners, &mut edit, &mut rows).await?;
            }
        }
        if !wanted.is_empty() {
            self.insert(wanted, edit, &mut rows).await?;
        }
        Ok(rows)
    }

    /// Links that are there: a soft-deleted one is revived, an edited one updated.
    async fn keep(
        &mut self,
        held: &mut dyn Rows,
        owners: &HashMap<usize, (usize, Key)>,
        edit: &mut Option<Edit<'_>>,
        rows: &mut LinkRows,
    ) -> Result<()> {
        let deleted = self.model.deleted_at();
        let edits = edit.is_some();
        let mut changed: Vec<&mut dyn Record> = Vec::new();
        let (mut keys, mut before) = (Vec::new(), HashMap::new());
        for (index, link) in held.all_mut().into_iter().enumerate() {
            if !owners.contains_key(&index) {
                continue;
            }
            let key = link.values_owned(&self.model.key);
            before.insert(index, key.clone());
            let dead = deleted.is_some_and(|column| !link.is_unset(column));
            if let Some(column) = deleted.filter(|_| dead) {
                link.set(column, Value::Null)?;
            }
            if let Some(edit) = edit.take() {
                edit_keeping(link, edit, &self.own, &self.far)?;
            }
            if dead || edits {
                changed.push(link);
                keys.push(key);
            }
        }
        if !changed.is_empty() {
            update(self.writer, self.model, &mut changed, &keys, edits).await?;
        }
        drop(changed);
        for (index, link) in held.all_mut().into_iter().enumerate() {
            if let Some(place) = owners.get(&index) {
                let row = LinkRow {
                    values: all_values(link),
                    before: before.remove(&index),
                    another: false,
                };
                rows.insert(place.clone(), row);
            }
        }
        Ok(())
    }

    /// The link of a pair that the change means: the one whose key it leads to from a blank row.
    /// `None` when that is a new one.
    fn meant(
        &self,
        held: &mut dyn Rows,
        first: usize,
        wanted: &Wanted,
        probe: Edit<'_>,
    ) -> Result<Option<usize>> {
        let model = self.model;
        let mut made = self.blank_row(wanted)?;
        let named = |link: &dyn Record| key(link.values_owned(&model.key));
        let Some(link) = made.all_mut().into_iter().next() else {
            return Ok(Some(first));
        };
        let unnamed = named(&*link);
        edit_keeping(link, probe, &self.own, &self.far)?;
        let meant = named(&*link);
        let mut links = held.all_mut().into_iter();
        let known = links.position(|link| named(&*link) == meant);
        Ok(known.or((unnamed == meant).then_some(first)))
    }

    /// A row of the pair and nothing else.
    fn blank_row(&self, wanted: &Wanted) -> Result<Box<dyn Rows>> {
        let mut made: Box<dyn Rows> = (self.model.new_rows)();
        let mut values = blank(self.model);
        let columns = self.own.iter().chain(&self.far);
        for (&index, value) in columns.zip(wanted.own.iter().chain(&wanted.far)) {
            if let Some(place) = values.get_mut(index) {
                place.clone_from(value);
            }
        }
        made.push(&Made(values), 0)?;
        Ok(made)
    }

    async fn insert(
        &mut self,
        wanted: Vec<Wanted>,
        edit: Option<Edit<'_>>,
        rows: &mut LinkRows,
    ) -> Result<()> {
        let mut made: Box<dyn Rows> = (self.model.new_rows)();
        let mut places = Vec::with_capacity(wanted.len());
        for w in wanted {
            let mut values = blank(self.model);
            let columns = self.own.iter().chain(&self.far);
            places.push((w.owner, key(w.far.clone())));
            for (&index, value) in columns.zip(w.own.into_iter().chain(w.far)) {
                if let Some(place) = values.get_mut(index) {
                    *place = value;
                }
            }
            made.push(&Made(values), 0)?;
        }
        let mut edit = edit;
        for link in made.all_mut() {
            if let Some(edit) = edit.take() {
                edit_keeping(link, edit, &self.own, &self.far)?;
            }
            fill(link, self.writer.now)?;
        }
        let conflict = self.is_unique().then(|| self.on_conflict());
        let mut records = made.all_mut();
        let place = Place::root(records.len());
        let scope = WriteScope::default();
        let writer = &mut *self.writer;
        let before = [Moment::BeforeSave, Moment::BeforeCreate];
        run_hooks(writer, &mut records, &before, &place).await?;
        let written = insert(
            &mut writer.lane,
            &mut records,
            &scope,
            conflict.as_ref(),
            &place,
            Then::More,
        )
        .await?;
        let after = [Moment::AfterCreate, Moment::AfterSave];
        run_hooks(writer, &mut records, &after, &place).await?;
        drop(records);
        for ((link, place), written) in made.all_mut().into_iter().zip(places).zip(written.written)
        {
            if written {
                let row = LinkRow {
                    values: all_values(link),
                    before: None,
                    another: false,
                };
                rows.insert(place, row);
            }
        }
        Ok(())
    }

    /// A link that somebody else made meanwhile stays; a soft-deleted one is revived.
    fn on_conflict(&self) -> Conflict {
        match self.model.role(ColumnRole::DeletedAt) {
            Some(deleted) => Conflict::Update {
                target: self
                    .own
                    .iter()
                    .chain(&self.far)
                    .map(|&i| column(self.model, i))
                    .collect(),
                set: vec![(column(self.model, deleted), Expr::Null)],
            },
            None => Conflict::Nothing(Vec::new()),
        }
    }
}

fn pair(wanted: &Wanted) -> Key {
    key(wanted.own.iter().chain(&wanted.far).cloned().collect())
}

fn all_values(link: &dyn Record) -> Values {
    (0..link.meta().columns.len())
        .map(|index| link.value(index).into_owned())
        .collect()
}

/// The user's change must not turn the link into another one.
fn edit_keeping(link: &mut dyn Record, edit: Edit<'_>, own: &[usize], far: &[usize]) -> Result<()> {
    let mut kept: Vec<usize> = own.iter().chain(far).copied().collect();
    kept.extend(link.meta().generated);
    let before = link.values_owned(&kept);
    edit(&mut *link);
    for (&index, value) in kept.iter().zip(before) {
        link.set(index, value)?;
    }
    Ok(())
}

/// Writes changed link rows, whose keys were these; with their update hooks where the user
/// changed them.
async fn update(
    writer: &mut Writer<'_>,
    model: &'static ModelMeta,
    links: &mut [&mut dyn Record],
    keys: &[Values],
    edited: bool,
) -> Result<()> {
    if let Some((index, family)) = model
        .role(ColumnRole::UpdatedAt)
        .filter(|_| edited)
        .and_then(|index| Some((index, model.columns.get(index)?.family)))
    {
        for link in links.iter_mut() {
            link.set(index, moment_for(family, writer.now))?;
        }
    }
    let place = Place::root(links.len());
    if edited {
        run_hooks(
            writer,
            links,
            &[Moment::BeforeSave, Moment::BeforeUpdate],
            &place,
        )
        .await?;
    }
    let columns: Vec<usize> = if edited {
        let created = model.role(ColumnRole::CreatedAt);
        let moved = |(position, index): (usize, &usize)| {
            let mut all = links.iter().zip(keys);
            all.any(|(link, key)| key.get(position) != Some(&link.value(*index)))
                .then_some(*index)
        };
        let moved: Vec<usize> = model.key.iter().enumerate().filter_map(moved).collect();
        (0..model.columns.len())
            .filter(|i| !model.key.contains(i) || moved.contains(i))
            .filter(|i| created != Some(*i))
            .collect()
    } else {
        model.deleted_at().into_iter().collect()
    };
    update_rows_at(writer, model, links, &columns, Some(keys), true, &place).await?;
    if edited {
        run_hooks(
            writer,
            links,
            &[Moment::AfterUpdate, Moment::AfterSave],
            &place,
        )
        .await?;
    }
    Ok(())
}

impl Linking {
    /// Changes the columns of an existing link; returns its row, or `None` where there is none.
    pub(crate) async fn edit_link(
        &self,
        writer: &mut Writer<'_>,
        own: Values,
        far: Values,
        edit: Edit<'_>,
    ) -> Result<Option<LinkRow>> {
        let super::Side::Join { table } = self.side else {
            return Ok(None);
        };
        let Some(model) = table.model else {
            return Ok(None);
        };
        let modelled = Modelled::of(self, writer, model(), table)?;
        let Modelled {
            writer,
            model,
            own: own_columns,
            far: far_columns,
            ..
        } = modelled;
        let dead = writer.lane.db().settings.unscoped;
        let filter = self.home.exactly(&[(own, far)], dead);
        let mut held = read_rows(&mut writer.lane, model, filter).await?;
        let mut links = held.all_mut();
        links.truncate(1);
        let Some(link) = links.first_mut() else {
            return Ok(None);
        };
        let before = link.values_owned(&model.key);
        edit_keeping(&mut **link, edit, &own_columns, &far_columns)?;
        update(
            writer,
            model,
            &mut links,
            std::slice::from_ref(&before),
            true,
        )
        .await?;
        Ok(links.first().map(|link| LinkRow {
            values: all_values(&**link),
            before: Some(before),
            another: false,
        }))
    }
}

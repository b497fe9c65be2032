//! A table made to hold exactly the wanted rows, by writing the difference alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;

use sinew::{Db, Difference, Model, Result};

/// A model whose rows can be told apart without their primary keys.
pub trait Mirrored: Model + Sized {
    /// What makes a row of two imports the same one.
    type Identity: Eq + Hash;

    /// What may change about it.
    type Content: PartialEq;

    /// Its identity.
    fn identity(&self) -> Self::Identity;

    /// Its content.
    fn content(&self) -> Self::Content;

    /// Takes over the primary key of the row that is there already.
    fn adopt(&mut self, held: &Self);
}

/// How many rows were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// New ones.
    pub new: u64,
    /// Those whose content differed.
    pub updated: u64,
    /// Those that are gone.
    pub removed: u64,
}

impl Change {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.new + self.updated + self.removed
    }
}

impl From<Difference> for Change {
    fn from(links: Difference) -> Self {
        Self {
            new: links.added,
            updated: 0,
            removed: links.removed,
        }
    }
}

impl AddAssign for Change {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.updated += other.updated;
        self.removed += other.removed;
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} new, {} updated, {} removed",
            self.new, self.updated, self.removed
        )
    }
}

/// The rows of a table after new and updated ones were written.
pub struct Mirror<M> {
    /// The wanted rows, with their primary keys.
    pub rows: Vec<M>,
    /// Rows that are no longer wanted. They go last, see [`Mirror::remove`].
    pub gone: Vec<M>,
    /// What was done.
    pub change: Change,
}

impl<M: Mirrored> Mirror<M> {
    /// Writes the rows that are missing or differ: three statements at most, however many rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(db: &Db, wanted: Vec<M>) -> Result<Self> {
        let held = db.find::<M>().await?;
        let mut held: HashMap<_, _> = held.into_iter().map(|row| (row.identity(), row)).collect();
        let (mut new, mut changed, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for mut row in wanted {
            match held.remove(&row.identity()) {
                None => new.push(row),
                Some(there) => {
                    row.adopt(&there);
                    let list = if row.content() == there.content() {
                        &mut rows
                    } else {
                        &mut changed
                    };
                    list.push(row);
                }
            }
        }
        db.create(&mut new).await?;
        db.save(&mut changed).await?;
        let change = Change {
            new: new.len() as u64,
            updated: changed.len() as u64,
            removed: 0,
        };
        rows.extend(new);
        rows.extend(changed);
        Ok(Self {
            rows,
            gone: held.into_values().collect(),
            change,
        })
    }

    /// Deletes the rows that are gone. Those of other tables that refer to them must go first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove(&mut self, db: &Db) -> Result<()> {
        db.delete(&mut self.gone).await?;
        self.change.removed += self.gone.len() as u64;
        Ok(())
    }

    /// Something of each row by the row's identity: its primary key, say.
    pub fn by_identity<T>(&self, of: impl Fn(&M) -> T) -> HashMap<M::Identity, T> {
        self.rows
            .iter()
            .map(|row| (row.identity(), of(row)))
            .collect()
    }
}

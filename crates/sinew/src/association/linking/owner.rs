//! The owner holds the key.

use sinew_core::Result;
use sinew_core::record::Record;

use super::Pairs;
use crate::relation::reach::coerce;
use crate::write::{Mode, Place, Then, WriteScope, Writer, level, update_rows};

/// Inserts the targets that are new; the others stay as they are.
pub(super) async fn save(
    writer: &mut Writer<'_>,
    targets: &mut [&mut dyn Record],
    place: &Place<'_>,
) -> Result<()> {
    level(
        writer,
        targets,
        Mode::Target { promises: false },
        &WriteScope::default(),
        place,
        Then::More,
    )
    .await
}

/// Copies the targets' keys into their owners, and writes those columns alone.
pub(super) async fn link(
    writer: &mut Writer<'_>,
    owners: &mut [&mut dyn Record],
    targets: &[&mut dyn Record],
    pairs: &Pairs<'_>,
    (own, far): (&'static [usize], &'static [usize]),
) -> Result<()> {
    let mut touched = vec![false; owners.len()];
    for (index, target) in targets.iter().enumerate() {
        let Some(&position) = pairs.owner_of.get(index) else {
            continue;
        };
        let Some(owner) = owners.get_mut(position) else {
            continue;
        };
        let meta = owner.meta();
        for (&to, &from) in own.iter().zip(far) {
            let value = target.value(from).into_owned();
            let family = meta.columns.get(to).map(|column| column.family);
            owner.set(
                to,
                family.map_or(value.clone(), |family| coerce(value, family)),
            )?;
        }
        if let Some(touched) = touched.get_mut(position) {
            *touched |= pairs.fresh.get(index).copied().unwrap_or(true);
        }
    }
    let chosen = owners
        .iter_mut()
        .zip(&touched)
        .filter(|(_, touched)| **touched);
    let mut chosen: Vec<&mut dyn Record> = chosen.map(|(owner, _)| &mut **owner).collect();
    let Some(meta) = chosen.first().map(|owner| owner.meta()) else {
        return Ok(());
    };
    let place = Place::root(chosen.len());
    update_rows(writer, meta, &mut chosen, own, false, &place).await
}

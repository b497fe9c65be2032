//! Children to their owners, as the hand-written contenders do it.

use std::collections::HashMap;

/// Puts each child to its owner: to that of the one before, or to the one after that, or else to the
/// one that is looked up.
pub fn group<T, U>(
    owners: Vec<T>,
    children: Vec<U>,
    key: impl Fn(&T) -> i64,
    owner: impl Fn(&U) -> i64,
) -> Vec<(T, Vec<U>)> {
    let mut found: Vec<(T, Vec<U>)> = owners.into_iter().map(|row| (row, Vec::new())).collect();
    let mut places: Option<HashMap<i64, usize>> = None;
    let mut at = 0;
    for child in children {
        let of = owner(&child);
        let is = |place: usize| found.get(place).is_some_and(|(own, _)| key(own) == of);
        let place = if is(at) {
            Some(at)
        } else if is(at + 1) {
            Some(at + 1)
        } else {
            let all = places.get_or_insert_with(|| {
                let keys = found.iter().map(|(own, _)| key(own));
                keys.zip(0..).collect()
            });
            all.get(&of).copied()
        };
        if let Some(place) = place {
            at = place;
            found[place].1.push(child);
        }
    }
    found
}

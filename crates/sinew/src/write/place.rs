//! Where in a graph a record stands, for errors.

/// The records of one level: under which association, and for each record which owner it hangs
/// on and its position there.
pub(crate) struct Place<'p> {
    pub(crate) parent: Option<&'p Place<'p>>,
    pub(crate) relation: &'static str,
    /// Whether positions are told (to-many) or not (to-one).
    pub(crate) many: bool,
    pub(crate) positions: Vec<(u32, u32)>,
}

impl<'p> Place<'p> {
    pub(crate) fn root(count: usize) -> Self {
        // A single one has no part in a path.
        let count = if count > 1 { count } else { 0 };
        let positions = (0..u32::try_from(count).unwrap_or(u32::MAX))
            .map(|i| (0, i))
            .collect();
        Self {
            parent: None,
            relation: "",
            many: count > 1,
            positions,
        }
    }

    /// The path of record `index`, such as `orders[3].items[0]`; empty for a single root.
    pub(crate) fn path(&self, index: usize) -> String {
        let chain = std::iter::successors(Some(self), |place| place.parent);
        path(
            chain.map(|place| (place.relation, place.many, place.positions.as_slice())),
            index,
        )
    }

    /// The same without borrows, for an error that may come later.
    pub(crate) fn keep(&self) -> Kept {
        let level = |place: &Place<'_>| Level {
            relation: place.relation,
            many: place.many,
            positions: place.positions.clone(),
        };
        let chain = std::iter::successors(Some(self), |place| place.parent);
        Kept {
            levels: chain.map(level).collect(),
        }
    }
}

struct Level {
    relation: &'static str,
    many: bool,
    positions: Vec<(u32, u32)>,
}

/// A [`Place`] without borrows: its levels from the inside out.
#[derive(Default)]
pub(crate) struct Kept {
    levels: Vec<Level>,
}

impl Kept {
    /// As [`Place::path`].
    pub(crate) fn path(&self, index: usize) -> String {
        path(
            self.levels
                .iter()
                .map(|level| (level.relation, level.many, level.positions.as_slice())),
            index,
        )
    }
}

/// The path of record `index` of the innermost level.
fn path<'l>(
    levels: impl Iterator<Item = (&'static str, bool, &'l [(u32, u32)])>,
    index: usize,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = index;
    for (relation, many, positions) in levels {
        let Some(&(owner, position)) = positions.get(at) else {
            break;
        };
        at = owner as usize;
        let part = match many {
            true => format!("{relation}[{position}]"),
            false => relation.to_owned(),
        };
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts.reverse();
    parts.join(".")
}

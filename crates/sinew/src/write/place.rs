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
        let Some(&(owner, position)) = self.positions.get(index) else {
            return String::new();
        };
        let own = if self.many {
            format!("{}[{position}]", self.relation)
        } else {
            self.relation.to_owned()
        };
        let above = self
            .parent
            .map(|parent| parent.path(owner as usize))
            .unwrap_or_default();
        match (above.is_empty(), own.is_empty()) {
            (true, _) => own,
            (false, true) => above,
            (false, false) => format!("{above}.{own}"),
        }
    }
}

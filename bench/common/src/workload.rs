//! What is measured.

use crate::data;

/// One workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    FindByKey,
    LoadAll,
    FilterAndOrder,
    HasMany,
    Nested,
    ManyToMany,
    BelongsTo,
    InsertOne,
    InsertMany,
    NestedCreate,
    Replace,
    UpdateByKey,
    PerOwnerLimit,
    ManyOwners,
    Stream,
    Any,
    Crowd,
    CreateMany,
}

use Workload as W;

/// All of them, in the order of their numbers.
pub const ALL: [Workload; 18] = [
    W::FindByKey,
    W::LoadAll,
    W::FilterAndOrder,
    W::HasMany,
    W::Nested,
    W::ManyToMany,
    W::BelongsTo,
    W::InsertOne,
    W::InsertMany,
    W::NestedCreate,
    W::Replace,
    W::UpdateByKey,
    W::PerOwnerLimit,
    W::ManyOwners,
    W::Stream,
    W::Any,
    W::Crowd,
    W::CreateMany,
];

impl Workload {
    fn figures(self) -> (&'static str, usize) {
        match self {
            W::FindByKey => ("find by key", 300),
            W::LoadAll => ("load 10,000 users", 3),
            W::FilterAndOrder => ("filter and order, 100 rows", 60),
            W::HasMany => ("has-many 1,000 x 10", 3),
            W::Nested => ("nested 100 x 10 x 5", 5),
            W::ManyToMany => ("many-to-many 1,000 x 3 of 100", 6),
            W::BelongsTo => ("belongs-to 10,000 to 1,000", 3),
            W::InsertOne => ("insert one", 200),
            W::InsertMany => ("insert 1,000, ids back", 5),
            W::NestedCreate => ("nested create 1 + 10 + 30", 50),
            W::Replace => ("replace 20 links, 10 change", 80),
            W::UpdateByKey => ("update by key", 200),
            W::PerOwnerLimit => ("3 newest of 1,000, 500 owners", 2),
            W::ManyOwners => ("has-one of 10,000 owners", 3),
            W::Stream => ("stream 1,000,000 rows", 1),
            W::Any => ("any() filter, 500 of 10,000", 10),
            W::Crowd => ("16 tasks read and write at once", 1),
            W::CreateMany => ("nested create 200 x 10 x 3", 1),
        }
    }

    pub fn number(self) -> usize {
        ALL.iter().position(|w| *w == self).map_or(0, |at| at + 1)
    }

    pub fn title(self) -> String {
        format!("W{} {}", self.number(), self.figures().0)
    }

    /// How many operations make one sample.
    pub fn times(self) -> usize {
        self.figures().1
    }

    pub fn writes(self) -> bool {
        matches!(
            self,
            W::InsertOne
                | W::InsertMany
                | W::NestedCreate
                | W::Replace
                | W::UpdateByKey
                | W::Crowd
                | W::CreateMany
        )
    }

    /// How many operations are one of the operations that make a sample: the jobs of W17 are counted
    /// by themselves.
    pub fn jobs(self) -> usize {
        match self {
            W::Crowd => data::TASKS * data::JOBS,
            _ => 1,
        }
    }

    /// Whether it wants the tables that W1 to W12 do without.
    pub fn wants_more_rows(self) -> bool {
        matches!(self, W::PerOwnerLimit | W::ManyOwners | W::Stream)
    }

    /// Reads `W4` or `4`.
    pub fn parse(text: &str) -> Option<Self> {
        let number: usize = text.trim().trim_start_matches(['W', 'w']).parse().ok()?;
        ALL.get(number.checked_sub(1)?).copied()
    }
}

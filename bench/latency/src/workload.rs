//! What is measured.

/// One workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    Find,
    Tree2,
    Tree4,
    CreateSerial,
    CreateKeyed,
    Replace,
}

use Workload as W;

/// All of them, in the order of the tables.
pub const ALL: [Workload; 6] = [
    W::Find,
    W::Tree2,
    W::Tree4,
    W::CreateSerial,
    W::CreateKeyed,
    W::Replace,
];

impl Workload {
    fn figures(self) -> (&'static str, &'static str) {
        match self {
            W::Find => ("find", "find 100 users"),
            W::Tree2 => ("tree2", "preload tree, 2 levels"),
            W::Tree4 => ("tree4", "preload tree, 4 levels"),
            W::CreateSerial => ("create", "nested create, serial keys"),
            W::CreateKeyed => ("create-uuid", "nested create, keys made here"),
            W::Replace => ("replace", "many-to-many replace"),
        }
    }

    /// As the command line has it.
    pub fn name(self) -> &'static str {
        self.figures().0
    }

    /// As the tables have it.
    pub fn title(self) -> &'static str {
        self.figures().1
    }

    pub fn writes(self) -> bool {
        matches!(self, W::CreateSerial | W::CreateKeyed | W::Replace)
    }

    pub fn parse(text: &str) -> Option<Self> {
        ALL.into_iter().find(|workload| workload.name() == text)
    }
}

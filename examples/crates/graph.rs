//! Walks over the dependency graph in memory, where a database has no business.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::models::Kind;

/// The graph by primary keys.
#[derive(Default)]
pub struct Graph {
    edges: BTreeMap<i64, BTreeSet<(i64, Kind)>>,
}

/// How long the longest chain from a node is, and where it goes on.
#[derive(Clone, Copy)]
enum Chain {
    /// It is on the way that is being walked: a circle.
    Open,
    /// It needs so many steps, the first of them to this node.
    Closed(usize, Option<i64>),
}

impl Graph {
    /// Adds an edge.
    pub fn add(&mut self, from: i64, to: i64, kind: Kind) {
        self.edges.entry(from).or_default().insert((to, kind));
    }

    fn next(&self, from: i64, dev: bool) -> impl Iterator<Item = i64> {
        let edges = self.edges.get(&from).into_iter().flatten();
        edges
            .filter(move |(_, kind)| (*kind == Kind::Dev) == dev)
            .map(|(to, _)| *to)
    }

    /// The longest chain from each of these nodes, the longest first. Dev-dependencies do not
    /// count: nothing that is built needs them, and they alone may lead in circles.
    pub fn longest_chains(&self, from: &[i64]) -> Vec<Vec<i64>> {
        let mut known = HashMap::new();
        for &node in from {
            self.measure(node, &mut known);
        }
        let mut chains: Vec<_> = from.iter().map(|&node| walk(node, &known)).collect();
        chains.sort_by_key(|chain| std::cmp::Reverse(chain.len()));
        chains
    }

    fn measure(&self, node: i64, known: &mut HashMap<i64, Chain>) -> usize {
        match known.get(&node) {
            Some(Chain::Closed(steps, _)) => return *steps,
            Some(Chain::Open) => return 0,
            None => {}
        }
        known.insert(node, Chain::Open);
        let mut best = (0, None);
        for next in self.next(node, false) {
            let steps = self.measure(next, known) + 1;
            if steps > best.0 {
                best = (steps, Some(next));
            }
        }
        known.insert(node, Chain::Closed(best.0, best.1));
        best.0
    }

    /// Dev-dependencies that lead back to where they start: from, to.
    pub fn circles(&self) -> Vec<(i64, i64)> {
        let mut circles = Vec::new();
        for &from in self.edges.keys() {
            let dev = self.next(from, true);
            circles.extend(
                dev.filter(|&to| self.reaches(to, from))
                    .map(|to| (from, to)),
            );
        }
        circles
    }

    fn reaches(&self, from: i64, to: i64) -> bool {
        let (mut seen, mut left) = (BTreeSet::from([from]), vec![from]);
        while let Some(node) = left.pop() {
            if node == to {
                return true;
            }
            left.extend(self.next(node, false).filter(|&next| seen.insert(next)));
        }
        false
    }
}

fn walk(from: i64, known: &HashMap<i64, Chain>) -> Vec<i64> {
    let mut chain = vec![from];
    let mut node = from;
    while let Some(Chain::Closed(_, Some(next))) = known.get(&node) {
        // A circle has no end; its first node again is one.
        if chain.contains(next) {
            break;
        }
        chain.push(*next);
        node = *next;
    }
    chain
}

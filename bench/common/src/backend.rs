//! A database, as far as the rounds and the tables need it.

use crate::contender::Contender;
use crate::digest::Digest;
use crate::options::{Flavor, Options};
use crate::{Result, Workload};

/// One database with its contenders.
pub trait Backend {
    /// As the markers of the documentation have it: `sqlite`.
    fn name(&self) -> &'static str;

    /// As a heading has it: `SQLite`.
    fn title(&self) -> &'static str;

    /// All contenders, in the order of the columns. The first one is written by hand.
    fn contenders(&self) -> Vec<&'static str>;

    /// Contenders that take part only where they are asked for.
    fn experiments(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// What Sinew's ratio shall be at most.
    fn limit(&self) -> f64;

    /// The runtime that its figures are taken on, where the command line names none.
    fn flavor(&self) -> Flavor {
        Flavor::CurrentThread
    }

    /// Makes the rows that the workloads want, to be copied for each contender.
    fn seed(&mut self, workloads: &[Workload]) -> Result<()>;

    /// A database for `contender`, copied from the rows: what [`Backend::open`] is told to find it
    /// (a path, a URL), and its keeper.
    fn copy(&mut self, contender: &'static str) -> Result<(String, Box<dyn Keeper>)>;

    fn open(&self, contender: &str, place: &str, options: &Options) -> Result<Box<dyn Contender>>;

    /// The versions of the database and of the crates, to stand above the tables.
    fn versions(&mut self) -> Result<Vec<String>>;
}

/// One contender's database, seen from outside.
pub trait Keeper {
    /// What is in the database.
    fn state(&mut self) -> Result<Digest>;

    /// Takes out what was created, and puts back what was changed.
    fn restore(&mut self) -> Result<()>;
}

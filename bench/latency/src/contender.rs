//! What every contender does.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::digest::Digest;
use crate::workload::Workload;
use crate::{hand, with_diesel, with_sea_orm, with_sinew, with_toasty};

/// The first one is what the others are measured against.
pub const NAMES: [&str; 6] = [
    "hand",
    "diesel-async",
    "sea-orm",
    "sea-orm nested",
    "toasty",
    "sinew",
];

/// How long one operation took, and what came out.
pub struct Sample {
    pub time: Duration,
    pub digest: Digest,
}

pub type Outcome = Result<Sample, Box<dyn Error>>;

pub trait Contender {
    /// Runs the operation once. Its input is made before the time that is taken, its result reduced
    /// after it.
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>>;

    /// Whether it takes part in this row.
    fn has(&self, _workload: Workload) -> bool {
        true
    }

    /// How many connections it holds.
    fn connections(&self) -> usize {
        1
    }
}

pub async fn open(name: &str, url: &str) -> Result<Box<dyn Contender>, Box<dyn Error>> {
    Ok(match name {
        "hand" => Box::new(hand::Hand::open(url).await?),
        "diesel-async" => Box::new(with_diesel::Diesel::open(url).await?),
        "sea-orm" => Box::new(with_sea_orm::SeaOrm::open(url, false).await?),
        "sea-orm nested" => Box::new(with_sea_orm::SeaOrm::open(url, true).await?),
        "toasty" => Box::new(with_toasty::Toasty::open(url).await?),
        _ => Box::new(with_sinew::Sinew::open(url).await?),
    })
}

/// The result of an operation and the time that it took.
macro_rules! timed {
    ($operation:expr) => {{
        let start = std::time::Instant::now();
        let result = $operation.await?;
        (start.elapsed(), result)
    }};
}
pub(crate) use timed;

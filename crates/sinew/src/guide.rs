//! The guide: Sinew from the first model to the last setting, one topic a page. Each example runs.
//!
//! # Examples
//! ```
//! # use sinew_suite::docs::*;
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
//! # let db = db().await?;
//! let users = db.find::<User>().preload(User::orders.preload(Order::items)).await?;
//! assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
//! # Ok(()) }
//! ```

#[doc = include_str!("../docs/models.md")]
pub mod models {}
#[doc = include_str!("../docs/opening.md")]
pub mod opening {}
#[doc = include_str!("../docs/databases.md")]
pub mod databases {}
#[doc = include_str!("../docs/finding.md")]
pub mod finding {}
#[doc = include_str!("../docs/preloading.md")]
pub mod preloading {}
#[doc = include_str!("../docs/joining.md")]
pub mod joining {}
#[doc = include_str!("../docs/writing.md")]
pub mod writing {}
#[doc = include_str!("../docs/associations.md")]
pub mod associations {}
#[doc = include_str!("../docs/transactions.md")]
pub mod transactions {}
#[doc = include_str!("../docs/errors.md")]
pub mod errors {}
#[doc = include_str!("../docs/seeing.md")]
pub mod seeing {}
#[doc = include_str!("../docs/ecosystem.md")]
pub mod ecosystem {}

//! sea-orm's and toasty's part, the same on every database.

pub mod with_sea_orm;
pub mod with_toasty;

pub use with_sea_orm::SeaOrm;
pub use with_toasty::Toasty;

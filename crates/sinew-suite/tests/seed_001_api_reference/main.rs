//! The API reference "Associations", section by section.

mod defining;
mod joining;
mod managing;
mod preloading;
mod shop;
mod special;
mod writing;

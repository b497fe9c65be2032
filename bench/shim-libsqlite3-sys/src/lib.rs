//! libsqlite3-sys 0.38 under a number below 0.38, so that sqlx 0.9 and toasty 0.11 share one SQLite.
#![no_std]

pub use real::*;

//! diesel and diesel-async, as their guides write it: tables, rows, and what they do on database
//! servers: `belonging_to` and `grouped_by`, a batch for each level. What is the same with and without
//! waiting is one file, which each connection has its own copy of.

pub mod models;
pub mod schema;

#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "postgres-async")]
pub mod postgres_async;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod threads;

//! The behaviour suite of Sinew: every case is written once and runs on every database.
//!
//! A case is a plain `async fn name(db: Db) -> Result<()>` in a file of `tests/`. [`suite!`] at the
//! end of its module makes it one test per database, `sqlite::name`. Each case gets a fresh, empty
//! database, makes its tables with `db.auto_migrate`, and looks at what was stored through
//! [`state`], not through the code under test. No case asks which database it is on; a case that
//! needs what not all of them can do says so (`suite![needs pipelining: …]`), and `cargo xtask test`
//! names it.

mod database;
pub mod docs;
pub mod state;

pub use database::{Database, MYSQL, POSTGRES, SQLITE, run, run_at, run_blocking, run_on_threads};

/// What every file of cases needs.
pub mod prelude {
    pub use sinew::prelude::*;
    pub use sinew::{Result, Value};

    pub use crate::state::{pairs, refused, rows, rows_where, value, values};
    pub use crate::suite;
}

/// Makes each case of a module one test per database.
///
/// Those behind `threads:` run on a runtime of several threads, the others on one of the test's own
/// thread; those behind `blocking:` are plain functions that take a `sinew::blocking::Db`.
#[macro_export]
macro_rules! suite {
    // Cases about databases that are sent several statements at once.
    (needs pipelining: $($case:ident),* $(,)?) => {
        mod needs_pipelining {
            use super::*;
            $crate::suite! { @run run postgres POSTGRES $($case)* }
        }
    };
    (blocking: $($case:ident),* $(,)?) => {
        $crate::suite! { @run run_blocking sqlite SQLITE $($case)* }
        $crate::suite! { @run run_blocking postgres POSTGRES $($case)* }
        $crate::suite! { @run run_blocking mysql MYSQL $($case)* }
    };
    (@run $run:ident $module:ident $database:ident $($case:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $case() -> ::sinew::Result<()> {
                    $crate::$run(&$crate::$database, super::$case)
                }
            )*
        }
    };
    ($($case:ident),* $(,)? $(; threads: $($threaded:ident),* $(,)?)?) => {
        $crate::suite! { @on sqlite SQLITE [$($case)*] [$($($threaded)*)?] }
        $crate::suite! { @on postgres POSTGRES [$($case)*] [$($($threaded)*)?] }
        $crate::suite! { @on mysql MYSQL [$($case)*] [$($($threaded)*)?] }
    };
    (@on $module:ident $database:ident [$($case:ident)*] [$($threaded:ident)*]) => {
        mod $module {
            $(
                #[test]
                fn $case() -> ::sinew::Result<()> {
                    $crate::run(&$crate::$database, super::$case)
                }
            )*
            $(
                #[test]
                fn $threaded() -> ::sinew::Result<()> {
                    $crate::run_on_threads(&$crate::$database, super::$threaded)
                }
            )*
        }
    };
}

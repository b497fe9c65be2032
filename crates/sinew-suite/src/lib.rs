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

pub use database::{Database, MYSQL, POSTGRES, SQLITE, run, run_at};

/// What every file of cases needs.
pub mod prelude {
    pub use sinew::prelude::*;
    pub use sinew::{Result, Value};

    pub use crate::state::{pairs, refused, rows, rows_where, value, values};
    pub use crate::suite;
}

/// Makes each case of a module one test per database.
#[macro_export]
macro_rules! suite {
    // Cases about databases that are sent several statements at once.
    (needs pipelining: $($case:ident),* $(,)?) => {
        mod needs_pipelining {
            use super::*;
            $crate::suite! { @on postgres POSTGRES $($case)* }
        }
    };
    ($($case:ident),* $(,)?) => {
        $crate::suite! { @on sqlite SQLITE $($case)* }
        $crate::suite! { @on postgres POSTGRES $($case)* }
        $crate::suite! { @on mysql MYSQL $($case)* }
    };
    (@on $module:ident $database:ident $($case:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $case() -> ::sinew::Result<()> {
                    $crate::run(&$crate::$database, super::$case)
                }
            )*
        }
    };
}

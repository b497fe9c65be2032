//! One open connection with its statements, owned by one thread at a time.

use std::time::Duration;

use rusqlite::InterruptHandle;
use rusqlite::config::DbConfig;
use sinew_core::Result;

use crate::config::Config;
use crate::execute::Work;
use crate::open::{self, Role};
use crate::prepared::{Home, Prepared};
use crate::profile::{Estimate, SlowList, Verdict};

pub(crate) struct Raw {
    pub(crate) cell: Guarded,
    /// Whether a lock is waited for at present.
    patient: bool,
    busy_timeout: Duration,
    foreign_keys: bool,
    /// Whether a transaction was begun and neither committed nor rolled back from here. SQLite
    /// may have rolled it back by itself.
    pub(crate) in_transaction: bool,
}

/// The cell, movable between threads.
pub(crate) struct Guarded(pub(crate) Home);

// SAFETY: the statements are not `Send` because they point at the connection and at SQLite's own
// memory. Here they move only together with that connection, and only one thread at a time can
// reach either, as everything goes through `&mut Raw` or ownership of it. SQLite allows that in
// the multi-thread mode that connections are opened in. Values bound as an `Rc` have no reference
// but the statement's own.
#[allow(unsafe_code)]
unsafe impl Send for Guarded {}

impl Raw {
    /// Opens a connection; also tells whether readers may stand beside it.
    pub(crate) fn open(config: &Config, role: Role) -> Result<(Self, bool)> {
        let (connection, beside) = open::open(config, role)?;
        let cell = Home::new(connection, |_| Prepared::new(config.statement_cache));
        let raw = Self {
            cell: Guarded(cell),
            patient: true,
            busy_timeout: config.busy_timeout,
            foreign_keys: config.foreign_keys,
            in_transaction: false,
        };
        Ok((raw, beside))
    }

    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.cell.0.borrow_owner().get_interrupt_handle()
    }

    pub(crate) fn is_autocommit(&self) -> bool {
        self.cell.0.borrow_owner().is_autocommit()
    }

    /// Chooses whether another connection's lock is waited for or reported at once.
    pub(crate) fn set_patient(&mut self, patient: bool) {
        if self.patient != patient {
            let wait = if patient {
                self.busy_timeout
            } else {
                Duration::ZERO
            };
            // It can fail only on a closed connection.
            let _ = self.cell.0.borrow_owner().busy_timeout(wait);
            self.patient = patient;
        }
    }

    pub(crate) fn is_patient(&self) -> bool {
        self.patient || self.busy_timeout.is_zero()
    }

    /// What a batch is expected to take, from what its statements took so far.
    pub(crate) fn verdict(&self, batch: Work<'_>, slow: &SlowList) -> Verdict {
        self.cell.0.with_dependent(|_, prepared| {
            let mut estimate = Estimate::default();
            for statement in batch.statements.iter().rev() {
                let key = prepared.hash_first(statement.sql);
                let own = prepared.figure(key).known();
                estimate.add(own, || slow.get(key), statement.action.times());
            }
            estimate.verdict()
        })
    }

    /// Ends what is open, so that the next user finds a clean connection. `false` when that
    /// fails and the connection should be closed.
    pub(crate) fn clean(&mut self) -> bool {
        let switched = self.cell.0.with_dependent_mut(|_, prepared| {
            prepared.end_all();
            std::mem::take(&mut prepared.switched)
        });
        self.in_transaction = false;
        let ended =
            self.is_autocommit() || self.cell.0.borrow_owner().execute_batch("ROLLBACK").is_ok();
        ended && (!switched || self.restore_settings())
    }

    /// Puts back what a migration (or a user's pragma) switched and did not switch back.
    fn restore_settings(&self) -> bool {
        let connection = self.cell.0.borrow_owner();
        let wanted = [
            (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, self.foreign_keys),
            (DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, false),
        ];
        wanted.into_iter().all(|(setting, on)| {
            connection.db_config(setting).is_ok_and(|held| held == on)
                || connection.set_db_config(setting, on).is_ok()
        })
    }
}

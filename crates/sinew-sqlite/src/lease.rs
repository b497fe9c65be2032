//! A connection in use.

use std::sync::Arc;

use sinew_core::{Error, ErrorKind, Result};

use crate::open::Role;
use crate::pool::Pool;
use crate::raw::Raw;

/// A connection on loan. Dropped, it goes back to its pool, cleaned.
pub(crate) struct Lease {
    /// `None` when it was moved on.
    raw: Option<Box<Raw>>,
    pub(crate) pool: Arc<Pool>,
    role: Role,
}

impl Lease {
    pub(crate) fn new(pool: Arc<Pool>, role: Role, raw: Box<Raw>) -> Self {
        Self {
            raw: Some(raw),
            pool,
            role,
        }
    }

    /// The connection.
    pub(crate) fn raw(&mut self) -> Result<&mut Raw> {
        self.parts().map(|(raw, _)| raw)
    }

    /// The connection and its pool.
    pub(crate) fn parts(&mut self) -> Result<(&mut Raw, &Pool)> {
        match self.raw.as_deref_mut() {
            Some(raw) => Ok((raw, &self.pool)),
            None => Err(given_up()),
        }
    }

    /// Moves the connection out, so that another thread can hold it.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            raw: self.raw.take(),
            pool: self.pool.clone(),
            role: self.role,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(raw) = self.raw.take() {
            self.pool.put_back(self.role, raw);
        }
    }
}

/// A connection on loan for one call. Dropped, it goes back, as a [`Lease`] does.
pub(crate) struct Loan<'p> {
    raw: Option<Box<Raw>>,
    pool: &'p Pool,
    role: Role,
}

impl<'p> Loan<'p> {
    pub(crate) fn new(pool: &'p Pool, role: Role, raw: Box<Raw>) -> Self {
        let raw = Some(raw);
        Self { raw, pool, role }
    }

    /// The connection and its pool.
    pub(crate) fn parts(&mut self) -> Option<(&mut Raw, &'p Pool)> {
        let raw = self.raw.as_deref_mut()?;
        Some((raw, self.pool))
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(raw) = self.raw.take() {
            self.pool.put_back(self.role, raw);
        }
    }
}

#[cold]
fn given_up() -> Error {
    Error::new(
        ErrorKind::Closed,
        "the connection was given up when an operation on it was cancelled; its transaction is \
         rolled back",
    )
}

//! Where the statements of a write go: all on one connection, or, where hooks run in between,
//! each on the transaction that the hooks use too.

use sinew_core::Result;
use sinew_core::driver::{Intent, Sink, Statement};

use crate::db::{Db, Op};

pub(crate) enum Lane<'d> {
    Op(Op<'d>),
    Tx(&'d Db),
}

impl<'d> Lane<'d> {
    pub(crate) fn db(&self) -> &Db {
        match self {
            Self::Op(op) => op.db(),
            Self::Tx(db) => db,
        }
    }

    pub(crate) async fn run(
        &mut self,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        match self {
            Self::Op(op) => op.run(statements, sink).await,
            Self::Tx(db) => {
                let mut op = db.op(Intent::Write, false).await?;
                op.run(statements, sink).await?;
                op.finish().await
            }
        }
    }

    /// Keeps what was done.
    pub(crate) async fn finish(self) -> Result<()> {
        match self {
            Self::Op(op) => op.finish().await,
            Self::Tx(_) => Ok(()),
        }
    }
}

impl Lane<'_> {
    /// Undoes what was done; on a transaction its owner does that.
    pub(crate) async fn undo(self) -> Result<()> {
        match self {
            Self::Op(op) => op.undo().await,
            Self::Tx(_) => Ok(()),
        }
    }
}

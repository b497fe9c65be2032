//! One statement that is a whole operation: most of an application's are.

use sinew_core::driver::{BoxFuture, Intent, Sink, Statement};
use sinew_core::{Result, Value};

use super::Db;
use super::watch::{Watched, watched};

impl Db {
    /// Runs one statement that is a whole operation at once, where the database is in this process:
    /// with no future, and no connection that is held from one step to the next. `None` where it is
    /// for [`Db::run_alone`] to do; then nothing was run. An error leaves nothing of it.
    pub(crate) fn run_now(
        &self,
        intent: Intent,
        statement: &Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Option<Result<()>> {
        // A transaction has its connection, and may fence statements off.
        if self.tx.is_some() {
            return None;
        }
        let driver = &*self.shared.driver;
        let started = watched();
        if started.is_none() && self.counter.is_none() {
            return driver.run_now(intent, statement, sink);
        }
        let mut sink = Watched::new(sink, 1);
        let result = driver.run_now(intent, statement, &mut sink)?;
        if let Some(counter) = &self.counter {
            counter.add(0, 1);
        }
        let (statements, error) = (std::slice::from_ref(statement), result.as_ref().err());
        self.observe(statements, &sink.rows, started, error, true);
        Some(result)
    }

    /// As [`Db::run_now`], as an [`Op`](super::Op). It is in a place of its own, which the short
    /// way does not pay for.
    pub(crate) fn run_alone<'r>(
        &'r self,
        intent: Intent,
        statement: &'r Statement<'_>,
        sink: &'r mut dyn Sink,
    ) -> BoxFuture<'r, Result<()>> {
        Box::pin(async move {
            let mut op = self.op(intent, false).await?;
            // The end of what fences it off may travel with it where it need not be waited for.
            let last = self.dialect().capabilities().pipelining.supported;
            let same = Statement {
                binds: statement.binds.iter().map(Value::reborrow).collect(),
                ..*statement
            };
            match op.run_and(last, vec![same], sink).await {
                Ok(()) => op.finish().await,
                Err(error) => {
                    op.roll_back().await?;
                    Err(error)
                }
            }
        })
    }
}

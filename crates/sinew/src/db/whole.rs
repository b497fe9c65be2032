//! One statement that is a whole operation: most of an application's are.

use sinew_core::Result;
use sinew_core::driver::{Intent, Sink, Statement};

use super::Db;
use super::watch::{Watched, watched};

impl Db {
    /// Runs one statement that is a whole operation: where the database is in this process at
    /// once, elsewhere as an [`Op`](super::Op). An error leaves nothing of it.
    pub(crate) async fn run_whole(
        &self,
        intent: Intent,
        statement: Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        match self.run_now(intent, &statement, sink) {
            Some(result) => result,
            // In a place of its own, which the short way does not pay for.
            None => Box::pin(self.run_alone(intent, statement, sink)).await,
        }
    }

    /// The short way: no future, and no connection that is held from one step to the next.
    fn run_now(
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
        let statements = std::slice::from_ref(statement);
        self.observe(statements, &sink.rows, started, result.as_ref().err(), true);
        Some(result)
    }

    async fn run_alone(
        &self,
        intent: Intent,
        statement: Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let mut op = self.op(intent, false).await?;
        // The end of what fences it off may travel with it where it need not be waited for.
        let last = self.dialect().capabilities().pipelining.supported;
        match op.run_and(last, vec![statement], sink).await {
            Ok(()) => op.finish().await,
            Err(error) => {
                op.roll_back().await?;
                Err(error)
            }
        }
    }
}

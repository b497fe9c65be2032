use std::future::IntoFuture;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::db::Db;
use crate::preload::Plan;

/// How the database would go about the statements of a query; awaits to text.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let how = db.find::<User>().preload(User::orders).query_plan().await?;
/// assert!(how.contains("orders"));
/// # Ok(()) }
/// ```
#[must_use = "nothing is asked until it is awaited"]
pub struct QueryPlan<'d> {
    db: &'d Db,
    plan: Plan,
}

impl<'d> QueryPlan<'d> {
    pub(super) fn new(db: &'d Db, plan: Plan) -> Self {
        Self { db, plan }
    }

    async fn ask(self) -> Result<String> {
        if let Some(problem) = self.plan.problem {
            return Err(Error::new(ErrorKind::InvalidInput, problem));
        }
        let mut text = String::new();
        let mut op = self.db.op(Intent::Read, false).await?;
        for planned in &self.plan.statements {
            let sql = format!("{}{}", self.db.dialect().explain(), planned.sql);
            let binds = vec![Value::Null; planned.binds];
            text.push_str(&planned.label());
            text.push('\n');
            let mut lines = Lines {
                out: &mut text,
                depths: Vec::new(),
            };
            op.run(
                vec![Statement {
                    sql: &sql,
                    binds,
                    action: Action::Rows,
                }],
                &mut lines,
            )
            .await?;
        }
        op.finish().await?;
        Ok(text)
    }
}

/// Takes the last column of each row, and its place in the tree where the rows tell one.
struct Lines<'t> {
    out: &'t mut String,
    depths: Vec<(i64, usize)>,
}

impl Sink for Lines<'_> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let mut depth = 0;
        if let (Some("id"), Some("parent")) = (row.name(0), row.name(1))
            && let (Value::Int(id), Value::Int(parent)) = (row.get(0)?, row.get(1)?)
        {
            let above = self.depths.iter().find(|(held, _)| *held == parent);
            depth = above.map_or(0, |(_, depth)| depth + 1);
            self.depths.push((id, depth));
        }
        let detail = row.get(row.len().saturating_sub(1))?;
        if let Value::Text(detail) = detail {
            self.out.push_str(&"  ".repeat(depth + 1));
            self.out.push_str(&detail);
            self.out.push('\n');
        }
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

impl<'d> IntoFuture for QueryPlan<'d> {
    type Output = Result<String>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}

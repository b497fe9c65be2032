use sinew_core::Result;
use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_sql::Select;

use super::Values;
use crate::write::Writer;

struct Plain(Vec<Values>);

impl Sink for Plain {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<Values> = (0..row.len())
            .map(|index| Ok(row.get(index)?.into_owned()))
            .collect();
        self.0.push(values?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// The rows of a select, as values.
pub(super) async fn read(writer: &mut Writer<'_>, select: &Select) -> Result<Vec<Values>> {
    let db = writer.lane.db().clone();
    let mut prepared = db.prepare(select);
    let mut plain = Plain(Vec::new());
    writer
        .lane
        .run(vec![prepared.statement(Action::Rows)], &mut plain)
        .await?;
    Ok(plain.0)
}

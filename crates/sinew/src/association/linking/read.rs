use sinew_core::Result;
use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Rows;
use sinew_core::schema::ModelMeta;
use sinew_sql::{Expr, Select};

use super::Values;
use crate::preload::base_select;
use crate::write::Writer;

struct Plain(Vec<Values>);

impl Sink for Plain {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<Values> =
            (0..row.len()).map(|index| Ok(row.get(index)?.into_owned())).collect();
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
    writer.lane.run(vec![prepared.statement(Action::Rows)], &mut plain).await?;
    Ok(plain.0)
}

struct Whole(Box<dyn Rows>);

impl Sink for Whole {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.0.push(row, 0)
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// Whole rows of a model that meet these conditions, soft-deleted ones too.
pub(super) async fn read_rows(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    filter: Vec<Expr>,
) -> Result<Box<dyn Rows>> {
    let mut select = base_select(meta, true);
    select.filter.extend(filter);
    let db = writer.lane.db().clone();
    let mut prepared = db.prepare(&select);
    let mut whole = Whole((meta.new_rows)());
    writer.lane.run(vec![prepared.statement(Action::Rows)], &mut whole).await?;
    Ok(whole.0)
}

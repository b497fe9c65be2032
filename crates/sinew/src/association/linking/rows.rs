//! Rows that association mode removes, as `db.delete` would.

use sinew_core::Result;
use sinew_core::record::{Record, Records};
use sinew_core::schema::ModelFn;
use sinew_sql::{Expr, Scope};

use crate::hook;
use crate::relation::reach::column;
use crate::write::{Place, Removal, Writer, cascades, erase, read_rows, remove as remove_all};

/// Removes the rows of a model that meet these conditions: softly where their model says so, with
/// their hooks. Where nothing hangs on a row, it is not read.
pub(super) async fn remove(
    writer: &mut Writer<'_>,
    model: ModelFn,
    mut filter: Vec<Expr>,
) -> Result<()> {
    let meta = model();
    let db = writer.lane.db().clone();
    let hard = db.settings.unscoped;
    let soft = meta.deleted_at().filter(|_| !hard);
    let follows = soft.is_some() && cascades(meta).next().is_some();
    if meta.key.is_empty() || !(follows || hook::of(meta, &db).is_some()) {
        return erase(writer, meta, filter, hard).await.map(|_| ());
    }
    if let Some(deleted) = soft {
        filter.push(Expr::Live(Scope::Here, column(meta, deleted)));
    }
    let mut rows = read_rows(&mut writer.lane, meta, filter).await?;
    let mut records: Vec<&mut dyn Record> = Records::all_mut(&mut *rows);
    let place = Place::root(records.len());
    let mut removal = Removal::new(hard);
    remove_all(writer, &mut records, model, &[], &mut removal, &place)
        .await
        .map(|_| ())
}

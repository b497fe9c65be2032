use sinew_sql::ddl::Table;

use super::Schema;

/// Puts each table behind those that it refers to; in a circle the order of the models decides.
pub(super) fn sort(schema: &mut Schema) {
    let tables = std::mem::take(&mut schema.tables);
    let mut state = vec![State::New; tables.len()];
    let mut order = Vec::with_capacity(tables.len());
    for at in 0..tables.len() {
        visit(at, &tables, &mut state, &mut order);
    }
    let mut tables: Vec<Option<Table>> = tables.into_iter().map(Some).collect();
    schema.tables = order
        .into_iter()
        .filter_map(|at| tables[at].take())
        .collect();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Seen,
}

fn visit(at: usize, tables: &[Table], state: &mut [State], order: &mut Vec<usize>) {
    if state[at] == State::Seen {
        return;
    }
    state[at] = State::Seen;
    for key in &tables[at].foreign_keys {
        if let Some(target) = tables.iter().position(|table| table.name == key.table) {
            visit(target, tables, state, order);
        }
    }
    order.push(at);
}

//! Queries that leave keys in the server.

use super::out::Out;
use super::walk::Walk;
use crate::statement::HandOn;

impl<'a, O: Out> Walk<'a, '_, O> {
    /// ```sql
    /// WITH "r"("c0", "c1") AS MATERIALIZED (SELECT …),
    /// "k3" AS MATERIALIZED (SELECT <keep "c0"> FROM (SELECT DISTINCT "c0" FROM "r" WHERE "c0" IS NOT NULL) AS "d")
    /// SELECT "h".* FROM "k3" LEFT JOIN (SELECT *, 1 FROM "r") AS "h" ON TRUE
    /// ```
    ///
    /// The left join makes sure that keys are kept also where there is no row.
    pub(super) fn hand_on(&mut self, statement: &'a HandOn) {
        self.push("WITH \"r\"(");
        let columns = 0..statement.query.columns.len() as u64;
        self.list(columns, |walk, at| walk.chosen("c", at));
        self.push(") AS MATERIALIZED (");
        self.select(&statement.query, None);
        self.push(")");
        for (slot, columns) in &statement.keys {
            let columns: Vec<u64> = columns.iter().map(|&at| at as u64).collect();
            self.push(", ");
            self.chosen("k", u64::from(*slot));
            self.push(" AS MATERIALIZED (SELECT ");
            self.list(0..columns.len(), |walk, part| {
                let column = columns.get(part).copied().unwrap_or_default();
                let dialect = walk.dialect;
                dialect.keep(*slot, part, column, walk);
            });
            self.push(" FROM (SELECT DISTINCT ");
            self.list(&columns, |walk, &at| walk.chosen("c", at));
            self.push(" FROM \"r\" WHERE ");
            for (index, &at) in columns.iter().enumerate() {
                self.push(if index > 0 { " AND " } else { "" });
                self.chosen("c", at);
                self.push(" IS NOT NULL");
            }
            self.push(") AS \"d\")");
        }
        self.push(" SELECT \"h\".* FROM ");
        for (index, (slot, _)) in statement.keys.iter().enumerate() {
            self.push(if index > 0 { " CROSS JOIN " } else { "" });
            self.chosen("k", u64::from(*slot));
        }
        self.push(" LEFT JOIN (SELECT *, 1 FROM \"r\") AS \"h\" ON TRUE");
    }
}

//! Whatever a schema is and becomes: after the plan, nothing is left to do, and no row is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use proptest::prelude::*;
use sinew_core::schema::ReferentialAction as Action;
use sinew_core::value::TypeFamily as F;
use sinew_migrate::Schema;
use sinew_sql::ddl::{Check, Column, ForeignKey, Index, Table, Unique};
use support::{migrate, open};

const TABLES: [&str; 4] = ["users", "Order", "a \"b\"", "group"];
const COLUMNS: [&str; 6] = ["name", "Age", "select", "x y", "d\"q", "état"];

/// One column with what may hang on it.
#[derive(Clone, Debug)]
struct Part {
    family: F,
    nullable: bool,
    default: Option<&'static str>,
    unique: bool,
    indexed: bool,
    checked: bool,
    /// The table that it refers to.
    refers: Option<(usize, Option<Action>)>,
}

fn part() -> impl Strategy<Value = Part> {
    let family = prop::sample::select(vec![
        F::Text,
        F::Int64,
        F::Bool,
        F::Float64,
        F::Timestamp,
        F::Bytes,
    ]);
    let default = prop::sample::select(vec![None, Some("1"), Some("lower('A')"), Some("NULL")]);
    let refers = prop::option::weighted(0.3, (0..TABLES.len(), prop::option::of(action())));
    (
        family,
        any::<bool>(),
        default,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        refers,
    )
        .prop_map(
            |(family, nullable, default, unique, indexed, checked, refers)| Part {
                family: if refers.is_some() { F::Int64 } else { family },
                nullable: nullable || refers.is_some() || default == Some("NULL"),
                default: default.filter(|_| refers.is_none()),
                unique,
                indexed,
                checked,
                refers,
            },
        )
}

fn action() -> impl Strategy<Value = Action> {
    prop::sample::select(vec![
        Action::Cascade,
        Action::SetNull,
        Action::Restrict,
        Action::NoAction,
    ])
}

/// For each table and column: what it is at first, and what later.
type Plan = Vec<Vec<(Option<Part>, Option<Part>)>>;

fn plans() -> impl Strategy<Value = Plan> {
    let column = (
        prop::option::of(part()),
        prop::option::of(part()),
        any::<bool>(),
    )
        .prop_map(|(first, second, same)| {
            let later = if same {
                first.clone()
            } else {
                second.or(first.clone())
            };
            (first, later)
        });
    let table = prop::collection::vec(column, COLUMNS.len());
    prop::collection::vec(table, 1..=TABLES.len())
}

fn schema(plan: &Plan, later: bool) -> Schema {
    let tables = plan.iter().enumerate().map(|(at, columns)| {
        let mut table = Table {
            name: TABLES[at].into(),
            columns: vec![column(
                "id",
                &Part {
                    family: F::Int64,
                    nullable: false,
                    default: None,
                    unique: false,
                    indexed: false,
                    checked: false,
                    refers: None,
                },
            )],
            primary_key: vec!["id".into()],
            ..Table::default()
        };
        table.columns[0].generated = true;
        for (name, (first, second)) in COLUMNS.iter().zip(columns) {
            if let Some(part) = if later { second } else { first } {
                add(&mut table, name, part, plan.len());
            }
        }
        table
    });
    Schema {
        tables: tables.collect(),
    }
}

fn column(name: &'static str, part: &Part) -> Column {
    Column {
        name: name.into(),
        family: part.family,
        exact: None,
        size: None,
        precision: None,
        nullable: part.nullable,
        default: part.default.map(Into::into),
        generated: false,
        refers: false,
        comment: None,
    }
}

fn add(table: &mut Table, name: &'static str, part: &Part, tables: usize) {
    table.columns.push(column(name, part));
    let columns = vec![name.into()];
    let named = |prefix: &str| format!("{prefix}_{}_{name}", table.name).into();
    if part.unique {
        table.uniques.push(Unique {
            name: named("uni"),
            columns: columns.clone(),
        });
    }
    if part.indexed {
        table.indexes.push(Index {
            name: named("idx"),
            columns: columns.clone(),
            unique: false,
            condition: part.checked.then(|| "id > 0".into()),
        });
    }
    if part.checked {
        let quoted = name.replace('"', "\"\"");
        let condition = format!("\"{quoted}\" IS NOT 'never'").into();
        table.checks.push(Check {
            name: named("chk"),
            condition,
        });
    }
    if let Some((target, action)) = part.refers {
        table.foreign_keys.push(ForeignKey {
            name: named("fk"),
            columns,
            table: TABLES[target % tables].into(),
            references: vec!["id".into()],
            on_update: None,
            on_delete: action,
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_change_arrives_and_keeps_the_rows(plan in plans()) {
        let db = open();
        let first = schema(&plan, false);
        migrate(&db, &first);
        for table in &first.tables {
            let name = table.name.replace('"', "\"\"");
            let columns: Vec<_> = table
                .columns
                .iter()
                .skip(1)
                .map(|column| format!(", \"{}\"", column.name.replace('"', "\"\"")))
                .collect();
            let refers = |column: &Column| table.foreign_keys.iter().any(|key| key.columns[0] == column.name);
            let values: Vec<_> = table
                .columns
                .iter()
                .skip(1)
                .map(|column| if refers(column) { ", NULL" } else { ", 77" })
                .collect();
            let sql = format!("INSERT INTO \"{name}\" (id{}) VALUES (77{})", columns.concat(), values.concat());
            db.execute(&sql, []).unwrap();
        }
        let later = schema(&plan, true);
        migrate(&db, &later);
        for table in &first.tables {
            let name = table.name.replace('"', "\"\"");
            for column in &table.columns {
                let column = column.name.replace('"', "\"\"");
                let sql = format!("SELECT count(*), sum(CAST(\"{column}\" AS REAL) = 77) FROM \"{name}\"");
                let (rows, kept): (i64, Option<i64>) =
                    db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                prop_assert_eq!(rows, 1);
                let null = format!("SELECT \"{column}\" IS NULL FROM \"{name}\"");
                let null: bool = db.query_row(&null, [], |row| row.get(0)).unwrap();
                prop_assert!(null || kept == Some(1), "{} lost its value", column);
            }
        }
    }
}

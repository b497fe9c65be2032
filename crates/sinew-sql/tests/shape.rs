//! The shape stands for the text: equal shapes, equal texts, whatever the statement.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::collections::HashMap;

use proptest::prelude::*;
use sinew_core::Value;
use sinew_sql::dialect::{mysql::MySql, postgres::Postgres, sqlite::Sqlite};
use sinew_sql::{
    BinaryOp, Conflict, Delete, Dialect, Expr, Ident, InList, Insert, Join, JoinKind, Order,
    PerGroup, Raw, Render, Scope, Select, SelectItem, Source, Update,
};

fn ident() -> impl Strategy<Value = Ident> + Clone {
    prop_oneof![
        4 => prop::sample::select(vec!["id", "users", "t1", "app.users", "a\"b", "übel", ""])
            .prop_map(Ident::from),
        1 => ".{0,12}".prop_map(Ident::from),
    ]
}

fn value() -> impl Strategy<Value = Value<'static>> + Clone {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Int),
        ".{0,5}".prop_map(|text| Value::Text(text.into())),
    ]
}

fn list() -> impl Strategy<Value = Value<'static>> + Clone {
    prop_oneof![
        prop::collection::vec(value(), 0..4).prop_map(Value::Array),
        (1..3usize, prop::collection::vec(value(), 0..6))
            .prop_map(|(width, values)| Value::Tuples { width, values }),
        value(),
    ]
}

fn scope() -> impl Strategy<Value = Scope> + Clone {
    prop_oneof![
        Just(Scope::Here),
        (1..4u32).prop_map(Scope::Outer),
        ident().prop_map(Scope::Alias),
        Just(Scope::Bare),
    ]
}

fn raw() -> impl Strategy<Value = Raw> + Clone {
    ("[a?'\"`/*\n -]{0,10}", prop::collection::vec(value(), 0..3))
        .prop_map(|(sql, binds)| Raw { sql, binds })
}

fn operator() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp as B;
    prop::sample::select(vec![
        B::Eq,
        B::Ne,
        B::Lt,
        B::Add,
        B::Sub,
        B::Mul,
        B::Rem,
        B::Concat,
    ])
}

fn expr() -> impl Strategy<Value = Expr> + Clone {
    let leaf = prop_oneof![
        4 => (scope(), ident()).prop_map(|(scope, name)| Expr::Column(scope, name)),
        2 => value().prop_map(Expr::Value),
        1 => (scope(), ident()).prop_map(|(scope, name)| Expr::Live(scope, name)),
        1 => Just(Expr::Param),
        1 => Just(Expr::One),
        1 => Just(Expr::Null),
        1 => ident().prop_map(Expr::Excluded),
        1 => raw().prop_map(Expr::Raw),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..3);
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (boxed(), operator(), boxed()).prop_map(|(a, op, b)| Expr::Binary(a, op, b)),
            boxed().prop_map(Expr::Not),
            several.clone().prop_map(Expr::And),
            several.clone().prop_map(Expr::Or),
            (boxed(), any::<bool>()).prop_map(|(e, not)| Expr::IsNull(e, not)),
            (several.clone(), list(), any::<bool>()).prop_map(|(tuple, list, negated)| Expr::In {
                tuple,
                list: InList::Values(list),
                negated
            }),
            (boxed(), boxed(), any::<bool>()).prop_map(|(expr, pattern, ignore_case)| {
                Expr::Like {
                    expr,
                    pattern,
                    ignore_case,
                }
            }),
            [inner.clone(), inner.clone(), inner.clone()].prop_map(|e| Expr::Between(Box::new(e))),
            (select_of(inner.clone()), any::<bool>())
                .prop_map(|(query, not)| Expr::Exists(Box::new(query), not)),
            select_of(inner.clone()).prop_map(|query| Expr::Query(Box::new(query))),
            (any::<bool>(), several).prop_map(|(distinct, args)| Expr::Function {
                name: "COUNT",
                distinct,
                args
            }),
        ]
    })
}

fn select_of<E: Strategy<Value = Expr> + Clone + 'static>(
    expr: E,
) -> impl Strategy<Value = Select> {
    let item = (expr.clone(), prop::option::of(ident()))
        .prop_map(|(expr, alias)| SelectItem { expr, alias });
    let source = prop_oneof![
        ident().prop_map(Source::Table),
        (ident(), ident()).prop_map(|(table, alias)| Source::Aliased(table, alias)),
    ];
    let join = prop_oneof![
        (ident(), ident(), expr.clone()).prop_map(|(table, alias, on)| Join::Table {
            kind: JoinKind::Left,
            table,
            alias,
            on
        }),
        raw().prop_map(Join::Raw),
    ];
    let order = (expr.clone(), any::<bool>(), prop::option::of(any::<bool>())).prop_map(
        |(expr, descending, nulls_first)| Order {
            expr,
            descending,
            nulls_first,
        },
    );
    let group = (expr.clone(), prop::option::of(0..3u64), 0..3u64).prop_map(
        |(partition, limit, offset)| PerGroup {
            partition: vec![partition],
            limit,
            offset,
        },
    );
    (
        any::<bool>(),
        prop::collection::vec(item, 0..3),
        source,
        prop::collection::vec(join, 0..2),
        prop::collection::vec(expr, 0..3),
        prop::collection::vec(order, 0..2),
        prop::option::of(0..3u64),
        prop::option::weighted(0.2, group),
    )
        .prop_map(
            |(distinct, columns, from, joins, filter, order, limit, per_group)| Select {
                distinct,
                columns,
                from,
                joins,
                group_by: filter.clone(),
                having: vec![],
                filter,
                order,
                limit,
                offset: limit,
                per_group,
                lock: None,
            },
        )
}

#[derive(Debug)]
enum Any {
    Select(Select),
    Insert(Insert),
    Update(Update),
    Delete(Delete),
}

impl Any {
    fn get(&self) -> &dyn Render {
        match self {
            Any::Select(statement) => statement,
            Any::Insert(statement) => statement,
            Any::Update(statement) => statement,
            Any::Delete(statement) => statement,
        }
    }
}

fn statement() -> impl Strategy<Value = Any> {
    let idents = || prop::collection::vec(ident(), 0..3);
    let set = || prop::collection::vec((ident(), expr()), 0..3);
    let conflict = prop_oneof![
        idents().prop_map(Conflict::Nothing),
        (idents(), set()).prop_map(|(target, set)| Conflict::Update { target, set }),
    ];
    prop_oneof![
        select_of(expr()).prop_map(Any::Select),
        (
            ident(),
            idents(),
            0..3usize,
            prop::option::of(conflict),
            idents()
        )
            .prop_map(
                |(table, columns, rows, conflict, returning)| Any::Insert(Insert {
                    table,
                    columns,
                    rows,
                    conflict,
                    returning,
                    promised: Vec::new(),
                    keep: None
                })
            ),
        (
            ident(),
            set(),
            prop::collection::vec(expr(), 0..2),
            idents()
        )
            .prop_map(|(table, set, filter, returning)| Any::Update(Update {
                table,
                set,
                filter,
                returning
            })),
        (ident(), prop::collection::vec(expr(), 0..2), idents()).prop_map(
            |(table, filter, returning)| Any::Delete(Delete {
                table,
                filter,
                returning
            })
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_shape_means_equal_text(statements in prop::collection::vec(statement(), 20)) {
        let dialects: [&dyn Dialect; 3] = [&Sqlite, &Postgres, &MySql];
        let mut seen: HashMap<u64, String> = HashMap::new();
        let mut texts: HashMap<String, u64> = HashMap::new();
        for (dialect, statement) in dialects.iter().flat_map(|&d| statements.iter().map(move |s| (d, s))) {
            let rendered = statement.get().render(dialect);
            let (shape, binds) = statement.get().shape(dialect);
            prop_assert_eq!(&rendered.binds, &binds);
            let text = seen.entry(shape).or_insert_with(|| rendered.sql.clone());
            prop_assert_eq!(&*text, &rendered.sql);
            prop_assert_eq!(*texts.entry(rendered.sql).or_insert(shape), shape);
        }
    }
}

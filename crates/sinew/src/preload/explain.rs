//! What a find would send, before it runs.

use std::fmt;

use sinew_core::schema::Linkage;
use sinew_core::{Result, Value};
use sinew_sql::{Dialect, Render};

use super::at_once::{Planned, can_be_at_once};
use super::fetch::{Fetch, base_select};
use super::live::strip_live_select;
use crate::db::Db;
use crate::relation::PreloadNode;

/// One statement of a plan.
#[derive(Clone, Debug)]
pub(crate) struct PlannedStatement {
    /// How deep in the tree.
    pub(crate) depth: usize,
    /// The table read or written.
    pub(crate) table: String,
    /// The text.
    pub(crate) sql: String,
    /// How many values it binds.
    pub(crate) binds: usize,
}

impl PlannedStatement {
    /// The table at its place in the tree.
    pub(crate) fn label(&self) -> String {
        let indent = "  ".repeat(self.depth.saturating_sub(1));
        let branch = if self.depth == 0 { "" } else { "└ " };
        format!("{indent}{branch}{}", self.table)
    }
}

/// The plan of an operation: its statements, in the shape of the tree. Prints as a tree.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let plan = db.find::<User>().preload(User::orders.preload(Order::items)).explain();
/// assert!(plan.to_string().contains("└ orders"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) statements: Vec<PlannedStatement>,
    pub(crate) stages: usize,
    /// How often the database is waited for, and its name; `None` for one that is embedded.
    pub(crate) trips: Option<(usize, &'static str)>,
    pub(crate) problem: Option<String>,
}

impl Plan {
    /// How many statements will run.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().preload_all().explain().statements(), 9);
    /// assert_eq!(db.find::<User>().join(User::company).explain().statements(), 1);
    /// # Ok(()) }
    /// ```
    pub fn statements(&self) -> usize {
        self.statements.len()
    }

    /// How many stages they run in: the statements of a stage do not wait for one another.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// // Orders and profiles do not wait for one another.
    /// let plan = db.find::<User>().preload(User::orders).preload(User::profile).explain();
    /// assert_eq!((plan.statements(), plan.stages()), (3, 2));
    /// # Ok(()) }
    /// ```
    pub fn stages(&self) -> usize {
        self.stages
    }

    /// How often the database is waited for, once it knows the statements: once where it is embedded,
    /// for each stage where statements can be sent ahead (PostgreSQL; once for all of them with
    /// [`one_trip`](crate::query::Find::one_trip)), for each statement otherwise (MySQL).
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().preload(User::orders).explain().round_trips(), 1);
    /// # Ok(()) }
    /// ```
    pub fn round_trips(&self) -> usize {
        self.trips.map_or(1, |(trips, _)| trips)
    }

    /// The texts of the statements.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let plan = db.find::<User>().preload(User::orders).explain();
    /// assert!(plan.sql().all(|sql| sql.starts_with("SELECT")));
    /// # Ok(()) }
    /// ```
    pub fn sql(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().map(|planned| planned.sql.as_str())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            return write!(f, "this will fail: {problem}");
        }
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (n, stages) = (self.statements.len(), self.stages);
        match self.trips {
            None => writeln!(
                f,
                "{n} statement{} in one visit, {stages} stage{}",
                plural(n),
                plural(stages)
            )?,
            Some((trips, database)) => writeln!(
                f,
                "{n} statement{}, {trips} round trip{} on {database}",
                plural(n),
                plural(trips)
            )?,
        }
        let width = self
            .statements
            .iter()
            .map(|p| p.label().chars().count())
            .max()
            .unwrap_or_default();
        for planned in &self.statements {
            writeln!(f, "  {:width$}  {}", planned.label(), planned.sql)?;
        }
        Ok(())
    }
}

/// The plan of a find with its preload tree.
pub(crate) fn plan_of(db: &Db, root: Result<Fetch>, one_trip: bool) -> Plan {
    let (dialect, unscoped) = (db.dialect(), db.settings.unscoped);
    let mut plan = Plan {
        statements: Vec::new(),
        stages: 0,
        trips: None,
        problem: None,
    };
    let planned = root.and_then(|fetch| {
        let at_once = one_trip && can_be_at_once(dialect, &fetch);
        match at_once {
            true => add_at_once(&mut plan, dialect, fetch, unscoped),
            false => add(&mut plan, dialect, fetch, 0, unscoped),
        }
    });
    if let Err(error) = planned {
        plan.problem = Some(error.to_string());
    }
    if plan.stages == 0 {
        let depths = plan.statements.iter().map(|planned| planned.depth + 1);
        plan.stages = depths.max().unwrap_or_default();
    }
    let can = dialect.capabilities();
    let trips = match can.pipelining.supported {
        true => plan.stages,
        false => plan.statements.len(),
    };
    plan.trips = (!can.embedded.supported).then_some((trips, dialect.name()));
    plan
}

/// The statements of a tree that is read at once, and after them what has to wait for its owners.
fn add_at_once(plan: &mut Plan, dialect: &dyn Dialect, fetch: Fetch, unscoped: bool) -> Result<()> {
    let planned = Planned::of(dialect, fetch, unscoped)?;
    let statements = planned.statements(dialect);
    add_below(plan, &statements, &planned.parents, None, 0);
    plan.stages = 1;
    let before = plan.statements.len();
    for (_, node) in &planned.tree.pending {
        add_node(plan, dialect, node, 1, unscoped)?;
    }
    let later = plan.statements.iter().skip(before);
    plan.stages += later.map(|planned| planned.depth).max().unwrap_or_default();
    Ok(())
}

/// The statements below one, each before those below it.
fn add_below(
    plan: &mut Plan,
    statements: &[(String, String, usize)],
    parents: &[Option<usize>],
    parent: Option<usize>,
    depth: usize,
) {
    for (index, (table, sql, binds)) in statements.iter().enumerate() {
        if parents.get(index) == Some(&parent) {
            plan.statements.push(PlannedStatement {
                depth,
                table: table.clone(),
                sql: sql.clone(),
                binds: *binds,
            });
            add_below(plan, statements, parents, Some(index), depth + 1);
        }
    }
}

fn add(
    plan: &mut Plan,
    dialect: &dyn Dialect,
    mut fetch: Fetch,
    depth: usize,
    unscoped: bool,
) -> Result<()> {
    if unscoped {
        strip_live_select(&mut fetch.select);
    }
    let table = fetch
        .blocks
        .first()
        .map(|block| block.meta.table.to_string())
        .unwrap_or_default();
    let rendered = fetch.select.render(dialect);
    let (sql, binds) = (rendered.sql, rendered.binds.len());
    plan.statements.push(PlannedStatement {
        depth,
        table,
        sql,
        binds,
    });
    for block in fetch.blocks {
        for node in block.preloads {
            add_node(plan, dialect, &node, depth + 1, unscoped)?;
        }
    }
    Ok(())
}

fn add_node(
    plan: &mut Plan,
    dialect: &dyn Dialect,
    node: &PreloadNode,
    depth: usize,
    unscoped: bool,
) -> Result<()> {
    let relation = node.meta()?;
    if let Linkage::Any { variants, .. } = &relation.linkage {
        for any in variants() {
            let meta = (any.target)();
            let select = base_select(meta, unscoped);
            let mut fetch = Fetch::root(meta, select, &[], Vec::new(), unscoped)?;
            fetch.matching = super::fetch::Matching::Columns(vec![any.far]);
            fetch.restrict(Vec::new(), 1);
            add(plan, dialect, fetch, depth, unscoped)?;
        }
        return Ok(());
    }
    let mut fetch = Fetch::of(node, unscoped)?;
    let width = crate::relation::reach::owner_key((node.owner)(), relation)?.len();
    // Two keys stand for any number: one alone would be an equation.
    fetch.restrict(vec![Value::Int(0); width * 2], width);
    add(plan, dialect, fetch, depth, unscoped)
}

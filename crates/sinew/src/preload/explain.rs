//! What a find would send, before it runs.

use std::fmt;

use sinew_core::schema::Linkage;
use sinew_core::{Result, Value};
use sinew_sql::{Dialect, Render};

use super::fetch::{Fetch, base_select};
use super::live::strip_live_select;
use crate::relation::PreloadNode;

/// One statement of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// How deep in the tree.
    pub(crate) depth: usize,
    /// The table read or written.
    pub(crate) table: String,
    /// The text.
    pub(crate) sql: String,
    /// How many values it binds.
    pub(crate) binds: usize,
}

impl Planned {
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
    pub(crate) statements: Vec<Planned>,
    pub(crate) stages: usize,
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
        writeln!(
            f,
            "{n} statement{} in one visit, {stages} stage{}",
            plural(n),
            plural(stages)
        )?;
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
pub(crate) fn plan_of(dialect: &dyn Dialect, root: Result<Fetch>, unscoped: bool) -> Plan {
    let mut plan = Plan {
        statements: Vec::new(),
        stages: 0,
        problem: None,
    };
    match root {
        Ok(fetch) => {
            if let Err(error) = add(&mut plan, dialect, fetch, 0, unscoped) {
                plan.problem = Some(error.to_string());
            }
        }
        Err(error) => plan.problem = Some(error.to_string()),
    }
    plan.stages = plan
        .statements
        .iter()
        .map(|p| p.depth + 1)
        .max()
        .unwrap_or_default();
    plan
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
    plan.statements.push(Planned {
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

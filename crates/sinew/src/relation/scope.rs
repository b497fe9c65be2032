//! What a query wants of an association: which targets, in which order, how many, and what of
//! theirs in turn. Untyped; the typed handles build it.

use std::marker::PhantomData;

use sinew_core::record::Model;
use sinew_core::schema::{ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::{Expr, JoinKind, Order};

use super::handle::{AnyRelation, Relation, Scoped};

/// One association to load, and how.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct PreloadNode {
    pub(crate) owner: fn() -> &'static ModelMeta,
    pub(crate) relation: usize,
    /// Conditions on the target; `Scope::Here` is the target's row.
    pub(crate) filter: Vec<Expr>,
    /// Conditions on the join table's row (`Scope::Here`).
    pub(crate) link_filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// Order by columns of the join table's row, before `order`.
    pub(crate) link_order: Vec<Order>,
    /// Targets per owner.
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    /// Targets over all owners.
    pub(crate) limit_total: Option<u64>,
    pub(crate) unscoped: bool,
    pub(crate) children: Vec<PreloadNode>,
    pub(crate) joins: Vec<JoinNode>,
    /// An error that the builder met.
    pub(crate) doubt: Option<String>,
}

impl PreloadNode {
    pub(crate) fn new(owner: fn() -> &'static ModelMeta, relation: usize) -> Self {
        Self {
            owner,
            relation,
            filter: Vec::new(),
            link_filter: Vec::new(),
            order: Vec::new(),
            link_order: Vec::new(),
            limit: None,
            offset: 0,
            limit_total: None,
            unscoped: false,
            children: Vec::new(),
            joins: Vec::new(),
            doubt: None,
        }
    }

    pub(crate) fn meta(&self) -> Result<&'static RelationMeta> {
        (self.owner)().relations.get(self.relation).ok_or_else(|| {
            Error::new(ErrorKind::UnknownAssociation, "no such association")
                .with_model((self.owner)().name)
        })
    }
}

/// One association to join, and how.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct JoinNode {
    pub(crate) owner: fn() -> &'static ModelMeta,
    pub(crate) relation: usize,
    pub(crate) kind: JoinKind,
    /// Conditions that go into `ON`; `Scope::Here` is the target's row.
    pub(crate) filter: Vec<Expr>,
    /// Conditions on the join table's row (`Scope::Here`), which go into `ON` too.
    pub(crate) link_filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// Order by columns of the join table's row, before `order`.
    pub(crate) link_order: Vec<Order>,
    pub(crate) unscoped: bool,
    pub(crate) joins: Vec<JoinNode>,
    pub(crate) preloads: Vec<PreloadNode>,
    /// An error that the builder met.
    pub(crate) doubt: Option<String>,
}

impl PreloadNode {
    /// Whether it wants all targets, as they come.
    pub(crate) fn is_plain(&self) -> bool {
        let conditions = self.filter.len() + self.link_filter.len();
        let orders = self.order.len() + self.link_order.len();
        let limited = self.limit.is_some() || self.limit_total.is_some() || self.offset > 0;
        conditions + orders + self.joins.len() == 0 && !limited && !self.unscoped
    }
}

impl JoinNode {
    /// Whether it loads all targets: no condition drops some.
    pub(crate) fn loads_all(&self) -> bool {
        let narrows = self
            .joins
            .iter()
            .any(|join| join.kind == JoinKind::Inner || !join.loads_all());
        let conditions = self.filter.len() + self.link_filter.len();
        conditions == 0 && !self.unscoped && !narrows
    }
}

/// What `.preload(…)` takes: an association of `M`, plain or narrowed, or a tuple of several.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = db.find::<User>().preload((User::profile, User::orders.limit(1))).await?;
/// db.load(&mut users, User::company).await?;
/// assert_eq!(users[0].orders.loaded()?.len(), 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{M}`",
    label = "not an association of `{M}`"
)]
pub trait Preload<M> {
    #[doc(hidden)]
    fn into_nodes(self) -> Vec<PreloadNode>;
}

/// What `.join(…)` takes: an association of `M`, plain or narrowed.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let users = db.find::<User>().join(User::orders.filter(Order::amount.gt(150.0)).join(Order::items)).await?;
/// assert_eq!(users[0].orders.loaded()?.len(), 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{M}`",
    label = "not an association of `{M}`"
)]
pub trait Joins<M> {
    #[doc(hidden)]
    fn into_node(self, kind: JoinKind) -> JoinNode;
}

/// What `.include("a.b")` is made of.
#[doc(hidden)]
pub struct Include;

impl Include {
    /// The preload nodes for a path such as `orders.items`.
    pub(crate) fn parse(model: fn() -> &'static ModelMeta, path: &str) -> Result<PreloadNode> {
        let (head, rest) = match path.split_once('.') {
            Some((head, rest)) => (head, Some(rest)),
            None => (path, None),
        };
        let meta = model();
        let Some(relation) = meta.relation(head) else {
            let names: Vec<_> = meta
                .relations
                .iter()
                .map(|relation| relation.name)
                .collect();
            return Err(Error::new(
                ErrorKind::UnknownAssociation,
                format!("{} has no association named {head:?}", meta.name),
            )
            .with_model(meta.name)
            .with_association(head)
            .with_hint(if names.is_empty() {
                format!("{} has no associations", meta.name)
            } else {
                format!("it has {}", names.join(", "))
            }));
        };
        let mut node = PreloadNode::new(model, relation.index);
        if let Some(rest) = rest {
            let target = match &relation.linkage {
                sinew_core::schema::Linkage::Owner { target, .. }
                | sinew_core::schema::Linkage::Target { target, .. }
                | sinew_core::schema::Linkage::Join { target, .. }
                | sinew_core::schema::Linkage::Through { target, .. } => *target,
                sinew_core::schema::Linkage::Any { .. } => {
                    return Err(Error::new(
                        ErrorKind::UnknownAssociation,
                        format!(
                            "{}.{head} has targets of several models, so {rest:?} cannot follow it",
                            meta.name
                        ),
                    )
                    .with_model(meta.name)
                    .with_association(head));
                }
            };
            node.children.push(Self::parse(target, rest)?);
        }
        Ok(node)
    }
}

impl<M: Model, T: Model, K> Preload<M> for Relation<M, T, K> {
    fn into_nodes(self) -> Vec<PreloadNode> {
        vec![self.scoped().node]
    }
}

impl<M: Model, T: Model, K> Preload<M> for Scoped<M, T, K> {
    fn into_nodes(self) -> Vec<PreloadNode> {
        vec![self.node]
    }
}

impl<M: Model, E> Preload<M> for AnyRelation<M, E> {
    fn into_nodes(self) -> Vec<PreloadNode> {
        vec![PreloadNode::new(M::schema, self.index())]
    }
}

macro_rules! tuple_preload {
    ($($name:ident)+) => {
        impl<M, $($name: Preload<M>),+> Preload<M> for ($($name,)+) {
            fn into_nodes(self) -> Vec<PreloadNode> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_nodes());)+
                all
            }
        }
    };
}

tuple_preload!(A);
tuple_preload!(A B);
tuple_preload!(A B C);
tuple_preload!(A B C D);
tuple_preload!(A B C D E);
tuple_preload!(A B C D E F);

impl<M: Model, T: Model, K> Joins<M> for Relation<M, T, K> {
    fn into_node(self, kind: JoinKind) -> JoinNode {
        self.scoped().into_node(kind)
    }
}

impl<M: Model, T: Model, K> Joins<M> for Scoped<M, T, K> {
    fn into_node(self, kind: JoinKind) -> JoinNode {
        let node = self.node;
        let doubt = if node.limit.is_some() || node.limit_total.is_some() || node.offset > 0 {
            Some("a joined association cannot have a limit; preload it instead".to_owned())
        } else {
            node.doubt
        };
        JoinNode {
            owner: node.owner,
            relation: node.relation,
            kind,
            filter: node.filter,
            link_filter: node.link_filter,
            order: node.order,
            link_order: node.link_order,
            unscoped: node.unscoped,
            joins: node.joins,
            preloads: node.children,
            doubt,
        }
    }
}

/// The targets of an association without their links: `.omit(User::languages.targets())` writes
/// the links and leaves the linked rows alone.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ken = User { languages: [Language { id: 1, name: "english!".into() }].into(), ..user("Ken", 25) };
/// db.create(&mut ken).full().omit(User::languages.targets()).await?;
/// assert_eq!(db.get::<Language>(1).await?.name, "English");
/// # Ok(()) }
/// ```
pub struct TargetsOf<M> {
    pub(crate) relation: usize,
    pub(crate) of: PhantomData<fn() -> M>,
}

/// One column of an association's targets: `.omit(User::profile.field(Profile::bio))`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ken = User { profile: Profile { bio: "secret".into(), ..Default::default() }.into(), ..user("Ken", 25) };
/// db.create(&mut ken).omit(User::profile.field(Profile::bio)).await?;
/// assert_eq!(db.get::<Profile>(2).await?.bio, "");
/// # Ok(()) }
/// ```
pub struct FieldOf<M> {
    pub(crate) relation: usize,
    pub(crate) column: usize,
    pub(crate) of: PhantomData<fn() -> M>,
}

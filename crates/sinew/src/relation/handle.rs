//! The typed constants that name associations.

use std::marker::PhantomData;

use sinew_core::record::Model;
use sinew_core::schema::RelationMeta;
use sinew_sql::{Expr, JoinKind};

use super::scope::{FieldOf, Joins, Preload, PreloadNode, TargetsOf};
use crate::column::{Condition, Expression, IntoCondition, IntoOrder, Numeric, Scalar};
use crate::relation::reach;

/// The kinds of association, as types: what can be done with one is decided by them.
pub mod kind {
    use std::marker::PhantomData;

    /// The owner holds the key; `F` is its type.
    pub struct BelongsTo<F>(PhantomData<fn() -> F>);
    /// One target holds the key; `F` is its type.
    pub struct HasOne<F>(PhantomData<fn() -> F>);
    /// Many targets hold the key; `F` is its type.
    pub struct HasMany<F>(PhantomData<fn() -> F>);
    /// A join table holds both keys; `J` is its model, or `()`.
    pub struct ManyToMany<J>(PhantomData<fn() -> J>);
    /// Through other associations; read-only.
    pub struct Through;

    /// Kinds that can be written through.
    #[diagnostic::on_unimplemented(
        message = "this association goes through others and is read-only",
        label = "cannot be written",
        note = "write the associations on the way instead"
    )]
    pub trait Writable {}
    impl<F> Writable for BelongsTo<F> {}
    impl<F> Writable for HasOne<F> {}
    impl<F> Writable for HasMany<F> {}
    impl<J> Writable for ManyToMany<J> {}

    /// Kinds whose links can be cut: the key is nullable, or stands in a join table.
    #[diagnostic::on_unimplemented(
        message = "the key of this association is NOT NULL, so its targets cannot be unlinked",
        label = "would have to set a NOT NULL key to NULL",
        note = "make the foreign key an `Option`, or use `.unscoped()` to delete the rows themselves"
    )]
    pub trait Unlink: Writable {}
    impl<F: NullableKey> Unlink for BelongsTo<F> {}
    impl<F: NullableKey> Unlink for HasOne<F> {}
    impl<F: NullableKey> Unlink for HasMany<F> {}
    impl<J> Unlink for ManyToMany<J> {}

    /// Kinds whose targets can be exchanged: the displaced ones can be unlinked, or it is the
    /// owner's own key that gets another value.
    #[diagnostic::on_unimplemented(
        message = "the key of this association is NOT NULL, so displaced targets cannot be unlinked",
        label = "would have to set a NOT NULL key to NULL",
        note = "make the foreign key an `Option`, or use `.unscoped()` to delete the displaced rows"
    )]
    pub trait Exchange: Writable {}
    impl<F> Exchange for BelongsTo<F> {}
    impl<F: NullableKey> Exchange for HasOne<F> {}
    impl<F: NullableKey> Exchange for HasMany<F> {}
    impl<J> Exchange for ManyToMany<J> {}

    /// Foreign keys that can be NULL. Composite keys are checked when they are used.
    #[diagnostic::on_unimplemented(
        message = "the foreign key `{Self}` is NOT NULL",
        label = "not an `Option`"
    )]
    pub trait NullableKey {}
    impl<T> NullableKey for Option<T> {}
    impl<A, B> NullableKey for (A, B) {}
    impl<A, B, C> NullableKey for (A, B, C) {}
    impl<A, B, C, D> NullableKey for (A, B, C, D) {}

    /// Many-to-many with a join model.
    #[diagnostic::on_unimplemented(
        message = "this association has no join model, so its links have no columns of their own",
        label = "not a `ManyToMany<_, J>` with a join model"
    )]
    pub trait Linked {
        /// The join model.
        type Link;
    }
    impl<J: sinew_core::record::Model> Linked for ManyToMany<J> {
        type Link = J;
    }
}

/// An association of `M` with targets of `T`. `#[derive(Model)]` writes one constant per
/// association field; `K` is its [`kind`].
pub struct Relation<M, T, K> {
    index: usize,
    of: PhantomData<fn() -> (M, T, K)>,
}

impl<M, T, K> Clone for Relation<M, T, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T, K> Copy for Relation<M, T, K> {}

impl<M, T, K> Relation<M, T, K> {
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            of: PhantomData,
        }
    }

    /// Its position among the model's associations.
    pub const fn index(self) -> usize {
        self.index
    }

    /// Its targets without its links, for `.omit(…)`.
    pub const fn targets(self) -> TargetsOf<M> {
        TargetsOf {
            relation: self.index,
            of: PhantomData,
        }
    }

    /// One column of its targets, for `.omit(…)`.
    pub const fn field<C>(self, column: crate::column::Column<T, C>) -> FieldOf<M> {
        FieldOf {
            relation: self.index,
            column: column.index(),
            of: PhantomData,
        }
    }
}

/// An association narrowed by conditions, order, limits, and what to load of its targets.
pub struct Scoped<M, T, K> {
    pub(crate) node: PreloadNode,
    of: PhantomData<fn() -> (M, T, K)>,
}

impl<M, T, K> Clone for Scoped<M, T, K> {
    fn clone(&self) -> Self {
        Self {
            node: self.node.clone(),
            of: PhantomData,
        }
    }
}

impl<M: Model, T: Model, K> Relation<M, T, K> {
    /// Its description.
    pub fn meta(self) -> Option<&'static RelationMeta> {
        M::schema().relations.get(self.index)
    }

    /// The association with no conditions yet.
    pub fn scoped(self) -> Scoped<M, T, K> {
        Scoped {
            node: PreloadNode::new(M::schema, self.index),
            of: PhantomData,
        }
    }
}

impl<M: Model, T: Model, K> Scoped<M, T, K> {
    /// Itself; [`Relation::scoped`] for one that is narrowed already.
    #[must_use]
    pub fn scoped(self) -> Self {
        self
    }
}

macro_rules! narrowing {
    ($name:ident) => {
        impl<M: Model, T: Model, K> $name<M, T, K> {
            /// Only targets that meet the condition.
            #[must_use]
            pub fn filter(self, condition: impl IntoCondition<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.filter.push(condition.into_condition().expr);
                scoped
            }

            /// In this order.
            #[must_use]
            pub fn order_by(self, order: impl IntoOrder<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.order.extend(order.into_order());
                scoped
            }

            /// At most `n` targets for each owner.
            #[must_use]
            pub fn limit(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.limit = Some(n);
                scoped
            }

            /// Skips `n` targets of each owner.
            #[must_use]
            pub fn offset(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.offset = n;
                scoped
            }

            /// At most `n` targets over all owners together.
            #[must_use]
            pub fn limit_total(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.limit_total = Some(n);
                scoped
            }

            /// Soft-deleted targets too.
            #[must_use]
            pub fn unscoped(self) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.unscoped = true;
                scoped
            }

            /// Loads an association of the targets too.
            #[must_use]
            pub fn preload(self, association: impl Preload<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                for node in association.into_nodes() {
                    // The same association again replaces what was said before.
                    scoped
                        .node
                        .children
                        .retain(|held| held.relation != node.relation);
                    scoped.node.children.push(node);
                }
                scoped
            }

            /// Joins an association of the targets too, in the same statement.
            #[must_use]
            pub fn join(self, association: impl Joins<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped
                    .node
                    .joins
                    .push(association.into_node(JoinKind::Left));
                scoped
            }

            /// As [`Self::join`], dropping targets without a match.
            #[must_use]
            pub fn inner_join(self, association: impl Joins<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped
                    .node
                    .joins
                    .push(association.into_node(JoinKind::Inner));
                scoped
            }

            /// Deletes an association of the targets too, for `.with(…)` of a delete.
            #[must_use]
            pub fn with(self, association: impl Preload<T>) -> Scoped<M, T, K> {
                self.preload(association)
            }

            /// Only links that meet the condition.
            #[must_use]
            pub fn filter_link(self, condition: impl IntoCondition<K::Link>) -> Scoped<M, T, K>
            where
                K: kind::Linked,
            {
                let mut scoped = self.scoped();
                scoped
                    .node
                    .link_filter
                    .push(condition.into_condition().expr);
                scoped
            }

            /// In the order of a column of the links.
            #[must_use]
            pub fn order_by_link(self, order: impl IntoOrder<K::Link>) -> Scoped<M, T, K>
            where
                K: kind::Linked,
            {
                let mut scoped = self.scoped();
                scoped.node.link_order.extend(order.into_order());
                scoped
            }

            /// Owners with at least one such target: `EXISTS (…)`.
            pub fn any(self) -> Condition<M> {
                Condition::new(reach::exists(self.scoped().node, false))
            }

            /// Owners without such a target: `NOT EXISTS (…)`.
            pub fn none(self) -> Condition<M> {
                Condition::new(reach::exists(self.scoped().node, true))
            }

            /// Owners all of whose (so far narrowed) targets meet the condition; true where there
            /// is none.
            pub fn every(self, condition: impl IntoCondition<T>) -> Condition<M> {
                let mut scoped = self.scoped();
                let unless = Expr::Not(Box::new(condition.into_condition().expr));
                scoped.node.filter.push(unless);
                scoped.none()
            }

            /// How many such targets each owner has.
            pub fn count(self) -> Scalar<M, i64> {
                Scalar::new(reach::aggregate(self.scoped().node, "COUNT", false, None))
            }

            /// How many different values such targets have there; NULL is none.
            pub fn count_distinct<E: Expression<T>>(self, of: E) -> Scalar<M, i64> {
                Scalar::new(reach::aggregate(
                    self.scoped().node,
                    "COUNT",
                    true,
                    Some(of.into_expr()),
                ))
            }

            /// The sum over such targets.
            pub fn sum<E>(self, of: E) -> Scalar<M, Option<<E::Type as Numeric>::Sum>>
            where
                E: Expression<T, Type: Numeric>,
            {
                Scalar::new(reach::aggregate(
                    self.scoped().node,
                    "SUM",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The average over such targets.
            pub fn avg<E>(self, of: E) -> Scalar<M, Option<f64>>
            where
                E: Expression<T, Type: Numeric>,
            {
                Scalar::new(reach::aggregate(
                    self.scoped().node,
                    "AVG",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The smallest among such targets.
            pub fn min<E: Expression<T>>(self, of: E) -> Scalar<M, Option<E::Type>> {
                Scalar::new(reach::aggregate(
                    self.scoped().node,
                    "MIN",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The greatest among such targets.
            pub fn max<E: Expression<T>>(self, of: E) -> Scalar<M, Option<E::Type>> {
                Scalar::new(reach::aggregate(
                    self.scoped().node,
                    "MAX",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// An expression over the target, seen from the owner: `User::company.to(Company::name)`.
            /// NULL where there is no target; of several targets an arbitrary one.
            pub fn to<E: Expression<T>>(self, of: E) -> Scalar<M, E::Type> {
                Scalar::new(reach::value(self.scoped().node, of.into_expr()))
            }
        }
    };
}

narrowing!(Relation);
narrowing!(Scoped);

/// The association of a polymorphic row with its owner, whatever model that is.
pub struct AnyRelation<M, E> {
    index: usize,
    of: PhantomData<fn() -> (M, E)>,
}

impl<M, E> Clone for AnyRelation<M, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, E> Copy for AnyRelation<M, E> {}

impl<M, E> AnyRelation<M, E> {
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            of: PhantomData,
        }
    }

    /// Its position among the model's associations.
    pub const fn index(self) -> usize {
        self.index
    }
}

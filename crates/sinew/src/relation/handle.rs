//! The typed constants that name associations.

use std::marker::PhantomData;

use sinew_core::record::Model;
use sinew_core::schema::RelationMeta;
use sinew_sql::{Expr, JoinKind};

use super::scope::{FieldOf, Joins, Preload, PreloadNode, TargetsOf};
use crate::column::{Condition, Expression, IntoCondition, IntoOrder, Numeric, Scalar};
use crate::relation::reach;

/// The kinds of association, as types: what can be done with one is decided by them.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// use sinew::{Relation, relation::kind};
///
/// /// The association that a report is about.
/// fn subject() -> Relation<User, Order, kind::HasMany<Option<i64>>> {
///     User::orders
/// }
/// assert_eq!(subject().index(), User::orders.index());
/// ```
pub mod kind {
    use std::marker::PhantomData;

    /// The owner holds the key; `F` is its type.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::{Relation, relation::kind};
    /// let _: Relation<User, Company, kind::BelongsTo<Option<i64>>> = User::company;
    /// ```
    pub struct BelongsTo<F>(PhantomData<fn() -> F>);
    /// One target holds the key; `F` is its type.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::{Relation, relation::kind};
    /// let _: Relation<User, Profile, kind::HasOne<i64>> = User::profile;
    /// ```
    pub struct HasOne<F>(PhantomData<fn() -> F>);
    /// Many targets hold the key; `F` is its type.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::{Relation, relation::kind};
    /// let _: Relation<User, Order, kind::HasMany<Option<i64>>> = User::orders;
    /// ```
    pub struct HasMany<F>(PhantomData<fn() -> F>);
    /// A join table holds both keys; `J` is its model, or `()`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::{Relation, relation::kind};
    /// let _: Relation<User, Language, kind::ManyToMany<UserLanguage>> = User::languages;
    /// ```
    pub struct ManyToMany<J>(PhantomData<fn() -> J>);
    /// Through other associations; read-only.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::{Relation, relation::kind};
    /// let _: Relation<User, Item, kind::Through> = User::items;
    /// ```
    pub struct Through;

    /// Kinds that can be written through.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::{Relation, relation::kind};
    ///
    /// async fn count<K: kind::Writable>(db: &Db, user: &mut User, of: Relation<User, Order, K>) -> sinew::Result<u64> {
    ///     db.association(user, of).append(order(1.0, &[])).await?;
    ///     db.association(user, of).count().await
    /// }
    /// assert_eq!(count(&db, &mut db.get::<User>(3).await?, User::orders).await?, 1);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::{Relation, relation::kind};
    ///
    /// async fn forget<K: kind::Unlink>(db: &Db, user: &mut User, of: Relation<User, Order, K>) -> sinew::Result<()> {
    ///     db.association(user, of).clear().await
    /// }
    /// forget(&db, &mut db.get::<User>(1).await?, User::orders).await?;
    /// assert_eq!(db.find::<Order>().filter(Order::user_id.is_null()).count().await?, 2);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::{Relation, relation::kind};
    ///
    /// async fn only<K: kind::Exchange>(db: &Db, user: &mut User, of: Relation<User, Order, K>) -> sinew::Result<u64> {
    ///     Ok(db.association(user, of).replace([order(1.0, &[])]).await?.removed)
    /// }
    /// assert_eq!(only(&db, &mut db.get::<User>(1).await?, User::orders).await?, 2);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::relation::kind::NullableKey;
    /// fn nullable<F: NullableKey>() -> bool { true }
    /// assert!(nullable::<Option<i64>>());         // `nullable::<i64>()` does not compile
    /// ```
    #[diagnostic::on_unimplemented(
        message = "the foreign key `{Self}` is NOT NULL, so targets cannot be unlinked",
        label = "would set a NOT NULL key to NULL",
        note = "make the foreign key an `Option`, or use `.unscoped()` to delete the rows themselves"
    )]
    pub trait NullableKey {}
    impl<T> NullableKey for Option<T> {}
    impl<A, B> NullableKey for (A, B) {}
    impl<A, B, C> NullableKey for (A, B, C) {}
    impl<A, B, C, D> NullableKey for (A, B, C, D) {}

    /// Many-to-many with a join model.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// use sinew::relation::kind::{Linked, ManyToMany};
    /// type Link = <ManyToMany<UserLanguage> as Linked>::Link;
    /// assert_eq!(Link::default().proficiency, "");
    /// ```
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

/// What an association is about, without holding any of it.
type Marks<M, T, K> = PhantomData<fn() -> (M, T, K)>;

/// An association of `M` with targets of `T`. `#[derive(Model)]` writes one constant per
/// association field; `K` is its [`kind`].
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let users = db.find::<User>()
///     .filter(User::company.to(Company::name).eq("Acme"))         // in a condition
///     .order_by(User::orders.count().desc())                      // in an order
///     .preload(User::orders.filter(Order::amount.gt(60.0)))       // in a preload
///     .await?;
/// assert_eq!(users[0].orders.loaded()?.len(), 2);
/// # Ok(()) }
/// ```
pub struct Relation<M, T, K> {
    index: usize,
    of: Marks<M, T, K>,
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!((User::company.index(), User::manager.index()), (0, 1));
    /// ```
    pub const fn index(self) -> usize {
        self.index
    }

    /// Its targets without its links, for `.omit(…)`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::languages).await?;
    /// ada.languages.loaded_mut()?[0].name = "changed".into();
    /// db.save(&mut ada).full().omit(User::languages.targets()).await?;
    /// assert_eq!(db.get::<Language>(1).await?.name, "English");
    /// # Ok(()) }
    /// ```
    pub const fn targets(self) -> TargetsOf<M> {
        TargetsOf {
            relation: self.index,
            of: PhantomData,
        }
    }

    /// One column of its targets, for `.omit(…)`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ken = User { profile: Profile { bio: "Unix".into(), ..Default::default() }.into(), ..user("Ken", 25) };
    /// db.create(&mut ken).omit(User::profile.field(Profile::bio)).await?;
    /// assert_eq!(db.get::<Profile>(2).await?.bio, "");
    /// # Ok(()) }
    /// ```
    pub const fn field<C>(self, column: crate::column::Column<T, C>) -> FieldOf<M> {
        FieldOf {
            relation: self.index,
            column: column.index(),
            of: PhantomData,
        }
    }
}

/// An association narrowed by conditions, order, limits, and what to load of its targets.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::relation::{Scoped, kind};
///
/// fn dear() -> Scoped<User, Order, kind::HasMany<Option<i64>>> {
///     User::orders.filter(Order::amount.gt(200.0))
/// }
/// assert_eq!(db.find::<User>().filter(dear().any()).preload(dear()).await?.len(), 1);
/// # Ok(()) }
/// ```
pub struct Scoped<M, T, K> {
    pub(crate) node: PreloadNode,
    of: Marks<M, T, K>,
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// let meta = User::orders.meta().unwrap();
    /// assert_eq!(meta.name, "orders");
    /// ```
    pub fn meta(self) -> Option<&'static RelationMeta> {
        M::schema().relations.get(self.index)
    }

    /// The association with no conditions yet.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut orders = User::orders.scoped();
    /// if 1 + 1 == 2 {
    ///     orders = orders.limit(1);
    /// }
    /// assert_eq!(db.get::<User>(1).preload(orders).await?.orders.loaded()?.len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn scoped(self) -> Scoped<M, T, K> {
        Scoped {
            node: PreloadNode::new(M::schema, self.index),
            of: PhantomData,
        }
    }
}

impl<M: Model, T: Model, K> Scoped<M, T, K> {
    /// Itself; [`Relation::scoped`] for one that is narrowed already.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let orders = User::orders.limit(1).scoped();
    /// assert_eq!(db.get::<User>(1).preload(orders).await?.orders.loaded()?.len(), 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn scoped(self) -> Self {
        self
    }
}

macro_rules! narrowing {
    ($name:ident) => {
        impl<M: Model, T: Model, K> $name<M, T, K> {
            /// Only targets that meet the condition.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let ada = db.get::<User>(1).preload(User::orders.filter(Order::amount.gt(200.0))).await?;
            /// assert_eq!(ada.orders.loaded()?[0].amount, 300.0);
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn filter(self, condition: impl IntoCondition<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.filter.push(condition.into_condition().expr);
                scoped
            }

            /// In this order.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let ada = db.get::<User>(1).preload(User::orders.order_by(Order::amount.desc())).await?;
            /// assert_eq!(ada.orders.loaded()?[0].amount, 300.0);
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn order_by(self, order: impl IntoOrder<T>) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.order.extend(order.into_order());
                scoped
            }

            /// At most `n` targets for each owner.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let users = db.find::<User>().preload(User::orders.limit(1)).await?;
            /// assert_eq!((users[0].orders.loaded()?.len(), users[1].orders.loaded()?.len()), (1, 1));
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn limit(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.limit = Some(n);
                scoped
            }

            /// Skips `n` targets of each owner.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let users = db.find::<User>().preload(User::orders.order_by(Order::id.asc()).limit(5).offset(1)).await?;
            /// assert_eq!((users[0].orders.loaded()?.len(), users[1].orders.loaded()?.len()), (1, 0));
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn offset(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.offset = n;
                scoped
            }

            /// At most `n` targets over all owners together.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let users = db.find::<User>().preload(User::orders.order_by(Order::id.asc()).limit_total(2)).await?;
            /// assert_eq!((users[0].orders.loaded()?.len(), users[1].orders.loaded()?.len()), (2, 0));
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn limit_total(self, n: u64) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.limit_total = Some(n);
                scoped
            }

            /// Soft-deleted targets too.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// db.delete(&mut db.get::<User>(2).await?).await?;
            /// let ada = db.get::<User>(1).preload(User::reports.unscoped()).await?;
            /// assert_eq!(ada.reports.loaded()?[0].name, "Grace");
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn unscoped(self) -> Scoped<M, T, K> {
                let mut scoped = self.scoped();
                scoped.node.unscoped = true;
                scoped
            }

            /// Loads an association of the targets too.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let ada = db.get::<User>(1).preload(User::orders.preload(Order::items)).await?;
            /// assert_eq!(ada.orders.loaded()?[0].items.loaded()?.len(), 2);
            /// # Ok(()) }
            /// ```
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
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let users = db.find::<User>().join(User::orders.join(Order::items)).await?;
            /// assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
            /// # Ok(()) }
            /// ```
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
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let ada = db.get::<User>(1).preload(User::orders.inner_join(Order::items)).await?;
            /// assert_eq!(ada.orders.loaded()?.len(), 1);          // the order without items is dropped
            /// # Ok(()) }
            /// ```
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
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let mut ada = db.get::<User>(1).await?;
            /// db.delete(&mut ada).with((User::orders.with(Order::items), User::profile)).await?;
            /// assert_eq!((db.find::<Order>().count().await?, db.find::<Item>().count().await?), (1, 0));
            /// # Ok(()) }
            /// ```
            #[must_use]
            pub fn with(self, association: impl Preload<T>) -> Scoped<M, T, K> {
                self.preload(association)
            }

            /// Only links that meet the condition.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let mut ada = db.get::<User>(1).await?;
            /// db.association(&mut ada, User::languages)
            ///     .append_with(language("Latin"), |link| link.proficiency = "fluent".into())
            ///     .await?;
            /// let fluent = User::languages.filter_link(UserLanguage::proficiency.eq("fluent"));
            /// db.load(&mut ada, fluent).await?;
            /// assert_eq!(ada.languages.loaded()?[0].name, "Latin");
            /// # Ok(()) }
            /// ```
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
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let latest = User::languages.order_by_link(UserLanguage::language_id.desc());
            /// let ada = db.get::<User>(1).preload(latest).await?;
            /// assert_eq!(ada.languages.loaded()?[0].name, "French");
            /// # Ok(()) }
            /// ```
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
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::orders.any()).count().await?, 2);
            /// assert_eq!(db.find::<User>().filter(User::orders.filter(Order::items.any()).any()).count().await?, 1);
            /// # Ok(()) }
            /// ```
            pub fn any(self) -> Condition<M> {
                Condition::new(reach::exists(&self.scoped().node, false))
            }

            /// Owners without such a target: `NOT EXISTS (…)`.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::orders.none()).pluck(User::name).await?, ["Alan"]);
            /// # Ok(()) }
            /// ```
            pub fn none(self) -> Condition<M> {
                Condition::new(reach::exists(&self.scoped().node, true))
            }

            /// Owners all of whose (so far narrowed) targets meet the condition; true where there
            /// is none.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let only_dear = User::orders.every(Order::amount.ge(100.0));
            /// assert_eq!(db.find::<User>().filter(only_dear).pluck(User::name).await?, ["Ada", "Alan"]);
            /// # Ok(()) }
            /// ```
            pub fn every(self, condition: impl IntoCondition<T>) -> Condition<M> {
                let mut scoped = self.scoped();
                let unless = Expr::Not(Box::new(condition.into_condition().expr));
                scoped.node.filter.push(unless);
                scoped.none()
            }

            /// How many such targets each owner has.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::orders.count().ge(2)).pluck(User::name).await?, ["Ada"]);
            /// # Ok(()) }
            /// ```
            pub fn count(self) -> Scalar<M, i64> {
                Scalar::new(reach::aggregate(&self.scoped().node, "COUNT", false, None))
            }

            /// How many different values such targets have there; NULL is none.
            pub fn count_distinct<E: Expression<T>>(self, of: E) -> Scalar<M, i64> {
                Scalar::new(reach::aggregate(
                    &self.scoped().node,
                    "COUNT",
                    true,
                    Some(of.into_expr()),
                ))
            }

            /// The sum over such targets.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let totals = db.find::<User>().pluck(User::orders.sum(Order::amount)).await?;
            /// assert_eq!(totals, [Some(400.0), Some(50.0), None]);
            /// # Ok(()) }
            /// ```
            pub fn sum<E>(self, of: E) -> Scalar<M, Option<<E::Type as Numeric>::Sum>>
            where
                E: Expression<T, Type: Numeric>,
            {
                Scalar::new(reach::aggregate(
                    &self.scoped().node,
                    "SUM",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The average over such targets.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let averages = db.find::<User>().pluck(User::orders.avg(Order::amount)).await?;
            /// assert_eq!(averages, [Some(200.0), Some(50.0), None]);
            /// # Ok(()) }
            /// ```
            pub fn avg<E>(self, of: E) -> Scalar<M, Option<f64>>
            where
                E: Expression<T, Type: Numeric>,
            {
                Scalar::new(reach::aggregate(
                    &self.scoped().node,
                    "AVG",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The smallest among such targets.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let least = db.find::<User>().pluck(User::orders.min(Order::amount)).await?;
            /// assert_eq!(least, [Some(100.0), Some(50.0), None]);
            /// # Ok(()) }
            /// ```
            pub fn min<E: Expression<T>>(self, of: E) -> Scalar<M, Option<E::Type>> {
                Scalar::new(reach::aggregate(
                    &self.scoped().node,
                    "MIN",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// The greatest among such targets.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let most = db.find::<User>().pluck(User::orders.max(Order::amount)).await?;
            /// assert_eq!(most, [Some(300.0), Some(50.0), None]);
            /// # Ok(()) }
            /// ```
            pub fn max<E: Expression<T>>(self, of: E) -> Scalar<M, Option<E::Type>> {
                Scalar::new(reach::aggregate(
                    &self.scoped().node,
                    "MAX",
                    false,
                    Some(of.into_expr()),
                ))
            }

            /// An expression over the target, seen from the owner: `User::company.to(Company::name)`.
            /// NULL where there is no target; of several targets an arbitrary one.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let managed = User::manager.to(User::name).eq("Ada");
            /// assert_eq!(db.find::<User>().filter(managed).pluck(User::name).await?, ["Grace"]);
            /// let users = db.find::<User>().order_by(User::company.to(Company::name).desc()).await?;
            /// assert_eq!(users.len(), 3);
            /// # Ok(()) }
            /// ```
            pub fn to<E: Expression<T>>(self, of: E) -> Scalar<M, E::Type> {
                Scalar::new(reach::value(&self.scoped().node, of.into_expr()))
            }
        }
    };
}

narrowing!(Relation);
narrowing!(Scoped);

/// The association of a polymorphic row with its owner, whatever model that is.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let images = db.find::<Image>().preload(Image::owner).await?;
/// assert!(images[0].owner.is_loaded());
/// # Ok(()) }
/// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(Image::owner.index(), 0);
    /// ```
    pub const fn index(self) -> usize {
        self.index
    }
}

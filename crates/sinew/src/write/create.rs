use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::Result;
use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, RowSet};
use sinew_core::schema::ColumnRole;
use sinew_sql::{Conflict, Expr};

use super::graph::Mode;
use super::run::write_rows;
use super::scope::{Choices, WriteScope};
use crate::column::Column;
use crate::db::Db;
use crate::relation::reach::column;

/// Rows to be inserted, with what hangs on them.
#[must_use = "nothing is created until it is awaited"]
pub struct Create<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
    scope: WriteScope,
    conflict: Option<Conflict>,
    full: bool,
}

impl Db {
    /// Inserts a row (or several, in as few statements as possible) with everything its
    /// associations hold. Keys are stamped into all of them; it is one transaction.
    pub fn create<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Create<'a, R::Model> {
        Create {
            db: self,
            rows: rows.rows_mut(),
            scope: WriteScope::default(),
            conflict: None,
            full: false,
        }
    }

    /// Inserts a row, or updates every column of the one with its primary key.
    pub fn upsert<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Create<'a, R::Model> {
        let target: Vec<usize> = <R::Model as Model>::KEY.to_vec();
        OnConflict { create: self.create(rows), target }.update_all()
    }
}

impl<'a, M: Model> Create<'a, M> {
    /// Writes only these columns and associations (and keys and timestamps).
    pub fn select(mut self, parts: impl Choices<M>) -> Self {
        self.scope.select(parts.into_choices());
        self
    }

    /// Leaves these columns and associations out.
    pub fn omit(mut self, parts: impl Choices<M>) -> Self {
        self.scope.omit(parts.into_choices());
        self
    }

    /// Writes the rows alone.
    pub fn omit_associations(mut self) -> Self {
        self.scope.omit_associations();
        self
    }

    /// Updates associated rows that exist already, too.
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }

    /// What happens when a row with the same value of these columns exists.
    pub fn on_conflict(self, columns: impl Columns<M>) -> OnConflict<'a, M> {
        OnConflict { create: self, target: columns.into_columns() }
    }
}

impl<'a, M: Model> IntoFuture for Create<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mode = Mode::Create(self.conflict.as_ref());
            write_rows(self.db, self.rows, mode, &self.scope, self.full).await
        })
    }
}

/// A create that says which conflict it means; say next what happens then.
#[must_use = "say what happens on the conflict"]
pub struct OnConflict<'a, M> {
    create: Create<'a, M>,
    target: Vec<usize>,
}

impl<'a, M: Model> OnConflict<'a, M> {
    fn names(&self) -> Vec<sinew_sql::Ident> {
        self.target.iter().map(|&index| column(M::schema(), index)).collect()
    }

    /// The existing row stays as it is; that is `Ok`.
    pub fn do_nothing(mut self) -> Create<'a, M> {
        self.create.conflict = Some(Conflict::Nothing(self.names()));
        self.create
    }

    /// These columns of the existing row get the new values (and its `updated_at`).
    pub fn update(self, columns: impl Columns<M>) -> Create<'a, M> {
        let columns = columns.into_columns();
        self.set(columns)
    }

    /// Every column but the key and the moment of creation gets the new value.
    pub fn update_all(self) -> Create<'a, M> {
        let meta = M::schema();
        let target = self.target.clone();
        let all = (0..meta.columns.len()).filter(|index| {
            !meta.key.contains(index)
                && !target.contains(index)
                && meta.columns.get(*index).is_some_and(|c| c.role != ColumnRole::CreatedAt)
        });
        self.set(all.collect())
    }

    fn set(mut self, mut columns: Vec<usize>) -> Create<'a, M> {
        let meta = M::schema();
        if let Some(updated) = meta.role(ColumnRole::UpdatedAt).filter(|i| !columns.contains(i)) {
            columns.push(updated);
        }
        if columns.is_empty() {
            return self.do_nothing();
        }
        let set = columns.iter().map(|&index| {
            let name = column(meta, index);
            (name.clone(), Expr::Excluded(name))
        });
        self.create.conflict = Some(Conflict::Update { target: self.names(), set: set.collect() });
        self.create
    }
}

/// One column of `M`, or a tuple of several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{M}`",
    label = "not a column of `{M}`"
)]
pub trait Columns<M> {
    #[doc(hidden)]
    fn into_columns(self) -> Vec<usize>;
}

impl<M, T> Columns<M> for Column<M, T> {
    fn into_columns(self) -> Vec<usize> {
        vec![self.index()]
    }
}

macro_rules! tuple_columns {
    ($($name:ident)+) => {
        impl<M, $($name: Columns<M>),+> Columns<M> for ($($name,)+) {
            fn into_columns(self) -> Vec<usize> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_columns());)+
                all
            }
        }
    };
}

tuple_columns!(A);
tuple_columns!(A B);
tuple_columns!(A B C);
tuple_columns!(A B C D);
tuple_columns!(A B C D E);
tuple_columns!(A B C D E F);

/// Marks builders that are tied to a model.
pub(crate) type Of<M> = PhantomData<fn() -> M>;

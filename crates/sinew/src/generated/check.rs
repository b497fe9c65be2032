//! What the compiler checks for the derive: types and columns of other models.

use std::marker::PhantomData;

use sinew_core::value::TypeFamily;

use super::spec::{ModelSpec, Part};
use crate::relation::Relation;

/// The type of the column at a position.
pub trait ColumnAt<const POSITION: usize> {
    type Type;
}

/// A key that fits what it refers to: its existence is the proof.
pub struct ForeignKey<K: ForeignKeyTo<R>, R>(PhantomData<fn() -> (K, R)>);

/// The same for keys of several columns.
pub struct ForeignKeys<K: ForeignKeysTo<R>, R>(PhantomData<fn() -> (K, R)>);

/// A polymorphic key that fits its owner's.
pub struct PolymorphicKey<K: PolymorphicKeyTo<R>, R>(PhantomData<fn() -> (K, R)>);

/// A column that tells which model owns a row.
pub struct TypeColumn<T: TypeText>(PhantomData<fn() -> T>);

macro_rules! proofs {
    ($($name:ident: $bound:ident;)*) => {$(
        impl<K: $bound<R>, R> $name<K, R> {
            #[allow(clippy::new_without_default)]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }
    )*};
}

proofs! {
    ForeignKey: ForeignKeyTo;
    ForeignKeys: ForeignKeysTo;
    PolymorphicKey: PolymorphicKeyTo;
}

impl<T: TypeText> TypeColumn<T> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Column types that can refer to a column of type `R`: the same type, optional or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a foreign key to `{R}`",
    label = "refers to a `{R}`, so it must be `{R}` or `Option<{R}>`",
    note = "a key of several parts needs a field for each: `foreign_key = (a, b)`"
)]
pub trait ForeignKeyTo<R> {}

#[diagnostic::do_not_recommend]
impl<T> ForeignKeyTo<T> for T {}
#[diagnostic::do_not_recommend]
impl<T> ForeignKeyTo<T> for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T> ForeignKeyTo<Option<T>> for T {}

/// The same for keys of several columns, part by part.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a foreign key to `{R}`",
    label = "refers to a key of type `{R}`",
    note = "name one field for each part of the key: `foreign_key = (a, b)`"
)]
pub trait ForeignKeysTo<R> {}

macro_rules! composite {
    ($($key:ident $referenced:ident)+) => {
        impl<$($key, $referenced),+> ForeignKeysTo<($($referenced,)+)> for ($($key,)+)
        where
            $($key: ForeignKeyTo<$referenced>),+
        {}
    };
}

composite!(A R B S);
composite!(A R B S C T);
composite!(A R B S C T D U);
composite!(A R B S C T D U E V);
composite!(A R B S C T D U E V F W);

/// Column types that can hold the key of one of several models.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the key `{R}` of the owner",
    label = "must be `{R}`, `Option<{R}>`, or text that holds it"
)]
pub trait PolymorphicKeyTo<R> {}

#[diagnostic::do_not_recommend]
impl<T> PolymorphicKeyTo<T> for T {}
#[diagnostic::do_not_recommend]
impl<T> PolymorphicKeyTo<T> for Option<T> {}

macro_rules! as_text {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl PolymorphicKeyTo<$ty> for String {}
        #[diagnostic::do_not_recommend]
        impl PolymorphicKeyTo<$ty> for Option<String> {}
    )*};
}

as_text!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Column types that tell which model owns a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot tell which model owns a row",
    label = "the type column of a polymorphic association is a `String` or an `Option<String>`"
)]
pub trait TypeText {}

#[diagnostic::do_not_recommend]
impl TypeText for String {}
#[diagnostic::do_not_recommend]
impl TypeText for Option<String> {}

/// Whether columns of this family hold lists.
pub const fn is_list(family: TypeFamily) -> bool {
    matches!(family, TypeFamily::List(_))
}

/// Whether links may refer to a column: it is unique, or a part of the primary key.
pub const fn referable(column: usize, unique: bool, key: &[usize]) -> bool {
    let mut at = 0;
    let mut found = unique;
    while at < key.len() {
        found |= key[at] == column;
        at += 1;
    }
    found
}

/// The positions `by` further on.
pub const fn shifted<const N: usize>(key: &[usize], by: usize) -> [usize; N] {
    let mut out = [0; N];
    let mut at = 0;
    while at < N {
        out[at] = key[at] + by;
        at += 1;
    }
    out
}

/// Takes an association from `O` to `T`.
pub const fn step<O, T, K>(_: Relation<O, T, K>) {}

/// Whether a model has a column of this name.
pub const fn has_column(spec: &ModelSpec, name: &str) -> bool {
    holds(spec.parts, name.as_bytes(), 0)
}

/// Whether a model has columns of these names behind `word` and `_`.
pub const fn has_key_columns(spec: &ModelSpec, word: &str, names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        let mut name = [0; 256];
        let mut len = append(&mut name, 0, word.as_bytes());
        len = append(&mut name, len, b"_");
        len = append(&mut name, len, names[at].as_bytes());
        let (name, _) = name.split_at(len);
        if !holds(spec.parts, name, 0) {
            return false;
        }
        at += 1;
    }
    true
}

/// Writes `more` at `len`, as much as there is room for, and returns the new length.
const fn append(name: &mut [u8; 256], mut len: usize, more: &[u8]) -> usize {
    let mut at = 0;
    while at < more.len() && len < name.len() {
        name[len] = more[at];
        len += 1;
        at += 1;
    }
    len
}

/// Whether one of the columns is called `name` from byte `from` on.
const fn holds(parts: &[Part], name: &[u8], from: usize) -> bool {
    // A model whose derive failed has no parts; its own mistakes are reported already.
    if parts.is_empty() {
        return true;
    }
    let mut at = 0;
    while at < parts.len() {
        let found = match &parts[at] {
            Part::Column(column) => {
                column.name.len() + from == name.len()
                    && continues(name, from, column.name.as_bytes())
            }
            Part::Embedded(_, prefix, spec) => {
                continues(name, from, prefix.as_bytes())
                    && holds(spec.parts, name, from + prefix.len())
            }
        };
        if found {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether `name` goes on with `part` at byte `from`.
const fn continues(name: &[u8], from: usize, part: &[u8]) -> bool {
    if from + part.len() > name.len() {
        return false;
    }
    let mut at = 0;
    while at < part.len() {
        if name[from + at] != part[at] {
            return false;
        }
        at += 1;
    }
    true
}

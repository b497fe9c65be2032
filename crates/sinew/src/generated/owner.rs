use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use sinew_core::record::Model;
use sinew_core::schema::AnyVariant;

/// One model that a polymorphic row may belong to.
pub fn variant<M: Model>(value: &'static str) -> AnyVariant {
    AnyVariant {
        value: Cow::Borrowed(value),
        target: M::schema,
        far: M::KEY.first().copied().unwrap_or_default(),
    }
}

/// A copy of row `at` of a `Vec<Arc<M>>`.
pub fn shared<M: Model>(targets: &dyn Any, at: usize) -> Option<M> {
    targets
        .downcast_ref::<Vec<Arc<M>>>()?
        .get(at)
        .map(|row| M::clone(row))
}

//! Association fields go to other threads, because every model does.
//!
//! Left to itself the compiler asks that of each field of each model that the associations lead to,
//! one below the other: some twenty-five models in a row are more than its recursion limit, and
//! each of an application's models is asked about anew. Here the answer is the trait's, which has
//! `Send` and `Sync` above it, and the question ends at the first association. Whether they may be
//! moved when pinned is asked alike.
#![allow(
    unsafe_code,
    reason = "the compiler's own answer takes a walk through all models"
)]

use sinew_core::record::{JoinModel, Model, ToOne};

use super::{BelongsTo, BelongsToAny, HasMany, HasOne, ManyToMany, PolymorphicOwner};

macro_rules! of_threads {
    ($($field:ty, [$($generics:tt)*], $($part:ty),+;)*) => {$(
        // SAFETY: the field owns values of these types and a `&'static` name, and shares them as
        // its own references and `Arc` do; each is `Send` and `Sync`, which `checked` proves.
        unsafe impl<$($generics)*> Send for $field {}
        // SAFETY: as above.
        unsafe impl<$($generics)*> Sync for $field {}
        // A build with optimizations asks this too, of whatever there is a `&mut` to.
        impl<$($generics)*> Unpin for $field {}
        const _: () = {
            const fn both<X: Send + Sync>() {}
            #[allow(dead_code)]
            const fn checked<$($generics)*>() {
                $(both::<$part>();)+
            }
        };
    )*};
}

of_threads! {
    HasOne<T>, [T: Model], T;
    HasMany<T>, [T: Model], T;
    ManyToMany<T, J>, [T: Model, J: JoinModel], T, J;
    BelongsTo<T>, [T: ToOne], T::Target;
    BelongsToAny<E>, [E: PolymorphicOwner], E;
}

//! Maps whose keys name rows.

use std::collections::{HashMap, HashSet};

use super::existing::Encoded;

/// A map from keys of rows.
pub(crate) type KeyMap<V, K = Encoded> = HashMap<K, V, Seed>;

/// A set of keys of rows.
pub(crate) type KeySet<K = Encoded> = HashSet<K, Seed>;

/// How keys are hashed: they are mostly one integer, for which the standard hash does much more than
/// is needed. Nobody outside knows the seed, so nobody can choose keys that collide.
pub(crate) type Seed = foldhash::fast::RandomState;

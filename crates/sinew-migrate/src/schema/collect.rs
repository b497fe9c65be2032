use sinew_core::schema::{Linkage, ModelMeta};

/// The models, and those that their tables or join tables refer to.
pub(super) fn reachable(models: &[&'static ModelMeta]) -> Vec<&'static ModelMeta> {
    let mut found: Vec<&'static ModelMeta> = Vec::new();
    let mut waiting: Vec<&'static ModelMeta> = models.iter().rev().copied().collect();
    while let Some(model) = waiting.pop() {
        let known = |other: &&ModelMeta| other.name == model.name && other.table == model.table;
        if found.iter().any(known) {
            continue;
        }
        found.push(model);
        for relation in &model.relations {
            match &relation.linkage {
                Linkage::Owner { target, .. } => waiting.insert(0, target()),
                Linkage::Join { target, table, .. } => {
                    waiting.insert(0, target());
                    if let Some(join) = table.model {
                        waiting.insert(0, join());
                    }
                }
                Linkage::Target { .. } | Linkage::Through { .. } | Linkage::Any { .. } => {}
            }
        }
    }
    found
}

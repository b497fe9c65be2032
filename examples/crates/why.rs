//! Who depends on a package, and by which way.

use std::collections::{BTreeMap, HashMap};

use sinew::{Db, Error, ErrorKind, Result};
use sinew_examples::result;

use crate::answers::label;
use crate::models::{Kind, Package, Version};

/// Ways that are printed.
const WAYS: usize = 8;

/// How a version gets to the one that is asked about.
struct Step {
    name: String,
    /// The next version on the way, and what it is needed for; `None` at the end.
    next: Option<(i64, Kind)>,
}

/// Prints the shortest way from each member of the workspace to `name`, or to the package that
/// most depends on.
///
/// It goes up the graph level by level: what depends on all versions of one level is loaded
/// together, so it takes two statements a level, however wide the graph is.
pub async fn why(db: &Db, name: Option<&str>) -> Result<()> {
    let packages = db.find::<Package>().preload(Package::versions.preload(Version::package));
    let package = match name {
        Some(name) => packages.filter(Package::name.eq(name)).first().await?,
        None => packages.order_by(Package::dependents.count().desc()).first().await?,
    };
    let Some(package) = package else {
        let what = name.unwrap_or("anything");
        return Err(Error::new(ErrorKind::NotFound, format!("the project has no package {what}")));
    };
    let mut level = package.versions.loaded()?.to_vec();
    let mut steps: HashMap<i64, Step> = HashMap::new();
    for version in &level {
        steps.insert(version.id, Step { name: label(version)?, next: None });
    }
    let (mut direct, mut depth) = (0, 0);
    let mut members: Vec<i64> = Vec::new();
    while !level.is_empty() {
        db.load(&mut level, Version::dependents.preload(Version::package)).await?;
        let mut above: BTreeMap<i64, Version> = BTreeMap::new();
        for version in &level {
            for (dependent, link) in version.dependents.links()? {
                let step = Step { name: label(dependent)?, next: Some((version.id, link.kind)) };
                if let std::collections::hash_map::Entry::Vacant(place) = steps.entry(dependent.id) {
                    place.insert(step);
                    above.insert(dependent.id, dependent.clone());
                }
            }
        }
        if depth == 0 {
            direct = above.len();
        }
        depth += usize::from(!above.is_empty());
        members.extend(above.values().filter(|version| version.member).map(|version| version.id));
        level = above.into_values().collect();
    }
    let versions = package.versions.loaded()?.len();
    let others = steps.len().saturating_sub(versions);
    result(format!("{others} depend on {}, {direct} of them directly; {depth} levels", package.name));
    for &member in members.iter().take(WAYS) {
        result(format!("  {}", way(member, &steps)));
    }
    if members.len() > WAYS {
        result(format!("  and {} members more", members.len() - WAYS));
    }
    Ok(())
}

fn way(from: i64, steps: &HashMap<i64, Step>) -> String {
    let mut text = String::new();
    let mut node = Some((from, Kind::Normal));
    while let Some((id, kind)) = node {
        let Some(step) = steps.get(&id) else { break };
        text.push_str(match (text.is_empty(), kind) {
            (true, _) => "",
            (false, Kind::Normal) => " → ",
            (false, Kind::Build) => " →(build) ",
            (false, Kind::Dev) => " →(dev) ",
        });
        text.push_str(&step.name);
        node = step.next;
    }
    text
}

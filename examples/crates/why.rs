//! Who depends on a package, and by which way.

use std::collections::{BTreeSet, HashMap};

use sinew::{Db, Error, ErrorKind, Result};
use sinew_examples::result;

use super::answers::{label, most_needed, number_of};
use super::models::{Kind, Package, Version};

/// Ways that are printed.
const WAYS: usize = 8;

/// How a version gets to the one that is asked about.
struct Step {
    name: String,
    /// The next version on the way, and what it is needed for; `None` at the end.
    next: Option<(i64, Kind)>,
}

/// What has been found on the way up.
#[derive(Default)]
struct Ways {
    /// Versions that are built with the one that is asked about.
    built: HashMap<i64, Step>,
    /// Versions whose tests need it. What depends on them does not.
    tested: HashMap<i64, Step>,
    members: BTreeSet<i64>,
}

/// Prints the shortest way from each member of the workspace to the package `name`, or to the one
/// that most depends on.
///
/// It goes up the graph level by level: what depends on all versions of one level is loaded
/// together, so it takes two statements a level, however wide the graph is.
pub async fn why(db: &Db, name: Option<&str>) -> Result<()> {
    let mut level = versions(db, name).await?;
    let mut ways = Ways::default();
    for version in &level {
        ways.built.insert(
            version.id,
            Step {
                name: label(version)?,
                next: None,
            },
        );
    }
    let asked: Vec<String> = level.iter().map(label).collect::<Result<_>>()?;
    let (mut direct, mut levels) = (None, 0_u64);
    while !level.is_empty() {
        db.load(&mut level, Version::dependents.preload(Version::package))
            .await?;
        level = ways.climb(&level)?;
        let found = ways.built.len() + ways.tested.len() - asked.len();
        direct.get_or_insert(found);
        levels += u64::from(!level.is_empty());
    }
    ways.tested.retain(|id, _| !ways.built.contains_key(id));
    let all = ways.built.len() + ways.tested.len() - asked.len();
    let (asked, direct) = (asked.join(" and "), direct.unwrap_or_default());
    let levels = number_of(levels, "level");
    result(format!(
        "{asked}: {all} depend on it, {direct} directly, over {levels}"
    ));
    for &member in ways.members.iter().take(WAYS) {
        result(format!("  {}", ways.way(member)));
    }
    if ways.members.len() > WAYS {
        result(format!("  and {} members more", ways.members.len() - WAYS));
    }
    Ok(())
}

/// All versions of the package that is asked about.
async fn versions(db: &Db, name: Option<&str>) -> Result<Vec<Version>> {
    let versions = db.find::<Version>().join(Version::package);
    let found = match name {
        Some(name) => {
            versions
                .filter(Version::package.to(Package::name).eq(name))
                .order_by(Version::id.asc())
                .await?
        }
        None => versions
            .order_by((most_needed(), Version::id.asc()))
            .first()
            .await?
            .into_iter()
            .collect(),
    };
    if found.is_empty() {
        let what = name.unwrap_or("at all");
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("the project has no package {what}"),
        ));
    }
    Ok(found)
}

impl Ways {
    /// What is new among the dependents of a level, and has dependents in turn.
    fn climb(&mut self, level: &[Version]) -> Result<Vec<Version>> {
        let mut above = Vec::new();
        for version in level {
            // The first way that is found is the one that is shown.
            let mut links: Vec<_> = version.dependents.links()?.collect();
            links.sort_by_key(|(dependent, link)| (dependent.id, link.kind));
            for (dependent, link) in links {
                let id = dependent.id;
                if self.built.contains_key(&id) {
                    continue;
                }
                let step = Step {
                    name: label(dependent)?,
                    next: Some((version.id, link.kind)),
                };
                if dependent.member {
                    self.members.insert(id);
                }
                if link.kind == Kind::Dev {
                    self.tested.entry(id).or_insert(step);
                } else {
                    self.built.insert(id, step);
                    above.push(dependent.clone());
                }
            }
        }
        Ok(above)
    }

    fn way(&self, from: i64) -> String {
        let mut text = String::new();
        let mut node = Some((from, Kind::Normal));
        while let Some((id, kind)) = node {
            let Some(step) = self.built.get(&id).or_else(|| self.tested.get(&id)) else {
                break;
            };
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
}

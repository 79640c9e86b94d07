//! Shows what other branches and clones have that this file lacks.

use vault::ordered::InOrder as _;
use vault::view::Elsewhere;

/// Returns texts such as `another branch: main has dev version 5, roster change 7`.
pub fn texts(others: &[Elsewhere]) -> Vec<String> {
    let mut branches: Vec<(bool, &str)> = others.iter().map(|other| (other.gone, other.branch.as_str())).collect();
    branches.order();
    branches.dedup();
    let texts = branches.into_iter().map(|(gone, branch)| {
        let on_it = others.iter().filter(|other| other.branch == branch && other.gone == gone);
        let things = on_it.map(|other| match &other.environment {
            Some(name) => format!("{name} version {}", other.version),
            None => format!("roster change {}", other.version),
        });
        let things = things.collect::<Vec<_>>().join(", ");
        // A path begins with a slash, and a branch's name never does.
        match (gone, branch.starts_with('/')) {
            (true, _) => format!("no branch has {things}, seen on {branch}"),
            (false, true) => format!("another clone: {branch} has {things}"),
            (false, false) => format!("another branch: {branch} has {things}"),
        }
    });
    texts.collect()
}

//! Compares two environments: names and descriptions, and whether values are the same.

use super::different::check_different;
use crate::diff::{self, ItemDifference};
use crate::error::Result;
use crate::item::Content;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::vault::{Purpose, Session};

/// Two environments that were compared.
pub struct Compared(Vec<(EnvironmentName, Content)>);

impl Compared {
    /// Returns the items that differ, or that only one environment has.
    #[must_use]
    pub fn items(&self) -> Vec<ItemDifference<'_>> {
        match &self.0[..] {
            [(a, in_a), (b, in_b)] => diff::items((a, in_a), (b, in_b)),
            _ => Vec::new(),
        }
    }
}

/// Compares two environments, after the log entry.
///
/// # Errors
/// A usage error if both are the same environment; otherwise as [`Session::open`].
pub fn compare(session: &Session, a: &EnvironmentName, b: &EnvironmentName) -> Result<Compared> {
    check_different(a, b)?;
    let purpose = Purpose::for_action(Action::EnvDiff);
    let unread = [session.open(&purpose, a)?, session.open(&purpose, b)?];
    session.compare_all(&purpose, unread.into()).map(Compared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn differences_are_named_after_a_log_entry_for_both_environments() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/A=1", "prod/B=3", "prod/C=4"]);
        let (dev, prod) = (environment("dev"), environment("prod"));
        let compared = compare(&sandbox.session, &dev, &prod).unwrap();
        let names: Vec<_> = compared.items().iter().map(|item| item.name().to_string()).collect();
        assert_eq!(names, ["B", "C"]);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["env-diff dev ", "env-diff prod "]);
        assert!(compare(&sandbox.session, &dev, &dev).is_err());
    }
}

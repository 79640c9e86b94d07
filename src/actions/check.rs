//! Checks whether environments have what a project needs. Only the presence of a value matters, not the value.

pub use crate::check::{Finding, Problem, Rules};

use crate::error::Result;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::vault::{Purpose, Session};

/// Returns the findings for these environments, in their order, and logs the check.
///
/// # Errors
/// As [`Session::open`].
pub fn check(
    session: &Session,
    environments: &[EnvironmentName],
    rules: &Rules<'_>,
) -> Result<Vec<(EnvironmentName, Finding)>> {
    let purpose = Purpose::for_action(Action::Check);
    let unread = environments.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    let mut findings = Vec::new();
    for (environment, content) in session.compare_all(&purpose, unread)? {
        findings.extend(rules.check(&content).into_iter().map(|finding| (environment.clone(), finding)));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::format::needs;
    use crate::item::{ANNOUNCED, DueWindow};
    use crate::time::Time;
    use crate::view;

    #[test]
    fn missing_and_empty_items_are_found_and_the_log_names_only_the_environment() {
        let sandbox = Sandbox::with(&["dev/A=", "dev/B=2"]);
        let needs = vec![(".env.example".to_owned(), needs::read(".env.example", b"A=\nB=\nC=\n").unwrap())];
        let window = DueWindow::new(Time::now(), ANNOUNCED);
        let rules = Rules { needs: &needs, allows: &|_| true, no_extra: false, window };
        let found = check(&sandbox.session, &[environment("dev")], &rules).unwrap();
        let object =
            |(environment, finding): &(EnvironmentName, Finding)| view::Finding::of_check(environment, finding, &needs);
        let described: Vec<_> = found.iter().map(object).map(|one| (one.problem, one.name, one.line)).collect();
        assert_eq!(described, [("missing", "C".to_owned(), Some(3)), ("empty", "A".to_owned(), None)]);
        assert_eq!(sandbox.log().last().unwrap(), "check dev ");
    }
}

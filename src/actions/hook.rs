//! The variables that a shell with the hook sets when it enters a vault's directory.

use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::item::{Deliver, Injectable, InjectableOutline, clashes};
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::vault::{Purpose, Session};
use std::collections::BTreeMap;

/// Returns the items that can be variables, by variable name, for a shell of this name. Later environments win over
/// earlier ones. They are logged before they are returned.
///
/// # Errors
/// As [`Session::read`]; a usage error if two items of an environment would be the same variable.
pub fn read(
    session: &Session,
    environments: &[EnvironmentName],
    shell: &str,
    once: &AllowedOnce,
) -> Result<BTreeMap<String, Injectable>> {
    let purpose = Purpose::for_action(Action::Hook).program(shell);
    let mut all = Vec::new();
    for environment in environments {
        let mut unread = session.open_injectables(&purpose, environment, &|_| true)?;
        unread.retain(|item| is_fit(item, environment, session, once));
        let variables = unread.items().map(|item| (item.name(), item.variable()));
        if let Some(clash) = clashes(variables).first() {
            return Err(clash.error(environment));
        }
        all.push(unread);
    }
    let read = session.read_all(&purpose, all)?;
    Ok(read.into_iter().flat_map(|(_, items)| items).map(|item| (item.variable().into_owned(), item)).ordered())
}

/// Returns whether a shell gets the item. The rules are those of `exec`, except that a shell gets no files: nothing
/// would remove them when it ends.
fn is_fit(item: InjectableOutline<'_>, environment: &EnvironmentName, session: &Session, once: &AllowedOnce) -> bool {
    let variable = item.variable();
    let is_allowed = || session.vault().allowed(once).allows(environment, &variable);
    let problem = item.variable_problem(&variable, is_allowed);
    item.deliver() == Deliver::Variable && problem.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn a_shell_gets_items_that_can_be_variables_after_a_log_entry() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/LD_PRELOAD=x", "dev/odd-name=y", "prod/A=2"]);
        let both = [environment("dev"), environment("prod")];
        let given = |once: &AllowedOnce| {
            let items = read(&sandbox.session, &both, "zsh", once).unwrap();
            items.iter().map(|(name, item)| format!("{name}={}", item.value.len())).collect::<Vec<_>>()
        };
        assert_eq!(given(&AllowedOnce::default()), ["A=1"]);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["hook dev A", "hook prod A"]);
        let once = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
        assert_eq!(given(&once), ["A=1", "LD_PRELOAD=1"]);
    }
}

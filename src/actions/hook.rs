//! The variables that a shell with the hook sets when it enters a vault's directory.

use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::format::export::{self, Written};
use crate::hook::{Entered, Loaded};
use crate::item::{Deliver, Injectable, InjectableOutline, clashes};
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::secret::SecretBytes;
use crate::settings::shells::Shell;
use crate::vault::{Purpose, Session};
use std::collections::BTreeMap;

/// Enters the directory of a vault with an unlocked session: reads these environments for a shell, unless one of them is
/// protected and nobody confirmed its use. `last` are the variables that the shell has from the previous prompt.
///
/// Also returns the code that sets the variables, which is empty if the shell gets none.
///
/// # Errors
/// As [`Session::read`]; a usage error if two items of an environment would be the same variable.
pub fn enter(
    session: &Session,
    environments: Vec<EnvironmentName>,
    shell: Shell,
    once: &AllowedOnce,
    last: Option<&Loaded>,
) -> Result<(Entered, SecretBytes)> {
    if let Some(name) = environments.iter().find(|name| !session.is_confirmed(name)) {
        return Ok((Entered::Protected(name.clone()), SecretBytes::default()));
    }
    let items = read(session, &environments, shell, once)?;
    let exported: Vec<_> = items.iter().map(exported).collect();
    let Written { text, refused, .. } = shell.set(&exported);
    let names = items.keys().filter(|name| !refused.contains(name)).map(String::as_str);
    Ok((Entered::Loaded(Loaded::new(environments, names, last)), text))
}

fn exported<'a>((variable, item): (&'a String, &'a Injectable)) -> export::Item<'a> {
    export::Item { name: variable, value: &item.value, is_variable: false, note: None }
}

/// Returns the items that can be variables, by variable name, for this shell. Later environments win over earlier ones.
/// They are logged before they are returned.
fn read(
    session: &Session,
    environments: &[EnvironmentName],
    shell: Shell,
    once: &AllowedOnce,
) -> Result<BTreeMap<String, Injectable>> {
    let purpose = Purpose::for_action(Action::Hook).program(shell.name());
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
    use crate::actions::env_protect;
    use crate::actions::testing::{Sandbox, environment};
    use crate::roster::Protection;

    #[test]
    fn a_shell_gets_items_that_can_be_variables_after_a_log_entry() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/LD_PRELOAD=x", "dev/odd-name=y", "prod/A=2"]);
        let both = [environment("dev"), environment("prod")];
        let given = |once: &AllowedOnce| {
            let items = read(&sandbox.session, &both, Shell::Zsh, once).unwrap();
            items.iter().map(|(name, item)| format!("{name}={}", item.value.len())).collect::<Vec<_>>()
        };
        assert_eq!(given(&AllowedOnce::default()), ["A=1"]);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["hook dev A", "hook prod A"]);
        let once = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
        assert_eq!(given(&once), ["A=1", "LD_PRELOAD=1"]);
    }

    #[test]
    fn a_shell_remembers_its_variables_and_gets_none_of_a_protected_environment() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/PORT=2"]);
        let (dev, once) = (environment("dev"), AllowedOnce::default());
        let entered = |sandbox: &Sandbox| {
            let (entered, code) = enter(&sandbox.session, vec![dev.clone()], Shell::Bash, &once, None).unwrap();
            (entered, String::from_utf8(code.to_vec()).unwrap())
        };
        let (Entered::Loaded(loaded), code) = entered(&sandbox) else { panic!("nothing was loaded") };
        assert_eq!(loaded.names().collect::<Vec<_>>(), ["A", "PORT"]);
        assert!(code.contains("export A='1'"), "{code}");
        env_protect::protect(&mut sandbox.session, &dev, Protection::Yes).unwrap();
        let reads = sandbox.log().len();
        let (entered, code) = entered(&sandbox);
        assert!(matches!(entered, Entered::Protected(name) if name == dev) && code.is_empty());
        assert_eq!(sandbox.log().len(), reads, "{:?}", sandbox.log());
    }
}

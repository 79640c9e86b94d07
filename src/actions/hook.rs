//! The variables that a shell with the hook sets when it enters a vault's directory.
//!
//! - Gives parts of what was read: `Given::code`
//! - Gives text without values: `Given::expired`

use super::{expired, left_out};
use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::format::export::{self, Written};
use crate::hook::{Entered, Loaded};
use crate::item::{Deliver, Injectable, InjectableOutline, clashes, name_problem};
use crate::log::{Action, ProgramName};
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::secret::SecretBytes;
use crate::settings::shells::Shell;
use crate::time::Time;
use crate::vault::{Allowed, Purpose, Session, UnreadInjectables};
use std::collections::BTreeMap;

/// What a shell gets in the directory of a vault.
pub struct Given {
    /// The outcome, which the shell remembers.
    pub entered: Entered,
    /// The code that sets the variables. Empty if the shell gets none.
    pub code: SecretBytes,
    /// The items that are expired, as `ENV/NAME`.
    pub expired: Vec<String>,
}

/// Enters the directory of a vault with an unlocked session: reads these environments for a shell, unless nobody has
/// allowed the vault at this path, or one of them is protected and nobody confirmed its use. `last` are the variables that
/// the shell has from the previous prompt.
///
/// # Errors
/// As [`Session::read`]; a usage error if two items of an environment would be the same variable; a failure for an
/// expired item under strict settings.
pub fn enter(
    session: &Session,
    environments: Vec<EnvironmentName>,
    shell: Shell,
    once: &AllowedOnce,
    last: Option<&Loaded>,
) -> Result<Given> {
    let nothing = |entered| Ok(Given { entered, code: SecretBytes::default(), expired: Vec::new() });
    if !session.vault().is_allowed()? {
        return nothing(Entered::NotAllowed);
    }
    if let Some(name) = environments.iter().find(|name| !session.is_confirmed(name)) {
        return nothing(Entered::Protected(name.clone()));
    }
    let (items, expired) = read(session, &environments, shell, once)?;
    let exported: Vec<_> = items.iter().map(exported).collect();
    let Written { text: code, refused, .. } = shell.set(&exported);
    let names = items.keys().filter(|name| !refused.contains(name)).map(String::as_str);
    Ok(Given { entered: Entered::Loaded(Loaded::new(environments, names, last)), code, expired })
}

fn exported<'a>((variable, item): (&'a String, &'a Injectable)) -> export::Item<'a> {
    export::Item { name: variable, value: &item.value, is_variable: false, note: None }
}

/// Returns the items that can be variables, by variable name, for this shell, and the names of those that are expired.
/// Later environments win over earlier ones. The items are logged before they are returned.
fn read(
    session: &Session,
    environments: &[EnvironmentName],
    shell: Shell,
    once: &AllowedOnce,
) -> Result<(BTreeMap<String, Injectable>, Vec<String>)> {
    let purpose = Purpose::for_action(Action::Hook).program(&ProgramName::of_command(shell.name()));
    let allowed = session.vault().allowed(once);
    let mut all = Vec::new();
    for environment in environments {
        let mut unread = session.open_injectables(&purpose, environment, &|_| true)?;
        unread.retain(|item| can_be_variable(item, environment, allowed));
        let variables = unread.items().map(|item| (item.name(), item.variable()));
        if let Some(clash) = clashes(variables).first() {
            return Err(clash.error(environment));
        }
        all.push(unread);
    }
    let expired = expired::check(session, &purpose, &expired::among(&all, Time::now()))?;
    // The question comes before any entry, so it names items that no value has chosen.
    for unread in &all {
        session.confirm(unread.environment(), || unread.entry(&purpose))?;
    }
    // From here on, values are looked at, so whatever follows comes after the entries about all of them.
    for unread in &mut all {
        leave_out_unfit(session, &purpose, unread)?;
    }
    let read = session.read_all(&purpose, all)?;
    let items =
        read.into_iter().flat_map(|(_, items)| items).map(|item| (item.variable().into_owned(), item)).ordered();
    Ok((items, expired))
}

/// Returns whether a shell gets the item, as far as its name says. The rules are those of `exec`, except that a shell gets
/// no files: nothing would remove them when it ends.
fn can_be_variable(item: InjectableOutline<'_>, environment: &EnvironmentName, allowed: Allowed<'_>) -> bool {
    let variable = item.variable();
    item.deliver() == Deliver::Variable && name_problem(&variable, || allowed.allows(environment, &variable)).is_none()
}

/// Leaves out the items whose values can't be in variables, after logging them.
fn leave_out_unfit(session: &Session, purpose: &Purpose, unread: &mut UnreadInjectables) -> Result<()> {
    let mut unfit = Vec::new();
    unread.retain(|item| {
        let is_fit = item.value_problem(&item.variable()).is_none();
        if !is_fit {
            unfit.push(item.name().to_owned());
        }
        is_fit
    });
    match left_out::entry(purpose, unread.environment(), &unfit) {
        Some(entry) => session.log(vec![entry]),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::env_protect;
    use crate::actions::testing::{Sandbox, environment};
    use crate::error::Reason;
    use crate::roster::Protection;

    #[test]
    fn a_shell_gets_items_that_can_be_variables_after_a_log_entry() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/LD_PRELOAD=x", "dev/odd-name=y", "prod/A=2"]);
        let both = [environment("dev"), environment("prod")];
        let given = |once: &AllowedOnce| {
            let (items, _) = read(&sandbox.session, &both, Shell::Zsh, once).unwrap();
            items.iter().map(|(name, item)| format!("{name}={}", item.value.len())).collect::<Vec<_>>()
        };
        assert_eq!(given(&AllowedOnce::default()), ["A=1"]);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["hook dev A", "hook prod A"]);
        let once = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
        assert_eq!(given(&once), ["A=1", "LD_PRELOAD=1"]);
    }

    #[test]
    fn the_question_about_a_shells_items_does_not_tell_which_values_a_variable_can_hold() {
        let mut sandbox = Sandbox::with(&["prod/A=1", "prod/B=\0"]);
        let asked = sandbox.refuse_all("prod");
        let refused = read(&sandbox.session, &[environment("prod")], Shell::Zsh, &AllowedOnce::default());
        assert_eq!(refused.err().unwrap().reason(), Reason::Protected);
        assert_eq!(*asked.lock().unwrap(), ["hook prod A,B zsh"]);
        assert_eq!(sandbox.log().last().unwrap(), "hook prod A,B");
    }

    #[test]
    fn a_person_is_asked_about_the_items_that_a_shell_would_get_and_a_refusal_names_them() {
        let mut sandbox = Sandbox::with(&["prod/A=1", "prod/B=2", "prod/odd-name=x"]);
        let asked = sandbox.refuse_all("prod");
        let refused = read(&sandbox.session, &[environment("prod")], Shell::Zsh, &AllowedOnce::default());
        assert_eq!(refused.err().unwrap().reason(), Reason::Protected);
        assert_eq!(*asked.lock().unwrap(), ["hook prod A,B zsh"]);
        assert_eq!(sandbox.log().last().unwrap(), "hook prod A,B");
    }

    #[test]
    fn an_item_that_a_shell_does_not_get_because_of_its_value_is_logged() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/NUL=a\0b", "dev/odd-name=y"]);
        let (items, _) = read(&sandbox.session, &[environment("dev")], Shell::Zsh, &AllowedOnce::default()).unwrap();
        assert_eq!(items.keys().collect::<Vec<_>>(), ["A"]);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["hook dev NUL", "hook dev A"]);
    }

    #[test]
    fn a_shell_remembers_its_variables_and_gets_none_of_a_protected_environment() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/PORT=2"]);
        let (dev, once) = (environment("dev"), AllowedOnce::default());
        let entered = |sandbox: &Sandbox| {
            let given = enter(&sandbox.session, vec![dev.clone()], Shell::Bash, &once, None).unwrap();
            let Given { entered, code, expired: _ } = given;
            (entered, String::from_utf8(code.to_vec()).unwrap())
        };
        assert!(matches!(entered(&sandbox), (Entered::NotAllowed, code) if code.is_empty()));
        sandbox.session.vault().allow().unwrap();
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

//! Rights on environments: which rights change, and what is left behind when one was taken.

use super::left_behind::{LeftBehind, Taken};
use crate::error::{Error, Result};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Right, State};
use crate::vault::{Fallbacks, KeyEdit, KeySession, Lost};
use std::collections::BTreeMap;

/// Obstacles to a change of rights that the user has accepted.
#[derive(Default)]
pub struct Accepted {
    /// The environments that may be left without a reader or writer.
    pub orphans: Vec<EnvironmentName>,
    /// The new contents of environments that can't be read.
    pub contents: Fallbacks,
}

/// What giving rights did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Whether any of the rights is new.
    pub changed: bool,
    /// What is left behind if a right was lowered.
    pub left: LeftBehind,
}

/// What revoking rights did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// What the user could read in each environment.
    pub lost: Vec<Lost>,
    /// What is left behind.
    pub left: LeftBehind,
}

/// Gives a user these rights, which can be lower than the ones that the user has.
///
/// # Errors
/// Why the change is not allowed.
pub fn grant(
    session: &mut KeySession,
    name: &UserName,
    wanted: &BTreeMap<EnvironmentName, Right>,
    accepted: Accepted,
) -> Result<Granted> {
    let entry = |environment: &EnvironmentName, right| entry(Action::Grant, environment, name, right);
    let attempt: Vec<Entry> = wanted.iter().map(|(environment, right)| entry(environment, Some(*right))).collect();
    session.edit_with_keys(&attempt, |edit| {
        edit.may_orphan(&accepted.orphans);
        let named = accepted.contents.names();
        edit.fall_back(accepted.contents)?;
        // This also happens if the user has the right already: that is how a writer recovers an environment that can't
        // be read.
        for environment in edit.save_unreadable(&named)? {
            edit.log(entry(&environment, None));
        }
        let before = edit.roster().state().clone();
        let changed = give(edit, name, wanted, &|environment, right| entry(environment, Some(right)))?;
        let lowered = lowered(&before, name, wanted);
        let left = LeftBehind::new(&before, edit.roster().state(), name, &Taken::Rights(&lowered));
        Ok(Granted { changed, left })
    })
}

/// Returns the environments that the user writes, and is to read only.
fn lowered(before: &State, name: &UserName, wanted: &BTreeMap<EnvironmentName, Right>) -> Vec<EnvironmentName> {
    let mut lowered = Vec::new();
    for (environment, right) in wanted {
        let writes = before.environments.get(environment).is_some_and(|state| state.writes(name));
        if writes && *right < Right::Write {
            lowered.push(environment.clone());
        }
    }
    lowered
}

/// Returns the rights of a list, which may not name an environment twice.
///
/// # Errors
/// A usage error that names the environment.
pub fn once_each(
    rights: impl IntoIterator<Item = (EnvironmentName, Right)>,
) -> Result<BTreeMap<EnvironmentName, Right>> {
    let mut wanted = BTreeMap::new();
    for (environment, right) in rights {
        if wanted.insert(environment.clone(), right).is_some() {
            return Err(Error::usage(format!("{environment} is named twice")));
        }
    }
    Ok(wanted)
}

/// Revokes all rights on these environments.
///
/// # Errors
/// Why the change is not allowed.
pub fn revoke(
    session: &mut KeySession,
    name: &UserName,
    environments: &[EnvironmentName],
    accepted: Accepted,
) -> Result<Revoked> {
    let entry = |environment| entry(Action::Revoke, environment, name, None);
    let entries: Vec<Entry> = environments.iter().map(entry).collect();
    session.edit_with_keys(&entries, |edit| {
        edit.may_orphan(&accepted.orphans);
        edit.fall_back(accepted.contents)?;
        let before = edit.roster().state().clone();
        let lost = edit.revoke(name, environments)?;
        entries.iter().for_each(|entry| edit.log(entry.clone()));
        let left = LeftBehind::new(&before, edit.roster().state(), name, &Taken::Rights(environments));
        Ok(Revoked { lost, left })
    })
}

/// Sets the rights that differ, and logs each with `entry`. Returns whether there were any.
fn give(
    edit: &mut KeyEdit<'_, '_>,
    name: &UserName,
    wanted: &BTreeMap<EnvironmentName, Right>,
    entry: &dyn Fn(&EnvironmentName, Right) -> Entry,
) -> Result<bool> {
    let state = edit.roster().state();
    state.check_grants(edit.user(), wanted.keys())?;
    state.user(name)?;
    let mut grants = Vec::new();
    for (environment, right) in wanted {
        if state.environment(environment)?.grants.get(name) != Some(right) {
            grants.push((environment.clone(), *right));
        }
    }
    if grants.is_empty() {
        return Ok(false);
    }
    for (environment, right) in &grants {
        edit.log(entry(environment, *right));
    }
    edit.grant(name, grants)?;
    Ok(true)
}

/// Returns the entry with the note `ben`, or with a right `ben: write`.
fn entry(action: Action, environment: &EnvironmentName, name: &UserName, right: Option<Right>) -> Entry {
    let right = right.map_or(String::new(), |right| format!(": {right}"));
    Entry::new(action).note(format!("{name}{right}")).environment(environment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::set::Set;
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::{self, Rights};
    use crate::actions::{Expected, rm};
    use crate::dangerous::AllowedOnce;
    use crate::error::Kind;
    use crate::item::Description;
    use crate::vault::Unread;

    fn with_ben() -> (Sandbox, UserName) {
        let mut sandbox = Sandbox::new();
        let ben = UserName::new("ben").unwrap();
        let user = user_add::new_user(ben.clone(), None, &Rights { read: &[environment("dev")], ..Rights::default() });
        user_add::add(&mut sandbox.session, vec![user], |_, _| Ok(())).unwrap();
        (sandbox, ben)
    }

    #[test]
    fn only_rights_that_change_are_set_and_logged() {
        let (mut sandbox, ben) = with_ben();
        let mut give = |right| {
            let wanted = once_each([(environment("dev"), right)]).unwrap();
            grant(&mut sandbox.session, &ben, &wanted, Accepted::default()).unwrap().changed
        };
        assert!(!give(Right::Read));
        assert!(give(Right::Write));
        assert!(!give(Right::Write));
        assert_eq!(sandbox.log().iter().filter(|line| *line == "grant dev ").count(), 1, "{:?}", sandbox.log());
    }

    #[test]
    fn an_environment_may_be_named_only_once() {
        let twice = [(environment("dev"), Right::Read), (environment("dev"), Right::Write)];
        assert_eq!(once_each(twice).unwrap_err().to_string(), "dev is named twice");
    }

    #[test]
    fn a_change_of_nothing_is_a_usage_error() {
        let (mut sandbox, ben) = with_ben();
        let before = sandbox.log();
        let session = &mut sandbox.session;
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
        let refused = [
            grant(session, &ben, &BTreeMap::new(), Accepted::default()).unwrap_err(),
            revoke(session, &ben, &[], Accepted::default()).unwrap_err(),
            user_add::add(session, Vec::new(), |_, _| Ok(())).unwrap_err(),
            rm::Removal::of(session, &[], Expected::Anything).unwrap_err(),
            set.save(session).unwrap_err(),
        ];
        for error in refused {
            assert_eq!(
                (error.kind(), error.to_string()),
                (Kind::Usage, "nothing is named that would change".to_owned())
            );
        }
        assert_eq!(sandbox.log(), before);
    }

    #[test]
    fn an_environment_gets_only_a_content_of_its_own() {
        let sandbox = Sandbox::new();
        let empty = |name| Unread::empty(&sandbox.session, environment(name));
        let mut contents = Fallbacks::default();
        contents.add(empty("dev")).unwrap();
        contents.add(empty("prod")).unwrap();
        assert_eq!(contents.names(), ["dev", "prod"].map(environment));
        assert_eq!(contents.add(empty("dev")).unwrap_err().to_string(), "two contents are given for dev");
    }

    #[test]
    fn revoking_a_right_marks_the_values_as_due() {
        let (mut sandbox, ben) = with_ben();
        let accepted = Accepted::default();
        let lost = revoke(&mut sandbox.session, &ben, &[environment("dev")], accepted).unwrap().lost;
        assert_eq!((lost.len(), lost[0].environment.as_str(), lost[0].marked.is_some()), (1, "dev", true));
    }
}

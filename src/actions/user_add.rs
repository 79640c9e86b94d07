//! A new user: which rights they start with, and who made their keys.
//!
//! - Gives what comes from no vault: `add`

use crate::error::Result;
use crate::identity::Key;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{Right, Role};
use crate::vault::{Edit, KeyRequest, NewUser, Session};
use std::collections::BTreeMap;

/// What a new user may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rights<'a> {
    /// The environments to read.
    pub read: &'a [EnvironmentName],
    /// The environments to read and write, which wins if both are given.
    pub write: &'a [EnvironmentName],
    /// Whether they may change users and rights; that alone does not let them read anything.
    pub is_admin: bool,
}

/// Returns a new user with these rights.
#[must_use]
pub fn new_user(name: UserName, email: Option<String>, rights: &Rights<'_>) -> NewUser {
    let mut grants: BTreeMap<EnvironmentName, Right> =
        rights.read.iter().map(|name| (name.clone(), Right::Read)).ordered();
    grants.extend(rights.write.iter().map(|name| (name.clone(), Right::Write)));
    let role = if rights.is_admin { Role::Admin } else { Role::Member };
    NewUser { name, email, role, grants: grants.into_iter().collect() }
}

/// Adds users with a new key each, all of them or none. `show` gets the keys before anything is saved, because vault
/// does not keep them.
///
/// # Errors
/// Why the change is not allowed, or the error of `show`. Then nobody is added.
pub fn add(
    session: &mut Session,
    users: Vec<NewUser>,
    show: impl FnOnce(&[(UserName, Key)], &Edit<'_>) -> Result<()>,
) -> Result<()> {
    let attempt: Vec<Entry> = users.iter().map(|user| entry(&user.name)).collect();
    session.edit(&attempt, |edit| {
        let mut keys = Vec::new();
        for user in users {
            let (name, key) = (user.name.clone(), Key::generate()?);
            edit.add_user(user, &key)?;
            edit.log(entry(&name));
            keys.push((name, key));
        }
        show(&keys, edit)
    })
}

/// Adds a user with the user's own keys. Only the public keys are known here.
///
/// # Errors
/// Why the change is not allowed; a usage error if the keys are not those of this user for this vault.
pub fn add_requested(session: &mut Session, user: NewUser, request: KeyRequest) -> Result<()> {
    let name = user.name.clone();
    let attempt = entry(&name);
    session.edit(std::slice::from_ref(&attempt), |edit| {
        edit.roster().state().check_admin(edit.user())?;
        let keys = request.keys_for(&name, edit.roster())?;
        edit.add_user_with_keys(user, keys)?;
        edit.log(attempt.clone());
        Ok(())
    })
}

fn entry(name: &UserName) -> Entry {
    Entry::new(Action::UserAdd).note(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::error::Error;

    #[test]
    fn write_wins_over_read_and_admins_have_no_rights_by_default() {
        let both = [environment("dev")];
        let ben = || UserName::new("ben").unwrap();
        let user = new_user(ben(), None, &Rights { read: &both, write: &both, is_admin: false });
        assert_eq!((user.grants, user.role), (vec![(environment("dev"), Right::Write)], Role::Member));
        let user = new_user(ben(), None, &Rights { is_admin: true, ..Rights::default() });
        assert_eq!((user.grants.len(), user.role), (0, Role::Admin));
    }

    #[test]
    fn a_user_whose_key_could_not_be_shown_is_not_added() {
        let mut sandbox = Sandbox::new();
        let user = || new_user(UserName::new("ben").unwrap(), None, &Rights::default());
        let users = |sandbox: &Sandbox| sandbox.session.vault().roster().state().users.len();
        assert!(add(&mut sandbox.session, vec![user()], |_, _| Err(Error::failed("the terminal is gone"))).is_err());
        assert_eq!(users(&sandbox), 1);
        add(&mut sandbox.session, vec![user()], |keys, edit| {
            assert_eq!((keys.len(), keys[0].0.as_str()), (1, "ben"));
            assert!(edit.slots().iter().any(|slot| slot.user == keys[0].0));
            Ok(())
        })
        .unwrap();
        assert_eq!(users(&sandbox), 2);
    }
}

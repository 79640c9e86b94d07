//! New users: which rights they start with, who made their keys, and how a list names them.
//!
//! - Gives what comes from no vault: `add`

use crate::error::{Error, Result};
use crate::identity::Key;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{MAX_USERS, Right, Role};
use crate::vault::{Edit, KeyEdit, KeyRequest, KeySession, NewUser};
use crate::words::plural;
use std::collections::{BTreeMap, BTreeSet};

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

/// Reads a list of new users, who all get these rights. Each line is `NAME` or `NAME ADDRESS`, and `#` begins a comment.
/// `what` names the list in errors.
///
/// # Errors
/// A usage error with the line that is wrong or lists a user again, or if there is no user or more than [`MAX_USERS`].
pub fn listed(text: &[u8], what: &str, rights: &Rights<'_>) -> Result<Vec<NewUser>> {
    let text = std::str::from_utf8(text).map_err(|_| Error::usage(format!("{what} is not UTF-8")))?;
    let mut users = Vec::new();
    let mut known = BTreeSet::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let wrong = |problem: &str| Error::usage(format!("line {number} of {what}: {problem}"));
        let (name, email) = match words[..] {
            [] => continue,
            [name] => (name, None),
            [name, email] => (name, Some(email.to_owned())),
            _ => {
                return Err(wrong("a name and an e-mail address are expected").hint("for example: ben ben@example.com"));
            }
        };
        let name = UserName::new(name).map_err(|error| {
            let wrong = wrong(&error.to_string());
            error.advice().map_or(wrong.clone(), |hint| wrong.hint(hint.clone()))
        })?;
        if !known.insert(name.clone()) {
            return Err(wrong(&format!("{name} is listed twice")));
        }
        users.push(new_user(name, email, rights));
    }
    if users.is_empty() || users.len() > MAX_USERS {
        return Err(Error::usage(format!("{what} names {}", plural(users.len(), "user")))
            .hint(format!("from 1 to {MAX_USERS} can be added")));
    }
    Ok(users)
}

/// Adds users with a new key each, all of them or none. `show` gets the keys before anything is saved, because vault
/// does not keep them.
///
/// # Errors
/// Why the change is not allowed, or the error of `show`. Then nobody is added.
pub fn add(
    session: &mut KeySession,
    users: Vec<NewUser>,
    show: impl FnOnce(&[(UserName, Key)], &Edit<'_>) -> Result<()>,
) -> Result<()> {
    let attempt: Vec<Entry> = users.iter().map(|user| entry(&user.name)).collect();
    let change = |edit: &mut KeyEdit<'_, '_>| {
        let mut keys = Vec::new();
        for user in users {
            let (name, key) = (user.name.clone(), Key::generate()?);
            edit.add_user(user, &key)?;
            edit.log(entry(&name));
            keys.push((name, key));
        }
        Ok(keys)
    };
    session.edit_showing(&attempt, change, |keys, edit| show(&keys, edit))
}

/// Adds a user with the user's own keys. Only the public keys are known here.
///
/// # Errors
/// Why the change is not allowed; a usage error if the keys are not those of this user for this vault.
pub fn add_requested(session: &mut KeySession, user: NewUser, request: KeyRequest) -> Result<()> {
    let name = user.name.clone();
    let attempt = entry(&name);
    session.edit_with_keys(std::slice::from_ref(&attempt), |edit| {
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
    fn a_list_names_each_user_once_and_at_least_one() {
        let dev = [environment("dev")];
        let listed = |text: &str| listed(text.as_bytes(), "it", &Rights { read: &dev, ..Rights::default() });
        let users = listed("\u{feff}# new\n\nann\r\nben ben@example.com # by mail\n").unwrap();
        let shown: Vec<_> = users.iter().map(|user| (user.name.as_str(), user.email.as_deref())).collect();
        assert_eq!(shown, [("ann", None), ("ben", Some("ben@example.com"))]);
        assert!(users.iter().all(|user| user.grants == [(environment("dev"), Right::Read)]));
        let many = |count: usize| (0..count).map(|number| format!("user{number}\n")).collect::<String>();
        assert_eq!(listed(&many(MAX_USERS)).unwrap().len(), MAX_USERS);
        for (text, problem) in [
            ("# none\n", "it names 0 users"),
            (&*many(MAX_USERS + 1), &*format!("it names {} users", MAX_USERS + 1)),
            ("ann\n\nann\n", "line 3 of it: ann is listed twice"),
            ("ann a@example.com b\n", "line 1 of it: a name and an e-mail address are expected"),
        ] {
            assert_eq!(listed(text).err().unwrap().to_string(), problem);
        }
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

//! Removing a user: who is removed with the user, what they could read, and what is due for replacement afterwards.

use super::grant::Accepted;
use super::left_behind::{LeftBehind, Taken};
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::State;
use crate::vault::{KeySession, Removed, Session};

/// A user who would be removed, with their rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The user.
    pub user: UserName,
    /// The environments that the user can write.
    pub writes: Vec<EnvironmentName>,
    /// The environments that the user can only read.
    pub reads: Vec<EnvironmentName>,
}

impl Leaving {
    /// Returns whether values are due for replacement after the removal.
    #[must_use]
    pub fn knows_values(&self) -> bool {
        !(self.writes.is_empty() && self.reads.is_empty())
    }
}

/// Returns who would be removed: the user, and the users whose keys that user made and may still have, unless they are
/// kept.
#[must_use]
pub fn leaving(state: &State, name: &UserName, keeps_issued: bool) -> Vec<Leaving> {
    let issued = if keeps_issued { Vec::new() } else { state.issued_by(name) };
    let rights = |user: UserName| {
        let (mut writes, mut reads) = (Vec::new(), Vec::new());
        for (environment, entry) in &state.environments {
            if entry.writes(&user) {
                writes.push(environment.clone());
            } else if entry.reads(&user) {
                reads.push(environment.clone());
            }
        }
        Leaving { user, writes, reads }
    };
    std::iter::once(name.clone()).chain(issued).map(rights).collect()
}

/// Returns whether vault should ask for confirmation. A change that is refused anyway is refused without a question.
#[must_use]
pub fn may_remove(session: &Session, name: &UserName) -> bool {
    let state = session.vault().roster().state();
    state.check_admin(session.user()).is_ok() && state.users.contains_key(name) && name != session.user()
}

/// What removing a user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Who was removed, and what they could read.
    pub removed: Removed,
    /// What is left behind.
    pub left: LeftBehind,
}

/// Removes the user, and re-encrypts everything that they could read to the remaining users. A request to join that is
/// still here is deleted, because its keys are the removed ones.
///
/// # Errors
/// Why the change is not allowed.
pub fn remove(session: &mut KeySession, name: &UserName, keeps_issued: bool, accepted: Accepted) -> Result<Removal> {
    let entry = |user: &UserName| Entry::new(Action::UserRemove).note(user.as_str());
    let removal = session.edit_with_keys(&[entry(name)], |edit| {
        edit.may_orphan(&accepted.orphans);
        edit.fall_back(accepted.contents)?;
        let before = edit.roster().state().clone();
        let removed = edit.remove_user(name, keeps_issued)?;
        removed.all.iter().for_each(|user| edit.log(entry(user)));
        let left = LeftBehind::new(&before, edit.roster().state(), name, &Taken::Role);
        Ok(Removal { removed, left })
    })?;
    session.vault().forget_all_asked(&removal.removed.all)?;
    Ok(removal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::{self, Rights};
    use crate::crypto::WorkFactor;
    use crate::log::{Caller, ProgramName};
    use crate::passphrase::Strong;
    use crate::secret::SecretString;

    #[test]
    fn a_removed_users_old_request_does_not_reappear() {
        let mut sandbox = Sandbox::new();
        let eva = UserName::new("eva").unwrap();
        let passphrase = Strong::new(&SecretString::from("seven-otters-3-sleep".to_owned())).unwrap();
        let (asked, _) = sandbox.session.vault().ask_to_join(&eva, &passphrase, WorkFactor::LOWEST).unwrap();
        let user = user_add::new_user(eva.clone(), None, &Rights::default());
        user_add::add_requested(&mut sandbox.session, user, asked.request).unwrap();
        sandbox.session.begin_request(Caller::new(ProgramName::new("shop").unwrap()).note("by a server"));
        let Removal { removed, .. } = remove(&mut sandbox.session, &eva, false, Accepted::default()).unwrap();
        assert_eq!(removed.all, std::slice::from_ref(&eva));
        let vault = sandbox.session.vault();
        assert!(vault.asked().is_empty() && !vault.has_asked(&eva));
        vault.ask_to_join(&eva, &passphrase, WorkFactor::LOWEST).unwrap();
        let log = sandbox.session.read_log_of(sandbox.session.user(), crate::log::Extent::Whole).unwrap();
        let notes: Vec<_> = log.lines().filter_map(|line| line.unwrap().entry.note).collect();
        assert_eq!(notes[notes.len() - 2..], ["eva", "eva, by a server"]);
    }

    #[test]
    fn values_that_a_removed_user_knew_must_be_replaced() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "prod/B=2"]);
        let (ben, mia) = (UserName::new("ben").unwrap(), UserName::new("mia").unwrap());
        let (dev, prod) = ([environment("dev")], [environment("prod")]);
        let rights = Rights { read: &dev, write: &prod, is_admin: false };
        let user = user_add::new_user(ben.clone(), None, &rights);
        user_add::add(&mut sandbox.session, vec![user], |_, _| Ok(())).unwrap();
        let state = sandbox.session.vault().roster().state().clone();
        let all = leaving(&state, &ben, false);
        assert_eq!(all, [Leaving { user: ben.clone(), writes: prod.to_vec(), reads: dev.to_vec() }]);
        assert!(all[0].knows_values() && may_remove(&sandbox.session, &ben) && !may_remove(&sandbox.session, &mia));
        let users: Vec<_> = leaving(&state, &mia, false).into_iter().map(|leaving| leaving.user).collect();
        assert_eq!(users, [mia.clone(), ben.clone()], "mia made ben's keys");
        assert_eq!(leaving(&state, &mia, true).len(), 1);

        let Removal { removed, .. } = remove(&mut sandbox.session, &ben, false, Accepted::default()).unwrap();
        let marked: Vec<_> = removed.lost.iter().flat_map(|lost| lost.marked.iter().flatten()).collect();
        assert_eq!(marked.len(), 2, "{removed:?}");
        assert!(sandbox.item(&crate::actions::testing::place("dev", "A")).current.rotate_due.is_some());
    }
}

//! Removing a user: who is removed with the user, what they could read, and what is due for replacement afterwards.

use super::grant::Accepted;
use super::left_behind::{LeftBehind, Taken};
use crate::error::Result;
use crate::identity::PublicKeys;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::State;
use crate::vault::{Agreed, KeyEdit, KeySession, Removed, no_longer_as_shown};

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

/// A removal of a user that was looked at, and that [`Agreed`] carries out.
pub struct Removal {
    user: UserName,
    keeps_issued: bool,
    accepted: Accepted,
    leaving: Vec<Leaving>,
    /// The keys of the users who leave. Another user of the same name has others.
    keys: Vec<PublicKeys>,
}

/// What removing a user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Who was removed, and what they could read.
    pub removed: Removed,
    /// What is left behind.
    pub left: LeftBehind,
}

impl Removal {
    /// Looks at who would be removed: the user, and the users whose keys that user made and may still have, unless they
    /// are kept.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub fn of(session: &KeySession, name: &UserName, keeps_issued: bool, accepted: Accepted) -> Result<Self> {
        let state = session.vault().roster().state();
        let (leaving, keys) = (leaving(state, name, keeps_issued), keys_of(state, name, keeps_issued));
        let removal = Self { user: name.clone(), keeps_issued, accepted, leaving, keys };
        session.foresee_with_keys(&[entry(name)], |edit| removal.make(edit).map(drop))?;
        Ok(removal)
    }

    /// Returns who would be removed. The first is the user.
    #[must_use]
    pub fn leaving(&self) -> &[Leaving] {
        &self.leaving
    }

    fn make(&self, edit: &mut KeyEdit<'_, '_>) -> Result<Removed> {
        edit.may_orphan(&self.accepted.orphans);
        edit.fall_back(self.accepted.contents.copy())?;
        edit.remove_user(&self.user, self.keeps_issued)
    }

    /// Returns whether the same users would leave, with the same rights.
    fn is_as_shown(&self, state: &State) -> bool {
        self.leaving == leaving(state, &self.user, self.keeps_issued)
            && self.keys == keys_of(state, &self.user, self.keeps_issued)
    }
}

impl Agreed<Removal> {
    /// Removes the user, and re-encrypts everything that they could read to the remaining users. A request to join that
    /// is still here is deleted, because its keys are the removed ones.
    ///
    /// # Errors
    /// If others would be removed now, or they have other rights; why the change is not allowed.
    pub fn save(self, session: &mut KeySession) -> Result<Done> {
        let removal = self.change();
        let name = &removal.user;
        let done = session.edit_with_keys(&[entry(name)], |edit| {
            let before = edit.roster().state().clone();
            let removed = removal.make(edit)?;
            if !removal.is_as_shown(&before) {
                return Err(no_longer_as_shown(name, "removed"));
            }
            removed.all.iter().for_each(|user| edit.log(entry(user)));
            let left = LeftBehind::new(&before, edit.roster().state(), name, &Taken::Role);
            Ok(Done { removed, left })
        })?;
        session.vault().forget_all_asked(&done.removed.all)?;
        Ok(done)
    }
}

fn entry(user: &UserName) -> Entry {
    Entry::new(Action::UserRemove).note(user.as_str())
}

/// Returns who would be removed, the user first.
fn users(state: &State, name: &UserName, keeps_issued: bool) -> Vec<UserName> {
    let issued = if keeps_issued { Vec::new() } else { state.issued_by(name) };
    std::iter::once(name.clone()).chain(issued).collect()
}

fn keys_of(state: &State, name: &UserName, keeps_issued: bool) -> Vec<PublicKeys> {
    let users = users(state, name, keeps_issued);
    users.iter().filter_map(|user| Some(state.users.get(user)?.keys.clone())).collect()
}

fn leaving(state: &State, name: &UserName, keeps_issued: bool) -> Vec<Leaving> {
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
    users(state, name, keeps_issued).into_iter().map(rights).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::grant;
    use crate::actions::testing::{Sandbox, environment, log_of, remove_user};
    use crate::actions::user_add::{self, Rights};
    use crate::crypto::WorkFactor;
    use crate::error::Reason;
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
        let done = remove_user(&mut sandbox.session, &eva).unwrap();
        assert_eq!(done.removed.all, std::slice::from_ref(&eva));
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
        assert_eq!(users(&state, &mia, false), [mia.clone(), ben.clone()], "mia made ben's keys");
        assert_eq!(users(&state, &mia, true), [mia]);

        let removal = Removal::of(&sandbox.session, &ben, false, Accepted::default()).unwrap();
        assert_eq!(removal.leaving(), [Leaving { user: ben, writes: prod.to_vec(), reads: dev.to_vec() }]);
        assert!(removal.leaving()[0].knows_values());
        let removed = Agreed::to(removal).save(&mut sandbox.session).unwrap().removed;
        let marked: Vec<_> = removed.lost.iter().flat_map(|lost| lost.marked.iter().flatten()).collect();
        assert_eq!(marked.len(), 2, "{removed:?}");
        assert!(sandbox.item(&crate::actions::testing::place("dev", "A")).current.rotate_due.is_some());
    }

    #[test]
    fn a_user_whose_rights_changed_after_they_were_shown_stays() {
        let mut sandbox = Sandbox::new();
        let ben = UserName::new("ben").unwrap();
        sandbox.add_user("ben", &Rights { read: &[environment("dev")], ..Rights::default() });
        let removal = Removal::of(&sandbox.session, &ben, false, Accepted::default()).unwrap();
        let wanted = [(environment("prod"), crate::roster::Right::Write)].into();
        grant::grant(&mut sandbox.session, &ben, &wanted, Accepted::default()).unwrap();
        let error = Agreed::to(removal).save(&mut sandbox.session).unwrap_err();
        assert_eq!(
            (error.reason(), error.to_string()),
            (Reason::Changed, "ben was changed in the meantime, so nothing was removed".to_owned())
        );
        assert!(sandbox.session.vault().roster().state().users.contains_key(&ben));
    }

    #[test]
    fn nobody_is_asked_about_a_removal_that_is_refused() {
        let mut sandbox = Sandbox::new();
        let (mia, ben) = (UserName::new("mia").unwrap(), UserName::new("ben").unwrap());
        let admin = Rights { write: &[environment("dev")], is_admin: true, ..Rights::default() };
        let bens = sandbox.add_user("ben", &admin);
        let refusal = |session, name| Removal::of(session, name, false, Accepted::default()).err().unwrap();
        assert_eq!(refusal(&sandbox.session, &mia).to_string(), "you can't remove yourself");
        assert_eq!(refusal(&bens, &mia).reason(), Reason::Denied, "mia made ben's keys");
        assert_eq!(log_of(&bens), ["user-remove - "], "the refusal is logged");
        grant::revoke(&mut sandbox.session, &ben, &[environment("dev")], Accepted::default()).unwrap();
    }
}

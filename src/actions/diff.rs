//! The two files that `diff` compares, and the vault whose keys open them.
//!
//! - Gives parts of what was read: `Difference::environments`
//! - Gives text without values: `Side::Revision::0`, `session`

use crate::error::{Kind, Result};
use crate::name::EnvironmentName;
use crate::vault::{EnvironmentDifference, RosterDifference, Session, Snapshot, UnprovenSnapshot};

/// Where a compared file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A git revision.
    Revision(String),
    /// What is staged for the next commit.
    Staged,
    /// The file itself.
    Here,
}

impl Side {
    /// Returns this side's file, of which the chosen environments are compared, or all of them if none is chosen. `None`
    /// if it does not exist there. If the file is refused, that is logged.
    ///
    /// # Errors
    /// If there is no such revision; an integrity error if the file there is not valid.
    pub fn snapshot(&self, chosen: &[EnvironmentName], session: &Session) -> Result<Option<Snapshot>> {
        let vault = session.vault();
        let (name, bytes) = match self {
            Self::Revision(reference) => (reference.as_str(), vault.at_revision(reference)?),
            Self::Staged => ("index", vault.staged()?),
            Self::Here => return session.snapshot(chosen).map(Some),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let read = session.snapshot_of(UnprovenSnapshot::parse(bytes), chosen);
        read.map(Some).map_err(|error| {
            let what = format!("the file at {name} is not valid: {error}");
            error.reworded(what).hint(("name another revision: ", vault.git_log()))
        })
    }
}

/// Opens a session for comparing these sides. `now` opens the current file, and `at` the file at a revision: history can
/// be looked at while the file has conflicts, unless the file itself is compared. Open both with
/// [`Settings::looking_back`](crate::vault::Settings::looking_back), because a comparison warns of no older file and
/// records none as seen.
///
/// # Errors
/// The error of `now`, or of `at`.
pub fn session(
    sides: [&Side; 2],
    now: impl FnOnce() -> Result<Session>,
    at: impl FnOnce(&str) -> Result<Session>,
) -> Result<Session> {
    match (now(), stand_in(sides)) {
        (Err(error), Some(revision)) if error.kind() == Kind::Integrity => at(revision),
        (session, _) => session,
    }
}

/// Returns the newest revision, if the current file is not needed.
fn stand_in(sides: [&Side; 2]) -> Option<&str> {
    match sides {
        [Side::Revision(_), Side::Revision(newest)] | [Side::Revision(newest), Side::Staged] => Some(newest),
        _ => None,
    }
}

/// How two files differ.
pub struct Difference<'a> {
    /// The environments that differ.
    pub environments: Vec<EnvironmentDifference>,
    /// What changed about users, rights and environments; empty if environments were chosen.
    pub roster: RosterDifference<'a>,
}

impl Difference<'_> {
    /// Returns whether the files have the same content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.environments.is_empty() && self.roster.is_empty()
    }
}

/// Compares two files of the vault, of which `None` is one that does not exist. If environments were chosen, only these are
/// compared, without the roster. With [`Use::Diff`](crate::vault::Use::Diff),
/// [`Session::read_differences`] then reads the values.
///
/// # Errors
/// A not-found error for an environment that neither file has and the vault does not know; as [`Session::compare`].
pub fn compare<'a>(
    session: &Session,
    chosen: &[EnvironmentName],
    files: [Option<&'a Snapshot>; 2],
) -> Result<Difference<'a>> {
    check_chosen(chosen, files, session)?;
    let [before, after] = files;
    let environments = session.compare(before, after, |name| chosen.is_empty() || chosen.contains(name))?;
    let roster = match chosen {
        [] => RosterDifference::between(before.map(Snapshot::roster), after.map(Snapshot::roster)),
        _ => RosterDifference::default(),
    };
    Ok(Difference { environments, roster })
}

/// Refuses an environment that neither file has and the vault does not know.
fn check_chosen(chosen: &[EnvironmentName], files: [Option<&Snapshot>; 2], session: &Session) -> Result<()> {
    let is_there = |name: &&EnvironmentName| {
        files.into_iter().flatten().flat_map(Snapshot::environments).any(|known| known == *name)
    };
    match chosen.iter().find(|name| !is_there(name)) {
        Some(missing) => session.vault().roster().state().environment(missing).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::error::{Error, Reason};
    use std::cell::RefCell;

    fn revision(name: &str) -> Side {
        Side::Revision(name.to_owned())
    }

    /// Returns the revision that is opened if the current file can't be opened for this reason.
    fn opened(sides: [&Side; 2], reason: Reason) -> Option<String> {
        let opened = RefCell::new(None);
        let at = |revision: &str| {
            opened.replace(Some(revision.to_owned()));
            Err(Error::failed("opened"))
        };
        session(sides, || Err(Error::new(reason, "conflict")), at).err().unwrap();
        opened.into_inner()
    }

    #[test]
    fn history_is_compared_while_the_file_has_conflicts_unless_the_file_itself_is_compared() {
        let (old, new) = (revision("HEAD~1"), revision("HEAD"));
        let of_a_conflict = |sides| opened(sides, Reason::UnresolvedMerge);
        assert_eq!(of_a_conflict([&old, &new]).as_deref(), Some("HEAD"), "the newer one has the newer keys");
        assert_eq!(of_a_conflict([&old, &Side::Staged]).as_deref(), Some("HEAD~1"));
        assert_eq!(of_a_conflict([&old, &Side::Here]), None);
        // Whoever can't unlock the file can't unlock an older one either.
        assert_eq!(opened([&old, &new], Reason::WrongPassphrase), None);
    }

    #[test]
    fn an_environment_that_only_one_side_has_can_be_chosen() {
        let sandbox = Sandbox::new();
        let here = Side::Here.snapshot(&[], &sandbox.session).unwrap();
        let files = [None, here.as_ref()];
        assert_eq!(check_chosen(&[environment("dev")], files, &sandbox.session), Ok(()));
        let error = check_chosen(&[environment("dev"), environment("stage")], files, &sandbox.session).unwrap_err();
        assert_eq!(error.reason(), Reason::NoEnvironment);
    }
}

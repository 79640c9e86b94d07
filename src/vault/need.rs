//! What a passphrase or key is needed for, and which sessions can do that.
//!
//! The signature of an action says it: one that always needs the private keys takes a
//! [`KeySession`](super::KeySession). [`Need`] is for the few that need them only for some changes, and for the words with
//! which a front end asks.

use super::{LastChange, Session};
use crate::error::Result;

/// What a passphrase or key is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To use the vault. An agent can do that as well.
    Session,
    /// To change who may do what. No agent does that.
    Identity,
}

impl Need {
    /// What a change needs. Changes of the roster are signed with the private keys, which an agent never gives away.
    pub(crate) fn of_change(changes_roster: bool) -> Self {
        if changes_roster { Self::Identity } else { Self::Session }
    }
}

impl Session {
    /// Returns whether this session can do what needs this.
    #[must_use]
    pub fn meets(&self, need: Need) -> bool {
        self.check_meets(need).is_ok()
    }

    /// Checks that this session can do what needs this.
    ///
    /// # Errors
    /// An unlock error if an agent holds the keys, and isn't enough.
    pub(crate) fn check_meets(&self, need: Need) -> Result<()> {
        match need {
            Need::Session => Ok(()),
            Need::Identity => self.identity().map(|_| ()),
        }
    }

    /// Returns what undoing this change needs. If this session doesn't [meet](Session::meets) that, because an agent has
    /// the keys, a front end that can ask for the passphrase or key unlocks the vault with it, and gets the change again
    /// from the new session ([`Session::last_change`]): only the session that decrypted a change undoes it. A front end
    /// that can't ask calls [`Session::undo`] nevertheless, and reports its error, which says what is needed.
    #[must_use]
    pub fn need_to_undo(&self, last: &LastChange) -> Need {
        Need::of_change(last.changes_roster())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::env_add;
    use crate::actions::env_copy::Copy;
    use crate::actions::testing::{Sandbox, environment};
    use crate::agent::{Patience, Status};
    use crate::dangerous::AllowedOnce;
    use crate::error::{Error, Reason, Remedy};
    use crate::log::{Action, Caller, ProgramName};
    use crate::vault::{ByAgent, KeySession, Merge, Settings, Unproven, Vault};
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    /// Tells each client that it holds the keys of this session. It does nothing with them: it hangs up after the first
    /// request.
    fn serve(listener: UnixListener, session: &KeySession) {
        let (vault, user) = (session.vault(), session.user());
        let keys = &vault.roster().state().user(user).unwrap().keys;
        let status = Status {
            vault: vault.id(),
            path: String::new(),
            user: user.to_string(),
            recipient: keys.recipient.as_str().to_owned(),
            verifying_key: keys.verifying_key.to_string(),
            roster: vault.roster().head(),
            ends_in: 60_000,
            idle_in: 60_000,
            idle: 60_000,
            pid: std::process::id(),
        };
        let status = serde_json::to_vec(&status).unwrap();
        let answer = move || {
            for client in listener.incoming() {
                let (mut client, mut head) = (client.unwrap(), [0; 5]);
                client.read_exact(&mut head).unwrap();
                let [length @ .., version] = head;
                client.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - 1]).unwrap();
                let length = u32::try_from(status.len() + 2).unwrap().to_be_bytes();
                client.write_all(&[&length, &[version, 1][..], &status].concat()).unwrap();
            }
        };
        crate::thread::start(crate::thread::STACK, answer).unwrap();
    }

    fn shop() -> Caller {
        Caller::new(ProgramName::new("shop").unwrap())
    }

    /// Opens the vault of a session again, through an agent that only says whose keys it holds.
    fn by_agent(session: &KeySession, directory: &Path) -> Session {
        let socket = directory.join("agent.sock");
        serve(crate::fs::listen(&socket).unwrap(), session);
        let file = Unproven::open(session.vault().path(), session.vault().settings()).unwrap();
        match Session::at_agent(file, (&socket, Patience::Command), None, &shop()).unwrap() {
            ByAgent::Unlocked(session) => session,
            ByAgent::Locked(_) => panic!("the agent holds the keys"),
        }
    }

    /// Checks that this is the error of an action that an agent is not enough for.
    #[track_caller]
    fn assert_refused<T>(done: Result<T>) {
        let error: Error = done.err().expect("the agent gave its keys away");
        assert_eq!(error.to_string(), "this needs the passphrase or key again: the agent is not enough");
        assert_eq!(error.reason(), Reason::NeedsKeys);
        let remedies: Vec<&Remedy> = error.advice().unwrap().remedies().collect();
        assert!(matches!(remedies[..], [Remedy::GivePassphrase, Remedy::GiveKey]), "{remedies:?}");
    }

    #[test]
    fn an_agents_session_is_refused_before_anything_is_read_if_a_change_needs_the_keys() {
        let (mut sandbox, directory) = (Sandbox::with(&["dev/A=1"]), tempfile::tempdir().unwrap());
        env_add::add(&mut sandbox.session, &environment("stage"), false).unwrap();
        let (last, log) = (sandbox.session.last_change().unwrap(), sandbox.log());
        let (dev, prod, new, none) =
            (environment("dev"), environment("prod"), environment("qa"), AllowedOnce::default());
        let copy =
            |to| Copy { from: &dev, to, takes: &|_| true, check_names: &|| Ok(()), replaces: false, allowed: &none };
        let mut session = by_agent(&sandbox.session, directory.path());
        assert_eq!(session.caller.entry(Action::Get).program, "shop", "its entries name who opened it");
        assert_eq!(session.need_to_undo(&last), Need::Identity);
        assert_eq!(copy(&new).need(session.vault()), Ok(Need::Identity));
        assert_eq!(copy(&prod).need(session.vault()), Ok(Need::Session));
        assert!(!session.meets(Need::Identity) && session.meets(Need::Session));
        let before = std::fs::read(session.vault().path()).unwrap();
        assert_refused(session.undo(&last));
        assert_refused(session.rehearse_undo(&last));
        assert_refused(copy(&new).save(&mut session));
        assert!(std::fs::read(session.vault().path()).unwrap() == before && sandbox.log() == log);
    }

    #[test]
    fn an_agents_session_is_refused_if_the_rosters_have_to_be_merged() {
        let (sandbox, directory) = (Sandbox::new(), tempfile::tempdir().unwrap());
        let [base, ours, theirs] = ["base", "ours", "theirs"].map(|name| directory.path().join(name));
        let copy = |path: &Path, added: &str| {
            std::fs::copy(sandbox.session.vault().path(), path).unwrap();
            let vault = Vault::open(path, &Settings::at(path.with_extension("state"))).unwrap();
            let mut session = vault.unlock(&sandbox.credential, None, &Caller::default()).unwrap();
            env_add::add(&mut session, &environment(added), false).unwrap();
            session
        };
        std::fs::copy(sandbox.session.vault().path(), &base).unwrap();
        let (session, _) = (copy(&ours, "one"), copy(&theirs, "two"));
        let output = directory.path().join("merged");
        let merge = Merge::of_files([&base, &ours, &theirs], &output, session.vault().settings());
        let (merge, mut by_agent) = (merge.unwrap(), Some(by_agent(&session, directory.path())));
        assert_refused(merge.unlocked(&mut |_, _| by_agent.take().ok_or_else(|| merge.locked())));
        assert!(by_agent.is_none());
    }
}

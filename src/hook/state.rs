//! When the hook acts at a prompt, and what the shell remembers afterwards.

use super::{Loaded, Outcome, Seen};
use crate::error::{Error, Reason};
use crate::fs::Stamp;
use crate::name::EnvironmentName;
use std::path::Path;

/// The result of entering the directory of a vault.
#[derive(Debug)]
pub enum Entered {
    /// Nobody has allowed this vault at this path.
    NotAllowed,
    /// The vault could not be unlocked without asking a question.
    Locked,
    /// This environment is protected, and nobody confirmed its use.
    Protected(EnvironmentName),
    /// The agent did not answer.
    NoAnswer(Error),
    /// The vault could not be read.
    Failed(Error),
    /// The shell gets these variables.
    Loaded(Loaded),
}

impl Entered {
    /// Returns the result after this error. An agent that doesn't answer may answer at the next prompt. Any other error
    /// stays until the file changes.
    #[must_use]
    pub fn after(error: Error) -> Self {
        match error.reason() {
            Reason::AgentSilent | Reason::AgentEnded | Reason::Locked | Reason::NeedsKeys => Self::NoAnswer(error),
            _ => Self::Failed(error),
        }
    }

    /// Returns what the shell remembers of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotAllowed => Outcome::NotAllowed,
            Self::Locked => Outcome::Locked,
            Self::Protected(_) => Outcome::Protected,
            Self::NoAnswer(_) => Outcome::NoAnswer,
            Self::Failed(_) => Outcome::Failed,
            Self::Loaded(loaded) => Outcome::Loaded(loaded.clone()),
        }
    }

    /// Whether the user is told of it, if the shell remembers `last`. Everything is told once. An error counts as new
    /// whenever the vault was read again.
    #[must_use]
    pub fn is_news(&self, vault: &Path, last: Option<&Seen>) -> bool {
        let outcome = self.outcome();
        match self {
            Self::Failed(_) => true,
            // The variables may be those of another vault with the same names.
            Self::Loaded(_) => last.is_none_or(|last| last.outcome != outcome),
            _ => last.is_none_or(|last| !last.is_at(vault) || last.outcome != outcome),
        }
    }
}

impl Seen {
    /// Returns whether nothing can have changed for the shell since. `is_allowed` says whether any vault was allowed at
    /// this path. No file shows that a vault was unlocked or that an agent answers again, so a locked vault is always
    /// tried again.
    #[must_use]
    pub fn still_holds(&self, vault: &Path, stamp: Stamp, is_allowed: impl FnOnce() -> bool) -> bool {
        if !self.is_of(vault, stamp) {
            return false;
        }
        match self.outcome {
            Outcome::NotAllowed => !is_allowed(),
            Outcome::Loaded(_) => is_allowed(),
            Outcome::Failed => true,
            Outcome::Locked | Outcome::NoAnswer | Outcome::Protected => false,
        }
    }

    /// Returns the variables that the shell got.
    #[must_use]
    pub fn loaded(&self) -> Option<&Loaded> {
        match &self.outcome {
            Outcome::Loaded(loaded) => Some(loaded),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(path: &str) -> Stamp {
        Stamp::from_metadata(&std::fs::metadata(path).unwrap())
    }

    fn loaded(name: &str) -> Loaded {
        Loaded::new(vec![EnvironmentName::new("dev").unwrap()], [name].into_iter(), None)
    }

    fn vault() -> &'static Path {
        Path::new("/srv/secrets.vault")
    }

    fn seen(outcome: Outcome) -> Seen {
        Seen::new(vault(), stamp("/"), outcome)
    }

    #[test]
    fn only_outcomes_that_can_have_changed_are_tried_again() {
        let holds =
            |outcome: &Outcome, is_allowed: bool| seen(outcome.clone()).still_holds(vault(), stamp("/"), || is_allowed);
        for (outcome, if_allowed, if_not) in [
            (Outcome::NotAllowed, false, true),
            (Outcome::Loaded(loaded("A")), true, false),
            (Outcome::Failed, true, true),
            (Outcome::Locked, false, false),
            (Outcome::NoAnswer, false, false),
            (Outcome::Protected, false, false),
        ] {
            assert_eq!((holds(&outcome, true), holds(&outcome, false)), (if_allowed, if_not), "{outcome:?}");
        }
        let failed = seen(Outcome::Failed);
        assert!(!failed.still_holds(vault(), stamp("/proc"), || true), "another file");
        assert!(!failed.still_holds(Path::new("/srv/other.vault"), stamp("/"), || true), "another path");
    }

    #[test]
    fn an_agent_that_is_silent_is_asked_again_and_another_error_stays() {
        for reason in [Reason::AgentSilent, Reason::AgentEnded, Reason::Locked, Reason::NeedsKeys] {
            assert_eq!(Entered::after(Error::new(reason, "")).outcome(), Outcome::NoAnswer);
        }
        for reason in [Reason::Older, Reason::NoRight, Reason::Failed] {
            assert_eq!(Entered::after(Error::new(reason, "")).outcome(), Outcome::Failed);
        }
    }

    #[test]
    fn a_state_is_reported_once_and_an_error_each_time() {
        let silent = || Entered::after(Error::new(Reason::AgentSilent, ""));
        let tells = |entered: &Entered, last: Option<Outcome>| entered.is_news(vault(), last.map(seen).as_ref());
        assert!(tells(&silent(), None) && tells(&silent(), Some(Outcome::Locked)));
        assert!(!tells(&silent(), Some(Outcome::NoAnswer)) && !tells(&Entered::Locked, Some(Outcome::Locked)));
        assert!(Entered::Locked.is_news(Path::new("/srv/other.vault"), Some(&seen(Outcome::Locked))));
        assert!(tells(&Entered::Failed(Error::failed("")), Some(Outcome::Failed)));
        let given = Entered::Loaded(loaded("A"));
        assert!(
            !tells(&given, Some(Outcome::Loaded(loaded("A")))) && tells(&given, Some(Outcome::Loaded(loaded("B"))))
        );
    }
}

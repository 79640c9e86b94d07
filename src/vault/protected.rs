//! Protected environments: before their values are handed out or changed, a person confirms on this device or gives a
//! reason. This protects users who have the right from mistakes. It is not a right, and does not stop an attacker.

use super::confirmation::{Ask, Confirmation, Question};
use super::{Session, Vault};
use crate::error::{Error, Reason, Remedy, Result};
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::roster::{Environment, Roster};
use crate::time::Time;
use std::time::Duration;

/// How long a confirmation is valid on this device.
pub const CONFIRMATION_HOLDS: Duration = Duration::from_secs(15 * 60);

impl Vault {
    fn was_confirmed(&self, environment: &EnvironmentName, now: Time) -> bool {
        let confirmed = self.names_kept(environment).and_then(|names| names.confirmed);
        confirmed.is_some_and(|time| holds(time, now))
    }
}

/// Returns whether a confirmation is still valid. A time in the future is not, because then a clock was wrong.
fn holds(confirmed: Time, now: Time) -> bool {
    (now.utc() - confirmed.utc()).to_std().is_ok_and(|age| age < CONFIRMATION_HOLDS)
}

fn is_protected(roster: &Roster, environment: &EnvironmentName) -> bool {
    roster.state().environments.get(environment).is_some_and(Environment::is_protected)
}

impl Session {
    /// Sets the function that is called before a protected environment is used, unless a reason was given or somebody
    /// has confirmed: in this session, or, unless the session serves requests ([`Session::begin_request`]), on this
    /// device within 15 minutes.
    pub fn set_ask(&mut self, ask: Ask) {
        self.ask = Some(ask);
    }

    /// Returns whether values of an environment can be used without a question: because it is not protected, a reason
    /// was given, or somebody confirmed it on this device within [`CONFIRMATION_HOLDS`].
    #[must_use]
    pub(crate) fn is_confirmed(&self, environment: &EnvironmentName) -> bool {
        self.is_confirmed_in(&self.vault.roster, environment)
    }

    fn is_confirmed_in(&self, roster: &Roster, environment: &EnvironmentName) -> bool {
        !is_protected(roster, environment)
            || self.caller.has_reason()
            || self.confirmed.borrow().contains(environment)
            || !self.serves_requests && self.vault.was_confirmed(environment, Time::now())
    }

    /// Asks a person to confirm, if necessary. An answer stays valid for the whole session, or for this request. A reason
    /// holds only as long as it is given.
    ///
    /// # Errors
    /// A denied error, which is logged with this entry, if nobody can be asked or the answer is no.
    pub(crate) fn confirm(&self, environment: &EnvironmentName, entry: impl Fn() -> Entry) -> Result<()> {
        self.confirm_in(&self.vault.roster, environment, entry)
    }

    /// Does the same as [`Session::confirm`] for an environment that is protected in this roster, which is about to
    /// replace that of the session.
    pub(super) fn confirm_in(
        &self,
        roster: &Roster,
        environment: &EnvironmentName,
        entry: impl Fn() -> Entry,
    ) -> Result<()> {
        self.confirm_unlogged_in(roster, environment, &entry).map_err(|error| self.log_refusal(entry(), error))
    }

    /// Does the same as [`Session::confirm`], for callers that log the refusal themselves.
    pub(super) fn confirm_unlogged(&self, environment: &EnvironmentName, entry: impl Fn() -> Entry) -> Result<()> {
        self.confirm_unlogged_in(&self.vault.roster, environment, entry)
    }

    fn confirm_unlogged_in(
        &self,
        roster: &Roster,
        environment: &EnvironmentName,
        entry: impl Fn() -> Entry,
    ) -> Result<()> {
        if !self.is_confirmed_in(roster, environment) {
            self.ask_about(environment, Question::Use, entry())?;
            if !self.serves_requests {
                // If this can't be stored, the next command asks again.
                drop(self.keep_confirmed(environment));
            }
        } else if self.caller.has_reason() || !is_protected(roster, environment) {
            return Ok(());
        }
        self.confirmed.borrow_mut().insert(environment.clone());
        Ok(())
    }

    /// Asks a person to confirm that an environment's protection is removed, whatever was confirmed before. A reason
    /// counts as a confirmation.
    ///
    /// # Errors
    /// The same as for [`Session::confirm`].
    pub(crate) fn confirm_unprotect(&self, environment: &EnvironmentName) -> Result<()> {
        let entry = || Entry::new(Action::EnvUnprotect).environment(environment);
        let may = self.vault.roster.state().check_admin(self.user());
        let agreed = may.and_then(|_| match self.caller.has_reason() {
            true => Ok(()),
            false => self.ask_about(environment, Question::Unprotect, entry()),
        });
        agreed.map_err(|error| self.log_refusal(entry(), error))
    }

    /// Calls [`Session::confirm`] if the action hands out or changes values.
    pub(super) fn confirm_use(
        &self,
        environment: &EnvironmentName,
        action: Action,
        entry: impl Fn() -> Entry,
    ) -> Result<()> {
        if action.uses_values() { self.confirm(environment, entry) } else { Ok(()) }
    }

    /// Asks about what the entry says.
    fn ask_about(&self, environment: &EnvironmentName, question: Question, entry: Entry) -> Result<()> {
        let confirmation = || Confirmation::new(environment, question, &self.caller.asked_for(entry));
        match self.ask.as_ref().map_or(Ok(None), |ask| ask(&confirmation()))? {
            Some(true) => Ok(()),
            Some(false) => {
                Err(Error::new(Reason::Protected, format!("{environment} is protected, so nothing was done"))
                    .hint(("only y or yes continues; to answer in advance: ", Remedy::GiveReason)))
            }
            None => {
                Err(Error::new(Reason::Protected, format!("{environment} is protected, and there is nobody to ask"))
                    .hint(("give a reason for the log: ", Remedy::GiveReason)))
            }
        }
    }

    fn keep_confirmed(&self, environment: &EnvironmentName) -> Result<()> {
        let place = self.vault.names_place(environment)?;
        let now = Time::now();
        let store = self.vault.marks_store();
        store.change_names(&self.vault.roster, self.vault.is_in_git(), place, |names| names.confirmed = Some(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_valid_for_15_minutes_but_never_from_the_future() {
        let time = |text| Time::parse(text).unwrap();
        let confirmed = time("2026-01-01T12:00:00Z");
        for (now, is_held) in [
            ("2026-01-01T12:00:00Z", true),
            ("2026-01-01T12:14:59Z", true),
            ("2026-01-01T12:15:00Z", false),
            ("2026-01-01T11:59:59Z", false),
        ] {
            assert_eq!(holds(confirmed, time(now)), is_held, "{now}");
        }
    }
}

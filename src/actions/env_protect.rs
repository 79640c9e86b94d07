//! Protecting an environment: vault then asks before its values are used, and before the protection is removed.

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::roster::{Change, Protection};
use crate::vault::{KeySession, Vault};

/// Returns whether the environment already has this protection. This needs no key.
///
/// # Errors
/// A not-found error if there is no such environment.
pub fn is_already(vault: &Vault, name: &EnvironmentName, protected: Protection) -> Result<bool> {
    Ok(vault.roster().state().environment(name)?.protected == protected)
}

/// Protects the environment, or removes the protection.
///
/// # Errors
/// A denied error for anybody but an admin, and if nobody confirms the removal.
pub fn protect(session: &mut KeySession, name: &EnvironmentName, protected: Protection) -> Result<()> {
    let action = match protected {
        Protection::Yes => Action::EnvProtect,
        Protection::No => {
            session.confirm_unprotect(name)?;
            Action::EnvUnprotect
        }
    };
    let entry = Entry::new(action).environment(name);
    session.edit_with_keys(std::slice::from_ref(&entry), |edit| {
        edit.change_roster(Change::SetEnvironment { environment: name.clone(), protected })?;
        edit.log(entry.clone());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::set::{Change, Set};
    use crate::actions::testing::{Sandbox, environment, place};
    use crate::dangerous::AllowedOnce;
    use crate::error::{Error, Reason};
    use crate::item::Description;
    use crate::log::{Caller, GivenReason};
    use crate::vault::{Ask, Purpose, Session};
    use std::sync::Arc;

    /// Returns whether a value of prod is given, without anybody to ask.
    fn is_given(session: &Session) -> bool {
        let purpose = Purpose::for_action(Action::Get);
        let read = session.open(&purpose, &environment("prod")).and_then(|unread| session.read(&purpose, unread));
        assert!(read.is_ok() || read.as_ref().err().map(Error::reason) == Some(Reason::Protected));
        read.is_ok()
    }

    #[test]
    fn a_reason_holds_only_as_long_as_it_is_given() {
        let mut sandbox = Sandbox::with(&["prod/TOKEN=s3cret"]);
        protect(&mut sandbox.session, &environment("prod"), Protection::Yes).unwrap();
        assert!(!is_given(&sandbox.session));
        let because = |reason| Caller::default().reason(Some(GivenReason::new(reason).unwrap()));
        sandbox.session.begin_request(because("incident 7"));
        assert!(is_given(&sandbox.session));
        sandbox.session.begin_request(Caller::default());
        assert!(!is_given(&sandbox.session), "the reason is gone");
    }

    #[test]
    fn a_confirmation_holds_for_this_device_but_never_for_a_later_request() {
        let mut sandbox = Sandbox::with(&["prod/TOKEN=s3cret"]);
        protect(&mut sandbox.session, &environment("prod"), Protection::Yes).unwrap();
        sandbox.session.set_ask(Arc::new(|_| Ok(Some(true))));
        assert!(is_given(&sandbox.session));
        let nobody = || -> Ask { Arc::new(|_| Ok(None)) };
        let mut later = sandbox.session.reopen().unwrap();
        later.set_ask(nobody());
        assert!(is_given(&later), "confirmed on this device");
        later.begin_request(Caller::default());
        assert!(!is_given(&later), "that was for another program");
        later.set_ask(Arc::new(|_| Ok(Some(true))));
        assert!(is_given(&later));
        later.set_ask(nobody());
        assert!(is_given(&later), "it is still the same request");
        later.begin_request(Caller::default());
        assert!(!is_given(&later.reopen().unwrap()), "that was another request");
    }

    #[test]
    fn a_person_is_asked_about_all_items_that_would_be_set_and_a_refusal_names_them() {
        let mut sandbox = Sandbox::new();
        let asked = sandbox.refuse_all("prod");
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let changes = [place("prod", "A"), place("prod", "B")].map(Change::from).to_vec();
        let set = Set { changes, description: &description, allowed: &allowed, may_be_empty: false };
        assert_eq!(set.check(&sandbox.session).unwrap_err().reason(), Reason::Protected);
        assert_eq!(*asked.lock().unwrap(), ["set prod A,B vault"]);
        assert_eq!(sandbox.log().last().unwrap(), "set prod A,B");
    }

    #[test]
    fn protection_needs_no_confirmation_but_removing_it_does() {
        let mut sandbox = Sandbox::new();
        let prod = environment("prod");
        let is = |sandbox: &Sandbox, wanted| is_already(sandbox.session.vault(), &prod, wanted).unwrap();
        protect(&mut sandbox.session, &prod, Protection::Yes).unwrap();
        assert!(is(&sandbox, Protection::Yes));
        let error = protect(&mut sandbox.session, &prod, Protection::No).unwrap_err();
        assert_eq!(error.to_string(), "prod is protected, and there is nobody to ask");
        assert!(is(&sandbox, Protection::Yes), "the protection must stay");
        sandbox.session.begin_request(Caller::default().reason(Some(GivenReason::new("moved").unwrap())));
        protect(&mut sandbox.session, &prod, Protection::No).unwrap();
        assert!(is(&sandbox, Protection::No));
        let log = sandbox.log();
        let mine: Vec<_> = log.iter().filter(|line| line.starts_with("env-")).map(String::as_str).collect();
        assert_eq!(
            mine,
            ["env-protect prod ", "env-unprotect prod ", "env-unprotect prod "],
            "the refusal must be logged, too"
        );
    }
}

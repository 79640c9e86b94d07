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
    use crate::actions::testing::{Sandbox, environment};
    use crate::log::GivenReason;

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
        sandbox.session.set_reason(Some(GivenReason::new("moved").unwrap()));
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

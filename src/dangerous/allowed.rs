//! Dangerous names that the user allows.

use super::{Danger, danger, is_dangerous};
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::name::EnvironmentName;
use crate::settings;

/// The names that the user allows for one action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedOnce(Vec<String>);

impl AllowedOnce {
    /// Allows the names that options name, and those in VAULT_ALLOW_NAMES.
    #[must_use]
    pub fn by(options: &[String]) -> Self {
        Self::new(options.iter().cloned().chain(settings::allowed_names()))
    }

    /// Allows these names, and no others.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Allows the names that `other` allows, too.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Returns whether the name may be used.
    #[must_use]
    pub(crate) fn allows(&self, name: &str) -> bool {
        !is_dangerous(name) || self.is_named(name)
    }

    /// Returns whether the name was allowed, dangerous or not.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.0.iter().any(|allowed| allowed == name)
    }

    /// Refuses the first name that may not be used.
    ///
    /// # Errors
    /// As [`refusal`].
    pub fn check<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Result<()> {
        let refused = names.find_map(|name| Some((name, danger(name).filter(|_| !self.is_named(name))?)));
        refused.map_or(Ok(()), |(name, danger)| Err(refusal(name, danger, None)))
    }
}

/// Returns the error for a name that is not allowed. In an environment, the name can also be allowed permanently.
#[must_use]
pub fn refusal(name: &str, danger: Danger, environment: Option<&EnvironmentName>) -> Error {
    let hint = Hint::from(("to allow it once: ", Remedy::AllowOnce(name.to_owned())));
    let hint = match environment {
        None => hint,
        Some(environment) => hint
            .then("; always, on this device: ")
            .then(Remedy::Allow { name: name.to_owned(), environment: environment.to_string() }),
    };
    Error::new(Reason::DangerousName, format!("{name} {}", danger.does())).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dangerous_name_is_refused_unless_exactly_that_name_is_allowed() {
        let none = AllowedOnce::default();
        assert!(none.allows("TOKEN") && !none.allows("LD_PRELOAD"));
        let error = none.check(["TOKEN", "LD_PRELOAD"].into_iter()).unwrap_err();
        assert_eq!(error.reason(), Reason::DangerousName);
        assert_eq!(error.to_string(), "LD_PRELOAD can make a program load code");
        let one = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
        assert!(one.check(["TOKEN", "LD_PRELOAD"].into_iter()).is_ok());
        assert!(!one.allows("PATH"));
    }
}

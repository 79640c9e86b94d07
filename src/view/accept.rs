//! What a caller can accept, so that a refused change is made.

use crate::error::{Error, Remedy};
use serde::Serialize;

/// The environments that a refused change would leave behind. To make the change anyway, name them in the next try, in
/// addition to those that were accepted before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Accept {
    /// Environments that nobody could read or change any more: `--orphan`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub orphans: Vec<String>,
    /// Environments on which nobody could give rights any more: `--yes`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmanaged: Vec<String>,
}

impl Accept {
    /// Returns what an error's hint offers to accept, if anything.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let mut accept = Self::default();
        for remedy in error.advice()?.remedies() {
            match remedy {
                Remedy::Orphan(environments) => accept.orphans.extend(environments.iter().cloned()),
                Remedy::LeaveUnmanaged(environments) => accept.unmanaged.extend(environments.iter().cloned()),
                _ => {}
            }
        }
        (accept != Self::default()).then_some(accept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::grant::{Accepted, revoke};
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::Rights;
    use crate::actions::user_role;
    use crate::error::Reason;
    use crate::name::UserName;
    use crate::roster::Role;

    #[test]
    fn an_error_says_what_can_be_accepted_and_others_say_nothing() {
        let mut sandbox = Sandbox::new();
        let mia = UserName::new("mia").unwrap();
        let revoked = revoke(&mut sandbox.session, &mia, &[environment("dev")], Accepted::default()).unwrap_err();
        let orphans = Accept { orphans: vec!["dev".to_owned()], ..Accept::default() };
        assert_eq!((revoked.reason(), Accept::of(&revoked)), (Reason::LastHolder, Some(orphans)));
        let last = user_role::set(&mut sandbox.session, &mia, Role::Member, &[]).unwrap_err();
        assert_eq!((last.reason(), Accept::of(&last)), (Reason::LastAdmin, None));
        sandbox.add_user("ben", &Rights { write: &[environment("dev")], is_admin: true, ..Rights::default() });
        let demoted = user_role::set(&mut sandbox.session, &mia, Role::Member, &[]).unwrap_err();
        let unmanaged = Accept { unmanaged: vec!["prod".to_owned()], ..Accept::default() };
        assert_eq!((demoted.reason(), Accept::of(&demoted)), (Reason::Unmanaged, Some(unmanaged)));
    }
}

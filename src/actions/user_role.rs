//! Making a user an admin or a member, and which environments nobody could manage afterwards.

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Role};
use crate::vault::{KeySession, Session};

/// Returns the environments on which nobody could give rights if this admin became a member. The list is empty if the
/// change is refused anyway.
#[must_use]
pub fn left_unmanaged(session: &Session, name: &UserName) -> Vec<EnvironmentName> {
    let state = session.vault().roster().state();
    let may = state.check_admin(session.user()).is_ok() && state.admins().any(|admin| admin != name);
    if may { state.managed_only_by(name).into_iter().cloned().collect() } else { Vec::new() }
}

/// Gives the user this role. Returns whether they had a different one.
///
/// # Errors
/// Why the change is not allowed.
pub fn set(session: &mut KeySession, name: &UserName, role: Role) -> Result<bool> {
    let attempt = Entry::new(Action::UserRole).note(format!("{name}: {role}"));
    session.edit_with_keys(std::slice::from_ref(&attempt), |edit| {
        edit.roster().state().check_admin(edit.user())?;
        if edit.roster().state().user(name)?.role == role {
            return Ok(false);
        }
        edit.change_roster(Change::SetRole { user: name.clone(), role })?;
        edit.log(attempt.clone());
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use crate::actions::user_add::{self, Rights};

    #[test]
    fn setting_a_role_twice_changes_nothing_and_the_last_admin_stays() {
        let mut sandbox = Sandbox::new();
        let (ben, mia) = (UserName::new("ben").unwrap(), UserName::new("mia").unwrap());
        assert!(set(&mut sandbox.session, &mia, Role::Member).is_err(), "the last admin");
        assert_eq!(left_unmanaged(&sandbox.session, &mia), [], "a refused change must not ask");
        let user = user_add::new_user(ben.clone(), None, &Rights::default());
        user_add::add(&mut sandbox.session, vec![user], |_, _| Ok(())).unwrap();
        assert!(set(&mut sandbox.session, &ben, Role::Admin).unwrap());
        assert!(!set(&mut sandbox.session, &ben, Role::Admin).unwrap());
        let unmanaged: Vec<_> = left_unmanaged(&sandbox.session, &mia).iter().map(ToString::to_string).collect();
        assert_eq!(unmanaged, ["dev", "prod"], "ben writes neither");
    }
}

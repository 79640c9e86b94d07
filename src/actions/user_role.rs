//! Making a user an admin or a member. If nobody could give rights on an environment afterwards, the caller has to accept
//! that.

use super::left_behind::{LeftBehind, Taken, unmanaged};
use crate::error::{Error, Reason, Remedy, Result};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Role, State};
use crate::vault::{KeySession, Session};

/// What setting a role did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSet {
    /// Whether the user had a different role.
    pub changed: bool,
    /// What is left behind if the user is no longer an admin.
    pub left: LeftBehind,
}

/// Returns the environments on which nobody could give rights if this admin became a member: what [`set`] refuses unless
/// it is accepted. The list is empty if the change is refused anyway.
#[must_use]
pub fn left_unmanaged(session: &Session, name: &UserName) -> Vec<EnvironmentName> {
    let before = session.vault().roster().state();
    if before.check_admin(session.user()).is_err() || !before.admins().any(|admin| admin != name) {
        return Vec::new();
    }
    let mut after = before.clone();
    if let Some(user) = after.users.get_mut(name) {
        user.role = Role::Member;
    }
    unmanaged(before, &after).into_iter().map(|left| left.environment).collect()
}

/// Gives the user this role. `accepted` are the environments on which nobody may be able to give rights afterwards.
///
/// # Errors
/// Why the change is not allowed; with [`Reason::Unmanaged`] if nobody could give rights on an environment that was not
/// accepted.
pub fn set(session: &mut KeySession, name: &UserName, role: Role, accepted: &[EnvironmentName]) -> Result<RoleSet> {
    let attempt = Entry::new(Action::UserRole).note(format!("{name}: {role}"));
    session.edit_with_keys(std::slice::from_ref(&attempt), |edit| {
        let before = edit.roster().state().clone();
        before.check_admin(edit.user())?;
        if before.user(name)?.role == role {
            return Ok(RoleSet::default());
        }
        edit.change_roster(Change::SetRole { user: name.clone(), role })?;
        let left = match role {
            Role::Admin => LeftBehind::default(),
            Role::Member => LeftBehind::new(&before, edit.roster().state(), name, &Taken::Role),
        };
        check_accepted(&before, name, &left, accepted)?;
        edit.log(attempt.clone());
        Ok(RoleSet { changed: true, left })
    })
}

fn check_accepted(before: &State, name: &UserName, left: &LeftBehind, accepted: &[EnvironmentName]) -> Result<()> {
    for environment in accepted {
        before.environment(environment)?;
    }
    let mut refused = Vec::new();
    for left in &left.unmanaged {
        if !accepted.contains(&left.environment) {
            refused.push(left.environment.to_string());
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let them = if refused.len() == 1 { "it" } else { "them" };
    let which = refused.join(", ");
    let rights = refused.iter().map(|environment| format!("{environment}:write")).collect::<Vec<_>>().join(" ");
    let error = format!("{name} is the last admin who writes {which}: nobody could give rights on {them} any more");
    Err(Error::new(Reason::Unmanaged, error).hint((
        format!("{name} can let another admin write first: "),
        Remedy::Grant { user: "ADMIN".to_owned(), rights },
        "; to continue anyway: ",
        Remedy::LeaveUnmanaged(refused),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::Rights;

    fn with_ben() -> (Sandbox, UserName, UserName) {
        let mut sandbox = Sandbox::new();
        sandbox.add_user("ben", &Rights::default());
        (sandbox, UserName::new("ben").unwrap(), UserName::new("mia").unwrap())
    }

    #[test]
    fn setting_a_role_twice_changes_nothing_and_the_last_admin_stays() {
        let (mut sandbox, ben, mia) = with_ben();
        let refused = set(&mut sandbox.session, &mia, Role::Member, &[]).unwrap_err();
        assert_eq!(refused.reason(), Reason::LastAdmin);
        assert_eq!(left_unmanaged(&sandbox.session, &mia), [], "a refused change must not ask");
        assert!(set(&mut sandbox.session, &ben, Role::Admin, &[]).unwrap().changed);
        assert_eq!(set(&mut sandbox.session, &ben, Role::Admin, &[]).unwrap(), RoleSet::default());
    }

    #[test]
    fn an_environment_loses_its_last_giver_only_if_that_was_accepted() {
        let (mut sandbox, ben, mia) = with_ben();
        set(&mut sandbox.session, &ben, Role::Admin, &[]).unwrap();
        let (dev, prod) = (environment("dev"), environment("prod"));
        assert_eq!(left_unmanaged(&sandbox.session, &mia), [dev.clone(), prod.clone()], "ben writes neither");
        let mut demote = |accepted: &[EnvironmentName]| set(&mut sandbox.session, &mia, Role::Member, accepted);
        let refused = demote(&[]).unwrap_err();
        let text = "mia is the last admin who writes dev, prod: nobody could give rights on them any more";
        assert_eq!((refused.reason(), refused.to_string().as_str()), (Reason::Unmanaged, text));
        let refused = demote(std::slice::from_ref(&dev)).unwrap_err().to_string();
        assert_eq!(refused, "mia is the last admin who writes prod: nobody could give rights on it any more");
        assert_eq!(demote(&[dev.clone(), environment("none")]).unwrap_err().reason(), Reason::NoEnvironment);
        let all = [dev, prod];
        let left: Vec<_> = demote(&all).unwrap().left.unmanaged.into_iter().map(|left| left.environment).collect();
        assert_eq!(left, all);
    }
}

//! Adding an environment: who may add one, and who may read and write it.

use crate::error::{Remedy, Result};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Right, Roster};
use crate::vault::{KeyEdit, KeySession};

/// Adds an empty environment and returns its readers. All admins can write it, unless it is private to its author.
///
/// # Errors
/// If the name is taken, or the user may not add it.
pub fn add(session: &mut KeySession, name: &EnvironmentName, is_private: bool) -> Result<Vec<UserName>> {
    let attempt = Entry::new(Action::EnvAdd).environment(name);
    session.edit_with_keys(std::slice::from_ref(&attempt), |edit| add_to(edit, name, is_private))
}

/// Adds an environment as part of a larger change.
pub(super) fn add_to(edit: &mut KeyEdit<'_, '_>, name: &EnvironmentName, is_private: bool) -> Result<Vec<UserName>> {
    if !is_private {
        edit.roster().state().check_admin(edit.user()).map_err(|error| {
            error.hint(("for an environment that only you read: ", Remedy::AddPrivate(name.to_string())))
        })?;
    }
    let grants = grants(edit.user(), is_private, edit.roster());
    let readers = grants.iter().map(|(user, _)| user.clone()).collect();
    edit.add_environment(name, grants)?;
    edit.log(Entry::new(Action::EnvAdd).environment(name));
    Ok(readers)
}

fn grants(user: &UserName, is_private: bool, roster: &Roster) -> Vec<(UserName, Right)> {
    if is_private {
        return vec![(user.clone(), Right::Write)];
    }
    roster.state().admins().map(|admin| (admin.clone(), Right::Write)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn a_new_environment_is_empty_and_admins_can_write_it() {
        let mut sandbox = Sandbox::new();
        let readers = add(&mut sandbox.session, &environment("stage"), false).unwrap();
        assert_eq!(readers.iter().map(UserName::as_str).collect::<Vec<_>>(), ["mia"]);
        assert_eq!(sandbox.names("stage"), [""; 0]);
        assert_eq!(sandbox.log().iter().filter(|line| *line == "env-add stage ").count(), 1, "{:?}", sandbox.log());
        assert!(add(&mut sandbox.session, &environment("stage"), true).is_err());
    }
}

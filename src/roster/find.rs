//! Finds users and environments by their names, roles and rights.

use super::{Environment, Right, Role, State, User};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};

/// Which users are wanted. What is not said does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserSearch<'a> {
    /// A part of the name, in any case.
    pub part: Option<&'a str>,
    /// The role.
    pub role: Option<Role>,
    /// The right on one of the environments; to read, if environments are named and no right is.
    pub right: Option<Right>,
    /// The environments on which the right counts. If none is named, it counts on any environment.
    pub environments: &'a [EnvironmentName],
}

/// Which environments are wanted. What is not said does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnvironmentSearch<'a> {
    /// A part of the name, in any case.
    pub part: Option<&'a str>,
    /// A user who may read the environment.
    pub reader: Option<&'a UserName>,
    /// A user who may write the environment.
    pub writer: Option<&'a UserName>,
}

impl State {
    /// Returns the users that match everything in the search, by name.
    ///
    /// # Errors
    /// A not-found error if an environment that is named does not exist.
    pub fn find_users(&self, search: &UserSearch<'_>) -> Result<Vec<&UserName>> {
        let named = search.environments.iter().map(|name| self.environment(name)).collect::<Result<Vec<_>>>()?;
        let has = |environment: &Environment, name: &UserName| {
            environment.grants.get(name) >= Some(&search.right.unwrap_or(Right::Read))
        };
        let has_right = |name: &UserName| match (&named[..], search.right) {
            ([], None) => true,
            ([], Some(_)) => self.environments.values().any(|environment| has(environment, name)),
            (named, _) => named.iter().any(|environment| has(environment, name)),
        };
        let fits = |(name, user): &(&UserName, &User)| {
            contains(name.as_str(), search.part) && search.role.is_none_or(|role| user.role == role) && has_right(name)
        };
        Ok(self.users.iter().filter(fits).map(|(name, _)| name).collect())
    }

    /// Returns the environments that match everything in the search, by name.
    ///
    /// # Errors
    /// A not-found error if a user who is named does not exist.
    pub fn find_environments(&self, search: &EnvironmentSearch<'_>) -> Result<Vec<&EnvironmentName>> {
        let EnvironmentSearch { part, reader, writer } = *search;
        for user in [reader, writer].into_iter().flatten() {
            self.user(user)?;
        }
        let fits = |(name, environment): &(&EnvironmentName, &Environment)| {
            contains(name.as_str(), part)
                && reader.is_none_or(|user| environment.reads(user))
                && writer.is_none_or(|user| environment.writes(user))
        };
        Ok(self.environments.iter().filter(fits).map(|(name, _)| name).collect())
    }
}

/// Whether a name has this part. Names have no capital letters.
fn contains(name: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| name.contains(&part.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::Rights;
    use crate::error::Reason;

    /// mia is an admin and writes dev and prod. ben reads dev, and zoe writes it.
    fn sandbox() -> Sandbox {
        let mut sandbox = Sandbox::new();
        sandbox.add_user("ben", &Rights { read: &[environment("dev")], ..Rights::default() });
        sandbox.add_user("zoe", &Rights { write: &[environment("dev")], ..Rights::default() });
        sandbox
    }

    #[test]
    fn users_are_found_by_name_role_and_right() {
        let sandbox = sandbox();
        let state = sandbox.session.vault().roster().state();
        let found = |search: UserSearch<'_>| {
            let users = state.find_users(&search).unwrap();
            users.into_iter().map(UserName::as_str).collect::<Vec<_>>().join(" ")
        };
        let all = UserSearch::default();
        let (dev, prod) = ([environment("dev")], [environment("prod")]);
        for (search, expected) in [
            (all, "ben mia zoe"),
            (UserSearch { part: Some("I"), ..all }, "mia"),
            (UserSearch { role: Some(Role::Member), ..all }, "ben zoe"),
            (UserSearch { right: Some(Right::Write), ..all }, "mia zoe"),
            // With environments and no right, it is to read, and whoever writes an environment reads it.
            (UserSearch { environments: &dev, ..all }, "ben mia zoe"),
            (UserSearch { environments: &prod, ..all }, "mia"),
            (UserSearch { environments: &dev, right: Some(Right::Write), role: Some(Role::Member), ..all }, "zoe"),
        ] {
            assert_eq!(found(search), expected, "{search:?}");
        }
        let missing = [environment("stage")];
        let error = state.find_users(&UserSearch { environments: &missing, ..all }).unwrap_err();
        assert_eq!(error.reason(), Reason::NoEnvironment);
    }

    #[test]
    fn environments_are_found_by_name_and_by_user() {
        let sandbox = sandbox();
        let state = sandbox.session.vault().roster().state();
        let found = |search: EnvironmentSearch<'_>| {
            let environments = state.find_environments(&search).unwrap();
            environments.into_iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(" ")
        };
        let [ben, mia, zoe] = ["ben", "mia", "zoe"].map(|name| UserName::new(name).unwrap());
        let all = EnvironmentSearch::default();
        for (search, expected) in [
            (all, "dev prod"),
            (EnvironmentSearch { part: Some("RO"), ..all }, "prod"),
            (EnvironmentSearch { reader: Some(&mia), ..all }, "dev prod"),
            (EnvironmentSearch { reader: Some(&zoe), ..all }, "dev"),
            (EnvironmentSearch { writer: Some(&ben), ..all }, ""),
            (EnvironmentSearch { reader: Some(&ben), writer: Some(&zoe), ..all }, "dev"),
        ] {
            assert_eq!(found(search), expected, "{search:?}");
        }
        let nobody = UserName::new("nobody").unwrap();
        let error = state.find_environments(&EnvironmentSearch { writer: Some(&nobody), ..all }).unwrap_err();
        assert_eq!(error.reason(), Reason::NoUser);
    }
}

//! What a change leaves behind after it took a right from a user: keys that the user may still have, and environments on
//! which nobody can give rights any more.

use crate::name::{EnvironmentName, UserName};
use crate::roster::State;
use crate::view;

/// What is left behind after a user lost a right or a role, or was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// The users whose keys the user may still have, and who keep what the user lost. With these keys, the user can act
    /// as them.
    pub known_keys: Vec<UserName>,
    /// The environments that an admin could write before, and that no admin can write now.
    pub unmanaged: Vec<Unmanaged>,
}

/// An environment on which nobody can give rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmanaged {
    /// The environment.
    pub environment: EnvironmentName,
    /// A user who writes it. If this user becomes an admin, they can give rights on it.
    pub writer: UserName,
}

/// What a user lost.
pub(super) enum Taken<'t> {
    /// A right on each of these environments.
    Rights(&'t [EnvironmentName]),
    /// The role of an admin, or everything.
    Role,
}

impl LeftBehind {
    /// Compares the state before this was taken from the user with the state afterwards.
    pub(super) fn new(before: &State, after: &State, user: &UserName, taken: &Taken<'_>) -> Self {
        let keeps = |other: &UserName| match taken {
            Taken::Rights(environments) => environments.iter().any(|name| {
                let environment = before.environments.get(name);
                environment.is_some_and(|environment| environment.reads(other))
            }),
            Taken::Role => true,
        };
        let mut known_keys = before.issued_by(user);
        known_keys.retain(|other| after.users.contains_key(other) && keeps(other));
        Self { known_keys, unmanaged: unmanaged(before, after) }
    }
}

impl From<&LeftBehind> for view::LeftBehind {
    fn from(left: &LeftBehind) -> Self {
        let unmanaged = |Unmanaged { environment, writer }: &Unmanaged| view::Unmanaged {
            environment: environment.to_string(),
            writer: writer.to_string(),
        };
        Self {
            known_keys: left.known_keys.iter().map(ToString::to_string).collect(),
            unmanaged: left.unmanaged.iter().map(unmanaged).collect(),
        }
    }
}

/// Returns the environments that an admin could write before and none can write afterwards. One that nobody writes is
/// not among them, because no role would help.
pub(super) fn unmanaged(before: &State, after: &State) -> Vec<Unmanaged> {
    let is_managed = |state: &State, name: &EnvironmentName| {
        state.environments.get(name).is_some_and(|environment| state.givers(environment).next().is_some())
    };
    let mut found = Vec::new();
    for (name, environment) in &after.environments {
        let Some(writer) = environment.grants.keys().find(|user| environment.writes(user)) else { continue };
        if is_managed(before, name) && !is_managed(after, name) {
            found.push(Unmanaged { environment: name.clone(), writer: writer.clone() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::grant::{Accepted, Granted, Revoked, grant, revoke};
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::{self, Rights};
    use crate::actions::user_rm::Removal;
    use crate::actions::user_role::{self, set};
    use crate::roster::{Right, Role};
    use crate::vault::Agreed;

    fn ben() -> UserName {
        UserName::new("ben").unwrap()
    }

    fn mia() -> UserName {
        UserName::new("mia").unwrap()
    }

    fn of_ben(name: &str) -> Unmanaged {
        Unmanaged { environment: environment(name), writer: ben() }
    }

    /// A vault of mia, in which ben is a member who writes dev, with a key that mia made.
    fn with_ben() -> Sandbox {
        let mut sandbox = Sandbox::new();
        sandbox.add_user("ben", &Rights { write: &[environment("dev")], ..Rights::default() });
        sandbox
    }

    #[test]
    fn a_lowered_right_leaves_keys_of_readers_and_environments_that_no_admin_writes() {
        let mut sandbox = with_ben();
        let mut read = |name: &str| {
            let wanted = [(environment(name), Right::Read)].into();
            grant(
                &mut sandbox.session,
                &mia(),
                &wanted,
                Accepted { orphans: vec![environment("prod")], ..Accepted::default() },
            )
            .unwrap()
        };
        let left = LeftBehind { known_keys: vec![ben()], unmanaged: vec![of_ben("dev")] };
        assert_eq!(read("dev"), Granted { changed: true, left });
        assert_eq!(read("dev"), Granted { changed: false, left: LeftBehind::default() });
        // Ben does not read prod, and nobody writes it any more.
        assert_eq!(read("prod"), Granted { changed: true, left: LeftBehind::default() });
    }

    #[test]
    fn a_revoked_right_leaves_the_same_and_what_the_user_could_read() {
        let mut sandbox = with_ben();
        let Revoked { lost, left } =
            revoke(&mut sandbox.session, &mia(), &[environment("dev")], Accepted::default()).unwrap();
        assert_eq!(lost.len(), 1);
        assert_eq!(left, LeftBehind { known_keys: vec![ben()], unmanaged: vec![of_ben("dev")] });
    }

    #[test]
    fn a_removed_admin_leaves_the_users_who_are_kept() {
        let mut sandbox = with_ben();
        let dev = [environment("dev")];
        let mut zoe = sandbox.add_user("zoe", &Rights { write: &dev, is_admin: true, ..Rights::default() });
        let eve = UserName::new("eve").unwrap();
        let user = user_add::new_user(eve.clone(), None, &Rights::default());
        user_add::add(&mut zoe, vec![user], |_, _| Ok(())).unwrap();
        revoke(&mut sandbox.session, &mia(), &dev, Accepted::default()).unwrap();
        let removal = Removal::of(&sandbox.session, zoe.user(), true, Accepted::default()).unwrap();
        let removal = Agreed::to(removal).save(&mut sandbox.session).unwrap();
        assert_eq!(removal.left, LeftBehind { known_keys: vec![eve], unmanaged: vec![of_ben("dev")] });
    }

    #[test]
    fn a_demotion_leaves_the_keys_that_the_user_made() {
        let mut sandbox = with_ben();
        set(&mut sandbox.session, &ben(), Role::Admin, &[]).unwrap();
        let all = user_role::left_unmanaged(&sandbox.session, &mia());
        assert_eq!(all, [environment("prod")]);
        let set = set(&mut sandbox.session, &mia(), Role::Member, &all).unwrap();
        let unmanaged = vec![Unmanaged { environment: environment("prod"), writer: mia() }];
        assert_eq!(set.left, LeftBehind { known_keys: vec![ben()], unmanaged });
    }
}

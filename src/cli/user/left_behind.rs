//! What is told after a right was taken: what it did not end, and what nobody can give any more.

use super::remove::join;
use crate::cli::context::Context;
use vault::name::{EnvironmentName, UserName};
use vault::roster::State;

/// Warns that `name` may still act as users whose keys they know, of those that `concerns` picks.
pub fn warn_of_known_keys(state: &State, name: &UserName, concerns: impl Fn(&UserName) -> bool, context: &Context) {
    let known: Vec<UserName> = state.issued_by(name).into_iter().filter(concerns).collect();
    let Some(first) = known.first() else { return };
    context.ui.warn(&format!("{name} may still have the keys of {} and act as them", join(&known)));
    context.ui.hint(&format!(
        "who of them replaces the keys ends that (vault join, vault passwd); else: vault user rm {first}, and add it again"
    ));
}

/// Warns of environments that an admin wrote before and none writes now.
pub fn warn_of_no_admin(before: &State, after: &State, context: &Context) {
    let managed = |state: &State, name: &EnvironmentName| {
        state.environments.get(name).is_some_and(|of| state.admins().any(|admin| of.writes(admin)))
    };
    for (name, of) in &after.environments {
        let Some(writer) = of.grants.keys().find(|user| of.writes(user)) else { continue };
        if managed(before, name) && !managed(after, name) {
            context.ui.warn(&format!("no admin writes {name} any more: nobody can give rights on it"));
            context.ui.hint(&format!("a writer who becomes an admin can: vault user role {writer} admin"));
        }
    }
}

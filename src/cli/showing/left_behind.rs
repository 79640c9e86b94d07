//! Shows what is left to do after a right was revoked: values to replace, keys that somebody may still have, and
//! environments on which nobody can give rights any more.

use super::ui::Ui;
use vault::Result;
use vault::actions::left_behind::{LeftBehind, Unmanaged};
use vault::name::UserName;
use vault::vault::Lost;
use vault::view;
use vault::words::plural;

/// Prints which values have to be replaced, and which environments others have to save. The object of `--json` also says
/// what else is left behind.
pub fn show_lost(users: &[UserName], lost: &[Lost], left: &LeftBehind, ui: Ui) -> Result<()> {
    let who = join(users);
    let object = view::Lost::new(users, lost, left.into());
    if ui.json {
        return ui.json(&object);
    }
    let marked = object.rotate;
    if !marked.is_empty() {
        let values = plural(marked.len(), "value");
        ui.done(&format!("Re-encrypted without {who}. They still know what they read: replace {values}:"));
        marked.iter().try_for_each(|name| ui.line(name))?;
        ui.hint(&format!(
            "once a value is replaced at its source: vault set NAME; to see what is left: vault list --due; to see what {} read: \
             vault exposure {}",
            users[0], users[0]
        ));
    }
    for lost in lost.iter().filter(|lost| lost.marked.is_none()) {
        let environment = &lost.environment;
        if lost.writers.is_empty() {
            ui.warn(&format!("nobody writes {environment} any more; to remove it: vault env rm {environment}"));
        } else {
            ui.warn(&format!(
                "{environment}: you don't write it, so it is pending until the next save by {}; that also marks its values",
                join(&lost.writers)
            ));
        }
    }
    Ok(())
}

/// Warns about users as whom `name` can still act, and about environments on which nobody can give rights any more.
pub fn warn_of_left(left: &LeftBehind, name: &UserName, ui: Ui) {
    let known = &left.known_keys;
    if let Some(first) = known.first() {
        ui.warn(&format!("{name} may still have the keys of {} and act as them", join(known)));
        ui.hint(&format!(
            "any of them can end this with vault passwd (or vault join); or an admin removes {first} and adds the user again: vault user rm {first}"
        ));
    }
    if left.unmanaged.is_empty() {
        return;
    }
    let (mut environments, mut steps) = (Vec::new(), Vec::new());
    for Unmanaged { environment, writer } in &left.unmanaged {
        environments.push(environment.as_str());
        let step = format!("vault user role {writer} admin");
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    let them = if environments.len() == 1 { "it" } else { "them" };
    ui.warn(&format!("no admin writes {} any more: nobody can give rights on {them}", environments.join(", ")));
    ui.hint(&format!("an admin can make a writer an admin: {}", steps.join("; ")));
}

/// Joins names: `ben, zoe`.
pub fn join(users: &[UserName]) -> String {
    users.iter().map(UserName::as_str).collect::<Vec<_>>().join(", ")
}

//! `vault user list`.

use crate::cli::context::Context;
use crate::cli::object::User;
use crate::cli::words::ago;
use std::process::ExitCode;
use vault::Result;
use vault::name::UserName;
use vault::time::Time;

pub fn run(context: &Context) -> Result<ExitCode> {
    let vault = context.vault_with_whole_roster()?;
    let state = vault.roster().state();
    let environments = context.named_environments();
    let chosen = environments.iter().map(|name| state.environment(name)).collect::<Result<Vec<_>>>()?;
    let reads = |user: &UserName| chosen.is_empty() || chosen.iter().any(|environment| environment.reads(user));
    let names = state.users.keys().filter(|user| reads(user));
    let users: Vec<User> = names.map(|name| User::new(&vault, name)).collect::<Result<_>>()?;
    if context.ui.json {
        context.ui.json(&users)?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = Time::now();
    let row = |user: &User| {
        let since = Time::parse(&user.created_at).map_or(String::new(), |time| ago(time, now));
        let note = match &user.issued_by {
            Some(_) if user.slots.is_empty() => "has not joined yet".to_owned(),
            Some(by) => format!("key printed by {by}"),
            None => String::new(),
        };
        vec![
            user.username.clone(),
            user.role.to_owned(),
            user.rights(),
            unlocks_with(&user.slots),
            since,
            user.added_by.clone(),
            user.email.clone().unwrap_or_default(),
            note,
        ]
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    context.ui.table(&["NAME", "ROLE", "RIGHTS", "UNLOCKS WITH", "ADDED", "BY", "EMAIL", "NOTE"], &rows)?;
    Ok(ExitCode::SUCCESS)
}

/// `passphrase, 2 keys`
fn unlocks_with(slots: &[&str]) -> String {
    let keys = slots.iter().filter(|kind| **kind == "key").count();
    let passphrase = slots.contains(&"passphrase").then(|| "passphrase".to_owned());
    let keys = match keys {
        0 => None,
        1 => Some("key".to_owned()),
        several => Some(format!("{several} keys")),
    };
    let parts: Vec<String> = [passphrase, keys].into_iter().flatten().collect();
    if parts.is_empty() { "nothing yet".to_owned() } else { parts.join(", ") }
}

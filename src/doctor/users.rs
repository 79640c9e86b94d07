//! Reports users without use: those who have not joined, have no rights or left no trace, and requests that wait on
//! this device.

use super::{Finding, several};
use crate::error::{Remedy, Result};
use crate::log::{Action, Logs, users_here};
use crate::name::UserName;
use crate::ordered::Ordered as _;
use crate::roster::{Role, State};
use crate::time::Time;
use crate::vault::{Requested, Session, Vault};
use std::collections::BTreeSet;

/// The number of days without a trace after which a user is reported.
const DAYS_WITHOUT_TRACE: i64 = 30;

/// Checks the users. Their traces are checked only with a session, which can read the anchors of their logs.
#[must_use]
pub fn users(vault: &Vault, session: Option<&Session>, now: Time) -> Vec<Finding> {
    let mut findings = requests(vault);
    let state = vault.roster().state();
    let joined: BTreeSet<&UserName> = vault.file().slots.iter().map(|slot| &slot.user).ordered();
    for (name, user) in &state.users {
        if !joined.contains(name) {
            let what = format!("added on {} and has not joined yet", user.added.utc().format("%F"));
            findings
                .push(Finding::note("not-joined", name.as_str(), what).command(Remedy::RemoveUser(name.to_string())));
        } else if user.role == Role::Member && reads_nothing(state, name) {
            let what = "a member without access to any environment";
            findings.push(
                Finding::note("no-rights", name.as_str(), what)
                    .command(Remedy::Grant { user: name.to_string(), rights: "ENV".to_owned() }),
            );
        }
    }
    let Some(session) = session else { return findings };
    match traces(session) {
        Ok(traces) => findings.extend(unused(state, &joined, &traces, now)),
        Err(error) => findings.push(Finding::of_error("unused", "users", &error)),
    }
    findings
}

fn reads_nothing(state: &State, user: &UserName) -> bool {
    !state.environments.values().any(|environment| environment.reads(user))
}

/// Reports users who asked to join on this device.
fn requests(vault: &Vault) -> Vec<Finding> {
    let mut findings = Vec::new();
    for user in vault.requests() {
        let finding = match vault.requested(&user) {
            Ok(Requested::Waiting) => {
                let finding =
                    Finding::note("request", user.as_str(), "asked to join here, but no admin has added them yet");
                finding.command(Remedy::RequestKeys)
            }
            Ok(Requested::Added(_)) => {
                let finding = Finding::fix("request", user.as_str(), "was added but has not chosen a passphrase yet");
                finding.command(Remedy::Join(Some(user.to_string())))
            }
            Ok(Requested::No) => continue,
            Err(error) => Finding::of_error("request", user.as_str(), &error),
        };
        findings.push(finding);
    }
    findings
}

/// Returns the users who changed something, or who have a log on this device or an anchor in the vault.
fn traces(session: &Session) -> Result<BTreeSet<UserName>> {
    let vault = session.vault();
    let mut seen: BTreeSet<UserName> = users_here(&vault.state_directory())?.into_iter().ordered();
    let drafts = vault.roster().statements().iter().map(|statement| &statement.draft);
    seen.extend(drafts.map(|draft| draft.author.clone()));
    let saves = vault.environments().filter_map(|name| vault.signed_save(name).ok());
    seen.extend(saves.map(|save| save.statement.author.clone()));
    let devices = session.devices_beside(&Logs::default(), Action::Doctor)?;
    seen.extend(devices.into_iter().map(|(_, last)| last.anchor.user));
    Ok(seen)
}

/// Reports all unused users in one line. A machine that only reads has its log elsewhere, so this is no more than a
/// question.
pub(super) fn unused(
    state: &State,
    joined: &BTreeSet<&UserName>,
    traces: &BTreeSet<UserName>,
    now: Time,
) -> Option<Finding> {
    let is_old = |added: Time| (now.utc() - added.utc()).num_days() >= DAYS_WITHOUT_TRACE;
    let is_unused = |(name, user): &(&UserName, &crate::roster::User)| {
        joined.contains(*name) && is_old(user.added) && !traces.contains(*name)
    };
    let unused: Vec<&UserName> = state.users.iter().filter(is_unused).map(|(name, _)| name).collect();
    let first = unused.first()?;
    let remove = Remedy::RemoveUser(first.to_string());
    let what = format!("no sign of use here in {DAYS_WITHOUT_TRACE} days: {}", several(&unused));
    Some(Finding::note("unused", "users", what).command(remove))
}

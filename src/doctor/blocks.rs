//! Checks the file itself: its signatures, environments that need to be saved again, slots that open nothing, and the
//! room left in the roster.

use super::modes::name_of;
use super::{Finding, several};
use crate::error::Remedy;
use crate::log::Action;
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{LAST_BY_MEMBERS, MAX_CHANGES, NEARLY_FULL};
use crate::vault::{LastSave, Purpose, Session, Standing, Unread, Vault};
use crate::words::plural;
use std::collections::{BTreeMap, BTreeSet};

const CHECK: &str = "vault";

/// Reports what can be checked without a key.
#[must_use]
pub fn blocks(vault: &Vault) -> Vec<Finding> {
    let name = name_of(vault.path());
    let saves = match vault.check_roster().and_then(|()| vault.verify_signatures()).and_then(|()| vault.last_saves()) {
        Ok(saves) => saves,
        Err(error) => return vec![Finding::of_error(CHECK, name, &error)],
    };
    let state = vault.roster().state();
    let (users, environments) = (plural(state.users.len(), "user"), plural(state.environments.len(), "environment"));
    let mut findings = vec![Finding::ok(CHECK, &name, format!("{users}, {environments}, all signatures valid"))];
    findings.extend(environments_of(vault, &saves));
    findings.extend(slots(vault, &name));
    findings.extend(roster(vault.roster().head().version, &name));
    findings
}

fn environments_of(vault: &Vault, saves: &BTreeMap<EnvironmentName, LastSave<'_>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, environment) in &vault.roster().state().environments {
        let has_writer = environment.has_writer();
        let remedy = match has_writer {
            true => Remedy::Set(format!("{name}/NAME")),
            false => Remedy::RemoveEnvironment(name.to_string()),
        };
        if saves.get(name).is_some_and(|save| save.standing == Standing::Pending) {
            let what = match has_writer {
                true => "its last author has lost the right to write it; the next save by a writer renews it",
                false => "its last author has lost the right to write it, and nobody writes it any more",
            };
            findings.push(Finding::fix("pending", name.as_str(), what).command(remedy.clone()));
        }
        let old = vault.old_keys_of(name);
        if !old.is_empty() {
            let until = if has_writer { "until a writer saves it" } else { "and nobody writes it any more" };
            let what = format!("encrypted to old keys of {} {until}", several(old));
            findings.push(Finding::fix("old-keys", name.as_str(), what).command(remedy.clone()));
        }
        if vault.roster().state().givers(environment).next().is_none() {
            let what = "no admin writes it, so nobody can give rights on it";
            findings.push(Finding::note("unmanaged", name.as_str(), what));
        }
    }
    findings
}

fn slots(vault: &Vault, name: &str) -> Vec<Finding> {
    let users = &vault.roster().state().users;
    let strangers: BTreeSet<&UserName> =
        vault.file().slots.iter().map(|slot| &slot.user).filter(|user| !users.contains_key(*user)).ordered();
    let mut findings = Vec::new();
    if !strangers.is_empty() {
        let what =
            format!("slots of {}, who is not a user, open nothing; the next save removes them", several(strangers));
        findings.push(Finding::note("slots", name, what));
    }
    for user in vault.renewals() {
        let what = "an old and a new key work: remove the old one when nothing uses it any more";
        findings.push(Finding::note("renewal", user.as_str(), what).command(Remedy::FinishRenewal(user.to_string())));
    }
    findings
}

/// Warns before the roster is full. A roster never gets shorter, so a new vault is needed in time.
pub(super) fn roster(changes: u32, name: &str) -> Option<Finding> {
    let what = format!("its roster has {changes} of at most {MAX_CHANGES} changes; a new vault has room again");
    let finding = match changes {
        ..NEARLY_FULL => return None,
        NEARLY_FULL..LAST_BY_MEMBERS => Finding::note("roster", name, what),
        LAST_BY_MEMBERS.. => Finding::fix("roster", name, what),
    };
    Some(finding.command(Remedy::Create))
}

/// Opens those of these environments that the user can read, and reports those that the user has a right to but can't
/// read.
#[must_use]
pub fn opened(session: &Session, names: &[EnvironmentName]) -> (Vec<Unread>, Vec<Finding>) {
    let purpose = Purpose::for_action(Action::Doctor);
    let (mut opened, mut findings) = (Vec::new(), Vec::new());
    for name in names {
        match session.open(&purpose, name) {
            Ok(unread) => opened.push(unread),
            Err(error) => findings.push(Finding::of_error("unreadable", name.as_str(), &error)),
        }
    }
    (opened, findings)
}

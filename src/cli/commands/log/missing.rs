//! Says what an audit of several logs can't see: which logs are missing, and which entries are missing in the others.

use crate::cli::unlocking::context::Context;
use vault::Result;
use vault::log::{DeviceLog, Logs, Query};
use vault::vault::Session;
use vault::words::{plural, several};

/// Says which entries are missing in these logs.
pub fn tell_gaps(logs: &Logs, context: &Context) {
    logs.iter().for_each(|log| tell_gaps_of(log, context));
}

/// Warns if another branch or file has a newer roster. Users who were added there are not listed as missing.
fn tell_newer(session: &Session, context: &Context) {
    let vault = session.vault();
    for other in vault.elsewhere() {
        if other.environment.is_some() || other.is_gone {
            continue;
        }
        let (holder, newer, own) = (other.holder, other.version, vault.roster().head().version);
        context.ui.warn(&format!(
            "{holder} has a newer roster (change {newer}) than this file (change {own}): users added since are not named here"
        ));
        context.ui.hint(&format!("for a complete answer, ask again with the file of {holder}"));
    }
}

/// Says whose logs are missing for this query.
pub fn tell_unheard(logs: &Logs, query: &Query, session: &Session, context: &Context) -> Result<()> {
    let environment = query.subject.as_ref().and_then(|subject| subject.environment.as_ref());
    let environment = environment.or(match &query.environments[..] {
        [only] => Some(only),
        _ => None,
    });
    let unheard = session.unheard(logs, environment, (query.since, query.until))?;
    if !unheard.users.is_empty() {
        let names: Vec<_> = unheard.users.iter().map(ToString::to_string).collect();
        let could = environment.map_or_else(|| "something".to_owned(), ToString::to_string);
        context.ui.warn(&format!("no log from {}, who could read {could}", names.join(", ")));
    }
    let devices: Vec<String> = unheard
        .devices
        .iter()
        .map(|(device, last)| format!("{} ({} at {})", short(device), last.environment, last.anchor.time))
        .collect();
    if !devices.is_empty() {
        let count = plural(devices.len(), "device");
        let shown = several(&devices, context.ui.width().is_some());
        context.ui.warn(&format!("no log from {count} that changed the vault, last: {shown}"));
    }
    if !unheard.users.is_empty() || !devices.is_empty() {
        context.ui.hint("on each device: vault log export -o FILE; here: vault log show --all-users FILE...");
    }
    tell_newer(session, context);
    Ok(())
}

fn tell_gaps_of(log: &DeviceLog, context: &Context) {
    let user = &log.user;
    let place = log.device.as_ref().map_or(String::new(), |device| format!(" of device {}", short(device)));
    let gaps: Vec<String> = log
        .gaps()
        .into_iter()
        .map(
            |(first, last)| if first == last { format!("entry {first}") } else { format!("entries {first} to {last}") },
        )
        .collect();
    if !gaps.is_empty() {
        let shown = several(&gaps, context.ui.width().is_some());
        context.ui.warn(&format!("{user}'s log{place}: {shown} not here"));
        context.ui.hint("name its archives and its newest export, too");
    }
    if log.sealed() > 0 {
        let sealed = plural(log.sealed(), "segment");
        context.ui.warn(&format!("{user}'s log{place}: {sealed} can't be read with your keys"));
        context
            .ui
            .hint("ask somebody who was an admin then to seal an export for you: vault log export --for USER FILE");
    }
}

/// Returns the first characters of a device's name, which suffice to tell devices apart.
fn short(device: &str) -> &str {
    device.get(..8).unwrap_or(device)
}

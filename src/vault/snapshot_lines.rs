//! A snapshot as text for `git diff`, `log -p`, `show` and `blame`: a line for each user, environment and item, always in
//! the same order. A value appears only as its fingerprint, which tells its reader whether the value changed between two
//! snapshots. Only the library makes fingerprints, and only of what a snapshot holds, so they confirm no guess. That is why
//! nothing is logged, as for `list` without values.

use super::{Session, Sight, Snapshot, Unread};
use crate::error::Result;
use crate::file::BlockStatement;
use crate::identity::FingerprintKey;
use crate::item::{Deliver, Outline};
use crate::name::{EnvironmentName, NamedItem, UserName};
use crate::roster::{Roster, User};

impl Snapshot {
    /// Returns the lines about users, environments and items. For an environment that the session can't read, the line
    /// says why.
    ///
    /// # Errors
    /// An unlock error if the agent has stopped.
    pub fn lines(&self, session: &Session) -> Result<Vec<String>> {
        let key = session.fingerprint_key()?;
        Ok(self.lines_for(Some((session, &key))))
    }

    /// Returns the lines about users and environments.
    #[must_use]
    pub fn lines_without_items(&self) -> Vec<String> {
        self.lines_for(None)
    }

    fn lines_for(&self, reader: Option<(&Session, &FingerprintKey)>) -> Vec<String> {
        let mut lines = Vec::new();
        roster_lines(self.roster(), &mut lines);
        for name in self.environments() {
            environment_lines(self, name, reader, &mut lines);
        }
        lines
    }
}

fn roster_lines(roster: &Roster, lines: &mut Vec<String>) {
    let state = roster.state();
    if let Some(last) = roster.statements().last() {
        lines.push(format!("roster: change {} by {} {}", last.version, last.draft.author, last.draft.time));
    }
    for (name, user) in &state.users {
        let grants =
            state.environments.iter().filter_map(|(environment, of)| Some((environment, of.grants.get(name)?)));
        let rights: Vec<_> = grants.map(|(environment, right)| format!("{environment}:{right}")).collect();
        lines.push(user_line(name, user, &rights));
    }
}

fn user_line(name: &UserName, user: &User, rights: &[String]) -> String {
    let User { role, keys_since, added_by, added, email, .. } = user;
    let rights = if rights.is_empty() { "no rights".to_owned() } else { rights.join(" ") };
    let email = email.as_ref().map_or(String::new(), |email| format!(", {email}"));
    format!("user {name}: {role}, {rights}, keys of change {keys_since}, added by {added_by} {added}{email}")
}

fn environment_lines(
    snapshot: &Snapshot,
    name: &EnvironmentName,
    reader: Option<(&Session, &FingerprintKey)>,
    lines: &mut Vec<String>,
) {
    let heading = |statement: &BlockStatement| {
        let BlockStatement { version, author, time, .. } = statement;
        format!("[{name}] version {version} by {author} {time}")
    };
    // What this refuses is logged.
    let seen = reader.map(|(session, key)| (session.look(snapshot, name), key));
    let statement = match snapshot.statement(name) {
        Ok(Some(statement)) => heading(statement),
        Ok(None) => return,
        Err(error) => return lines.push(format!("[{name}] {error}")),
    };
    match seen {
        None => lines.push(statement),
        Some((Ok(Sight::Content(unread)), key)) => {
            lines.push(statement);
            lines.extend(item_lines(&unread, key));
        }
        Some((Ok(Sight::Outline(why)), _)) => lines.push(format!("{statement} (outline only: {why})")),
        Some((Err(error), _)) => lines.push(format!("{statement} (outline only: {error})")),
    }
}

fn item_lines(unread: &Unread, key: &FingerprintKey) -> Vec<String> {
    unread.items().map(|item| item_line(unread.environment(), item, key)).collect()
}

/// Returns a line such as `dev/KEY secret v2 3f2a91c07be1 by ben 2026-11-28T21:05:00Z expires 2027-01-01T00:00:00Z tags
/// a,b`.
fn item_line(environment: &EnvironmentName, item: Outline<'_>, key: &FingerprintKey) -> String {
    let (metadata, current) = (item.metadata(), item.current());
    let (named, kind, number) = (NamedItem::within(environment, item.name()), metadata.kind, current.number());
    let (updated_by, updated_at) = (item.updated_by(), item.updated_at());
    let fingerprint = item.fingerprint(environment, key);
    let mut line = format!("{named} {kind} v{number} {fingerprint} by {updated_by} {updated_at}");
    let mut add = |word: &str, text: Option<String>| {
        if let Some(text) = text {
            line.push_str(&format!(" {word} {text}"));
        }
    };
    add("expires", metadata.expires_at.map(|time| time.to_string()));
    add("rotate-after", metadata.rotate_after.map(|days| format!("{days}d")));
    add("deliver", (metadata.deliver != Deliver::Variable).then(|| metadata.deliver.to_string()));
    add("as", metadata.variable.as_ref().map(ToString::to_string));
    add("replace-since", current.rotate_due().map(|time| time.to_string()));
    add("provider", metadata.provider.as_ref().map(|text| format!("{text:?}")));
    add("tags", (!metadata.tags.is_empty()).then(|| metadata.tags.join(",")));
    add("note", metadata.note.as_ref().map(|text| format!("{text:?}")));
    line
}

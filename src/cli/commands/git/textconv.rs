//! Prints the file as text for `git diff`, `log -p`, `show` and `blame`: a line for each user, environment and item,
//! always in the same order. Values appear only as keyed fingerprints, so nothing is logged, as for `list` without
//! values. Passphrases are not tried, because git calls this for every version of a file, and each try would take a
//! second.

use crate::cli::showing::ui::{ColorChoice, Ui, one_line};
use crate::cli::unlocking::agent;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::{self, Source};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::file::{BlockStatement, File, MAX_FILE, is_vault, outline_lines};
use vault::fs;
use vault::identity::FingerprintKey;
use vault::item::{Deliver, Outline};
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Roster, User};
use vault::signature::Hash;
use vault::vault::{ByAgent, Credential, Session, Sight, Snapshot, Unproven, Unread, Vault};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A version of the file
    #[arg(allow_hyphen_values = true)]
    file: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut text = String::new();
    for line in lines(&args.file, context) {
        text.push_str(&one_line(&line));
        text.push('\n');
    }
    context.ui.bytes(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn lines(path: &Path, context: &Context) -> Vec<String> {
    let bytes = match fs::read(path, MAX_FILE) {
        Ok((bytes, _)) => bytes,
        Err(error) => return vec![format!("# can't be read: {error}")],
    };
    read(&bytes, path, context).unwrap_or_else(|error| unreadable(&bytes, &error))
}

/// Returns all lines of a file that is a vault.
fn read(bytes: &[u8], path: &Path, context: &Context) -> Result<Vec<String>> {
    let file = File::parse(bytes)?;
    let id = file.roster.first().map(Roster::id_of);
    let session = id.and_then(|id| session(id, path, context));
    let known = session.as_ref().map(|session| session.vault().roster());
    let snapshot = Snapshot::parse(bytes.to_vec(), known)?;
    let mut lines = Vec::new();
    let key = session.as_ref().and_then(|session| session.fingerprint_key().ok());
    let reader = session.as_ref().zip(key.as_ref());
    if reader.is_none() {
        lines.push("# outline only: locked; vault unlock shows the items".to_owned());
    }
    roster_lines(snapshot.roster(), &mut lines);
    for name in snapshot.environments() {
        environment_lines(&snapshot, name, reader, &mut lines);
    }
    Ok(lines)
}

/// Returns the lines of a file that is no vault, or that can't be read as one.
fn unreadable(bytes: &[u8], error: &vault::Error) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let outline: Vec<_> = outline_lines(&text).map(str::to_owned).collect();
    if bytes.is_empty() {
        return Vec::new();
    }
    if outline.is_empty() || !(is_vault(bytes) || text.contains("[[environment]]")) {
        return vec![format!("# not a vault: {} bytes, SHA-256 {}", bytes.len(), Hash::of(bytes))];
    }
    std::iter::once(format!("# outline only: {error}")).chain(outline).collect()
}

/// Opens a session with a key or an agent, without a prompt. The vault in the working tree comes first. Its keys open
/// every older version, and all versions that git compares get their fingerprints with the same key.
fn session(id: Hash, path: &Path, context: &Context) -> Option<Session> {
    let mut context = context.looking_back();
    context.ui = Ui::new(false, true, ColorChoice::Never);
    let here = context.path().ok();
    let places = here.as_deref().into_iter().chain([path]);
    places.filter_map(|place| session_at(place, &context)).find(|session| session.vault().id() == id)
}

fn session_at(path: &Path, context: &Context) -> Option<Session> {
    let settings = context.settings().ok()?;
    let source = credential::source(&context.globals).unwrap_or(Source::Terminal);
    let session = if source.is_key() {
        let Ok(Credential::Key(key)) = source.given(context) else { return None };
        Vault::open_with_key(path, &key, &settings).ok()?
    } else {
        match agent::session(context, Unproven::open(path, &settings).ok()?).ok()? {
            ByAgent::Unlocked(session) => session,
            ByAgent::Locked(_) => return None,
        }
    };
    // Calls by git must not keep an agent alive.
    session.agent().iter().for_each(|agent| agent.only_look());
    Some(session)
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
    let statement = match snapshot.statement(name) {
        Ok(Some(statement)) => heading(statement),
        Ok(None) => return,
        Err(error) => return lines.push(format!("[{name}] {error}")),
    };
    match reader.map(|(session, key)| (session.look(snapshot, name), key)) {
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
    let (name, kind, number) = (item.name(), metadata.kind, current.number());
    let (updated_by, updated_at) = (item.updated_by(), item.updated_at());
    let fingerprint = item.fingerprint(environment, key);
    let mut line = format!("{environment}/{name} {kind} v{number} {fingerprint} by {updated_by} {updated_at}");
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

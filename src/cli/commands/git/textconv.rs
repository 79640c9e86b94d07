//! Prints the file as text for `git diff`, `log -p`, `show` and `blame`: see [`Snapshot::lines`]. Passphrases are not
//! tried, because git calls this for every version of a file, and each try would take a second.

use crate::cli::showing::ui::{ColorChoice, Ui, one_line};
use crate::cli::unlocking::agent;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::{self, Source};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::fs;
use vault::vault::Hash;
use vault::vault::{ByAgent, Credential, Session, Unproven, UnprovenSnapshot, Vault};
use vault::vault::{MAX_FILE, is_vault, outline_lines};

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
    let unproven = UnprovenSnapshot::parse(bytes.to_vec())?;
    let session = session(unproven.id(), path, context);
    let snapshot = match &session {
        Some(session) => session.snapshot_of(Ok(unproven), &[])?,
        None => unproven.prove()?,
    };
    if let Some(lines) = session.and_then(|session| snapshot.lines(&session).ok()) {
        return Ok(lines);
    }
    let mut lines = vec!["# outline only: locked; vault unlock shows the items".to_owned()];
    lines.extend(snapshot.lines_without_items());
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

/// Opens a session with a key or an agent, without a prompt. The vault in the work tree comes first. Its keys open
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
        Vault::open_with_key(path, &key, &settings, &context.caller())?.into()
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

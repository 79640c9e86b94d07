//! `vault import`: from a file that another tool left into an environment.

use super::context::Context;
use super::names::AllowNames;
use super::ui::Ui;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use vault::format::dotenv::{Dialect, References};
use vault::format::import::{self, Options, Source};
use vault::item::{Content, Metadata};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// All items in one write. Reads .env, JSON, YAML, TOML and CSV files, also as 1Password, Bitwarden, `docker inspect`,
/// `sops -d` and `doppler secrets download` write them. Lines that readers of .env files read differently are named, with
/// what was taken.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; - for standard input
    #[arg(default_value = ".env")]
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Remove the file after its values were read back from the vault
    #[arg(long)]
    delete_source: bool,
}

/// How a file is read.
#[derive(Debug, Clone, clap::Args)]
pub struct ReadingArgs {
    /// dotenv, json, yaml, toml or csv; else told by the file's name or contents
    #[arg(long, value_name = "FORMAT")]
    format: Option<Source>,
    /// Join nested names by _: {"db": {"url": ...}} becomes db_url
    #[arg(long)]
    flatten: bool,
    /// Whose reading of a .env file counts: node, python, compose or docker
    #[arg(long, value_name = "NAME", default_value = "node")]
    dialect: Dialect,
    /// Replace $NAME and ${NAME} in a .env file by values of the same file
    #[arg(long)]
    expand: bool,
    #[command(flatten)]
    pub allow: AllowNames,
}

/// What will be taken from a file, and what is to be said about it.
pub struct Chosen {
    items: Vec<(ItemName, SecretBytes)>,
    notes: Vec<String>,
}

/// How an import changes an environment.
#[derive(Default)]
struct Changes {
    added: Vec<ItemName>,
    changed: Vec<ItemName>,
    same: Vec<ItemName>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.delete_source && is_standard_input(&args.file) {
        return Err(Error::usage("standard input can't be deleted"));
    }
    let chosen = read(&args.file, &args.reading, &args.reading.allow)?;
    let mut session = context.session()?;
    let environment = context.environment(session.vault())?;
    let attempt = Entry::new(Action::Import).environment(&environment).items(chosen.items.iter().map(|(name, _)| name));
    if args.dry_run {
        let content = session.read(&environment).map_err(|error| session.log_refusal(attempt, error))?;
        let changes = Changes::of(&chosen, &content);
        return report_dry_run(&changes, &chosen, args, &environment, context);
    }
    let changes = session.edit_as(&[attempt], |edit| {
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content(&environment)?;
        let changes = Changes::of(&chosen, content);
        if changes.writes() > 0 {
            chosen.put(edit.content_mut(&environment)?, user, now)?;
            let names = changes.added.iter().chain(&changes.changed);
            edit.log(Entry::new(Action::Import).environment(&environment).items(names));
        }
        Ok(changes)
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("Imported {} into {environment}: {changes}.", args.file.display()));
    chosen.show_notes(context.ui);
    if args.delete_source {
        delete_source(args, &chosen, &session, &environment, context)
    } else {
        warn_of_plaintext(&args.file, context);
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads a file and chooses what can be kept: the rest is named.
pub fn read(file: &Path, args: &ReadingArgs, allow: &AllowNames) -> Result<Chosen> {
    let bytes = if is_standard_input(file) { standard_input()? } else { file_bytes(file)? };
    let references = if args.expand { References::Expand } else { References::Keep };
    let options = Options { dialect: args.dialect, references, flatten: args.flatten };
    let name = file.file_name().and_then(|name| name.to_str());
    let source = args.format.unwrap_or_else(|| import::detect(name, &bytes));
    let imported = import::read(source, &bytes, &options)?;
    let mut notes: Vec<(usize, String)> = imported.notes.iter().map(|note| (note.line, note.to_string())).collect();
    let mut items = Vec::new();
    for entry in imported.entries {
        match ItemName::new(entry.name.as_str()) {
            Err(_) => notes.push((entry.line, format!("line {}  skipped: its name can't be an item's", entry.line))),
            Ok(name) if !allow.allows(name.as_str()) => {
                let what = format!("line {}  {name} skipped: can load code (--allow-name {name})", entry.line);
                notes.push((entry.line, what));
            }
            Ok(name) => items.push((name, entry.value)),
        }
    }
    notes.sort_by_key(|(line, _)| *line);
    Ok(Chosen { items, notes: notes.into_iter().map(|(_, note)| note).collect() })
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn file_bytes(file: &Path) -> Result<SecretBytes> {
    vault::fs::read(file, vault::file::MAX_FILE).map(|(bytes, _)| SecretBytes::new(bytes))
}

fn standard_input() -> Result<SecretBytes> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(vault::file::MAX_FILE as u64).read_to_end(&mut bytes);
    let bytes = SecretBytes::new(bytes);
    read.map_err(|error| Error::failed(format!("cannot read standard input: {}", vault::error::reason(&error))))?;
    Ok(bytes)
}

impl Chosen {
    /// How many items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Says what was noticed, a line each.
    pub fn show_notes(&self, ui: Ui) {
        self.notes.iter().for_each(|note| ui.done(&format!("  {note}")));
    }

    /// Sets every item whose value differs; the metadata of those that are there stays.
    pub fn put(&self, content: &mut Content, user: &UserName, now: Time) -> Result<()> {
        for (name, value) in &self.items {
            let before = content.items().get(name);
            if before.is_some_and(|item| item.current.value == *value) {
                continue;
            }
            let metadata = before.map_or_else(Metadata::default, |item| item.metadata.clone());
            content.set(name, value.clone(), &metadata, user, now)?;
        }
        Ok(())
    }
}

impl Changes {
    fn of(chosen: &Chosen, content: &Content) -> Self {
        let mut changes = Self::default();
        for (name, value) in &chosen.items {
            let list = match content.items().get(name) {
                None => &mut changes.added,
                Some(item) if item.current.value != *value => &mut changes.changed,
                Some(_) => &mut changes.same,
            };
            list.push(name.clone());
        }
        changes
    }

    fn writes(&self) -> usize {
        self.added.len() + self.changed.len()
    }
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} added, {} changed, {} the same", self.added.len(), self.changed.len(), self.same.len())
    }
}

fn report_dry_run(
    changes: &Changes,
    chosen: &Chosen,
    args: &Args,
    environment: &EnvironmentName,
    context: &Context,
) -> Result<ExitCode> {
    if context.ui.json {
        let names = |names: &[ItemName]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        context.ui.json(&serde_json::json!({
            "environment": environment.to_string(), "added": names(&changes.added), "changed": names(&changes.changed),
            "same": names(&changes.same), "notes": chosen.notes,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (word, names) in [("add", &changes.added), ("change", &changes.changed), ("same", &changes.same)] {
        names.iter().try_for_each(|name| context.ui.line(&format!("{word:<7} {environment}/{name}")))?;
    }
    chosen.show_notes(context.ui);
    let deletes = if args.delete_source { ", and the file would be removed" } else { "" };
    context.ui.done(&format!("Nothing was changed: {changes}{deletes}."));
    Ok(ExitCode::SUCCESS)
}

/// Removes the file only when the vault on disk gives every one of its values back, and nothing in it was left out.
fn delete_source(
    args: &Args,
    chosen: &Chosen,
    session: &Session,
    environment: &EnvironmentName,
    context: &Context,
) -> Result<ExitCode> {
    let saved = session.read(environment)?;
    let kept = |(name, value): &(ItemName, SecretBytes)| {
        saved.items().get(name).is_some_and(|item| item.current.value == *value)
    };
    if !chosen.items.iter().all(kept) {
        return Err(Error::integrity("the vault does not give back what was imported; the file stays"));
    }
    if chosen.notes.iter().any(|note| note.contains("skipped")) {
        return Err(Error::failed(format!("{} stays: some of its lines were skipped", args.file.display()))
            .hint("allow or remove them, and import again"));
    }
    std::fs::remove_file(&args.file).map_err(|error| Error::io("remove", &args.file, &error))?;
    context.ui.done(&format!("Removed {}: the vault gives back all of its values.", args.file.display()));
    Ok(ExitCode::SUCCESS)
}

/// The file still holds what is secret now.
pub fn warn_of_plaintext(file: &Path, context: &Context) {
    if is_standard_input(file) || !file.exists() {
        return;
    }
    let shown = file.display();
    let tracked = is_tracked(file);
    let and = if tracked { ", and git tracks it" } else { "" };
    let vault = vault::vault::DEFAULT_NAME;
    let mut hint = format!("{shown} still holds the values{and}:\n        vault import {shown} --delete-source");
    if tracked {
        hint.push_str(&format!(
            "\n        git rm --cached {shown} && git add {vault}\n      values already pushed should be rotated"
        ));
    }
    context.ui.hint(&hint);
}

fn is_tracked(file: &Path) -> bool {
    let directory = vault::fs::parent(file);
    let Some(name) = file.file_name() else { return false };
    let mut git = super::programs::git(directory);
    git.args(["ls-files", "--error-unmatch", "--"]).arg(name).stdout(Stdio::null()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

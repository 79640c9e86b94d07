//! `vault verify`: every signature, right and version, without any key.

use super::context::Context;
use super::object::Verification;
use super::programs::git;
use super::words::plural;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::error::Kind;
use vault::file::{Block, BlockStatement, File};
use vault::name::EnvironmentName;
use vault::roster::Roster;
use vault::settings::temporary_directory;
use vault::signature::Hash;
use vault::vault::{Standing, Succession, Vault};
use vault::{Error, Result};

/// Was the file written by users who may, and is it no older than what this device has seen? It needs no key and asks
/// nothing: for reviews, CI and a pre-receive hook.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also check that the file goes on from the one at this git revision, and say what changed
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// Accept this very file on this device although it is older or a fork: the hash is in the refusal
    #[arg(long, value_name = "HASH")]
    accept: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (vault, _kept_for_now) = open(args, context)?;
    if let Some(fingerprint) = &args.accept {
        vault.accept(fingerprint)?;
        context.ui.done("Accepted: from now on this file is what this device has seen.");
        return Ok(ExitCode::SUCCESS);
    }
    // Every block's signature first: what is forged is told before what is old.
    vault.verify_signatures()?;
    let standings = vault.verify()?;
    context.show_warnings(&vault);
    let changes = args.since.as_deref().map(|reference| since(&vault, reference)).transpose()?;
    let pending: Vec<&EnvironmentName> =
        standings.iter().filter(|(_, standing)| **standing == Standing::Pending).map(|(name, _)| name).collect();
    if context.ui.json {
        return json(&vault, &pending, changes.as_deref(), context);
    }
    let name = vault.path().file_name().map_or(vault.path(), Path::new).display().to_string();
    let roster = plural(vault.roster().head().version as usize, "roster change");
    let environments = plural(standings.len(), "environment");
    context.ui.line(&format!("{name}: {roster}, {environments}, all signatures valid"))?;
    for name in pending {
        context.ui.line(&format!("{name}: pending, until somebody who writes it saves it"))?;
    }
    for change in changes.iter().flatten() {
        context.ui.line(&format!("  {change}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The vault. It takes no home directory: where none is, what is seen here is forgotten in the end.
fn open(args: &Args, context: &Context) -> Result<(Vault, Option<Forgotten>)> {
    let none = match vault::settings::state_directory() {
        Err(none) if none.kind() == Kind::Failed && args.accept.is_none() => none,
        _ => return Ok((context.vault_of_any_age()?, None)),
    };
    let forgotten = Forgotten::new().map_err(|_| none)?;
    Ok((context.vault_with_state(forgotten.0.clone())?, Some(forgotten)))
}

/// A state directory that is gone with this value.
struct Forgotten(PathBuf);

impl Forgotten {
    fn new() -> Result<Self> {
        let directory = temporary_directory().join(format!("vault-verify-{}", vault::item::random_id()?));
        vault::fs::create_private_directory(&directory)?;
        Ok(Self(directory))
    }
}

impl Drop for Forgotten {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn json(
    vault: &Vault,
    pending: &[&EnvironmentName],
    changes: Option<&[String]>,
    context: &Context,
) -> Result<ExitCode> {
    let head = vault.roster().head();
    context.ui.json(&Verification {
        object_id: vault.id().to_string(),
        roster_version: head.version,
        roster_hash: head.hash.to_string(),
        environments: vault.environments().map(ToString::to_string).collect(),
        pending: pending.iter().map(ToString::to_string).collect(),
        changes: changes.map(<[String]>::to_vec),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What changed since a revision, after checking that this file goes on from it.
fn since(vault: &Vault, reference: &str) -> Result<Vec<String>> {
    let Some(bytes) = at_revision(vault.path(), reference, "--since")? else {
        return Ok(vec![format!("the file was not there at {reference}")]);
    };
    let mut old = File::parse(bytes)?;
    let roster = Roster::verify(std::mem::take(&mut old.roster), None)?;
    if roster.id() != vault.id() {
        return Err(Error::integrity(format!("this is another vault than at {reference}")));
    }
    if !vault.roster().extends(&roster) {
        return Err(Error::integrity(format!("the roster does not go on from the one at {reference}"))
            .hint("two branches changed users or environments: redo one side's change on top of the other"));
    }
    let mut changes: Vec<String> = vault.roster().statements()[roster.head().version as usize..]
        .iter()
        .map(|statement| {
            format!(
                "roster change {}: {} by {}",
                statement.version,
                statement.draft.change.word(),
                statement.draft.author
            )
        })
        .collect();
    for block in &vault.file().blocks {
        let added = vault.roster().state().environment(&block.statement.name)?.added;
        let before = old.block(&block.statement.name).filter(|_| added <= roster.head().version);
        changes.extend(block_since(block, before, &vault.id())?);
    }
    if changes.is_empty() {
        changes.push(format!("nothing changed since {reference}"));
    }
    Ok(changes)
}

/// What changed in an environment, after checking that it goes on from what it was.
fn block_since(block: &Block, before: Option<&Block>, vault: &Hash) -> Result<Option<String>> {
    let BlockStatement { name, version, author, .. } = &block.statement;
    let changed = Some(format!("environment {name}: version {version} by {author}"));
    let Some(before) = before else { return Ok(changed) };
    let old = before.statement.version;
    let (hash, old_hash) = (block.dearmor(vault)?.hash, before.dearmor(vault)?.hash);
    match Succession::of(&block.statement, &hash, (old, &old_hash)) {
        Succession::Same => Ok(None),
        Succession::Newer => Ok(changed),
        Succession::Older => {
            Err(Error::integrity(format!("environment {name} went back from version {old} to {version}"))
                .hint("an old file was put back, or a change was lost in a merge"))
        }
        Succession::Jump => Err(Error::integrity(format!("environment {name} jumps from version {old} to {version}"))
            .hint("no honest history is that long: take the file from a copy you trust")),
        Succession::Fork => {
            let what = match version.cmp(&old) {
                Ordering::Equal => format!("environment {name} has another version {version}"),
                _ => format!("version {version} of environment {name} does not follow version {old}"),
            };
            Err(Error::integrity(what).hint(
                "two branches changed it: take one side whole (git checkout --ours or --theirs), and change again what \
                 the other did",
            ))
        }
    }
}

pub fn at_revision(path: &Path, reference: &str, option: &str) -> Result<Option<Vec<u8>>> {
    if reference.starts_with('-') || reference.contains(':') {
        return Err(
            Error::usage(format!("{option} takes a git revision")).hint("git log shows them; for example HEAD~1")
        );
    }
    let directory = vault::fs::parent(path);
    let ask = |arguments: &[&str]| {
        let run = git(directory).args(arguments).output();
        run.map_err(|error| Error::failed(format!("cannot run git: {}", vault::error::reason(&error))))
    };
    let revision = ask(&["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])?;
    if !revision.status.success() {
        return Err(Error::usage("there is no such git revision")
            .hint(format!("{option} takes what git log shows, in this repository")));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let output = ask(&["show", &format!("{reference}:./{name}")])?;
    Ok(output.status.success().then_some(output.stdout))
}

//! `vault verify`: every signature, right and version, without any key.

use super::context::Context;
use super::object::Verification;
use super::words::plural;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::error::Kind;
use vault::name::EnvironmentName;
use vault::roster::Right;
use vault::settings::temporary_directory;
use vault::vault::{Absent, Standing, Vault};

/// Was the file written by users who may, and is it no older than what this device has seen? It needs no key and asks
/// nothing: for reviews, CI and a pre-receive hook.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also check that the file goes on from the one at this git revision, and say what changed
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// Accept that the revision does not have the file yet
    #[arg(long, requires = "since")]
    new: bool,
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
    let absent = if args.new { Absent::New } else { Absent::Refused };
    let changes = args.since.as_deref().map(|reference| vault.since(reference, absent)).transpose()?;
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
        let environment = vault.roster().state().environment(name)?;
        let until = match environment.grants.values().any(|right| *right == Right::Write) {
            true => "pending, until somebody who writes it saves it",
            false => "pending for good: nobody writes it any more; to remove it: vault env rm",
        };
        context.ui.line(&format!("{name}: {until}"))?;
    }
    for change in changes.iter().flatten() {
        context.ui.line(&format!("  {change}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The vault. It takes no home directory: where none is, or another user's, what is seen here is forgotten in the end.
fn open(args: &Args, context: &Context) -> Result<(Vault, Option<Forgotten>)> {
    let none = match vault::settings::state_directory() {
        _ if args.accept.is_some() => return Ok((context.vault_of_any_age()?, None)),
        Err(none) if none.kind() == Kind::Failed => none,
        Ok(directory) => match vault::fs::check_state_directory(&directory) {
            Err(none) => none,
            Ok(()) => return Ok((context.vault_of_any_age()?, None)),
        },
        Err(_) => return Ok((context.vault_of_any_age()?, None)),
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

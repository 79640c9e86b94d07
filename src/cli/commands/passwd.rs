//! `vault passwd` and `vault recovery`: new keys behind a new passphrase, key or recovery key.

use crate::cli::asking::terminal::Quiet;
use crate::cli::options::taking::UnreadableArgs;
use crate::cli::showing::progress::NEW_PASSPHRASE;
use crate::cli::unlocking::agent;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::{self, Need};
use crate::cli::unlocking::new_keys::{self, Made, Purpose, WorkFactor};
use std::collections::BTreeMap;
use std::process::ExitCode;
use vault::identity::Key;
use vault::log::{Action, Entry};
use vault::name::EnvironmentName;
use vault::vault::{Credential, Edit, Keyring, Session, Unread};
use vault::{Error, Result};

/// You get new keys behind a new passphrase, and a new recovery key. Everything you may write is encrypted anew; your old
/// passphrase and all other keys of yours open nothing that is written from now on.
#[derive(Debug, clap::Args)]
pub struct PasswdArgs {
    /// Print a new key for VAULT_KEY instead of asking for a passphrase: for machines
    #[arg(long)]
    key: bool,
    /// Read the new passphrase from this descriptor; the other options give the present one
    #[arg(long, value_name = "N", conflicts_with = "key")]
    new_passphrase_fd: Option<i32>,
    #[command(flatten)]
    work_factor: WorkFactor,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

/// The passphrase stays. The old recovery key and all other keys of yours end, and what you may write is encrypted anew.
#[derive(Debug, clap::Args)]
pub struct RecoveryArgs {
    #[command(flatten)]
    work_factor: WorkFactor,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

pub fn passwd(args: &PasswdArgs, context: &Context) -> Result<ExitCode> {
    if !args.key {
        args.work_factor.warn(context);
    }
    let quiet = Quiet::begin();
    let (mut session, credential) = context.unlocked(context.vault()?, Need::Identity)?;
    let fallbacks = args.unreadable.contents(&session)?;
    if args.key {
        let key = Key::generate()?;
        let attempt = Entry::new(Action::Passwd);
        session.edit(std::slice::from_ref(&attempt), |edit| {
            edit.fall_back(fallbacks);
            edit.replace_keys(&Keyring { passphrase: None, keys: vec![&key] })?;
            edit.log(attempt.clone());
            Made::Key(&key).print_in(edit, context)
        })?;
        return Ok(done("New key; the old one opens nothing newer.", &session, context));
    }
    let source = args.new_passphrase_fd.map_or(credential::Source::Terminal, credential::Source::PassphraseFd);
    let present = match &credential {
        Credential::Passphrase(present) => Some(present),
        Credential::Key(_) => None,
    };
    let passphrase = new_keys::new(source, &Purpose::Changing(present), context)?;
    let recovery = Key::generate()?;
    let keyring = Keyring { passphrase: Some((&passphrase, args.work_factor.value())), keys: vec![&recovery] };
    let working = context.ui.working(NEW_PASSPHRASE);
    replace(&mut session, &keyring, Action::Passwd, fallbacks, |edit| {
        Made::Recovery(&recovery).print_json(edit, context)
    })?;
    drop(working);
    drop(quiet);
    new_keys::show_recovery_key(&recovery, context);
    Ok(done("New passphrase and recovery key.", &session, context))
}

pub fn recovery(args: &RecoveryArgs, context: &Context) -> Result<ExitCode> {
    args.work_factor.warn(context);
    let quiet = Quiet::begin();
    let (mut session, credential) = context.unlocked(context.vault()?, Need::Identity)?;
    let Credential::Passphrase(passphrase) = &credential else {
        return Err(Error::usage("a new recovery key needs the passphrase, and a key was given")
            .hint("forgotten? a new passphrase brings a new recovery key, too: vault passwd"));
    };
    let recovery = Key::generate()?;
    let keyring = Keyring { passphrase: Some((passphrase, args.work_factor.value())), keys: vec![&recovery] };
    let fallbacks = args.unreadable.contents(&session)?;
    let working = context.ui.working(NEW_PASSPHRASE);
    replace(&mut session, &keyring, Action::Recovery, fallbacks, |edit| {
        Made::Recovery(&recovery).print_in(edit, context)
    })?;
    drop(working);
    drop(quiet);
    Ok(done("New recovery key, shown once; keep it off this machine. The passphrase is the same.", &session, context))
}

fn replace(
    session: &mut Session,
    keyring: &Keyring<'_>,
    action: Action,
    fallbacks: BTreeMap<EnvironmentName, Unread>,
    show: impl FnOnce(&Edit<'_>) -> Result<()>,
) -> Result<()> {
    let attempt = Entry::new(action);
    session.edit(std::slice::from_ref(&attempt), |edit| {
        edit.fall_back(fallbacks);
        edit.replace_keys(keyring)?;
        edit.log(attempt.clone());
        show(edit)
    })
}

fn done(message: &str, session: &Session, context: &Context) -> ExitCode {
    context.show_warnings(session.vault());
    context.ui.done(message);
    after_new_keys(session, context);
    ExitCode::SUCCESS
}

/// What an agent has are the old keys now; what the user only reads, somebody else has to save.
pub fn after_new_keys(session: &Session, context: &Context) {
    agent::end(session);
    let only_read: Vec<_> = session
        .readable()
        .into_iter()
        .filter(|name| session.check_right(name, vault::roster::Right::Write).is_err())
        .map(String::from)
        .collect();
    if !only_read.is_empty() {
        context.ui.hint(&format!("{}: encrypted to your old key until a writer saves it", only_read.join(", ")));
    }
}

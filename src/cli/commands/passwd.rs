//! `vault passwd` and `vault recovery`: make new keys, and a new passphrase, key or recovery key that opens them.

use crate::cli::asking::terminal::Quiet;
use crate::cli::generated::examples;
use crate::cli::options::taking::UnreadableArgs;
use crate::cli::showing::progress::NEW_PASSPHRASE;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential;
use crate::cli::unlocking::new_keys::{self, Made, Purpose, WorkFactorArgs};
use std::process::ExitCode;
use vault::identity::Key;
use vault::log::Action;
use vault::vault::{Edit, Session};
use vault::{Result, actions};

/// You choose a new passphrase, and get new keys and a new recovery key. Everything you may write is re-encrypted. Your
/// old passphrase and all your other keys open nothing that is written from now on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault passwd" => "Choose another passphrase",
    "vault passwd --new-passphrase-fd 3 3<new" => "Read the new passphrase from a file",
})]
pub struct PasswdArgs {
    /// Print a new key for VAULT_KEY instead of asking for a passphrase: for machines
    #[arg(long)]
    key: bool,
    /// Read the new passphrase from this descriptor; the other options give the current one
    #[arg(long, value_name = "N", conflicts_with = "key")]
    new_passphrase_fd: Option<i32>,
    #[command(flatten)]
    work_factor: WorkFactorArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

/// The passphrase stays the same. The old recovery key and all your other keys open nothing that is written from now
/// on, and everything you may write is re-encrypted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault recovery" => "Print a new recovery key",
    "vault recovery --user ana" => "Print one for ana, if several users have a passphrase",
})]
pub struct RecoveryArgs {
    #[command(flatten)]
    work_factor: WorkFactorArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

pub fn passwd(args: &PasswdArgs, context: &Context) -> Result<ExitCode> {
    if !args.key {
        args.work_factor.warn(context);
    }
    let quiet = Quiet::begin();
    let (mut session, credential) = context.key_session_with_credential()?;
    let fallbacks = args.unreadable.contents(Action::Passwd, &session)?;
    if args.key {
        actions::passwd::key(&mut session, fallbacks, |key, edit| Made::Key(key).print_in(edit, context))?;
        return Ok(done("New key. The old one opens nothing that is written from now on.", &session, context));
    }
    let source = args.new_passphrase_fd.map_or(credential::Source::Terminal, credential::Source::PassphraseFd);
    let passphrase = new_keys::new(source, &Purpose::Changing(&credential), context)?;
    let working = context.ui.working(NEW_PASSPHRASE);
    let new = (&passphrase, args.work_factor.value());
    let show = |recovery: &Key, edit: &Edit<'_>| {
        drop(working);
        Made::Recovery(recovery).show_in(edit, context)
    };
    actions::passwd::passphrase(&mut session, &credential, new, fallbacks, show)?;
    drop(quiet);
    Ok(done("New passphrase and recovery key.", &session, context))
}

pub fn recovery(args: &RecoveryArgs, context: &Context) -> Result<ExitCode> {
    args.work_factor.warn(context);
    let quiet = Quiet::begin();
    let (mut session, credential) = context.key_session_with_credential()?;
    let fallbacks = args.unreadable.contents(Action::Recovery, &session)?;
    let working = context.ui.working(NEW_PASSPHRASE);
    let show = |recovery: &Key, edit: &Edit<'_>| Made::Recovery(recovery).print_in(edit, context);
    actions::recovery::renew(&mut session, &credential, args.work_factor.value(), fallbacks, show)?;
    drop(working);
    drop(quiet);
    Ok(done("New recovery key, shown once; keep it off this machine. The passphrase is the same.", &session, context))
}

fn done(message: &str, session: &Session, context: &Context) -> ExitCode {
    context.show_warnings(session.vault());
    context.ui.done(message);
    new_keys::replaced(session, context);
    ExitCode::SUCCESS
}

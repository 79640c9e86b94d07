//! `vault user renew`: a machine goes over to another key.

use crate::cli::commands::passwd::after_new_keys;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::Need;
use crate::cli::unlocking::new_keys::Made;
use std::process::ExitCode;
use vault::identity::Key;
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::vault::{Credential, Session};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The machine whose key unlocks this command
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::users))]
    name: UserName,
    /// End the old key: run it with the new one
    #[arg(long)]
    finish: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (mut session, credential) = context.unlocked(context.vault()?, Need::Identity)?;
    check_own(&args.name, &session)?;
    if args.finish { finish(args, &credential, &mut session, context) } else { begin(args, &mut session, context) }
}

/// Only a key of the machine opens its identity, which the new key has to open, too.
fn check_own(name: &UserName, session: &Session) -> Result<()> {
    session.vault().roster().state().user(name)?;
    let user = session.user();
    if user == name {
        return Ok(());
    }
    let error = Error::denied(format!("you are {user}: only a key of {name} can renew {name}'s key"))
        .hint("run it with that key in VAULT_KEY; if you can't, add a second user for the machine: vault man ci");
    Err(session.log_refusal(Entry::new(Action::UserRenew).note(name.to_string()), error))
}

fn begin(args: &Args, session: &mut Session, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let key = Key::generate()?;
    let attempt = Entry::new(Action::UserRenew).note("a new key beside the old one");
    session.edit(std::slice::from_ref(&attempt), |edit| {
        edit.add_key(&key)?;
        edit.log(attempt.clone());
        Made::Key(&key).print_in(edit, context)
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("New key for {name}. It works with this file from now on, and so does the old one."));
    context
        .ui
        .hint("give the changed file to the others: git add, commit and push it; then store the key as VAULT_KEY");
    context.ui.hint(&format!("once every job has both, with the new key: vault user renew {name} --finish"));
    Ok(ExitCode::SUCCESS)
}

fn finish(args: &Args, credential: &Credential, session: &mut Session, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let Credential::Key(key) = credential else {
        return Err(Error::usage(format!("--finish takes {name}'s new key")).hint("set VAULT_KEY or VAULT_KEY_FILE"));
    };
    let attempt = Entry::new(Action::UserRenew).note("the old keys end");
    session.edit(std::slice::from_ref(&attempt), |edit| {
        edit.finish_renewal(key)?;
        edit.log(attempt.clone());
        Ok(())
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name}'s old keys open nothing that is written from now on."));
    context.ui.hint("give the changed file to the others: git add, commit and push it");
    after_new_keys(session, context);
    Ok(ExitCode::SUCCESS)
}

//! `vault user renew`: moves a machine to a new key.

use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::new_keys::{self, Made};
use std::process::ExitCode;
use vault::Result;
use vault::actions::user_renew;
use vault::name::UserName;
use vault::vault::{Credential, KeySession};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The machine; unlock this command with its key
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::users))]
    name: UserName,
    /// Remove the old key: run this with the new one
    #[arg(long)]
    finish: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (mut session, credential) = context.key_session_with_credential()?;
    user_renew::check_own(&session, &args.name)?;
    if args.finish { finish(args, &credential, &mut session, context) } else { begin(args, &mut session, context) }
}

fn begin(args: &Args, session: &mut KeySession, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    user_renew::begin(session, |key, edit| Made::Key(key).print_in(edit, context))?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("New key for {name}. It works with this file from now on, and so does the old one."));
    context.ui.hint("share the changed file: git add, commit and push it; then store the key as VAULT_KEY");
    context.ui.hint(&format!("once every job has both, with the new key: vault user renew {name} --finish"));
    Ok(ExitCode::SUCCESS)
}

fn finish(args: &Args, credential: &Credential, session: &mut KeySession, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    user_renew::finish(session, credential)?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name}'s old keys open nothing that is written from now on."));
    context.ui.hint("share the changed file: git add, commit and push it");
    new_keys::replaced(session, context);
    Ok(ExitCode::SUCCESS)
}

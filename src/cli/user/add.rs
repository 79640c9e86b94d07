//! `vault user add`: a key that is printed once, or somebody's own public keys.

use crate::cli::context::Context;
use crate::cli::object::{Keys, User};
use crate::cli::passphrase::Made;
use std::collections::BTreeMap;
use std::process::ExitCode;
use vault::Result;
use vault::identity::Key;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Right, Role};
use vault::vault::{KeyRequest, NewUser, Session};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new user: a-z 0-9 _ -
    #[arg(value_hint = clap::ValueHint::Other)]
    name: UserName,
    /// Their e-mail address; the file shows it
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Let them read this environment
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    read: Vec<EnvironmentName>,
    /// Let them read and write this environment
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    write: Vec<EnvironmentName>,
    /// Let them change users and rights; that alone lets them read nothing
    #[arg(long)]
    admin: bool,
    /// Public keys that `vault join --request` printed
    #[arg(long, value_name = "TEXT")]
    keys: Option<KeyRequest>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.keys.is_none() {
        context.ui.check_kept("the new user's key")?;
    }
    let mut session = context.identity_session()?;
    match args.keys.clone() {
        Some(request) => with_keys(args, request, &mut session, context)?,
        None => with_new_key(args, &mut session, context)?,
    }
    context.show_warnings(session.vault());
    Ok(ExitCode::SUCCESS)
}

fn with_new_key(args: &Args, session: &mut Session, context: &Context) -> Result<()> {
    let key = Key::generate()?;
    session.edit(|edit| {
        edit.add_user(new_user(args), &key)?;
        edit.log(entry(args));
        Made::Key(&key).print(edit.roster().state(), edit.slots(), &args.name, context)
    })?;
    let user = User::new(session.vault(), &args.name)?;
    context.ui.done(&format!("Added user \"{}\": {}. Its key was printed once.", args.name, what(&user)));
    context.ui.hint("a machine: store the key as VAULT_KEY in your CI's secrets, and keep no copy");
    context.ui.hint("a person: they run vault join with it, and choose a passphrase");
    Ok(())
}

fn with_keys(args: &Args, request: KeyRequest, session: &mut Session, context: &Context) -> Result<()> {
    let fingerprint = request.fingerprint();
    session.edit(|edit| {
        edit.roster().state().check_admin(edit.user())?;
        let keys = request.keys_for(&args.name, edit.roster())?;
        edit.add_user_with_keys(new_user(args), keys)?;
        edit.log(entry(args));
        Ok(())
    })?;
    let user = User::new(session.vault(), &args.name)?;
    context.ui.done(&format!("Added user \"{}\": {}. Nobody else knows their keys.", args.name, what(&user)));
    if context.ui.json {
        context.ui.json(&Keys { user, key: None, recovery_key: None })?;
    }
    context.ui.done(&format!("Fingerprint, to compare by voice before you go on: {fingerprint}"));
    context.ui.hint(&format!("give {} the new file; there they run: vault join", args.name));
    Ok(())
}

fn new_user(args: &Args) -> NewUser {
    let mut grants: BTreeMap<EnvironmentName, Right> =
        args.read.iter().map(|name| (name.clone(), Right::Read)).collect();
    grants.extend(args.write.iter().map(|name| (name.clone(), Right::Write)));
    let role = if args.admin { Role::Admin } else { Role::Member };
    NewUser { name: args.name.clone(), email: args.email.clone(), role, grants: grants.into_iter().collect() }
}

fn entry(args: &Args) -> Entry {
    Entry::new(Action::UserAdd).note(args.name.to_string())
}

fn what(user: &User) -> String {
    let rights = user.rights();
    if user.role == Role::Admin.as_str() { format!("admin, {rights}") } else { rights }
}

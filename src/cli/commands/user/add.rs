//! `vault user add`: adds a user with a key that is printed once, or with the user's own public keys.

mod several;

use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::new_keys::Made;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::actions::user_add::{self, Rights};
use vault::identity::Key;
use vault::name::{EnvironmentName, UserName};
use vault::roster::Role;
use vault::vault::{KeyRequest, KeySession, NewUser};
use vault::view::{Keys, User};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new user: a-z 0-9 _ -
    #[arg(value_hint = clap::ValueHint::Other, required_unless_present = "names")]
    name: Option<UserName>,
    /// Add every user in this file, or on standard input (-): one name per line, with an optional e-mail address after
    /// it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "email", "keys"])]
    names: Option<PathBuf>,
    /// Write each new key to its own file in this directory, NAME.key, readable by you only
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "keys")]
    keys_to: Option<PathBuf>,
    /// Store the user's e-mail address, which everybody can read in the file
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Let them read this environment
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    read: Vec<EnvironmentName>,
    /// Let them read and write this environment
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    write: Vec<EnvironmentName>,
    /// Let them change users and rights; that alone does not let them read anything
    #[arg(long)]
    admin: bool,
    /// Public keys that `vault join --request` printed
    #[arg(long, value_name = "TEXT")]
    keys: Option<KeyRequest>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.names.is_some() || args.keys_to.is_some() {
        return several::add(args, context);
    }
    let Some(name) = &args.name else { return Err(Error::usage("no user is named")) };
    let user = new_user(args, name, args.email.clone());
    if args.keys.is_none() {
        context.ui.check_kept("the new user's key")?;
    }
    let mut session = context.key_session()?;
    match args.keys.clone() {
        Some(request) => with_keys(user, request, &mut session, context)?,
        None => with_new_key(user, &mut session, context)?,
    }
    context.show_warnings(session.vault());
    Ok(ExitCode::SUCCESS)
}

fn with_new_key(user: NewUser, session: &mut KeySession, context: &Context) -> Result<()> {
    let name = user.name().clone();
    user_add::add(session, vec![user], |keys, edit| {
        let shown =
            |(name, key): &(UserName, Key)| Made::Key(key).print(edit.roster().state(), edit.slots(), name, context);
        keys.iter().try_for_each(shown)
    })?;
    let user = User::new(session.vault(), &name)?;
    context.ui.done(&format!("Added user \"{name}\": {}. Its key was printed once.", what(&user)));
    context.ui.hint("a machine: store the key as VAULT_KEY in your CI's secrets, and keep no copy");
    context.ui.hint("a person: they run vault join with it, and choose a passphrase");
    Ok(())
}

fn with_keys(user: NewUser, request: KeyRequest, session: &mut KeySession, context: &Context) -> Result<()> {
    let (name, fingerprint) = (user.name().clone(), request.fingerprint());
    user_add::add_requested(session, user, request)?;
    let user = User::new(session.vault(), &name)?;
    context.ui.done(&format!("Added user \"{name}\": {}. Nobody else knows their keys.", what(&user)));
    if context.ui.json {
        context.ui.json(&Keys { user, key: None, recovery_key: None })?;
    }
    context.ui.done(&format!("Fingerprint, to compare by voice before you continue: {fingerprint}"));
    context.ui.hint(&format!("give {name} the new file; they then run: vault join"));
    Ok(())
}

fn new_user(args: &Args, name: &UserName, email: Option<String>) -> NewUser {
    user_add::new_user(name.clone(), email, &rights(args))
}

fn rights(args: &Args) -> Rights<'_> {
    Rights { read: &args.read, write: &args.write, is_admin: args.admin }
}

fn what(user: &User) -> String {
    let rights = user.rights();
    if user.role == Role::Admin.as_str() { format!("admin, {rights}") } else { rights }
}

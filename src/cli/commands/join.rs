//! `vault join`: gives a new user their own keys, which nobody else knows.

use crate::cli::asking::terminal::{self, Quiet};
use crate::cli::generated::examples;
use crate::cli::options::taking::UnreadableArgs;
use crate::cli::showing::progress::NEW_PASSPHRASE;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::{self, Source};
use crate::cli::unlocking::new_keys::{self, Made, Purpose, WorkFactorArgs};
use std::process::ExitCode;
use vault::identity::Key;
use vault::log::Action;
use vault::secret::ExposeSecret as _;
use vault::vault::{Credential, Edit, Joining, KeySession, Requested, Vault};
use vault::view::{Request, User};
use vault::{Error, Result};

/// Use the key that `vault user add` printed (VAULT_KEY, --key-file, or typed when asked for), or run it after
/// --request. You choose a passphrase and get new keys and a recovery key. The printed key opens nothing that is
/// written from then on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault join" => "Choose a passphrase, with the key that an admin gave you",
    "vault join --request --user ana" => "Make keys, and print the line that an admin adds you with",
})]
pub struct Args {
    /// Print public keys for `vault user add NAME --keys TEXT`; the private ones stay on this device. --user gives your
    /// name
    #[arg(long, conflicts_with = "new_passphrase_fd")]
    request: bool,
    /// Read the new passphrase from this descriptor (default: VAULT_PASSPHRASE or a similar variable, or a prompt)
    #[arg(long, value_name = "N")]
    new_passphrase_fd: Option<i32>,
    #[command(flatten)]
    work_factor: WorkFactorArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.request {
        return request(context);
    }
    args.work_factor.warn(context);
    let source = credential::source(&context.globals)?;
    let quiet = Quiet::begin();
    let mut session =
        if source.is_key() { context.key_session()? } else { without_key(context.vault()?, &source, context)? };
    session.check_not_joined()?;
    // Someone who joins has no passphrase yet, so a given one can only be the new one.
    let source = args.new_passphrase_fd.map(Source::PassphraseFd);
    let source = source.unwrap_or_else(|| credential::passphrase_source(&context.globals));
    let is_asked = source.is_terminal();
    let passphrase = new_keys::new(source, &Purpose::Joining, context)?;
    let recovery = Key::generate()?;
    let fallbacks = args.unreadable.contents(Action::Join, &session)?;
    let working = context.ui.working(NEW_PASSPHRASE);
    let work_factor = args.work_factor.value();
    let joining = Joining { passphrase: &passphrase, work_factor, recovery: &recovery, fallbacks };
    let show = |edit: &Edit<'_>| {
        drop(working);
        Made::Recovery(&recovery).show_in(edit, context)
    };
    session.join(joining, show)?;
    drop(quiet);
    context.show_warnings(session.vault());
    let user = User::new(session.vault(), session.user())?;
    context.ui.done(&format!("Joined as \"{}\": {}. Only you have these keys.", user.username, user.rights()));
    new_keys::replaced(&session, context);
    if is_asked {
        crate::cli::unlocking::agent::keep(context, &session);
    }
    context.ui.hint("share the changed file: git add, commit and push it");
    Ok(ExitCode::SUCCESS)
}

/// Opens a session with the keys of an earlier request on this device, or else asks for the key that an admin printed.
fn without_key(vault: Vault, source: &Source, context: &Context) -> Result<KeySession> {
    if let Some(user) = vault.requested_user(context.user()?.as_ref())? {
        match vault.requested(&user)? {
            Requested::Added(identity) => {
                let mut session = vault.open_requested(identity, &context.caller())?;
                context.prepare(&mut session)?;
                return Ok(session);
            }
            Requested::Waiting => {
                return Err(vault::vault::not_added(&user));
            }
            Requested::No => {}
        }
    }
    if !source.is_terminal() || !context.is_interactive() {
        return Err(Error::unlock("joining needs the key that vault user add printed")
            .hint("set VAULT_KEY or VAULT_KEY_FILE; without one: vault join --request"));
    }
    let typed = terminal::hidden("Key that vault user add printed: ")?;
    let credential = Credential::Key(Key::parse(typed.expose_secret())?);
    context.unlock_with(vault, &credential, None)
}

fn request(context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    let user = context.user_or_login()?;
    let request = vault.request_keys(&user)?;
    context.show_warnings(&vault);
    if context.ui.json {
        context.ui.json(&Request { username: user.to_string(), keys: request.to_string() })?;
    } else {
        context.ui.line(&request.to_string())?;
    }
    context.ui.done(&format!("Public keys for \"{user}\" (--user to change); the private ones stay on this device."));
    context.ui.done(&format!("Fingerprint, for the admin to compare by voice: {}", request.fingerprint()));
    context.ui.hint(&format!("an admin runs: vault user add {user} --read ENV --keys LINE"));
    context.ui.hint("then get the new file and run: vault join");
    Ok(ExitCode::SUCCESS)
}

//! `vault init`: creates a vault.

use crate::cli::asking::terminal::Quiet;
use crate::cli::generated::examples;
use crate::cli::options::reading::{ReadingArgs, read};
use crate::cli::showing::git;
use crate::cli::showing::notes::show_notes;
use crate::cli::showing::progress::NEW_PASSPHRASE;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::new_keys::{self, Made, Purpose, WorkFactorArgs};
use crate::cli::unlocking::{agent, credential, hint_commands};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::actions::import::{Changes, Chosen};
use vault::identity::Key;
use vault::item::Content;
use vault::name::{EnvironmentName, UserName};
use vault::ordered::Ordered as _;
use vault::passphrase::Strong;
use vault::roster::State;
use vault::time::Time;
use vault::vault::Slot;
use vault::vault::WorkFactor;
use vault::vault::{Creation, DEFAULT_NAME, Keyring, check_absent, create};
use vault::words::plural;

/// Creates ./secrets.vault, or your personal vault with --personal. The environments are those named with -e, or dev.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault init --import .env" => "Create a vault from the values in .env",
    "vault init -e dev -e prod" => "Create one with two environments",
})]
pub struct Args {
    /// Import this file into the first environment: see vault import
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Print a key for VAULT_KEY instead of asking for a passphrase: for machines
    #[arg(long)]
    key: bool,
    /// Store your e-mail address, which everybody can read in the file
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    #[command(flatten)]
    work_factor: WorkFactorArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let path = target(context)?;
    check_absent(&path)?;
    let user = context.user_or_login()?;
    let names = environments(context);
    let imported = args.import.as_deref().map(|file| read(file, &args.reading)).transpose()?;
    let contents = contents(&names, imported.as_ref(), &user)?;
    context.ui.done(&format!("Creating {} as user \"{user}\" (--user to change).", path.display()));
    if !args.key {
        args.work_factor.warn(context);
    }
    // Echo stays off until the vault is created. What is typed while scrypt works is neither shown nor run by the
    // shell.
    let quiet = Quiet::begin();
    let secrets = Secrets::choose(args, context)?;
    let creation = Creation {
        user,
        email: args.email.clone(),
        environments: contents,
        slots: secrets.slots(args.work_factor.value()),
        allowed: imported.as_ref().map(Chosen::allowed).cloned().unwrap_or_default(),
        caller: context.caller(),
    };
    if let Some(directory) = path.parent().filter(|_| context.globals.personal) {
        vault::fs::create_private_directory(directory)?;
    }
    let user = creation.user.clone();
    let working = (!args.key).then(|| context.ui.working(NEW_PASSPHRASE));
    let show = |state: &State, slots: &[Slot]| {
        drop(working);
        secrets.show(state, slots, &user, context)
    };
    let session = create(&path, creation, &context.settings()?, show)?;
    drop(quiet);
    report(&path, &names, imported.as_ref().zip(args.import.as_deref()), context);
    if !args.key && credential::source(&context.globals)?.is_terminal() {
        agent::keep(context, &session);
    }
    hint(args, &names, imported.as_ref(), context);
    // A plain file that still holds the values is more urgent.
    if !args.key && args.import.is_none() {
        git::init_hint(session.vault().path()).iter().for_each(|hint| context.ui.hint(hint));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the environments of the new vault. The first one gets the imported items.
fn contents(
    names: &[EnvironmentName],
    imported: Option<&Chosen>,
    user: &UserName,
) -> Result<BTreeMap<EnvironmentName, Content>> {
    let mut contents: BTreeMap<_, _> = names.iter().map(|name| (name.clone(), Content::default())).ordered();
    if let (Some(imported), Some(name)) = (imported, names.first())
        && let Some(first) = contents.get_mut(name)
    {
        imported.put(first, name, user, Time::now())?;
    }
    Ok(contents)
}

/// What opens the new vault.
enum Secrets {
    Passphrase { passphrase: Strong, recovery: Key },
    Key(Key),
}

impl Secrets {
    fn choose(args: &Args, context: &Context) -> Result<Self> {
        if args.key {
            return Key::generate().map(Self::Key);
        }
        let source = credential::source(&context.globals)?;
        let passphrase = new_keys::new(source, &Purpose::Creating, context)?;
        Ok(Self::Passphrase { passphrase, recovery: Key::generate()? })
    }

    fn slots(&self, work_factor: WorkFactor) -> Keyring<'_> {
        match self {
            Self::Passphrase { passphrase, recovery } => {
                Keyring { passphrase: Some((passphrase, work_factor)), key: recovery }
            }
            Self::Key(key) => Keyring { passphrase: None, key },
        }
    }

    /// Prints a key, because `--key` asks for it as data, or shows the recovery key.
    fn show(&self, state: &State, slots: &[Slot], user: &UserName, context: &Context) -> Result<()> {
        match self {
            Self::Key(key) => {
                context.ui.check_kept("the key")?;
                Made::Key(key).print(state, slots, user, context)
            }
            Self::Passphrase { recovery, .. } => Made::Recovery(recovery).show(state, slots, user, context),
        }
    }
}

fn target(context: &Context) -> Result<PathBuf> {
    Ok(context.named_path()?.unwrap_or_else(|| Path::new(".").join(DEFAULT_NAME)))
}

fn environments(context: &Context) -> Vec<EnvironmentName> {
    let mut names: Vec<EnvironmentName> = Vec::new();
    for name in context.named_environments() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        names.push(EnvironmentName::usual());
    }
    names
}

fn report(path: &Path, names: &[EnvironmentName], imported: Option<(&Chosen, &Path)>, context: &Context) {
    let what = if names.len() == 1 { "environment" } else { "environments" };
    let list: Vec<_> = names.iter().map(EnvironmentName::as_str).collect();
    let items = imported.map_or(String::new(), |(chosen, file)| {
        format!(", {} from {}", plural(chosen.items().len(), "item"), file.display())
    });
    context.ui.done(&format!("Created {}: {what} {}{items}", path.display(), list.join(", ")));
}

/// Shows the next steps.
fn hint(args: &Args, names: &[EnvironmentName], imported: Option<&Chosen>, context: &Context) {
    let Some(environment) = names.first() else { return };
    let (Some(chosen), Some(file)) = (imported, &args.import) else {
        let command = |command| hint_commands::command_in(environment, command, context);
        let (set, exec) = (command("set NAME"), command("exec -- CMD"));
        context.ui.hint(&format!("set a value: {set}; run a program with all of them: {exec}"));
        return;
    };
    show_notes(&Changes::new(chosen, &Content::default()), chosen, context.ui);
    args.reading.warn_of_plaintext(file, chosen, environment, context);
}

//! `vault export`: values for other tools.

use super::context::Context;
use super::selection::{Selection, SelectionArgs};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::format::export::{self, Format};
use vault::item::{Item, Kind};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};

/// Values leave the vault in clear: prefer `vault exec`. Of several environments later ones win.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// dotenv, json, shell, fish, or example (names and notes without values)
    #[arg(long, short, value_name = "FORMAT", default_value = "dotenv")]
    format: Format,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    selection: SelectionArgs,
}

/// The items to be written, each with the environment it is from.
type Chosen = BTreeMap<ItemName, (EnvironmentName, Item)>;

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let environments = context.environments(session.vault())?;
    let selection = Selection::new(&args.selection)?;
    let mut chosen = Chosen::new();
    for environment in &environments {
        let entry = Entry::new(Action::Export).environment(environment);
        let content = session.read(environment).map_err(|error| session.log_refusal(entry, error))?;
        let wanted = content.items().values().filter(|item| selection.takes(item.name.as_str()));
        chosen.extend(wanted.map(|item| (item.name.clone(), (environment.clone(), item.clone()))));
    }
    context.show_warnings(session.vault());
    selection.check_names(chosen.keys().map(ItemName::as_str))?;
    let text = write(args.format, &chosen)?;
    if args.format != Format::Example {
        session.log(entries(&environments, &chosen))?;
    }
    match &args.output {
        Some(path) => vault::fs::write_private(path, &text)?,
        None => context.ui.bytes(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write(format: Format, chosen: &Chosen) -> Result<vault::secret::SecretBytes> {
    export::write(format, &chosen.values().map(|(_, item)| exported(item)).collect::<Vec<_>>())
}

fn exported(item: &Item) -> export::Item<'_> {
    export::Item {
        name: item.name.as_str(),
        value: &item.current.value,
        is_variable: item.metadata.kind == Kind::Variable,
        note: item.metadata.note.as_deref(),
    }
}

/// An entry for each environment that values come from.
fn entries(environments: &[EnvironmentName], chosen: &Chosen) -> Vec<Entry> {
    let entry = |environment: &EnvironmentName| {
        let names = chosen.iter().filter(|(_, (from, _))| from == environment).map(|(name, _)| name);
        Entry::new(Action::Export).environment(environment).items(names)
    };
    environments.iter().map(entry).collect()
}

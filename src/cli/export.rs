//! `vault export`: values for other tools.

use super::context::Context;
use super::selection::{Selection, SelectionArgs};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::format::export::{self, Format};
use vault::item::{Item, Kind};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::{Error, Result};

/// Values leave the vault in clear: prefer `vault exec`. Of several environments later ones win. An item that a format
/// can't carry exactly is refused by name. `-f github` prints commands that mask every line of every secret, then appends
/// to the file that $GITHUB_ENV names; -o "$GITHUB_OUTPUT" makes outputs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// dotenv, shell, fish, powershell, json, yaml, toml, docker, compose, systemd, github, gitlab, k8s, tfvars, csv, or
    /// example (names and notes without values)
    #[arg(long, short, value_name = "FORMAT", default_value = "dotenv")]
    format: Format,
    /// Write to this file instead, readable by you only (github: append to it)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    selection: SelectionArgs,
}

/// The items to be written, each with the environment it is from.
type Chosen = BTreeMap<ItemName, (EnvironmentName, Item)>;

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    super::output::check(args.output.as_deref())?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let selection = Selection::new(&args.selection)?;
    let mut chosen = Chosen::new();
    for environment in &environments {
        let entry = Entry::new(Action::Export).environment(environment);
        let content = session.read(environment).map_err(|error| session.log_refusal(entry, error))?;
        let wanted = content.items().values().filter(|item| selection.takes(item.name.as_str()));
        chosen.extend(wanted.map(|item| (item.name.clone(), (environment.clone(), item.clone()))));
    }
    context.show_warnings(session.vault());
    selection.check_names()?;
    if args.format != Format::Example {
        let now = Time::now();
        let expired = chosen.values().filter(|(_, item)| item.is_expired(now));
        context.expired(&expired.map(|(_, item)| item.name.as_str()).collect::<Vec<_>>())?;
    }
    let items: Vec<_> = chosen.values().map(|(_, item)| exported(item)).collect();
    let log = || session.log(entries(&environments, &chosen));
    match args.format {
        Format::Github => github(&items, args, context, log)?,
        Format::Example => put(&export::write(args.format, &items)?, args, context)?,
        format => {
            let text = export::write(format, &items)?;
            log()?;
            put(&text, args, context)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn put(text: &[u8], args: &Args, context: &Context) -> Result<()> {
    match &args.output {
        Some(path) => super::output::write(path, text),
        None => context.ui.value(text),
    }
}

/// Masks are printed before the values are where the runner reads them: nothing that follows can show one.
fn github(items: &[export::Item<'_>], args: &Args, context: &Context, log: impl FnOnce() -> Result<()>) -> Result<()> {
    let variable = || vault::settings::Variable::GithubEnv.filled().map(PathBuf::from);
    let path = args.output.clone().or_else(variable).ok_or_else(|| {
        Error::usage("GITHUB_ENV names no file to append to")
            .hint("run this in a step of a workflow, or name the file: -o FILE")
    })?;
    let workflow = export::github::workflow(items)?;
    log()?;
    context.ui.value(&workflow.masks)?;
    super::output::append(&path, &workflow.file)
}

/// An item for [`export::write`].
pub fn exported(item: &Item) -> export::Item<'_> {
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

//! `vault export`: values for other tools.

use super::context::Context;
use super::selection::{Selection, SelectionArgs};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::format::export::{self, Format, ObjectName, Reader, Target, Written};
use vault::item::{Item, Kind};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::{Error, Result};

/// Values leave the vault in clear: prefer `vault exec`. Of several environments later ones win. An item that a format
/// can't carry exactly is left out and named; with --strict the exit code is then 1. `-f github` prints commands that mask every line of every secret, then appends
/// to the file that $GITHUB_ENV names; -o "$GITHUB_OUTPUT" makes outputs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// dotenv, shell, fish, powershell, json, yaml, toml, docker, compose, systemd, github, gitlab, k8s, tfvars, csv, or
    /// example (names and notes without values)
    #[arg(long, short, value_name = "FORMAT", default_value = "dotenv")]
    format: Format,
    /// Write a .env file for this reader alone, which carries more values: node, python, compose, ruby or laravel
    #[arg(long, value_name = "READER")]
    dialect: Option<Reader>,
    /// Name the Kubernetes Secret that -f k8s writes; else vault
    #[arg(long, value_name = "NAME")]
    name: Option<ObjectName>,
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
    let target = target(args)?;
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
    let written = export::write_carried(target, &items);
    refuse(&written, &selection, items.len())?;
    let is_carried = |name: &str| !written.refused.iter().any(|refused| refused == name);
    let log = || session.log(entries(&environments, &chosen, is_carried));
    match args.format {
        Format::Github => {
            let carried: Vec<_> = items.iter().filter(|item| is_carried(item.name)).copied().collect();
            github(&written.text, &carried, args, context, log)?;
        }
        Format::Example => put(&written.text, args, context)?,
        _ => {
            log()?;
            put(&written.text, args, context)?;
        }
    }
    let Some(refusal) = &written.refusal else { return Ok(ExitCode::SUCCESS) };
    context.ui.alarm(&refusal.to_string());
    refusal.hint_text().into_iter().for_each(|hint| context.ui.hint(hint));
    Ok(if context.strict() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What is to be written. An option that a format has no use for is a mistake.
fn target(args: &Args) -> Result<Target<'_>> {
    let unused = [
        (args.dialect.is_some() && args.format != Format::Dotenv, "--dialect", "-f dotenv"),
        (args.name.is_some() && args.format != Format::K8s, "--name", "-f k8s"),
    ];
    if let Some((_, option, format)) = unused.into_iter().find(|(is_unused, ..)| *is_unused) {
        return Err(Error::usage(format!("{option} goes with {format}, not with -f {}", args.format))
            .hint(format!("leave out {option}, or use {format}")));
    }
    Ok(Target { format: args.format, reader: args.dialect, name: args.name.as_ref() })
}

/// One item that can't be carried doesn't keep the others back, unless it was named, or there are no others.
fn refuse(written: &Written, selection: &Selection, count: usize) -> Result<()> {
    let is_named = written.refused.iter().any(|name| selection.is_named(name));
    match &written.refusal {
        Some(refusal) if is_named || written.refused.len() == count => Err(refusal.clone()),
        _ => Ok(()),
    }
}

fn put(text: &[u8], args: &Args, context: &Context) -> Result<()> {
    match &args.output {
        Some(path) => super::output::write(path, text),
        None => context.ui.value(text),
    }
}

/// Masks are printed before the values are where the runner reads them: nothing that follows can show one.
fn github(
    file: &[u8],
    carried: &[export::Item<'_>],
    args: &Args,
    context: &Context,
    log: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let variable = || vault::settings::Variable::GithubEnv.filled().map(PathBuf::from);
    let path = args.output.clone().or_else(variable).ok_or_else(|| {
        Error::usage("GITHUB_ENV names no file to append to")
            .hint("run this in a step of a workflow, or name the file: -o FILE")
    })?;
    let masks = export::github::masks(carried);
    log()?;
    context.ui.value(&masks)?;
    let unmasked = export::github::unmasked(carried);
    if !unmasked.is_empty() {
        context.ui.alarm(&format!("too short to be masked in the log: {}", unmasked.join(", ")));
    }
    super::output::append(&path, file)
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

/// An entry for each environment that values come from, with those that are handed out.
fn entries(environments: &[EnvironmentName], chosen: &Chosen, is_carried: impl Fn(&str) -> bool) -> Vec<Entry> {
    let entry = |environment: &EnvironmentName| {
        let names = chosen.iter().filter(|(_, (from, _))| from == environment).map(|(name, _)| name);
        let names = names.filter(|name| is_carried(name.as_str()));
        Entry::new(Action::Export).environment(environment).items(names)
    };
    environments.iter().map(entry).collect()
}

//! `vault export`: values for other tools.

use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::showing::remedies::hint_of;
use crate::cli::unlocking::context::Context;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::actions::Selection;
use vault::format::export::{self, Format, Named, Reader, Target};
use vault::item::{Content, Deliver, Kind, clashes};
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::ordered::InOrder as _;
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::{Purpose, Uncarried, Unread, WrittenAs, exported_as_variable};
use vault::{Error, Result};

/// Values leave the vault in the clear: prefer `vault exec`. Each item is written as the variable that commands get
/// (vault set --as). Items that commands get as a file or not at all are left out, unless --only names them. Of several
/// environments, later ones win. An item that a format can't carry exactly is left out and named. So is, in a format
/// that sets variables where it is run (shell, fish, powershell, github), a name that can make programs load code,
/// unless it is allowed. With --strict the exit code is then 1. `-f github` prints commands that mask every line of
/// every secret, then appends to the file that $GITHUB_ENV names; -o "$GITHUB_OUTPUT" makes outputs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// dotenv (or env), shell (or bash, zsh), fish, powershell, json, yaml, toml, docker, compose, systemd, github, gitlab, k8s, tfvars, csv, or
    /// example (names and notes without values)
    #[arg(long, short, value_name = "FORMAT", default_value = "dotenv")]
    format: Format,
    /// Write a .env file for this reader only, which can hold more values: node, python, compose, ruby or laravel
    #[arg(long, value_name = "READER")]
    dialect: Option<Reader>,
    /// Name the Kubernetes Secret that -f k8s writes (else vault), or the service that -f compose writes a compose file
    /// for (else an env_file)
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    name: Option<String>,
    /// Write to this file instead, readable by you only (github: append to it)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    allow: AllowNames,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    crate::cli::showing::output::check(args.output.as_deref())?;
    let named = named(args)?;
    let target = target(args, named.as_ref())?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let selection = args.selection.selection()?;
    let purpose = Purpose::new(Action::Export);
    let unread = environments.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    context.show_warnings(session.vault());
    let once = args.allow.once();
    let allowed = session.vault().allowed(&once);
    let is_refused =
        |environment: &EnvironmentName, name: &str| args.format.is_run() && !allowed.allows(environment, name);
    let (chosen, left_out) = choose(unread, &selection, &is_refused);
    selection.check_names()?;
    chosen.iter().try_for_each(check_apart)?;
    let uncarried = Unread::uncarried(&chosen, target, WrittenAs::Variable);
    let count = chosen.iter().map(Unread::count).sum();
    let path = match args.format {
        Format::Github => Some(github_file(args)?),
        _ => None,
    };
    refuse(&uncarried, &selection, count)?;
    let carried: Vec<_> =
        chosen.into_iter().map(|unread| unread.only(|item| !uncarried.names.contains(item.name()))).collect();
    if args.format == Format::Example {
        put(&example(&carried)?, args, context)?;
    } else {
        check_expiry(&carried, context)?;
        let read = session.read_all(&purpose, carried)?;
        let all = read.iter().flat_map(|(_, content)| content.items().values());
        let mut items: Vec<_> = all.map(exported_as_variable).collect();
        items.order_by_key(|item| item.name);
        let text = export::write(target, &items)?;
        match &path {
            Some(path) => github(&text, &items, path, context)?,
            None => put(&text, args, context)?,
        }
    }
    left_out.tell(context);
    if let Some(refusal) = &uncarried.refusal {
        context.ui.alarm(&refusal.to_string());
        hint_of(refusal).iter().for_each(|hint| context.ui.hint(hint));
    }
    let is_whole = uncarried.refusal.is_none() && left_out.refused.is_empty();
    Ok(if context.strict() && !is_whole { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The names of items that are not written.
#[derive(Default)]
struct LeftOut {
    /// Commands get them as a file or not at all, and they were not named.
    kept_back: BTreeSet<String>,
    /// Variables that make programs load code, and that nobody has allowed.
    refused: BTreeSet<String>,
}

impl LeftOut {
    fn tell(&self, context: &Context) {
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if !self.refused.is_empty() {
            let names = list(&self.refused);
            context.ui.alarm(&format!("not exported: {names} can make a program load code (--allow-name NAME)"));
        }
        if !self.kept_back.is_empty() {
            let names = list(&self.kept_back);
            context
                .ui
                .noted(&format!("left out, because commands get them as a file or not at all: {names} (--only NAME)"));
        }
    }
}

/// The items that are wanted, each in the last environment that has it or its variable; and those that are left out.
fn choose(
    unread: Vec<Unread>,
    selection: &Selection,
    is_refused: &dyn Fn(&EnvironmentName, &str) -> bool,
) -> (Vec<Unread>, LeftOut) {
    let (mut items, mut variables) = (BTreeSet::new(), BTreeSet::new());
    let (mut chosen, mut left_out) = (Vec::new(), LeftOut::default());
    for unread in unread.into_iter().rev() {
        let mut here = Vec::new();
        let environment = unread.environment().clone();
        chosen.push(unread.only(|item| {
            let name = item.name().as_str();
            if !selection.takes(name) || items.contains(name) || variables.contains(item.value_variable()) {
                return false;
            }
            here.push((name.to_owned(), item.value_variable().to_owned()));
            let is_given = item.metadata().deliver == Deliver::Variable || selection.is_named(name);
            let is_refused = is_given && is_refused(&environment, item.value_variable());
            if is_refused {
                left_out.refused.insert(item.value_variable().to_owned());
            } else if !is_given {
                left_out.kept_back.insert(name.to_owned());
            }
            is_given && !is_refused
        }));
        for (item, variable) in here {
            items.insert(item);
            variables.insert(variable);
        }
    }
    chosen.reverse();
    (chosen, left_out)
}

/// No two items of an environment are written as one variable.
fn check_apart(unread: &Unread) -> Result<()> {
    let variables = unread.items().map(|item| (item.name().as_str(), item.value_variable().into()));
    clashes(variables).first().map_or(Ok(()), |clash| Err(clash.error(unread.environment())))
}

fn check_expiry(unread: &[Unread], context: &Context) -> Result<()> {
    let now = Time::now();
    let expired = unread.iter().flat_map(Unread::<Content>::items).filter(|item| item.is_expired(now));
    let mut expired: Vec<_> = expired.map(|item| item.name().as_str()).collect();
    expired.order();
    context.expired(&expired)
}

/// Names and notes: no value is read for it.
fn example(unread: &[Unread]) -> Result<SecretBytes> {
    let outlines = unread.iter().flat_map(Unread::<Content>::items);
    let mut items: Vec<_> = outlines
        .map(|item| export::Item {
            name: item.value_variable(),
            value: b"",
            is_variable: item.metadata().kind == Kind::Variable,
            note: item.metadata().note.as_deref(),
        })
        .collect();
    items.order_by_key(|item| item.name);
    export::write(Format::Example, &items)
}

/// What is named in the output, if it is.
fn named(args: &Args) -> Result<Option<Named>> {
    let named = args.name.as_deref().map(|name| Named::read(args.format, name));
    named.transpose().map(Option::flatten)
}

/// What is to be written. An option that a format has no use for is a mistake.
fn target<'a>(args: &Args, named: Option<&'a Named>) -> Result<Target<'a>> {
    let unused = [
        (args.dialect.is_some() && args.format != Format::Dotenv, "--dialect", "-f dotenv"),
        (args.name.is_some() && named.is_none(), "--name", "-f k8s or compose"),
    ];
    if let Some((_, option, format)) = unused.into_iter().find(|(is_unused, ..)| *is_unused) {
        return Err(Error::usage(format!("{option} goes with {format}, not with -f {}", args.format))
            .hint(format!("leave out {option}, or use {format}")));
    }
    Ok(Target { format: args.format, reader: args.dialect, name: named })
}

/// One item that can't be carried doesn't keep the others back, unless it was named, or there are no others.
fn refuse(uncarried: &Uncarried, selection: &Selection, count: usize) -> Result<()> {
    let is_named = uncarried.names.iter().any(|name| selection.is_named(name.as_str()));
    match &uncarried.refusal {
        Some(refusal) if is_named || uncarried.names.len() == count => Err(refusal.clone()),
        _ => Ok(()),
    }
}

fn put(text: &[u8], args: &Args, context: &Context) -> Result<()> {
    match &args.output {
        Some(path) => crate::cli::showing::output::write(path, text),
        None => context.ui.value(text),
    }
}

fn github_file(args: &Args) -> Result<PathBuf> {
    let variable = || vault::settings::Variable::GithubEnv.filled().map(PathBuf::from);
    args.output.clone().or_else(variable).ok_or_else(|| {
        Error::usage("GITHUB_ENV names no file to append to")
            .hint("run this in a step of a workflow, or name the file: -o FILE")
    })
}

/// Masks are printed before the values are where the runner reads them: nothing that follows can show one.
fn github(file: &[u8], carried: &[export::Item<'_>], path: &Path, context: &Context) -> Result<()> {
    context.ui.value(&export::github::masks(carried))?;
    let unmasked = export::github::unmasked(carried);
    if !unmasked.is_empty() {
        context.ui.alarm(&format!("too short to be masked in the log: {}", unmasked.join(", ")));
    }
    crate::cli::showing::output::append(path, file)
}

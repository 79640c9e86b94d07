//! `vault export`: writes values for other tools.

use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::showing::remedies::hint_of;
use crate::cli::unlocking::context::Context;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::actions::export::{self, Chosen, LeftOut, Request, Written};
use vault::dangerous::danger;
use vault::format::export::{Format, Named, Reader, Target};
use vault::vault::First;
use vault::{Error, Result};

/// Values leave the vault in the clear: prefer `vault exec`. Each item is written as the variable that commands get
/// (vault set --as). Items that commands get as a file or not at all are left out, unless --only names them. If you
/// name several environments, later ones win. An item that the format can't hold exactly is left out and named. Formats
/// that set variables when they are run (shell, fish, powershell, github) also leave out a name that can make programs
/// load code, unless it is allowed. With --strict the exit code is 1 if anything is left out. `-f github` prints
/// commands that mask every line of every secret, then appends to the file that $GITHUB_ENV names; with -o
/// "$GITHUB_OUTPUT" it sets outputs of the step.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault export -f json" => "Print all values as JSON",
    "vault export -e prod -f k8s --name app | kubectl apply -f -" => "Hand them to Kubernetes as a Secret called app",
})]
pub struct Args {
    /// Write this format: dotenv (or env), shell (or bash, zsh), fish, powershell, json, yaml, toml, docker, compose,
    /// systemd, github, gitlab, k8s, tfvars, csv, or example (names and notes without values)
    #[arg(long, short, value_name = "FORMAT", default_value = "dotenv")]
    format: Format,
    /// Write a .env file for this reader only, which can hold more values: node, python, compose, ruby or laravel
    #[arg(long, value_name = "READER")]
    dialect: Option<Reader>,
    /// Name the Kubernetes Secret that -f k8s writes (default: vault), or the service that -f compose writes a compose
    /// file for (default: write an env_file)
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
    args.output.as_deref().map_or(Ok(()), vault::output::check)?;
    let named = named(args)?;
    let target = target(args, named.as_ref())?;
    let session = context.session_reading(First::Chosen)?;
    let environments = context.environments(&session)?;
    let selection = args.selection.selection()?;
    let unread = export::open(&session, &environments)?;
    context.show_warnings(session.vault());
    let once = args.allow.once();
    let request = Request { target, selection: &selection, allowed: session.vault().allowed(&once) };
    let chosen = Chosen::new(unread, &request)?;
    let path = match args.format {
        Format::Github => Some(github_file(args)?),
        _ => None,
    };
    let written = chosen.write(&session)?;
    context.warn_of_expired(&written.expired);
    match &path {
        Some(path) => github(&written, path, context)?,
        None => put(&written.text, args, context)?,
    }
    tell(&written.left_out, context);
    Ok(if context.strict() && !written.left_out.is_whole() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(left_out: &LeftOut, context: &Context) {
    let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !left_out.refused.is_empty() {
        let reasons = left_out.refused.iter().filter_map(|name| Some(format!("{name} {}", danger(name)?.does())));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        context.ui.alarm(&format!("not exported: {reasons} (--allow-name NAME)"));
    }
    if !left_out.kept_back.is_empty() {
        let names = list(&left_out.kept_back);
        context
            .ui
            .not_done(&format!("left out, because commands get them as a file or not at all: {names} (--only NAME)"));
    }
    if let Some(refusal) = &left_out.uncarried {
        context.ui.alarm(&refusal.to_string());
        hint_of(refusal).iter().for_each(|hint| context.ui.hint(hint));
    }
}

/// Parses the name that the output contains, if one was given.
fn named(args: &Args) -> Result<Option<Named>> {
    let named = args.name.as_deref().map(|name| Named::read(args.format, name));
    named.transpose().map(Option::flatten)
}

/// Returns what to write. An option that the format doesn't use is an error.
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

fn put(text: &[u8], args: &Args, context: &Context) -> Result<()> {
    match &args.output {
        Some(path) => vault::output::write(path, text),
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

/// Writes for GitHub Actions. The masks are printed before the values are written to the file, so that no later output
/// can show a value.
fn github(written: &Written, path: &Path, context: &Context) -> Result<()> {
    context.ui.value(&written.masks)?;
    if !written.unmasked.is_empty() {
        context.ui.alarm(&format!("too short to be masked in the log: {}", written.unmasked.join(", ")));
    }
    vault::output::append(path, &written.text)
}

//! `vault set`: values and metadata.

use super::generate::{self, RecipeArgs};
use crate::cli::asking::terminal;
use crate::cli::options::input;
use crate::cli::options::metadata::{self, MetadataArgs};
use crate::cli::options::names::AllowNames;
use crate::cli::running::LeftOut;
use crate::cli::unlocking::again;
use crate::cli::unlocking::context::Context;
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::item::{Deliver, Kind, MAX_VALUE, Metadata, is_nothing, variable};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::{Edit, Purpose, Session};
use vault::view::Secret;
use vault::{Error, Result};

/// On a terminal the value is asked for; in a pipe it is read from standard input, without the final newline of a single
/// line. Empty input is an error, because the command before the pipe may have failed: --empty accepts it. Options that
/// describe an item change it without a new value when standard input is empty and no pipe, such as /dev/null; of several
/// items on a terminal they change those that are there without a question.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME, ENV/NAME, or NAME=VALUE (which the shell's history keeps)
    #[arg(required = true, value_name = "NAME[=VALUE]", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    items: Vec<String>,
    /// Keep the final newline of the input
    #[arg(long)]
    raw: bool,
    /// The value is this file's content, to the byte
    #[arg(long, value_name = "FILE", conflicts_with_all = ["raw", "generate"])]
    from_file: Option<PathBuf>,
    /// Accept an empty value
    #[arg(long, conflicts_with = "generate")]
    empty: bool,
    /// Generate a random value: of this length, else as long as is usual for its kind
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true)]
    generate: Option<Option<usize>>,
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    metadata: MetadataArgs,
    #[command(flatten)]
    allow: AllowNames,
}

/// What the value is called that comes from there.
const STANDARD: &str = "standard input";

/// One item to be set, and where its value comes from.
struct Target {
    environment: EnvironmentName,
    name: ItemName,
    value: Option<SecretBytes>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let quiet = terminal::Quiet::begin();
    let mut session = context.session()?;
    let mut targets = args.items.iter().map(|text| target(text, context, &session)).collect::<Result<Vec<_>>>()?;
    check_length(args)?;
    check_once(&targets)?;
    targets.iter().try_for_each(|target| session.confirm(&target.environment, Action::Set))?;
    check_variables(&targets, args, &session)?;
    if !args.empty {
        check_filled(&targets, context)?;
    }
    read_values(&mut targets, args, context, &session)?;
    drop(quiet);
    let entries = entries(&targets);
    let (stored, left_out): (Vec<_>, Vec<_>) = session.edit(&entries, |edit| {
        let stored = targets.iter().map(|target| store(edit, target, args)).collect::<Result<Vec<_>>>()?;
        entries.iter().for_each(|entry| edit.log(entry.clone()));
        Ok(stored.into_iter().unzip())
    })?;
    context.show_warnings(session.vault());
    for Stored { secret, message } in stored {
        context.ui.done(&message);
        if context.ui.json {
            context.ui.json(&secret)?;
        }
    }
    left_out.iter().flatten().for_each(|left_out| left_out.warn(context));
    warn_of_history(&targets, args, context, &session)?;
    Ok(ExitCode::SUCCESS)
}

fn target(text: &str, context: &Context, session: &Session) -> Result<Target> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(SecretBytes::from(value))),
        None => (text, None),
    };
    let (environment, name) = context.item(session, name)?;
    Ok(Target { environment, name, value })
}

/// `--generate 32 NAME` would set an item that is called 32.
fn check_length(args: &Args) -> Result<()> {
    let is_number = |text: &&String| text.bytes().all(|byte| byte.is_ascii_digit());
    match args.items.iter().find(is_number).filter(|_| args.generate == Some(None)) {
        Some(number) => Err(Error::usage(format!("{number} stands in the place of a name"))
            .hint(format!("for this length: --generate={number}; for an item of this name: ENV/{number}"))),
        None => Ok(()),
    }
}

fn check_once(targets: &[Target]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match targets.iter().find(|target| !seen.insert((&target.environment, &target.name))) {
        Some(Target { environment, name, .. }) => Err(Error::usage(format!("{environment}/{name} is given twice"))),
        None => Ok(()),
    }
}

/// What the items are to be called for commands is checked before a value is asked for. A variable holds one of them.
fn check_variables(targets: &[Target], args: &Args, session: &Session) -> Result<()> {
    if let Some(variable) = args.metadata.variable()
        && targets.len() > 1
    {
        return Err(Error::usage(format!("--as {variable} is given for several items")).hint("set one NAME at a time"));
    }
    let allowed = args.allow.and_kept(session.vault());
    for Target { environment, name, .. } in targets {
        // Most names are harmless, and then nothing has to be read.
        if args.metadata.variable().is_none() && allowed.allows(environment, name.as_str()) {
            continue;
        }
        let purpose = Purpose::new(Action::Set).items([name]);
        let unread = session.open(&purpose, environment)?;
        let before = unread.get(name).map(|item| item.metadata().clone());
        let Metadata { deliver, variable: chosen, .. } = args.metadata.apply(before.as_ref(), false, Time::now())?;
        if deliver != Deliver::None || args.metadata.variable().is_some() {
            allowed.check(environment, std::iter::once(&*variable(name.as_str(), deliver, chosen.as_ref())))?;
        }
    }
    Ok(())
}

/// `NAME=` is what `NAME=$VARIABLE` becomes where the variable isn't set.
fn check_filled(targets: &[Target], context: &Context) -> Result<()> {
    match targets.iter().find(|target| target.value.as_ref().is_some_and(|value| value.is_empty())) {
        Some(Target { environment, name, .. }) => {
            let again = again::command(&format!("set {environment}/{name}= --empty"), context);
            Err(Error::usage(format!("the value of {environment}/{name} is empty"))
                .hint(format!("a variable of your shell may be unset; for an empty value: {again}")))
        }
        None => Ok(()),
    }
}

fn read_values(targets: &mut [Target], args: &Args, context: &Context, session: &Session) -> Result<()> {
    if args.recipe.is_given() && args.generate.is_none() {
        return Err(Error::usage("this says how to generate, and --generate is missing").hint("add --generate"));
    }
    let without = targets.iter().filter(|target| target.value.is_none()).count();
    if without < targets.len() && (args.generate.is_some() || args.from_file.is_some()) {
        return Err(Error::usage("a value is given twice").hint("leave out =VALUE, or --generate and --from-file"));
    }
    if let Some(length) = args.generate {
        let recipe = args.recipe.recipe(length)?;
        context.ui.done(&generate::strength(&recipe));
        for target in targets {
            target.value = Some(recipe.generate()?);
        }
        return Ok(());
    }
    let waiting: Vec<&mut Target> = targets.iter_mut().filter(|target| target.value.is_none()).collect();
    if waiting.len() > 1 && (args.from_file.is_some() || !std::io::stdin().is_terminal()) {
        return describe_several(&waiting, args, session);
    }
    let are_several = waiting.len() > 1;
    for target in waiting {
        // Of one item the value may be meant, too; of several only what the options say is.
        if !(are_several && args.metadata.is_given() && !args.empty && exists(target, session)?) {
            target.value = read_value(target, args, context, session)?;
        }
    }
    Ok(())
}

/// Several items can be described at once, but they can't share the one value of a file or a pipe.
fn describe_several(waiting: &[&mut Target], args: &Args, session: &Session) -> Result<()> {
    let one_value =
        || Error::usage("one value can't be set to several names").hint("set one NAME at a time, or use NAME=VALUE");
    if args.from_file.is_some() || args.empty || !args.metadata.is_given() {
        return Err(one_value());
    }
    for target in waiting {
        if !exists(target, session)? {
            return Err(input::no_value(&target.environment, &target.name));
        }
    }
    match is_nothing(&input::value(args.raw)?) {
        true if input::is_pipe() => Err(empty_pipe()),
        true => Ok(()),
        false => Err(one_value()),
    }
}

/// The command before it may have failed, and its value was meant.
fn empty_pipe() -> Error {
    Error::usage("standard input is an empty pipe, so nothing was set")
        .hint("to stop a script when the command before | fails: set -o pipefail; to keep the value: add </dev/null")
}

/// A value from a file, a person or standard input; `None` leaves the one there is.
fn read_value(target: &Target, args: &Args, context: &Context, session: &Session) -> Result<Option<SecretBytes>> {
    let describes = args.metadata.is_given() && args.from_file.is_none() && !args.empty && exists(target, session)?;
    let mut hint = String::new();
    let (value, source) = match &args.from_file {
        Some(path) => (input::read(path, MAX_VALUE)?, path.display().to_string()),
        None if !std::io::stdin().is_terminal() => {
            hint.push_str("to stop a script when the command before | fails: set -o pipefail; ");
            (input::value(args.raw)?, STANDARD.to_owned())
        }
        None if context.globals.non_interactive => {
            let may_lack = describes || args.empty;
            let nothing = || input::no_value(&target.environment, &target.name);
            (may_lack.then(SecretBytes::default).ok_or_else(nothing)?, String::new())
        }
        None => (typed_value(target, describes)?, "what was typed".to_owned()),
    };
    let Target { environment, name, .. } = target;
    match is_nothing(&value) {
        true if describes && source == STANDARD && input::is_pipe() => Err(empty_pipe()),
        true if describes && value.is_empty() => Ok(None),
        // A pipe is empty when the command before it failed, and Enter is pressed by mistake.
        true if !args.empty => {
            let again = again::command(&format!("set {environment}/{name} --empty"), context);
            Err(Error::usage(format!("{source} is empty, so {environment}/{name} was not set"))
                .hint(format!("{hint}for an empty value: {again}")))
        }
        _ => Ok(Some(value)),
    }
}

fn typed_value(Target { environment, name, .. }: &Target, describes: bool) -> Result<SecretBytes> {
    let keep = if describes { " (Enter keeps it)" } else { "" };
    let typed = terminal::hidden_value(&format!("Value for {environment}/{name}{keep}: "))?;
    Ok(SecretBytes::from(vault::secret::ExposeSecret::expose_secret(&typed)))
}

fn exists(target: &Target, session: &Session) -> Result<bool> {
    let Target { environment, name, .. } = target;
    let purpose = Purpose::new(Action::Set).items([name]);
    Ok(session.open(&purpose, environment)?.get(name).is_some())
}

/// An item that was set.
struct Stored {
    secret: Secret,
    /// What was done, for people.
    message: String,
}

fn store(edit: &mut Edit<'_>, target: &Target, args: &Args) -> Result<(Stored, Option<LeftOut>)> {
    let Target { environment, name, value } = target;
    let (vault, metadata) = (edit.vault(), &args.metadata);
    let (now, user) = (edit.now(), edit.user());
    let content = edit.content_mut(environment)?;
    let before = content.items().get(name);
    // The value it has is no new one: it makes no version, and keeps its end.
    let value = value.as_ref().filter(|value| before.is_none_or(|item| item.current.value != **value));
    let described = metadata.apply(before.map(|item| &item.metadata), value.is_some(), now)?;
    let is_new = before.is_none();
    match value {
        Some(value) => {
            content.set(name, value.clone(), &described, user, now)?;
        }
        None => content.describe(environment, name, described, user, now)?,
    }
    let item = content.item(environment, name)?;
    let version = match (is_new, value) {
        (true, _) => "new".to_owned(),
        (false, Some(_)) => format!("version {}", item.current.number),
        (false, None) => "same value".to_owned(),
    };
    let empty = if value.is_some_and(|value| value.is_empty()) { ", empty" } else { "" };
    let message = format!("Set {environment}/{name} ({version}{empty}{}).", metadata::outlook(item));
    let is_chosen = is_new || metadata.says_delivery();
    let left_out = LeftOut::of(environment, item.outline(), args.allow.and_kept(vault))
        .filter(|left_out| (value.is_some() || is_chosen) && left_out.is_news(is_chosen));
    Ok((Stored { secret: Secret::new(environment, item.outline()), message }, left_out))
}

/// One for each environment.
fn entries(targets: &[Target]) -> Vec<Entry> {
    let mut environments: Vec<_> = targets.iter().map(|target| &target.environment).collect();
    environments.sort_unstable();
    environments.dedup();
    let entry = |environment: &EnvironmentName| {
        let names = targets.iter().filter(|target| target.environment == *environment).map(|target| &target.name);
        Entry::new(Action::Set).environment(environment).items(names)
    };
    environments.into_iter().map(entry).collect()
}

/// A shell keeps what a person types, and nothing of what a script runs.
fn warn_of_history(targets: &[Target], args: &Args, context: &Context, session: &Session) -> Result<()> {
    if !terminal::is_typed() {
        return Ok(());
    }
    let is_secret = |target: &Target| {
        let purpose = Purpose::new(Action::Set).items([&target.name]);
        let unread = session.open(&purpose, &target.environment)?;
        Ok::<_, Error>(unread.get(&target.name).is_some_and(|item| item.metadata().kind != Kind::Variable))
    };
    let on_line = |target: &&Target| args.items.iter().any(|text| text.contains('=')) && target.value.is_some();
    for target in targets.iter().filter(on_line) {
        if args.metadata.kind() != Some(Kind::Variable) && is_secret(target)? {
            context.ui.warn(&format!("the value of {} is in your shell's history now", target.name));
            let again = again::command(&format!("set {}/{}", target.environment, target.name), context);
            context.ui.hint(&format!("leave out =VALUE and vault asks for it: {again}"));
            break;
        }
    }
    Ok(())
}

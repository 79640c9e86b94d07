//! `vault set`: sets values and metadata.

use crate::cli::asking::terminal;
use crate::cli::generated::examples;
use crate::cli::options::input;
use crate::cli::options::metadata::{self, MetadataArgs};
use crate::cli::options::names::AllowNames;
use crate::cli::options::recipe::{self, RecipeArgs};
use crate::cli::running::warn_of_left_out;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::hint_commands;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::actions::set::{Change, Done, Outcome, Set};
use vault::error::Reason;
use vault::item::{Kind, MAX_VALUE, is_nothing};
use vault::name::NamedItem;
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// On a terminal vault asks for the value; in a pipe it reads standard input, without the final newline of a single
/// line. Empty input is an error, because the command before the pipe may have failed: --empty accepts it. Options that
/// describe an item change it without a new value if standard input is empty and not a pipe, such as /dev/null. On a
/// terminal, if you name several items, these options change the existing ones without asking for values.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault set STRIPE_KEY" => "Ask for the value, and store it",
    "vault set prod/SESSION_KEY --generate=32 --expires 90d" => "Store a random value that expires",
})]
pub struct Args {
    /// NAME, ENV/NAME, or NAME=VALUE (which the shell's history keeps)
    #[arg(required = true, value_name = "NAME[=VALUE]", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    items: Vec<String>,
    /// Keep the final newline of the input
    #[arg(long)]
    raw: bool,
    /// Use this file's exact content as the value
    #[arg(long, value_name = "FILE", conflicts_with_all = ["raw", "generate"])]
    from_file: Option<PathBuf>,
    /// Accept an empty value
    #[arg(long, conflicts_with = "generate")]
    empty: bool,
    /// Generate a random value of this length (default 32 characters, 8 words or 32 bytes)
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true)]
    generate: Option<Option<usize>>,
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    metadata: MetadataArgs,
    #[command(flatten)]
    allow: AllowNames,
}

/// The name of standard input in messages.
const STANDARD: &str = "standard input";

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let quiet = terminal::Quiet::begin();
    let mut session = context.session()?;
    let changes = args.items.iter().map(|text| change(text, context, &session)).collect::<Result<Vec<_>>>()?;
    check_length(args)?;
    let (description, allowed) = (args.metadata.description(Time::now())?, args.allow.once());
    let mut set = Set { changes, description: &description, allowed: &allowed, may_be_empty: args.empty };
    set.check(&session).map_err(|error| hint_commands::hinted(error, context))?;
    let values = read_values(&set, args, context, &session)?;
    set.changes = values;
    drop(quiet);
    let done = set.save(&mut session)?;
    context.show_warnings(session.vault());
    for done in &done {
        context.ui.done(&message(done));
        if context.ui.json {
            context.ui.json(&done.item.secret)?;
        }
    }
    done.iter().filter_map(|done| done.item.left_out.as_ref()).for_each(|left_out| warn_of_left_out(left_out, context));
    warn_of_history(&set, &done, args, context);
    Ok(ExitCode::SUCCESS)
}

fn change(text: &str, context: &Context, session: &Session) -> Result<Change> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(SecretBytes::from(value))),
        None => (text, None),
    };
    Ok(Change { value, ..context.item(session, name)?.into() })
}

/// Refuses a number as a name: `--generate 32 NAME` would set an item called 32.
fn check_length(args: &Args) -> Result<()> {
    let is_number = |text: &&String| text.bytes().all(|byte| byte.is_ascii_digit());
    match args.items.iter().find(is_number).filter(|_| args.generate == Some(None)) {
        Some(number) => Err(Error::usage(format!("{number} is a number where a name is expected"))
            .hint(format!("for this length: --generate={number}; for an item of this name: ENV/{number}"))),
        None => Ok(()),
    }
}

/// Returns the changes with their values, which are generated, read or typed.
fn read_values(set: &Set<'_>, args: &Args, context: &Context, session: &Session) -> Result<Vec<Change>> {
    args.recipe.check(args.generate.is_some())?;
    let mut changes = set.changes.clone();
    let without = changes.iter().filter(|change| change.value.is_none()).count();
    if without < changes.len() && (args.generate.is_some() || args.from_file.is_some()) {
        return Err(Error::usage("a value is given twice").hint("leave out =VALUE, or --generate and --from-file"));
    }
    if let Some(length) = args.generate {
        let recipe = args.recipe.recipe(length)?;
        context.ui.done(&recipe::strength(&recipe));
        for change in &mut changes {
            change.value = Some(recipe.generate()?);
        }
        return Ok(changes);
    }
    let waiting: Vec<&mut Change> = changes.iter_mut().filter(|change| change.value.is_none()).collect();
    if waiting.len() > 1 && (args.from_file.is_some() || !std::io::stdin().is_terminal()) {
        describe_several(&waiting, set, args, session)?;
        return Ok(changes);
    }
    let are_several = waiting.len() > 1;
    for change in waiting {
        // For a single item, the user may want to set a value as well. For several, only the options apply.
        let describes = set.only_describes(session, change)?;
        if !(are_several && describes) {
            change.value = read_value(change, set, describes, args, context)?;
        }
    }
    Ok(changes)
}

/// Checks that several items are only described. They can't share the single value of a file or a pipe.
fn describe_several(waiting: &[&mut Change], set: &Set<'_>, args: &Args, session: &Session) -> Result<()> {
    let one_value =
        || Error::usage("one value can't be given to several names").hint("set one NAME at a time, or use NAME=VALUE");
    if args.from_file.is_some() || set.may_be_empty || set.description.is_empty() {
        return Err(one_value());
    }
    for change in waiting {
        if !set.only_describes(session, change)? {
            return Err(input::no_value(&change.place.0, &change.place.1));
        }
    }
    match set.refuses(&input::value(args.raw)?) {
        true if input::is_pipe() => Err(empty_pipe()),
        true => Ok(()),
        false => Err(one_value()),
    }
}

/// Returns the error for an empty pipe. The command before it may have failed, and its output was meant as the value.
fn empty_pipe() -> Error {
    Error::usage("standard input is an empty pipe, so nothing was set")
        .hint("to stop a script when the command before | fails: set -o pipefail; to keep the value: add </dev/null")
}

/// Reads a value from a file, a person or standard input. `None` keeps the current value.
fn read_value(
    change: &Change,
    set: &Set<'_>,
    describes: bool,
    args: &Args,
    context: &Context,
) -> Result<Option<SecretBytes>> {
    let describes = describes && args.from_file.is_none();
    let (environment, name) = &change.place;
    let mut hint = "";
    let (value, source) = match &args.from_file {
        Some(path) => (input::read(path, MAX_VALUE)?, path.display().to_string()),
        None if !std::io::stdin().is_terminal() => {
            hint = "to stop a script when the command before | fails: set -o pipefail; ";
            (input::value(args.raw)?, STANDARD.to_owned())
        }
        None if context.globals.non_interactive => {
            let may_lack = describes || set.may_be_empty;
            let nothing = || input::no_value(environment, name);
            (may_lack.then(SecretBytes::default).ok_or_else(nothing)?, String::new())
        }
        None => {
            let keep = if describes { " (Enter keeps it)" } else { "" };
            (input::typed_value(environment, name, keep)?, "what was typed".to_owned())
        }
    };
    if describes && is_nothing(&value) && source == STANDARD && input::is_pipe() {
        return Err(empty_pipe());
    }
    if describes && value.is_empty() {
        return Ok(None);
    }
    // A pipe is empty if the command before it has failed, and Enter may be pressed by mistake.
    if set.refuses(&value) {
        let item = NamedItem::within(environment, name);
        let again = hint_commands::command(&format!("set {item} --empty"), context);
        return Err(Error::new(Reason::EmptyValue, format!("{source} is empty, so {item} was not set"))
            .hint(format!("{hint}for an empty value: {again}")));
    }
    Ok(Some(value))
}

/// Says what was done.
fn message(Done { item, outcome, is_empty }: &Done) -> String {
    let version = match outcome {
        Outcome::New => "new".to_owned(),
        Outcome::Version(number) => format!("version {number}"),
        Outcome::SameValue => "same value".to_owned(),
    };
    let empty = if *is_empty { ", empty" } else { "" };
    let (secret, details) = (&item.secret, metadata::details(item));
    let named = NamedItem::within(&secret.environment, &secret.name);
    format!("Set {named} ({version}{empty}{details}).")
}

/// Warns that a typed value is in the shell's history. Commands of a script are not in it.
fn warn_of_history(set: &Set<'_>, done: &[Done], args: &Args, context: &Context) {
    if !terminal::is_typed() || !args.items.iter().any(|text| text.contains('=')) {
        return;
    }
    for (Change { place, value }, done) in set.changes.iter().zip(done) {
        if value.is_some() && done.item.metadata.kind != Kind::Variable {
            context.ui.warn(&format!("the value of {} is in your shell's history now", place.1));
            let again = hint_commands::command(&format!("set {}", NamedItem::from(place)), context);
            context.ui.hint(&format!("leave out =VALUE and vault asks for it: {again}"));
            return;
        }
    }
}

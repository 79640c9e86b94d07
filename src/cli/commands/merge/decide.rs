//! Decides conflicts: with options that name an item, or with questions on the terminal.

use super::{Args, conflicts, environments};
use crate::cli::asking::terminal;
use crate::cli::options::input;
use crate::cli::showing::ui;
use crate::cli::unlocking::context::Context;
use std::io::IsTerminal as _;
use std::path::Path;
use vault::name::{EnvironmentName, ItemName, NamedItem};
use vault::path::shell_word;
use vault::secret::SecretBytes;
use vault::vault::{Choice, Conflict, Decisions, Merge, Merging, Names, Opened, Side, Subject};
use vault::{Error, Result};

/// Applies the decisions that were given. If a person can be asked, it asks for the others.
///
/// # Errors
/// An error that names what is still in conflict.
pub fn decide(
    decisions: &mut Decisions<'_>,
    opened: &Opened<'_>,
    merge: &Merge,
    args: &Args,
    context: &Context,
) -> Result<()> {
    choose_sides(decisions, merge, args, context)?;
    let may_ask = merge.may_ask() && context.is_interactive();
    if args.set.len() > 1 && !std::io::stdin().is_terminal() {
        return Err(
            Error::usage("one value can't be given to several names").hint("on a terminal, vault asks for each value")
        );
    }
    let chosen = context.named_environments().first();
    for name in &args.set {
        if let Some((name, _)) = name.split_once('=') {
            return Err(Error::usage("--set takes the name alone, and the value from standard input or the terminal")
                .hint(format!("vault merge --set {}", shell_word(Path::new(name)))));
        }
        let (environment, name) = decisions.find(&name.parse()?, chosen)?;
        let value = value(decisions, &environment, &name)?;
        decisions.choose(&environment, &name, Choice::Value(value))?;
    }
    if may_ask && opened.session().is_some() {
        ask(decisions, merge.names())?;
    }
    check_decided(decisions, merge, args, context)
}

/// Applies `--ours` and `--theirs`. The decision for a single item comes before the one for its environment.
fn choose_sides(decisions: &mut Decisions<'_>, merge: &Merge, args: &Args, context: &Context) -> Result<()> {
    let (chosen, removed) = (context.named_environments().first(), merge.removed());
    let mut of_all = Vec::new();
    for (subject, side) in args.sides() {
        match subject {
            Subject::Item(item) => {
                let (environment, name) = decisions.find(item, chosen)?;
                decisions.choose(&environment, &name, Choice::Side(side))?;
            }
            // What was removed on one side was decided before.
            Subject::All(name) if removed.iter().any(|removed| removed.name == name) => {}
            Subject::All(name) => of_all.push((name, side)),
        }
    }
    of_all.into_iter().try_for_each(|(environment, side)| decisions.choose_all(environment, side))
}

/// Gets a new value for an item. In a protected environment, somebody confirms it before they type it.
fn value(decisions: &Decisions<'_>, environment: &EnvironmentName, name: &ItemName) -> Result<SecretBytes> {
    decisions.confirm(environment, name)?;
    if std::io::stdin().is_terminal() { input::typed_value(environment, name, "") } else { input::value(false) }
}

/// What a person can answer about an item in conflict.
#[derive(Clone, Copy)]
enum Answer {
    Take(Side),
    NewValue,
    ShowBoth,
    Quit,
}

const QUESTION: &str = "Take (b) this branch's, (c) the change's, (n) a new value; (s) show both values, (q) quit? ";
const ANSWERS: [(&str, Answer); 5] = [
    ("b", Answer::Take(Side::Ours)),
    ("c", Answer::Take(Side::Theirs)),
    ("n", Answer::NewValue),
    ("s", Answer::ShowBoth),
    ("q", Answer::Quit),
];

/// Asks until everything is decided, or the user quits.
fn ask(decisions: &mut Decisions<'_>, sides: &Names) -> Result<()> {
    loop {
        let Some(conflict) = decisions.open().next() else { return Ok(()) };
        let Some(name) = conflict.names().first().map(|name| (*name).clone()) else { return Ok(()) };
        let environment = conflict.environment().clone();
        terminal::show(&format!("{}\n", conflicts::conflict(conflict, sides).join("\n")))?;
        let choice = match terminal::one_of(QUESTION, &ANSWERS)? {
            Answer::Take(side) => Choice::Side(side),
            Answer::NewValue => match value(decisions, &environment, &name) {
                Ok(value) => Choice::Value(value),
                Err(error) => {
                    terminal::show(&format!("{error}\n"))?;
                    continue;
                }
            },
            Answer::ShowBoth => {
                show(decisions, conflict)?;
                continue;
            }
            Answer::Quit => return Ok(()),
        };
        if let Err(error) = decisions.choose(&environment, &name, choice) {
            terminal::show(&format!("{error}\n"))?;
        }
    }
}

/// Shows the values of both sides. That is logged like any other use.
fn show(decisions: &Decisions<'_>, conflict: &Conflict<'_>) -> Result<()> {
    for (side, item) in decisions.read(conflict)? {
        let value = zeroize::Zeroizing::new(ui::escape(&String::from_utf8_lossy(&item.current.value)));
        let line = zeroize::Zeroizing::new(format!("  {}, {side}: {}\n", item.name, value.as_str()));
        terminal::show(&line)?;
    }
    Ok(())
}

/// Checks that everything is decided. If not, it says what is not, and gives the command that decides all of it.
fn check_decided(decisions: &Decisions<'_>, merge: &Merge, args: &Args, context: &Context) -> Result<()> {
    decisions.check().map_err(|error| {
        let removed = merge.removed().into_iter().filter(|removed| removed.decided.is_none());
        let lines = removed.map(|removed| environments::describe(&removed, merge.names()));
        let lines = lines.chain(decisions.open().map(|conflict| conflicts::conflict(conflict, merge.names())));
        lines.flatten().for_each(|line| context.ui.done(&line));
        let [ours, theirs] = Side::BOTH.map(|side| merge.names().words(side));
        error.hint(format!(
            "give all decisions at once: {}{}; --ours takes what {ours} has, --theirs what {theirs} has, --set a new value",
            command(args),
            options(decisions, merge)
        ))
    })
}

/// Returns the command that merges, without the decisions.
fn command(args: &Args) -> String {
    match (&args.from, &args.files[..], &args.output) {
        (Some(commit), ..) => format!("vault merge --from {}", shell_word(Path::new(commit))),
        (None, [base, ours, theirs], Some(output)) => {
            let [base, ours, theirs, output] = [base, ours, theirs, output].map(|file| shell_word(file));
            format!("vault merge {base} {ours} {theirs} -o {output}")
        }
        _ => "vault merge".to_owned(),
    }
}

/// Returns the options that decide everything as it was decided or, where it was not, as it could be.
fn options(decisions: &Decisions<'_>, merge: &Merge) -> String {
    let mut options = String::new();
    for removed in merge.removed() {
        let option = if removed.decided.unwrap_or(Side::Ours) == Side::Ours { "--ours" } else { "--theirs" };
        let all = Subject::All(removed.name.clone()).to_string();
        options.push_str(&format!(" {option} {}", shell_word(Path::new(&all))));
    }
    for conflict in decisions.environments().iter().flat_map(Merging::conflicts) {
        if let Some(name) = conflict.names().first() {
            options.push_str(&decision(conflict, &NamedItem::within(conflict.environment(), name).to_string()));
        }
    }
    options
}

/// Returns the option that decided a conflict, or could decide it.
fn decision(conflict: &Conflict<'_>, name: &str) -> String {
    let side = match conflict.side() {
        Some(Side::Theirs) => format!(" --theirs {name}"),
        Some(Side::Ours) => format!(" --ours {name}"),
        None if !conflict.is_open() => String::new(),
        // If only one side has changed this, the other side is the safe choice in a command that is copied.
        None if conflict.is_changed_by(Side::Ours) && !conflict.is_changed_by(Side::Theirs) => {
            format!(" --theirs {name}")
        }
        None => format!(" --ours {name}"),
    };
    if conflict.has_value() { format!("{side} --set {name}") } else { side }
}

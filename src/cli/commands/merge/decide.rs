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
use vault::vault::{Choice, Conflict, Merge, Merging, Names, Session, Side, Subject};
use vault::words::plural;
use vault::{Error, Result};

/// Applies the decisions that were given. If a person can be asked, it asks for the others.
///
/// # Errors
/// An error that names what is still in conflict.
pub fn decide(
    mergings: &mut [Merging<'_>],
    merge: &Merge,
    session: Option<&Session>,
    args: &Args,
    context: &Context,
) -> Result<()> {
    choose_sides(mergings, merge, args, context)?;
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
        let (merging, name) = Merging::find(mergings, &name.parse()?, chosen)?;
        let value = value(merging.environment(), &name)?;
        merging.choose(&name, Choice::Value(value))?;
    }
    if let Some(session) = session.filter(|_| may_ask) {
        for merging in mergings.iter_mut() {
            if !ask(merging, merge.names(), session)? {
                break;
            }
        }
    }
    check_decided(mergings, merge, args, context)
}

/// Applies `--ours` and `--theirs`. The decision for a single item comes before the one for its environment.
fn choose_sides(mergings: &mut [Merging<'_>], merge: &Merge, args: &Args, context: &Context) -> Result<()> {
    let (chosen, removed) = (context.named_environments().first(), merge.removed());
    let mut of_all = Vec::new();
    for (subject, side) in args.sides() {
        match subject {
            Subject::Item(item) => {
                let (merging, name) = Merging::find(mergings, item, chosen)?;
                merging.choose(&name, Choice::Side(side))?;
            }
            // What was removed on one side was decided before.
            Subject::All(name) if removed.iter().any(|removed| removed.name == name) => {}
            Subject::All(name) => of_all.push((name, side)),
        }
    }
    of_all.into_iter().try_for_each(|(environment, side)| Merging::choose_all(mergings, environment, side))
}

fn value(environment: &EnvironmentName, name: &ItemName) -> Result<SecretBytes> {
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

/// Asks until everything is decided. Returns false if the user quits.
fn ask(merging: &mut Merging<'_>, sides: &Names, session: &Session) -> Result<bool> {
    let environment = merging.environment().clone();
    loop {
        let Some(conflict) = merging.open().next() else { return Ok(true) };
        let Some(name) = conflict.names().first().map(|name| (*name).clone()) else { return Ok(true) };
        terminal::show(&format!("{}\n", conflicts::conflict(&environment, conflict, sides).join("\n")))?;
        let choice = match terminal::one_of(QUESTION, &ANSWERS)? {
            Answer::Take(side) => Choice::Side(side),
            Answer::NewValue => match value(&environment, &name) {
                Ok(value) => Choice::Value(value),
                Err(error) => {
                    terminal::show(&format!("{error}\n"))?;
                    continue;
                }
            },
            Answer::ShowBoth => {
                show(conflict, session)?;
                continue;
            }
            Answer::Quit => return Ok(false),
        };
        if let Err(error) = merging.choose(&name, choice) {
            terminal::show(&format!("{error}\n"))?;
        }
    }
}

/// Shows the values of both sides. That is logged like any other use.
fn show(conflict: &Conflict<'_>, session: &Session) -> Result<()> {
    for (side, item) in session.read_conflict(conflict)? {
        let value = zeroize::Zeroizing::new(ui::escape(&String::from_utf8_lossy(&item.current.value)));
        let line = zeroize::Zeroizing::new(format!("  {}, {side}: {}\n", item.name, value.as_str()));
        terminal::show(&line)?;
    }
    Ok(())
}

fn check_decided(mergings: &[Merging<'_>], merge: &Merge, args: &Args, context: &Context) -> Result<()> {
    let (mut open, mut command) = (0, String::new());
    for removed in merge.removed() {
        let side = removed.decided.unwrap_or(Side::Ours);
        if removed.decided.is_none() {
            open += 1;
            environments::describe(&removed, merge.names()).iter().for_each(|line| context.ui.done(line));
        }
        let option = if side == Side::Ours { "--ours" } else { "--theirs" };
        let all = Subject::All(removed.name.clone()).to_string();
        command.push_str(&format!(" {option} {}", shell_word(Path::new(&all))));
    }
    for merging in mergings {
        let environment = merging.environment();
        for conflict in merging.conflicts() {
            if conflict.is_open() {
                open += 1;
                conflicts::conflict(environment, conflict, merge.names()).iter().for_each(|line| context.ui.done(line));
            }
            if let Some(name) = conflict.names().first() {
                command.push_str(&decision(conflict, &NamedItem::within(environment, name).to_string()));
            }
        }
    }
    if open == 0 {
        return Ok(());
    }
    let vault = match (&args.from, &args.files[..], &args.output) {
        (Some(commit), ..) => format!("vault merge --from {}", shell_word(Path::new(commit))),
        (None, [base, ours, theirs], Some(output)) => {
            let [base, ours, theirs, output] = [base, ours, theirs, output].map(|file| shell_word(file));
            format!("vault merge {base} {ours} {theirs} -o {output}")
        }
        _ => "vault merge".to_owned(),
    };
    let [ours, theirs] = Side::BOTH.map(|side| merge.names().words(side));
    Err(Error::failed(format!("{} to decide; nothing was written", plural(open, "conflict"))).hint(format!(
        "give all decisions at once: {vault}{command}; --ours takes what {ours} has, --theirs what {theirs} has, --set a \
         new value"
    )))
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

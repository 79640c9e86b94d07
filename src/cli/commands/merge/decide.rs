//! What a person decides: by name on the command line, or asked on the terminal.

use super::Args;
use crate::cli::asking::terminal;
use crate::cli::options::input;
use crate::cli::showing::ui;
use crate::cli::showing::words::{ago, plural};
use crate::cli::unlocking::context::Context;
use std::io::IsTerminal as _;
use vault::item::Item;
use vault::log::{Action, Entry};
use vault::merge::Side;
use vault::merge::items::{Choice, Conflict, Merging};
use vault::name::{EnvironmentName, ItemName};
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// Takes the decisions, and asks for those that are missing where somebody can be asked.
///
/// # Errors
/// A failure that names what is still in conflict.
pub fn decide(mergings: &mut [Merging<'_>], session: &Session, args: &Args, context: &Context) -> Result<()> {
    for (names, side) in [(&args.ours, Side::Ours), (&args.theirs, Side::Theirs)] {
        for name in names {
            let (merging, name) = find(mergings, name, context)?;
            merging.choose(&name, Choice::Side(side))?;
        }
    }
    let may_ask = args.driver.is_empty() && context.is_interactive();
    if args.set.len() > 1 && !std::io::stdin().is_terminal() {
        return Err(Error::usage("one value can't be set to several names").hint("on a terminal each is asked for"));
    }
    for name in &args.set {
        let (merging, name) = find(mergings, name, context)?;
        let value = value(merging.environment(), &name)?;
        merging.choose(&name, Choice::Value(value))?;
    }
    if may_ask {
        mergings.iter_mut().try_for_each(|merging| ask(merging, session))?;
    }
    check_decided(mergings, context)
}

/// `NAME` or `ENV/NAME`, among what is in conflict.
fn find<'m, 'a>(
    mergings: &'m mut [Merging<'a>],
    text: &str,
    context: &Context,
) -> Result<(&'m mut Merging<'a>, ItemName)> {
    let (environment, name) = match text.split_once('/') {
        Some((environment, name)) => (Some(EnvironmentName::new(environment)?), ItemName::new(name)?),
        None => (context.named_environments().first().cloned(), ItemName::new(text)?),
    };
    let is_meant = |merging: &Merging<'_>| match &environment {
        Some(environment) => merging.environment() == environment,
        None => merging.conflicts().iter().any(|conflict| conflict.names().contains(&&name)),
    };
    let places: Vec<usize> = (0..mergings.len()).filter(|place| is_meant(&mergings[*place])).collect();
    match places[..] {
        [place] => Ok((&mut mergings[place], name)),
        [] => Err(Error::not_found(format!("{text} is not in conflict")).hint("to see what is: vault merge")),
        _ => Err(Error::usage(format!("{name} is in conflict in several environments"))
            .hint(format!("say which one: ENV/{name}"))),
    }
}

fn value(environment: &EnvironmentName, name: &ItemName) -> Result<SecretBytes> {
    let value = if std::io::stdin().is_terminal() { typed(environment, name)? } else { input::value(false)? };
    if value.is_empty() {
        return Err(Error::usage(format!("the value for {environment}/{name} is empty"))
            .hint("pipe it in, or run the command on a terminal, which asks for it"));
    }
    Ok(value)
}

fn typed(environment: &EnvironmentName, name: &ItemName) -> Result<SecretBytes> {
    let typed = terminal::hidden_value(&format!("Value for {environment}/{name}: "))?;
    Ok(SecretBytes::from(typed.expose_secret()))
}

const QUESTION: &str = "Take (b) this branch's, (c) the change's, (n) a new value; (s) show both values, (q) quit? ";

fn ask(merging: &mut Merging<'_>, session: &Session) -> Result<()> {
    let environment = merging.environment().clone();
    loop {
        let Some(conflict) = merging.open().next() else { return Ok(()) };
        let Some(name) = conflict.names().first().map(|name| (*name).clone()) else { return Ok(()) };
        terminal::show(&format!("{}\n", describe(&environment, conflict).join("\n")))?;
        let choice = match terminal::visible_line(QUESTION)?.trim() {
            "b" => Choice::Side(Side::Ours),
            "c" => Choice::Side(Side::Theirs),
            "n" => Choice::Value(typed(&environment, &name)?),
            "s" => {
                show(&environment, conflict, session)?;
                continue;
            }
            "q" => return Ok(()),
            _ => continue,
        };
        if let Err(error) = merging.choose(&name, choice) {
            terminal::show(&format!("{error}\n"))?;
        }
    }
}

/// Shows the values, which is a use of them like any other.
fn show(environment: &EnvironmentName, conflict: &Conflict<'_>, session: &Session) -> Result<()> {
    session.log(vec![Entry::new(Action::Get).environment(environment).items(conflict.names())])?;
    for side in Side::BOTH {
        for item in conflict.items(side) {
            let value = zeroize::Zeroizing::new(ui::escape(&String::from_utf8_lossy(&item.current.value)));
            let line = zeroize::Zeroizing::new(format!("  {}, {side}: {}\n", item.name, value.as_str()));
            terminal::show(&line)?;
        }
    }
    Ok(())
}

fn check_decided(mergings: &[Merging<'_>], context: &Context) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for merging in mergings {
        for conflict in merging.open() {
            let environment = merging.environment();
            describe(environment, conflict).iter().for_each(|line| context.ui.done(line));
            names.extend(conflict.names().first().map(|name| format!("{environment}/{name}")));
        }
    }
    let Some(first) = names.first() else { return Ok(()) };
    Err(Error::failed(format!("{} to decide; nothing was written", plural(names.len(), "conflict"))).hint(format!(
        "give all decisions at once: vault merge --ours {first} (this branch), --theirs {first} (the change being applied) \
         or --set {first} (a new value)"
    )))
}

/// What is in conflict, and who changed it when on either side.
fn describe(environment: &EnvironmentName, conflict: &Conflict<'_>) -> Vec<String> {
    let names: Vec<_> = conflict.names().into_iter().map(ItemName::as_str).collect();
    let fields: Vec<_> = conflict.fields().iter().map(ToString::to_string).collect();
    let what = match &fields[..] {
        [] if conflict.is_about_names() => "several items want one name".to_owned(),
        [] => "changed on one side and removed on the other".to_owned(),
        fields => format!("both sides changed its {}", fields.join(", ")),
    };
    let mut lines = vec![format!("{environment}/{}: {what}", names.join(", "))];
    for side in Side::BOTH {
        let items: Vec<String> = conflict.items(side).map(changed).collect();
        let items = if items.is_empty() { "removed".to_owned() } else { items.join("; ") };
        lines.push(format!("  {:<25} {items}", format!("{side}:")));
    }
    lines
}

fn changed(item: &Item) -> String {
    format!("{} by {}, {}", item.name, item.updated_by, ago(item.updated_at, Time::now()))
}

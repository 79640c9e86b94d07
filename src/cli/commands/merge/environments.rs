//! Decides about environments that one side has removed and the other has changed, with options or questions.

use super::{Args, conflicts};
use crate::cli::asking::terminal;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use vault::Result;
use vault::name::EnvironmentName;
use vault::time::Time;
use vault::vault::{HalfRemoved, Merge, Names, Side, Subject};

const QUESTION: &str = "Take (b) this branch's, (c) the change's; (q) quit? ";
/// The side that each answer takes; none for quitting.
const ANSWERS: [(&str, Option<Side>); 3] = [("b", Some(Side::Ours)), ("c", Some(Side::Theirs)), ("q", None)];

/// Applies the decisions that were given. If a person can be asked, it asks for the others.
///
/// # Errors
/// If both sides were given for an environment, or the terminal can't be used.
pub fn decide(merge: &mut Merge, args: &Args, context: &Context) -> Result<()> {
    let names: Vec<EnvironmentName> = merge.removed().iter().map(|removed| removed.name.clone()).collect();
    for (subject, side) in args.sides() {
        if let Subject::All(environment) = subject {
            merge.decide(environment, side)?;
        }
    }
    if !merge.may_ask() || !context.is_interactive() {
        return Ok(());
    }
    for name in &names {
        let open = merge.removed().into_iter().find(|removed| removed.name == name && removed.decided.is_none());
        let Some(lines) = open.map(|open| describe(&open, merge.names())) else { continue };
        terminal::show(&format!("{}\n", lines.join("\n")))?;
        match terminal::one_of(QUESTION, &ANSWERS)? {
            Some(side) => merge.decide(name, side)?,
            None => break,
        }
    }
    Ok(())
}

/// Describes the conflict, and what each side has.
pub fn describe(removed: &HalfRemoved<'_>, sides: &Names) -> Vec<String> {
    let statement = removed.statement;
    let (version, author) = (statement.version, &statement.author);
    let changed = format!("version {version} by {author}, {}", ago(statement.written(), Time::now()));
    let lines = Side::BOTH.map(|side| {
        let has = if side == removed.kept_by { changed.clone() } else { "removed".to_owned() };
        (side, has)
    });
    conflicts::sides(
        format!("{}: one side removed the environment, and the other one changed it", removed.name),
        lines,
        sides,
    )
}

/// Says how a conflict was decided.
pub fn outcome(removed: &HalfRemoved<'_>, sides: &Names) -> Option<String> {
    let taken = sides.words(removed.decided?);
    let what = if removed.is_kept() { "the environment stays" } else { "the environment is removed" };
    Some(format!("{}: {what}, as in {taken}", removed.name))
}

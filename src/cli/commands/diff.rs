//! `vault diff`: shows what changed since a git revision.

use crate::cli::generated::examples;
use crate::cli::showing::differences::{in_words, value_cell};
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::diff::{Difference, Side};
use vault::error::Kind;
use vault::item::{Content, Outline};
use vault::name::{EnvironmentName, NamedItem};
use vault::roster::Statement;
use vault::time::Time;
use vault::vault::{EnvironmentDifference, ItemDifference, Purpose, Session, Snapshot, Use, Vault};
use vault::view::Diff;
use vault::{Error, Result, actions};

/// Compares the file with git's HEAD, or with a revision, or two revisions: which items were added, changed and removed, by
/// whom and when, and what changed about users, rights and environments. Environments that you can't read are shown by
/// their versions. With -e only those named are compared.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault diff" => "Show what changed since the last commit",
    "vault diff main --exit-code" => "Compare with a branch; exit code 1 if anything differs",
})]
pub struct Args {
    /// One revision: compare it with the file. Two, also as A..B: compare the first with the second. None: compare HEAD
    /// with the file
    #[arg(value_name = "REF", num_args = 0..=2)]
    revisions: Vec<String>,
    /// Compare with what is staged for the next commit, not with the file
    #[arg(long, alias = "cached")]
    staged: bool,
    /// Show the values, too; the access log records it
    #[arg(long)]
    values: bool,
    /// End with exit code 1 if something differs
    #[arg(long)]
    exit_code: bool,
}

/// The two compared files, and their names in messages.
struct Sides {
    names: [String; 2],
    files: [Option<Snapshot>; 2],
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let [before, after] = sides(args)?;
    let session = session([&before, &after], &context.looking_back())?;
    let chosen = context.named_environments();
    let sides = Sides {
        names: [name(&before, &session), name(&after, &session)],
        files: [file(&before, chosen, &session)?, file(&after, chosen, &session)?],
    };
    let [before, after] = sides.files.each_ref().map(Option::as_ref);
    let mut difference = actions::diff::compare(&session, chosen, [before, after])?;
    if args.values {
        difference.environments = session.read_differences(&Purpose::new(Use::Diff), difference.environments)?;
    }
    if context.ui.json {
        print_json(args, &sides, &difference, context)?;
    } else {
        print(args, &sides, &difference, context)?;
    }
    Ok(ExitCode::from(u8::from(args.exit_code && !difference.is_empty())))
}

fn session(sides: [&Side; 2], context: &Context) -> Result<Session> {
    let at = |revision: &str| {
        let (path, settings) = (context.path()?, context.settings()?);
        context.session_of(&|| Vault::open_at_revision(&path, revision, &settings))
    };
    actions::diff::session(sides, || context.session(), at)
}

fn sides(args: &Args) -> Result<[Side; 2]> {
    let mut revisions = args.revisions.clone();
    if let [both] = &revisions[..]
        && let Some((one, other)) = both.split_once("..")
    {
        if other.starts_with('.') {
            return Err(Error::usage(format!("{both} is not two revisions"))
                .hint("name the commit at which they forked: vault diff \"$(git merge-base A B)\" B"));
        }
        let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        revisions = vec![or_head(one), or_head(other)];
    }
    let mut revisions = revisions.into_iter().map(Side::Revision);
    let before = revisions.next().unwrap_or_else(|| Side::Revision("HEAD".to_owned()));
    match (revisions.next(), args.staged) {
        (Some(_), true) => Err(Error::usage("--staged compares one revision with what is staged, not two")),
        (Some(after), false) => Ok([before, after]),
        (None, true) => Ok([before, Side::Staged]),
        (None, false) => Ok([before, Side::Here]),
    }
}

fn name(side: &Side, session: &Session) -> String {
    match side {
        Side::Revision(reference) => reference.clone(),
        Side::Staged => "index".to_owned(),
        Side::Here => crate::cli::showing::words::shown_path(session.vault().path()),
    }
}

/// Returns a side's file. If the revision is not one of git but the name of an environment, the hint says how to compare
/// environments.
fn file(side: &Side, chosen: &[EnvironmentName], session: &Session) -> Result<Option<Snapshot>> {
    side.snapshot(chosen, session).map_err(|error| {
        let is_environment = |reference: &String| session.vault().environments().any(|name| name.as_str() == reference);
        match side {
            Side::Revision(reference) if error.kind() != Kind::Integrity && is_environment(reference) => {
                error.hint("two environments: vault env diff; one of them: vault diff -e NAME")
            }
            _ => error,
        }
    })
}

fn print_json(args: &Args, sides: &Sides, difference: &Difference<'_>, context: &Context) -> Result<()> {
    let [before, after] = sides.files.each_ref().map(|file| file.as_ref().map(Snapshot::roster));
    let names = sides.names.each_ref().map(String::as_str);
    let diff = Diff::new(names, [before, after], &difference.environments, &difference.roster);
    if args.values { context.ui.json_with_secrets(&diff) } else { context.ui.json(&diff) }
}

fn print(args: &Args, sides: &Sides, difference: &Difference<'_>, context: &Context) -> Result<()> {
    let Difference { environments, roster } = difference;
    let now = Time::now();
    let [from, to] = &sides.names;
    for (name, file) in sides.names.iter().zip(&sides.files) {
        if file.is_none() {
            context.ui.done(&format!("The file does not exist at {name}."));
        }
    }
    let mut rows = Vec::new();
    for environment in environments {
        let items = environment.items();
        rows.push(environment_row(environment, items.is_empty(), now));
        rows.extend(items.iter().map(|item| item_row(environment, item, now)));
    }
    rows.extend(roster.undone.iter().map(|statement| roster_row(statement, "undone: ", now)));
    rows.extend(roster.made.iter().map(|statement| roster_row(statement, "", now)));
    if rows.is_empty() {
        context.ui.done(&format!("{from} and {to} have the same content."));
        return Ok(());
    }
    let header = ["WHAT", "DIFFERENCE", "BY", "WHEN", "BEFORE", "AFTER"];
    // A value that is broken into lines can't be copied.
    match args.values {
        true => context.ui.table(&header, &rows),
        false => context.ui.fitted_table(&header, &rows, header.len()).map(drop),
    }
}

fn environment_row(difference: &EnvironmentDifference, has_same_items: bool, now: Time) -> Vec<String> {
    let (name, before, after) = (difference.name(), difference.before(), difference.after());
    let mut what = match (before, after) {
        (None, None) => String::new(),
        (None, Some(after)) => format!("new, version {}", after.version),
        (Some(before), None) => format!("removed, was version {}", before.version),
        (Some(before), Some(after)) if before.version == after.version => {
            format!("a different version {}", after.version)
        }
        (Some(before), Some(after)) => format!("version {} → {}", before.version, after.version),
    };
    match difference.why_unreadable() {
        Some(why) => what.push_str(&format!("; outline only: {why}")),
        None if before.is_some() && after.is_some() && has_same_items => what.push_str("; the same items"),
        None => {}
    }
    let (by, when) = after.map_or_else(Default::default, |after| (after.author.to_string(), ago(after.written(), now)));
    vec![name.to_string(), what, by, when, String::new(), String::new()]
}

fn item_row(environment: &EnvironmentDifference, item: &ItemDifference<'_>, now: Time) -> Vec<String> {
    let (by, when) = match item.after() {
        Some(after) => (after.updated_by().to_string(), ago(after.updated_at(), now)),
        None => remover(environment, now),
    };
    let cell = |outline: Option<Outline<'_>>, read: Option<&Content>| {
        let item = read.zip(outline).and_then(|(read, outline)| read.items().get(outline.name()));
        item.map_or_else(String::new, |item| value_cell(&item.current.value))
    };
    let (before, after) = environment.values().unzip();
    let name = NamedItem::within(environment.name(), item.name()).to_string();
    vec![name, in_words(item), by, when, cell(item.before(), before), cell(item.after(), after)]
}

/// Returns who removed an item, and when. That is only known if there is a single save between the two sides.
fn remover(environment: &EnvironmentDifference, now: Time) -> (String, String) {
    match (environment.before(), environment.after()) {
        (Some(before), Some(after)) if before.version.checked_add(1) == Some(after.version) => {
            (after.author.to_string(), ago(after.written(), now))
        }
        _ => Default::default(),
    }
}

fn roster_row(statement: &Statement, prefix: &str, now: Time) -> Vec<String> {
    let draft = &statement.draft;
    let (what, by) = (format!("{prefix}{}", statement.describe()), draft.author.to_string());
    vec![format!("change {}", statement.version), what, by, ago(draft.happened(), now), String::new(), String::new()]
}

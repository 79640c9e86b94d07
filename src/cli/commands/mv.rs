//! `vault mv` and `vault cp`: another name, another environment, or both.

use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::item::{Content, Item};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::vault::{Edit, Session};
use vault::{Error, Result};

/// The item keeps its name with ENV/ alone (vault cp dev/KEY prod/), and its environment with NAME alone (vault mv OLD
/// NEW).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What: NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    from: String,
    /// Where to: NAME, ENV/NAME or ENV/
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    to: String,
    /// Replace the value of an item that is there: it becomes a new version
    #[arg(long, short)]
    force: bool,
    #[command(flatten)]
    allow: crate::cli::options::names::AllowNames,
}

/// An item's place.
type Place = (EnvironmentName, ItemName);

pub fn move_item(args: &Args, context: &Context) -> Result<ExitCode> {
    relocate(args, context, Action::Move)
}

pub fn copy_item(args: &Args, context: &Context) -> Result<ExitCode> {
    relocate(args, context, Action::Copy)
}

fn relocate(args: &Args, context: &Context, action: Action) -> Result<ExitCode> {
    let mut session = context.session()?;
    let from = context.item(&session, &args.from)?;
    let to = destination(args, context, &session, &from)?;
    if from == to {
        return Err(Error::usage(format!("{}/{} already exists", from.0, from.1))
            .hint("name another environment (ENV/) or another name as the destination"));
    }
    args.allow.and_kept(session.vault()).check(&to.0, std::iter::once(to.1.as_str()))?;
    let entries = entries(action, &from, &to);
    session.edit(&entries, |edit| {
        let item = if action == Action::Move {
            edit.content_mut(&from.0)?.remove(&from.0, &from.1)?
        } else {
            edit.content(&from.0)?.item(&from.0, &from.1)?.clone()
        };
        put(edit, item, &from.0, &to, action, args.force)?;
        entries.iter().for_each(|entry| edit.log(entry.clone()));
        Ok(())
    })?;
    context.show_warnings(session.vault());
    let verb = if action == Action::Move { "Moved" } else { "Copied" };
    context.ui.done(&format!("{verb} to {}/{}.", to.0, to.1));
    Ok(ExitCode::SUCCESS)
}

/// Under both names: whoever looks for either finds it.
fn entries(action: Action, from: &Place, to: &Place) -> Vec<Entry> {
    let entry = |place: &Place| Entry::new(action).environment(&place.0);
    if to.0 == from.0 {
        return vec![entry(from).items([&from.1, &to.1])];
    }
    [from, to].map(|place| entry(place).items([&place.1])).to_vec()
}

fn destination(args: &Args, context: &Context, session: &Session, from: &Place) -> Result<Place> {
    if let Some(environment) = args.to.strip_suffix('/') {
        let environment = EnvironmentName::new(environment)?;
        session.vault().roster().state().environment(&environment)?;
        return Ok((environment, from.1.clone()));
    }
    if args.to.contains('/') {
        return context.item(session, &args.to);
    }
    if session.vault().environments().any(|name| name.as_str() == args.to) {
        return Err(Error::usage(format!("{0} is an environment, and as a name alone it would be an item's", args.to))
            .hint(format!("into the environment: {0}/; to an item of that name: {1}/{0}", args.to, from.0)));
    }
    Ok((from.0.clone(), ItemName::new(args.to.as_str())?))
}

/// A moved item keeps its history; a copied one starts anew. With `--force` the value becomes a new version of what is
/// there. That a value is to be replaced goes along with it.
fn put(
    edit: &mut Edit<'_>,
    mut item: Item,
    from: &EnvironmentName,
    to: &Place,
    action: Action,
    force: bool,
) -> Result<()> {
    let (now, user) = (edit.now(), edit.user());
    let content: &mut Content = edit.content_mut(&to.0)?;
    let taken = content.items().contains_key(&to.1);
    if taken && !force {
        return Err(Error::usage(format!("there is an item {}/{} already", to.0, to.1))
            .hint("--force makes the value a new version of it"));
    }
    if action == Action::Copy && *from == to.0 {
        // A variable holds one of them.
        item.metadata.variable = None;
    }
    if taken || action == Action::Copy {
        return content.set_copy(&to.1, &item, user, now).map(|_| ());
    }
    content.insert(item, &to.1, user, now)
}

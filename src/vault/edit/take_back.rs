//! Undoes the change in a record as a whole, or not at all.

use super::Edit;
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::log::Edits;
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName};
use crate::ordered::InOrder as _;
use crate::roster::{Change, Environment, Protection, Right, Roster, Statement};
use crate::undo::{Fate, NotKept, Obstacle, Part, Record};
use crate::vault::{Warning, WarningReason, block};

impl Edit<'_> {
    /// Undoes the change in a record.
    ///
    /// # Errors
    /// Why it can't be undone, with the names of items that somebody changed since.
    pub(in crate::vault) fn take_back(&mut self, record: &Record) -> Result<()> {
        let parts = record.done.as_ref().map_err(|why| not_kept(record, *why))?;
        if !self.roster.contains(record.roster) {
            return Err(not_here());
        }
        parts.iter().try_for_each(|part| self.check_goes_on(part, record))?;
        self.check_unchanged(parts)?;
        parts.iter().try_for_each(|part| self.take_back_part(part))?;
        self.undoing = Some((record.action, !record.is_undo));
        Ok(())
    }

    /// Checks that the file descends from the change, and that nobody lost a right since. Otherwise values that those
    /// users knew would come back as if only the current readers had ever known them.
    fn check_goes_on(&self, part: &Part, record: &Record) -> Result<()> {
        let name = &part.environment;
        let environment = self.roster.state().environments.get(name);
        let environment = match (part.fate, environment) {
            (Fate::Removed, None) => return Ok(()),
            (Fate::Removed, Some(_)) => {
                return Err(cannot(&format!("there is another environment {name} now"))
                    .hint(("remove or empty it first; to see what is in it: ", Remedy::List(name.to_string()))));
            }
            (_, None) => return Err(cannot(&format!("environment {name} has been removed since"))),
            (_, Some(environment)) => environment,
        };
        let vault = &self.session.vault;
        let block = vault.block(name)?;
        let hash = block::verify(&self.roster, block)?.0.hash;
        let goes_on = part.check_goes_on(environment.added, &block.statement, &hash, self.user());
        goes_on.map_err(|obstacle| in_the_way(name, obstacle))?;
        if self.roster.losses(name, record.roster.version)?.is_empty() {
            return Ok(());
        }
        Err(cannot(&format!("somebody has lost their right on {name} since")).hint(one_by_one()))
    }

    fn check_unchanged(&mut self, parts: &[Part]) -> Result<()> {
        let (mut names, mut authors) = (Vec::new(), Vec::new());
        for part in parts.iter().filter(|part| part.fate != Fate::Removed) {
            let name = &part.environment;
            self.session.check_right_in(&self.roster, name, Right::Write)?;
            let last = self.session.vault.block(name)?.statement.author.clone();
            let content = self.content(name)?;
            for item in part.changed_since(content) {
                let author = content.items().get(&item).map_or(&last, |item| &item.updated_by);
                authors.push(author.clone());
                names.push((name.clone(), item));
            }
        }
        if names.is_empty() { Ok(()) } else { Err(changed(&names, authors)) }
    }

    fn take_back_part(&mut self, part: &Part) -> Result<()> {
        let name = &part.environment;
        let (now, user) = (self.now(), self.user());
        match part.fate {
            Fate::Changed => part.take_back(self.content_mut(name)?, user, now)?,
            Fate::Added => {
                self.with_keys()?.change_roster(Change::RemoveEnvironment { environment: name.clone() })?;
            }
            Fate::Removed => {
                let (grants, left_out) = part.grants_now(self.roster.state());
                if !grants.contains(&(user.clone(), Right::Write)) {
                    return Err(Error::new(Reason::Denied, format!("{user} can't get a right on {name} back by undo"))
                        .hint("ask an admin"));
                }
                let was_protected = was_protected(&self.roster, name)?;
                let mut edit = self.with_keys()?;
                edit.add_environment(name, grants)?;
                if was_protected {
                    let protected = Protection::Yes;
                    edit.change_roster(Change::SetEnvironment { environment: name.clone(), protected })?;
                }
                let content = self.content_mut(name)?;
                part.take_back(content, user, now)?;
                if !left_out.is_empty() {
                    content.mark_all_due(now);
                    self.replaced.push(without(name, &left_out));
                }
            }
        }
        Ok(())
    }
}

/// Returns whether an environment was protected when it was last removed. If so, undo protects it again.
fn was_protected(roster: &Roster, name: &EnvironmentName) -> Result<bool> {
    let removes = |statement: &&Statement| matches!(&statement.draft.change, Change::RemoveEnvironment { environment } if environment == name);
    let Some(removal) = roster.statements().iter().rev().find(removes) else { return Ok(false) };
    let before = roster.state_at(removal.version.saturating_sub(1))?;
    Ok(before.environments.get(name).is_some_and(Environment::is_protected))
}

fn one_by_one() -> Hint {
    ("to put back one item: ", Remedy::History, ", then ", Remedy::Rollback).into()
}

fn cannot(why: &str) -> Error {
    Error::new(Reason::NotUndoable, format!("{why}, so nothing was undone"))
}

fn not_here() -> Error {
    cannot("your last change is not in this file, which is older or from another branch")
        .hint(("go to the checkout that has the change; to see which change that is: ", Remedy::ShowLog))
}

fn not_kept(record: &Record, why: NotKept) -> Error {
    match why {
        NotKept::OtherKind => {
            let what = format!("your last change here can't be undone: {}", record.in_a_clause());
            let error = Error::new(Reason::NotUndoable, what);
            match record.action.says(Edits::Keys) {
                true => error.hint(("to replace the keys once more: ", Remedy::ChangePassphrase)),
                false => error.hint(("make the opposite change: ", Remedy::ChangeUsers)),
            }
        }
        NotKept::TooLarge => {
            let (what, limit) = (record.in_a_noun(), crate::undo::MAX_BODY >> 20);
            cannot(&format!("your last change here ({what}) is larger than {limit} MiB")).hint(one_by_one())
        }
        NotKept::NoRight => cannot("your last change here removed an environment that you could not write")
            .hint("ask somebody who could read it to restore it from an earlier commit"),
    }
}

fn in_the_way(name: &EnvironmentName, obstacle: Obstacle) -> Error {
    match obstacle {
        Obstacle::NotHere => not_here(),
        Obstacle::TooLongAgo => cannot(&format!("{name} has been saved too often since")).hint(one_by_one()),
        Obstacle::AddedAgain => cannot(&format!("{name} has been removed and added again since")),
        Obstacle::Merged => cannot(&format!("{name} has been merged with another branch since")).hint(one_by_one()),
        Obstacle::ChangedElsewhere => {
            cannot(&format!("you have changed {name} since, on another device or in another checkout"))
                .hint(one_by_one())
        }
    }
}

fn changed(names: &[(EnvironmentName, ItemName)], mut authors: Vec<UserName>) -> Error {
    authors.order();
    authors.dedup();
    let named: Vec<_> = names.iter().map(|item| NamedItem::from(item).to_string()).collect();
    let by: Vec<_> = authors.iter().map(UserName::as_str).collect();
    let was = if named.len() == 1 { "was" } else { "were" };
    cannot(&format!("{} {was} changed since by {}", named.join(", "), by.join(" and "))).hint(one_by_one())
}

fn without(name: &EnvironmentName, left_out: &[UserName]) -> Warning {
    let names: Vec<_> = left_out.iter().map(UserName::as_str).collect();
    let names = names.join(", ");
    let what = format!("{name} is back without {names}, who may no longer read it");
    Warning::new(WarningReason::Exposed, what)
        .hint(("replace what they knew: ", Remedy::ListDue(Some(name.to_string()))))
}

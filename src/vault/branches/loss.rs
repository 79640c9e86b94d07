//! Reports what is missing from a file, and how to get it back.

use super::git_names::{plain, short};
use super::way_back::{merge, take_up, way_to_what_is_gone};
use crate::error::{Error, Hint, Reason, Remedy, Result, SystemStep};
use crate::marks::Marks;
use crate::marks::judge::Judged;
use crate::ordered::InOrder as _;
use crate::roster::Statement;
use crate::signature::Hash;
use crate::vault::access::Access;
use crate::vault::git_answers::{Missing, MissingRoster, Tree};
use crate::vault::older::FETCH;
use crate::vault::{Vault, Warning, WarningReason};
use std::cell::Cell;

impl Vault {
    /// Reports everything that is missing from the file, once: as a warning for reading, and as an error for saving and
    /// with `--strict`.
    pub(super) fn lose(&self, tree: &Tree, access: Access) -> Result<()> {
        let is_warning = access == Access::Read && !self.settings.strict;
        if is_warning && !self.begin_report(&self.git_answers.warned) {
            return Ok(());
        }
        let losses = self.losses(tree)?;
        let what = self.what_is_missing(&losses);
        let how = Hint::from("to get it back: ").and(self.ways_back(tree, &losses));
        let hint = match self.fingerprint() {
            Ok(hash) => how.then("; if this file is right: ").then(Remedy::Accept(hash)),
            Err(_) => how,
        };
        match access {
            _ if self.settings.strict => return Err(Error::new(Reason::Older, what).hint(hint)),
            Access::Write => {
                let error = Error::new(Reason::Older, format!("nothing is saved: {what}"));
                return Err(error.hint(hint).repeating(&what));
            }
            Access::Read => {}
        }
        self.tell(Warning::new(WarningReason::Older, what).hint(hint));
        Ok(())
    }

    /// Notes that a report begins. Returns false if it has been made, or if nothing is reported here: a side of a merge
    /// may lack something, but the merged file may not.
    fn begin_report(&self, has_begun: &Cell<bool>) -> bool {
        !self.settings.is_side && !has_begun.replace(true)
    }

    /// Returns everything that is lost from the roster and from every environment.
    fn losses(&self, tree: &Tree) -> Result<Vec<Missing>> {
        let Some(marks) = &self.marks else { return Ok(Vec::new()) };
        let rosters = self.missing_rosters(tree, marks)?;
        let mut losses = Vec::new();
        for MissingRoster { missing, roster } in rosters {
            let takes = roster.first_loss_after(self.roster.shared_with(roster))?.is_some();
            if missing.judged.is_loss() || (takes && matches!(missing.judged, Judged::Reverted { .. })) {
                losses.push(missing.clone());
            }
        }
        // A commit that reverts the removal of a user also reverts the blocks that were encrypted again for it.
        let with_reverted = !losses.is_empty();
        let of_blocks = self.all_missing_blocks(tree, marks)?.into_iter();
        losses.extend(of_blocks.filter(|missing| match &missing.judged {
            Judged::Reverted { .. } => with_reverted,
            judged => judged.is_loss(),
        }));
        Ok(newest_of(losses))
    }

    fn all_missing_blocks(&self, tree: &Tree, marks: &Marks) -> Result<Vec<Missing>> {
        let mut missing = Vec::new();
        for block in &self.file.blocks {
            let hash = crate::vault::block::verify(&self.roster, block)?.0.hash;
            missing.extend(self.missing_blocks(tree, marks, (block, &self.seen(block, hash)))?);
        }
        Ok(missing)
    }

    /// Warns once about work that is gone with its branch. The current branch has lost nothing by it, so from then on
    /// only `vault status` mentions it.
    pub(super) fn tell_of_gone(&self, tree: &Tree) -> Result<()> {
        if !self.begin_report(&self.git_answers.warned_of_gone) {
            return Ok(());
        }
        let gone = self.unreported(tree, Judged::is_branch_gone)?;
        let [first, ..] = &gone[..] else { return Ok(()) };
        let (list, verb, it) = self.list(&gone);
        let place = first.branch.as_ref().map_or_else(String::new, |branch| format!(", seen on {branch},"));
        let mut ways: Vec<SystemStep> = gone.iter().filter_map(way_to_what_is_gone).collect();
        ways.dedup();
        let hint = match ways.is_empty() {
            true => None,
            false => {
                let ways = Hint::joined(ways.into_iter().map(Hint::from), "; ");
                Some(
                    Hint::from("if it is wanted: ")
                        .and(ways)
                        .then("; ")
                        .then(Remedy::Status)
                        .then(format!(" names {it} from now on")),
                )
            }
        };
        let what = format!("{list}{place} {verb} gone: no branch has {it}");
        self.report(Warning { hint, ..Warning::new(WarningReason::BranchGone, what) }, &gone);
        Ok(())
    }

    /// Warns once about what a commit put back without mentioning a revert. It may have been intended, and the reader
    /// loses nothing.
    pub(super) fn tell_of_what_was_put_back(&self, tree: &Tree) -> Result<()> {
        if !self.begin_report(&self.git_answers.warned_of_put_back) {
            return Ok(());
        }
        let taken_back = self.unreported(tree, |judged| judged.put_back_by().is_some())?;
        let Some(by) = taken_back.first().and_then(|missing| missing.judged.put_back_by()) else { return Ok(()) };
        let (list, _, it) = self.list(&taken_back);
        let was = if taken_back.len() == 1 { "was" } else { "were" };
        let text = format!("{list} {was} taken back by commit {}, which was made here", short(by));
        let hint = Hint::from(format!("to get {it} back: ")).and(self.ways_back(tree, &taken_back));
        self.report(Warning::new(WarningReason::TakenBack, text).hint(hint), &taken_back);
        Ok(())
    }

    /// Returns what is missing for this reason and was not reported by an earlier command, newest first.
    fn unreported(&self, tree: &Tree, has_reason: impl Fn(&Judged) -> bool) -> Result<Vec<Missing>> {
        let Some(marks) = &self.marks else { return Ok(Vec::new()) };
        let mut missing: Vec<Missing> =
            self.missing_rosters(tree, marks)?.iter().map(|roster| roster.missing.clone()).collect();
        missing.extend(self.all_missing_blocks(tree, marks)?);
        missing.retain(|one| has_reason(&one.judged) && !tree.branches.reported.contains(&one.hash));
        Ok(newest_of(missing))
    }

    /// Warns, and records what was reported.
    fn report(&self, warning: Warning, reported: &[Missing]) {
        self.tell(warning);
        let hashes: Vec<Hash> = reported.iter().map(|missing| missing.hash).collect();
        // If this can't be recorded, the next command warns again.
        let _ = self.marks_store().note_reported(&hashes);
    }

    /// Returns, for example, `dev version 5 by ben and roster change 7 by mia (removed zoe) are missing from this file,
    /// though commit 0123456789 in its history has them`.
    fn what_is_missing(&self, losses: &[Missing]) -> String {
        let (list, verb, it) = self.list(losses);
        let why = losses.first().map_or_else(String::new, |missing| self.why(missing, it));
        format!("{list} {verb} missing from this file{why}")
    }

    /// Lists what is missing in words. Also returns the verb (`is` or `are`) and the pronoun (`it` or `them`) for the list.
    fn list(&self, missing: &[Missing]) -> (String, &'static str, &'static str) {
        let things: Vec<String> = missing.iter().map(|missing| self.describe(missing)).collect();
        let list = match &things[..] {
            [] => "something".to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        };
        if things.len() == 1 { (list, "is", "it") } else { (list, "are", "them") }
    }

    fn describe(&self, missing: &Missing) -> String {
        let Missing { environment, version, author, .. } = missing;
        let by = author.as_ref().map_or_else(String::new, |author| format!(" by {author}"));
        match environment {
            Some(name) => format!("{name} version {version}{by}"),
            None => self.describe_roster(missing).unwrap_or_else(|| format!("roster change {version}{by}")),
        }
    }

    /// Describes the missing changes of a roster in words.
    fn describe_roster(&self, missing: &Missing) -> Option<String> {
        let rosters = self.git_answers.missing_rosters.get()?;
        let roster = &rosters.iter().find(|roster| roster.missing.hash == missing.hash)?.roster;
        let shared = self.roster.shared_with(roster) as usize;
        let changes = roster.statements().iter().skip(shared);
        let words: Vec<_> = changes.map(|change| format!("{} by {}", change.describe(), change.draft.author)).collect();
        let (noun, last) = (if words.len() == 1 { "roster change" } else { "roster changes up to" }, missing.version);
        // Only the newest changes are listed.
        let newest: Vec<_> = words.iter().rev().take(3).rev().map(String::as_str).collect();
        let more = if words.len() > newest.len() { "...; " } else { "" };
        Some(format!("{noun} {last} ({more}{})", newest.join("; ")))
    }

    fn why(&self, missing: &Missing, it: &str) -> String {
        match &missing.judged {
            Judged::Dropped { commit, .. } | Judged::Reverted { commit, .. } => {
                format!(", though commit {} in its history has {it}", short(commit))
            }
            Judged::Rewound(holder) => format!(": this branch had {it}, and {} still has {it}", plain(holder)),
            Judged::Gone(_) => format!(": no branch has {it}"),
            Judged::Withheld { branch, .. } => {
                format!(
                    ": another clone on this device had {it}, and {} as fetched here since lacks {it}",
                    plain(branch)
                )
            }
            Judged::Unknown => match (self.git_answers.silence.borrow().as_ref(), &missing.branch) {
                (Some(error), _) => format!(", and git can't tell why: {error}"),
                (None, Some(branch)) => format!(": seen on {branch}, at a commit that this clone does not have"),
                (None, None) => ", though this device has seen it".to_owned(),
            },
            _ => String::new(),
        }
    }
}

/// Returns the missing statements by environment, newest first, without those that another one in the list covers.
fn newest_of(mut missing: Vec<Missing>) -> Vec<Missing> {
    missing.order_by(|a, b| (&a.environment, b.version).cmp(&(&b.environment, a.version)));
    missing.dedup_by(|a, b| a.hash == b.hash);
    let all: Vec<Hash> = missing.iter().map(|one| one.hash).collect();
    missing.retain(|one| one.covered_by.is_none_or(|newer| !all.contains(&newer)));
    missing
}

impl Vault {
    /// Returns what to do about an older file. If another branch or clone has the newer file, there is nothing to fetch.
    pub(in crate::vault) fn advice(&self) -> Hint {
        let looked = self.git_answers.missing.borrow();
        let place = looked.iter().find_map(|missing| match &missing.judged {
            Judged::Earlier(holder) | Judged::OtherLine(holder) => Some(take_up(holder)),
            Judged::OtherWork(branch) => Some(take_up(&format!("refs/heads/{branch}"))),
            Judged::OtherClone { clone, .. } => {
                let clone = of_clone(clone);
                let push = format!("{clone} has the newer file: push it from there, then here: ");
                Some((push, SystemStep::Pull).into())
            }
            _ => None,
        });
        place.map_or_else(|| FETCH.into(), |place: Hint| place.then("; if this file is right anyway"))
    }

    /// Returns the error for a save that is refused because a branch that took something away is gone.
    pub(super) fn gone_with_its_branch(&self, loss: &Statement, missing: &Missing) -> Error {
        let (version, author, what) = (loss.version, &loss.draft.author, loss.describe());
        let place = missing.branch.as_ref().map_or_else(String::new, |branch| format!(", seen on {branch}"));
        let what = format!("no branch has roster change {version}{place}: {author} {what}");
        let back = match &missing.judged {
            Judged::BranchGone { commit: Some(commit), .. } => Hint::from(("to get it back: ", merge(commit))),
            _ => "make the change again".into(),
        };
        self.refusal(what, back.then("; if it was given up"))
    }
}

/// Returns the error for a save that is refused because another clone has a change that takes something away.
pub(super) fn not_here_yet_from(loss: &Statement, clone: &str) -> Error {
    let author = &loss.draft.author;
    let what = format!("this clone does not have roster change {} yet: {author} {}", loss.version, loss.describe());
    let push = format!("push it from {}, then here: ", of_clone(clone));
    Error::new(Reason::Older, what).hint((push, SystemStep::Pull))
}

/// Returns, for example, `/home/mia/project` for `/home/mia/project/.git`.
pub(super) fn of_clone(clone: &str) -> &str {
    clone.strip_suffix("/.git").unwrap_or(clone)
}

/// Returns the error for a save that is refused because another branch has a change that takes something away.
pub(super) fn not_here_yet(loss: &Statement, holder: &str) -> Error {
    let author = &loss.draft.author;
    let what = format!("this branch does not have roster change {} yet: {author} {}", loss.version, loss.describe());
    Error::new(Reason::Older, what).hint(("merge it before you save here: ", merge(holder)))
}

//! Decides what may be read and saved if the file does not descend from a statement that was seen on a branch.

use super::Compared;
use crate::error::Result;
use crate::file::{Block, Relation};
use crate::identity::Head;
use crate::marks::judge::Judged;
use crate::marks::{Marks, Seen};
use crate::roster::{Roster, Statement};
use crate::vault::Vault;
use crate::vault::access::Access;
use crate::vault::git_answers::{Missing, MissingRoster, Tree};
use crate::vault::older::{FETCH, FORK, goes_on, relation, what_is_older};
use crate::vault::verified::Standing;

impl Vault {
    /// Checks the roster of a file in a git work tree; the cases are those of [`Judged`].
    pub(in crate::vault) fn check_roster_in(&self, tree: &Tree, marks: &Marks, access: Access) -> Result<()> {
        let contains = self.roster.contains(marks.roster);
        if !contains && self.settings.strict {
            let (here, newest) = (self.roster.head().version, marks.roster.version);
            // Called only for its side effect: `advice` can then say where the newer roster is.
            let _ = self.missing_rosters(tree, marks);
            let what = format!("the roster is at change {here}, but this device has seen change {newest}");
            return Err(self.refusal(what, self.advice()));
        }
        for MissingRoster { missing, roster } in self.missing_rosters(tree, marks)? {
            self.check_fork(missing, roster)?;
            let loss = roster.first_loss_after(self.roster.shared_with(roster))?;
            let takes = loss.is_some();
            if missing.judged.is_branch_gone() {
                self.tell_of_gone(tree)?;
            }
            if missing.judged.put_back_by().is_some() && !takes {
                self.tell_of_what_was_put_back(tree)?;
            }
            match &missing.judged {
                Judged::Reverted { .. } if takes => self.lose(tree, access)?,
                judged if judged.is_loss() => self.lose(tree, access)?,
                _ => {}
            }
            if let Some(loss) = loss.filter(|_| access == Access::Write) {
                self.check_taken(loss, missing)?;
            }
        }
        Ok(())
    }

    /// Refuses to save without the change of a missing roster that takes something away.
    fn check_taken(&self, loss: &Statement, missing: &Missing) -> Result<()> {
        match &missing.judged {
            Judged::Earlier(holder) | Judged::OtherLine(holder) => Err(super::loss::not_here_yet(loss, holder)),
            Judged::OtherWork(branch) => Err(super::loss::not_here_yet(loss, &format!("refs/heads/{branch}"))),
            Judged::BranchGone { .. } => Err(self.gone_with_its_branch(loss, missing)),
            Judged::OtherClone { clone, .. } => Err(super::loss::not_here_yet_from(loss, clone)),
            _ => Ok(()),
        }
    }

    /// Rejects a fork of the roster if one of its own changes was made by a user who has lost that right under the
    /// roster that was seen, or if git can't tell where the seen roster comes from.
    fn check_fork(&self, missing: &Missing, seen: &Roster) -> Result<()> {
        if seen.extends(&self.roster) {
            return Ok(());
        }
        if let Some(former) = self.roster.signed_by_former(seen)? {
            let what = format!("the roster was changed by {former}, who has lost that right");
            return Err(self.refusal(what, self.advice()));
        }
        let is_from_nowhere = match missing.judged {
            Judged::Unknown | Judged::Withheld { holder: None, .. } | Judged::Gone(None) => true,
            Judged::BranchGone { commit: None, .. } => !missing.is_own,
            _ => false,
        };
        if is_from_nowhere {
            return Err(self.refusal(FORK.to_owned(), FETCH));
        }
        Ok(())
    }

    /// Returns the rosters that were seen and are not in the file: they are not its ancestors, and it does not repeat
    /// their changes either.
    pub(super) fn missing_rosters(&self, tree: &Tree, marks: &Marks) -> Result<&[MissingRoster]> {
        if let Some(rosters) = self.git_answers.missing_rosters.get() {
            return Ok(rosters);
        }
        let highest = Seen { added: 0, version: marks.roster.version, hash: marks.roster.hash };
        let mut included = Vec::new();
        for seen in tree.branches.sightings_of(None, 0).map(crate::marks::Sighting::seen).chain([highest]) {
            let head = Head { version: seen.version, hash: seen.hash };
            if self.roster.contains(head) {
                continue;
            }
            // A descendant of the file's roster is newer than the file, even if its changes cancel out.
            let roster = self.seen_roster(marks, head)?;
            let is_fork = !roster.extends(&self.roster);
            if is_fork && self.roster.includes(&roster)? && self.roster.signed_by_former(&roster)?.is_none() {
                included.push(seen.hash);
            }
        }
        let head = self.roster.head();
        let here = Seen { added: 0, version: head.version, hash: head.hash };
        let goes_on = |seen: &Seen| {
            self.roster.contains(Head { version: seen.version, hash: seen.hash }) || included.contains(&seen.hash)
        };
        let compared = Compared { environment: None, here, highest: Some(highest), goes_on: &goes_on };
        let missing = self.missing(tree, &compared)?;
        let with_roster = |missing: Missing| {
            let roster = self.seen_roster(marks, Head { version: missing.version, hash: missing.hash })?;
            Ok(MissingRoster { missing, roster })
        };
        let rosters = missing.into_iter().map(with_roster).collect::<Result<Vec<_>>>()?;
        self.git_answers.included.borrow_mut().extend(included);
        Ok(self.git_answers.missing_rosters.get_or_init(|| rosters))
    }

    /// Returns a roster that was seen: the highest one or an ancestor of it, one that a merge in progress joins, or
    /// that of another branch.
    fn seen_roster(&self, marks: &Marks, head: Head) -> Result<Roster> {
        let highest = self.highest_roster(marks)?;
        if highest.contains(head) {
            return highest.until(head.version);
        }
        let mut being_joined =
            self.git_answers.being_joined.get().into_iter().flatten().filter_map(|side| side.roster.as_ref());
        match being_joined.find(|roster| roster.head() == head) {
            Some(roster) => Ok(roster.clone()),
            None => self.marks_store().other_roster(&head.hash),
        }
    }

    /// Checks a block of a file in a git work tree; the cases are those of [`Judged`].
    pub(in crate::vault) fn check_block_in(
        &self,
        tree: &Tree,
        marks: &Marks,
        (block, seen, standing): (&Block, &Seen, Standing),
        access: Access,
    ) -> Result<()> {
        let name = &block.statement.name;
        let mark = marks.environments.get(name).filter(|mark| mark.added == seen.added);
        if let Some(mark) = mark.filter(|mark| relation(block, seen, mark) == Relation::Jump) {
            return Err(self.refusal(what_is_older(block, seen, mark), FETCH));
        }
        let rosters = self.missing_rosters(tree, marks)?;
        let mut is_earlier = !rosters.is_empty();
        for MissingRoster { missing, roster } in rosters {
            is_earlier &= missing.judged.is_earlier();
            if !is_earlier {
                self.check_author_in(tree, missing, roster, (block, seen))?;
            }
        }
        let missing = self.missing_blocks(tree, marks, (block, seen))?;
        is_earlier |= !missing.is_empty() && missing.iter().all(|missing| missing.judged.is_earlier());
        let is_lost = missing.iter().any(|missing| missing.judged.is_loss());
        if missing.iter().any(|missing| missing.judged.is_branch_gone()) {
            self.tell_of_gone(tree)?;
        }
        if missing.iter().any(|missing| missing.judged.put_back_by().is_some()) {
            self.tell_of_what_was_put_back(tree)?;
        }
        if !is_earlier {
            self.check_rightly_pending(marks, (block, seen, standing), is_lost)?;
        }
        if let Some(mark) = mark.filter(|mark| self.settings.strict && !goes_on(block, seen, mark)) {
            return Err(self.refusal(what_is_older(block, seen, mark), self.advice()));
        }
        if !missing.is_empty() && standing == Standing::Pending && !is_earlier {
            // The pending block has been renewed since. Accepting it again would give back a right that was revoked.
            self.check_accepted_before(block, seen)?;
        }
        if is_lost { self.lose(tree, access) } else { Ok(()) }
    }

    /// Checks a pending block that its author could have renewed. This branch may simply not have done it yet, so the block
    /// counts if it was accepted before. If the roster is newer than the highest one seen, it may have been made to leave
    /// the block pending, so an earlier acceptance does not count.
    fn check_rightly_pending(
        &self,
        marks: &Marks,
        (block, seen, standing): (&Block, &Seen, Standing),
        is_lost: bool,
    ) -> Result<()> {
        let Some(what) = self.wrongly_pending(block, seen, standing) else { return Ok(()) };
        let is_known = !is_lost && self.roster.head() == marks.roster;
        match is_known && self.marks_store().was_accepted(&seen.hash)? {
            true => Ok(()),
            false => Err(self.refusal(what, self.advice())),
        }
    }

    /// Checks a block whose author lost the write right or was removed under the roster that was seen. The block counts
    /// if this device accepted it before, or if it is in the history of the commit where that roster was seen.
    fn check_author_in(
        &self,
        tree: &Tree,
        missing: &Missing,
        roster: &Roster,
        (block, seen): (&Block, &Seen),
    ) -> Result<()> {
        let statement = &block.statement;
        if !self.roster.is_former_writer(roster, &statement.name, &statement.author)? {
            return Ok(());
        }
        let store = self.marks_store();
        if store.was_accepted(&seen.hash)? {
            return Ok(());
        }
        // If git can't answer, the block counts as not being in the history.
        if self.is_in_history(tree, block, std::slice::from_ref(missing)).unwrap_or_default() {
            let _ = store.accept_statement(&seen.hash);
            return Ok(());
        }
        self.check_accepted_before(block, seen)
    }

    /// Returns the versions of an environment that were seen and from which the block does not descend.
    pub(super) fn missing_blocks(
        &self,
        tree: &Tree,
        marks: &Marks,
        (block, seen): (&Block, &Seen),
    ) -> Result<Vec<Missing>> {
        let name = &block.statement.name;
        let compared = Compared {
            environment: Some(name),
            here: *seen,
            highest: marks.environments.get(name).copied(),
            goes_on: &|before| goes_on(block, seen, before),
        };
        self.missing(tree, &compared)
    }
}

//! Detects rollbacks and forks by comparing a file with what this device has seen (vault-format(5), "Freshness").

use super::access::Access;
use super::git_answers::Tree;
use super::older::{BEFORE_GIT, FETCH, FORK, goes_on, what_is_older};
use super::sighting::Sighting;
use super::{Standing, Vault, Warning, WarningReason};
use crate::error::{Error, Hint, Reason, Remedy, Result, SystemStep};
use crate::file::{Block, Relation};
use crate::marks::{Marks, Seen};
use crate::roster::Roster;
use crate::settings::Variable;

impl Vault {
    /// Compares the roster with what this device has seen, as [`Vault::open`] does. Every session begins with this check,
    /// too.
    ///
    /// # Errors
    /// An integrity error for a fork, and for an older roster unless that is only a warning.
    pub(crate) fn check_roster(&self) -> Result<()> {
        self.check_sighting()?;
        self.check_roster_freshness(Access::Read)
    }

    /// Checks that the roster is the highest one seen, or descends from it. An older roster is a warning only inside a
    /// git work tree, and an error elsewhere.
    pub(super) fn check_roster_freshness(&self, access: Access) -> Result<()> {
        if self.settings.looks_back {
            return Ok(());
        }
        let Some(marks) = &self.marks else {
            return self.check_first_sight();
        };
        if let Some(tree) = self.tree_to_look_at(marks, self.roster.contains(marks.roster))? {
            return self.check_roster_in(tree, marks, access);
        }
        if self.roster.contains(marks.roster) {
            return Ok(());
        }
        let highest = self.highest_roster(marks)?;
        if !highest.extends(&self.roster) {
            return Err(self.refusal(FORK.to_owned(), self.to_fetch()));
        }
        let (older, newest) = (self.roster.head().version, marks.roster.version);
        let what = format!("the roster is at change {older}, but this device has seen change {newest}");
        match access {
            Access::Write => {
                let hint = (SystemStep::Pull, ", or check out the newer branch; if that is gone for good");
                Err(self.refusal(what, hint))
            }
            Access::Read => Err(self.refusal(what, self.to_fetch())),
        }
    }

    /// Returns the git work tree, if there is one and the file is not simply what was seen.
    fn tree_to_look_at(&self, marks: &Marks, goes_on: bool) -> Result<Option<&Tree>> {
        if goes_on && !marks.forks && !self.has_joined() { Ok(None) } else { self.tree() }
    }

    /// Checks that the file at this path is still the same vault, unless the pin names it or a person accepts it. A
    /// session with a key that opens the file needs no such check, because nobody else can make a slot for that key.
    pub(super) fn check_sighting(&self) -> Result<()> {
        if self.settings.looks_back {
            return Ok(());
        }
        let (sighting, id) = (self.sighting(), self.id());
        let seen = sighting.vaults()?;
        if self.settings.pin.is_none() && seen.iter().flatten().any(|seen| *seen != id) {
            return Err(self.refusal(
                "this is not the vault that this device has seen at this path".to_owned(),
                "restore the file from a copy you trust; if the vault was created again",
            ));
        }
        if seen.contains(&None) {
            // If this can't be written, the next comparison has less to go by.
            let _ = sighting.remember(&id);
        }
        Ok(())
    }

    /// Returns what this device has seen at the path of this file.
    pub(super) fn sighting(&self) -> Sighting {
        Sighting::at(&self.location, &self.settings)
    }

    /// Returns the highest roster seen. It is read once, however many blocks are older.
    pub(super) fn highest_roster(&self, marks: &Marks) -> Result<&Roster> {
        if let Some(highest) = self.highest.get() {
            return Ok(highest);
        }
        let highest = self.marks_store().highest_roster(marks)?;
        Ok(self.highest.get_or_init(|| highest))
    }

    /// Returns the highest roster seen if it descends from this one, else this one. On an older branch, the highest
    /// roster knows the keys with which something was signed here in the meantime.
    pub(super) fn newest_roster(&self) -> Result<&Roster> {
        let Some(marks) = self.marks.as_ref().filter(|marks| !self.roster.contains(marks.roster)) else {
            return Ok(&self.roster);
        };
        let highest = self.highest_roster(marks)?;
        Ok(if highest.extends(&self.roster) { highest } else { &self.roster })
    }

    /// Checks that a block is the highest one seen, or newer, and that its author has not lost the right under the
    /// highest roster.
    pub(super) fn check_freshness(
        &self,
        block: &Block,
        (seen, standing): (&Seen, Standing),
        access: Access,
    ) -> Result<()> {
        let name = &block.statement.name;
        if let Some(pin) = &self.settings.pin {
            pin.check(name, seen)?;
        }
        let Some(marks) = &self.marks else { return Ok(()) };
        let mark = marks.environments.get(name).filter(|mark| mark.added == seen.added);
        let is_current = self.roster.contains(marks.roster) && mark.is_none_or(|mark| goes_on(block, seen, mark));
        if let Some(tree) = self.tree_to_look_at(marks, is_current)? {
            return self.check_block_in(tree, marks, (block, seen, standing), access);
        }
        if !self.roster.contains(marks.roster) && lost_the_right(self.highest_roster(marks)?, block) {
            self.check_accepted_before(block, seen)?;
        }
        if let Some(what) = self.wrongly_pending(block, seen, standing) {
            return Err(self.refusal(what, self.to_fetch()));
        }
        let Some(mark) = mark.filter(|mark| !goes_on(block, seen, mark)) else { return Ok(()) };
        // The pending block has been renewed since. Accepting it again would give back a right that was revoked.
        if standing == Standing::Pending && seen.version < mark.version {
            self.check_accepted_before(block, seen)?;
        }
        Err(self.refusal(what_is_older(block, seen, mark), self.to_fetch()))
    }

    /// Returns whether the version of a block is farther from the one seen here than an honest history can go.
    pub(super) fn jumps(&self, block: &Block) -> Result<bool> {
        let seen = self.seen(block, block.dearmor(&self.id())?.hash);
        let mark = self.marks.as_ref().and_then(|marks| marks.environments.get(&block.statement.name));
        let mark = mark.filter(|mark| mark.added == seen.added);
        let relation = mark.map(|mark| block.statement.relation(&seen.hash, (mark.version, &mark.hash)));
        Ok(relation == Some(Relation::Jump))
    }

    /// Checks a block whose author has lost the right or key: this device must have accepted the same statement before.
    pub(super) fn check_accepted_before(&self, block: &Block, seen: &Seen) -> Result<()> {
        if self.marks_store().was_accepted(&seen.hash)? {
            return Ok(());
        }
        let (name, author) = (&block.statement.name, &block.statement.author);
        let what = format!("environment {name} was written by {author}, who has lost that right or key");
        Err(self.refusal(what, self.advice()))
    }

    fn check_first_sight(&self) -> Result<()> {
        if self.settings.pin.is_some() {
            return Ok(());
        }
        let pin = Variable::Pin.name();
        let what = format!("first use of this vault on this device: set {pin} to detect a rollback");
        self.warn(Warning::new(WarningReason::FirstUse, what))
    }

    /// Returns how to get a newer file.
    fn to_fetch(&self) -> &'static str {
        match self.is_in_git() && self.marks.as_ref().is_some_and(|marks| !marks.git) {
            true => BEFORE_GIT,
            false => FETCH,
        }
    }

    /// Returns the error for an older or forked file. The hint is `advice`, followed by the command that accepts the file.
    pub(super) fn refusal(&self, what: String, advice: impl Into<Hint>) -> Error {
        let error = Error::new(Reason::Older, what);
        match self.fingerprint() {
            Ok(hash) => error.hint(advice.into().then(": ").then(Remedy::Accept(hash))),
            Err(_) => error.hint("restore the file from a copy you trust"),
        }
    }
}

fn lost_the_right(highest: &Roster, block: &Block) -> bool {
    let statement = &block.statement;
    let Some(environment) = highest.state().environments.get(&statement.name) else { return true };
    let Some(user) = highest.state().users.get(&statement.author) else { return true };
    let Ok(dearmored) = block.dearmor(&highest.id()) else { return true };
    !environment.writes(&statement.author) || !user.keys.verifying_key.verifies(&dearmored.message, &block.signature)
}

//! Finds what must not be merged without a person's confirmation, because the user who merges signs the result.

use super::part::Stand;
use super::{Merge, Merged};
use crate::error::{Hint, Result, SystemStep};
use crate::file::Block;
use crate::merge::Side;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::vault::{Warning, WarningReason, block};

/// A side's state of an environment that is not taken without a person's confirmation, and the reason.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub environment: EnvironmentName,
    pub side: Side,
    pub why: String,
}

impl Merge {
    /// Returns what may or may not be honest work: an environment saved by a user who may no longer write it, or signed
    /// with keys that were replaced since, or so old that its history is unclear.
    pub(super) fn doubts(&self, merged: &Merged) -> Result<Vec<Doubt>> {
        let mut doubts = Vec::new();
        for name in merged.roster.state().environments.keys() {
            for side in Side::BOTH {
                if let Some(why) = self.doubt(merged, name, side)? {
                    doubts.push(Doubt { environment: name.clone(), side, why });
                }
            }
        }
        Ok(doubts)
    }

    fn doubt(&self, merged: &Merged, name: &EnvironmentName, side: Side) -> Result<Option<String>> {
        let before = self.base.as_ref().and_then(|base| base.hash(name));
        let (hash, other) = (self.hash_under(merged, side, name), self.hash_under(merged, side.other(), name));
        if hash.is_none() || hash == before || hash == other {
            return Ok(None);
        }
        let stand = if other.is_some() { self.stand(name)? } else { Stand::One(side) };
        let words = self.names.words(side);
        match stand {
            Stand::One(stands) if stands != side => return Ok(None),
            Stand::Unclear(unclear) if unclear == side => {
                let (older, newer) = (self.stated(side, name)?.0, self.stated(side.other(), name)?.0);
                return Ok(Some(format!(
                    "{name}: version {} by {}, in {words}, may be older than version {} by {}: too many saves lie between \
                     to tell",
                    older.version, older.author, newer.version, newer.author
                )));
            }
            Stand::Lost if side == Side::Ours => {
                let Some(lost) = self.lost_here(name)? else { return Ok(None) };
                let other = self.names.words(side.other());
                return Ok(Some(format!(
                    "{name}: {words} has lost version {} by {}, which {other} is based on",
                    lost.version, lost.author
                )));
            }
            _ => {}
        }
        let block = self.block_of(side, name)?;
        Ok(no_longer_theirs(&merged.roster, name, block)?.map(|why| format!("{name}: {why} in {words}")))
    }

    /// Returns a warning for each older state that somebody put back and that the merge does not take.
    pub(super) fn put_back_warnings(&self, merged: &Merged) -> Result<Vec<Warning>> {
        let mut warnings = Vec::new();
        for name in merged.roster.state().environments.keys() {
            let Some(side) = self.put_back(merged, name)? else { continue };
            let (old, kept) = (self.stated(side, name)?.0, self.stated(side.other(), name)?.0);
            let base = self.base.as_ref().and_then(|base| base.sealed(name).ok()).map(|(block, _)| &block.statement);
            let between = base.filter(|base| (base.version, &base.author) != (kept.version, &kept.author));
            let dropped =
                between.map_or_else(String::new, |base| format!(" and version {} by {}", base.version, base.author));
            let text = format!(
                "{name}: {} put version {} by {} back, which drops version {} by {}{dropped}; the newer version is \
                 kept",
                self.names.words(side),
                old.version,
                old.author,
                kept.version,
                kept.author,
            );
            let hint = Hint::from(("to go back on purpose: ", SystemStep::RevertCommit, "; ", self.location.git_log()));
            warnings.push(Warning::new(WarningReason::NewerKept, text).hint(hint.then(" lists the commits")));
        }
        Ok(warnings)
    }
}

/// Returns why the author of a block could not save it today; `None` if they could.
fn no_longer_theirs(roster: &Roster, name: &EnvironmentName, block: &Block) -> Result<Option<String>> {
    if block::verify(roster, block).is_ok() {
        return Ok(None);
    }
    let author = &block.statement.author;
    if !roster.state().environment(name)?.writes(author) {
        return Ok(Some(format!("{author}, who may no longer write {name}, saved it")));
    }
    let message = block.dearmor(&roster.id())?.message;
    let keys = roster.state().users.get(author).map(|user| &user.keys);
    let is_current = keys.is_some_and(|keys| keys.verifying_key.verifies(&message, &block.signature));
    Ok((!is_current).then(|| format!("a key that {author} has since replaced signed it")))
}

//! What is not merged now: rosters that somebody has to merge, and files of which nothing says what git does with them.

use super::{Merge, Opened};
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::merge::{Applied, Side};
use crate::name::{EnvironmentName, UserName};
use crate::roster::describe_changes;
use std::collections::BTreeSet;

impl Merge {
    /// Refuses forked rosters if git merges on its own. It must not drop anybody's roster changes, and it
    /// can't make them again.
    pub(super) fn check_driver(&self) -> Result<()> {
        if self.is_by_driver && self.rosters.is_fork() { Err(self.forked()) } else { Ok(()) }
    }

    /// Returns the error for rosters that can't be merged now, with each side's changes and the users who can merge them.
    pub(super) fn forked(&self) -> Error {
        let changes = |side: Side| {
            let changes = describe_changes(self.own_changes(side).iter());
            format!("in {}, {changes}", self.names.words(side))
        };
        let [ours, theirs] = Side::BOTH.map(changes);
        let message = format!("both sides changed the roster: {ours}; {theirs}");
        Error::new(Reason::RostersForked, message).hint(self.who_can_merge())
    }

    pub(super) fn who_can_merge(&self) -> Hint {
        if self.rosters.standing().is_some() {
            let drops = " drops what its author is no longer allowed to change, and names it";
            return (Remedy::Merge, drops).into();
        }
        let ways = self.rosters.ways().iter();
        let signers: BTreeSet<&str> = ways.flat_map(|way| &way.signers).map(UserName::as_str).collect();
        match signers.into_iter().collect::<Vec<_>>().join(" or ") {
            names if names.is_empty() => {
                let nobody = "nobody can make all of it again on top of one side; to keep this branch's file as it is, and \
                              make the other side's changes again: ";
                (nobody, Remedy::KeepOurs(self.location.asked.clone())).into()
            }
            names => (format!("{names} can merge them, with their passphrase or key: "), Remedy::Merge).into(),
        }
    }
}

impl Opened<'_> {
    /// Refuses to guess. An older git doesn't tell its driver whether it merges a branch, or picks or reverts a commit.
    /// Outside of the driver, that can be found out.
    pub(super) fn check_known(&self) -> Result<()> {
        if !self.needs_to_know_what_is_applied() {
            return Ok(());
        }
        let what = "is not merged: this git doesn't say whether it merges, picks or reverts";
        Err(Error::new(Reason::AppliedUnknown, format!("{} {what}", self.merge.file_name())).hint(Remedy::Merge))
    }

    /// Returns whether the result depends on what git is applying, and nothing tells what that is. When a branch is
    /// merged, both sides descend from the base; when a commit is cherry-picked or reverted, they need not.
    fn needs_to_know_what_is_applied(&self) -> bool {
        let (merge, merged) = (self.merge, &self.merged);
        let matters = |name: &EnvironmentName| {
            let is_there = Side::BOTH.iter().all(|side| merge.hash_under(merged, *side, name).is_some());
            let is_known = merge.base.as_ref().is_some_and(|base| base.hash(name).is_some());
            let comes_from_base = |side: &Side| merge.comes_from_base(name, *side).unwrap_or_default();
            is_there && is_known && !Side::BOTH.iter().all(comes_from_base)
        };
        merge.applied() == Applied::Unknown && self.parts.keys().any(matters)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sides, add, reason, set};
    use super::*;
    use crate::log::Caller;
    use crate::vault::{Need, Session};

    #[test]
    fn git_does_not_merge_forked_rosters_on_its_own() {
        let sides = Sides::new();
        let mut session = sides.copy("base", "ours");
        add(&mut session, "ann");
        add(&mut sides.copy("base", "theirs"), "bob");
        let merge = sides.by_driver(&["base", "main", "feature"]);
        assert_eq!(reason(merge.without_key()), Some(Reason::RostersForked));
        assert_eq!(reason(merge.open(&session)), Some(Reason::RostersForked));
        let unlocked = merge.unlocked(&mut |_, _| panic!("nothing must be unlocked"));
        assert_eq!(reason(unlocked), Some(Reason::RostersForked));
        assert!(sides.by_a_person().without_key().unwrap().is_none());
    }

    #[test]
    fn the_user_unlocks_a_side_on_which_they_can_merge_the_rosters() {
        let sides = Sides::new();
        add(&mut sides.copy("base", "ours"), "ann");
        add(&mut sides.copy("base", "theirs"), "bob");
        let merge = sides.by_a_person();
        let mut asked = Vec::new();
        let unlocked = merge.unlocked(&mut |side, need| {
            asked.push((side, need));
            merge.vault(side).unlock(&sides.sandbox.credential, None, &Caller::default()).map(Session::from)
        });
        let session = unlocked.unwrap();
        assert_eq!(asked, [(merge.rosters().ways()[0].base, Need::Identity)]);
        assert!(merge.open(&session).is_ok());
        assert_eq!(reason(merge.unlocked(&mut |_, _| Err(merge.locked()))), Some(Reason::Locked));
    }

    #[test]
    fn git_never_asks_and_a_locked_merge_says_what_needs_a_key() {
        let sides = Sides::new();
        set(&mut sides.copy("base", "ours"), "dev/OURS");
        set(&mut sides.copy("base", "theirs"), "dev/THEIRS");
        let merge = sides.by_driver(&["base", "main", "feature"]);
        assert_eq!(merge.locked().to_string(), "ours is locked, and both sides changed dev: nothing was written");
        assert_eq!((merge.may_ask(), sides.by_a_person().may_ask()), (false, true));
    }

    #[test]
    fn nothing_is_merged_while_it_matters_what_git_is_applying_and_git_does_not_say() {
        let sides = Sides::new();
        let mut session = sides.copy("base", "ours");
        set(&mut session, "dev/OURS");
        set(&mut sides.copy("base", "picked"), "dev/PARENT");
        set(&mut sides.copy("picked", "theirs"), "dev/PICKED");
        std::fs::copy(sides.file("picked"), sides.file("base")).unwrap();
        assert_eq!(reason(sides.by_driver(&[]).open(&session)), Some(Reason::AppliedUnknown));
        let labels = ["parent of f57e5fe (picked)", "main", "f57e5fe (picked)"];
        assert!(sides.by_driver(&labels).open(&session).is_ok());
    }
}

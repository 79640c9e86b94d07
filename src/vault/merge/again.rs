//! The merged roster where both sides have changed it: the changes that the user made alone are made again on top of the
//! other side's roster.

use super::Merge;
use crate::error::{Error, Result};
use crate::identity::PrivateKeys;
use crate::merge::Side;
use crate::merge::again::{Again, after, sole_author};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Roster, State, Statement};
use crate::signature::{Hash, VerifyingKey};
use crate::vault::Session;

/// A merged roster, and which of the changes could not be made again as they were.
pub(super) struct MadeAgain {
    pub roster: Roster,
    pub left_out: Vec<String>,
}

impl Merge {
    /// Who alone has changed the roster on a side since both went apart: they can merge the rosters.
    #[must_use]
    pub fn sole_author(&self, side: Side) -> Option<&UserName> {
        sole_author(self.roster_of(side), self.common())
    }

    /// The changes of users and rights that only this side has.
    #[must_use]
    pub fn own_changes(&self, side: Side) -> &[Statement] {
        after(self.roster_of(side), self.common())
    }

    fn common(&self) -> u32 {
        self.ours.vault.roster.fork(&self.theirs.vault.roster).map_or(0, |last| last.version)
    }

    /// Makes the changes of a side again, which this user alone has made.
    pub(super) fn make_again(&self, side: Side, session: &Session) -> Result<MadeAgain> {
        let before = self.roster_of(side).state_at(self.common())?;
        let mut roster = self.roster_of(side.other()).clone();
        let mut signing = signing_keys(&before, roster.state(), session)?;
        let onto = roster.state().clone();
        let mut again = Again::new(&before, &onto);
        let mut left_out = Vec::new();
        for statement in self.own_changes(side) {
            let draft = &statement.draft;
            let change = again.change(draft, roster.state())?;
            let takes = matches!(
                draft.change,
                Change::RemoveUser { .. } | Change::Revoke { .. } | Change::RemoveEnvironment { .. }
            );
            if change.as_ref() != Some(&draft.change) && !takes {
                left_out.push(format!(
                    "what {side} changed could not be made again as it was, because {} took a part of it away: {} {}",
                    side.other(),
                    draft.author,
                    statement.describe()
                ));
            }
            let Some(change) = change else { continue };
            let renewed = match &change {
                Change::ReplaceKeys { keys } => Some(keys.keys.verifying_key),
                _ => None,
            };
            let draft = Draft { change, pending: Vec::new(), ..draft.clone() };
            roster = self.append(&roster, draft, &signing).map_err(|error| not_again(side, &error))?;
            if let Some(key) = renewed {
                signing = keys_of(session, &key)?;
            }
        }
        Ok(MadeAgain { roster, left_out })
    }

    fn append(&self, roster: &Roster, mut draft: Draft, keys: &PrivateKeys) -> Result<Roster> {
        let next = roster.append(draft.clone(), keys)?;
        draft.pending = self.pending(roster, &next, &draft.author)?;
        if draft.pending.is_empty() { Ok(next) } else { roster.append(draft, keys) }
    }

    /// The blocks that a change leaves to the next writer, because its author can't write them.
    fn pending(&self, roster: &Roster, next: &Roster, author: &UserName) -> Result<Vec<(EnvironmentName, Hash)>> {
        let mut pending = Vec::new();
        for (name, environment) in &next.state().environments {
            let is_new = !roster.state().environments.contains_key(name);
            if is_new || environment.threshold() != next.head().version || environment.writes(author) {
                continue;
            }
            let side = self.chosen(next, name)?.ok_or_else(|| {
                Error::denied(format!("{name} has to be merged, and {author} may not write it"))
                    .hint(format!("{} can save {name} on one of the branches first", super::writers(next, name)))
            })?;
            pending.extend(self.side(side).hash(name).map(|hash| (name.clone(), hash)));
        }
        Ok(pending)
    }
}

/// The keys that the user signed with before the sides went apart.
fn signing_keys(before: &State, onto: &State, session: &Session) -> Result<PrivateKeys> {
    let user = session.user();
    let key_in = |state: &State| state.users.get(user).map(|known| known.keys.verifying_key);
    let Some(key) = key_in(before).filter(|key| key_in(onto) == Some(*key)) else {
        return Err(Error::denied(format!("the other side removed {user}, or replaced the keys of {user}"))
            .hint("make your changes of users and rights again, on top of that side"));
    };
    keys_of(session, &key)
}

/// The user's keys as they were when this was the current one.
fn keys_of(session: &Session, key: &VerifyingKey) -> Result<PrivateKeys> {
    let keys = &session.identity()?.keys;
    let mut known = std::iter::once(keys.clone()).chain(keys.earlier());
    known.find(|keys| keys.public().is_ok_and(|public| public.verifying_key == *key)).ok_or_else(|| {
        let user = session.user();
        Error::failed(format!("{user} replaced their keys too often on this side, and the first ones are gone"))
            .hint("make your changes of users and rights again, on top of the other side")
    })
}

fn not_again(side: Side, error: &Error) -> Error {
    let again = Error::failed(format!("what {side} changed of users and rights can't be made again: {error}"));
    again.hint(error.advice().cloned().unwrap_or_else(|| "make these changes again, on top of the other side".into()))
}

//! Builds the commands that get back what is missing: a single command if one can get back everything.

use super::git_names::{plain, short};
use crate::error::{Error, Hint, Remedy, SystemStep};
use crate::file::{File, Relation};
use crate::git::Commits;
use crate::identity::Head;
use crate::marks::judge::Judged;
use crate::roster::UnprovenRoster;
use crate::vault::Vault;
use crate::vault::git_answers::{Missing, Tree};

/// A way to get back something that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// Check out the file of this commit: it has what is missing, and everything that the current file has.
    Checkout(String),
    /// Merge from this commit: the current file has something that the commit lacks.
    From(String),
    /// Merge this branch, or this commit if no branch has it.
    Merge(String),
    /// Type another command.
    Other(Hint),
}

impl Way {
    /// Returns the commit or branch that has what is missing.
    fn source(&self) -> Option<&str> {
        match self {
            Self::Checkout(source) | Self::From(source) | Self::Merge(source) => Some(source),
            Self::Other(_) => None,
        }
    }

    fn command(&self, tree: &Tree) -> Hint {
        match self {
            Self::Checkout(commit) => SystemStep::CheckOutFile(short(commit).to_owned(), tree.path.clone()).into(),
            Self::From(source) => Remedy::MergeFrom(named(source)).into(),
            Self::Merge(source) => merge(source).into(),
            Self::Other(command) => command.clone(),
        }
    }
}

impl Vault {
    /// Returns the commands that get everything back.
    pub(super) fn ways_back(&self, tree: &Tree, losses: &[Missing]) -> Hint {
        let mut ways: Vec<Way> = Vec::new();
        for way in losses.iter().map(|missing| self.way_back(missing)) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        if ways.len() > 1 {
            ways = match self.one_for_all(tree, &ways, losses) {
                Some(way) => vec![way],
                // A checkout would overwrite what another command got back.
                None => ways.into_iter().map(without_overwriting).collect(),
            };
        }
        Hint::joined(ways.iter().map(|way| way.command(tree)), " && ")
    }

    /// Returns one way that gets everything back, with the newest commit that has all of it. It is a checkout or a
    /// merge if all `ways` are.
    fn one_for_all(&self, tree: &Tree, ways: &[Way], losses: &[Missing]) -> Option<Way> {
        let git = tree.git();
        let sources: Vec<String> = ways.iter().filter_map(Way::source).map(str::to_owned).collect();
        let mut has_all = |content: &[u8]| self.has_all(content, losses);
        let (commit, _) = git.newest_version(Commits::WithHead(&sources), &tree.path, &mut has_all).ok()??;
        let named = sources.into_iter().find(|source| git.commit(source).as_ref() == Some(&commit));
        let source = named.unwrap_or(commit);
        Some(match ways {
            ways if ways.iter().all(|way| matches!(way, Way::Checkout(_))) => Way::Checkout(source),
            ways if ways.iter().all(|way| matches!(way, Way::Merge(_))) => Way::Merge(source),
            _ => Way::From(source),
        })
    }

    fn way_back(&self, missing: &Missing) -> Way {
        match &missing.judged {
            Judged::Dropped { commit, is_earlier: false } => Way::From(commit.clone()),
            Judged::Dropped { commit, .. } | Judged::Reverted { commit, .. } => Way::Checkout(commit.clone()),
            Judged::Rewound(holder) | Judged::Withheld { holder: Some(holder), .. } => Way::Merge(holder.clone()),
            Judged::Gone(Some(commit)) => Way::Merge(commit.clone()),
            judged => Way::Other(match self.git_answers.silence.borrow().as_ref().and_then(Error::advice) {
                Some(hint) => hint.clone(),
                None if matches!(judged, Judged::Unknown | Judged::Withheld { .. }) => SystemStep::Pull.into(),
                None => (SystemStep::Pull, ", or ask a colleague for the newer file").into(),
            }),
        }
    }

    /// Returns whether a file has, or descends from, everything that is missing.
    fn has_all(&self, content: &[u8], losses: &[Missing]) -> bool {
        let Ok(mut file) = File::parse(content.to_vec()) else { return false };
        let Ok(roster) = UnprovenRoster::fold(std::mem::take(&mut file.roster)) else { return false };
        losses.iter().all(|missing| {
            let (version, hash) = (missing.version, missing.hash);
            let Some(name) = &missing.environment else { return roster.contains(Head { version, hash }) };
            let block = file.block(name).and_then(|block| Some((block, block.dearmor(&self.id()).ok()?.hash)));
            block.is_some_and(|(block, own_hash)| {
                matches!(block.statement.relation(&own_hash, (version, &hash)), Relation::Same | Relation::GoesOn)
            })
        })
    }
}

/// Returns the same way without overwriting the file.
fn without_overwriting(way: Way) -> Way {
    match way {
        Way::Checkout(commit) => Way::From(commit),
        way => way,
    }
}

/// Returns the step that merges a branch or a commit.
pub(super) fn merge(source: &str) -> SystemStep {
    SystemStep::MergeBranch(named(source))
}

/// Returns, for example, `main has the newer file: git checkout main`.
pub(super) fn take_up(holder: &str) -> Hint {
    let step = match holder.strip_prefix("refs/remotes/") {
        Some(_) => merge(holder),
        None => SystemStep::CheckOut(named(holder)),
    };
    (format!("{} has the newer file: ", plain(holder)), step).into()
}

/// Returns a branch by its name, or a commit by its abbreviated id.
fn named(source: &str) -> String {
    match source.starts_with("refs/") {
        true => plain(source).to_owned(),
        false => short(source).to_owned(),
    }
}

/// Returns the step that makes a branch for what no branch has any more.
pub(super) fn way_to_what_is_gone(missing: &Missing) -> Option<SystemStep> {
    let Judged::BranchGone { commit: Some(commit), .. } = &missing.judged else { return None };
    let branch = missing.branch.as_deref().unwrap_or("found");
    Some(SystemStep::Branch(branch.to_owned(), short(commit).to_owned()))
}

//! Compares two files of a vault, and checks that nothing that was saved in between is lost.

use crate::error::{Error, Hint, Remedy, Result, SystemStep};
use crate::file::Relation;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::path::shell_word;
use crate::vault::saved::{Save, Saved};
use std::path::Path;

/// A save in a commit between the two files.
pub(super) struct Between {
    pub save: Save,
    /// The abbreviated id of the commit.
    pub commit: String,
}

/// An earlier file, a later one, and every save in the commits between.
pub(super) struct Comparison<'a> {
    pub old: Saved,
    pub new: &'a Saved,
    pub between: Vec<Between>,
    /// The revision that the earlier file belongs to, as the user named it.
    pub reference: &'a str,
    pub file: &'a Path,
    /// Whether commits between the two are missing in this clone.
    pub is_shallow: bool,
    /// Whether the later file's commit does not have the earlier file's commit in its history.
    pub is_behind: bool,
    /// Whether saves that can't be linked to the earlier file are accepted.
    pub gap: bool,
}

/// What the commits in between say, if the ancestors listed in a save don't reach back far enough.
enum Link {
    Found,
    Missing,
    Unknown,
}

impl Comparison<'_> {
    /// Returns what changed, in words.
    pub fn lines(&self) -> Result<Vec<String>> {
        self.check_roster()?;
        let known = self.old.roster().head().version;
        let mut lines = Vec::new();
        for statement in &self.new.roster().statements()[known as usize..] {
            let (version, draft) = (statement.version, &statement.draft);
            lines.push(format!("roster change {version}: {} by {}", draft.change.word(), draft.author));
        }
        for save in self.new.saves().values() {
            // An environment that was removed and added again is a different one.
            let before = self.old.saves().get(&save.statement.name).filter(|before| before.added == save.added);
            if let Some(before) = before {
                lines.extend(self.check(before, save)?);
            }
            lines.extend(self.saves(before, save));
        }
        if lines.is_empty() {
            lines.push(format!("nothing changed since {}", self.reference));
        }
        Ok(lines)
    }

    fn check_roster(&self) -> Result<()> {
        let (old, new) = (self.old.roster(), self.new.roster());
        if new.extends(old) {
            return Ok(());
        }
        let reference = self.reference;
        let shared = new.fork(old).map_or(0, |head| head.version);
        let lost = old.statements().get(shared as usize).map_or(String::new(), |change| {
            let (version, author) = (change.version, &change.draft.author);
            format!(": it lacks change {version}, {} by {author}", change.draft.change.word())
        });
        Err(Error::integrity(format!("the roster does not continue the one at {reference}{lost}"))
            .hint(self.advice_on_roster()))
    }

    /// Checks that a save descends from the environment's earlier save.
    fn check(&self, before: &Save, now: &Save) -> Result<Option<String>> {
        let name = &now.statement.name;
        let (old, new) = (before.statement.version, now.statement.version);
        match relation(now, before) {
            Relation::Same | Relation::GoesOn => Ok(None),
            Relation::Older | Relation::Fork | Relation::Lost => Err(self.lost(before, now)),
            Relation::Jump => Err(Error::integrity(format!("environment {name} jumps from version {old} to {new}"))
                .hint("no honest history is that long: restore the file from a copy you trust")),
            Relation::CannotTell { .. } => match self.link(before, now) {
                Link::Found => Ok(None),
                Link::Missing => Err(self.lost(before, now)),
                Link::Unknown if self.gap => {
                    Ok(Some(format!("environment {name}: accepted without proof that it follows version {old}")))
                }
                Link::Unknown => Err(self.unknown(before, now)),
            },
        }
    }

    /// Searches the commits in between for saves that link the later save to the earlier one.
    fn link(&self, before: &Save, now: &Save) -> Link {
        let others: Vec<&Save> = self.of_same(now).map(|between| &between.save).collect();
        let mut reached = vec![now];
        let mut next = 0;
        while let Some(save) = reached.get(next).copied() {
            if matches!(relation(save, before), Relation::Same | Relation::GoesOn) {
                return Link::Found;
            }
            for other in &others {
                let is_new = reached.iter().all(|reached| reached.hash != other.hash);
                if is_new && relation(save, other) == Relation::GoesOn {
                    reached.push(other);
                }
            }
            next += 1;
        }
        // The search is only conclusive if, for each save whose listed ancestors don't reach back far enough, all the
        // saves before it were found.
        let is_conclusive = |save: &&Save| {
            let follows_known =
                || save.statement.previous.iter().all(|hash| reached.iter().any(|save| save.hash == *hash));
            !matches!(relation(save, before), Relation::CannotTell { .. }) || follows_known()
        };
        if reached.iter().all(is_conclusive) { Link::Missing } else { Link::Unknown }
    }

    /// Returns what was saved since, oldest first, and what was saved and undone.
    fn saves(&self, before: Option<&Save>, now: &Save) -> Vec<String> {
        let name = &now.statement.name;
        let is_old = |save: &Save| {
            before.is_some_and(|before| matches!(relation(before, save), Relation::Same | Relation::GoesOn))
        };
        let (mut kept, mut undone) = (vec![now], Vec::new());
        for between in self.of_same(now).filter(|between| !is_old(&between.save)) {
            match relation(now, &between.save) {
                Relation::Lost | Relation::Fork | Relation::Older => undone.push(between),
                _ => kept.push(&between.save),
            }
        }
        kept.retain(|save| !is_old(save));
        kept.order_by_key(|save| (save.statement.version, save.hash));
        kept.dedup_by_key(|save| save.hash);
        undone.order_by_key(|between| (between.save.statement.version, between.save.hash));
        let mut lines: Vec<String> =
            runs(&kept).iter().map(|run| format!("environment {name}: {}", run.words())).collect();
        for Between { save, commit } in undone {
            let (version, author) = (save.statement.version, &save.statement.author);
            lines.push(format!("environment {name}: version {version} by {author}, in commit {commit}, was undone"));
        }
        lines
    }

    fn of_same(&self, save: &Save) -> impl Iterator<Item = &Between> {
        self.between.iter().filter(|between| {
            let other = &between.save;
            (&other.statement.name, other.added) == (&save.statement.name, save.added)
        })
    }

    fn lost(&self, before: &Save, now: &Save) -> Error {
        let (name, author) = (&now.statement.name, &before.statement.author);
        let (old, new) = (before.statement.version, now.statement.version);
        let shared = before.statement.last_shared(&before.hash, (&now.statement, &now.hash));
        let lost = match shared {
            Some(shared) if shared + 1 < old => format!("versions {} to {old}, the last by {author}", shared + 1),
            _ => format!("version {old} by {author}"),
        };
        let what = match new < old {
            true => format!("environment {name} went back to version {new}, and has lost {lost}"),
            false => format!(
                "environment {name} has lost {lost}: version {new} by {} does not follow it",
                now.statement.author
            ),
        };
        Error::integrity(what).hint(self.advice())
    }

    fn unknown(&self, before: &Save, now: &Save) -> Error {
        let (old, new) = (before.statement.version, now.statement.version);
        let (name, reference) = (&now.statement.name, self.reference);
        let what = format!(
            "vault can't tell whether version {new} of environment {name} follows version {old} at {reference}"
        );
        let hint = match self.is_shallow {
            true => ("this clone is shallow: fetch the commits between: ", SystemStep::Deepen).into(),
            false => {
                Hint::from(format!("{} saves lie between, and the commits that link them are missing; ", new - old))
                    .then("after checking it: ")
                    .then(Remedy::VerifyAcross)
            }
        };
        Error::integrity(what).hint(hint)
    }

    /// Returns what to do about a save that was lost.
    fn advice(&self) -> Hint {
        match self.is_behind {
            true => self.merge(),
            false => {
                let reference = shell_word(Path::new(self.reference));
                ("to get it back and keep the later changes: ", Remedy::MergeFrom(reference)).into()
            }
        }
    }

    /// Returns what to do about lost roster changes.
    fn advice_on_roster(&self) -> Hint {
        match self.is_behind {
            true => self.merge(),
            false => {
                let before = SystemStep::CheckOutFile(self.reference.to_owned(), self.file.to_owned());
                ("restore the file as it was and make the later changes again: ", before).into()
            }
        }
    }

    /// Returns the hint for a commit that does not have all of the reference.
    fn merge(&self) -> Hint {
        let reference = self.reference;
        let what = format!("this commit does not have all of {reference}: ");
        (what, SystemStep::MergeBranch(reference.to_owned())).into()
    }
}

fn relation(save: &Save, to: &Save) -> Relation {
    save.statement.relation(&save.hash, (to.statement.version, &to.hash))
}

/// Consecutive saves by one author, including saves with the same version on two branches.
struct Run<'a> {
    first: u32,
    last: u32,
    author: &'a UserName,
}

impl Run<'_> {
    fn words(&self) -> String {
        let Self { first, last, author } = self;
        if first == last {
            format!("version {first} by {author}")
        } else {
            format!("versions {first} to {last} by {author}")
        }
    }
}

fn runs<'a>(saves: &[&'a Save]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for save in saves {
        let (version, author) = (save.statement.version, &save.statement.author);
        match runs.last_mut() {
            // If one author saves on two branches, a version occurs twice.
            Some(run) if run.author == author && version - run.last <= 1 => run.last = version,
            _ => runs.push(Run { first: version, last: version, author }),
        }
    }
    runs
}

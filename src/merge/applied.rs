//! The kind of change that is applied. It decides what the common base means and what the two sides are called.

use super::Side;
use crate::git::Operation;

/// The kind of change that is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Applied {
    /// Another branch: `git merge` and `git pull`. The base is the common ancestor.
    Branch,
    /// The change of a commit or a stash: `git cherry-pick`, `git rebase`, `git stash pop`. The base is the parent of
    /// that commit, which this branch need not have.
    Change,
    /// The revert of a commit: `git revert`. The base is the reverted commit.
    Revert,
    /// A state that this branch had and has lost.
    Lost,
    /// A file that somebody named.
    File,
    /// Not known.
    #[default]
    Unknown,
}

impl Applied {
    /// Returns what git applies during an operation. A stash and a squash merge leave no sign of an operation.
    #[must_use]
    pub fn by(operation: Option<Operation>) -> Self {
        match operation {
            Some(Operation::Merge) => Self::Branch,
            Some(Operation::Rebase | Operation::CherryPick) | None => Self::Change,
            Some(Operation::Revert) => Self::Revert,
        }
    }

    /// Returns what git applies when it calls a merge driver, by git's labels for the base and the change (`%S` and `%Y`
    /// in gitattributes(5)). Older versions of git pass the placeholders unchanged.
    #[must_use]
    pub fn by_labels(base: &str, theirs: &str) -> Self {
        const PARENT: &str = "parent of ";
        match (base, theirs) {
            (_, "" | "%Y") => Self::Unknown,
            (_, theirs) if theirs.starts_with(PARENT) => Self::Revert,
            ("Stash base" | "constructed merge base", _) | (_, "local") => Self::Change,
            (base, _) if base.starts_with(PARENT) => Self::Change,
            _ => Self::Branch,
        }
    }

    /// Returns the branch or commit that git's label of the change names. A commit's subject may follow it.
    #[must_use]
    pub fn from_label(theirs: &str) -> Option<&str> {
        let name = theirs.split(' ').next().filter(|name| !name.is_empty() && !name.starts_with(['%', '-']))?;
        let is_other = matches!(theirs, "Stashed changes" | "local") || theirs.starts_with("parent of ");
        (!is_other).then_some(name)
    }
}

/// The names of the two sides, if known: a branch, or a commit with its subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// This branch.
    pub ours: Option<String>,
    /// The change being applied.
    pub theirs: Option<String>,
}

impl Names {
    /// Describes a side: `this branch (main)`.
    #[must_use]
    pub fn words(&self, side: Side) -> String {
        let name = match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        };
        name.as_ref().map_or_else(|| side.to_string(), |name| format!("{side} ({name})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_labels_show_which_operation_is_running() {
        let cases = [
            ("cc2ed50", "feature", Applied::Branch),
            ("merged common ancestors", "1550dc4f102a37689430bf323069a97a10a3e68d", Applied::Branch),
            ("parent of f57e5fe (parent of)", "f57e5fe (parent of)", Applied::Change),
            ("c74aca6 (two)", "parent of c74aca6 (two)", Applied::Revert),
            ("Stash base", "Stashed changes", Applied::Change),
            ("constructed merge base", "one", Applied::Change),
            ("main", "local", Applied::Change),
            ("%S", "%Y", Applied::Unknown),
            ("", "", Applied::Unknown),
        ];
        for (base, theirs, applied) in cases {
            assert_eq!(Applied::by_labels(base, theirs), applied, "{base} {theirs}");
        }
    }

    #[test]
    fn gits_label_names_the_applied_branch_or_commit() {
        let cases = [
            ("feature", Some("feature")),
            ("f57e5fe (main is a subject)", Some("f57e5fe")),
            ("1550dc4f102a37689430bf323069a97a10a3e68d", Some("1550dc4f102a37689430bf323069a97a10a3e68d")),
            ("parent of c74aca6 (two)", None),
            ("Stashed changes", None),
            ("local", None),
            ("%Y", None),
            ("", None),
        ];
        for (label, name) in cases {
            assert_eq!(Applied::from_label(label), name, "{label}");
        }
    }

    #[test]
    fn a_side_is_named_after_its_branch_if_known() {
        let names = Names { ours: Some("main".to_owned()), theirs: None };
        assert_eq!(names.words(Side::Ours), "this branch (main)");
        assert_eq!(names.words(Side::Theirs), "the change being applied");
    }
}

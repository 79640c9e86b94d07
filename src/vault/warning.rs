//! Warnings, in addition to the result of a command.

use crate::error::{Error, Hint, Reason};

/// A warning. The text is one line, and never contains a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Why there is a warning, for programs.
    pub reason: WarningReason,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub hint: Option<Hint>,
}

impl Warning {
    pub(crate) fn new(reason: WarningReason, text: impl Into<String>) -> Self {
        Self { reason, text: text.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<Hint>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Returns the error that the warning is under strict settings.
    pub(super) fn into_error(self) -> Error {
        Error::new(self.reason.when_strict(), self.text).hint("under strict settings this warning is an error")
    }
}

/// Defines [`WarningReason`] with its words: `Variant "word" "What it means."`.
macro_rules! warning_reasons {
    ($($reason:ident $word:literal $what:literal)*) => {
        /// Why there is a warning, for programs that act on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum WarningReason {
            $(
                #[doc = concat!("`", $word, "`: ", $what)]
                $reason,
            )*
        }

        impl WarningReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$reason,)*];

            /// Returns the reason's name, for programs.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$reason => $word,)*
                }
            }
        }
    };
}

warning_reasons! {
    FirstUse "first-use" "This device sees the vault for the first time, so it can't notice a rollback."
    Unrecorded "unrecorded" "This device can't remember what it has seen of the vault."
    UnresolvedMerge "unresolved-merge" "Git could not merge the file, so nothing, or not this environment, can be used."
    Pending "pending" "The last author of an environment has lost the right to write it, and nobody has saved it since."
    Unreadable "unreadable" "An environment can't be read, and is left out."
    Older "older" "The file lacks something that this device has seen."
    BranchGone "branch-gone" "No branch has something any more that this device has seen."
    TakenBack "taken-back" "A commit put an older state back, and does not say that it reverts anything."
    ShallowClone "shallow-clone" "The clone lacks commits, so what they changed is not listed."
    Exposed "exposed" "Users who have lost their right know values of an environment."
    Replaced "replaced" "An environment that could not be kept now has other content, or none."
    Restarted "restarted" "An environment starts at version 1 again."
    NotUndoable "not-undoable" "The change was made, and can't be undone later."
    NotDeleted "not-deleted" "A request to join, or its keys, could not be deleted."
    SideLeftOut "side-left-out" "One side of a merge can't be read, and nothing of an environment is taken from it."
    RemovalsUndone "removals-undone" "What both sides of a merge started from can't be read, so items that one side removed are back."
    NewerKept "newer-kept" "One side of a merge put an older state back, and the merge keeps the newer one."
    EnvironmentsJoined "environments-joined" "Both sides of a merge added an environment of this name, and they are now one."
    EnvironmentDropped "environment-dropped" "A merge drops an environment that one side has changed."
    ChangesDropped "changes-dropped" "A merge drops roster changes of one side, or parts of them."
    RightsNotRestored "rights-not-restored" "What somebody took away, who may no longer do that, stays taken away."
    VariableClash "variable-clash" "After a merge, two items have the same variable, so a program gets neither."
}

impl WarningReason {
    /// Returns the reason of the error that the warning is under strict settings.
    const fn when_strict(self) -> Reason {
        match self {
            Self::FirstUse => Reason::FirstUse,
            Self::Pending => Reason::Pending,
            Self::UnresolvedMerge => Reason::UnresolvedMerge,
            Self::Older => Reason::Older,
            _ => Reason::Integrity,
        }
    }
}

/// The warnings of a vault. A change repeats the checks that opening the file has made, so each warning is kept once.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    all: Vec<Warning>,
    taken: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, warning: Warning) {
        if !self.all.contains(&warning) {
            self.all.push(warning);
        }
    }

    pub(super) fn take_new(&mut self) -> Vec<Warning> {
        let new = self.all[self.taken..].to_vec();
        self.taken = self.all.len();
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_its_own_word() {
        let words: BTreeSet<_> = WarningReason::ALL.iter().map(|reason| reason.word()).collect();
        assert_eq!(words.len(), WarningReason::ALL.len());
    }

    #[test]
    fn a_warning_has_the_reason_that_its_error_has_under_strict_settings() {
        for reason in
            [WarningReason::FirstUse, WarningReason::Pending, WarningReason::Older, WarningReason::UnresolvedMerge]
        {
            assert_eq!(Warning::new(reason, "dev").into_error().reason().word(), reason.word());
        }
    }
}

//! Reasons why something was refused, for programs that act on them. Each reason belongs to one kind.

use super::Kind;

/// Defines [`Reason`] with its kinds and words: `Variant "word" "What it means."`.
macro_rules! reasons {
    ($($kind:ident { $($reason:ident $word:literal $what:literal)* })*) => {
        /// Why something was refused. A reason belongs to one kind, and the first reason of each kind says no more than
        /// the kind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $what] $reason,)*)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$($(Self::$reason,)*)*];

            /// Returns the kind that the reason belongs to, which decides the exit code.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self {
                    $($(Self::$reason)|* => Kind::$kind,)*
                }
            }

            /// Returns the `reason` of an error in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($(Self::$reason => $word,)*)*
                }
            }
        }
    };
}

reasons! {
    Failed {
        Failed "failed" "The operation failed, or a check found something."
        MissingFile "missing-file" "A named file does not exist."
        System "system" "The operating system refused something."
        Expired "expired" "A value has expired, and strict settings refuse it."
        LogUnwritable "log-unwritable" "The access log can't be written, so no value is handed out."
        RostersForked "rosters-forked" "Both branches changed the roster, and neither git nor this user can merge that."
        AppliedUnknown "applied-unknown" "The merge depends on what git is applying, and git doesn't say what that is."
        Undecided "undecided" "Both sides of a merge changed something differently, and nobody has decided which side to take."
        EditConflict "edit-conflict" "Somebody else changed an item while its text was edited."
        SameValue "same-value" "The new value of a rotation is the old one."
        NothingToUndo "nothing-to-undo" "The user has changed nothing on this device that could still be undone."
        NotUndoable "not-undoable" "The user's last change on this device can't be undone, or no longer."
        OtherSession "other-session" "Another session has decrypted this, so this one can't use it."
        NotARepository "not-a-repository" "This is not a git repository."
        SourceKept "source-kept" "The values were imported, and their file was not deleted."
    }
    Usage {
        Usage "usage" "The command was used wrongly, or the input breaks a rule."
        BadName "bad-name" "A name breaks the rules for names."
        DangerousName "dangerous-name" "A variable with this name changes how programs behave, and must be allowed."
        Exists "exists" "It already exists."
        TooLarge "too-large" "It is larger than a vault accepts."
        NothingToImport "nothing-to-import" "The input has no values to import."
        ExampleFile "example-file" "The file is an example, with names and no values."
        IsAVault "is-a-vault" "The file is a vault, which is neither imported nor overwritten."
        UnknownFormat "unknown-format" "The input is in a format that vault does not read."
        WeakPassphrase "weak-passphrase" "The passphrase is too easy to guess."
        UnclearEnvironment "unclear-environment" "No environment was named, and it is not clear which one is meant."
        DefaultChanged "default-changed" "No environment was named, and the default would change, because environments were added or removed."
        SeveralEnvironments "several-environments" "Several environments were named where only one fits."
        SeveralUsers "several-users" "No user was named, and several may be meant."
        Unmanaged "unmanaged" "Nobody could give rights on the environment any more, and nobody accepted that."
        LastHolder "last-holder" "Nobody could read or change the environment any more, and nobody accepted that."
        EmptyValue "empty-value" "A value is empty, and nobody accepted that."
        SamePlace "same-place" "Two names that must differ mean the same item or environment."
        SamePassphrase "same-passphrase" "The new passphrase is the current one."
    }
    NotFound {
        NotFound "not-found" "It does not exist."
        NoVault "no-vault" "There is no vault here."
        NoEnvironment "no-environment" "The environment does not exist."
        NoItem "no-item" "The item does not exist."
        NoVersion "no-version" "The item does not have this version."
        NoUser "no-user" "The user does not exist."
    }
    Unlock {
        Unlock "unlock" "The vault could not be unlocked."
        Locked "locked" "The vault is locked, and no credential was given that unlocks it."
        NeedsKeys "needs-keys" "An agent holds the keys, and this needs the user's own passphrase or key."
        WrongPassphrase "wrong-passphrase" "The passphrase is wrong."
        WrongKey "wrong-key" "The key does not open this vault."
        NoPassphrase "no-passphrase" "The user has no passphrase here."
        KeysReplaced "keys-replaced" "The user's keys were replaced."
        NotAdded "not-added" "The user asked to join, but has not been added yet."
        NotJoined "not-joined" "The user was added, but has not joined yet."
        AgentEnded "agent-ended" "The agent that held the keys has stopped."
        AgentSilent "agent-silent" "The agent does not answer."
        IsAKey "is-a-key" "A key was given in place of a passphrase."
    }
    Denied {
        Denied "denied" "The user may not do this."
        Protected "protected" "The environment is protected: nobody confirmed its use here, and no reason was given."
        NoRight "no-right" "The user does not have this right on the environment."
        NothingReadable "nothing-readable" "The user may read no environment."
        NotAdmin "not-admin" "Only an admin may do this."
        LastAdmin "last-admin" "A vault needs at least one admin."
        RosterFull "roster-full" "The roster accepts no more changes of this kind."
    }
    Integrity {
        Integrity "integrity" "The file, the state or the log is not what its users wrote."
        Damaged "damaged" "The file is not a vault, or it is damaged."
        NewerFormat "newer-format" "It was made by a newer version of vault."
        NotSigned "not-signed" "A signature is not from a user who had the right to sign."
        OtherVault "other-vault" "It belongs to another vault."
        Older "older" "It is older than a state of the vault that was seen before, or lacks something that was in it."
        FirstUse "first-use" "This device sees the vault for the first time and has no pin, and strict settings refuse that."
        Pending "pending" "The last author of an environment has lost the right to write it, and strict settings refuse that."
        UnresolvedMerge "unresolved-merge" "The file has an unresolved merge."
        LogChanged "log-changed" "Log entries are missing, added or changed."
    }
    Busy {
        Busy "busy" "A lock could not be acquired in time."
        FileLocked "file-locked" "Another process holds the file's lock."
        Changed "changed" "The vault was changed in the meantime."
    }
}

impl From<Kind> for Reason {
    /// Returns the most general reason of the kind.
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Failed => Self::Failed,
            Kind::Usage => Self::Usage,
            Kind::NotFound => Self::NotFound,
            Kind::Unlock => Self::Unlock,
            Kind::Denied => Self::Denied,
            Kind::Integrity => Self::Integrity,
            Kind::Busy => Self::Busy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_its_own_word() {
        let words: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
    }

    #[test]
    fn a_kind_is_the_reason_with_the_same_word() {
        for reason in Reason::ALL {
            let plain = Reason::from(reason.kind());
            assert_eq!((plain.kind(), plain.word()), (reason.kind(), reason.kind().code()));
        }
    }
}

//! All logged actions, in one table. Everything about an action is derived from its row.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Defines the actions from their rows: name, word, what leaves the vault, what an edit changes, and what was done.
macro_rules! actions {
    ($($(#[$attribute:meta])* $name:ident $word:literal $gives:ident $edits:ident $what:literal;)+) => {
        /// What was done. In JSON an action is called by its [word](Action::word). Words are not abbreviated.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Action {
            $(#[doc = $what] $(#[$attribute])* $name,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the action's row of the table.
            const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row {
                        word: $word,
                        gives: Gives::$gives,
                        edits: Edits::$edits,
                        what: $what,
                    },)+
                }
            }
        }
    };
}

/// One row of the table of actions.
struct Row {
    word: &'static str,
    gives: Gives,
    edits: Edits,
    what: &'static str,
}

/// What an action lets out of the vault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// The values of the entry's items.
    Values,
    /// At most whether values are equal. They are compared, and stay in the vault.
    Answers,
    /// Nothing about any value.
    Nothing,
}

/// What an edit changes, as its log entry says. Each change needs an entry of an action that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edits {
    /// Nothing: no edit can be logged as this action. Creating and merging write the file in ways of their own.
    Nothing,
    /// Items of the environment that the entry names.
    Items,
    /// The items and environments of the user's last change.
    Undone,
    /// The user's own keys.
    Keys,
    NewUser,
    FormerUser,
    Role,
    Grant,
    Revocation,
    NewEnvironment,
    FormerEnvironment,
    Protection,
    EndOfProtection,
}

actions! {
    Init "init" Nothing Nothing "The vault was created.";
    Set "set" Answers Items "Values or metadata were set.";
    Get "get" Values Nothing "A value was printed.";
    List "list" Values Nothing "Values were shown in a list.";
    Remove "remove" Nothing Items "Items were removed.";
    Move "move" Values Items "An item was renamed or moved.";
    Copy "copy" Values Items "An item was copied.";
    Edit "edit" Values Items "Values were opened in an editor, or saved from it.";
    History "history" Values Nothing "The current and earlier values of an item were shown.";
    Diff "diff" Values Nothing "Values of two states of the file were shown.";
    Merge "merge" Answers Nothing "Two versions of an environment were merged.";
    Rollback "rollback" Answers Items "An earlier value became the current one.";
    Rotate "rotate" Answers Items "An item was given a new value.";
    RotateCommand "rotate-command" Values Nothing "A command was given the current value, to make the new one.";
    Undo "undo" Nothing Undone "The user's last change on this device was undone.";
    Exec "exec" Values Nothing "A program was given values.";
    Hook "hook" Values Nothing "A shell was given values in the directory of a vault.";
    Import "import" Answers Items "Values were imported, or compared with a file.";
    Export "export" Values Nothing "Values were exported.";
    Render "render" Values Nothing "Values were put into a file.";
    Check "check" Answers Nothing "The vault was compared with what files need.";
    Doctor "doctor" Answers Nothing "Values were compared with each other and with plain files.";
    Scan "scan" Answers Nothing "Files or the git history were searched for values.";
    EnvAdd "env-add" Nothing NewEnvironment "An environment was added.";
    EnvRemove "env-remove" Nothing FormerEnvironment "An environment was removed.";
    EnvProtect "env-protect" Nothing Protection "An environment was protected.";
    EnvUnprotect "env-unprotect" Nothing EndOfProtection "The protection of an environment was removed.";
    EnvCopy "env-copy" Values Items "Items were copied to another environment.";
    EnvDiff "env-diff" Answers Nothing "Two environments were compared.";
    UserAdd "user-add" Nothing NewUser "A user was added.";
    UserRemove "user-remove" Nothing FormerUser "A user was removed.";
    UserRole "user-role" Nothing Role "A user's role was changed.";
    UserRenew "user-renew" Nothing Keys "A machine was given another key, or its old keys were removed.";
    Grant "grant" Nothing Grant "A user was given a right.";
    Revoke "revoke" Nothing Revocation "A right was taken from a user.";
    Join "join" Nothing Keys "A user joined, and replaced the keys made for them.";
    Passwd "passwd" Nothing Keys "A user's passphrase and keys were replaced.";
    Recovery "recovery" Nothing Keys "A recovery key was made.";
    Unlock "unlock" Nothing Nothing "An agent or a server was given the keys, somebody signed in at a server, or unlocking failed.";
    Lock "lock" Nothing Nothing "An agent was stopped.";
    Exposure "exposure" Answers Nothing "What a user could read was listed.";
    Log "log" Nothing Nothing "A log could not be read, because an environment that it is checked against is damaged.";
    LogExport "log-export" Nothing Nothing "The log was exported.";
    LogArchive "log-archive" Nothing Nothing "Old entries were moved into an archive.";
    Damage "damage" Nothing Nothing "A new segment was started after a damaged one.";
}

impl Action {
    /// Returns the word for the action, in JSON and for every front end.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().word
    }

    /// Returns a sentence that says what was done.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.row().what
    }

    /// Whether the action lets the values of the entry's items out of the vault.
    #[must_use]
    pub fn gives_values(self) -> bool {
        self.row().gives == Gives::Values
    }

    /// Whether the action hands out or changes values, so that `vault` asks first in a protected environment. Actions
    /// that only compare values don't count. `list` doesn't either: `list --values` asks on its own, and without
    /// `--values` only what an item's kind allows is shown.
    #[must_use]
    pub fn uses_values(self) -> bool {
        match (self, self.row().edits) {
            (Self::List, _) => false,
            (_, Edits::Items | Edits::Undone | Edits::FormerEnvironment) => true,
            _ => self.gives_values(),
        }
    }

    /// Whether an edit can be logged as this action. An undo is an edit of its own.
    #[must_use]
    pub(crate) fn edits(self) -> bool {
        !matches!(self.row().edits, Edits::Nothing | Edits::Undone)
    }

    /// Whether an entry of this action says that an edit changed this.
    #[must_use]
    pub(crate) fn says(self, change: Edits) -> bool {
        match self.row().edits {
            Edits::Nothing => false,
            Edits::Undone => {
                matches!(change, Edits::Items | Edits::NewEnvironment | Edits::FormerEnvironment | Edits::Protection)
            }
            edits => edits == change,
        }
    }

    /// Whether the action only compares values, which stay in the vault.
    #[must_use]
    pub(super) fn compares_values(self) -> bool {
        self.row().gives == Gives::Answers
    }
}

impl From<Action> for &'static str {
    fn from(action: Action) -> Self {
        action.word()
    }
}

impl TryFrom<String> for Action {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl std::str::FromStr for Action {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        crate::name::one_of(word, "action", Self::ALL, Self::word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_has_its_own_word_which_json_and_text_share() {
        let words: BTreeSet<&str> = Action::ALL.iter().map(|action| action.word()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        for action in Action::ALL {
            let json = serde_json::to_string(action).unwrap();
            assert_eq!(json, format!("\"{}\"", action.word()));
            assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), *action);
            assert_eq!(action.word().parse::<Action>().unwrap(), *action);
        }
        assert!(serde_json::from_str::<Action>("\"nonsense\"").is_err());
        assert!("accept".parse::<Action>().is_err() && "".parse::<Action>().is_err());
    }

    /// With VAULT_BLESS set, the table is written into the page.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test's own variable")]
    fn the_format_page_has_the_table_of_actions() {
        const HEAD: &str = "action|values|what was done\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("man/vault-format.5");
        let page = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = page.split_once(HEAD).unwrap();
        let (committed, after) = rest.split_once(".TE\n").unwrap();
        let rows = Action::ALL.iter().map(|action| {
            let gives = if action.gives_values() { "yes" } else { "" };
            format!("{}|{gives}|T{{\n{}\nT}}\n", action.word(), action.description())
        });
        let table: String = rows.collect();
        if std::env::var_os("VAULT_BLESS").is_some() {
            std::fs::write(&path, format!("{before}{HEAD}{table}.TE\n{after}")).unwrap();
        }
        assert_eq!(committed, table, "the table of actions is out of date: VAULT_BLESS=1 cargo test --lib action");
    }
}

//! What vault can do about an error, for programs that act on it or supply words for it: the command line has a command
//! for each ([`super::Hint`]).

use super::argument::Argument as _;
use super::system_step::SystemStep;
use std::path::PathBuf;

/// Defines [`Remedy`] with its words: `Variant(argument: Type) "word" "What it does."`.
macro_rules! remedies {
    ($($remedy:ident $(($($argument:ident: $type:ty),+))? $word:literal $what:literal)*) => {
        /// What can be done about an error. Names are text that was already checked.
        ///
        /// A front end that has words for each step matches them all, so this can be matched without a wildcard: a new
        /// step does not compile until each of them has its words. Others use [`Remedy::word`] and
        /// [`Remedy::arguments`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Remedy {
            $(#[doc = $what] $remedy $(($($type),+))?,)*
            /// Allow a dangerous name for an environment, on this device.
            Allow {
                /// The name to allow.
                name: String,
                /// The environment to allow it for.
                environment: String,
            },
            /// Give a user rights.
            Grant {
                /// The user who gets the rights.
                user: String,
                /// The rights: `dev:read`, or several, separated by spaces.
                rights: String,
            },
            /// Give a user the right to write an environment that can't be read, and restore what it held before.
            GrantRestoring {
                /// The user who gets the right.
                user: String,
                /// The environment to restore.
                environment: String,
            },
            /// Do something that vault leaves to git or the operating system.
            System(SystemStep),
        }

        impl Remedy {
            /// Returns the step's name, for programs.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self {
                    $(Self::$remedy { .. } => $word,)*
                    Self::Allow { .. } => "allow",
                    Self::Grant { .. } => "grant",
                    Self::GrantRestoring { .. } => "grant-restoring",
                    Self::System(step) => step.word(),
                }
            }

            /// Returns what the step is about: the name of each argument, with its texts. There are none if the argument
            /// is left open, and several for a list.
            #[must_use]
            pub fn arguments(&self) -> Vec<(&'static str, Vec<String>)> {
                match self {
                    $(Self::$remedy $(($($argument),+))? => vec![$($((stringify!($argument), $argument.texts())),+)?],)*
                    Self::Allow { name, environment } => {
                        vec![("name", name.texts()), ("environment", environment.texts())]
                    }
                    Self::Grant { user, rights } => vec![("user", user.texts()), ("rights", rights.texts())],
                    Self::GrantRestoring { user, environment } => {
                        vec![("user", user.texts()), ("environment", environment.texts())]
                    }
                    Self::System(step) => step.arguments(),
                }
            }
        }
    };
}

remedies! {
    Accept(hash: String) "accept" "Accept the file with this hash, even though this device has seen a newer one."
    AcceptEmpty "accept-empty" "Accept an empty value."
    AddPrivate(environment: String) "add-private" "Add an environment with this name that only its author reads."
    AddRequested(user: String) "add-requested" "Add this user, with the keys from their request."
    AddUser(user: String) "add-user" "Add this user."
    AllSecret "all-secret" "Import every value as a secret."
    AllowAgent "allow-agent" "Let agents keep keys again, which a variable turned off."
    AllowEmpty "allow-empty" "Import empty values as well."
    AllowFiles "allow-files" "Let a program have more open files."
    AllowLockedMemory "allow-locked-memory" "Let a program lock more memory."
    AllowMemory "allow-memory" "Let a program have more memory."
    AllowOnce(name: String) "allow-once" "Allow this dangerous name, for this command only."
    AllowProcesses "allow-processes" "Let the user run more processes."
    ChangePassphrase "change-passphrase" "Choose a new passphrase, which replaces the user's keys."
    ChangeUsers "change-users" "Change users, rights and environments."
    CheckAgainst(file: Option<PathBuf>) "check-against" "Compare the names that this file, or another, needs with those of the vault."
    ChooseSide(what: String) "choose-side" "Take this item, or everything in an environment (`ENV/*`), as one of the two sides has it."
    ChooseState "choose-state" "Keep the access log, and what this device has seen, in another directory."
    ChooseVariable "choose-variable" "Choose the variable for the path of an item's file."
    Complete(shell: &'static str) "complete" "Let this shell complete commands."
    CopyItems "copy-items" "Copy items to another environment."
    Create "create" "Create a vault."
    Dialect(program: &'static str) "dialect" "Say which program reads the file."
    ExportLog "export-log" "Export the access log to a file."
    ExportLogFor "export-log-for" "Seal an exported access log for another user."
    FinishRenewal(user: String) "finish-renewal" "Remove all keys of this machine except the newest."
    Flatten(separator: &'static str) "flatten" "Join nested names with this separator."
    GenerateWords "generate-words" "Generate a passphrase of random words."
    GetExact "get-exact" "Write a value to a file, byte for byte."
    GiveAsFile(item: Option<String>) "give-as-file" "Give this item, or one by its name, to a program as a file."
    GiveKey "give-key" "Give a key, or the name of a file that holds it."
    GivePassphrase "give-passphrase" "Give the passphrase on a file descriptor."
    GiveReason "give-reason" "Give a reason for the access log."
    GiveUp(environment: String) "give-up" "Continue without the items of this environment."
    History "history" "List the earlier values of an item."
    Hook(shell: &'static str, file: String) "hook" "Let this shell set the variables of allowed vaults, with a line in this start-up file."
    Import "import" "Import a file."
    ImportAndDelete(file: String, environment: Option<String>) "import-and-delete" "Import this file into this environment, or into the usual \
        one, then delete it."
    ImportAnyway(file: PathBuf) "import-anyway" "Import this file, whatever its name is."
    ImportDecrypted "import-decrypted" "Let sops decrypt the file, and import what it prints."
    ImportPiped "import-piped" "Import what another program prints."
    InheritLess "inherit-less" "Give the command only the essential variables of the caller."
    InputFormat "input-format" "Say which format the file has."
    InstallScan "install-scan" "Let git look for values before each commit."
    Join(user: Option<String>) "join" "Join the vault as this user: choose a passphrase, which replaces the user's keys."
    KeepOurs(file: PathBuf) "keep-ours" "Keep this branch's file as it is, without the other side's changes."
    LeaveOut(item: String) "leave-out" "Leave this item out."
    LeaveUnmanaged(environments: Vec<String>) "leave-unmanaged" "Accept that nobody can give rights on these environments any more."
    List(environment: String) "list" "List the items of this environment."
    ListDue(environment: Option<String>) "list-due" "List the items whose values are due for replacement, in one environment or all."
    ListEnvironments "list-environments" "List the environments."
    ListItems "list-items" "List the items."
    ListUsers "list-users" "List the users."
    Lock "lock" "Stop the agent of this vault."
    LockAll "lock-all" "Stop all agents."
    Merge "merge" "Merge both sides of a merge conflict, item by item."
    MergeFrom(revision: String) "merge-from" "Merge what this commit or branch has into the file."
    NameEnvironment "name-environment" "Say which environment is meant."
    NameOutput "name-output" "Name another file for the output."
    NameUser "name-user" "Say which user you are."
    NameVault(file: String) "name-vault" "Use the vault in this file, for every command in a shell."
    Orphan(environments: Vec<String>) "orphan" "Accept that nobody can read or write these environments any more."
    Pin "pin" "Show the pin of the vault, which lets a machine detect a rollback."
    Reach(environments: String) "reach" "Allow references to these environments."
    ReadAbout(page: &'static str) "read-about" "Read the manual page about this."
    Recover "recover" "Unlock with the recovery key, and choose a new passphrase."
    RemoveEnvironment(environment: String) "remove-environment" "Remove this environment."
    RemoveUser(user: String) "remove-user" "Remove this user."
    RenameEnvironment(environment: String) "rename-environment" "To rename this environment: copy it to one with the new name, then remove it."
    Renew(user: String) "renew" "Give this machine another key."
    Replace "replace" "Run the command again, and replace what is there."
    ReplaceKey "replace-key" "Replace all keys of the user with a new one."
    ReplaceRecoveryKey "replace-recovery-key" "Make a new recovery key."
    RequestKeys "request-keys" "Make keys, and ask an admin to add you with them."
    Restore(environment: String) "restore" "Continue with what this environment held in an earlier commit."
    ResumeEdit "resume-edit" "Continue with an edited text that was not saved."
    Rollback "rollback" "Make an earlier value of an item the current one again."
    Rotate(item: String) "rotate" "Give this item a new value."
    RotatePiped(item: String) "rotate-piped" "Give this item what another program prints as its new value."
    ScanFiles "scan-files" "Name the files to search for values."
    Set(item: String) "set" "Set the value of this item."
    SetFromFile "set-from-file" "Set the value of an item to the content of a file."
    SetRole "set-role" "Make a user an admin, or a member."
    SetToEmpty(item: String) "set-to-empty" "Set this item to an empty value."
    SetUpGit "set-up-git" "Let git merge and show the vault by item."
    SetVariable(item: String) "set-variable" "Choose the variable that programs get for this item."
    ShowLog "show-log" "Show the last entries of the access log."
    ShowSessions "show-sessions" "Show who is signed in to the servers of this vault."
    Status "status" "Show what can be known about the vault without unlocking it."
    StopOnFailure "stop-on-failure" "Let a script stop when a program that writes into a pipe fails."
    TakeOurs(what: String) "take-ours" "Merge both sides, but take this, such as all of an environment, from this branch."
    TakeTheirs(what: String) "take-theirs" "Merge both sides, but take this, such as all of an environment, from the change being applied."
    Unlock "unlock" "Unlock the vault for a while."
    UseVault(file: String) "use-vault" "Use the vault in this file."
    Verify "verify" "Verify the vault."
    VerifyAcross "verify-across" "Verify the vault since a revision, and accept a gap in its history."
    VerifyLog "verify-log" "Verify the access log."
    VerifyNew "verify-new" "Verify the vault since a revision that did not have it."
    WithoutAgent "without-agent" "Work without an agent."
    WriteTo "write-to" "Write to this file."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_is_about_can_be_read_without_matching_it() {
        let text = |remedy: &Remedy| format!("{:?}", remedy.arguments());
        assert_eq!(text(&Remedy::Merge), "[]");
        assert_eq!(text(&Remedy::Accept("ab".to_owned())), r#"[("hash", ["ab"])]"#);
        assert_eq!(text(&Remedy::ListDue(None)), r#"[("environment", [])]"#);
        let names = ["dev", "prod"].map(str::to_owned).to_vec();
        assert_eq!(text(&Remedy::Orphan(names)), r#"[("environments", ["dev", "prod"])]"#);
        let file = Remedy::System(SystemStep::CheckOutFile("HEAD".to_owned(), PathBuf::from("a.vault")));
        assert_eq!(text(&file), r#"[("commit", ["HEAD"]), ("file", ["a.vault"])]"#);
        let rights = Remedy::Grant { user: "ben".to_owned(), rights: "dev:read".to_owned() };
        assert_eq!(text(&rights), r#"[("user", ["ben"]), ("rights", ["dev:read"])]"#);
    }
}

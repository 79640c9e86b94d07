//! What vault can do about an error, for programs that act on it or supply words for it: the command line has a command
//! for each ([`super::Hint`]).

use std::path::PathBuf;

/// Defines [`Remedy`] with its words: `Variant(Types) "word" "What it does."`.
macro_rules! remedies {
    ($($remedy:ident $(($($type:ty),+))? $word:literal $what:literal)*) => {
        /// What can be done about an error. Names are text that was already checked.
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
                }
            }
        }
    };
}

remedies! {
    Accept(String) "accept" "Accept the file with this hash, even though this device has seen a newer one."
    AcceptEmpty "accept-empty" "Accept an empty value."
    AddPrivate(String) "add-private" "Add an environment with this name that only its author reads."
    AddRequested(String) "add-requested" "Add this user, with the keys from their request."
    AddUser(String) "add-user" "Add this user."
    AllSecret "all-secret" "Import every value as a secret."
    AllowAgent "allow-agent" "Let agents keep keys again, which a variable turned off."
    AllowEmpty "allow-empty" "Import empty values as well."
    AllowFiles "allow-files" "Let a program have more open files."
    AllowLockedMemory "allow-locked-memory" "Let a program lock more memory."
    AllowMemory "allow-memory" "Let a program have more memory."
    AllowOnce(String) "allow-once" "Allow this dangerous name, for this command only."
    AllowProcesses "allow-processes" "Let the user run more processes."
    ChangePassphrase "change-passphrase" "Choose a new passphrase, which replaces the user's keys."
    ChangeUsers "change-users" "Change users, rights and environments."
    CheckAgainst(Option<PathBuf>) "check-against" "Compare the names that this file, or another, needs with those of the vault."
    ChooseSide(String) "choose-side" "Take this item, or everything in an environment (`ENV/*`), as one of the two sides has it."
    ChooseState "choose-state" "Keep the access log, and what this device has seen, in another directory."
    ChooseVariable "choose-variable" "Choose the variable for the path of an item's file."
    Complete(&'static str) "complete" "Let this shell complete commands."
    Create "create" "Create a vault."
    Dialect(&'static str) "dialect" "Say which program reads the file."
    CopyItems "copy-items" "Copy items to another environment."
    ExportLog "export-log" "Export the access log to a file."
    ExportLogFor "export-log-for" "Seal an exported access log for another user."
    FinishRenewal(String) "finish-renewal" "Remove all keys of this machine except the newest."
    Flatten(&'static str) "flatten" "Join nested names with this separator."
    GenerateWords "generate-words" "Generate a passphrase of random words."
    GetExact "get-exact" "Write a value to a file, byte for byte."
    GiveAsFile(Option<String>) "give-as-file" "Give this item, or one by its name, to a program as a file."
    GiveKey "give-key" "Give a key, or the name of a file that holds it."
    GivePassphrase "give-passphrase" "Give the passphrase on a file descriptor."
    GiveReason "give-reason" "Give a reason for the access log."
    GiveUp(String) "give-up" "Continue without the items of this environment."
    History "history" "List the earlier values of an item."
    Hook(&'static str, String) "hook" "Let this shell set the variables of allowed vaults, with a line in this start-up file."
    Import "import" "Import a file."
    ImportAndDelete(String, Option<String>) "import-and-delete" "Import this file into this environment, or into the usual \
        one, then delete it."
    ImportAnyway(PathBuf) "import-anyway" "Import this file, whatever its name is."
    ImportDecrypted "import-decrypted" "Let sops decrypt the file, and import what it prints."
    ImportPiped "import-piped" "Import what another program prints."
    InheritLess "inherit-less" "Give the command only the essential variables of the caller."
    InputFormat "input-format" "Say which format the file has."
    InstallScan "install-scan" "Let git look for values before each commit."
    Join(Option<String>) "join" "Join the vault as this user: choose a passphrase, which replaces the user's keys."
    LeaveOut(String) "leave-out" "Leave this item out."
    LeaveUnmanaged(Vec<String>) "leave-unmanaged" "Accept that nobody can give rights on these environments any more."
    KeepOurs(PathBuf) "keep-ours" "Keep this branch's file as it is, without the other side's changes."
    List(String) "list" "List the items of this environment."
    ListDue(Option<String>) "list-due" "List the items whose values are due for replacement, in one environment or all."
    ListEnvironments "list-environments" "List the environments."
    ListItems "list-items" "List the items."
    ListUsers "list-users" "List the users."
    Lock "lock" "Stop the agent of this vault."
    LockAll "lock-all" "Stop all agents."
    Merge "merge" "Merge both sides of a merge conflict, item by item."
    MergeFrom(String) "merge-from" "Merge what this commit or branch has into the file."
    NameEnvironment "name-environment" "Say which environment is meant."
    NameOutput "name-output" "Name another file for the output."
    NameUser "name-user" "Say which user you are."
    NameVault(String) "name-vault" "Use the vault in this file, for every command in a shell."
    Orphan(Vec<String>) "orphan" "Accept that nobody can read or write these environments any more."
    Pin "pin" "Show the pin of the vault, which lets a machine detect a rollback."
    Reach(String) "reach" "Allow references to these environments."
    ReadAbout(&'static str) "read-about" "Read the manual page about this."
    Recover "recover" "Unlock with the recovery key, and choose a new passphrase."
    RemoveEnvironment(String) "remove-environment" "Remove this environment."
    RemoveUser(String) "remove-user" "Remove this user."
    RenameEnvironment(String) "rename-environment" "To rename this environment: copy it to one with the new name, then remove it."
    Renew(String) "renew" "Give this machine another key."
    Replace "replace" "Run the command again, and replace what is there."
    ReplaceKey "replace-key" "Replace all keys of the user with a new one."
    ReplaceRecoveryKey "replace-recovery-key" "Make a new recovery key."
    RequestKeys "request-keys" "Make keys, and ask an admin to add you with them."
    Restore(String) "restore" "Continue with what this environment held in an earlier commit."
    ResumeEdit "resume-edit" "Continue with an edited text that was not saved."
    Rollback "rollback" "Make an earlier value of an item the current one again."
    Rotate(String) "rotate" "Give this item a new value."
    RotatePiped(String) "rotate-piped" "Give this item what another program prints as its new value."
    ScanFiles "scan-files" "Name the files to search for values."
    Set(String) "set" "Set the value of this item."
    SetFromFile "set-from-file" "Set the value of an item to the content of a file."
    SetRole "set-role" "Make a user an admin, or a member."
    SetToEmpty(String) "set-to-empty" "Set this item to an empty value."
    SetUpGit "set-up-git" "Let git merge and show the vault by item."
    SetVariable(String) "set-variable" "Choose the variable that programs get for this item."
    ShowLog "show-log" "Show the last entries of the access log."
    Status "status" "Show what can be known about the vault without unlocking it."
    StopOnFailure "stop-on-failure" "Let a script stop when a program that writes into a pipe fails."
    TakeOurs(String) "take-ours" "Merge both sides, but take this, such as all of an environment, from this branch."
    TakeTheirs(String) "take-theirs" "Merge both sides, but take this, such as all of an environment, from the change being applied."
    Unlock "unlock" "Unlock the vault for a while."
    UseVault(String) "use-vault" "Use the vault in this file."
    Verify "verify" "Verify the vault."
    VerifyAcross "verify-across" "Verify the vault since a revision, and accept a gap in its history."
    ShowSessions "show-sessions" "Show who is signed in to the servers of this vault."
    VerifyLog "verify-log" "Verify the access log."
    VerifyNew "verify-new" "Verify the vault since a revision that did not have it."
    WithoutAgent "without-agent" "Work without an agent."
    WriteTo "write-to" "Write to this file."
}

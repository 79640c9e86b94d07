//! The steps in hints that git or the operating system takes. No front end of vault has an option or a button for them, so
//! each has a command that a person can type.

use super::argument::Argument as _;
use crate::path::shell_word;
use std::path::PathBuf;

/// Defines [`SystemStep`] with its words and commands: `Variant(argument: Type) "word" "What it does." "command"`. In a
/// command, each argument is one word of the shell.
macro_rules! system_steps {
    ($($step:ident $(($($argument:ident: $type:ty),+))? $word:literal $what:literal $command:literal)*) => {
        /// A step that git or the operating system takes.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum SystemStep {
            $(#[doc = $what] $step $(($($type),+))?,)*
        }

        impl SystemStep {
            /// Returns the step's name, for programs.
            pub(super) const fn word(&self) -> &'static str {
                match self {
                    $(Self::$step { .. } => $word,)*
                }
            }

            /// Returns the name of each argument, with its texts.
            pub(super) fn arguments(&self) -> Vec<(&'static str, Vec<String>)> {
                match self {
                    $(Self::$step $(($($argument),+))? => vec![$($((stringify!($argument), $argument.texts())),+)?],)*
                }
            }

            /// Returns a command for the step, to be typed in a shell.
            #[must_use]
            pub fn command(&self) -> String {
                match self {
                    $(Self::$step $(($($argument),+))? => {
                        $($(let $argument = shell_word($argument.as_ref());)+)?
                        format!($command)
                    })*
                }
            }
        }
    };
}

system_steps! {
    Branch(name: String, commit: String) "branch" "Make a git branch with this name at this commit."
        "git branch {name} {commit}"
    CheckOut(branch: String) "check-out" "Check out this git branch."
        "git checkout {branch}"
    CheckOutConflict(file: PathBuf) "check-out-conflict" "Bring back the merge conflict in this file, which git has recorded as resolved."
        "git checkout --merge -- {file}"
    CheckOutFile(commit: String, file: PathBuf) "check-out-file" "Check out this file as this commit has it."
        "git checkout {commit} -- {file}"
    Commit "commit" "Commit the vault."
        "git add FILE && git commit"
    Deepen "deepen" "Fetch more commits into a shallow clone."
        "git fetch --deepen 1000, or fetch-depth: 0 with actions/checkout"
    DenyReading(file: PathBuf) "deny-reading" "Let nobody else read or write this file."
        "chmod 600 {file}"
    DenyReplacing(directory: PathBuf) "deny-replacing" "Let only the owner and group of this directory replace the files in it."
        "chmod o-w {directory}"
    DenyUse(directory: PathBuf) "deny-use" "Let nobody else read or write anything in this directory."
        "chmod -R go= {directory}"
    DenyWriting(file: PathBuf) "deny-writing" "Let nobody else write this file."
        "chmod go-w {file}"
    FetchBranch(remote: String, branch: String) "fetch-branch" "Fetch this branch of this git remote."
        "git fetch {remote} {branch}:refs/remotes/{remote}/{branch}"
    FetchHistory "fetch-history" "Fetch the whole history into a shallow clone."
        "git fetch --unshallow, or fetch-depth: 0 with actions/checkout"
    FetchMissing "fetch-missing" "Fetch what a partial clone has left on the server."
        "git fetch --refetch --no-filter"
    FindProgram "find-program" "Find the vault program in the search path."
        "command -v vault"
    FreeSpace(directory: PathBuf) "free-space" "See how much space is left in this directory."
        "df -h {directory}"
    Ignore(line: String, file: PathBuf) "ignore" "Let git ignore something, with this line in this file."
        "echo {line} >> {file}"
    ListAllCommits "list-all-commits" "List all commits."
        "git log --all"
    ListCommits(file: PathBuf) "list-commits" "List the commits that changed this file."
        "git log -- {file}"
    LookAt(directory: PathBuf) "look-at" "See what is in this directory, and who may read and write there."
        "ls -la {directory}"
    MakeExecutable(file: PathBuf) "make-executable" "Make this file executable."
        "chmod +x {file}"
    MergeBranch(branch: String) "merge-branch" "Merge this branch or commit into the checked-out branch."
        "git merge {branch}"
    Pull "pull" "Fetch what others have pushed, and merge it."
        "git pull"
    RemoveFile(file: PathBuf) "remove-file" "Remove this file from the work tree and from the next commit."
        "git rm {file}"
    ResolveAsOurs "resolve-as-ours" "Resolve the conflict in the vault's file by keeping this branch's file."
        "git checkout --ours -- FILE && git add FILE"
    RestoreFile "restore-file" "Restore the vault's file as it was in the last commit."
        "git checkout -- FILE"
    RevertCommit "revert-commit" "Make a commit that takes back an earlier one."
        "git revert COMMIT"
    ShowAttributes(file: PathBuf) "show-attributes" "Show which git attributes this file has."
        "git check-attr -a {file}"
    ShowGit "show-git" "Show which version of git is installed."
        "git --version"
    Track(file: PathBuf) "track" "Add this file to the next commit."
        "git add {file}"
    Untrack(file: PathBuf) "untrack" "Remove this file from the next commit, and keep it."
        "git rm --cached {file}"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_argument_is_one_word_of_the_command() {
        let ignored = SystemStep::Ignore("/my file".to_owned(), PathBuf::from("-x/.gitignore"));
        assert_eq!(ignored.command(), "echo '/my file' >> ./-x/.gitignore");
        assert_eq!(SystemStep::Pull.command(), "git pull");
    }
}

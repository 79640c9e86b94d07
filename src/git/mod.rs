//! Runs git. No other module does. Anybody may have made a checkout, and its configuration can name programs; none of
//! them is run here.
//!
//! Every call gets the same options and environment, because only this module can make a `Call`. Only plumbing commands
//! are used where possible: they print what they are asked for, whatever the configuration says. Nothing starts a hook,
//! fsmonitor, pager, signature program, external diff, text conversion, filter, credential helper or transport. A partial
//! clone fetches nothing. Replace refs and grafts, which make git show other content under the same name, are off.
//!
//! Of the caller's `GIT_*` variables, those that select the user's configuration are kept: a container needs its
//! `safe.directory`. Those that name a repository, an index or an object store count only if the caller's own repository
//! is meant ([`Git::of_the_caller`]), because git sets them for its hooks.

mod between;
mod call;
mod clone;
mod contact;
mod content;
mod head;
mod history;
mod index;
mod joined;
mod objects;
mod outside;
mod places;
mod reflog;
mod reverts;
mod revision;
mod unmerged;
mod work_tree;

pub use contact::Moment;
pub use content::Commits;
pub use head::Head;
pub(crate) use head::is_commit_id;
pub use history::Part;
pub use joined::is_plain_since;
pub use reflog::{Step, taken_by};
pub use revision::{AtRevision, Revision};
pub use unmerged::{Operation, Stages, busy_work_tree};
pub use work_tree::{Ignored, InRepository, by_repository, work_trees_above};

use crate::error::Result;
use crate::settings;
use call::Call;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Settings that replace those by which a configuration can run a program. The command line overrides every file.
const OVERRIDES: [&str; 13] = [
    "core.alternateRefsCommand=true",
    "core.askPass=true",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.sshCommand=false",
    "credential.helper=",
    "gpg.openpgp.program=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "log.showSignature=false",
    // A protocol's own setting overrides this one, and GIT_ALLOW_PROTOCOL overrides both.
    "protocol.allow=never",
    "submodule.recurse=false",
];

const ENVIRONMENT: [(&str, &str); 9] = [
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // git's messages are parsed here.
    ("LC_ALL", "C"),
];

/// The variables that select the user's configuration and limit git's search for a repository.
const KEPT: [&str; 7] = [
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_SYSTEM",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// The variables by which git tells a hook its repository.
const OF_A_HOOK: [&str; 7] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
];

/// A repository, as git finds it.
#[derive(Debug, Clone)]
pub struct Git {
    directory: PathBuf,
    is_callers: bool,
}

impl Git {
    /// Returns the repository that contains `directory`, whatever the caller's environment says.
    #[must_use]
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), is_callers: false }
    }

    /// Returns the repository of the current directory. In a hook, that is the repository that the hook runs for, with
    /// the index of the commit being made.
    #[must_use]
    pub fn of_the_caller() -> Self {
        Self { directory: PathBuf::from("."), is_callers: true }
    }

    /// Whether the clone is shallow: it lacks the beginning of its history.
    ///
    /// # Errors
    /// If git fails, for example because there is no repository.
    pub fn is_shallow(&self) -> Result<bool> {
        Ok(self.call(["rev-parse", "--is-shallow-repository"]).line()? == b"true")
    }

    fn call<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Call {
        self.call_with_hooks(arguments, false)
    }

    /// Makes a call. Only `rev-parse` may see the configured path of the hooks, because it runs none.
    fn call_with_hooks<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, shows_hooks: bool) -> Call {
        let mut command = Command::new("git");
        for (name, _) in settings::environment() {
            if !is_kept(&name, self.is_callers) {
                command.env_remove(&name);
            }
        }
        command.envs(ENVIRONMENT);
        command.arg("-C").arg(&self.directory).args(["--no-pager", "--no-optional-locks"]);
        for setting in OVERRIDES {
            command.args(["-c", setting]);
        }
        if !shows_hooks {
            command.args(["-c", "core.hooksPath=/dev/null"]);
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let is_named = self.is_callers && settings::environment().any(|(name, _)| is_of_a_hook(&name));
        Call { command, sought_at: (!is_named).then(|| self.directory.clone()) }
    }
}

/// Whether git tells a hook its repository by this variable.
fn is_of_a_hook(name: &OsStr) -> bool {
    OF_A_HOOK.iter().any(|known| name == *known)
}

/// Whether git gets a variable of the caller. It gets none that opens a vault.
fn is_kept(name: &OsStr, is_callers: bool) -> bool {
    let is_one_of = |names: &[&str]| names.iter().any(|known| name == *known);
    match name.as_bytes() {
        name if name.starts_with(b"VAULT_") => false,
        name if name.starts_with(b"GIT_CONFIG_KEY_") || name.starts_with(b"GIT_CONFIG_VALUE_") => true,
        name if name.starts_with(b"GIT_") => is_one_of(&KEPT) || (is_callers && is_of_a_hook(OsStr::from_bytes(name))),
        name => name != b"LANGUAGE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_git_variables_that_redirect_nothing_are_passed_on() {
        let is_kept = |name: &str, is_callers| is_kept(OsStr::new(name), is_callers);
        for name in ["PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_12"]
        {
            assert!(is_kept(name, false) && is_kept(name, true), "{name}");
        }
        for name in ["VAULT_KEY", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_EXEC_PATH", "GIT_TRACE", "GIT_CONFIG"] {
            assert!(!is_kept(name, false) && !is_kept(name, true), "{name}");
        }
        for name in OF_A_HOOK {
            assert!(!is_kept(name, false) && is_kept(name, true), "{name}");
        }
    }

    /// Another file would start git without this module's precautions.
    #[test]
    fn only_this_module_starts_git() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut directories = vec![source.clone()];
        let mut files = 0;
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else if path != source.join("git/mod.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert!(!text.contains("(\"git\")"), "{} starts git", path.display());
                    files += 1;
                }
            }
        }
        assert!(files > 100, "{files}");
    }
}

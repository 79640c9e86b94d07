//! Settings: every environment variable that vault reads, and the places that follow from them.
//!
//! No other code in this crate reads the environment (clippy.toml forbids it), so the list is complete. An item can't
//! have any of these names unless that is allowed ([`crate::dangerous`]): items reach programs that may run vault, and
//! somebody who writes items must not choose that vault's log, key or rules.

mod places;

pub use places::{home, personal_vault, runtime_directory, state_directory, temporary_directory};

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

macro_rules! variables {
    ($($(#[$doc:meta])* $variable:ident = $name:literal,)*) => {
        /// An environment variable that vault itself reads.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Variable {
            $($(#[$doc])* $variable,)*
        }

        impl Variable {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variable,)*];
            /// The names of all.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// Its name in the environment.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variable => $name,)*
                }
            }
        }
    };
}

variables! {
    /// `off` starts and asks no agent.
    Agent = "VAULT_AGENT",
    /// Names that are allowed although they are dangerous, with commas.
    AllowNames = "VAULT_ALLOW_NAMES",
    /// The environments to use, with commas.
    Env = "VAULT_ENV",
    /// The vault.
    File = "VAULT_FILE",
    /// The key itself.
    Key = "VAULT_KEY",
    /// The file with the key.
    KeyFile = "VAULT_KEY_FILE",
    /// Whether every log entry waits for the disk.
    LogSync = "VAULT_LOG_SYNC",
    /// The passphrase itself.
    Passphrase = "VAULT_PASSPHRASE",
    /// A command that prints the passphrase.
    PassphraseCommand = "VAULT_PASSPHRASE_CMD",
    /// The file with the passphrase.
    PassphraseFile = "VAULT_PASSPHRASE_FILE",
    /// The least that the file must be.
    Pin = "VAULT_PIN",
    /// The directory for logs and marks.
    StateDirectory = "VAULT_STATE_DIR",
    /// Whether warnings are errors.
    Strict = "VAULT_STRICT",
    /// Which user you are.
    User = "VAULT_USER",
    /// The environments of the shell that `vault shell` has started.
    InShell = "VAULT_SHELL",
    /// Where zsh has its start-up files.
    Zdotdir = "ZDOTDIR",
    /// Where zsh had them before `vault shell` started it: zsh goes on with the files there.
    ZdotdirBefore = "VAULT_SHELL_ZDOTDIR",
    /// What the hook of a shell remembers.
    Hook = "VAULT_HOOK",
    /// Set by a completion script: the shell that asks.
    Complete = "VAULT_COMPLETE",
    /// Set by a completion script: which word is completed.
    CompletedWord = "_CLAP_COMPLETE_INDEX",
    /// The state directory of a systemd service (systemd.exec(5)).
    ServiceState = "STATE_DIRECTORY",
    /// How many sockets systemd hands over to `vault-serve` (sd_listen_fds(3)).
    ListenFds = "LISTEN_FDS",
    /// The process that it hands them to.
    ListenPid = "LISTEN_PID",
    /// The user's directory for sockets and for files in memory.
    Runtime = "XDG_RUNTIME_DIR",
    /// The home directory.
    Home = "HOME",
    /// The user's shell.
    Shell = "SHELL",
    /// Where programs are looked for.
    Path = "PATH",
    /// The editor for terminals.
    Visual = "VISUAL",
    /// The editor.
    Editor = "EDITOR",
    /// The program that shows long texts.
    Pager = "PAGER",
    /// Whether colours are off.
    NoColor = "NO_COLOR",
    /// The kind of terminal.
    Term = "TERM",
    /// The login name, which `init` proposes.
    Login = "USER",
    /// The same on other systems.
    LoginName = "LOGNAME",
    /// The directory in which bash-completion looks for the user's own.
    BashCompletion = "BASH_COMPLETION_USER_DIR",
    /// The user's directory for data (XDG Base Directory Specification).
    DataHome = "XDG_DATA_HOME",
    /// The user's directory for settings.
    ConfigHome = "XDG_CONFIG_HOME",
    /// The display, under Wayland.
    WaylandDisplay = "WAYLAND_DISPLAY",
    /// The display, under X11.
    Display = "DISPLAY",
    /// Where the user of this session comes from, if that is by ssh.
    SshConnection = "SSH_CONNECTION",
    /// The tmux session that this is in.
    Tmux = "TMUX",
    /// The session of GNU screen that this is in.
    Screen = "STY",
    /// The file by which a step of a workflow sets variables.
    GithubEnv = "GITHUB_ENV",
}

/// What the libraries in this program read for it: clap (completion, and the width and colours of help), directories and
/// chrono. A `*` at the end stands for any ending. LINES is read, too, and changes nothing: help is not cut at any height. The
/// C library's variables are among [`crate::dangerous`]'s own.
pub const READ_BY_LIBRARIES: &[&str] =
    &["_CLAP_*", "COLUMNS", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "CI", "XDG_*", "TMPDIR", "TZ"];

impl Variable {
    /// What it holds, also if that is nothing.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn value(self) -> Option<OsString> {
        std::env::var_os(self.name())
    }

    /// What it holds, if that is something.
    #[must_use]
    pub fn filled(self) -> Option<OsString> {
        self.value().filter(|value| !value.is_empty())
    }

    /// The same as text. What is not Unicode becomes text that no rule takes.
    #[must_use]
    pub fn text(self) -> Option<String> {
        self.filled().map(|value| value.to_string_lossy().into_owned())
    }

    /// Whether it holds something other than `0`.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.filled().is_some_and(|value| value != "0")
    }
}

/// The whole environment, to be passed on.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// Whether a variable is one of those that open a vault: VAULT_KEY, VAULT_PASSPHRASE and what begins so. VAULT_TOKEN and
/// VAULT_ADDR are another program's.
#[must_use]
pub fn opens_a_vault(name: &OsStr) -> bool {
    [Variable::Key, Variable::Passphrase].iter().any(|key| name.as_bytes().starts_with(key.name().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_listed_once() {
        let mut names: Vec<_> = Variable::ALL.iter().map(|variable| variable.name()).collect();
        assert_eq!(names, Variable::NAMES);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Variable::ALL.len());
    }

    #[test]
    fn keys_and_passphrases_open_a_vault_and_another_programs_token_does_not() {
        for name in ["VAULT_KEY", "VAULT_KEY_FILE", "VAULT_PASSPHRASE", "VAULT_PASSPHRASE_CMD"] {
            assert!(opens_a_vault(OsStr::new(name)), "{name}");
        }
        for name in ["VAULT_TOKEN", "VAULT_ADDR", "VAULT_FILE", "KEY", "VAULT_KE", ""] {
            assert!(!opens_a_vault(OsStr::new(name)), "{name}");
        }
    }
}

//! Settings: every environment variable that vault reads, and the paths that follow from them.
//!
//! No other code in this crate reads the environment (clippy.toml forbids it), so the list is complete. An item can
//! have one of these names only with permission ([`crate::dangerous`]): programs that get items may run vault
//! themselves, and people who write items must not choose that vault's log, key or rules.

mod chosen;
mod places;
pub mod programs;
pub mod shells;

pub use chosen::{
    DisplayServer, chosen_user, chosen_vault, completed_word, environments_of_shell, login_name, login_shell,
    terminal_type,
};
pub(crate) use chosen::{allowed_names, chosen_environments};
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
            /// Every variable.
            pub const ALL: &[Self] = &[$(Self::$variable,)*];
            /// The names of all variables.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// Returns the variable's name in the environment.
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
    /// Whether an agent is started and asked. It is, unless this says `off`: see [`Variable::is_on`].
    Agent = "VAULT_AGENT",
    /// Dangerous names that are allowed, separated by commas.
    AllowNames = "VAULT_ALLOW_NAMES",
    /// The environments to use, separated by commas.
    Env = "VAULT_ENV",
    /// The path of the vault.
    File = "VAULT_FILE",
    /// The key itself.
    Key = "VAULT_KEY",
    /// The path of a file with the key.
    KeyFile = "VAULT_KEY_FILE",
    /// Whether each log entry is flushed to disk before the command continues.
    LogSync = "VAULT_LOG_SYNC",
    /// The passphrase itself.
    Passphrase = "VAULT_PASSPHRASE",
    /// A command that prints the passphrase.
    PassphraseCommand = "VAULT_PASSPHRASE_CMD",
    /// The path of a file with the passphrase.
    PassphraseFile = "VAULT_PASSPHRASE_FILE",
    /// The oldest state of the vault that is accepted.
    Pin = "VAULT_PIN",
    /// The directory for logs and marks.
    StateDirectory = "VAULT_STATE_DIR",
    /// Whether warnings are errors.
    Strict = "VAULT_STRICT",
    /// The name of the user.
    User = "VAULT_USER",
    /// The environments of the shell that `vault shell` started.
    InShell = "VAULT_SHELL",
    /// The directory of zsh's start-up files.
    Zdotdir = "ZDOTDIR",
    /// The directory of zsh's own start-up files, while `vault shell` starts zsh with another one.
    ZdotdirBefore = "VAULT_SHELL_ZDOTDIR",
    /// The state that the shell hook keeps between prompts.
    Hook = "VAULT_HOOK",
    /// The shell that asks for completions; its completion script sets this.
    Complete = "VAULT_COMPLETE",
    /// The index of the word to complete; a completion script sets this.
    CompletedWord = "_CLAP_COMPLETE_INDEX",
    /// The state directory of a systemd service (systemd.exec(5)).
    ServiceState = "STATE_DIRECTORY",
    /// The number of sockets that systemd passes to `vault-serve` (sd_listen_fds(3)).
    ListenFds = "LISTEN_FDS",
    /// The process that systemd passes them to.
    ListenPid = "LISTEN_PID",
    /// The user's directory for sockets and for files in memory (XDG Base Directory Specification).
    Runtime = "XDG_RUNTIME_DIR",
    /// The home directory.
    Home = "HOME",
    /// The user's shell.
    Shell = "SHELL",
    /// The directories where programs are looked for.
    Path = "PATH",
    /// The editor for full-screen terminals.
    Visual = "VISUAL",
    /// The editor.
    Editor = "EDITOR",
    /// The program that displays long texts.
    Pager = "PAGER",
    /// The options of less, which vault sets only if the user has not.
    Less = "LESS",
    /// What vim runs when it starts, to which vault adds.
    VimInit = "VIMINIT",
    /// Whether colors are off.
    NoColor = "NO_COLOR",
    /// The terminal type.
    Term = "TERM",
    /// The login name, which `init` proposes.
    Login = "USER",
    /// The login name on other systems.
    LoginName = "LOGNAME",
    /// The directory where bash-completion looks for the user's own completions.
    BashCompletion = "BASH_COMPLETION_USER_DIR",
    /// The user's directory for data (XDG Base Directory Specification).
    DataHome = "XDG_DATA_HOME",
    /// The user's directory for configuration.
    ConfigHome = "XDG_CONFIG_HOME",
    /// The Wayland display.
    WaylandDisplay = "WAYLAND_DISPLAY",
    /// The X11 display.
    Display = "DISPLAY",
    /// The two ends of the connection, if this is an SSH session.
    SshConnection = "SSH_CONNECTION",
    /// The tmux session that vault runs in.
    Tmux = "TMUX",
    /// The GNU screen session that vault runs in.
    Screen = "STY",
    /// The file in which a step of a GitHub workflow sets variables.
    GithubEnv = "GITHUB_ENV",
}

/// The variables that libraries in this program and in `vault-serve` read: clap (completion, and the size and colors of
/// help), directories, chrono, tokio and the standard library. A `*` at the end stands for any suffix. RUST_BACKTRACE is
/// not read, because the message of a panic has no backtrace. Those variables of the C library by which it loads code, or
/// reads or writes files, are in the lists of [`crate::dangerous`]. Others only set languages (`LC_ALL`) or how memory is
/// allocated (`MALLOC_ARENA_MAX`).
pub const READ_BY_LIBRARIES: &[&str] = &[
    "_CLAP_*",
    "COLUMNS",
    "LINES",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "CI",
    "XDG_*",
    "TMPDIR",
    "TZ",
    "RUST_MIN_STACK",
    "TOKIO_UNSTABLE_SHARDED_BLOCKING_QUEUE",
];

impl Variable {
    /// Returns the variable's value, which may be empty.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn value(self) -> Option<OsString> {
        std::env::var_os(self.name())
    }

    /// Returns the variable's value, unless it is empty.
    #[must_use]
    pub fn filled(self) -> Option<OsString> {
        self.value().filter(|value| !value.is_empty())
    }

    /// Returns the variable's value as text, unless it is empty. Bytes that are not Unicode become U+FFFD, which no
    /// rule accepts.
    #[must_use]
    pub fn text(self) -> Option<String> {
        self.filled().map(|value| value.to_string_lossy().into_owned())
    }

    /// Returns whether the variable turns something on. `0`, `off`, `no` and `false`, in any case, turn it off, and every
    /// other text turns it on. If the variable is unset or empty, this is `usual`.
    #[must_use]
    pub fn is_on(self, usual: bool) -> bool {
        self.text().map_or(usual, |text| turns_on(&text))
    }
}

fn turns_on(text: &str) -> bool {
    !["0", "off", "no", "false"].iter().any(|off| text.eq_ignore_ascii_case(off))
}

/// Returns the whole environment, to be passed on to another program.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// Returns whether a variable can open a vault: VAULT_KEY, VAULT_PASSPHRASE and every name that starts with one of
/// them. VAULT_TOKEN and VAULT_ADDR belong to another program.
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
    fn words_for_off_turn_a_setting_off_and_all_other_text_turns_it_on() {
        for off in ["0", "off", "OFF", "no", "No", "false", "False"] {
            assert!(!turns_on(off), "{off}");
        }
        for on in ["1", "on", "yes", "true", "2", "00", "offline", "\u{fffd}"] {
            assert!(turns_on(on), "{on}");
        }
    }

    #[test]
    fn keys_and_passphrases_count_as_credentials_and_other_programs_tokens_do_not() {
        for name in ["VAULT_KEY", "VAULT_KEY_FILE", "VAULT_PASSPHRASE", "VAULT_PASSPHRASE_CMD"] {
            assert!(opens_a_vault(OsStr::new(name)), "{name}");
        }
        for name in ["VAULT_TOKEN", "VAULT_ADDR", "VAULT_FILE", "KEY", "VAULT_KE", ""] {
            assert!(!opens_a_vault(OsStr::new(name)), "{name}");
        }
    }
}

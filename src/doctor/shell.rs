//! Checks the user's shell: completion, and the hook that sets variables.

use super::Finding;
use crate::error::Remedy;
use crate::fs;
use std::path::{Path, PathBuf};

const COMPLETION: &str = "completion";
const HOOK: &str = "shell-hook";
/// The largest start-up file that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A shell for which vault has completion and a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Where a shell keeps its files.
struct Places {
    name: &'static str,
    /// The shell's start-up files, relative to the home directory.
    starts: &'static [&'static str],
    /// The paths of completion scripts, absolute or relative to the home directory.
    completions: &'static [&'static str],
}

impl Shell {
    /// Recognizes a shell by the path of its program.
    #[must_use]
    pub fn of(program: &Path) -> Option<Self> {
        match program.file_name()?.to_str()? {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }

    fn places(self) -> Places {
        match self {
            Self::Bash => Places {
                name: "bash",
                starts: &[".bashrc", ".bash_profile", ".profile", ".bash_completion"],
                completions: &[
                    ".local/share/bash-completion/completions/vault",
                    ".local/share/bash-completion/completions/vault.bash",
                    "/usr/share/bash-completion/completions/vault",
                    "/usr/local/share/bash-completion/completions/vault",
                    "/etc/bash_completion.d/vault",
                ],
            },
            Self::Zsh => Places {
                name: "zsh",
                starts: &[".zshrc", ".zprofile", ".zshenv", ".config/zsh/.zshrc"],
                completions: &[
                    ".zfunc/_vault",
                    ".zsh/completions/_vault",
                    ".local/share/zsh/site-functions/_vault",
                    "/usr/share/zsh/site-functions/_vault",
                    "/usr/share/zsh/vendor-completions/_vault",
                    "/usr/local/share/zsh/site-functions/_vault",
                ],
            },
            Self::Fish => Places {
                name: "fish",
                starts: &[".config/fish/config.fish"],
                completions: &[
                    ".config/fish/completions/vault.fish",
                    ".local/share/fish/vendor_completions.d/vault.fish",
                    "/usr/share/fish/vendor_completions.d/vault.fish",
                    "/usr/share/fish/completions/vault.fish",
                    "/usr/local/share/fish/vendor_completions.d/vault.fish",
                ],
            },
        }
    }
}

/// Reports whether completion and the hook are installed. Both are a convenience, so their absence is not a fault.
#[must_use]
pub fn shell(shell: Shell, home: &Path) -> Vec<Finding> {
    let places = shell.places();
    let starts: Vec<String> = places.starts.iter().filter_map(|name| text(&home.join(name))).collect();
    let runs = |command: &str| starts.iter().any(|text| has_line(text, command));
    let name = places.name;
    let is_installed = places.completions.iter().map(|path| home.join(path)).any(|path: PathBuf| path.exists());
    let completion = match is_installed || runs(&format!("vault completions {name}")) {
        true => Finding::ok(COMPLETION, name, "completes vault's commands"),
        false => Finding::note(COMPLETION, name, "does not complete vault's commands").command(Remedy::Complete(name)),
    };
    let hook = match runs(&format!("vault hook {name}")) {
        true => Finding::ok(HOOK, name, "sets the variables of allowed vaults"),
        false => Finding::note(HOOK, name, "doesn't set variables automatically: the shell hook is not installed")
            .command(Remedy::Hook(name)),
    };
    vec![completion, hook]
}

fn text(path: &Path) -> Option<String> {
    let bytes = fs::read_if_there(path, LONGEST).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns whether a line that is not a comment contains the command, whatever the path of the program.
fn has_line(text: &str, command: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| !line.starts_with('#') && line.contains(command))
}

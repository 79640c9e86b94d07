//! Where shells keep their files: the user's start-up files, and the scripts that complete vault's commands.

use super::{Variable, home};
use crate::path::shell_word;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A shell for which vault has a hook, and completion that it can install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// Bash 3.2 and newer.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish 3 and newer.
    Fish,
}

impl Shell {
    /// Recognizes a shell by its name or the path of its program. The name of a login shell may start with a hyphen.
    #[must_use]
    pub fn named(program: &Path) -> Option<Self> {
        match program.file_name()?.to_str()?.trim_start_matches('-') {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }

    /// Returns the name of the shell's program.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

/// Returns the user's directory for configuration (XDG Base Directory Specification, also on macOS).
#[must_use]
pub fn configuration_directory() -> Option<PathBuf> {
    Variable::ConfigHome.filled().and_then(absolute).or_else(|| Some(home()?.join(".config")))
}

/// Returns the directory of zsh's start-up files, if ZDOTDIR names one.
#[must_use]
pub fn zsh_directory() -> Option<PathBuf> {
    Variable::Zdotdir.filled().map(PathBuf::from)
}

fn absolute(path: OsString) -> Option<PathBuf> {
    Some(PathBuf::from(path)).filter(|path| path.is_absolute())
}

/// The directories in which the user's shells look for their files.
#[derive(Debug, Clone)]
pub struct ShellPlaces {
    home: PathBuf,
    /// XDG_CONFIG_HOME.
    configuration: PathBuf,
    /// XDG_DATA_HOME.
    data: PathBuf,
    /// The directory of zsh's start-up files, if ZDOTDIR names one.
    zsh: Option<PathBuf>,
    /// Where bash-completion looks for the user's completions. The first is the one to install in.
    bash_completion: Vec<PathBuf>,
}

impl ShellPlaces {
    /// Returns the places of the user who runs vault; `None` if there is no home directory.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let places = Self::in_home(home()?);
        let data = Variable::DataHome.filled().and_then(absolute).unwrap_or_else(|| places.data.clone());
        let mut bash_completion = vec![data.join("bash-completion")];
        if let Some(named) = Variable::BashCompletion.filled() {
            let named: Vec<_> = std::env::split_paths(&named).filter(|path| path.is_absolute()).collect();
            bash_completion.splice(..0, named);
        }
        Some(Self {
            configuration: configuration_directory().unwrap_or(places.configuration),
            zsh: zsh_directory(),
            data,
            bash_completion,
            home: places.home,
        })
    }

    /// Returns the places for a home directory if no variable names another.
    fn in_home(home: PathBuf) -> Self {
        let data = home.join(".local/share");
        let bash_completion = vec![data.join("bash-completion")];
        Self { configuration: home.join(".config"), data, zsh: None, bash_completion, home }
    }

    /// Returns the start-up file to which the user adds lines for an interactive shell.
    #[must_use]
    pub fn start_file(&self, shell: Shell) -> PathBuf {
        match shell {
            Shell::Bash => self.home.join(".bashrc"),
            Shell::Zsh => self.zsh.as_ref().unwrap_or(&self.home).join(".zshrc"),
            Shell::Fish => self.configuration.join("fish/config.fish"),
        }
    }

    /// Returns every start-up file that the shell may read. Without ZDOTDIR, `~/.zshenv` may still choose the usual
    /// directory below `~/.config`, and not export it.
    #[must_use]
    pub(crate) fn start_files(&self, shell: Shell) -> Vec<PathBuf> {
        let home = |names: &[&str]| names.iter().map(|name| self.home.join(name)).collect();
        match (shell, &self.zsh) {
            (Shell::Bash, _) => home(&[".bashrc", ".bash_profile", ".profile", ".bash_completion"]),
            (Shell::Zsh, Some(zsh)) => {
                let mut files: Vec<_> = [".zshrc", ".zprofile", ".zshenv"].map(|name| zsh.join(name)).into();
                files.push(self.home.join(".zshenv"));
                files
            }
            (Shell::Zsh, None) => home(&[".zshrc", ".zprofile", ".zshenv", ".config/zsh/.zshrc"]),
            (Shell::Fish, _) => vec![self.start_file(shell)],
        }
    }

    /// Returns where the user's completion script for vault belongs. zsh finds this place only if its `fpath` has the
    /// directory.
    #[must_use]
    pub fn completion(&self, shell: Shell) -> PathBuf {
        match shell {
            Shell::Bash => self.bash_completion[0].join("completions/vault"),
            Shell::Zsh => self.data.join("zsh/site-functions/_vault"),
            Shell::Fish => self.configuration.join("fish/completions/vault.fish"),
        }
    }

    /// Returns every path at which the shell may find a completion script for vault, those of the system included.
    #[must_use]
    pub fn completions(&self, shell: Shell) -> Vec<PathBuf> {
        let mut paths = vec![self.completion(shell)];
        let system: &[&str] = match shell {
            Shell::Bash => {
                let directories = self.bash_completion.iter().map(|directory| directory.join("completions"));
                paths.extend(directories.flat_map(|directory| [directory.join("vault"), directory.join("vault.bash")]));
                &[
                    "/usr/share/bash-completion/completions/vault",
                    "/usr/local/share/bash-completion/completions/vault",
                    "/etc/bash_completion.d/vault",
                ]
            }
            Shell::Zsh => {
                paths.extend([".zfunc/_vault", ".zsh/completions/_vault"].map(|path| self.home.join(path)));
                &[
                    "/usr/share/zsh/site-functions/_vault",
                    "/usr/share/zsh/vendor-completions/_vault",
                    "/usr/local/share/zsh/site-functions/_vault",
                ]
            }
            Shell::Fish => {
                paths.push(self.data.join("fish/vendor_completions.d/vault.fish"));
                &[
                    "/usr/share/fish/vendor_completions.d/vault.fish",
                    "/usr/share/fish/completions/vault.fish",
                    "/usr/local/share/fish/vendor_completions.d/vault.fish",
                ]
            }
        };
        paths.extend(system.iter().map(PathBuf::from));
        paths
    }

    /// Returns a path as a word that the user can type, with `~` for the home directory.
    #[must_use]
    pub fn typed(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) => format!("~/{}", shell_word(rest)),
            Err(_) => shell_word(path),
        }
    }
}

/// Returns whether a completion script belongs to this program. HashiCorp's program has the same name.
#[must_use]
pub fn is_completion_of_vault(script: &[u8]) -> bool {
    memchr::memmem::find(script, Variable::Complete.name().as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_recognized_by_its_program_name_even_as_a_login_shell() {
        assert_eq!(Shell::named(Path::new("/usr/bin/zsh")), Some(Shell::Zsh));
        assert_eq!(Shell::named(Path::new("-bash")), Some(Shell::Bash));
        assert_eq!(Shell::named(Path::new("/bin/sh")), None);
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            assert_eq!(Shell::named(Path::new(shell.name())), Some(shell));
        }
    }

    #[test]
    fn system_directories_and_directories_from_variables_are_searched_too() {
        let usual = ShellPlaces::in_home(PathBuf::from("/home/mia"));
        let moved = ShellPlaces {
            configuration: PathBuf::from("/c"),
            data: PathBuf::from("/d"),
            zsh: Some(PathBuf::from("/z")),
            bash_completion: vec![PathBuf::from("/b"), PathBuf::from("/d/bash-completion")],
            ..usual.clone()
        };
        for places in [&usual, &moved] {
            for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
                assert!(places.completions(shell).contains(&places.completion(shell)), "{shell:?}");
                assert!(places.start_files(shell).contains(&places.start_file(shell)), "{shell:?}");
            }
        }
        let files = [Shell::Bash, Shell::Zsh, Shell::Fish].map(|shell| moved.typed(&moved.start_file(shell)));
        assert_eq!(files, ["~/.bashrc", "/z/.zshrc", "/c/fish/config.fish"]);
        assert_eq!(usual.typed(Path::new("/home/mia/my files/.zshrc")), "~/'my files/.zshrc'");
        assert!(!moved.start_files(Shell::Zsh).contains(&PathBuf::from("/home/mia/.zshrc")), "zsh doesn't read it");
    }
}

//! `vault completions --install`: writes the script where the shell looks for the completions of vault.

use super::Shell;
use crate::cli::process::programs;
use crate::cli::showing::ui::Ui;
use rustix::fs::{Access, access};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use vault::path::{parent, shell_word};
use vault::settings;
use vault::settings::programs::find;
use vault::settings::shells::{self, ShellPlaces, is_completion_of_vault};
use vault::{Error, Result};

/// Returns the shell that started this program, or else the user's login shell.
///
/// # Errors
/// If neither is a known shell.
pub fn shell_in_use() -> Result<Shell> {
    let parent = rustix::process::getppid().map(|parent| format!("/proc/{}/comm", parent.as_raw_nonzero()));
    let parent = parent.and_then(|path| std::fs::read_to_string(path).ok());
    let login = settings::login_shell();
    let named = |name: &str| shells::Shell::named(Path::new(name.trim()));
    let known = parent.as_deref().and_then(named).or_else(|| login.as_deref().and_then(shells::Shell::named));
    known.map(Shell::from).ok_or_else(|| {
        Error::usage("can't tell which shell you use").hint("name it: vault completions bash --install, or zsh or fish")
    })
}

/// Writes the script. Says where it is, and what is left to do.
///
/// # Errors
/// If the shell has no such place, another program's script is there, or the file can't be written.
pub fn install(shell: Shell, script: &[u8], ui: Ui) -> Result<()> {
    let place = Place::for_shell(shell)?;
    let path = &place.path;
    let present = std::fs::read(path).ok();
    if present.as_deref().is_some_and(|present| !is_completion_of_vault(present)) {
        return Err(Error::failed(format!("{} is the completion of another program called vault", path.display()))
            .hint("remove it first, or load the script in another way: vault completions --help"));
    }
    if present.as_deref() == Some(script) {
        ui.done(&format!("{} is up to date.", path.display()));
    } else {
        write(path, script)?;
        let whose = if place.is_shared { "new shells of every user load it" } else { "new shells load it" };
        ui.done(&format!("Installed {}; {whose}.", path.display()));
    }
    place.hint.iter().for_each(|lines| ui.hint_lines(lines));
    Ok(())
}

fn write(path: &Path, script: &[u8]) -> Result<()> {
    let directory = parent(path);
    std::fs::create_dir_all(directory).map_err(|error| Error::io("create", directory, &error))?;
    // If the file is a link to a dotfile kept elsewhere, it stays a link.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    vault::fs::write_private(&target, script)?;
    // The script is no secret, and the directory may be for all users.
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&target, readable).map_err(|error| Error::io("write", &target, &error))
}

/// Where a shell looks for completions, and what the user has to do first.
struct Place {
    path: PathBuf,
    hint: Option<Vec<String>>,
    /// Whether other users' shells look there, too.
    is_shared: bool,
}

impl Place {
    fn for_shell(shell: Shell) -> Result<Self> {
        let shell = match shell {
            Shell::Bash => shells::Shell::Bash,
            Shell::Zsh => shells::Shell::Zsh,
            Shell::Fish => shells::Shell::Fish,
            Shell::Powershell | Shell::Elvish => {
                return Err(Error::usage("--install is for bash, zsh and fish")
                    .hint("load what is printed without it from your profile"));
            }
        };
        let places = ShellPlaces::of_user()
            .ok_or_else(|| Error::failed("there is no home directory to install the completion in").hint("set HOME"))?;
        let path = places.completion(shell);
        Ok(match shell {
            shells::Shell::Bash => Self::of_bash(path, &places),
            shells::Shell::Zsh => Self::of_zsh(path, &places),
            shells::Shell::Fish => Self { path, hint: None, is_shared: false },
        })
    }

    /// bash-completion loads a file with the command's name when it is first needed.
    fn of_bash(path: PathBuf, places: &ShellPlaces) -> Self {
        let is_loaded = BASH_COMPLETION.iter().any(|path| Path::new(path).exists());
        let hint = (!is_loaded).then(|| {
            let (line, file) = (format!("  . {}", shell_word(&path)), start_file(shells::Shell::Bash, places));
            vec![format!("install bash-completion, which loads it, or add this line to {file}:"), line]
        });
        Self { path, hint, is_shared: false }
    }

    /// Chooses a writable directory of fpath, as zsh reports it before it reads its configuration for terminals. If
    /// there is none, the user has to add one. Root can write everywhere, but only root's own directories are used for
    /// root.
    fn of_zsh(path: PathBuf, places: &ShellPlaces) -> Self {
        let home = settings::home();
        let usable = |path: &&PathBuf| path.is_dir() && access(path.as_path(), Access::WRITE_OK).is_ok();
        let searched = searched_by_zsh();
        let is_own = |path: &&PathBuf| home.as_ref().is_some_and(|home| path.starts_with(home)) && usable(path);
        let is_open = |path: &&PathBuf| !rustix::process::geteuid().is_root() && usable(path);
        let found = searched.iter().find(is_own).map(|own| (own, false));
        if let Some((found, is_shared)) = found.or_else(|| searched.iter().find(is_open).map(|open| (open, true))) {
            return Self { path: found.join("_vault"), hint: None, is_shared };
        }
        let settings = std::fs::read_to_string(places.start_file(shells::Shell::Zsh)).unwrap_or_default();
        let is_added = settings.lines().any(|line| line.contains("fpath") && line.contains("zsh/site-functions"));
        let hint = (!is_added).then(|| {
            let line = format!("  fpath=({} $fpath)", shell_word(parent(&path)));
            let file = start_file(shells::Shell::Zsh, places);
            vec![format!("add this line to {file}, above the one with compinit:"), line]
        });
        Self { path, hint, is_shared: false }
    }
}

/// Where packages install bash-completion.
const BASH_COMPLETION: [&str; 5] = [
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/opt/local/share/bash-completion/bash_completion",
    "/run/current-system/sw/share/bash-completion/bash_completion",
];

/// Asks zsh for fpath. For this zsh only runs what it always runs: /etc/zshenv and the user's .zshenv.
pub fn searched_by_zsh() -> Vec<PathBuf> {
    const LIMIT: usize = 64 * 1024;
    let Some(zsh) = find("zsh") else { return Vec::new() };
    let mut command = programs::without_keys(zsh);
    command.args(["-c", "print -rN -- $fpath"]).stdin(Stdio::null()).stderr(Stdio::null());
    let Ok((_, printed)) = programs::printed(command, LIMIT) else { return Vec::new() };
    let paths = printed.split(|byte| *byte == 0).map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
    paths.filter(|path| path.is_absolute()).collect()
}

fn start_file(shell: shells::Shell, places: &ShellPlaces) -> String {
    places.typed(&places.start_file(shell))
}

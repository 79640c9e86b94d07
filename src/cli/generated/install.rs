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
use vault::settings::{self, Variable};
use vault::{Error, Result};

/// Returns the shell that started this program, or else the user's login shell.
///
/// # Errors
/// If neither is a known shell.
pub fn shell_in_use() -> Result<Shell> {
    let parent = rustix::process::getppid().map(|parent| format!("/proc/{}/comm", parent.as_raw_nonzero()));
    let parent = parent.and_then(|path| std::fs::read_to_string(path).ok());
    let login = Variable::Shell.filled().map(PathBuf::from);
    let login = login.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    let named = |name: &str| match name.trim().trim_start_matches('-') {
        "bash" => Some(Shell::Bash),
        "zsh" => Some(Shell::Zsh),
        "fish" => Some(Shell::Fish),
        _ => None,
    };
    parent.as_deref().and_then(named).or_else(|| login.and_then(named)).ok_or_else(|| {
        Error::usage("can't tell which shell you use").hint("name it: vault completions bash --install, or zsh or fish")
    })
}

/// Writes the script. Says where it is, and what is left to do.
///
/// # Errors
/// If the shell has no such place, another program's script is there, or the file can't be written.
pub fn install(shell: Shell, script: &[u8], ui: Ui) -> Result<()> {
    let place = Place::of(shell)?;
    let path = &place.path;
    let present = std::fs::read(path).ok();
    if present.as_deref().is_some_and(|present| !is_ours(present)) {
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

/// Returns whether a script belongs to this program. HashiCorp's program has the same name.
fn is_ours(script: &[u8]) -> bool {
    memchr::memmem::find(script, Variable::Complete.name().as_bytes()).is_some()
}

fn write(path: &Path, script: &[u8]) -> Result<()> {
    let directory = vault::path::parent(path);
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
    fn of(shell: Shell) -> Result<Self> {
        match shell {
            Shell::Bash => Self::of_bash(),
            Shell::Zsh => Self::of_zsh(),
            Shell::Fish => {
                let path = directory(Variable::ConfigHome, ".config")?.join("fish/completions/vault.fish");
                Ok(Self { path, hint: None, is_shared: false })
            }
            Shell::Powershell | Shell::Elvish => Err(Error::usage("--install is for bash, zsh and fish")
                .hint("load what is printed without it from your profile")),
        }
    }

    /// bash-completion loads a file with the command's name when it is first needed.
    fn of_bash() -> Result<Self> {
        let own = Variable::BashCompletion.filled().map(PathBuf::from).filter(|path| path.is_absolute());
        let own = own.map_or_else(|| Ok(directory(Variable::DataHome, ".local/share")?.join("bash-completion")), Ok);
        let path = own?.join("completions/vault");
        let is_loaded = BASH_COMPLETION.iter().any(|path| Path::new(path).exists());
        let hint = (!is_loaded).then(|| {
            let line = format!("  . {}", quoted(&path));
            vec!["install bash-completion, which loads it, or add this line to ~/.bashrc:".to_owned(), line]
        });
        Ok(Self { path, hint, is_shared: false })
    }

    /// Chooses a writable directory of fpath, as zsh reports it before it reads its configuration for terminals. If
    /// there is none, the user has to add one. Root can write everywhere, but only root's own directories are used for
    /// root.
    fn of_zsh() -> Result<Self> {
        let home = settings::home();
        let usable = |path: &&PathBuf| path.is_dir() && access(path.as_path(), Access::WRITE_OK).is_ok();
        let searched = searched_by_zsh();
        let is_own = |path: &&PathBuf| home.as_ref().is_some_and(|home| path.starts_with(home)) && usable(path);
        let is_open = |path: &&PathBuf| !rustix::process::geteuid().is_root() && usable(path);
        let found = searched.iter().find(is_own).map(|own| (own, false));
        if let Some((found, is_shared)) = found.or_else(|| searched.iter().find(is_open).map(|open| (open, true))) {
            return Ok(Self { path: found.join("_vault"), hint: None, is_shared });
        }
        let own = directory(Variable::DataHome, ".local/share")?.join("zsh/site-functions");
        let settings = Variable::Zdotdir.filled().map(PathBuf::from).or(home).unwrap_or_default().join(".zshrc");
        let settings = std::fs::read_to_string(settings).unwrap_or_default();
        let is_added = settings.lines().any(|line| line.contains("fpath") && line.contains("zsh/site-functions"));
        let hint = (!is_added).then(|| {
            let line = format!("  fpath=({} $fpath)", quoted(&own));
            vec!["add this line to ~/.zshrc, above the one with compinit:".to_owned(), line]
        });
        Ok(Self { path: own.join("_vault"), hint, is_shared: false })
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
fn searched_by_zsh() -> Vec<PathBuf> {
    const LIMIT: usize = 64 * 1024;
    let Some(zsh) = programs::find("zsh") else { return Vec::new() };
    let mut command = programs::without_keys(zsh);
    command.args(["-c", "print -rN -- $fpath"]).stdin(Stdio::null()).stderr(Stdio::null());
    let Ok((_, printed)) = programs::printed(command, LIMIT) else { return Vec::new() };
    let paths = printed.split(|byte| *byte == 0).map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
    paths.filter(|path| path.is_absolute()).collect()
}

/// Returns a directory of the XDG Base Directory Specification. The shells also use it on macOS.
fn directory(variable: Variable, usual: &str) -> Result<PathBuf> {
    let named = variable.filled().map(PathBuf::from).filter(|path| path.is_absolute());
    named
        .or_else(|| settings::home().map(|home| home.join(usual)))
        .ok_or_else(|| Error::failed("there is no home directory to install the completion in").hint("set HOME"))
}

/// Returns a path as a word of bash and zsh.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    match text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

//! Checks plaintext .env files next to the vault: whether git tracks them, and whether they hold values of the vault.

use super::Finding;
use super::values::is_telling;
use crate::error::{Hint, Remedy, SystemStep};
use crate::format::needs::is_example;
use crate::fs;
use crate::git::{Git, Ignored, work_trees_above};
use crate::item::Content;
use crate::name::EnvironmentName;
use crate::ordered::{InOrder as _, Ordered as _};
use crate::path::{parent, shell_word};
use crate::search::{IN_FILES, Searcher};
use crate::secret::SecretBytes;
use crate::words::plural;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const CHECK: &str = "plain-file";
/// The largest .env file that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
/// The most files that are checked.
const MOST: usize = 50;

/// The values that plain files are searched for.
pub struct PlainFiles {
    /// Each value, with the index of its environment.
    values: Vec<(usize, SecretBytes)>,
    environments: Vec<EnvironmentName>,
    searcher: Searcher,
}

impl PlainFiles {
    /// Takes those values of these environments that are distinctive enough to search for.
    #[must_use]
    pub fn new(contents: &[(EnvironmentName, Content)]) -> Self {
        let mut values = Vec::new();
        for (environment, (_, content)) in contents.iter().enumerate() {
            let telling = content.items().values().filter(|item| is_telling(item));
            values.extend(telling.map(|item| (environment, item.current.value.clone())));
        }
        let searcher = Searcher::new(values.iter().map(|(_, value)| &**value), IN_FILES);
        let environments = contents.iter().map(|(name, _)| name.clone()).collect();
        Self { values, environments, searcher }
    }

    /// Returns how many different values a text contains, and, if there are several environments, the one with the most
    /// of them.
    fn held_by(&self, text: &[u8]) -> (usize, Option<&EnvironmentName>) {
        let found: BTreeSet<&[u8]> =
            self.searcher.search(text).iter().map(|found| &*self.values[found.value].1).ordered();
        let mut counts = vec![0; self.environments.len()];
        self.values.iter().filter(|(_, value)| found.contains(&**value)).for_each(|(index, _)| counts[*index] += 1);
        let most = counts.iter().max().and_then(|most| counts.iter().position(|count| count == most));
        let environment = most.filter(|_| self.environments.len() > 1).map(|most| &self.environments[most]);
        (found.len(), environment)
    }
}

/// Checks the .env files in the directory of a vault. Without `values`, their content is not searched.
#[must_use]
pub fn plain_files(vault: &Path, values: Option<&PlainFiles>) -> Vec<Finding> {
    let directory = parent(vault);
    let files = env_files(directory);
    if files.is_empty() {
        return Vec::new();
    }
    let git = work_trees_above(directory).next().map(|_| Git::at(directory));
    let ignored = git.as_ref().and_then(|git| git.ignored().ok());
    files.iter().map(|file| of_file(file, values, git.as_ref(), ignored.as_ref())).collect()
}

/// Returns the regular files with the usual names of .env files, sorted. Example files are left out: they belong in
/// git.
fn env_files(directory: &Path) -> Vec<PathBuf> {
    let is_env = |name: &[u8]| name == b".env" || name.starts_with(b".env.") || name.ends_with(b".env");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_plain = is_env(name.as_bytes()) && !is_example(&name.to_string_lossy());
        if is_plain && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            files.push(entry.path());
        }
    }
    files.order();
    files.truncate(MOST);
    files
}

fn of_file(path: &Path, values: Option<&PlainFiles>, git: Option<&Git>, ignored: Option<&Ignored>) -> Finding {
    let file_name = path.file_name().unwrap_or(path.as_os_str());
    let (name, word) = (file_name.to_string_lossy().into_owned(), shell_word(&typed(path)));
    if git.is_some_and(|git| git.tracks(file_name)) {
        let what = "git tracks this plain file: everybody with a clone can read it";
        return Finding::fix(CHECK, name, what).command(SystemStep::Untrack(typed(path)));
    }
    let (held, environment) = match (values, fs::read(path, LONGEST)) {
        (Some(values), Ok((text, _))) => values.held_by(&text),
        _ => (0, None),
    };
    let import = Remedy::ImportAndDelete(word, environment.map(ToString::to_string));
    if held > 0 {
        let what = format!("contains {} of the vault in plain text", plural(held, "value"));
        return Finding::fix(CHECK, name, what).command(import);
    }
    let is_ignored = ignored.is_none_or(|ignored| ignored.is_whole() || ignored.contains(Path::new(file_name)));
    if !is_ignored {
        let what = "git does not ignore this plain file: the next git add includes it";
        let list = typed(&path.with_file_name(".gitignore"));
        return Finding::fix(CHECK, name, what).command(match ignoring(file_name) {
            Some(line) => SystemStep::Ignore(line, list).into(),
            None => Hint::from(import),
        });
    }
    let what = if values.is_some() { "a plain file without values from the vault" } else { "a plain file" };
    Finding::note(CHECK, name, what).command(import)
}

/// Returns the .gitignore line for just this file; `None` if a shell or git would interpret its name.
fn ignoring(file_name: &OsStr) -> Option<String> {
    let name = file_name.to_str()?;
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:@%+=".contains(c);
    name.chars().all(is_plain).then(|| format!("/{name}"))
}

/// Returns the path as a user would type it: the name alone if the file is in the current directory.
fn typed(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let directory = std::fs::canonicalize(parent(path)).ok();
    match (path.file_name(), here.is_some() && here == directory) {
        (Some(name), true) => PathBuf::from(name),
        _ => path.to_owned(),
    }
}

//! Plain .env files beside the vault: whether git has them, and whether they hold what the vault holds.

use super::values::is_telling;
use super::{Finding, count};
use crate::error::Remedy;
use crate::format::needs::is_example;
use crate::fs;
use crate::git::{Git, Ignored, work_trees_above};
use crate::item::Content;
use crate::name::EnvironmentName;
use crate::path::{parent, shell_word};
use crate::search::{IN_FILES, Searcher};
use crate::secret::SecretBytes;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const CHECK: &str = "plain-file";
/// A .env file is shorter, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
/// Nobody has as many.
const MOST: usize = 50;

/// What plain files are compared with.
pub struct PlainFiles {
    values: Vec<SecretBytes>,
    searcher: Searcher,
}

impl PlainFiles {
    /// The values of these environments that say something by being somewhere.
    #[must_use]
    pub fn new(contents: &[(EnvironmentName, Content)]) -> Self {
        let items = contents.iter().flat_map(|(_, content)| content.items().values());
        let values: Vec<SecretBytes> =
            items.filter(|item| is_telling(item)).map(|item| item.current.value.clone()).collect();
        let searcher = Searcher::new(values.iter().map(|value| &**value), IN_FILES);
        Self { values, searcher }
    }

    /// How many different values stand in a text.
    fn count_in(&self, text: &[u8]) -> usize {
        let found: BTreeSet<&[u8]> =
            self.searcher.search(text).iter().map(|found| &*self.values[found.value]).collect();
        found.len()
    }
}

/// The .env files in the directory of a vault. Without `values`, what is in them is not looked at.
#[must_use]
pub fn plain_files(vault: &Path, values: Option<&PlainFiles>) -> Vec<Finding> {
    let directory = parent(vault);
    let files = beside(directory);
    if files.is_empty() {
        return Vec::new();
    }
    let git = work_trees_above(directory).next().map(|_| Git::at(directory));
    let ignored = git.as_ref().and_then(|git| git.ignored().ok());
    files.iter().map(|file| of_file(file, values, git.as_ref(), ignored.as_ref())).collect()
}

/// Regular files that are named as people name such files, sorted; not the examples that belong into git.
fn beside(directory: &Path) -> Vec<PathBuf> {
    let is_env = |name: &str| name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_plain = name.to_str().is_some_and(|name| is_env(name) && !is_example(name));
        if is_plain && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(MOST);
    files
}

fn of_file(path: &Path, values: Option<&PlainFiles>, git: Option<&Git>, ignored: Option<&Ignored>) -> Finding {
    let file_name = path.file_name().unwrap_or(path.as_os_str());
    let (name, word) = (file_name.to_string_lossy().into_owned(), shell_word(&typed(path)));
    if git.is_some_and(|git| git.tracks(file_name)) {
        let what = "git tracks this plain file: everybody with a clone has what is in it";
        return Finding::fix(CHECK, name, what).command(format!("git rm --cached {word}"));
    }
    let held = match (values, fs::read(path, LONGEST)) {
        (Some(values), Ok((text, _))) => values.count_in(&text),
        _ => 0,
    };
    if held > 0 {
        let what = format!("holds {} of the vault in plain text", count(held, "value"));
        return Finding::fix(CHECK, name, what).command(Remedy::Scan(word));
    }
    let is_ignored = ignored.is_none_or(|ignored| ignored.is_whole() || ignored.contains(Path::new(file_name)));
    if !is_ignored {
        let what = "git does not ignore this plain file: the next git add takes it";
        let (line, list) = (Path::new("/").join(file_name), typed(&path.with_file_name(".gitignore")));
        let command = format!("echo {} >> {}", shell_word(&line), shell_word(&list));
        return Finding::fix(CHECK, name, what).command(command);
    }
    let what = if values.is_some() { "a plain file without a value of the vault" } else { "a plain file" };
    Finding::note(CHECK, name, what).command(Remedy::ImportToTry(word))
}

/// A path as it is typed here: its name alone, if this is its directory.
fn typed(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let directory = std::fs::canonicalize(parent(path)).ok();
    match (path.file_name(), here.is_some() && here == directory) {
        (Some(name), true) => PathBuf::from(name),
        _ => path.to_owned(),
    }
}

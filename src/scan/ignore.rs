//! Leaves files out of a scan by rules in `.vaultignore`, with the syntax of `.gitignore`.
//!
//! git itself can't be asked: it applies such rules only in a repository, and only to files that it doesn't track.

mod rule;

use crate::error::{Error, Result};
use rule::Rule;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The name of the file with the rules, in the top directory of a work tree.
pub const IGNORE_FILE: &str = ".vaultignore";
const MOST: u64 = 1024 * 1024;

/// A list of rules. The paths of a rule are relative to its directory. The last rule that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

impl Ignore {
    /// Adds one rule for the paths below a directory.
    ///
    /// # Errors
    /// A usage error if the line is not a pattern.
    pub fn add(&mut self, base: &Path, line: &str) -> Result<()> {
        match Rule::parse(base, line) {
            Ok(rule) => self.rules.extend(rule),
            Err(why) => {
                return Err(Error::usage(format!("{line} is not a pattern: {why}"))
                    .hint("patterns are as in .gitignore: *.lock, fixtures/, !one.lock"));
            }
        }
        Ok(())
    }

    /// Adds the rules of the `.vaultignore` file in a directory, if there is one.
    ///
    /// # Errors
    /// If the file can't be read, or if one of its lines is not a pattern; the lines before that one are added.
    pub fn read(&mut self, base: &Path) -> Result<()> {
        let path = base.join(IGNORE_FILE);
        let text = match read_text(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|error| Error::io("read", &path, &error))?,
        };
        for (number, line) in text.lines().enumerate() {
            self.add(base, line).map_err(|error| {
                Error::failed(format!("{}:{}: {error}", path.display(), number + 1))
                    .hint("patterns are as in .gitignore: *.lock, fixtures/, !one.lock")
            })?;
        }
        Ok(())
    }

    /// Returns whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Appends the rules of another list.
    #[must_use]
    pub fn followed_by(mut self, others: &Self) -> Self {
        self.rules.extend(others.rules.iter().cloned());
        self
    }

    /// Returns whether a rule leaves out this path, whose links must be resolved. A directory that is left out takes
    /// its content with it, so callers ask about directories first.
    #[must_use]
    pub fn leaves_out(&self, path: &Path, is_directory: bool) -> bool {
        self.says(path, is_directory).unwrap_or(false)
    }

    /// Returns what the last matching rule says; `None` if no rule matches.
    pub(super) fn says(&self, path: &Path, is_directory: bool) -> Option<bool> {
        let rule = self.rules.iter().rev().find(|rule| rule.fits(path, is_directory));
        rule.map(|rule| !rule.is_negated)
    }

    /// Returns whether a rule leaves out this file in `top`, or one of the directories that contain it.
    #[must_use]
    pub fn leaves_out_file(&self, top: &Path, file: &Path) -> bool {
        let mut directories: Vec<&Path> =
            file.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).collect();
        directories.reverse();
        directories.into_iter().any(|directory| self.leaves_out(&top.join(directory), true))
            || self.leaves_out(&top.join(file), false)
    }
}

/// Reads the file with care, because a file in a checkout may be anything: a FIFO would block, and a link may lead
/// elsewhere.
fn read_text(path: &Path) -> io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(format!("it is larger than {} MiB", MOST >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const GIT: &str = "git";
    const PATTERNS: [&str; 24] = [
        "*.lock",
        "# comment",
        "",
        "build/",
        "/top.txt",
        "docs/*.md",
        "**/deep/x",
        "a/**/z",
        "a/**",
        "!keep.lock",
        "te?t",
        "[ab].c",
        "[!ab].h",
        "[^ab].i",
        r"\#hash",
        r"\!bang",
        r"star\*",
        "foo**bar",
        "space ",
        r"kept\ ",
        "/dir/",
        "**",
        "!*/",
        "[]x].j",
    ];
    const PATHS: [&str; 30] = [
        "x.lock",
        "d/x.lock",
        "keep.lock",
        "build/a",
        "d/build/a",
        "build.txt",
        "top.txt",
        "d/top.txt",
        "docs/a.md",
        "docs/d/a.md",
        "d/docs/a.md",
        "deep/x",
        "d/e/deep/x",
        "a/z",
        "a/b/z",
        "a/b/c/z",
        "test",
        "te/t",
        "a.c",
        "c.c",
        "a.h",
        "c.h",
        "a.i",
        "c.i",
        "#hash",
        "!bang",
        "star*",
        "starx",
        "foo-bar",
        "].j",
    ];

    /// Returns which of `PATHS` git ignores by the same rules.
    fn by_git(root: &Path, rules: &[&str]) -> Vec<String> {
        std::fs::write(root.join(".gitignore"), rules.join("\n")).unwrap();
        std::fs::write(root.join(".git/paths"), PATHS.join("\0")).unwrap();
        let mut git = Command::new(GIT);
        git.args(["-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin"]);
        let output = git.current_dir(root).stdin(File::open(root.join(".git/paths")).unwrap()).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
        let listed = String::from_utf8(output.stdout).unwrap();
        listed.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn every_rule_excludes_what_git_excludes() {
        let root = tempfile::tempdir().unwrap();
        let Ok(init) = Command::new(GIT).arg("init").arg("-q").arg(root.path()).status() else { return };
        assert!(init.success());
        for path in PATHS {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut left_out = 0;
        let one_by_one = PATTERNS.iter().map(|one| vec![*one]);
        for rules in one_by_one.chain([PATTERNS[..21].to_vec(), vec!["*", "!*.lock", "!d/"], vec!["/a/**", "!/a/b/"]]) {
            let mut ignore = Ignore::default();
            rules.iter().for_each(|rule| ignore.add(root.path(), rule).unwrap());
            let ours: Vec<_> =
                PATHS.into_iter().filter(|path| ignore.leaves_out_file(root.path(), Path::new(path))).collect();
            assert_eq!(ours, by_git(root.path(), &rules), "{rules:?}");
            left_out += ours.len();
        }
        assert!(left_out > 60, "{left_out}");
    }

    #[test]
    fn an_invalid_rules_file_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let mut ignore = Ignore::default();
        ignore.read(root.path()).unwrap();
        let path = root.path().join(IGNORE_FILE);
        std::fs::write(&path, "*.lock\n[a\n").unwrap();
        let error = ignore.read(root.path()).unwrap_err();
        assert!(error.to_string().contains(".vaultignore:2: [a is not a pattern"), "{error}");
        assert!(ignore.leaves_out(&root.path().join("x.lock"), false));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        ignore.read(root.path()).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(ignore.read(root.path()).unwrap_err().to_string().contains("it is not a file"));
    }
}

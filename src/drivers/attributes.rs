//! The line in .gitattributes that names the drivers for a vault's file.

use crate::error::{Error, Result};
use crate::vault::DEFAULT_NAME;
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The drivers, and no conversion of line endings: a checkout with converted ones would look changed to git.
pub const DRIVERS: &str = "merge=vault diff=vault -text";
/// The attributes, and the value that git must report for each.
pub const EXPECTED: [(&str, &str); 3] = [("merge", "vault"), ("diff", "vault"), ("text", "unset")];
/// The attributes that make git commit other content than the file has, or write other content to the work tree.
pub const CONVERSIONS: [&str; 3] = ["working-tree-encoding", "filter", "ident"];

/// The content of a .gitattributes file.
pub struct Attributes {
    path: PathBuf,
    text: Vec<u8>,
    is_there: bool,
}

impl Attributes {
    /// Reads the file in a directory; it need not exist.
    ///
    /// # Errors
    /// If something other than a file has the name, or the file can't be read.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(".gitattributes");
        let error = |error: &std::io::Error| Error::io("read", &path, error);
        match path.symlink_metadata() {
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path, text: Vec::new(), is_there: false });
            }
            Err(other) => return Err(error(&other)),
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                return Err(Error::failed(format!(
                    "{} is not a file, and git doesn't follow links there",
                    path.display()
                ))
                .hint("replace it with a file"));
            }
        }
        let text = std::fs::read(&path).map_err(|other| error(&other))?;
        Ok(Self { path, text, is_there: true })
    }

    /// Returns whether the file has this line.
    #[must_use]
    pub fn has(&self, line: &str) -> bool {
        self.lines().any(|known| known == line.as_bytes())
    }

    /// Returns whether a line of the file names vault's merge driver, for any files.
    #[must_use]
    pub(crate) fn names_driver(&self) -> bool {
        self.lines().any(|line| line.split(u8::is_ascii_whitespace).skip(1).any(|word| word == b"merge=vault"))
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end)
    }

    /// Appends the line, because later lines override earlier ones. A file without a final newline stays without one,
    /// so that [`Attributes::remove`] restores exactly what was there.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn add(&self, line: &str) -> Result<()> {
        let is_whole = self.text.is_empty() || self.text.ends_with(b"\n");
        let added = if is_whole { format!("{line}\n") } else { format!("\n{line}") };
        let file = std::fs::File::options().create(true).append(true).open(&self.path);
        file.and_then(|mut file| file.write_all(added.as_bytes()))
            .map_err(|error| Error::io("write", &self.path, &error))
    }

    /// Removes the line. A file with nothing else in it is deleted.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn remove(&self, line: &str) -> Result<()> {
        let failed = |error: std::io::Error| Error::io("write", &self.path, &error);
        match without(&self.text, line.as_bytes()) {
            rest if rest.is_empty() && self.is_there => std::fs::remove_file(&self.path).map_err(failed),
            rest => std::fs::write(&self.path, rest).map_err(failed),
        }
    }
}

fn without(text: &[u8], line: &[u8]) -> Vec<u8> {
    let mut rest: Vec<u8> = Vec::with_capacity(text.len());
    for known in text.split_inclusive(|byte| *byte == b'\n') {
        if known.trim_ascii_end() != line {
            rest.extend_from_slice(known);
        } else if !known.ends_with(b"\n") {
            // The newline before it was added together with the line.
            rest.pop();
        }
    }
    rest
}

/// Returns the line for a vault at this path, relative to the top of the work tree. A vault with the default name
/// gets a line that covers every vault with that name.
///
/// # Errors
/// A usage error for a path that .gitattributes can't hold.
pub fn line(path: &Path) -> Result<String> {
    if path.file_name() == Some(OsStr::new(DEFAULT_NAME)) {
        return Ok(format!("{DEFAULT_NAME} {DRIVERS}"));
    }
    Ok(format!("{} {DRIVERS}", pattern(path)?))
}

/// Returns the pattern that matches only this path (gitattributes(5)). Characters with a meaning in patterns are
/// escaped, and a pattern with spaces or quotes is written as a C string.
fn pattern(path: &Path) -> Result<String> {
    let unfit = || {
        Error::usage(format!("{} can't be written in .gitattributes", path.display()))
            .hint("give the vault a name of printable characters")
    };
    let text = std::str::from_utf8(path.as_os_str().as_bytes()).map_err(|_| unfit())?;
    if text.chars().any(char::is_control) {
        return Err(unfit());
    }
    let mut pattern = "/".to_owned();
    for c in text.chars() {
        if ['*', '?', '[', '\\'].contains(&c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if !pattern.contains([' ', '"']) {
        return Ok(pattern);
    }
    Ok(format!("\"{}\"", pattern.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_one_path() {
        let line = |path: &str| line(Path::new(path)).unwrap();
        assert_eq!(line("sub/secrets.vault"), format!("secrets.vault {DRIVERS}"));
        assert_eq!(line("conf/prod.vault"), format!("/conf/prod.vault {DRIVERS}"));
        assert_eq!(line("a b/[x]*.vault"), format!("\"/a b/\\\\[x]\\\\*.vault\" {DRIVERS}"));
        assert!(super::line(Path::new("a\nb.vault")).is_err());
    }

    #[test]
    fn the_original_file_is_restored_byte_for_byte() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".gitattributes");
        let line = "secrets.vault merge=vault diff=vault -text";
        for before in ["* text=auto\n", "* text=auto", "a b\r\n", "\n\n"] {
            std::fs::write(&path, before).unwrap();
            Attributes::read(directory.path()).unwrap().add(line).unwrap();
            let with = Attributes::read(directory.path()).unwrap();
            assert!(with.has(line) && with.names_driver(), "{before:?}");
            with.remove(line).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        }
        std::fs::remove_file(&path).unwrap();
        Attributes::read(directory.path()).unwrap().add(line).unwrap();
        Attributes::read(directory.path()).unwrap().remove(line).unwrap();
        assert!(!path.exists());
        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        assert!(Attributes::read(directory.path()).is_err());
    }
}

//! Paths as text. These functions never access the disk.

use crate::redact::steers;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// Returns a path as a word for a shell, quoted if the shell would change it. A path that starts with a hyphen gets
/// `./` in front, so that it is not an option. Bytes that are not text, or that control a terminal, are written as in
/// `$'\033'`.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let here = if bytes.starts_with(b"-") { "./" } else { "" };
    let Some(text) = path.to_str().filter(|text| !text.contains(steers)) else {
        return format!("$'{here}{}'", escaped(bytes));
    };
    let text = format!("{here}{text}");
    let is_plain = |c: char| c.is_alphanumeric() || "_-./,:@%+=".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Writes bytes in octal: an escape ends after three digits, whatever follows (POSIX.1-2024, 2.2.4).
fn escaped(bytes: &[u8]) -> String {
    let mut escaped = String::new();
    let octal = |bytes: &[u8], out: &mut String| bytes.iter().for_each(|byte| _ = write!(out, "\\{byte:03o}"));
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => escaped.extend(['\\', c]),
                _ if steers(c) => octal(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut escaped),
                _ => escaped.push(c),
            }
        }
        octal(chunk.invalid(), &mut escaped);
    }
    escaped
}

/// Returns the directory that contains a path.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes `.` and `..` from an absolute path, without looking at the disk.
#[must_use]
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn dots_are_removed_without_looking_at_the_file_system() {
    assert_eq!(without_dots(Path::new("/a/./b/../c/secrets.vault")), Path::new("/a/c/secrets.vault"));
    assert_eq!(without_dots(Path::new("/../a")), Path::new("/a"));
}

#[test]
fn a_word_is_quoted_where_a_shell_would_change_it() {
    assert_eq!(shell_word(Path::new("a/b.env")), "a/b.env");
    assert_eq!(shell_word(Path::new("it's $A")), "'it'\\''s $A'");
    assert_eq!(shell_word(Path::new("-x")), "./-x");
    assert_eq!(shell_word(Path::new("-x y")), "'./-x y'");
    assert_eq!(shell_word(Path::new("")), "''");
    assert_eq!(shell_word(Path::new("a\x1b[2J\n'\\é")), "$'a\\033[2J\\012\\'\\\\é'");
    assert_eq!(shell_word(Path::new(std::ffi::OsStr::from_bytes(b"-\xff1"))), "$'./-\\3771'");
}

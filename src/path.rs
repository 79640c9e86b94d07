//! Paths as words: nothing is looked up.

use std::path::{Component, Path, PathBuf};

/// A path as a word for a shell: quoted where the shell would change it. One that begins with a hyphen is no option then.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if text.starts_with('-') { format!("./{text}").into() } else { text };
    let is_plain = |c: char| c.is_alphanumeric() || "_-./,:@%+=".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The directory a path is in.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An absolute path without `.` and `..`, by its words alone.
#[must_use]
pub fn without_dots(path: &Path) -> PathBuf {
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
fn dots_are_taken_out_by_words() {
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
}

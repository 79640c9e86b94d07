//! The line that a shell asks to complete, as it was typed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use vault::settings;

static LINE: OnceLock<Vec<OsString>> = OnceLock::new();

/// Sets the words of the line to complete, once.
pub fn set_line(words: Vec<OsString>) {
    let _ = LINE.set(words);
}

/// Returns the words of the line to complete, without the quotes that were typed.
pub fn line() -> &'static [OsString] {
    LINE.get().map(Vec::as_slice).unwrap_or_default()
}

/// Returns the words of vault's own command line, without a command after `--`.
pub fn own_words() -> impl Iterator<Item = &'static OsString> {
    line().iter().take_while(|word| *word != "--")
}

/// Returns the values that the line gives to an option, in order. bash passes `=` as a word.
pub fn values_of(names: &[&str]) -> Vec<OsString> {
    let mut values = Vec::new();
    let mut words = own_words().filter(|word| *word != "=");
    while let Some(word) = words.next() {
        if names.iter().any(|name| *word == **name) {
            values.extend(words.next().cloned());
        } else if let Some((name, value)) = word.to_str().and_then(|word| word.split_once('='))
            && names.contains(&name)
        {
            values.push(value.into());
        }
    }
    values
}

/// Returns the index of the word to complete. If the shell doesn't pass it, that is the last word.
pub fn index() -> usize {
    settings::completed_word().unwrap_or(line().len().saturating_sub(1))
}

/// Returns the word to complete, as far as it was typed.
pub fn current() -> String {
    line().get(index()).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Replaces a leading tilde by the home directory, because the shell has not expanded it yet.
pub fn from_home(path: OsString) -> PathBuf {
    let path = PathBuf::from(path);
    match (path.strip_prefix("~"), settings::home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

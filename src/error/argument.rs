//! What the steps in hints are about, as text.

use std::path::PathBuf;

/// A value that a step is about, as text.
pub(super) trait Argument {
    /// Returns the texts: one, none if it is left open, or several.
    fn texts(&self) -> Vec<String>;
}

impl Argument for String {
    fn texts(&self) -> Vec<String> {
        vec![self.clone()]
    }
}

impl Argument for &'static str {
    fn texts(&self) -> Vec<String> {
        vec![(*self).to_owned()]
    }
}

impl Argument for PathBuf {
    fn texts(&self) -> Vec<String> {
        vec![self.display().to_string()]
    }
}

impl<T: Argument> Argument for Option<T> {
    fn texts(&self) -> Vec<String> {
        self.as_ref().map_or_else(Vec::new, T::texts)
    }
}

impl Argument for Vec<String> {
    fn texts(&self) -> Vec<String> {
        self.clone()
    }
}

//! A variable that a file needs.

/// A variable that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The variable's name.
    pub name: String,
    /// The line of the variable, from 1.
    pub line: usize,
    /// Whether the variable is required, because the file gives no default as in `${NAME:-default}`.
    pub is_required: bool,
}

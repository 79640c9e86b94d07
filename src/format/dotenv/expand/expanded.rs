//! An expanded value, or why there is none.

use crate::error::{Error, Hint, Remedy};
use crate::format::dotenv::Dialect;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What to do with a reference that has no default and whose name no line above sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Unset {
    /// Keep it as written.
    Keep,
    /// Replace it by an empty string, as the readers do.
    Empty,
}

/// An expanded value.
pub(in crate::format) struct Expanded {
    pub(in crate::format) value: Zeroizing<String>,
    /// Whether a reference in it was kept as written.
    pub(in crate::format) is_kept: bool,
}

/// The values of the lines above, by name.
pub(super) type Known = BTreeMap<String, Zeroizing<String>>;

/// The largest expanded value, in bytes.
pub(super) const MAX_VALUE: usize = 1 << 20;
/// The largest sum of all expanded values of a file, in bytes.
pub(super) const MAX_TOTAL: usize = 64 << 20;
/// The deepest nesting of defaults.
pub(super) const MAX_DEPTH: usize = 64;

/// The reason why a value can't be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It needs a value that no line above sets.
    Missing,
    /// Its reader would refuse the whole file.
    Invalid,
    /// It nests too deeply, or has too many references.
    TooDeep,
    /// The value or the whole file would be too large.
    TooLarge,
}

impl Failure {
    /// Makes the error. It has no text from the file except the name: a default or a message may be a secret.
    pub(super) fn into_error(self, name: &str, dialect: Dialect) -> Error {
        let what = match self {
            Self::Missing => "needs a value that no line above sets".to_owned(),
            Self::Invalid => format!("holds a $ that makes {dialect} refuse the whole file"),
            Self::TooDeep => "holds references nested too deep, or too many".to_owned(),
            Self::TooLarge => {
                let (value, total) = (MAX_VALUE >> 20, MAX_TOTAL >> 20);
                format!("expands to more than {value} MiB, or makes the file expand to more than {total} MiB")
            }
        };
        let hint = match self {
            Self::Invalid => ("write $$ for a dollar sign, or name the dialect: ", Remedy::Dialect("NAME")).into(),
            Self::Missing | Self::TooDeep | Self::TooLarge => Hint::from("import without expanding: that keeps each $"),
        };
        Error::usage(format!("{name} {what}")).hint(hint)
    }
}

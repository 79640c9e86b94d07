//! The parts of an export format: the names it accepts, and how it writes an item.

use super::Item;
use crate::format::buffer::Buffer;
use crate::name::is_variable_name;

/// Why an item can't be represented, as words to follow its name. It never has the value.
pub(super) type Refusal = &'static str;

/// How a format writes items.
pub(super) trait Encoding {
    /// Returns which names the format accepts.
    fn names(&self) -> NameRule {
        NameRule::Variable
    }

    /// Writes the text before the first item.
    fn begin(&self, _out: &mut Buffer) {}

    /// Writes one item. If it is refused, the caller removes what it wrote to `out`.
    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal>;

    /// Writes the text after the last item.
    fn end(&self, _empty: bool, _out: &mut Buffer) {}
}

/// Which names a format accepts.
#[derive(Clone, Copy)]
pub(super) enum NameRule {
    /// Variable names: `[A-Za-z_][A-Za-z0-9_]*`.
    Variable,
    /// Any item name.
    Any,
}

impl NameRule {
    pub(super) fn check(self, name: &str) -> Result<(), Refusal> {
        match self {
            Self::Variable if !is_variable_name(name) => Err("not a variable name"),
            Self::Variable | Self::Any => Ok(()),
        }
    }
}

/// Returns the value as text without NUL, for formats of environment variables.
pub(super) fn text<'a>(item: &Item<'a>) -> Result<&'a str, Refusal> {
    let text = unicode(item)?;
    if text.contains('\0') { Err(HOLDS_NUL) } else { Ok(text) }
}

/// Returns the value as text.
pub(super) fn unicode<'a>(item: &Item<'a>) -> Result<&'a str, Refusal> {
    std::str::from_utf8(item.value).map_err(|_| "its value is not UTF-8")
}

/// The refusal for values with a NUL byte, which no variable can hold.
pub(super) const HOLDS_NUL: Refusal = "its value contains a NUL byte";

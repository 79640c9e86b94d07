//! What an export format has to say: which names it takes, and how an item is spelled.

use super::Item;
use crate::format::buffer::Buffer;
use crate::name::is_variable_name;

/// Why an item cannot be carried, in words that fit behind its name; never with the value.
pub(super) type Refusal = &'static str;

/// How a format spells items.
pub(super) trait Encoding {
    /// Which names it takes.
    fn names(&self) -> NameRule {
        NameRule::Variable
    }

    /// What stands before the first item.
    fn begin(&self, _out: &mut Buffer) {}

    /// One item. What a refused item has left in `out` is taken away again.
    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal>;

    /// What stands after the last item.
    fn end(&self, _empty: bool, _out: &mut Buffer) {}
}

/// Which names a format takes.
#[derive(Clone, Copy)]
pub(super) enum NameRule {
    /// Names of variables: `[A-Za-z_][A-Za-z0-9_]*`.
    Variable,
    /// Any name an item can have.
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

/// The value as text without NUL, for formats of environment variables.
pub(super) fn text<'a>(item: &Item<'a>) -> Result<&'a str, Refusal> {
    let text = unicode(item)?;
    if text.contains('\0') { Err(HOLDS_NUL) } else { Ok(text) }
}

/// The value as text.
pub(super) fn unicode<'a>(item: &Item<'a>) -> Result<&'a str, Refusal> {
    std::str::from_utf8(item.value).map_err(|_| "its value is not UTF-8")
}

/// The refusal of a value with a NUL byte, which no variable can hold.
pub(super) const HOLDS_NUL: Refusal = "its value holds a NUL byte";

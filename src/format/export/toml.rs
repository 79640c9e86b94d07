//! A TOML document of strings.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal, unicode};
use super::quoted::quoted;
use crate::format::buffer::Buffer;

pub(super) struct Toml;

impl Encoding for Toml {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        // A dot would nest a bare key. It is the only such character that a name can have.
        if item.name.contains('.') {
            quoted(item.name, out);
        } else {
            out.push(item.name);
        }
        out.push(" = ");
        quoted(unicode(item)?, out);
        out.push("\n");
        Ok(())
    }
}

//! Terraform's `terraform.tfvars`.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use super::quoted::inner;
use crate::format::buffer::Buffer;

pub(super) struct Tfvars;

impl Encoding for Tfvars {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        if RESERVED.contains(&item.name) {
            return Err("Terraform reserves that name");
        }
        let value = text(item)?;
        if value.chars().any(may_be_composed) {
            return Err("Terraform would normalize the accents or signs in its value");
        }
        out.push(item.name);
        out.push(" = \"");
        templates(value, out);
        out.push("\"\n");
        Ok(())
    }
}

/// Writes the string. `${` and `%{`, which begin a template, become `$${` and `%%{` (HCL native syntax, "Template
/// Expressions").
fn templates(value: &str, out: &mut Buffer) {
    let mut written = 0;
    for (brace, _) in value.match_indices('{') {
        let sign = value[..brace].ends_with(['$', '%']).then(|| &value[brace - 1..brace]);
        if let Some(sign) = sign {
            inner(&value[written..brace], out);
            out.push(sign);
            written = brace;
        }
    }
    inner(&value[written..], out);
}

/// Returns whether Terraform may change a character: it normalizes strings to NFC. Below U+0300, every character is in
/// that form already. Above, ranges that no normalization form changes are accepted, and every other character counts
/// as possibly changed.
fn may_be_composed(c: char) -> bool {
    !matches!(u32::from(c),
        0..=0x2ff
        | 0x400..=0x482 | 0x48a..=0x52f
        | 0x2010..=0x2027 | 0x2030..=0x205e | 0x20a0..=0x20bf
        | 0x2190..=0x21ff | 0x2500..=0x27bf
        | 0x3041..=0x3096 | 0x30a1..=0x30fa
        | 0x4e00..=0x9fff
        | 0x1f300..=0x1faff)
}

/// Names that a `variable` block can't have.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

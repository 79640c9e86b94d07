//! A Kubernetes Secret for `kubectl apply -f -`. Base64 carries any bytes.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal};
use super::yaml::key;
use crate::format::buffer::Buffer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

pub(super) struct K8s;

/// The longest key of a Secret, in bytes (a DNS subdomain's length).
const MAX_KEY: usize = 253;

impl Encoding for K8s {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn begin(&self, out: &mut Buffer) {
        out.push("apiVersion: v1\nkind: Secret\nmetadata:\n  name: vault\ntype: Opaque\ndata:");
    }

    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        if item.name.len() > MAX_KEY {
            return Err("Kubernetes takes at most 253 bytes of name");
        }
        out.push(if first { "\n  " } else { "  " });
        key(item.name, out);
        out.push(": \"");
        out.push(Zeroizing::new(STANDARD.encode(item.value)).as_bytes());
        out.push("\"\n");
        Ok(())
    }

    fn end(&self, empty: bool, out: &mut Buffer) {
        out.push(if empty { " {}\n" } else { "" });
    }
}

//! A Kubernetes Secret for `kubectl apply -f -`. Base64 can represent any bytes.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal};
use super::quoted::quoted;
use super::yaml::key;
use crate::error::Error;
use crate::format::buffer::Buffer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::str::FromStr;
use zeroize::Zeroizing;

pub(super) struct K8s<'a> {
    pub(super) name: &'a str,
}

/// The name of a Kubernetes object: a DNS subdomain.
#[derive(Debug, Clone)]
pub struct ObjectName(String);

impl ObjectName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_part = |part: &str| {
            let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let (first, last) = (part.bytes().next(), part.bytes().last());
            first.is_some_and(is_sign)
                && last.is_some_and(is_sign)
                && part.bytes().all(|byte| is_sign(byte) || byte == b'-')
        };
        if text.len() <= MAX_KEY && text.split('.').all(is_part) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("{} is not a valid name for a Kubernetes object", crate::name::quoted(text)))
            .hint("use lower-case letters, digits, - and ., for example app-secrets"))
    }
}

/// The longest key of a Secret, in bytes (the length of a DNS subdomain).
const MAX_KEY: usize = 253;

impl Encoding for K8s<'_> {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn begin(&self, out: &mut Buffer) {
        out.push("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
        // Without quotes, a name of digits alone would be a number.
        quoted(self.name, out);
        out.push("\ntype: Opaque\ndata:");
    }

    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        if item.name.len() > MAX_KEY {
            return Err("Kubernetes allows names of at most 253 bytes");
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

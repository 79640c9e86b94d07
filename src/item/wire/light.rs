//! Items as `exec` reads them, with a part of their fields.

use super::fields::{Encoding, Text, WireItem, decode};
use super::sound::Reduced;
use crate::item::{Deliver, Injectable, Kind, MAX_VALUE};
use crate::secret::{self, SecretPart, TextPart};
use crate::time::Time;
use std::borrow::Cow;

/// The parts of an item that `exec` uses.
pub(super) struct Light<'a> {
    pub name: Cow<'a, str>,
    pub value: Cow<'a, str>,
    pub encoding: Option<Encoding>,
    pub kind: Kind,
    pub expires_at: Option<Time>,
    pub deliver: Deliver,
    pub variable: Option<Text<'a>>,
}

impl<'a> Reduced<'a> for Light<'a> {
    fn reduce(wire: WireItem<'a>) -> Self {
        let WireItem { name, value, encoding, kind, expires_at, deliver, variable, .. } = wire;
        Self { name, value, encoding, kind, expires_at, deliver, variable }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Converts an item. A name and a value without escapes stay in the plaintext, without a copy.
pub(super) fn injectable(whole: &secret::Plaintext, light: Light<'_>) -> Option<Injectable> {
    let Light { name, value, encoding, kind, expires_at, deliver, variable } = light;
    let part = match (&value, encoding) {
        (Cow::Borrowed(text), None) if text.len() <= MAX_VALUE => SecretPart::within(whole, text),
        _ => None,
    };
    let value = match part {
        Some(part) => part,
        None => decode(value, encoding)?.into(),
    };
    let variable = variable.map(Text::variable).transpose().ok()?.map(Box::new);
    Some(Injectable { name: TextPart::within(whole, &name), kind, value, expires_at, deliver, variable })
}

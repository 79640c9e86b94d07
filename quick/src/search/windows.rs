//! Selects the windows of a value: of the value and its parts as they are, and as base64, base32 and hexadecimal
//! digits.

use super::decode::{Decoded, Stop};
use super::index::{DENSE, Index, LENGTHS, LONGEST, window_length};
use super::window::Owner;
use super::{Limits, RUN};
use crate::encodings::{self, Encoding};
use std::collections::HashSet;
use vault_values::parts::{self, Kind};
use vault_values::secret::SecretBytes;
use zeroize::Zeroizing;

/// The windows to search for.
pub(super) struct Indexes {
    /// For decoded text.
    pub decoded: Index,
    /// For text as it is: values that are too short without quotes and spaces, or that end in what looks like an
    /// escape.
    pub plain: Index,
    limits: Limits,
}

/// The length of a window of a key or token, however long the key is.
const FRAGMENT: usize = 8;
/// The length of such a window if white space may separate its characters.
const SPACED: usize = 16;
/// The distance between the latter: fewer windows are faster to build, and any 19 spaced characters contain one.
const SPACED_STEP: usize = 4;
/// The minimum length of a run of letters and digits that is a key.
const KEY: usize = 16;
/// The most quotes and spaces in a short value: with more of them, the rest is too little to search for.
const MOST_DROPPED: usize = 2;

impl Indexes {
    pub fn new(limits: Limits) -> Self {
        Self { decoded: Index::new(), plain: Index::new(), limits }
    }

    pub fn build(&mut self) {
        self.decoded.build();
        self.plain.build();
    }

    /// Adds all forms of a value.
    pub fn add(&mut self, value: usize, bytes: &[u8]) {
        for part in parts::parts(bytes) {
            let (least, encoding) = match part.kind {
                Kind::Whole => (self.limits.value, Encoding::Plain),
                Kind::Password => (self.limits.value.max(self.limits.part / 2), Encoding::Plain),
                Kind::Line => (self.limits.part, Encoding::Line),
                Kind::Leaf => (self.limits.part, Encoding::Part),
            };
            if part.bytes.len() >= least {
                let value = u32::try_from(value).unwrap_or_default();
                let public = if part.kind == Kind::Whole { public(bytes) } else { Vec::new() };
                let public = public.iter().flat_map(|text| text.windows(LONGEST)).collect();
                self.add_text(&part.bytes, &public, value, encoding);
                self.add_base64(&part.bytes, value);
                self.add_base32(&part.bytes, value);
                self.add_hex(&part.bytes, value);
            }
        }
    }

    /// Adds the windows of a text, except for those in `public`.
    fn add_text(&mut self, text: &[u8], public: &HashSet<&[u8]>, value: u32, encoding: Encoding) {
        self.add_symbols(text, public, value, encoding);
        // An HTML form encodes a space as a plus sign.
        if text.contains(&b' ') {
            let plus: Vec<u8> = text.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
            self.add_symbols(&Zeroizing::new(plus), public, value, Encoding::Url);
        }
        // `\xe9` is an é in JavaScript and Python.
        if let Some(latin1) = latin1(text) {
            self.add_symbols(&latin1, public, value, Encoding::Escaped);
        }
    }

    fn add_symbols(&mut self, text: &[u8], public: &HashSet<&[u8]>, value: u32, encoding: Encoding) {
        let mut decoded = Zeroizing::new(Decoded::default());
        let stop = decoded.read(text, Stop::default(), text.len(), false);
        let whole = decoded.symbols.len();
        // The end of the value may be the start of an escape, together with what follows in a text.
        let is_cut = stop.at < text.len();
        decoded.read(text, stop, text.len(), true);
        let count = decoded.symbols.len();
        let says_enough = count >= 8 || (count >= self.limits.value && text.len() <= count + MOST_DROPPED);
        if says_enough {
            let unit = self.decoded.unit(SecretBytes::new(decoded.symbols.clone()));
            let owner = self.owner(value, encoding, count, RUN);
            let gaps = |at: usize, length: usize| gaps(&decoded.gaps, at, length);
            for (at, length) in self.offsets(count, 1) {
                if !public.contains(&decoded.symbols[at..at + length]) {
                    self.decoded.add(unit, at, length, owner, gaps(at, length));
                }
            }
            self.decoded_whole(unit, owner);
            if is_cut && whole >= 8 {
                for (at, length) in self.offsets(whole, 1) {
                    self.decoded.add(unit, at, length, owner, gaps(at, length));
                }
            }
            if self.limits.pieces {
                for (at, length) in fragments(&decoded.symbols) {
                    self.decoded.add(unit, at, length, owner, gaps(at, length));
                }
            }
        }
        if !says_enough || is_cut {
            let owner = self.owner(value, encoding, text.len(), RUN);
            let unit = self.plain.unit(SecretBytes::new(text.to_vec()));
            for (at, length) in self.offsets(text.len(), 1) {
                self.plain.add(unit, at, length, owner, 0);
            }
            if !self.limits.pieces && text.len() <= RUN {
                self.plain.add_whole(unit, owner);
            }
        }
    }

    /// Adds a unit as a whole where only whole values count. A longer value is left out: if another value shares the
    /// part that is needed, that part is a match in itself.
    fn decoded_whole(&mut self, unit: usize, owner: Owner) {
        if !self.limits.pieces && self.decoded.unit_length(unit) == usize::from(owner.need) {
            self.decoded.add_whole(unit, owner);
        }
    }

    fn add_base64(&mut self, bytes: &[u8], value: u32) {
        for (digits, first) in encodings::base64(bytes) {
            // Four digits are too few.
            if digits.len() <= 4 {
                continue;
            }
            let owner = self.owner(value, Encoding::Base64, digits.len(), RUN);
            let length = if self.limits.pieces { digits.len().min(FRAGMENT) } else { digits.len() };
            let Some(length) = window_length(length) else { continue };
            let unit = self.decoded.unit(digits);
            self.add_steps(unit, (first, 4, length), owner);
        }
    }

    fn add_base32(&mut self, bytes: &[u8], value: u32) {
        for (digits, first) in encodings::base32(bytes) {
            // Four digits are too few.
            if digits.len() <= 4 {
                continue;
            }
            let owner = self.owner(value, Encoding::Base32, digits.len(), RUN);
            let length = if self.limits.pieces { digits.len().min(2 * FRAGMENT) } else { digits.len() };
            let Some(length) = window_length(length) else { continue };
            let unit = self.decoded.unit(digits);
            // There are ten of these units. End to end, their windows are no more than those of two other units.
            self.add_steps(unit, (first, 2 * FRAGMENT, length), owner);
        }
    }

    fn add_hex(&mut self, bytes: &[u8], value: u32) {
        for digits in encodings::hex(bytes) {
            let owner = self.owner(value, Encoding::Hex, digits.len(), RUN / 2);
            let length = if self.limits.pieces { digits.len().min(2 * FRAGMENT) } else { digits.len() };
            let Some(length) = window_length(length) else { continue };
            let unit = self.decoded.unit(digits);
            self.add_steps(unit, (0, 2, length), owner);
        }
    }

    /// Adds the windows of digits, at the starts of groups and at both ends.
    fn add_steps(&mut self, unit: usize, (first, step, length): (usize, usize, usize), owner: Owner) {
        let count = self.decoded.unit_length(unit);
        let last = count - length;
        let reach = if self.limits.pieces { last } else { last.min(2 * RUN) };
        let groups = (first..=reach).step_by(step).filter(|at| *at < DENSE || at.is_multiple_of(length));
        for at in groups.chain([0, if self.limits.pieces || last <= reach { last } else { reach }]) {
            self.decoded.add(unit, at, length, owner, 0);
        }
        self.decoded_whole(unit, owner);
    }

    /// Returns where the windows of a unit start, and their length.
    fn offsets(&self, count: usize, step: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let length = window_length(count).unwrap_or(LENGTHS[0]);
        let last = count.checked_sub(length);
        let reach = if self.limits.pieces { last } else { last.map(|last| last.min(2 * RUN)) };
        let all = reach.into_iter().flat_map(move |reach| (0..=reach).step_by(step));
        let all = all.filter(move |at| *at < DENSE || at.is_multiple_of(length));
        all.chain(reach.filter(|reach| *reach >= DENSE)).map(move |at| (at, length))
    }

    fn owner(&self, value: u32, encoding: Encoding, count: usize, most: usize) -> Owner {
        let need = if self.limits.pieces { 0 } else { count.min(most) };
        Owner { value, encoding, need: need.to_le_bytes()[0] }
    }
}

/// Returns the fields of a JSON or YAML value that are not secret on their own and are long enough to contain a window.
fn public(value: &[u8]) -> Vec<SecretBytes> {
    let decode = |text: SecretBytes| {
        let mut decoded = Zeroizing::new(Decoded::default());
        decoded.read(&text, Stop::default(), text.len(), true);
        SecretBytes::new(std::mem::take(&mut decoded.symbols))
    };
    parts::public(value).into_iter().filter(|text| text.len() >= LONGEST).map(decode).collect()
}

/// Returns the symbols of a window before which something is dropped, as bits.
fn gaps(gaps: &[u8], at: usize, length: usize) -> u32 {
    let inner = gaps[at..at + length].iter().enumerate().skip(1);
    inner.filter(|(_, gap)| **gap != 0).fold(0, |bits, (index, _)| bits | 1 << index)
}

/// Returns the pieces of keys that no text contains by chance.
fn fragments(symbols: &[u8]) -> Vec<(usize, usize)> {
    let mut fragments = Vec::new();
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-=".contains(byte);
    let mut start = 0;
    while start < symbols.len() {
        let length = symbols[start..].iter().take_while(|byte| is_of_key(byte)).count();
        let run = &symbols[start..start + length];
        if length >= KEY && parts::looks_random(run) {
            let is_piece = |piece: &[u8]| parts::changes(piece) >= 2;
            for (length, step) in [(FRAGMENT, 1), (SPACED, SPACED_STEP)] {
                let pieces = run.windows(length).enumerate().step_by(step).filter(|(_, piece)| is_piece(piece));
                fragments.extend(pieces.map(|(at, _)| (start + at, length)));
            }
        }
        start += length + 1;
    }
    fragments
}

/// Returns the text in Latin-1, if that differs; characters outside of Latin-1 stay in UTF-8.
fn latin1(text: &[u8]) -> Option<SecretBytes> {
    let text = std::str::from_utf8(text).ok()?;
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    let bytes = SecretBytes::new(bytes);
    (&*bytes != text.as_bytes()).then_some(bytes)
}

//! The plaintext of a block, with names and values that refer to it and are not copied: a program may get thousands of
//! them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::Arc;
use vault_values::secret::{SecretBytes, wipe};
use zeroize::Zeroizing;

/// A plaintext that is text. It is wiped as a whole when its last part is dropped.
#[derive(Clone)]
pub struct Plaintext(Arc<Whole>);

impl Plaintext {
    /// Takes over decrypted bytes, if they are text; otherwise wipes them.
    #[must_use]
    pub fn new(mut decrypted: Zeroizing<Vec<u8>>) -> Option<Self> {
        match String::from_utf8(std::mem::take(&mut *decrypted)) {
            Ok(text) => Some(Self(Arc::new(Whole(text)))),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                None
            }
        }
    }
}

impl Deref for Plaintext {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0.0
    }
}

struct Whole(String);

impl Drop for Whole {
    fn drop(&mut self) {
        wipe(&mut std::mem::take(&mut self.0).into_bytes());
    }
}

/// A text, such as a name, that may be part of a plaintext and is then not copied. It may be displayed.
#[derive(Clone)]
pub struct TextPart(Part);

impl TextPart {
    /// Returns the part of the plaintext that this text is; a copy if the text is elsewhere in memory.
    #[must_use]
    pub fn within(whole: &Plaintext, text: &str) -> Self {
        Part::within(whole, text).map_or_else(|| text.to_owned().into(), Self)
    }

    /// Returns the part at this position; `None` if there are no quotes around it.
    pub(crate) fn between(whole: &Plaintext, place: &Range<usize>) -> Option<Self> {
        Part::between(whole, place).map(Self)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self
    }

    /// Returns the bytes. This is faster for thousands of parts, because it does not check character boundaries.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl From<String> for TextPart {
    fn from(text: String) -> Self {
        Self(Part::all(text))
    }
}

impl From<&str> for TextPart {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for TextPart {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.0.text()
    }
}

impl PartialEq for TextPart {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for TextPart {}

impl PartialEq<str> for TextPart {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for TextPart {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl Hash for TextPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for TextPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for TextPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for TextPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for TextPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A value that may be part of a plaintext and is then not copied.
#[derive(Clone)]
pub struct SecretPart(Value);

#[derive(Clone)]
enum Value {
    Part(Part),
    /// Boxed, so that this variant is as small as the other one. Whole values are rare.
    Whole(Box<SecretBytes>),
}

impl SecretPart {
    /// Returns the part of the plaintext that this text is; `None` if the text is elsewhere in memory.
    #[must_use]
    pub fn within(whole: &Plaintext, text: &str) -> Option<Self> {
        Part::within(whole, text).map(|part| Self(Value::Part(part)))
    }

    /// Returns the part at this position; `None` if there are no quotes around it.
    pub(crate) fn between(whole: &Plaintext, place: &Range<usize>) -> Option<Self> {
        Part::between(whole, place).map(|part| Self(Value::Part(part)))
    }
}

impl From<SecretBytes> for SecretPart {
    fn from(bytes: SecretBytes) -> Self {
        Self(Value::Whole(Box::new(bytes)))
    }
}

impl Deref for SecretPart {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Value::Part(part) => part.bytes(),
            Value::Whole(bytes) => bytes,
        }
    }
}

impl PartialEq for SecretPart {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SecretPart {}

impl fmt::Debug for SecretPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A range of a plaintext. A program may get thousands of these, so they are small: no plaintext is anywhere near 4
/// GiB.
#[derive(Clone)]
struct Part {
    whole: Plaintext,
    start: u32,
    end: u32,
}

impl Part {
    fn all(text: String) -> Self {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { whole: Plaintext(Arc::new(Whole(text))), start: 0, end }
    }

    fn within(whole: &Plaintext, text: &str) -> Option<Self> {
        let start = (text.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let end = start.checked_add(text.len())?;
        if !whole.get(start..end).is_some_and(|part| std::ptr::eq(part, text)) {
            return None;
        }
        Self::slice(whole, start..end)
    }

    /// A quote is a one-byte character, so the text between two quotes starts and ends at character boundaries.
    #[inline]
    fn between(whole: &Plaintext, place: &Range<usize>) -> Option<Self> {
        let bytes = whole.as_bytes();
        let is_quoted = bytes.get(place.start.checked_sub(1)?) == Some(&b'"') && bytes.get(place.end) == Some(&b'"');
        if is_quoted && place.start <= place.end { Self::slice(whole, place.clone()) } else { None }
    }

    fn slice(whole: &Plaintext, Range { start, end }: Range<usize>) -> Option<Self> {
        Some(Self { whole: whole.clone(), start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    #[inline]
    fn text(&self) -> &str {
        &self.whole[self.start as usize..self.end as usize]
    }

    /// Returns the bytes, without checking character boundaries.
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.whole.as_bytes()[self.start as usize..self.end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte_of_the_secret() {
        assert_eq!(format!("{:?}", SecretPart::from(SecretBytes::from("hunter2"))), "[secret]");
    }

    #[test]
    fn a_part_belongs_to_its_own_plaintext_only() {
        let whole = Plaintext::new(Zeroizing::new(b"one two".to_vec())).unwrap();
        let part = SecretPart::within(&whole, &whole[4..]).unwrap();
        assert_eq!(&*part, b"two");
        assert_eq!(part, SecretPart::from(SecretBytes::from("two")));
        assert_eq!(SecretPart::within(&whole, "two"), None);
        let quoted = Plaintext::new(Zeroizing::new("[\"é\",\"\"]".into())).unwrap();
        let between = |place: Range<usize>| TextPart::between(&quoted, &place).map(|part| part.to_string());
        assert_eq!([between(2..4), between(7..7)], [Some("é".to_owned()), Some(String::new())]);
        for place in [2..3, 3..4, 0..1, 1..4, 2..5, 8..9, 9..10, 2..90, Range { start: 7, end: 1 }] {
            assert_eq!(between(place.clone()), None, "{place:?}");
        }
    }

    #[test]
    fn a_name_is_a_part_if_possible_and_otherwise_a_copy() {
        let whole = Plaintext::new(Zeroizing::new(b"one two".to_vec())).unwrap();
        let part = TextPart::within(&whole, &whole[..3]);
        assert!(std::ptr::eq(&*part, &whole[..3]));
        assert_eq!([&*part, &*TextPart::within(&whole, "three")], ["one", "three"]);
    }
}

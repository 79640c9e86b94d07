//! Keeps out of shown text what must not be in it: keys that were given in place of a name, and characters that steer a
//! terminal.
//!
//! Without this, a key that somebody types as a file name, a command or a program would appear in an error, or stay in
//! the access log for good. Everything that is shown, logged or printed as JSON goes through [`keys`], except for
//! output that is meant to contain a key or a value.

use std::borrow::Cow;

/// The text that replaces a key.
pub const MARK: &str = "[redacted]";

/// The prefixes of keys in upper case: age's own keys, including post-quantum ones, and those of plugins.
const PREFIXES: [&str; 2] = ["AGE-SECRET-KEY-", "AGE-PLUGIN-"];
/// The part of a prefix that is left when the start of a key was cut off.
const REMAINDER: &str = "-KEY-1";
/// The length from which a word in Bech32 characters alone counts as a part of a key: a whole key has 58 of them.
pub(crate) const INSIDE: usize = 40;

/// Returns `text` without anything that looks like a key: whole, or cut at either end, in upper or lower case.
#[must_use]
pub fn keys(text: &str) -> Cow<'_, str> {
    if is_too_short(text) {
        return Cow::Borrowed(text);
    }
    let mut redacted = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let end = at + word(&text.as_bytes()[at..]);
        if let Some(start) = key_in(&text[at..end]) {
            redacted.push_str(&text[copied..at + start]);
            redacted.push_str(MARK);
            copied = end;
        }
        at = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    redacted.push_str(&text[copied..]);
    Cow::Owned(redacted)
}

/// Returns whether text that was given in place of something else is a key: it starts like one, in upper or lower case.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    PREFIXES.iter().any(|prefix| begins(prefix)) && matches!(keys(text), Cow::Owned(_))
}

/// Returns whether a character controls a terminal or the order in which it displays text: control characters, line
/// separators and the bidirectional formatting characters of Unicode (UAX 9).
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Returns whether a character shows something. The others are spaces, control characters, blanks, and what Unicode leaves
/// invisible (Default_Ignorable_Code_Point, UAX 44).
pub(crate) fn is_visible(c: char) -> bool {
    let is_ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    let is_blank = c.is_whitespace() || c == '\u{2800}';
    !(is_ignorable || is_blank || steers(c))
}

/// Returns any text as one line that steers no terminal: such characters become question marks, and what is longer than
/// `most` bytes is cut off.
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for c in text.chars() {
        let c = if steers(c) { '?' } else { c };
        if line.len() + c.len_utf8() > most {
            break;
        }
        line.push(c);
    }
    line
}

/// Returns the length of the word at the start of `bytes`: letters, digits, hyphens and underscores.
fn word(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte)).unwrap_or(bytes.len())
}

/// Returns whether a text is too short for a key: a part of a key has a minimum length, and a prefix has a hyphen.
fn is_too_short(text: &str) -> bool {
    text.len() < INSIDE && memchr::memchr(b'-', text.as_bytes()).is_none()
}

/// Returns where the part of a key that must not be shown starts in a word.
fn key_in(word: &str) -> Option<usize> {
    if is_too_short(word) {
        return None;
    }
    let capitals = word.to_ascii_uppercase();
    let after = |start: &str| capitals.find(start).map(|at| at + start.len());
    for prefix in PREFIXES {
        if let Some(at) = after(prefix) {
            // The "AGE-SECRET-KEY-1..." of the documentation is not a key.
            let rest = &capitals[at..];
            return (!["", "1", "PQ-1"].contains(&rest)).then_some(at);
        }
    }
    if let Some(at) = after(REMAINDER) {
        return (capitals.len() > at).then_some(at);
    }
    let inside = |part: &str| {
        let capitals = part.to_ascii_uppercase();
        part.len() >= INSIDE && is_of_one_case(part) && capitals.bytes().all(is_bech32) && is_random(&capitals)
    };
    let mut begin = 0;
    for part in word.split(['-', '_']) {
        if inside(part) {
            return Some(begin);
        }
        begin += part.len() + 1;
    }
    None
}

/// Returns whether a byte belongs to Bech32's data part (BIP 173), in upper case. A recipient is no such word: it
/// contains a `1`.
fn is_bech32(byte: u8) -> bool {
    b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".contains(&byte)
}

/// Returns whether a word does not mix upper and lower case, as in Bech32 (BIP 173). Base64, for example of a
/// signature, does.
fn is_of_one_case(word: &str) -> bool {
    !(word.bytes().any(|byte| byte.is_ascii_uppercase()) && word.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// Returns whether a word may be random: of 40 Bech32 characters, a quarter are digits, and most are different. A hash
/// in hexadecimal does not count.
fn is_random(word: &str) -> bool {
    const DIFFERENT: usize = 12;
    let different = word.bytes().collect::<std::collections::BTreeSet<u8>>().len();
    different >= DIFFERENT
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && !word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// For serde: writes text without keys.
pub(crate) mod serde_text {
    use serde::Serializer;

    pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::keys(text))
    }
}

/// For serde: as [`serde_text`], for optional text.
pub(crate) mod serde_option {
    use serde::Serializer;

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
        match text {
            Some(text) => serializer.serialize_some(&super::keys(text)),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Key;
    use crate::secret::ExposeSecret as _;
    use proptest::prelude::*;

    fn key() -> String {
        Key::generate().unwrap().to_text().expose_secret().to_owned()
    }

    #[test]
    fn a_key_is_redacted_completely_in_any_case_and_position() {
        let key = key();
        let secret = &key["AGE-SECRET-KEY-1".len()..];
        for shown in [key.clone(), key.to_lowercase(), key[..24].to_owned(), key[4..].to_owned(), secret.to_owned()] {
            for text in [format!("no file {shown}"), format!("/home/me/{shown}.txt: gone"), format!("\"{shown}…\"")] {
                let redacted = keys(&text);
                let tail = shown.get(shown.len() - 6..).unwrap().to_lowercase();
                assert!(redacted.contains(MARK) && !redacted.to_lowercase().contains(&tail), "{text}: {redacted}");
            }
        }
        assert_eq!(keys(&format!("a {key} b {key}")), "a AGE-SECRET-KEY-[redacted] b AGE-SECRET-KEY-[redacted]");
        assert_eq!(keys("AGE-SECRET-KEY-PQ-1QQQ"), "AGE-SECRET-KEY-[redacted]");
        assert_eq!(keys("x=age-plugin-yubikey-1q2w3e, y"), "x=age-plugin-[redacted], y");
    }

    #[test]
    fn a_character_is_visible_if_it_shows_something() {
        for c in ['a', 'ä', '-', '漢', '👍', '\u{301}', '\u{2801}'] {
            assert!(is_visible(c), "{c:?}");
        }
        let invisible = ['\u{200b}', '\u{feff}', '\u{ad}', '\u{3164}', '\u{2800}', '\u{2060}', '\u{e0041}', '\u{fe0f}'];
        for c in invisible.into_iter().chain([' ', '\n', '\u{a0}', '\u{3000}', '\u{202e}', '\u{2028}', '\u{0}']) {
            assert!(!is_visible(c), "{c:?}");
        }
    }

    #[test]
    fn a_key_is_recognized_by_its_beginning() {
        let key = key();
        for text in [key.clone(), key.to_lowercase(), format!(" {key} list\n"), key[..30].to_owned()] {
            assert!(is_key(&text), "{text}");
        }
        assert!(!is_key(&format!("A={key}")));
    }

    #[test]
    fn recipients_hashes_names_and_the_prefix_alone_are_not_redacted() {
        let hash = "00ddee44aaccff5577889966332200ddee44aaccff5577889966332200ddee44";
        for text in [
            "expected: AGE-SECRET-KEY-1...",
            "AGE-PLUGIN-...",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudpcwg7sr5xmhu",
            hash,
            "STRIPE-KEY-1 and API_KEY_1",
            "",
            "größe-KEY",
            // Base64 of a signature that happens to have only characters of Bech32.
            "vault-keys-1,mia,x,y,QpZRy9X8gF2tVdW0S3JN54kHcE6MuA7lQpZRy9X8gF2tVdW0S3JN==",
            // Only characters of Bech32, but not random.
            "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
            "DELAYED_UPLAADANDLAUNCHDATAPLANEREPLAYANDNEXTGAME",
        ] {
            assert_eq!(keys(text), text);
            assert!(!is_key(text));
        }
    }

    proptest! {
        #[test]
        fn any_truncated_key_with_its_beginning_is_redacted(length in 17_usize..74, before in "[ /a-z\"é]{0,9}", behind in "[ /\"…é.]{0,9}") {
            let key = key();
            let text = format!("{before}/{}{behind}", &key[..length]);
            let redacted = keys(&text);
            prop_assert!(redacted.contains(MARK));
            prop_assert!(length < 20 || !redacted.contains(&key[16..length]));
        }
    }
}

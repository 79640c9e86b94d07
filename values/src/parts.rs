//! Finds the parts of a value that are secret on their own: a program may print one field of a JSON value, one line, or
//! the password in a URL.
//!
//! Common text is not such a part: brackets, field names, words, addresses and the header of a PEM block.

mod keys;
mod structured;

pub use keys::{begins_as_key, is_like_a_key};

use crate::secret::SecretBytes;
use crate::words::speaks_of_secrets;
use std::borrow::Cow;

/// The shortest part that counts, in bytes: shorter ones are found everywhere. A password in a URL may be shorter.
pub const SHORTEST: usize = 6;
/// The shortest field of a JSON or YAML value that counts, in bytes.
const SHORTEST_LEAF: usize = 8;
/// The shortest password in a URL that counts, in bytes.
const SHORTEST_PASSWORD: usize = 4;
/// How deeply values within values are searched.
const DEPTH: usize = 3;

/// The kind of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The whole value.
    Whole,
    /// One of several lines, without white space at its ends.
    Line,
    /// A string in a JSON or YAML value.
    Leaf,
    /// The password in a URL, as it is written there and decoded.
    Password,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The kind of the part.
    pub kind: Kind,
    /// The secret bytes.
    pub bytes: SecretBytes,
}

/// Returns the parts of a value that are secret on their own, each once, the whole value first.
///
/// - For a JSON or YAML value: its strings of 8 bytes or more. E-mail addresses, host names and URLs without a password
///   are left out, and a single word counts only if the name of its field suggests a secret (`password`, `token`,
///   `key`, ...).
/// - For any other value with several lines: each line of 6 bytes or more, except for the header of a PEM block.
/// - The password of a URL in any of these.
#[must_use]
pub fn parts(value: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    add(&mut parts, Kind::Whole, value);
    add_inner(&mut parts, value, DEPTH);
    distinct(parts)
}

/// Returns the fields of a JSON or YAML value that are not secret on their own, and the names of all fields.
#[must_use]
pub fn public(value: &[u8]) -> Vec<SecretBytes> {
    let leaves = structured::leaves(value).unwrap_or_default();
    let names = leaves.iter().map(|leaf| SecretBytes::from(leaf.name.as_str())).collect::<Vec<_>>();
    let public = leaves.into_iter().filter(|leaf| !is_secret(&leaf.name, &leaf.text)).map(|leaf| leaf.text);
    public.chain(names).collect()
}

fn add(parts: &mut Vec<Part>, kind: Kind, bytes: &[u8]) {
    parts.push(Part { kind, bytes: SecretBytes::new(bytes.to_vec()) });
}

/// Removes duplicates, keeping the first of equal parts.
fn distinct(parts: Vec<Part>) -> Vec<Part> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| parts[*a].bytes.cmp(&parts[*b].bytes));
    let mut is_again = vec![false; parts.len()];
    for pair in order.windows(2) {
        is_again[pair[1]] = parts[pair[0]].bytes == parts[pair[1]].bytes;
    }
    parts.into_iter().zip(is_again).filter(|(_, is_again)| !is_again).map(|(part, _)| part).collect()
}

fn add_inner(parts: &mut Vec<Part>, value: &[u8], depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Some(leaves) = structured::leaves(value) {
        for leaf in leaves {
            if is_secret(&leaf.name, &leaf.text) {
                add(parts, Kind::Leaf, &leaf.text);
            }
            add_inner(parts, &leaf.text, depth);
        }
        return;
    }
    if value.contains(&b'\n') {
        for line in value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| is_secret_line(line)) {
            add(parts, Kind::Line, line);
        }
    }
    add_passwords(parts, value);
}

fn is_secret_line(line: &[u8]) -> bool {
    let says_something = line.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count() >= 4;
    line.len() >= SHORTEST && says_something && !line.starts_with(b"-----")
}

fn is_secret(name: &str, text: &[u8]) -> bool {
    if text.len() < SHORTEST_LEAF || is_address(text) {
        return false;
    }
    let is_word =
        text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(byte)) && !looks_random(text);
    !is_word || speaks_of_secrets(name)
}

/// Returns whether a text is a URL without a password and query, an e-mail address, or a host name.
fn is_address(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:/@%+".contains(byte);
    if !text.iter().all(is_plain) {
        return false;
    }
    let (scheme, rest) = match memchr::memmem::find(text, b"://") {
        Some(at) => (&text[..at], &text[at + 3..]),
        None => (&b""[..], text),
    };
    let is_host = |host: &[u8]| host.contains(&b'.') && !looks_random(host) && !host.contains(&b':');
    match rest.iter().position(|byte| *byte == b'@') {
        Some(at) => scheme.is_empty() && is_host(&rest[at + 1..]),
        None if scheme.is_empty() => is_host(rest) && !rest.iter().any(|byte| b"/%+".contains(byte)),
        None => !looks_random(rest),
    }
}

/// Returns whether bytes change between lower case, upper case and digits as often as in keys, and more often than in
/// words. The capital at the start of a word is not such a change.
#[must_use]
pub fn looks_random(bytes: &[u8]) -> bool {
    changes(bytes) * 5 >= bytes.len()
}

/// Counts how often the kind of character changes from one to the next.
#[must_use]
pub fn changes(bytes: &[u8]) -> usize {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        b'0'..=b'9' => b'0',
        _ => 0,
    };
    let (mut changes, mut before, mut last) = (0, 0, 0);
    for kind in bytes.iter().map(kind).filter(|kind| *kind != 0) {
        changes += usize::from(last != 0 && kind != last);
        // `aBc`, or `Bc` at the start, is a word.
        let is_word = kind == b'a' && last == b'A' && before != b'A';
        changes -= if is_word { (1 + usize::from(before == b'a')).min(changes) } else { 0 };
        (before, last) = (last, kind);
    }
    changes
}

/// Adds the passwords in all URLs of the text: as they are written there, and decoded.
fn add_passwords(parts: &mut Vec<Part>, text: &[u8]) {
    /// The longest authority that is searched, in bytes.
    const LONGEST: usize = 4096;
    for at in memchr::memmem::find_iter(text, b"://") {
        let rest = &text[at + 3..];
        let rest = &rest[..rest.len().min(LONGEST)];
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>".contains(byte);
        let authority = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
        let Some(host) = memchr::memrchr(b'@', authority) else { continue };
        let Some(colon) = memchr::memchr(b':', &authority[..host]) else { continue };
        let password = &authority[colon + 1..host];
        let decoded = percent_decoded(password);
        if decoded.len() >= SHORTEST_PASSWORD {
            add(parts, Kind::Password, password);
            add(parts, Kind::Password, &decoded);
        }
    }
}

fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let digit = |byte: Option<&u8>| {
        byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok())
    };
    let (mut decoded, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(at) {
        match (byte, digit(text.get(at + 1)), digit(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret_parts(value: &str) -> Vec<String> {
        parts(value.as_bytes()).iter().skip(1).map(|part| String::from_utf8_lossy(&part.bytes).into_owned()).collect()
    }

    #[test]
    fn only_the_secret_fields_of_a_service_account_are_parts() {
        let value = r#"{
            "type": "service_account",
            "project_id": "my-project-123456",
            "private_key_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
            "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCexample\n-----END PRIVATE KEY-----\n",
            "client_email": "ci@my-project-123456.iam.gserviceaccount.com",
            "client_id": "123456789012345678901",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/ci%40my-project-123456.iam.gserviceaccount.com",
            "universe_domain": "googleapis.com",
            "nested": [{"password": "a-plain-word"}, {"mode": "production"}, {"pin": "1234"}]
        }"#;
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCexample\n-----END PRIVATE KEY-----\n";
        let expected = [
            "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
            key,
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCexample",
            "a-plain-word",
        ];
        assert_eq!(secret_parts(value), expected);
    }

    #[test]
    fn parts_of_yaml_are_its_strings_and_those_of_embedded_json() {
        let value = "user: admin-user\npassword: correct horse\nlist:\n  - token: abcdefghij\nconfig: '{\"secret\":\"0123456789\"}'\n";
        assert_eq!(secret_parts(value), ["correct horse", "abcdefghij", "{\"secret\":\"0123456789\"}", "0123456789"]);
    }

    #[test]
    fn a_password_in_a_url_is_a_part_both_encoded_and_decoded() {
        let value = "postgres://app:p%40ss%2Fw0rd@db.example.com:5432/app?sslmode=require";
        assert_eq!(secret_parts(value), ["p%40ss%2Fw0rd", "p@ss/w0rd"]);
        assert_eq!(secret_parts("redis://:hunter2@cache:6379"), ["hunter2"]);
        assert!(secret_parts("https://example.com/a:b@c").is_empty());
        assert!(secret_parts("https://me@example.com").is_empty());
    }

    #[test]
    fn common_lines_are_not_parts() {
        let value = "{\n}\n-----BEGIN X-----\n  first line  \n------\ntrue\nsecond\n";
        assert_eq!(secret_parts(value), ["first line", "second"]);
        assert!(secret_parts("one line").is_empty());
    }

    #[test]
    fn keys_look_random_and_words_do_not() {
        for random in ["0a1b2c3d4e5f60718293a4b5c6d7e8f9", "xK8pQ2vR9mT4wZ7bN3cY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"] {
            assert!(looks_random(random.as_bytes()), "{random}");
        }
        for word in ["service_account", "myServiceAccountName", "GoogleCloudPlatform", "eu-central-1", "12345678"] {
            assert!(!looks_random(word.as_bytes()), "{word}");
        }
    }
}

//! The forms in which a value turns up in text: as it is, line by line, and as other programs encode it.
//!
//! For whoever looks for values in what was written elsewhere. A form that depends on what stands around the value, as
//! base64 does, is cut to what doesn't.

use crate::secret::SecretBytes;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Values and forms shorter than this many bytes are not looked for: they stand everywhere.
pub const SHORTEST: usize = 4;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// As it is; of several lines also with the line ends CR LF, as a terminal writes them.
    Plain,
    /// One line of several.
    Line,
    /// Inside base64 (RFC 4648), standard or for URLs, at any of its three alignments.
    Base64,
    /// Hexadecimal digits, all small or all large.
    Hex,
    /// Percent-encoded, as a part of a URL or of a form.
    Url,
    /// Inside a JSON string.
    Json,
    /// Quoted for a shell.
    Shell,
}

impl Encoding {
    /// Its name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Line => "line",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Url => "url",
            Self::Json => "json",
            Self::Shell => "shell",
        }
    }
}

/// A sequence of bytes that gives a value away.
#[derive(Debug, Clone)]
pub struct Form {
    /// How the value is written there.
    pub encoding: Encoding,
    /// What to look for.
    pub bytes: SecretBytes,
    /// The length of the one line of several that it is a form of, in bytes.
    pub line: Option<usize>,
}

/// Every form of a value, each once, plain first; none for a value shorter than [`SHORTEST`].
#[must_use]
pub fn forms(value: &[u8]) -> Vec<Form> {
    let mut forms = Vec::new();
    if value.len() < SHORTEST {
        return forms;
    }
    add(&mut forms, Encoding::Plain, value.to_vec());
    if value.contains(&b'\n') {
        add(&mut forms, Encoding::Plain, with_carriage_returns(value));
    }
    add_base64(&mut forms, value);
    add_hex(&mut forms, value);
    add_url(&mut forms, value);
    if let Ok(text) = std::str::from_utf8(value) {
        for (ascii, slash) in [(false, false), (false, true), (true, false), (true, true)] {
            add(&mut forms, Encoding::Json, json(text, ascii, slash));
        }
    }
    add_shell(&mut forms, value);
    if value.contains(&b'\n') {
        lines(value).for_each(|line| add_line(&mut forms, line));
    }
    distinct(forms)
}

/// The lines of a value that has several, without line ends and the space around them; not those that only say what the
/// others are (PEM).
fn lines(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| line.len() >= SHORTEST && !line.starts_with(b"-----"))
}

/// One line by itself, as it is and encoded: a program may take a value apart.
fn add_line(forms: &mut Vec<Form>, line: &[u8]) {
    let first = forms.len();
    add(forms, Encoding::Line, line.to_vec());
    add_base64(forms, line);
    add_hex(forms, line);
    forms[first..].iter_mut().for_each(|form| form.line = Some(line.len()));
}

fn add(forms: &mut Vec<Form>, encoding: Encoding, bytes: Vec<u8>) {
    let bytes = SecretBytes::new(bytes);
    if bytes.len() >= SHORTEST {
        forms.push(Form { encoding, bytes, line: None });
    }
}

/// Of equal forms the first one.
fn distinct(forms: Vec<Form>) -> Vec<Form> {
    let mut order: Vec<usize> = (0..forms.len()).collect();
    order.sort_by(|a, b| forms[*a].bytes.cmp(&forms[*b].bytes));
    let mut is_again = vec![false; forms.len()];
    for pair in order.windows(2) {
        is_again[pair[1]] = forms[pair[0]].bytes == forms[pair[1]].bytes;
    }
    forms.into_iter().zip(is_again).filter(|(_, is_again)| !is_again).map(|(form, _)| form).collect()
}

fn with_carriage_returns(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * value.len());
    let mut before = 0;
    for byte in value {
        if *byte == b'\n' && before != b'\r' {
            text.push(b'\r');
        }
        text.push(*byte);
        before = *byte;
    }
    text
}

/// Three bytes are four digits. With other bytes before or behind the value, the digits at its edges change: they are cut.
fn add_base64(forms: &mut Vec<Form>, value: &[u8]) {
    let mut padded = Zeroizing::new(Vec::with_capacity(value.len() + 2));
    padded.extend_from_slice(&[0, 0]);
    padded.extend_from_slice(value);
    for (before, cut) in [(0, 0), (1, 2), (2, 3)] {
        let bytes = &padded[2 - before..];
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            let digits = Zeroizing::new(engine.encode(bytes));
            let whole = if bytes.len().is_multiple_of(3) { digits.len() } else { digits.len() - 1 };
            add(forms, Encoding::Base64, digits.as_bytes()[cut..whole].to_vec());
        }
    }
}

fn add_hex(forms: &mut Vec<Form>, value: &[u8]) {
    add(forms, Encoding::Hex, hex(value, b"0123456789abcdef"));
    add(forms, Encoding::Hex, hex(value, b"0123456789ABCDEF"));
}

fn hex(value: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * value.len());
    for byte in value {
        text.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
    }
    text
}

/// What is never encoded (RFC 3986, section 2.3), what JavaScript's `encodeURIComponent` and Python's `quote` leave, and
/// a space as forms write it.
fn add_url(forms: &mut Vec<Form>, value: &[u8]) {
    const KEPT: [&[u8]; 3] = [b"-._~", b"-._~!'()*", b"-._~/"];
    for kept in KEPT {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            for plus in [false, true] {
                add(forms, Encoding::Url, percent(value, kept, digits, plus));
            }
        }
    }
    // Forms (WHATWG URL): the tilde is encoded, the star is not.
    add(forms, Encoding::Url, percent(value, b"*-._", b"0123456789ABCDEF", true));
}

fn percent(value: &[u8], kept: &[u8], digits: &[u8; 16], plus: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(3 * value.len());
    for byte in value {
        match byte {
            b' ' if plus => text.push(b'+'),
            byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => text.push(*byte),
            byte => text.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]),
        }
    }
    text
}

/// The inside of a JSON string (RFC 8259, section 7): short escapes where there are some, on demand ASCII only, as Python
/// writes it, and slashes escaped, as PHP does.
fn json(text: &str, ascii: bool, slash: bool) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = Vec::with_capacity(6 * text.len());
    for c in text.chars() {
        let short = match c {
            '"' => b'"',
            '\\' => b'\\',
            '\n' => b'n',
            '\r' => b'r',
            '\t' => b't',
            '\u{8}' => b'b',
            '\u{c}' => b'f',
            '/' if slash => b'/',
            c if c < ' ' || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend(b"\\u");
                    out.extend([12, 8, 4, 0].map(|shift| DIGITS[usize::from(*unit >> shift & 15)]));
                }
                continue;
            }
            c => {
                out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
    out
}

/// Between single quotes as most programs and as Python's `shlex` write them, between double quotes, and with backslashes
/// as `printf %q`.
fn add_shell(forms: &mut Vec<Form>, value: &[u8]) {
    add(forms, Encoding::Shell, replace(value, |byte| if byte == b'\'' { Some(b"'\\''") } else { None }));
    add(forms, Encoding::Shell, replace(value, |byte| if byte == b'\'' { Some(b"'\"'\"'") } else { None }));
    add(forms, Encoding::Shell, backslashes(value, |byte| b"$`\"\\".contains(&byte)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii_graphic() || b"_-./:=@%+".contains(&byte);
    add(forms, Encoding::Shell, backslashes(value, |byte| byte == b' ' || !plain(byte)));
}

fn replace(value: &[u8], by: impl Fn(u8) -> Option<&'static [u8]>) -> Vec<u8> {
    let mut text = Vec::with_capacity(5 * value.len());
    value.iter().for_each(|byte| match by(*byte) {
        Some(other) => text.extend_from_slice(other),
        None => text.push(*byte),
    });
    text
}

fn backslashes(value: &[u8], special: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * value.len());
    for byte in value {
        if special(*byte) {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(value: &[u8], text: &[u8]) -> bool {
        forms(value).iter().any(|form| text.windows(form.bytes.len()).any(|window| window == &*form.bytes))
    }

    #[test]
    fn a_value_is_found_as_other_programs_write_it() {
        let value = b"it's a \"b\" & c/d~\xc3\xa9\n$x";
        for written in [
            &b"it's+a+%22b%22+%26+c%2Fd~%C3%A9%0A%24x"[..],
            b"it%27s+a+%22b%22+%26+c%2Fd%7E%C3%A9%0A%24x",
            b"it's%20a%20%22b%22%20%26%20c%2Fd~%C3%A9%0A%24x",
            br#"it's a \"b\" & c/d~\u00e9\n$x"#,
            b"it's a \\\"b\\\" & c\\/d~\xc3\xa9\\n$x",
            b"it'\\''s a \"b\" & c/d~\xc3\xa9\n$x",
            b"it'\"'\"'s a \"b\" & c/d~\xc3\xa9\n$x",
            b"it's a \\\"b\\\" & c/d~\xc3\xa9\n\\$x",
            b"it's a \"b\" & c/d~\xc3\xa9\r\n$x",
        ] {
            assert!(found(value, written), "{}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn each_line_of_several_is_a_form_without_its_indentation_and_encoded() {
        let value = b"first line\n  second line\n";
        assert!(found(value, b"key: second line;"));
        assert!(found(value, BASE64_STANDARD_NO_PAD.encode(b"second line").as_bytes()));
        assert!(found(value, b"7365636f6e64206c696e65"));
        assert!(!found(b"-----BEGIN KEY-----\nfirst line\n", b"-----BEGIN KEY-----"), "everybody's");
        assert!(!found(b"first line\n", b"second"));
    }

    #[test]
    fn short_values_have_no_forms() {
        assert!(forms(b"abc").is_empty());
        assert!(!forms(b"abcd").is_empty());
    }

    proptest! {
        #[test]
        fn it_is_found_in_base64_and_hex_whatever_stands_around_it(
            before in proptest::collection::vec(any::<u8>(), 0..9),
            value in proptest::collection::vec(any::<u8>(), 5..60),
            behind in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let text = [before, value.clone(), behind].concat();
            prop_assert!(found(&value, BASE64_STANDARD_NO_PAD.encode(&text).as_bytes()));
            prop_assert!(found(&value, BASE64_URL_SAFE_NO_PAD.encode(&text).as_bytes()));
            prop_assert!(found(&value, &hex(&text, b"0123456789abcdef")));
        }

        #[test]
        fn forms_are_distinct_and_long_enough(value in proptest::collection::vec(any::<u8>(), 0..60)) {
            let forms = forms(&value);
            for (index, form) in forms.iter().enumerate() {
                prop_assert!(form.bytes.len() >= SHORTEST);
                prop_assert!(forms[..index].iter().all(|other| other.bytes != form.bytes));
            }
        }
    }
}

//! Taking the armor off: the strict PEM of the age format.

use crate::error::{Error, Result};
use base64_simd::STANDARD as BASE64;
use vault_quick::room::room;

/// The first line of an armored file.
pub(crate) const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";

/// The binary age file in an armored one: the strict PEM of the age format, lines of 64 characters, with LF or CRLF.
///
/// # Errors
/// An integrity error if the armor is damaged.
pub fn dearmor(armored: &str) -> Result<Vec<u8>> {
    let broken = || Error::integrity("an encrypted block is not an armored age file, or it is damaged");
    let body = armored.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or_else(broken)?;
    let body = body.strip_prefix("\r\n").or(body.strip_prefix('\n')).ok_or_else(broken)?;
    let mut bytes = room(body.len() / 4 * 3);
    decode_lines(body.as_bytes(), &mut bytes).ok_or_else(broken)?;
    Ok(bytes)
}

/// Decodes base64 in lines of 64 characters, the last one 1 to 64 long; some lines at a time, because line by
/// line takes longer than the decryption, and all at once needs the memory twice.
fn decode_lines(mut body: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    const LINES: usize = 64;
    let mut gathered = [0; LINE * LINES];
    while !body.is_empty() {
        let mut length = 0;
        while length < gathered.len() && !body.is_empty() {
            let (line, rest) = split_line(body)?;
            gathered[length..length + line.len()].copy_from_slice(line);
            length += line.len();
            body = rest;
            // Another line may follow only after a full one.
            if line.len() < LINE && !body.is_empty() {
                return None;
            }
        }
        BASE64.decode_append(&gathered[..length], bytes).ok()?;
        // Padding ends a file.
        if !body.is_empty() && !bytes.len().is_multiple_of(LINE / 4 * 3) {
            return None;
        }
    }
    Some(())
}

/// The length of a full line of armor, in characters.
const LINE: usize = 64;

/// The first line, of 1 to 64 characters, and what follows its end. Where a full line ends is known: only the last one has
/// to be searched.
fn split_line(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = match body.get(LINE) {
        Some(b'\n' | b'\r') => LINE,
        _ => body.iter().take(LINE + 1).position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(body.len()),
    };
    let (line, rest) = body.split_at(end);
    let rest = match rest {
        [] => rest,
        [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => rest,
        _ => return None,
    };
    (1..=LINE).contains(&line.len()).then_some((line, rest))
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::*;
    use base64::Engine as _;
    use proptest::prelude::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// The base64 crate is as strict: canonical last bits, padding at the end and nowhere else.
        #[test]
        fn base64_is_decoded_as_by_the_base64_crate(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            new in proptest::option::of(prop::sample::select(b"A/+=-_ \n\0\x80\xff9z".to_vec())),
        ) {
            let mut text = base64::engine::general_purpose::STANDARD.encode(&bytes).into_bytes();
            if let Some(new) = new.filter(|_| !text.is_empty()) {
                let at = at.index(text.len());
                text[at] = new;
            }
            let lines = text.chunks(LINE).collect::<Vec<_>>().join(&b'\n');
            let expected = base64::engine::general_purpose::STANDARD.decode(&text).ok();
            if lines.iter().filter(|byte| **byte == b'\n').count() != text.len().saturating_sub(1) / LINE {
                // A line break in the text is allowed elsewhere.
                return Ok(());
            }
            let mut decoded = Vec::new();
            prop_assert_eq!(decode_lines(&lines, &mut decoded).map(|()| decoded), expected);
        }
    }

    #[test]
    fn armor_of_every_length_is_removed() {
        let key = age::x25519::Identity::generate();
        for length in (0..200).chain([12_000, 12_288, 30_000]) {
            let plaintext = vec![7; length];
            let armored = encrypt(std::iter::once(&key.to_public() as _), &plaintext).unwrap();
            let bytes = dearmor(&armored).unwrap();
            assert_eq!(**decrypt(bytes, std::iter::once(&key as _)).unwrap().unwrap(), plaintext);
        }
    }

    #[test]
    fn armor_with_short_or_long_lines_is_refused() {
        let armored = encrypt_with_passphrase(secret("p"), WorkFactor::LOWEST, &[7; 500]).unwrap();
        let lines: Vec<&str> = armored.lines().collect();
        let joined = |from: usize, glue: &str| {
            [&lines[..from].join("\n"), &lines[from..].join("\n")].map(String::as_str).join(glue)
        };
        assert!(dearmor(&joined(3, "\n")).is_ok());
        for broken in [joined(3, ""), joined(3, "\n\n"), joined(3, "\nAAAA\n"), joined(1, ""), joined(3, "\n=\n")] {
            assert!(dearmor(&broken).is_err());
        }
    }

    #[test]
    fn d5_armor_with_crlf_line_ends_is_the_same_file() {
        let armored = encrypt_with_passphrase(secret("p"), WorkFactor::LOWEST, &[7; 5000]).unwrap();
        assert_eq!(dearmor(&armored).unwrap(), dearmor(&armored.replace('\n', "\r\n")).unwrap());
    }
}

//! The text of an age recipient. A roster has hundreds of them.

use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;

/// The length of 32 bytes in bech32, in characters.
const DIGITS: usize = 52;

/// The bytes of `age1...`. `None` if it is not canonical bech32 (BIP 173) of 32 bytes, in lower case.
#[must_use]
pub fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let decoded = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    // 52 characters are 260 bits. Only q and s as the last character leave the last four bits zero.
    let digits = decoded.data_part_ascii_no_checksum();
    let canonical = digits.len() == DIGITS && matches!(digits[DIGITS - 1], b'q' | b's');
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(decoded.byte_iter()).for_each(|(byte, of_text)| *byte = of_text);
    (decoded.hrp().as_str() == "age" && lower && canonical).then_some(bytes)
}

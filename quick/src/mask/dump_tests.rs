//! Values in dumps and as numbers: the recorded output of these programs, masked.

use super::tests::{cut_up, masked, masker};
use proptest::prelude::*;
use std::fmt::Write as _;

const VALUE: &[u8] = b"correct horse";

#[test]
fn j8_a_dump_shows_no_value_in_any_of_its_columns() {
    // xxd with upper case, other groups, and the other byte order; the last row is short.
    let text = "00000000: 6120 636f 7272 6563 7420 686f 7273 6520  a correct horse \n00000010: 620a                                     b.\n";
    let hidden = "00000000: 6120 ****20  a **** \n00000010: 620a                                     b.\n";
    assert_eq!(masked(&[VALUE], &[text.as_bytes()]), hidden);
    assert_eq!(
        masked(&[VALUE], &[b"00000000: 636F7272 65637420 686F7273 65        correct horse\r\n"]),
        "00000000: ****        ****\r\n"
    );
    assert_eq!(masked(&[b"passwo"], &[b"00000000: 73736170 64726f77  password\n"]), "00000000: ****  ****rd\n");
    // hexdump -C, with a value across two rows.
    let text = "00000000  61 20 62 20 63 20 64 20  65 20 66 20 63 6f 72 72  |a b c d e f corr|\n00000010  65 63 74 20 68 6f 72 73  65 0a                    |ect horse.|\n0000001a\n";
    let hidden = "00000000  61 20 62 20 63 20 64 20  65 20 66 20 ****  |a b c d e f ****|\n00000010  **** 0a                    |****.|\n0000001a\n";
    assert_eq!(masked(&[VALUE], &[text.as_bytes()]), hidden);
}

#[test]
fn j8_a_dump_by_od_shows_no_value() {
    for (text, hidden) in [
        ("0000000   h   u   n   t   e   r   2  \\n\n0000010\n", "0000000   ****  \\n\n0000010\n"),
        ("0000000   c   o   r   r   e   c   t       h   o   r   s   e\n", "0000000   ****\n"),
        ("   x   y   h   u   n   t\n   e   r   2  \\n\n", "   x   y   ****\n   ****  \\n\n"),
        ("0000000 150 165 156 164 145 162 062 012\n", "0000000 **** 012\n"),
        (" 68 75 6e 74\n 65 72 32 0a\n", " **** 0a\n"),
        ("0000000 68 75 6e 74 65 72 32 0a  >hunter2.<\n", "0000000 **** 0a  >****.<\n"),
        ("0000000 7568 746e 7265 0a32\n0000010\n", "0000000 ****\n0000010\n"),
        ("0000000 072550 072156 071145 005062\n", "0000000 ****\n"),
    ] {
        assert_eq!(masked(&[b"hunter2", VALUE], &[text.as_bytes()]), hidden);
    }
}

#[test]
fn j8_hex_with_separators_between_the_bytes_shows_no_value() {
    for (text, hidden) in [
        ("mac 68:75:6e:74:65:72:32.", "mac ****."),
        ("\"68-75-6E-74-65-72-32\"", "\"****\""),
        ("{0x68, 0x75, 0x6e, 0x74,\n  0x65, 0x72, 0x32}", "{0x****}"),
        ("[68,75,6e,74,65,72,32]", "[****]"),
        ("<Buffer 68 75 6e 74 65 72 32>", "<Buffer ****>"),
        ("priv:\n    aa:68:75:6e:\n    74:65:72:32:bb\n", "priv:\n    aa:****:bb\n"),
        // The dumps of openssl, PowerShell and tcpdump.
        (
            "0000 - 61 20 62 20 63 20 68 75-6e 74 65 72 32 0a 0d 0a   a b c hunter2...\n",
            "0000 - 61 20 62 20 63 20 **** 0a 0d 0a   a b c ****...\n",
        ),
        (
            "00000000   68 75 6E 74 65 72 32                              hunter2\n",
            "00000000   ****                              ****\n",
        ),
        ("\t0x0000:  4120 6875 6e74 6572 3220  A.hunter2.\n", "\t0x0000:  4120 ****20  A.****.\n"),
    ] {
        assert_eq!(masked(&[b"hunter2"], &[text.as_bytes()]), hidden);
    }
}

#[test]
fn numbers_that_are_not_a_value_stay_visible() {
    let text =
        "12:34:56 2026-11-28 12 34 56\n00000000: 1234 5678                                .4Vx\n01:02:03:04:05:06\n";
    assert_eq!(masked(&[b"123456", b"12345678", b"20261128", b"010203040506"], &[text.as_bytes()]), text);
}

#[test]
fn j8_base32_is_masked_at_each_alignment_in_upper_and_lower_case() {
    let value = b"correct horse battery";
    for before in ["", "a", "ab", "abc", "abcd"] {
        let digits = base32(&[before.as_bytes(), value, b"!"].concat());
        for text in [digits.clone(), digits.to_lowercase()] {
            let out = masked(&[value], &[text.as_bytes()]);
            assert!(
                out.contains("****") && out.len() <= text.len() - value.len() * 8 / 5 + 1 + 4,
                "{text} became {out}"
            );
        }
    }
    assert_eq!(masked(&[b"hunter2"], &[b"secret: NB2W45DFOIZA===="]), "secret: ****A====");
}

fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let bits = format!("{:0<5}", std::str::from_utf8(bits).unwrap());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from_str_radix(&bits, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

/// Formats bytes as one of these programs does.
fn shown(bytes: &[u8], program: usize) -> String {
    let mut out = String::new();
    let text = |row: &[u8]| {
        row.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect::<String>()
    };
    let hex =
        |row: &[u8], between: &str| row.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between);
    for (row, at) in bytes.chunks(16).zip((0..).step_by(16)) {
        let pairs = row.chunks(2).map(|pair| hex(pair, "")).collect::<Vec<_>>().join(" ");
        let words = row.chunks(2).map(|pair| hex(&pair.iter().rev().copied().collect::<Vec<_>>(), ""));
        let fields = |row: &[u8]| {
            row.iter()
                .map(|byte| {
                    if byte.is_ascii_graphic() || *byte == b' ' {
                        format!("{:>4}", char::from(*byte))
                    } else {
                        format!(" {byte:03o}")
                    }
                })
                .collect::<String>()
        };
        let halves = hex(&row[..row.len().min(8)], " ") + "  " + &hex(row.get(8..).unwrap_or_default(), " ");
        match program {
            0 => writeln!(out, "{at:08x}: {pairs:<39}  {}", text(row)),
            1 => writeln!(out, "{at:08x}  {halves:<48}  |{}|", text(row)),
            2 => writeln!(out, "{at:07o}{}", fields(row)),
            3 => writeln!(out, "{}", fields(row)),
            4 => writeln!(out, " {}", hex(row, " ")),
            5 => writeln!(out, "    {}:", hex(row, ":")),
            6 => writeln!(out, "  {},", hex(row, ", ")),
            7 => writeln!(out, "{at:07x} {}", words.collect::<Vec<_>>().join(" ")),
            _ => write!(out, "{}-", hex(row, "-")),
        }
        .unwrap();
    }
    out
}

/// Ordinary text, and text that looks like the start of a row.
const BETWEEN: [&str; 10] =
    ["a line\n", "deadbeef", "00000010: 4", "0000020\n", "  |", "\n", "   x   y", "12:34:56 ", "key ", "68:75:"];

proptest! {
    #[test]
    fn j8_splitting_the_text_makes_no_difference_to_dumps(
        parts in proptest::collection::vec((0..9_usize, 0..BETWEEN.len(), "[ -~]{0,30}", 0..3_usize), 1..5),
        values in proptest::collection::vec("[a-c ]{4,20}", 1..3),
        cuts in proptest::collection::vec(1_usize..90, 1..20),
    ) {
        let mut text = String::new();
        for (program, between, filler, value) in &parts {
            let value = values.get(*value).map_or("", String::as_str);
            let (before, behind) = filler.split_at(filler.len() / 2);
            text += &shown(format!("{before}{value}{behind}").as_bytes(), *program);
            text += BETWEEN[*between];
        }
        let values: Vec<&[u8]> = values.iter().map(String::as_bytes).collect();
        let (mut whole, mut split) = (masker(&values), masker(&values));
        let (mut expected, mut out) = (Vec::new(), Vec::new());
        whole.push(text.as_bytes(), &mut expected);
        whole.finish(&mut expected);
        cut_up(text.as_bytes(), &cuts).iter().for_each(|piece| split.push(piece, &mut out));
        split.finish(&mut out);
        prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected));
        prop_assert_eq!(whole.counts(), split.counts());
    }

    #[test]
    fn j8_no_column_of_a_dump_shows_a_value_at_any_position(
        program in 0..9_usize,
        before in "[A-Z]{0,40}",
        value in "[a-z]{4,40}",
        behind in "[A-Z]{0,20}",
    ) {
        // Only the value has lower-case letters.
        let out = masked(&[value.as_bytes()], &[shown(format!("{before}{value}{behind}").as_bytes(), program).as_bytes()]);
        let text = out.replace("****", "");
        match program {
            0 | 1 => {
                let column = |line: &str| line.rsplit("  ").next().unwrap_or_default().to_owned();
                prop_assert!(!text.lines().any(|line| column(line).contains(|c: char| c.is_ascii_lowercase())), "{}", out);
            }
            2 | 3 => prop_assert!(!text.contains(|c: char| c.is_ascii_lowercase()), "{}", out),
            _ => {}
        }
        // In hexadecimal digits, upper-case letters start with 4 or 5, and lower-case letters with 6 or 7.
        let is_small = |group: &&str| group.len() == 2 && (group.starts_with('6') || group.starts_with('7'));
        if program > 3 && program != 7 {
            let mut groups = text.split(|c: char| !c.is_ascii_hexdigit());
            prop_assert_eq!(groups.find(is_small), None, "{}", out);
        }
    }
}

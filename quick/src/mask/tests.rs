//! Tests of what is masked, and of when the rest is passed on.

use super::*;
use crate::search::IN_OUTPUT;
use base64::Engine as _;

/// A key with several lines.
pub(super) const LINES: [&str; 3] =
    ["MIIEvgIBADANBgkqhkiG9w0BAQEFAASC", "BKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj", "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S"];

pub(super) fn masker(values: &[&[u8]]) -> Masker {
    Masker::new(Arc::new(Searcher::new(values.iter().copied(), IN_OUTPUT)))
}

pub(super) fn masked(values: &[&[u8]], pieces: &[&[u8]]) -> String {
    let (mut masker, mut out) = (masker(values), Vec::new());
    pieces.iter().for_each(|piece| masker.push(piece, &mut out));
    masker.finish(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn j8_values_are_masked_in_every_encoding() {
    let value: &[u8] = b"hunter2 & co";
    assert_eq!(masked(&[value], &[b"a hunter2 & co b"]), "a **** b");
    assert_eq!(masked(&[value], &[b"?q=hunter2%20%26%20co&"]), "?q=****&");
    assert_eq!(masked(&[value], &[b"<68756e7465723220262063 6f>"]), "<****>");
    assert_eq!(masked(&[value], &[b"<68756e74657232202620636f>"]), "<****>");
    let base64 = base64::prelude::BASE64_STANDARD.encode(b"x hunter2 & co y");
    let text = masked(&[value], &[base64.as_bytes()]);
    assert!(text.contains("****") && text.len() < base64.len() - 10, "{text}");
    assert_eq!(masked(&[b"abc"], &[b"abc"]), "abc", "too short to be masked");
}

#[test]
fn j8_a_value_split_over_several_writes_is_masked() {
    assert_eq!(masked(&[b"hunter2"], &[b"a hun", b"te", b"r2 b hunter"]), "a **** b hunter");
    let bytes: Vec<&[u8]> = b"x hunter2hunter2 y".chunks(1).collect();
    assert_eq!(masked(&[b"hunter2"], &bytes), "x **** y");
}

#[test]
fn j8_a_value_with_color_codes_in_it_is_masked() {
    let value: &[u8] = b"sk_live_51HxyzAbCdEf";
    for text in [
        "sk_\x1b[01;31m\x1b[Klive\x1b[m\x1b[K_51HxyzAbCdEf",
        "sk_live_\x1b(B\x1b[m51Hxyz\x1b[38;2;255;100;0mAbCdEf",
        "s\x1b[1mk_live_51HxyzAbCdE\x1b[0mf",
        r"sk_\u001b[31mlive\u001b[0m_51HxyzAbCdEf",
    ] {
        let text = format!("x \x1b[31m{text}\x1b[0m y");
        assert_eq!(masked(&[value], &[text.as_bytes()]), "x \x1b[31m****\x1b[0m y");
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(masked(&[value], &bytes), "x \x1b[31m****\x1b[0m y");
    }
    let rainbow: String = value.iter().map(|byte| format!("\x1b[38;5;196m{}\x1b[39m", char::from(*byte))).collect();
    assert_eq!(masked(&[value], &[rainbow.as_bytes()]), "\x1b[38;5;196m****\x1b[39m");
    assert_eq!(masked(&[b"pass"], &[b"p\x1b[1ma\x1b[0mss"]), "****");
    assert_eq!(
        masked(&[b"mine-is-this"], &[b"\x1b[31mine-is-this"]),
        "\x1b[31****",
        "it begins in what looks like a color"
    );
    assert_eq!(masked(&[b"\x1b[31mred\x1b[0m"], &[b"\x1b[31mred\x1b[0m"]), "****");
}

#[test]
fn j8_overlapping_values_are_masked_to_the_last_byte() {
    assert_eq!(masked(&[b"abcdef", b"defghi"], &[b"_abcdefghi_"]), "_****_");
    assert_eq!(masked(&[b"abcdef", b"cdefghijk"], &[b"_abcd", b"ef", b"gh_"]), "_****gh_");
    assert_eq!(masked(&[b"abcdef", b"cdefghijk"], &[b"_abcdef", b"ghijk_"]), "_****_");
    assert_eq!(masked(&[b"abcd", b"abcdefgh"], &[b"abcd", b"efgX"]), "****efgX");
}

#[test]
fn j8_a_value_of_several_lines_is_masked_as_a_whole_and_line_by_line() {
    let value: &[u8] = b"first line\n  second\n";
    assert_eq!(masked(&[value], &[b"> first line\r\n  second\r\n<"]), "> ****\r\n<");
    assert_eq!(masked(&[value], &[b"1: first line\n2: second\n"]), "1: ****\n2: ****\n");
}

#[test]
fn j8_encoded_values_are_masked_across_line_ends_even_in_pieces() {
    let value: Vec<u8> = (0..136).map(|i| b'!' + i % 90).collect();
    let encoded = base64::prelude::BASE64_STANDARD.encode([b"<< ", &value[..], b" >>"].concat());
    for (width, line_end) in [(76, "\n"), (64, "\r\n"), (72, "\n"), (16, "\r\n")] {
        let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
        let text = [b"a line of text\n", &lines.join(line_end.as_bytes())[..], b"\nand behind\n"].concat();
        let expected = "a line of text\nPDwg****iA+Pg==\nand behind\n";
        assert_eq!(masked(&[&value], &[&text]), expected, "{width}");
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(masked(&[&value], &bytes), expected, "{width}");
    }
}

#[test]
fn the_end_of_a_line_is_held_back_only_if_a_value_may_continue_after_it() {
    let (mut masker, mut out) = (masker(&[b"swordfish-tuesday"]), Vec::new());
    let mut push = |text: &[u8]| {
        masker.push(text, &mut out);
        String::from_utf8_lossy(&std::mem::take(&mut out)).into_owned()
    };
    // The value starts with 73 in hexadecimal digits, and with an s as plain text.
    assert_eq!(push(b"it is 7\n"), "it is 7\n");
    assert_eq!(push(b"it was\n"), "it was\n");
    assert_eq!(push(b"it is swordfish-tuesday\n"), "it is ****\n");
    assert_eq!(push(b"it is swordfish\n"), "it is ", "this may be broken into lines");
    assert_eq!(push(b"  -tuesday\n"), "****\n");
}

#[test]
fn text_after_a_line_of_a_value_starts_a_new_line() {
    for line_end in ["\n", "\r\n"] {
        let value = LINES.join(line_end);
        for some in [&LINES[..1], &LINES[..2], &LINES[1..2]] {
            let (mut masker, mut out) = (masker(&[value.as_bytes()]), Vec::new());
            masker.push(format!("{}{line_end}", some.join(line_end)).as_bytes(), &mut out);
            masker.pause(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("****{line_end}"), "{some:?}");
            masker.push(b"ready", &mut out);
            masker.finish(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("****{line_end}ready"), "{some:?}");
        }
        let whole = masked(&[value.as_bytes()], &[value.as_bytes(), line_end.as_bytes(), b"ready"]);
        assert_eq!(whole, format!("****{line_end}ready"));
    }
}

#[test]
fn a_prompt_is_shown_if_nothing_follows_and_a_value_after_it_is_still_masked() {
    let (mut masker, mut out) = (masker(&[b": hunter2"]), Vec::new());
    masker.push(b"Password: ", &mut out);
    assert_eq!(out, b"Password");
    assert!(masker.is_waiting());
    masker.pause(&mut out);
    assert_eq!(out, b"Password: ");
    assert!(!masker.is_waiting());
    masker.push(b"hun", &mut out);
    masker.pause(&mut out);
    assert_eq!(out, b"Password: ", "this may be a value");
    masker.push(b"ter2!", &mut out);
    assert_eq!(out, b"Password: ****!");
}

#[test]
fn text_after_a_masked_value_is_shown_even_if_it_could_start_the_value_again() {
    for value in ["hunter2-hunter2", "aaaaaaaaaaaaaaaa", "abcabcabcabc", "a\nb\na\nb\na\nb\nab", "swordfish-tuesday"] {
        for behind in ["\n", "\r\n", "'\n", "\"\r\n", " ", ": ", "'? ", "\\n", "\\\"\\n'\"\n"] {
            let (mut masker, mut out) = (masker(&[value.as_bytes()]), Vec::new());
            masker.push(format!("> {value}{behind}").as_bytes(), &mut out);
            masker.pause(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("> ****{behind}"), "{value:?}");
            assert!(!masker.is_waiting());
            masker.push(value.as_bytes(), &mut out);
            masker.finish(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("> ****{behind}****"), "{value:?}");
            assert_eq!(masker.counts(), [2], "{value:?}, {behind:?}");
        }
    }
}

#[test]
fn j8_a_value_that_continues_after_a_pause_is_masked_to_the_last_byte() {
    let (mut masker, mut out) = (masker(&[b"hunter2-hunter2"]), Vec::new());
    for piece in ["hunter2-hunter2\n", "-hun", "ter2 x"] {
        masker.push(piece.as_bytes(), &mut out);
        masker.pause(&mut out);
    }
    assert_eq!(String::from_utf8_lossy(&out), "****\n**** x");
}

#[test]
fn j8_values_added_later_are_masked_too_and_counted_after_the_old_ones() {
    let (mut masker, mut out) = (masker(&[b"old-value"]), Vec::new());
    masker.push(b"old-value new-value new-", &mut out);
    let values: [&[u8]; 2] = [b"old-value", b"new-value"];
    masker.search_for(Arc::new(Searcher::new(values, IN_OUTPUT)));
    masker.push(b"old-value new-value", &mut out);
    masker.finish(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), "**** new-value new-**** ****");
    assert_eq!(masker.counts(), [2, 1]);
}

#[test]
fn each_value_has_a_count_of_how_often_it_was_masked() {
    let mut masker = masker(&[b"abc", b"first-value", b"second-value", b"first-value"]);
    masker.push(b"first-value second-value first-", &mut Vec::new());
    masker.push(b"value\nfirst-valuesecond-value", &mut Vec::new());
    masker.finish(&mut Vec::new());
    assert_eq!(masker.counts(), [0, 3, 2], "of equal values, only the first is counted");
}

#[test]
fn text_that_can_no_longer_be_part_of_a_value_is_passed_on() {
    for filler in ["\n", " ", "\\n", "%20", "'", "\\\\"] {
        let (mut masker, mut out) = (masker(&[b"swordfish tuesday", b"nightfall-monday"]), Vec::new());
        let text = format!("\\nightfall-{}", filler.repeat(2_000));
        let text = format!("{text}it is swordfish{}", filler.repeat(10_000));
        text.as_bytes().chunks(5_000).for_each(|piece| masker.push(piece, &mut out));
        assert!(out.len() + 4_000 > text.len(), "{filler:?}: {} of {}", out.len(), text.len());
    }
}

/// Splits a text into pieces of these lengths, repeatedly.
pub(super) fn cut_up<'t>(text: &'t [u8], cuts: &[usize]) -> Vec<&'t [u8]> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, next) = rest.split_at((*cut).min(rest.len()));
        pieces.push(piece);
        rest = next;
    }
    pieces
}

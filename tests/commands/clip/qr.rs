//! `get --qr`, on a real terminal.

use super::Desk;
use crate::harness::{finish, has_optional};

/// Turns the QR code that a terminal shows into a bitmap (PBM), with four pixels for each module.
fn picture(shown: &str) -> String {
    // rexpect turns each byte into a character.
    let bytes = shown.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let shown = String::from_utf8(bytes).unwrap();
    let lines = shown.lines().filter_map(|line| line.trim_end().strip_prefix("\x1b[38;5;16;48;5;231m"));
    let lines = lines.map(|line| line.trim_end_matches("\x1b[0m"));
    let row = |line: &str, dark: &str| line.chars().map(|c| if dark.contains(c) { "1111" } else { "0000" }).collect();
    let rows: Vec<String> = lines.flat_map(|line| [row(line, "█▀"), row(line, "█▄")]).collect();
    let pixels: Vec<&str> = rows.iter().flat_map(|row| [row.as_str(); 4]).collect();
    format!("P1\n{} {}\n{}\n", rows[0].len(), pixels.len(), pixels.join("\n"))
}

#[test]
fn the_qr_code_on_the_terminal_can_be_scanned() {
    let desk = Desk::new(&[]);
    desk.run(&["get", "TOKEN", "--qr"], &[]).fails(1).says("there is no terminal that can show a QR code");
    assert_eq!(desk.reads(), 0);
    desk.sandbox.set("TOKEN", b"hunter2 and more: $x");
    let shown = desk.on_terminal("stty cols 80 rows 40; \"$VAULT\" get TOKEN --qr", &[]).exp_eof().unwrap();
    assert_eq!(shown.lines().filter(|line| line.contains("\x1b[38;5;16;48;5;231m")).count(), 17, "{shown}");
    assert_eq!(desk.reads(), 1);
    if has_optional("zbarimg") {
        let path = desk.sandbox.write("code.pbm", picture(&shown));
        let read = finish(desk.sandbox.other("zbarimg", ["-q", "--raw", path.to_str().unwrap()])).ok();
        assert_eq!(read.text(), "hunter2 and more: $x\n");
    }
    let small = desk.on_terminal("stty cols 20 rows 40; \"$VAULT\" get TOKEN --qr", &[]).exp_eof().unwrap();
    assert!(small.contains("the QR code needs 33 columns and 18 lines; the terminal has 20 and 40"), "{small}");
}

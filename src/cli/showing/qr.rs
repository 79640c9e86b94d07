//! Draws a QR code on the terminal, to be scanned with a phone.

use qrcode::{Color, EcLevel, QrCode};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The light modules that a reader needs around the code (ISO/IEC 18004).
const MARGIN: usize = 4;
/// The longest text that a code can hold, in bytes.
const CAPACITY: usize = 2_953;

/// Returns a text as a QR code for a terminal with these columns and lines. Each character is two modules high.
///
/// # Errors
/// If the text is too long for a code, or the code is larger than the terminal.
pub fn code(text: &str, (columns, lines): (usize, usize)) -> Result<Zeroizing<String>> {
    // The lowest redundancy gives the smallest code. A screen has no scratches.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| {
        Error::usage(format!("the value is too long for a QR code: it has {} bytes of {CAPACITY}", text.len()))
            .hint("to copy it: vault get NAME --clip")
    })?;
    let width = code.width() + 2 * MARGIN;
    let height = width.div_ceil(2);
    // The shell's prompt needs a line, too.
    if width > columns || height >= lines {
        let error = format!(
            "the QR code needs {width} columns and {} lines; the terminal has {columns} and {lines}",
            height + 1
        );
        return Err(Error::failed(error).hint("make the window larger, or the font smaller"));
    }
    Ok(drawn(&code))
}

/// Draws the code black on white, whatever the terminal's colors are. Some readers can't scan an inverted code.
fn drawn(code: &QrCode) -> Zeroizing<String> {
    let width = code.width();
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < width);
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == Color::Dark)
    };
    let side = width + 2 * MARGIN;
    // Room for everything, because a buffer that grows leaves copies behind.
    let mut drawn = Zeroizing::new(String::with_capacity(side * side * 2 + side * 16));
    for y in (0..side).step_by(2) {
        drawn.push_str("\x1b[38;5;16;48;5;231m");
        for x in 0..side {
            drawn.push(match (is_dark(x, y), is_dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawn.push_str("\x1b[0m\n");
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rows of a drawn code, with one entry for each module.
    fn modules(drawn: &str) -> Vec<Vec<bool>> {
        let lines =
            drawn.lines().map(|line| line.strip_prefix("\x1b[38;5;16;48;5;231m").unwrap().trim_end_matches("\x1b[0m"));
        let pair = |line: &str| {
            let upper = line.chars().map(|c| "█▀".contains(c)).collect();
            let lower = line.chars().map(|c| "█▄".contains(c)).collect();
            [upper, lower]
        };
        lines.flat_map(pair).collect()
    }

    #[test]
    fn a_code_is_drawn_with_its_margin_and_its_three_corners() {
        let drawn = code("hunter2", (80, 24)).unwrap();
        let modules = modules(&drawn);
        // A code of version 1 has 21 modules on each side.
        assert_eq!((modules[0].len(), modules.len()), (29, 30));
        let dark = |x: usize, y: usize| modules[y][x];
        assert!(modules.iter().all(|row| !row[..MARGIN].contains(&true) && !row[25..].contains(&true)));
        assert!([0, 1, 2, 3, 25, 26, 27, 28, 29].iter().all(|row| !modules[*row].contains(&true)));
        for (left, top) in [(4, 4), (18, 4), (4, 18)] {
            for step in 0..7 {
                assert!(dark(left + step, top) && dark(left, top + step) && dark(left + 6, top + step));
            }
            assert!(!dark(left + 1, top + 1) && dark(left + 3, top + 3));
        }
    }

    #[test]
    fn a_code_that_does_not_fit_is_refused_with_the_size_it_needs() {
        let error = code("hunter2", (28, 24)).unwrap_err();
        assert_eq!(error.to_string(), "the QR code needs 29 columns and 16 lines; the terminal has 28 and 24");
        assert!(code("hunter2", (29, 15)).is_err() && code("hunter2", (29, 16)).is_ok());
        assert!(code(&"x".repeat(CAPACITY), (200, 100)).is_ok());
        let error = code(&"x".repeat(CAPACITY + 1), (200, 100)).unwrap_err();
        assert!(error.to_string().contains("too long for a QR code"), "{error}");
    }
}

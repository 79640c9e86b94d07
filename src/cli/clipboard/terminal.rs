//! Copies to the terminal's own clipboard with the escape sequence OSC 52 (xterm's ctlseqs). It also works over ssh. No
//! terminal confirms it, and most don't let a program read the clipboard.

use super::tools::{self, Uncopied};
use crate::cli::asking::terminal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vault::settings::{self, Variable};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The longest text that terminals certainly accept, in bytes. hterm's limit is 100,000 for the whole sequence.
const LONGEST: usize = 74_994;
/// The tmux buffer that the value passes through.
const BUFFER: &str = "vault-clip";

/// Returns whether there is a terminal that may know the sequence. The console of Linux ignores it, and a dumb terminal
/// prints it.
pub(super) fn is_there() -> bool {
    settings::terminal_type().is_some_and(|kind| kind != "linux") && terminal::is_available()
}

pub(super) fn copy(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        return Err(Error::failed(format!("the value has over {LONGEST} bytes: too long for a terminal's clipboard"))
            .hint("to write a file: vault get NAME -o FILE"));
    }
    terminal::show(&sequence(text))
}

/// Clears the clipboard, whatever it holds. A space comes first, because some terminals ignore an empty text.
pub(super) fn clear() {
    if terminal::show(&sequence(" ")).is_ok() {
        let _ = terminal::show(&sequence(""));
    }
}

/// Copies through tmux. tmux passes on a program's sequence only if set-clipboard is `on`, but always passes on what it
/// is given itself (tmux(1), `load-buffer -w`, since 3.2).
pub(super) fn copy_by_tmux(text: &str) -> Result<(), Uncopied> {
    let loaded = tools::run(&["tmux", "load-buffer", "-w", "-b", BUFFER, "-"], text.as_bytes());
    // Otherwise tmux would keep the value.
    let _ = tools::run(&["tmux", "delete-buffer", "-b", BUFFER], b"");
    loaded
}

/// Copies a space, because tmux ignores an empty buffer.
pub(super) fn clear_by_tmux() {
    let _ = copy_by_tmux(" ");
}

/// Returns OSC 52 for the clipboard. GNU screen needs it wrapped and in short pieces.
fn sequence(text: &str) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(text));
    // Room for everything, because a buffer that grows leaves copies behind.
    let mut whole = Zeroizing::new(String::with_capacity(encoded.len() + 16));
    whole.push_str("\x1b]52;c;");
    whole.push_str(&encoded);
    whole.push('\x07');
    if Variable::Screen.filled().is_some() { for_screen(&whole) } else { whole }
}

/// The longest piece for GNU screen. Some versions stop at 256 bytes.
const PIECE: usize = 240;

fn for_screen(sequence: &str) -> Zeroizing<String> {
    let pieces = sequence.len().div_ceil(PIECE);
    let mut wrapped = Zeroizing::new(String::with_capacity(sequence.len() + pieces * 4));
    let mut rest = sequence;
    while !rest.is_empty() {
        // The sequence is all ASCII, so it can be split anywhere.
        let (piece, others) = rest.split_at(rest.len().min(PIECE));
        wrapped.push_str("\x1bP");
        wrapped.push_str(piece);
        wrapped.push_str("\x1b\\");
        rest = others;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screen_gets_the_sequence_in_pieces_that_it_can_pass_on() {
        let sequence = format!("\x1b]52;c;{}\x07", "QUJD".repeat(200));
        let wrapped = for_screen(&sequence);
        let pieces: Vec<&str> = wrapped.split("\x1bP").skip(1).collect();
        assert_eq!(pieces.len(), sequence.len().div_ceil(PIECE));
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE + 2 && piece.ends_with("\x1b\\")));
        let passed_on: String = pieces.iter().map(|piece| piece.trim_end_matches("\x1b\\")).collect();
        assert_eq!(passed_on, sequence);
    }

    #[test]
    fn a_value_too_large_for_terminals_is_refused_before_it_is_written() {
        let error = copy(&"x".repeat(LONGEST + 1)).unwrap_err();
        assert!(error.to_string().contains("too long for a terminal's clipboard"), "{error}");
    }
}

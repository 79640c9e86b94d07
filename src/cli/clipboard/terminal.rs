//! The terminal's own clipboard, by the escape sequence OSC 52 (xterm's ctlseqs): it reaches who sits at the other end of ssh.
//! Nobody tells whether the terminal has taken it, and most don't let a program read what is there.

use super::tools;
use crate::cli::asking::terminal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vault::settings::Variable;
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The longest text that terminals surely take, in bytes: hterm's limit is 100,000 for the whole sequence.
const LONGEST: usize = 74_994;
/// tmux's buffer that the value passes through.
const BUFFER: &str = "vault-clip";

/// Whether there is a terminal that may know the sequence: the console of Linux ignores it, and a dumb one shows it.
pub(super) fn is_there() -> bool {
    let kind = Variable::Term.text().unwrap_or_default();
    !["", "dumb", "linux"].contains(&kind.as_str()) && terminal::is_there()
}

pub(super) fn copy(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        return Err(Error::failed(format!("the value has over {LONGEST} bytes: too long for a terminal's clipboard"))
            .hint("to write a file: vault get NAME -o FILE"));
    }
    terminal::show(&sequence(text))
}

/// Takes off whatever is there: a space first, because some terminals take nothing for no sequence at all.
pub(super) fn clear() {
    if terminal::show(&sequence(" ")).is_ok() {
        let _ = terminal::show(&sequence(""));
    }
}

/// tmux passes the sequence of a program on only where its set-clipboard is `on`; what it is given itself it always passes on
/// (tmux(1), `load-buffer -w`, since 3.2).
pub(super) fn copy_by_tmux(text: &str) -> Result<()> {
    let loaded = tools::run(&["tmux", "load-buffer", "-w", "-b", BUFFER, "-"], text.as_bytes());
    // Else tmux would go on holding it.
    let _ = tools::run(&["tmux", "delete-buffer", "-b", BUFFER], b"");
    loaded
}

/// A space: tmux takes nothing for no buffer at all.
pub(super) fn clear_by_tmux() {
    let _ = copy_by_tmux(" ");
}

/// OSC 52 for the clipboard. GNU screen passes on what is wrapped for it, in short pieces.
fn sequence(text: &str) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(text));
    // Room for all of it: a buffer that grows leaves copies behind.
    let mut whole = Zeroizing::new(String::with_capacity(encoded.len() + 16));
    whole.push_str("\x1b]52;c;");
    whole.push_str(&encoded);
    whole.push('\x07');
    if Variable::Screen.filled().is_some() { for_screen(&whole) } else { whole }
}

/// What GNU screen takes in one string is short: some versions stop at 256 bytes.
const PIECE: usize = 240;

fn for_screen(sequence: &str) -> Zeroizing<String> {
    let pieces = sequence.len().div_ceil(PIECE);
    let mut wrapped = Zeroizing::new(String::with_capacity(sequence.len() + pieces * 4));
    let mut rest = sequence;
    while !rest.is_empty() {
        // All of it is ASCII.
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
    fn screen_gets_the_sequence_in_pieces_that_it_passes_on() {
        let sequence = format!("\x1b]52;c;{}\x07", "QUJD".repeat(200));
        let wrapped = for_screen(&sequence);
        let pieces: Vec<&str> = wrapped.split("\x1bP").skip(1).collect();
        assert_eq!(pieces.len(), sequence.len().div_ceil(PIECE));
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE + 2 && piece.ends_with("\x1b\\")));
        let passed_on: String = pieces.iter().map(|piece| piece.trim_end_matches("\x1b\\")).collect();
        assert_eq!(passed_on, sequence);
    }

    #[test]
    fn what_no_terminal_takes_is_refused_before_it_is_written() {
        let error = copy(&"x".repeat(LONGEST + 1)).unwrap_err();
        assert!(error.to_string().contains("too long for a terminal's clipboard"), "{error}");
    }
}

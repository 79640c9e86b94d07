//! The clipboard of the terminal, and what happens when the terminal is closed.

use super::{Desk, ON_X11, XCLIP};
use crate::unlocked::{send, until};

#[test]
fn closing_the_terminal_clears_the_clipboard_at_once() {
    // Now the waiting process is known.
    const TIME: &str = "3541s";
    let process = || {
        let mut entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.find_map(|entry| {
            let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            let is_it = line.contains("clear-clipboard") && line.contains(TIME);
            is_it.then(|| entry.file_name().to_str()?.parse::<u32>().ok())?
        })
    };
    if !cfg!(target_os = "linux") {
        return;
    }
    let desk = Desk::new(&[XCLIP]);
    desk.run(&["get", "TOKEN", &format!("--clip={TIME}")], &[ON_X11]).ok();
    assert_eq!(desk.on_board(), b"hunter2 \xc3\xa9\n");
    send("TERM", process().unwrap());
    until("the clipboard is cleared", || desk.on_board().is_empty());
    until("the process ends", || process().is_none());
}

#[test]
fn a_terminal_gets_an_escape_sequence_with_the_value_and_later_one_that_clears_it() {
    let desk = Desk::new(&[]);
    let ssh = [("TERM", "xterm-256color"), ("SSH_CONNECTION", "a b c d")];
    let mut shell = desk.on_terminal("\"$VAULT\" get TOKEN --clip=1s >out; exec cat", &ssh);
    // "hunter2 é\n"
    shell.exp_string("\x1b]52;c;aHVudGVyMiDDqQo=\x07").unwrap();
    shell
        .exp_string("Sent dev/TOKEN to the terminal's clipboard; it is cleared in 1 second, whatever it contains then.")
        .unwrap();
    shell.exp_string("vault can't check that the terminal took it").unwrap();
    shell.exp_string("\x1b]52;c;IA==\x07\x1b]52;c;\x07").unwrap();
    assert_eq!(std::fs::read(desk.sandbox.project().join("out")).unwrap(), b"");
    assert_eq!(desk.reads(), 1);
    let screen = [("TERM", "screen"), ("STY", "1.tty"), ssh[1]];
    let mut shell = desk.on_terminal("\"$VAULT\" get TOKEN --clip=1s; exec cat", &screen);
    shell.exp_string("\x1bP\x1b]52;c;aHVudGVyMiDDqQo=\x07\x1b\\").unwrap();
}

#[test]
fn tmux_passes_the_value_on_and_keeps_no_buffer() {
    let tmux = ("tmux", "case $1 in load-buffer) cat >\"$BOARD\";; esac");
    let desk = Desk::new(&[tmux]);
    let inside = [("TMUX", "/tmp/tmux,1,0"), ("TERM", "tmux-256color"), ("SSH_CONNECTION", "a b c d")];
    let run = desk.run(&["get", "TOKEN", "--clip=1s"], &inside).ok();
    run.says("Sent dev/TOKEN to the terminal's clipboard");
    until("the clipboard is cleared", || desk.on_board() == b" ");
    let calls = "tmux load-buffer -w -b vault-clip -\ntmux delete-buffer -b vault-clip\n";
    assert!(desk.recorded("calls").starts_with(calls), "{}", desk.recorded("calls"));
    // tmux before 3.2 has no -w.
    let old = Desk::new(&[("tmux", "exit 1")]);
    let mut shell = old.on_terminal("\"$VAULT\" get TOKEN --clip=1s; exec cat", &inside);
    shell.exp_string("\x1b]52;c;aHVudGVyMiDDqQo=\x07").unwrap();
}

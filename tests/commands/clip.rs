//! `get --clip`, with fake clipboard programs that write to a file, and with a real terminal.

mod qr;
mod terminal;

use crate::harness::{Run, Sandbox, finish, program};
use crate::unlocked::{lives, until};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The beginning of each fake program. It records its arguments, its environment, its parent and its process id.
const CALLED: &str = "#!/bin/sh
echo \"${0##*/} $*\" >>\"$BOARD.calls\"; env >>\"$BOARD.env\"; echo $PPID >>\"$BOARD.callers\"
echo $$ >>\"$BOARD.pids\"
";
const COPY: &str = "cat >\"$BOARD\"";
const PASTE: &str = "cat \"$BOARD\"";
const WAYLAND: [(&str, &str); 2] =
    [("wl-copy", "case $* in *--clear*) : >\"$BOARD\";; *) cat >\"$BOARD\";; esac"), ("wl-paste", PASTE)];
const OLD_WAYLAND: [(&str, &str); 2] = [
    ("wl-copy", "case $* in *--sensitive*) exit 1;; *--clear*) : >\"$BOARD\";; *) cat >\"$BOARD\";; esac"),
    ("wl-paste", PASTE),
];
const XCLIP: (&str, &str) = ("xclip", "case $* in *-out*) cat \"$BOARD\";; *) cat >\"$BOARD\";; esac");
const XSEL: (&str, &str) =
    ("xsel", "case $* in *--output*) cat \"$BOARD\";; *--clear*) : >\"$BOARD\";; *) cat >\"$BOARD\";; esac");
const ON_WAYLAND: (&str, &str) = ("WAYLAND_DISPLAY", "wayland-0");
const ON_X11: (&str, &str) = ("DISPLAY", ":0");

/// A vault with TOKEN, and the clipboard programs that a test needs.
struct Desk {
    sandbox: Sandbox,
}

impl Desk {
    fn new(programs: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::with_vault();
        sandbox.set("TOKEN", b"hunter2 \xc3\xa9\n");
        let bin = sandbox.home().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        // Only the fake programs are in PATH, because this machine may have a real clipboard.
        for name in ["base64", "cat", "env", "sleep", "stty"] {
            let mut directories = std::env::split_paths(&path).map(|directory| directory.join(name));
            let found = directories.find(|path| path.is_file()).unwrap();
            std::os::unix::fs::symlink(found, bin.join(name)).unwrap();
        }
        for (name, body) in programs {
            let path = bin.join(name);
            std::fs::write(&path, format!("{CALLED}{body}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { sandbox }
    }

    fn prepare(&self, mut command: Command, variables: &[(&str, &str)]) -> Command {
        let bin = self.sandbox.home().join("bin");
        command.env("PATH", bin).env("BOARD", self.board());
        command.env("VAULT", program()).envs(variables.iter().copied());
        command
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        finish(self.prepare(self.sandbox.command(arguments), variables))
    }

    /// Runs the command in a shell on a terminal that stays open after the command.
    fn on_terminal(&self, line: &str, variables: &[(&str, &str)]) -> rexpect::session::PtySession {
        let mut shell = self.prepare(self.sandbox.other("/bin/sh", ["-c", line]), variables);
        shell.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        rexpect::session::spawn_command(shell, Some(30_000)).unwrap()
    }

    fn board(&self) -> PathBuf {
        self.sandbox.home().join("board")
    }

    fn on_board(&self) -> Vec<u8> {
        std::fs::read(self.board()).unwrap_or_default()
    }

    fn recorded(&self, what: &str) -> String {
        std::fs::read_to_string(self.sandbox.home().join(format!("board.{what}"))).unwrap_or_default()
    }

    /// How often TOKEN was read, according to the log.
    fn reads(&self) -> usize {
        self.sandbox.run(["log", "show", "--action", "get", "--json"]).ok().text().matches("TOKEN").count()
    }
}

#[test]
fn a_value_is_copied_marked_as_secret_and_cleared_after_a_while() {
    let desk = Desk::new(&WAYLAND);
    let run = desk.run(&["get", "TOKEN", "--clip=1s"], &[ON_WAYLAND]).ok();
    assert_eq!(run.stderr, "Copied dev/TOKEN; the clipboard is cleared in 1 second.\n");
    assert!(run.stdout.is_empty());
    assert_eq!(desk.reads(), 1);
    until("the clipboard is cleared", || {
        desk.recorded("calls").contains("wl-copy --clear") && desk.on_board().is_empty()
    });
    assert!(
        desk.recorded("calls").starts_with("wl-copy --sensitive --type text/plain\n"),
        "{}",
        desk.recorded("calls")
    );
    // Neither the value nor the key is on a command line or in an environment.
    let seen = desk.recorded("calls") + &desk.recorded("env");
    assert!(!seen.contains("hunter2") && !seen.contains("AGE-SECRET-KEY"), "{seen}");
}

#[test]
fn the_clipboard_has_the_exact_text_for_30_seconds_by_default() {
    let desk = Desk::new(&WAYLAND);
    let run = desk.run(&["get", "dev/TOKEN", "--clip"], &[ON_WAYLAND]).ok();
    assert_eq!(run.stderr, "Copied dev/TOKEN; the clipboard is cleared in 30 seconds.\n");
    assert_eq!(desk.on_board(), b"hunter2 \xc3\xa9\n");
    desk.sandbox.set("TOKEN", b"newer");
    desk.run(&["get", "TOKEN", "--version", "1", "--clip=2m"], &[ON_WAYLAND]).ok().says("in 2 minutes.");
    assert_eq!(desk.on_board(), b"hunter2 \xc3\xa9\n");
    for time in ["0s", "2h", "soon", ""] {
        desk.run(&["get", "TOKEN", &format!("--clip={time}")], &[ON_WAYLAND]).fails(2);
    }
}

#[test]
fn a_clipboard_program_that_hangs_is_killed_with_a_message_and_its_value_is_cleared() {
    // One program takes the value and never exits, the other doesn't even take it.
    for body in ["cat >\"$BOARD\"; exec sleep 3600", "exec sleep 3600"] {
        let desk = Desk::new(&[("xclip", &format!("case $* in *-out*) cat \"$BOARD\";; *) {body};; esac")), XSEL]);
        let run = desk.run(&["get", "TOKEN", "--clip=1s"], &[ON_X11]).fails(1);
        assert_eq!(
            run.stderr,
            "error: xclip could not copy: it did not end within 5 seconds\n\
             hint: does the display still answer? to write a file: vault get NAME -o FILE\n"
        );
        let calls = desk.recorded("calls");
        assert!(!calls.contains("xsel"), "another program of the display could hang as well: {calls}");
        until("what hangs is ended", || !lives(desk.recorded("pids").lines().next().unwrap().parse().unwrap()));
        until("the clipboard is looked at", || desk.recorded("calls").contains("-out"));
    }
}

#[test]
fn text_that_was_copied_later_is_not_cleared() {
    let desk = Desk::new(&WAYLAND);
    desk.run(&["get", "TOKEN", "--clip=1s"], &[ON_WAYLAND]).ok();
    std::fs::write(desk.board(), "something else").unwrap();
    until("the clipboard is looked at", || desk.recorded("calls").contains("wl-paste"));
    let caller = desk.recorded("callers").lines().last().unwrap().parse().unwrap();
    until("nothing is left running", || !lives(caller));
    assert_eq!(desk.on_board(), b"something else");
    assert!(!desk.recorded("calls").contains("--clear"));
}

#[test]
fn each_display_has_its_programs_and_if_one_fails_the_next_is_tried() {
    let copied = |programs: &[(&str, &str)], variables: &[(&str, &str)]| {
        let desk = Desk::new(programs);
        let run = desk.run(&["get", "TOKEN", "--clip=1s"], variables).ok();
        until("the clipboard is cleared", || desk.recorded("calls").lines().count() >= 3 && desk.on_board().is_empty());
        (desk.recorded("calls").lines().next().unwrap().to_owned(), run)
    };
    let (call, run) = copied(&[XCLIP, XSEL], &[ON_X11]);
    assert_eq!(call, "xclip -selection clipboard -in");
    run.says("note: xclip can't mark it as a secret: a clipboard manager may keep it");
    let (call, run) = copied(&[XSEL], &[ON_X11, ON_WAYLAND]);
    assert_eq!(call, "xsel --clipboard --input");
    run.says("xsel can't mark it");
    let (call, _) = copied(&[WAYLAND[0], WAYLAND[1], XCLIP], &[ON_X11, ON_WAYLAND]);
    assert!(call.starts_with("wl-copy --sensitive"), "{call}");
    let (_, run) = copied(&[("xclip", "cat >/dev/null; exit 1"), XSEL], &[ON_X11]);
    run.says("xsel can't mark it");
    // Old versions write it to a file, so every other program is better.
    let (_, run) = copied(&[OLD_WAYLAND[0], OLD_WAYLAND[1], XSEL], &[ON_X11, ON_WAYLAND]);
    run.says("xsel can't mark it");
    let (_, run) = copied(&OLD_WAYLAND, &[ON_WAYLAND]);
    run.says("warning: this wl-copy puts the value into a file in /tmp").says("hint: install wl-clipboard 2.3");
}

#[test]
fn macos_and_wsl_have_their_own_programs_which_are_not_used_over_ssh() {
    let macos = [("osascript", COPY), ("pbcopy", COPY), ("pbpaste", PASTE)];
    let desk = Desk::new(&macos);
    let run = desk.run(&["get", "TOKEN", "--clip=1s"], &[]).ok();
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    until("the clipboard is cleared", || desk.recorded("calls").contains("\npbcopy \n") && desk.on_board().is_empty());
    assert!(desk.recorded("calls").contains("org.nspasteboard.ConcealedType"));
    desk.run(&["get", "TOKEN", "--clip"], &[("SSH_CONNECTION", "a b c d")]).fails(1).says("there is no clipboard here");
    // If osascript fails, the next program is tried.
    let desk = Desk::new(&[("osascript", "exit 1"), macos[1], macos[2]]);
    desk.run(&["get", "TOKEN", "--clip"], &[]).ok().says("pbcopy can't mark it");
    assert_eq!(desk.on_board(), b"hunter2 \xc3\xa9\n");
    let script = "case $* in
        *FromBase64String*) base64 -d >\"$BOARD\";; *ToBase64String*) base64 <\"$BOARD\";; *) : >\"$BOARD\";; esac";
    let desk = Desk::new(&[("powershell.exe", script)]);
    if !cfg!(target_os = "macos") {
        assert_eq!(desk.run(&["get", "TOKEN", "--clip=1s"], &[]).ok().stderr.lines().count(), 1);
        until("the clipboard is cleared", || {
            desk.recorded("calls").contains("::Clear()") && desk.on_board().is_empty()
        });
    }
}

#[test]
fn without_a_clipboard_nothing_is_read() {
    let desk = Desk::new(&[]);
    let remote = ("SSH_CONNECTION", "a b c d");
    let get = |variables: &[(&str, &str)]| desk.run(&["get", "TOKEN", "--clip"], variables).fails(1);
    get(&[remote]).says("error: there is no clipboard here").says("hint: --clip needs a display or a terminal");
    get(&[remote, ON_WAYLAND]).says("hint: install wl-clipboard");
    get(&[remote, ON_X11]).says("hint: install xclip or xsel");
    // The Linux console ignores an unknown sequence; a dumb terminal would print all of it.
    for kind in ["dumb", "linux", ""] {
        let mut shell = desk.on_terminal("\"$VAULT\" get TOKEN --clip", &[("TERM", kind), remote]);
        shell.exp_string("there is no clipboard here").unwrap();
    }
    assert_eq!(desk.reads(), 0);
}

#[test]
fn a_program_in_the_current_directory_is_not_run_as_a_clipboard_program() {
    let desk = Desk::new(&[]);
    let path = desk.sandbox.write("xclip", format!("{CALLED}{COPY}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    for search in [".", ":", "../project"] {
        let mut command = desk.prepare(desk.sandbox.command(["get", "TOKEN", "--clip"]), &[ON_X11]);
        command.env("SSH_CONNECTION", "a b c d").env("PATH", search);
        finish(command).fails(1).says("there is no clipboard here");
    }
    assert_eq!(desk.recorded("calls"), "");
}

#[test]
fn only_text_can_be_copied_and_only_to_one_place() {
    let desk = Desk::new(&WAYLAND);
    for (value, why) in [(&b"\xff"[..], "dev/OTHER is not text"), (b"a\0b", "is not text"), (b"", "dev/OTHER is empty")]
    {
        desk.sandbox.set("OTHER", value);
        desk.run(&["get", "OTHER", "--clip"], &[ON_WAYLAND]).fails(1).says(why).says("-o FILE");
    }
    for other in [&["-o", "file"][..], &["--qr"], &["--json"]] {
        let run = desk.run(&[&["get", "TOKEN", "--clip"], other].concat(), &[ON_WAYLAND]);
        assert!(run.code == 2 && run.stdout.is_empty() && run.stderr.contains("can't be used with"), "{run:?}");
    }
    let run = desk.run(&["get", "TOKEN", "--qr", "--json"], &[]).says("--qr can't be used with --json");
    assert_eq!(run.code, 2);
    assert_eq!((desk.reads(), desk.on_board()), (0, Vec::new()));
}

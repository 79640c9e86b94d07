//! Tests of prompts on real terminals. Each runs in its own process and session: this test program again, which runs
//! only [`prompting_program`]. If a test needs job control, `sh` is its parent.

mod answers;
mod by_signal;
mod other;
mod quiet;
#[path = "../../../../tests/signals.rs"]
mod signals;

use super::*;
use crate::cli::showing::remedies::hint_of;
use rexpect::process::{Signal, WaitStatus};
use rexpect::session::{PtySession, spawn_command};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};
use vault::secret::ExposeSecret as _;

/// Names the question that the program under test asks. Without it, that program does nothing.
const QUESTION_VARIABLE: &str = "PROMPT_TEST_QUESTION";

/// In milliseconds. Only a failing test waits this long.
const TIMEOUT: u64 = 20_000;

const PROGRAM: &str = "cli::asking::terminal::tests::prompting_program";

#[test]
#[ignore = "the program under test, not a test"]
#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
fn prompting_program() {
    let Ok(question) = std::env::var(QUESTION_VARIABLE) else { return };
    // From now on this thread gets the signal, and no other: see `script`.
    nix::sys::signal::SigSet::from(Signal::SIGCONT).thread_unblock().unwrap();
    let text = |secret: SecretString| secret.expose_secret().to_owned();
    let answer = match question.as_str() {
        "hidden" => hidden("Passphrase: ").map(text),
        "rpassword" => Ok(rpassword::prompt_password("Passphrase: ").unwrap()),
        "adopted" => {
            rustix::process::setsid().unwrap();
            rustix::process::ioctl_tiocsctty(std::io::stdin()).unwrap();
            hidden("Passphrase: ").map(text)
        }
        "twice" => hidden("Passphrase: ").and_then(|first| Ok(format!("{}+{}", text(first), text(hidden("Again: ")?)))),
        "quiet" => {
            let quiet = Quiet::begin();
            let first = text(hidden("Passphrase: ").unwrap());
            work();
            let second = hidden("Again: ").map(text);
            work();
            drop(quiet);
            second.map(|second| format!("{first}+{second}"))
        }
        "value" => hidden_value("Value: ").map(text),
        "line" => visible_line("Name: "),
        "confirm" => confirm("Sure?").map(|yes| yes.to_string()),
        "panic" => {
            std::panic::set_hook(Box::new(|_| restore()));
            let tty = modes::open().unwrap();
            let prompt = Prompt::start(tty, "Passphrase: ", Echo::Off).unwrap();
            std::mem::forget(prompt);
            panic!("a bug");
        }
        "idle" => hidden("Passphrase: ").map(text).inspect(|_| {
            println!("idle");
            std::thread::sleep(Duration::from_millis(TIMEOUT));
        }),
        "supervisor" => hidden("Passphrase: ").map(|_| {
            let interrupted = std::sync::Arc::default();
            signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::clone(&interrupted)).unwrap();
            super::signals::release();
            println!("supervising");
            wait_until("it is interrupted", || interrupted.load(std::sync::atomic::Ordering::SeqCst));
            "survived".to_owned()
        }),
        other => panic!("no question {other}"),
    };
    match answer {
        Ok(answer) => println!(
            "answer=<{}> {}",
            answer.len(),
            answer.chars().take(80).flat_map(char::escape_default).collect::<String>()
        ),
        Err(error) => {
            let hint = hint_of(&error).unwrap_or_default();
            println!("error=<{error}> hint=<{hint}> exit {}", vault::view::exit_code(error.kind()));
        }
    }
}

/// Works until the test says that the work is done.
fn work() {
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let id = signal_hook::flag::register(signal_hook::consts::SIGUSR1, std::sync::Arc::clone(&done)).unwrap();
    println!("working");
    wait_until("the work is done", || done.load(std::sync::atomic::Ordering::SeqCst));
    signal_hook::low_level::unregister(id);
}

/// Returns a shell script in which `$PROGRAM` asks the question.
fn script(question: &str, script: &str) -> Command {
    signals::use_defaults();
    let me = std::env::current_exe().unwrap();
    // In a test program, the kernel delivers a process's signal to the main thread first, which runs next to the test.
    // vault has a single thread, which sees SIGCONT before it takes the terminal. So the main thread must not get that
    // signal.
    let block = "env --block-signal=CONT";
    let is_able = Command::new("sh").args(["-c", &format!("{block} true 2>&1")]).output().unwrap().status.success();
    let block = if is_able { block } else { "" };
    let program = format!("{block} {} {PROGRAM} --exact --ignored --nocapture --test-threads=1", me.display());
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("PROGRAM", program).env(QUESTION_VARIABLE, question);
    command
}

/// Runs the script on its own terminal.
fn shell(question: &str, text: &str) -> PtySession {
    // rexpect starts its terminals without echo.
    let mut session = spawn_command(script(question, &format!("stty echo; {text}")), Some(TIMEOUT)).unwrap();
    session.process_mut().set_kill_timeout(Some(500));
    session
}

/// Runs the program without a shell, and returns once it has asked the question.
fn asked(question: &str, prompt: &str) -> PtySession {
    let mut session = shell(question, "exec $PROGRAM");
    session.exp_string(prompt).unwrap();
    session
}

fn has_echo(session: &PtySession) -> bool {
    tcgetattr(session.process().get_file_handle().unwrap()).unwrap().local_modes.contains(LocalModes::ECHO)
}

/// Types keys. `\n` is Enter.
fn enter(session: &mut PtySession, keys: impl AsRef<[u8]>) {
    let mut terminal = session.process().get_file_handle().unwrap();
    std::io::Write::write_all(&mut terminal, keys.as_ref()).unwrap();
}

fn ended(session: &PtySession) -> WaitStatus {
    session.process().wait().unwrap()
}

/// Answers the question. Returns what was shown before the program's report, and the report.
fn report(question: &str, prompt: &str, keys: impl AsRef<[u8]>) -> (String, String) {
    let mut session = asked(question, prompt);
    enter(&mut session, keys);
    let (shown, start) = session.exp_regex("(answer|error)=").unwrap();
    let report = start + session.read_line().unwrap().trim_end();
    assert!(has_echo(&session), "the terminal must be restored");
    (shown, report)
}

#[test]
fn g5_a_hidden_answer_is_not_shown_and_is_followed_by_one_line_break() {
    let (shown, report) = report("hidden", "Passphrase: ", "orbit velvet\n");
    assert_eq!(shown, "\r\n");
    assert_eq!(report, "answer=<12> orbit velvet");
}

#[test]
fn echo_is_off_while_a_hidden_answer_is_typed_and_on_for_a_line() {
    assert!(!has_echo(&asked("hidden", "Passphrase: ")));
    assert!(has_echo(&asked("line", "Name: ")));
    let (shown, report) = report("line", "Name: ", "mia\n");
    assert_eq!(shown, "mia\r\n");
    assert_eq!(report, "answer=<3> mia");
}

#[test]
fn g4_standard_input_is_left_alone() {
    let mut session = shell("hidden", "printf 'for the child\\n' | { $PROGRAM; cat; }");
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
    session.exp_string("for the child").unwrap();
}

#[test]
fn a_panic_restores_the_terminal_even_without_destructors() {
    let mut session = asked("panic", "Passphrase: ");
    session.exp_string("test result").unwrap();
    assert!(has_echo(&session));
}

#[test]
fn g3_without_a_terminal_it_fails_at_once() {
    let mut session = shell("hidden", "setsid -w $PROGRAM </dev/null | cat");
    let (_, start) = session.exp_regex("error=").unwrap();
    let report = start + &session.read_line().unwrap();
    assert!(
        report.contains("nobody can be asked for the passphrase") && report.trim_end().ends_with("exit 4"),
        "{report}"
    );
}

#[test]
fn closing_the_terminal_ends_the_question() {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = std::fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    // SIGHUP would end the program earlier, so it is ignored here.
    let mut command = script("adopted", "trap '' HUP; exec $PROGRAM");
    let child = command.stdin(slave).stdout(std::process::Stdio::piped()).spawn().unwrap();
    // The command keeps the other end of the terminal open.
    drop(command);
    let mut shown = [0; 12];
    let mut terminal = std::fs::File::from(master);
    terminal.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"Passphrase: ");
    drop(terminal);
    let report = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(report.contains("error=<cannot ask for the passphrase: the terminal is gone"), "{report}");
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_millis(TIMEOUT), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the process that the script's shell runs.
fn foreground_child(session: &PtySession) -> rustix::process::Pid {
    let shell = match session.process().status() {
        Some(WaitStatus::StillAlive) => tty_session(session),
        other => panic!("{other:?}"),
    };
    let path = format!("/proc/{shell}/task/{shell}/children");
    let child = std::fs::read_to_string(path).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    rustix::process::Pid::from_raw(child).unwrap()
}

fn tty_session(session: &PtySession) -> i32 {
    let terminal = session.process().get_file_handle().unwrap();
    rustix::termios::tcgetsid(&terminal).unwrap().as_raw_nonzero().get()
}

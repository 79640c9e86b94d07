//! `exec --mask` and `--watch`: no process of the command survives a signal or a restart.

use crate::harness::{Sandbox, has, program};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.run(["set", "--kind", "variable", "MODE=production"]).ok();
    sandbox
}

/// A server whose parent is a shell, as with npm. It ignores SIGINT, as background jobs do.
const SERVER: &str = "sh -c 'echo $$ >>pids; echo up; while :; do sleep 0.1; done' & echo $$ >>pids; wait; wait";

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command until the server is up.
fn start(mut command: Command) -> Child {
    let mut child = command.spawn().unwrap();
    let mut printed = [0; 3];
    child.stdout.as_mut().unwrap().read_exact(&mut printed).unwrap();
    assert_eq!(&printed, b"up\n");
    child
}

/// Returns the ids of the processes that the scripts recorded.
fn written(sandbox: &Sandbox) -> Vec<i32> {
    let text = std::fs::read_to_string(sandbox.project().join("pids")).unwrap();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

fn is_running(process: i32) -> bool {
    let stat = std::fs::read_to_string(PathBuf::from(format!("/proc/{process}/stat"))).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "the condition never became true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to this process only.
fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn no_signal_to_vault_leaves_an_orphan() {
    let sandbox = sandbox();
    let signals = [
        Signal::TERM,
        Signal::INT,
        Signal::HUP,
        Signal::QUIT,
        Signal::ALARM,
        Signal::USR1,
        Signal::ABORT,
        Signal::SEGV,
        Signal::KILL,
    ];
    for option in ["--mask", "--watch"] {
        for signal in signals {
            let mut child = start(sandbox.command(["exec", option, "--", "sh", "-c", SERVER]));
            send(&child, signal);
            let status = child.wait().unwrap();
            assert_eq!(status.signal(), Some(signal.as_raw()), "{option} {signal:?} {status}");
            wait_until(|| written(&sandbox).into_iter().all(|process| !is_running(process)));
            std::fs::remove_file(sandbox.project().join("pids")).unwrap();
        }
    }
}

#[test]
fn killing_the_group_or_its_leader_leaves_no_orphan() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        // Without a terminal, as under a service manager.
        if has("setsid") {
            let program = program().to_str().unwrap();
            let mut child = start(sandbox.other("setsid", [program, "exec", option, "--", "sh", "-c", SERVER]));
            rustix::process::kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
            child.wait().unwrap();
            wait_until(|| written(&sandbox).into_iter().all(|process| !is_running(process)));
        }
        let script = SERVER.replacen("wait;", "kill -KILL $PPID;", 1);
        sandbox.run(["exec", option, "--", "sh", "-c", &script]);
        wait_until(|| written(&sandbox).into_iter().all(|process| !is_running(process)));
    }
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_at_once_by_a_second_signal() {
    let sandbox = sandbox();
    let stubborn = format!("trap '' TERM; {SERVER}");
    let mut child = start(sandbox.command(["exec", "--watch", "--", "bash", "-c", &stubborn]));
    send(&child, Signal::HUP);
    wait_until(|| !is_running(*written(&sandbox).last().unwrap()) || !is_running(written(&sandbox)[0]));
    // The shell has exited, and the server ignores SIGTERM.
    send(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().signal(), Some(1));
    assert!(written(&sandbox).into_iter().all(|process| !is_running(process)));
}

#[test]
fn a_restart_stops_the_old_server_before_the_new_one_starts() {
    let sandbox = sandbox();
    let vault = program().display();
    // The second server prints a line if the first one is still running.
    let script = format!(
        "[ -e pids ] && {{ for p in $(cat pids); do kill -0 $p 2>/dev/null && echo $p lives; done; echo $TOKEN; exit 7; }}; \
         sh -c 'echo $$ >>pids; while :; do sleep 0.1; done' & sh -c 'sleep 0.3; exec setsid sleep 0.1' & \
         printf new-value | '{vault}' set -q TOKEN; trap 'echo asked; exit' TERM; while :; do sleep 0.1; done"
    );
    for (options, shown) in [(&["--watch"][..], "new-value"), (&["--watch", "--mask"], "****")] {
        let run = sandbox.run([&["exec", "--pass-key"], options, &["--", "sh", "-c", &script]].concat());
        assert_eq!((run.code, run.text()), (7, format!("asked\n{shown}\n")), "{run:?}");
        std::fs::remove_file(sandbox.project().join("pids")).unwrap();
        sandbox.set("TOKEN", b"hunter2-hunter2");
    }
}

#[test]
fn changing_a_variable_to_a_secret_restarts_the_command_and_masks_the_value() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "echo $MODE; [ -e ran ] && exit 0; touch ran; '{vault}' set -q --kind secret MODE </dev/null; exec sleep 600"
    );
    let run = sandbox.run(["exec", "--watch", "--mask", "--pass-key", "--", "sh", "-c", &script]).ok();
    assert_eq!(run.text(), "production\n****\n");
    assert!(run.stderr.contains("Changed the kind of MODE; sh is restarted."), "{run:?}");
}

#[test]
fn a_command_that_exits_leaves_its_daemons_running() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        sandbox.run(["exec", option, "--", "sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $! >>pids"]).ok();
    }
    for process in written(&sandbox) {
        assert!(is_running(process));
        kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn j2_every_signal_that_can_be_forwarded_is_forwarded_once() {
    if !has("python3") {
        return;
    }
    let sandbox = sandbox();
    let script = "
import os, signal, sys
names = 'HUP INT QUIT ABRT USR1 USR2 ALRM VTALRM PROF URG IO WINCH CONT XCPU PWR TERM'.split()
wanted = [getattr(signal, 'SIG' + name) for name in names] + [signal.SIGRTMIN + n for n in (0, 1, 7, 20)]
signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
print('up', flush=True)
seen = []
while len(seen) < len(wanted):
    seen.append(signal.sigwait(wanted))
assert sorted(seen) == sorted(wanted), seen
print('all', flush=True)
";
    for option in ["--mask", "--watch"] {
        // Without a terminal, so that no other signals arrive.
        let program = program().to_str().unwrap();
        let mut child = start(sandbox.other("setsid", [program, "exec", option, "--", "python3", "-c", script]));
        let mut numbers: Vec<i32> =
            [Signal::HUP, Signal::INT, Signal::QUIT, Signal::ABORT, Signal::USR1, Signal::USR2, Signal::ALARM]
                .map(Signal::as_raw)
                .to_vec();
        let others =
            [Signal::VTALARM, Signal::PROF, Signal::URG, Signal::IO, Signal::WINCH, Signal::CONT, Signal::XCPU];
        numbers.extend(others.map(Signal::as_raw));
        numbers.extend([Signal::POWER, Signal::TERM].map(Signal::as_raw));
        numbers.extend([34, 35, 41, 54]);
        let kill = numbers.iter().map(|number| format!("kill -{number} {};", child.id())).collect::<String>();
        assert!(Command::new("bash").args(["-c", &kill]).status().unwrap().success());
        let mut rest = String::new();
        child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        let mut printed = String::new();
        child.stderr.as_mut().unwrap().read_to_string(&mut printed).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("all\n", Some(0)), "{option}: {printed}");
    }
}

#[test]
fn the_command_inherits_ignored_signals() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        let script =
            format!("trap '' HUP USR1; exec '{}' exec {option} -- grep SigIgn /proc/self/status", program().display());
        let run = crate::harness::finish(sandbox.other("sh", ["-c", &script])).ok();
        let ignored = u64::from_str_radix(run.text().split_whitespace().last().unwrap(), 16).unwrap();
        assert_eq!(ignored & 0x1201, 0x201, "{option}: HUP and USR1, not PIPE");
    }
}

#[test]
fn a_command_that_handles_an_inherited_ignored_signal_gets_it() {
    if !has("perl") {
        return;
    }
    let sandbox = sandbox();
    // A server started by `nohup`, or a background script: it reloads at SIGHUP and exits at SIGINT.
    let server = "$| = 1; $SIG{HUP} = sub { print qq(again\n) }; $SIG{INT} = sub { print qq(end\n); exit 7 }; \
                  print qq(up\n); sleep 1 while 1";
    for option in ["--mask", "--watch"] {
        let script = "trap '' HUP INT USR1; exec \"$0\" exec \"$1\" -- perl -e \"$2\"";
        let mut child = start(sandbox.other("sh", ["-c", script, program().to_str().unwrap(), option, server]));
        // The default action of that signal would end vault.
        send(&child, Signal::USR1);
        send(&child, Signal::HUP);
        let mut printed = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut printed).unwrap();
        assert_eq!(&printed, b"again\n", "{option}");
        send(&child, Signal::INT);
        let mut rest = String::new();
        child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("end\n", Some(7)), "{option}");
    }
}

#[test]
fn j6_a_command_that_cannot_start_is_logged_as_failed() {
    let sandbox = sandbox();
    sandbox.write("no-program", "text");
    let script = sandbox.write("no-interpreter", "#!/nonexistent/sh\n");
    std::fs::set_permissions(script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for (command, code) in [("nosuchcmd", 127), ("./no-program", 126), ("./no-interpreter", 127), ("/", 126)] {
        for option in ["--", "--mask"] {
            sandbox.run(["exec", option, command]).fails(code);
            let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
            assert_eq!((last["action"].as_str(), last["outcome"].as_str()), (Some("exec"), Some("failed")), "{last}");
        }
    }
    sandbox.run(["exec", "--", "true"]).ok();
    assert_eq!(sandbox.run(["log", "--json", "-n", "1"]).ok().json()["outcome"], "ok");
}

#[test]
fn j6_a_resource_limit_is_an_error_of_vault_and_is_named() {
    let sandbox = sandbox();
    // A descriptor that another test passes on at this moment would count, too.
    const CLOSE: &str = "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -le 2 ] || eval \"exec $fd>&-\"; done";
    let run = |limit: &str, option: &str| {
        let vault = program().display();
        let script = format!("{CLOSE}; ulimit {limit}; exec '{vault}' exec {option} -- sh -c 'echo ran'");
        crate::harness::finish(sandbox.other("bash", ["-c", &script]))
    };
    for option in ["--mask", "--watch"] {
        let mut failures = 0;
        for files in 4..40 {
            let run = run(&format!("-n {files}"), option);
            if run.text() == "ran\n" {
                assert_eq!(run.code, 0, "{files}: {run:?}");
                continue;
            }
            failures += usize::from(run.stderr.contains("ulimit -n"));
            assert_eq!((run.code, run.text().as_str()), (125, ""), "{option} {files}: {run:?}");
        }
        assert!(failures > 0, "{option}");
    }
}

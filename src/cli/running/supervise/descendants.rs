//! The command's child processes and all their descendants: how they are found and ended.
//!
//! They are found by their parents, not by their process group. On a terminal, the command is in this process's own
//! group, together with other processes that the user's shell put there. A process that left the session (setsid(2)) is
//! a daemon, and keeps running.

use nix::unistd::getsid;
use rustix::process::{Pid, Signal, getpid, kill_process, test_kill_process};
use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

/// How long a process may take to end before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often to check whether the processes have ended.
const INTERVAL: Duration = Duration::from_millis(20);
/// If a killed process still exists after this long, the kernel is holding it up.
const HELD_UP: Duration = Duration::from_secs(2);

/// A process and its parent.
#[derive(Debug, Clone, Copy)]
struct Process {
    number: i32,
    parent: i32,
    /// Whether it has ended, but its parent has not asked for its status.
    is_zombie: bool,
}

/// The descendants of this process.
#[derive(Debug, Clone, Copy)]
pub struct Descendants {
    /// Only processes of this session count.
    session: Option<Pid>,
    /// This process is left out, because it is needed until the end.
    leader: Option<Pid>,
}

/// Makes this process the parent of orphaned descendants (prctl(2), `PR_SET_CHILD_SUBREAPER`). Otherwise nobody could
/// tell whose descendants they were.
#[cfg(target_os = "linux")]
pub fn inherit() {
    let _ = rustix::process::set_child_subreaper(Some(getpid()));
}

#[cfg(not(target_os = "linux"))]
pub fn inherit() {}

/// Reaps the ended processes that this process has inherited. Don't call it while the status of another child is still
/// needed.
pub fn reap() {
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status != WaitStatus::StillAlive) {}
}

impl Descendants {
    /// Returns all descendants in this process's session.
    pub fn here() -> Self {
        Self { session: session(getpid()), leader: None }
    }

    /// Returns the descendants behind a leader. The leader leads the session of another terminal, or is in this
    /// session.
    pub fn behind(leader: Pid, has_terminal: bool) -> Self {
        let session = if has_terminal { Some(leader) } else { session(getpid()) };
        Self { session, leader: Some(leader) }
    }

    /// Sends all of them a signal, and continues those that are stopped, so that they see it.
    pub fn send(self, signal: Signal) {
        for process in self.living() {
            send(process, signal);
        }
    }

    /// Ends all of them with SIGTERM. At the deadline, or as soon as `is_enough` returns true, it sends SIGKILL.
    pub fn end(self, deadline: Instant, mut is_enough: impl FnMut() -> bool) {
        let mut terminated = HashSet::new();
        let mut deadline = deadline;
        loop {
            let mut left = self.living();
            // Processes of other users can't be ended.
            left.retain(|process| test_kill_process(*process).is_ok());
            let now = Instant::now();
            if left.is_empty() || now > deadline + HELD_UP {
                return;
            }
            if is_enough() {
                deadline = deadline.min(now);
            }
            for process in left {
                if now >= deadline {
                    send(process, Signal::KILL);
                } else if terminated.insert(process) {
                    send(process, Signal::TERM);
                }
            }
            std::thread::sleep(INTERVAL);
        }
    }

    fn living(self) -> Vec<Pid> {
        let found = descendants(&all().unwrap_or_default(), getpid().as_raw_pid());
        let found = found.into_iter().filter_map(Pid::from_raw).filter(|process| Some(*process) != self.leader);
        found.filter(|process| session(*process) == self.session).collect()
    }
}

fn send(process: Pid, signal: Signal) {
    let _ = kill_process(process, signal);
    let _ = kill_process(process, Signal::CONT);
}

fn session(process: Pid) -> Option<Pid> {
    let process = nix::unistd::Pid::from_raw(process.as_raw_pid());
    getsid(Some(process)).ok().and_then(|session| Pid::from_raw(session.as_raw()))
}

/// Returns the numbers of all running descendants of the root.
fn descendants(all: &[Process], root: i32) -> Vec<i32> {
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        // A number may be reused while this runs, so no process is counted twice.
        let children = all.iter().filter(|process| process.parent == parent && !family.contains(&process.number));
        let children: Vec<_> = children.map(|process| process.number).collect();
        family.extend(children);
        next += 1;
    }
    let is_zombie = |number: i32| all.iter().any(|process| process.number == number && process.is_zombie);
    family.into_iter().skip(1).filter(|number| !is_zombie(*number)).collect()
}

/// Returns all processes of the system.
#[cfg(target_os = "linux")]
fn all() -> io::Result<Vec<Process>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        // If the process has ended meanwhile, the file can't be read.
        let stat = number.and_then(|_: i32| std::fs::read(std::path::Path::new("/proc").join(&name).join("stat")).ok());
        if let (Some(number), Some(stat)) = (number, stat) {
            all.extend(parse_stat(number, &stat));
        }
    }
    Ok(all)
}

/// Parses `/proc/PID/stat` (proc(5)). The second field, in parentheses, is a name that the program can choose.
#[cfg(any(target_os = "linux", test))]
fn parse_stat(number: i32, stat: &[u8]) -> Option<Process> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = stat[end + 1..].split(|byte| *byte == b' ').filter(|field| !field.is_empty());
    let state = fields.next()?;
    let parent = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    Some(Process { number, parent, is_zombie: matches!(state, b"Z" | b"X") })
}

/// Returns all processes of the system.
#[cfg(not(target_os = "linux"))]
fn all() -> io::Result<Vec<Process>> {
    let output =
        std::process::Command::new("/bin/ps").args(["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse_line).collect())
}

/// Parses a line of ps(1): number, parent, state.
#[cfg(any(not(target_os = "linux"), test))]
fn parse_line(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let (number, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Process { number, parent, is_zombie: fields.next()?.starts_with('Z') })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(number: i32, parent: i32) -> Process {
        Process { number, parent, is_zombie: false }
    }

    #[test]
    fn descendants_of_all_generations_are_found_but_no_zombies() {
        let zombie = Process { is_zombie: true, ..process(5, 3) };
        let all = [process(1, 0), process(2, 1), process(9, 1), process(3, 2), process(4, 3), zombie, process(6, 5)];
        assert_eq!(descendants(&all, 2), [3, 4, 6]);
        assert_eq!(descendants(&all, 9), [0; 0]);
    }

    #[test]
    fn a_process_name_that_looks_like_fields_is_parsed_correctly() {
        let process = parse_stat(7, b"7 (x) S 1 (y) Z 42 7 7 0 -1").unwrap();
        assert_eq!((process.number, process.parent, process.is_zombie), (7, 42, true));
        assert!(parse_stat(7, b"7 (x").is_none());
        let process = parse_line("  70    1 Ss").unwrap();
        assert_eq!((process.number, process.parent, process.is_zombie), (70, 1, false));
    }
}

//! Runs a program that must not keep vault waiting: it is killed when its time is over.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How often to check on a program that has closed its output but has not exited.
const LOOK: Duration = Duration::from_millis(5);

/// A running program, and when its time is over.
pub struct Bounded {
    child: Child,
    until: Instant,
}

impl Bounded {
    /// Starts a program that gets what [`Bounded::write`] writes.
    pub fn fed(mut command: Command, time: Duration) -> io::Result<Self> {
        Self::start(command.stdin(Stdio::piped()), time)
    }

    /// Starts a program without input whose output [`Bounded::read`] reads.
    pub fn heard(mut command: Command, time: Duration) -> io::Result<Self> {
        Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), time)
    }

    fn start(command: &mut Command, time: Duration) -> io::Result<Self> {
        Ok(Self { child: command.spawn()?, until: Instant::now() + time })
    }

    /// Writes all of the program's input.
    ///
    /// # Errors
    /// If the program doesn't take it ([`io::ErrorKind::TimedOut`]: not in its time).
    pub fn write(&mut self, mut input: &[u8]) -> io::Result<()> {
        let Some(mut stdin) = self.child.stdin.take() else { return Ok(()) };
        rustix::io::ioctl_fionbio(&stdin, true)?;
        while !input.is_empty() {
            self.wait_for(&stdin, PollFlags::OUT)?;
            match stdin.write(input) {
                Ok(count) => input = &input[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads the program's output, at most `limit` and one bytes, in memory that is wiped.
    ///
    /// # Errors
    /// If it can't be read ([`io::ErrorKind::TimedOut`]: not in its time).
    pub fn read(&mut self, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
        // Allocated as a whole, because a buffer that grows leaves copies behind.
        let mut output = Zeroizing::new(vec![0; limit + 1]);
        let mut length = 0;
        let Some(mut stdout) = self.child.stdout.take() else { return Ok(Zeroizing::default()) };
        while length < output.len() {
            self.wait_for(&stdout, PollFlags::IN)?;
            match stdout.read(&mut output[length..])? {
                0 => break,
                count => length += count,
            }
        }
        output.truncate(length);
        Ok(output)
    }

    /// Waits for the program's end.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] if it doesn't end in its time.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK.min(self.left()?));
        }
    }

    fn wait_for(&self, pipe: &impl AsFd, what: PollFlags) -> io::Result<()> {
        loop {
            let left = Timespec::try_from(self.left()?).map_err(|_| io::ErrorKind::InvalidInput)?;
            match poll(&mut [PollFd::new(pipe, what)], Some(&left)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Drop for Bounded {
    /// Kills the program if it still runs, so that it does nothing after an error was reported.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    /// No program in these tests needs this long.
    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(50);

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }

    #[test]
    fn a_program_that_ends_gets_its_input_and_its_output_is_read() {
        let mut fed = Bounded::fed(shell("test \"$(cat)\" = text"), LONG).unwrap();
        fed.write(b"text").unwrap();
        assert!(fed.wait().unwrap().success());
        let mut heard = Bounded::heard(shell("printf text; exit 3"), LONG).unwrap();
        assert_eq!(heard.read(10).unwrap().as_slice(), b"text");
        assert_eq!(heard.wait().unwrap().code(), Some(3));
        let mut endless = Bounded::heard(shell("exec cat /dev/zero"), LONG).unwrap();
        let read = endless.read(5_000).unwrap();
        assert_eq!((read.len(), read.capacity()), (5_001, 5_001), "the buffer must not have moved");
        assert!(endless.wait().unwrap().signal().is_some(), "the reader must have stopped");
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let timed_out = |result: io::Result<()>| assert_eq!(result.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut fed = Bounded::fed(shell("exec sleep 600"), SHORT).unwrap();
        let pid = rustix::process::Pid::from_child(&fed.child);
        // More than a pipe can hold.
        timed_out(fed.write(&vec![0; 1 << 20]));
        timed_out(fed.wait().map(drop));
        let is_gone = rustix::process::test_kill_process(pid) == Err(Errno::SRCH);
        assert!(is_gone, "it must be killed and waited for");
        let mut heard = Bounded::heard(shell("exec sleep 600"), SHORT).unwrap();
        timed_out(heard.read(10).map(drop));
    }
}

//! The process that clears a value from the clipboard after a while. It knows only a keyed hash of the value, and no
//! key of a vault.

use super::fingerprint::Fingerprint;
use super::way::Way;
use crate::cli::process::programs;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, setpgid};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use vault::hardening::close_inherited;
use vault::{Error, Result};

/// The command that runs this process.
pub const COMMAND: &str = "clear-clipboard";

/// The line that the process prints once it is ready.
const READY: &[u8] = b"ready\n";

/// The clearing process, as its starter sees it. It waits until it knows where the value was copied and the starter is
/// done.
pub struct Clearing(Child);

impl Clearing {
    /// Starts the process before anything is copied. A value that can't be cleared must not be copied.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start(text: &str, after: Duration) -> Result<Self> {
        let program = std::env::current_exe().map_err(|error| cannot(&error))?;
        let mut command = programs::without_keys(program);
        command.args([COMMAND, "--after", &format!("{}s", after.as_secs())]).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| cannot(&error))?;
        // From now on no signal ends the process before it has cleared the clipboard.
        let mut ready = [0; READY.len()];
        let heard = child.stdout.take().map_or(Ok(()), |mut output| output.read_exact(&mut ready));
        heard.map_err(|error| cannot(&error))?;
        let mut clearing = Self(child);
        clearing.write(&Fingerprint::new(text.as_bytes())?.to_bytes())?;
        Ok(clearing)
    }

    /// Tells the process where the value is about to be copied.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn tell(&mut self, way: Way) -> Result<()> {
        self.write(format!("{}\n", way.word()).as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(bytes)).map_err(|error| cannot(&error))
    }

    /// Ends the process, because nothing was copied.
    pub fn cancel(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("nothing would clear the clipboard: {}", vault::error::reason(error)))
        .hint("to write a file: vault get NAME -o FILE")
}

/// Runs the clearing process.
///
/// # Errors
/// If its input is not valid.
pub fn run(after: Duration) -> Result<()> {
    close_inherited();
    // Ctrl-C for the terminal's next program is not meant for this process. The process stays in the session, because
    // it may have to write to the session's terminal from the background.
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    let _ = [Signal::SIGTTOU].into_iter().collect::<SigSet>().thread_block();
    let ended = ended().map_err(|error| cannot(&error))?;
    let is_ready = rustix::io::write(rustix::stdio::stdout(), READY);
    is_ready.map_err(|error| cannot(&error.into()))?;
    let mut input = Vec::new();
    let read = std::io::stdin().lock().take(4096).read_to_end(&mut input);
    read.map_err(|error| cannot(&error))?;
    let nothing = || Error::usage(format!("{COMMAND} is only for vault get --clip"));
    let (fingerprint, words) = input.split_first_chunk().ok_or_else(nothing)?;
    let copied = Fingerprint::from_bytes(*fingerprint);
    let ways: Vec<Way> = String::from_utf8_lossy(words).lines().filter_map(Way::of_word).collect();
    if !ways.is_empty() {
        wait(after, &ended).map_err(|error| cannot(&error))?;
    }
    // The last way is the one that worked.
    for way in ways.iter().rev() {
        way.clear(&copied);
    }
    Ok(())
}

/// Returns a descriptor that is readable when the session ends, as with SIGTERM or SIGHUP.
fn ended() -> std::io::Result<UnixStream> {
    let (ended, end) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGHUP, SIGINT] {
        signal_hook::low_level::pipe::register(signal, end.try_clone()?)?;
    }
    Ok(ended)
}

/// Waits until the time is over or the session ends.
fn wait(time: Duration, ended: &UnixStream) -> std::io::Result<()> {
    let begun = Instant::now();
    while let Some(rest) = time.checked_sub(begun.elapsed()) {
        let rest = Timespec::try_from(rest).map_err(|_| std::io::ErrorKind::InvalidInput)?;
        match poll(&mut [PollFd::new(ended, PollFlags::IN)], Some(&rest)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_value_matches_a_fingerprint() {
        let fingerprint = Fingerprint::new(b"hunter2").unwrap();
        let copy = Fingerprint::from_bytes(fingerprint.to_bytes());
        assert_eq!(copy.length(), 7);
        assert!(copy.is_of(b"hunter2"));
        assert!(!copy.is_of(b"hunter3") && !copy.is_of(b"hunter2\n") && !copy.is_of(b""));
        let bytes = fingerprint.to_bytes();
        assert!(!bytes.windows(7).any(|part| part == b"hunter2"));
        assert_ne!(Fingerprint::new(b"hunter2").unwrap().to_bytes(), bytes, "each fingerprint must have its own key");
    }
}

//! What is said between the process at the user's terminal and the leader at the command's: five bytes that way, one this.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// The command goes on, and its terminal's keys are its own.
pub const GO_ON_IN_FRONT: u8 = b'f';
/// The command goes on without keys: one that asks for them is stopped.
pub const GO_ON_BEHIND: u8 = b'b';
/// The command has ended as it was meant to. Without this word the leader ends what is left of it.
pub const DISMISSED: u8 = b'd';

/// What has become of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It runs, as the process of this number.
    Started(i32),
    /// It can't be run; the system's error.
    Failed(i32),
    /// The leader can't do its work; the system's error.
    Hindered(i32),
    /// A signal has stopped it.
    Stopped(i32),
    /// It is no more.
    Ended(ExitStatus),
}

impl Report {
    /// Says it.
    pub fn send(self, to: &mut UnixStream) -> io::Result<()> {
        let (kind, value) = match self {
            Self::Started(process) => (b'+', process),
            Self::Failed(error) => (b'!', error),
            Self::Hindered(error) => (b'?', error),
            Self::Stopped(signal) => (b'z', signal),
            Self::Ended(status) => (b'.', status.into_raw()),
        };
        let [a, b, c, d] = value.to_le_bytes();
        to.write_all(&[kind, a, b, c, d])
    }

    /// Hears it, and waits until there is something to be heard.
    pub fn receive(from: &mut UnixStream) -> io::Result<Self> {
        let mut bytes = [0; 5];
        from.read_exact(&mut bytes)?;
        let [kind, value @ ..] = bytes;
        let value = i32::from_le_bytes(value);
        match kind {
            b'+' => Ok(Self::Started(value)),
            b'!' => Ok(Self::Failed(value)),
            b'?' => Ok(Self::Hindered(value)),
            b'z' => Ok(Self::Stopped(value)),
            b'.' => Ok(Self::Ended(ExitStatus::from_raw(value))),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        let (mut here, mut there) = UnixStream::pair().unwrap();
        let reports = [
            Report::Started(4_194_303),
            Report::Failed(2),
            Report::Hindered(24),
            Report::Stopped(20),
            Report::Ended(ExitStatus::from_raw(7 << 8)),
            Report::Ended(ExitStatus::from_raw(9)),
        ];
        for report in reports {
            report.send(&mut here).unwrap();
            assert_eq!(Report::receive(&mut there).unwrap(), report);
        }
        drop(here);
        assert!(Report::receive(&mut there).is_err());
    }
}

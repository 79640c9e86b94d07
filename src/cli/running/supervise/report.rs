//! The messages between the process at the user's terminal and the leader at the command's: five bytes to the former,
//! one byte to the leader.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// Continue the command in the foreground of its terminal.
pub const GO_ON_IN_FRONT: u8 = b'f';
/// Continue the command in the background. It is stopped if it reads from the terminal.
pub const GO_ON_BEHIND: u8 = b'b';
/// The command has ended as it should. Without this byte the leader ends what the command has left running.
pub const DISMISSED: u8 = b'd';

/// A report of the leader about the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// The command runs, with this process number.
    Started(i32),
    /// The command can't be run. Holds the system's error number.
    Failed(i32),
    /// The leader can't do its work. Holds the system's error number.
    Hindered(i32),
    /// This signal has stopped the command.
    Stopped(i32),
    /// The command has ended.
    Ended(ExitStatus),
}

impl Report {
    /// Sends the report.
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

    /// Waits for a report.
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
    fn a_report_arrives_as_it_was_sent() {
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

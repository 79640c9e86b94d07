//! What the command prints, on its way through a masker.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use std::io::{PipeReader, PipeWriter};
use std::thread::JoinHandle;
use std::time::Duration;
use vault::mask::Masker;
use zeroize::Zeroizing;

/// The bytes read in one go.
const BUFFER: usize = 64 * 1024;
/// What is held back of a possible prompt is let through after this.
const PAUSE: Duration = Duration::from_millis(50);
/// Once the command has ended, its children may print on; after this long a silence nobody waits for them.
const SILENCE: Duration = Duration::from_millis(100);

/// A thread that copies and masks until the end of what it reads.
pub struct Stream {
    thread: JoinHandle<()>,
    /// Closed to say that the command has ended.
    ended: PipeWriter,
}

impl Stream {
    /// Starts to copy.
    pub fn start(from: OwnedFd, to: OwnedFd, masker: Masker) -> std::io::Result<Self> {
        let (ended_here, ended) = std::io::pipe()?;
        let copy = Copy { from, to: Some(to), ended: Some(ended_here), masker, out: Vec::new() };
        let thread = std::thread::Builder::new().name("mask".to_owned()).spawn(|| copy.run())?;
        Ok(Self { thread, ended })
    }

    /// Copies what is still there after the command's end.
    pub fn finish(self) {
        drop(self.ended);
        // A panic in there has ended the process.
        let _ = self.thread.join();
    }
}

struct Copy {
    from: OwnedFd,
    /// `None` once nobody reads it.
    to: Option<OwnedFd>,
    /// `None` once the command has ended.
    ended: Option<PipeReader>,
    masker: Masker,
    out: Vec<u8>,
}

/// What happened.
enum Event {
    Readable,
    Ended,
    Nothing,
}

impl Copy {
    fn run(mut self) {
        let mut buffer = Zeroizing::new(vec![0; BUFFER]);
        loop {
            match self.wait() {
                Event::Readable => match rustix::io::read(&self.from, &mut **buffer) {
                    Err(Errno::AGAIN | Errno::INTR) => {}
                    // A terminal nobody has open any more says EIO.
                    Ok(0) | Err(_) => break,
                    Ok(count) => self.masker.push(&buffer[..count], &mut self.out),
                },
                Event::Ended => self.ended = None,
                Event::Nothing if self.ended.is_none() => break,
                Event::Nothing => self.masker.pause(&mut self.out),
            }
            self.write();
            // Who reads a pipe no more ends the command, as without us: by SIGPIPE, when this end is closed, too.
            if self.to.is_none() && !rustix::termios::isatty(&self.from) {
                return;
            }
        }
        self.masker.finish(&mut self.out);
        self.write();
    }

    fn wait(&self) -> Event {
        let timeout = match &self.ended {
            None => Some(SILENCE),
            Some(_) => self.masker.is_waiting().then_some(PAUSE),
        };
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let ended = self.ended.as_ref().map(|ended| PollFd::new(ended, PollFlags::IN));
        let mut sources: Vec<_> = std::iter::once(PollFd::new(&self.from, PollFlags::IN)).chain(ended).collect();
        match poll(&mut sources, timeout.as_ref()) {
            Ok(0) => Event::Nothing,
            Ok(_) if !sources[0].revents().is_empty() => Event::Readable,
            Ok(_) => Event::Ended,
            // Interrupted: the read that follows would block, but it is asked for again at once.
            Err(_) => self.wait(),
        }
    }

    fn write(&mut self) {
        if let Some(to) = &self.to
            && write_all(to.as_fd(), &self.out).is_err()
        {
            self.to = None;
        }
        self.out.clear();
    }
}

/// Writes also where somebody else made the descriptor one that doesn't block.
fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::from_borrowed_fd(to, PollFlags::OUT)], None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

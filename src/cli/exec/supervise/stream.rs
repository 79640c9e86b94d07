//! What the command prints, on its way through a masker.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::termios::isatty;
use std::io::{self, PipeReader, PipeWriter};
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
    thread: JoinHandle<Option<Errno>>,
    /// Closed to say that the command has ended.
    ended: PipeWriter,
    /// Closed there at the end of all that is to be read.
    done: PipeReader,
}

impl Stream {
    /// Starts to copy.
    pub fn start(from: OwnedFd, to: OwnedFd, masker: Masker) -> io::Result<Self> {
        let (ended_here, ended) = io::pipe()?;
        let (done, done_there) = io::pipe()?;
        let (is_terminal, ended_here) = (isatty(&to), Some(ended_here));
        let (to, out) = (Some(to), Vec::new());
        let copy = Copy { from, to, is_terminal, ended: ended_here, masker, out, failure: None, _done: done_there };
        let thread = std::thread::Builder::new().name("mask".to_owned()).spawn(|| copy.run())?;
        Ok(Self { thread, ended, done })
    }

    /// Readable at the end of all that is to be read.
    pub fn end(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }

    /// Whether nothing is left to be copied.
    pub fn is_at_end(&self) -> bool {
        self.thread.is_finished()
    }

    /// Copies what is still there after the command's end. Says why something is lost, if it is.
    pub fn finish(self) -> Option<io::Error> {
        drop(self.ended);
        // A panic in there has ended the process.
        self.thread.join().ok().flatten().map(io::Error::from)
    }
}

struct Copy {
    from: OwnedFd,
    /// `None` once nobody reads it.
    to: Option<OwnedFd>,
    is_terminal: bool,
    /// `None` once the command has ended.
    ended: Option<PipeReader>,
    masker: Masker,
    out: Vec<u8>,
    /// Why something is lost.
    failure: Option<Errno>,
    _done: PipeWriter,
}

/// What happened.
enum Event {
    Readable,
    Ended,
    Nothing,
}

impl Copy {
    fn run(mut self) -> Option<Errno> {
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
            if self.to.is_none() && !isatty(&self.from) {
                return self.failure;
            }
        }
        self.masker.finish(&mut self.out);
        self.write();
        self.failure
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
        let written = self.to.as_ref().map_or(Ok(()), |to| write_all(to.as_fd(), &self.out));
        match written {
            Ok(()) => {}
            Err(Errno::PIPE) => self.to = None,
            // It hung up.
            Err(_) if self.is_terminal => self.to = None,
            // What comes later may find room again: the command goes on, as without us.
            Err(error) => drop(self.failure.get_or_insert(error)),
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

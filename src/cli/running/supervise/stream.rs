//! What the command prints, on its way through a masker.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::fstat;
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::stdio::{stderr, stdout};
use rustix::termios::isatty;
use std::io::{self, PipeReader, PipeWriter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use vault::mask::Masker;
use vault::search::Searcher;
use zeroize::Zeroizing;

/// The bytes read in one go.
const BUFFER: usize = 64 * 1024;
/// What is held back of a possible prompt is let through after this.
const PAUSE: Duration = Duration::from_millis(50);
/// Once the command has ended, its children may print on; after this long a silence nobody waits for them.
const SILENCE: Duration = Duration::from_millis(100);

/// Whether what was written last to a file or terminal has ended in the middle of a line.
#[derive(Debug, Clone, Default)]
pub struct Line(Arc<AtomicBool>);

impl Line {
    /// Whether the next byte goes on with a line.
    pub fn is_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn note(&self, written: &[u8]) {
        if let Some(last) = written.last() {
            self.0.store(*last != b'\n', Ordering::Relaxed);
        }
    }
}

/// Where a stream goes.
pub struct Target {
    to: OwnedFd,
    /// The same one for all streams that go to the same file.
    pub line: Line,
}

impl Target {
    /// Standard output and standard error.
    pub fn standard() -> io::Result<(Self, Self)> {
        let own = |file: BorrowedFd<'_>| fcntl_dupfd_cloexec(file, 3);
        let (output, errors) = (own(stdout())?, own(stderr())?);
        let file = |descriptor: &OwnedFd| fstat(descriptor).map(|stat| (stat.st_dev, stat.st_ino));
        let line = Line::default();
        let other = if file(&output)? == file(&errors)? { line.clone() } else { Line::default() };
        Ok((Self { to: output, line }, Self { to: errors, line: other }))
    }
}

/// A thread that copies and masks until the end of what it reads.
pub struct Stream {
    thread: JoinHandle<Option<Errno>>,
    masker: Arc<Mutex<Masker>>,
    /// Closed to say that the command has ended.
    ended: PipeWriter,
    /// Closed there at the end of all that is to be read.
    done: PipeReader,
}

impl Stream {
    /// Starts to copy what is masked as this searcher says.
    pub fn start(from: OwnedFd, target: Target, searcher: Arc<Searcher>) -> io::Result<Self> {
        let (ended_here, ended) = io::pipe()?;
        let (done, done_there) = io::pipe()?;
        let Target { to, line } = target;
        let masker = Arc::new(Mutex::new(Masker::new(searcher)));
        let copy = Copy {
            from,
            is_terminal: isatty(&to),
            to: Some(to),
            line,
            ended: Some(ended_here),
            masker: Arc::clone(&masker),
            out: Vec::new(),
            failure: None,
            _done: done_there,
        };
        let thread = std::thread::Builder::new().name("mask".to_owned()).spawn(|| copy.run())?;
        Ok(Self { thread, masker, ended, done })
    }

    /// What is read from here on is masked as this searcher says, which numbers the values as the one before did.
    pub fn search_for(&self, searcher: Arc<Searcher>) {
        lock(&self.masker).search_for(searcher);
    }

    /// Readable at the end of all that is to be read.
    pub fn end(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }

    /// Whether nothing is left to be copied.
    pub fn is_at_end(&self) -> bool {
        self.thread.is_finished()
    }

    /// Copies what is still there after the command's end.
    pub fn finish(self) -> Copied {
        drop(self.ended);
        // A panic in there has ended the process.
        let lost = self.thread.join().ok().flatten().map(io::Error::from);
        Copied { lost, counts: lock(&self.masker).counts().to_vec() }
    }

    /// The same, but waits for no writer that goes on all the time.
    pub fn cut_off(self) -> Copied {
        let Self { thread, masker, ended, done } = self;
        drop(ended);
        let wait = Timespec::try_from(2 * SILENCE).ok();
        let _ = poll(&mut [PollFd::new(&done, PollFlags::IN)], wait.as_ref());
        drop(thread);
        let counts = lock(&masker).counts().to_vec();
        Copied { lost: None, counts }
    }
}

/// A panic elsewhere has ended the process.
fn lock(masker: &Mutex<Masker>) -> MutexGuard<'_, Masker> {
    masker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of a stream.
pub struct Copied {
    /// Why something of it is lost, if it is.
    pub lost: Option<io::Error>,
    /// How often each value was masked ([`Masker::counts`]).
    pub counts: Vec<u64>,
}

struct Copy {
    from: OwnedFd,
    /// `None` once nobody reads it.
    to: Option<OwnedFd>,
    is_terminal: bool,
    line: Line,
    /// `None` once the command has ended.
    ended: Option<PipeReader>,
    masker: Arc<Mutex<Masker>>,
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
                    Ok(count) => lock(&self.masker).push(&buffer[..count], &mut self.out),
                },
                Event::Ended => self.ended = None,
                Event::Nothing if self.ended.is_none() => break,
                Event::Nothing => lock(&self.masker).pause(&mut self.out),
            }
            self.write();
            // Who reads a pipe no more ends the command, as without us: by SIGPIPE, when this end is closed, too.
            if self.to.is_none() && !isatty(&self.from) {
                return self.failure;
            }
        }
        lock(&self.masker).finish(&mut self.out);
        self.write();
        self.failure
    }

    fn wait(&self) -> Event {
        let timeout = match &self.ended {
            None => Some(SILENCE),
            Some(_) => lock(&self.masker).is_waiting().then_some(PAUSE),
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
            Ok(()) => self.line.note(&self.out),
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

//! Masks the command's output.

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
use vault_quick::mask::Masker;
use vault_quick::search::Searcher;
use zeroize::Zeroizing;

/// The most bytes that are read at a time.
const BUFFER: usize = 64 * 1024;
/// After this pause, output that was held back is let through, because it may be a prompt.
const PAUSE: Duration = Duration::from_millis(50);
/// After the command's end, its children may still print. After a silence this long nobody waits for them.
const SILENCE: Duration = Duration::from_millis(100);

/// Whether the last output to a file or terminal has ended in the middle of a line.
#[derive(Debug, Clone, Default)]
pub struct Line(Arc<AtomicBool>);

impl Line {
    /// Returns whether the last line is not complete.
    pub fn is_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn note(&self, written: &[u8]) {
        if let Some(last) = written.last() {
            self.0.store(*last != b'\n', Ordering::Relaxed);
        }
    }
}

/// The destination of a stream.
pub struct Target {
    to: OwnedFd,
    /// Streams to the same file share this.
    pub line: Line,
}

impl Target {
    /// Returns standard output and standard error.
    pub fn standard() -> io::Result<(Self, Self)> {
        let duplicate = |file: BorrowedFd<'_>| fcntl_dupfd_cloexec(file, 3);
        let (output, errors) = (duplicate(stdout())?, duplicate(stderr())?);
        let file = |descriptor: &OwnedFd| fstat(descriptor).map(|stat| (stat.st_dev, stat.st_ino));
        let line = Line::default();
        let other = if file(&output)? == file(&errors)? { line.clone() } else { Line::default() };
        Ok((Self { to: output, line }, Self { to: errors, line: other }))
    }
}

/// A thread that copies and masks its input until the end.
pub struct Stream {
    thread: JoinHandle<Option<Errno>>,
    masker: Arc<Mutex<Masker>>,
    /// Closed here when the command has ended.
    ended: PipeWriter,
    /// The thread closes the other end when everything was read.
    done: PipeReader,
}

impl Stream {
    /// Starts to copy and mask with this searcher.
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
        let thread = vault::thread::start(vault::thread::STACK, || copy.run())?;
        Ok(Self { thread, masker, ended, done })
    }

    /// Masks further input with this searcher. It has to number the values as the previous one did.
    pub fn search_for(&self, searcher: Arc<Searcher>) {
        lock(&self.masker).search_for(searcher);
    }

    /// Returns a descriptor that is readable when everything was read.
    pub fn end(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }

    /// Returns whether nothing is left to copy.
    pub fn is_at_end(&self) -> bool {
        self.thread.is_finished()
    }

    /// Copies what is left after the command's end.
    pub fn finish(self) -> Copied {
        drop(self.ended);
        // A panic in the thread would have ended the process.
        let lost = self.thread.join().ok().flatten().map(io::Error::from);
        Copied { lost, counts: lock(&self.masker).counts().to_vec() }
    }

    /// Like [`Stream::finish`], but doesn't wait for a process that never stops printing.
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

/// Locks the masker. A panic elsewhere would have ended the process.
fn lock(masker: &Mutex<Masker>) -> MutexGuard<'_, Masker> {
    masker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The result of a stream.
pub struct Copied {
    /// Why some output was lost.
    pub lost: Option<io::Error>,
    /// How often each value was masked ([`Masker::counts`]).
    pub counts: Vec<u64>,
}

struct Copy {
    from: OwnedFd,
    /// `None` once nobody reads the output.
    to: Option<OwnedFd>,
    is_terminal: bool,
    line: Line,
    /// `None` once the command has ended.
    ended: Option<PipeReader>,
    masker: Arc<Mutex<Masker>>,
    out: Vec<u8>,
    /// Why some output was lost.
    failure: Option<Errno>,
    _done: PipeWriter,
}

/// What [`Copy::wait`] waited for.
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
                    // If no process has the terminal open any more, a read fails with EIO.
                    Ok(0) | Err(_) => break,
                    Ok(count) => lock(&self.masker).push(&buffer[..count], &mut self.out),
                },
                Event::Ended => self.ended = None,
                Event::Nothing if self.ended.is_none() => break,
                Event::Nothing => lock(&self.masker).pause(&mut self.out),
            }
            self.write();
            // If nobody reads a pipe any more, the command ends by SIGPIPE, as without vault. For that, this end must
            // be closed, too.
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
            // The poll was interrupted. Reading now would block, so it is repeated.
            Err(_) => self.wait(),
        }
    }

    fn write(&mut self) {
        let written = self.to.as_ref().map_or(Ok(()), |to| write_all(to.as_fd(), &self.out));
        match written {
            Ok(()) => self.line.note(&self.out),
            Err(Errno::PIPE) => self.to = None,
            // The terminal hung up.
            Err(_) if self.is_terminal => self.to = None,
            // Later output may find room again. The command goes on, as it would without vault.
            Err(error) => drop(self.failure.get_or_insert(error)),
        }
        self.out.clear();
    }
}

/// Writes everything, even if somebody else made the descriptor non-blocking.
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

//! Reads contents from the object store, one after the other.

use super::Git;
use super::call::Running;
use crate::error::{Error, Result, SystemStep, reason};
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Stdio};

/// A running `git cat-file --batch`, which answers each name written to its standard input.
pub(super) struct Batch {
    running: Running,
    output: BufReader<ChildStdout>,
}

/// git's answer to a name.
pub(super) enum Answer {
    /// A file's content follows, of this size in bytes.
    Blob(u64),
    /// Something else follows, of this size in bytes: a directory, a commit, or the target of a link that is not
    /// followed.
    Other(u64),
    /// This clone lacks the object.
    Missing,
}

impl Batch {
    /// Starts a batch. Names are written to the returned pipe, one per line.
    pub fn start(git: &Git, options: &[&str]) -> Result<(ChildStdin, Self)> {
        Self::run(git, ["--buffer"].iter().chain(options))
    }

    /// Starts a batch that answers each name before it reads the next.
    pub fn interactive(git: &Git) -> Result<(ChildStdin, Self)> {
        Self::run(git, [].iter())
    }

    fn run<'a>(git: &Git, options: impl Iterator<Item = &'a &'a str>) -> Result<(ChildStdin, Self)> {
        let arguments = ["cat-file", "--batch"].iter().chain(options);
        let mut running = git.call(arguments).without_stderr().stdin(Stdio::piped()).start()?;
        match (running.0.stdin.take(), running.0.stdout.take()) {
            (Some(input), Some(output)) => Ok((input, Self { running, output: BufReader::new(output) })),
            _ => Err(failed("there is no pipe to it")),
        }
    }

    /// Passes the next answer and its content to `each`. Skips the part of the content that `each` doesn't read.
    pub fn next(&mut self, each: impl FnOnce(Answer, &mut dyn Read) -> Result<()>) -> Result<()> {
        let answer = self.header().map_err(|error| failed(&reason(&error)))?;
        let size = match answer {
            Answer::Blob(size) | Answer::Other(size) => size,
            Answer::Missing => return each(answer, &mut std::io::empty()),
        };
        let mut content = self.output.by_ref().take(size);
        each(answer, &mut content)?;
        let skipped = std::io::copy(&mut content, &mut std::io::sink());
        let ended = content.limit() == 0;
        // The content is followed by a line end.
        let rest = skipped.and_then(|_| self.output.read_until(b'\n', &mut Vec::new()));
        match rest {
            Ok(_) if ended => Ok(()),
            Ok(_) => Err(failed("its output ends unexpectedly")),
            Err(error) => Err(failed(&reason(&error))),
        }
    }

    /// Parses `ID TYPE SIZE`, `NAME missing` or, if links are followed, `dangling SIZE` and the like.
    fn header(&mut self) -> std::io::Result<Answer> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        let mut fields = line.trim_end_matches('\n').rsplit(' ');
        match (fields.next(), fields.next()) {
            (Some("missing"), Some(_)) => Ok(Answer::Missing),
            (Some(size), Some(kind)) => match size.parse() {
                Ok(size) if kind == "blob" => Ok(Answer::Blob(size)),
                Ok(size) => Ok(Answer::Other(size)),
                Err(_) => Err(std::io::ErrorKind::InvalidData.into()),
            },
            _ => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Waits for git, after the last answer was read and the input was closed.
    pub fn finish(mut self) -> Result<()> {
        if self.running.is_successful() { Ok(()) } else { Err(failed("cat-file failed")) }
    }
}

/// The error for a file that a partial clone has left on the server. `when` says which version of it.
pub(super) fn lacking(path: &Path, when: &str) -> Error {
    Error::failed(format!("this partial clone lacks {} {when}", path.display()))
        .hint(("fetch what is missing: ", SystemStep::FetchMissing))
}

pub(super) fn failed(reason: &str) -> Error {
    Error::failed(format!("git: {reason}")).hint("check the repository: git fsck")
}

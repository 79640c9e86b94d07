//! Reads versions of files: those in the index that the next commit changes, and all in the history.
//!
//! The history is read once, by three programs in parallel. `rev-list` walks it from the beginning and lists each object
//! after the first commit that has it. One `cat-file` selects the files, and another one returns their contents. So a
//! version's commit is known when its content arrives, and only what is in progress is held in memory.

use super::Git;
use super::call::{Running, refusal};
use super::objects::{Answer, Batch, failed};
use crate::error::{Error, Result, reason};
use crate::thread;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// One version of a file, or a commit or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What kind of object it is.
    pub part: Part,
    /// A path that the file has or had; empty if git doesn't know one. For a tag, its name.
    pub path: String,
    /// The object id, which is the same for files with the same content.
    pub id: String,
    /// The full id of the commit that added the version; `None` in the index.
    pub commit: Option<String>,
}

/// A kind of object in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A file.
    File,
    /// A commit: its message and its author.
    Commit,
    /// An annotated tag: its message and its author.
    Tag,
}

/// How much of a history was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// The number of versions of files that were read.
    pub versions: usize,
    /// The number of objects that this clone lacks. A partial clone leaves them on the server.
    pub missing: usize,
}

/// A callback that gets each version and its content, in git's order.
pub(super) type Each<'a> = dyn FnMut(&Version, &mut dyn Read) -> Result<()> + 'a;

/// What is known of an object before its content arrives.
enum Announced {
    Content(Version),
    Missing,
}

impl Git {
    /// Passes the files in the index that the next commit changes to `each`.
    ///
    /// # Errors
    /// If git fails, or any error of `each`.
    pub fn staged(&self, each: &mut Each<'_>) -> Result<History> {
        let before = self.tree_before()?;
        let options = ["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames"];
        let unrun = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--diff-filter=AMT"];
        let list = self.call(options.iter().chain(&unrun).chain(&[before.as_str(), "--"])).output()?;
        let (announce, announced) = channel();
        let (input, batch) = Batch::start(self, &[])?;
        let names = spawn(move || {
            let mut input = BufWriter::new(input);
            let mut fields = list.split(|byte| *byte == 0);
            // `:OLD-MODE NEW-MODE OLD NEW STATUS`, then the path.
            while let (Some(entry), Some(path)) = (fields.next(), fields.next()) {
                let id = String::from_utf8_lossy(entry).split(' ').nth(3).unwrap_or_default().to_owned();
                let path = String::from_utf8_lossy(path).into_owned();
                let version = Version { part: Part::File, path, id, commit: None };
                if announce_content(&announce, version, &mut input).is_break() {
                    break;
                }
            }
            let _ = input.flush();
        })?;
        let read = contents(batch, &announced, each);
        drop(announced);
        let _ = names.join();
        read
    }

    /// Passes every version of every file in the history of all branches, tags and the stash to `each`, oldest first,
    /// together with the commits and tags. With `paths`, only the versions of these paths.
    ///
    /// # Errors
    /// If git fails, or any error of `each`.
    pub fn history(&self, paths: &[PathBuf], each: &mut Each<'_>) -> Result<History> {
        self.walk(&[OsStr::new("--all")], paths, paths.is_empty(), each)
    }

    /// Passes every version of every file, or of these paths, in a range of commits to `each`.
    pub(super) fn versions(&self, range: &[&OsStr], paths: &[PathBuf], each: &mut Each<'_>) -> Result<History> {
        self.walk(range, paths, false, each)
    }

    fn walk(&self, range: &[&OsStr], paths: &[PathBuf], with_commits: bool, each: &mut Each<'_>) -> Result<History> {
        let (walk, objects) = Walk::start(self, range, paths)?;
        let (announce, announced) = channel();
        let (input, batch) = Batch::start(self, &[])?;
        let names = spawn(move || announce_objects(objects, with_commits, &announce, input))?;
        let read = contents(batch, &announced, each);
        drop(announced);
        let walked = match &read {
            Ok(_) => walk.finish(),
            Err(error) => {
                drop(walk);
                Err(error.clone())
            }
        };
        // The thread ends because nobody is at the other ends of its pipes.
        let _ = names.join();
        walked.and(read)
    }

    /// Returns the tree to compare the index with: that of the last commit, or the empty tree before the first one.
    fn tree_before(&self) -> Result<String> {
        let head = ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"];
        if let Ok(tree) = self.call(head).line() {
            return Ok(String::from_utf8_lossy(&tree).into_owned());
        }
        // The id of the empty tree depends on the object format, so git computes it. Standard input is empty.
        let empty = self.call(["hash-object", "-t", "tree", "--stdin"]).line()?;
        Ok(String::from_utf8_lossy(&empty).into_owned())
    }
}

/// A walk through the history.
struct Walk {
    objects: Running,
    kinds: Running,
    complaints: JoinHandle<Vec<u8>>,
}

impl Walk {
    /// Starts a walk, which lists every object as `KIND ID PATH`, each commit before the objects it added.
    fn start(git: &Git, range: &[&OsStr], paths: &[PathBuf]) -> Result<(Self, ChildStdout)> {
        // Without --full-history, a version that a merge has undone would be left out.
        let mut arguments: Vec<&OsStr> = ["rev-list", "--objects", "--full-history", "--missing=print"]
            .iter()
            .chain(&["--in-commit-order", "--topo-order", "--reverse"])
            .map(OsStr::new)
            .collect();
        arguments.extend(range);
        arguments.push(OsStr::new("--"));
        arguments.extend(paths.iter().map(|path| path.as_os_str()));
        let mut objects = git.call(arguments).start()?;
        let (Some(names), Some(stderr)) = (objects.0.stdout.take(), objects.0.stderr.take()) else {
            return Err(failed("there is no pipe to it"));
        };
        let complaints = spawn(move || beginning(stderr))?;
        let format = "--batch-check=%(objecttype) %(objectname) %(rest)";
        let mut kinds = git.call(["cat-file", "--buffer", format]).without_stderr().stdin(names).start()?;
        let named = kinds.0.stdout.take().ok_or_else(|| failed("there is no pipe to it"))?;
        Ok((Self { objects, kinds, complaints }, named))
    }

    /// Waits for the programs, after everything was read.
    fn finish(mut self) -> Result<()> {
        let is_whole = self.objects.is_successful() & self.kinds.is_successful();
        let complaints = self.complaints.join().unwrap_or_default();
        if is_whole { Ok(()) } else { Err(refusal(&complaints)) }
    }
}

/// Reads the whole error output and keeps its beginning, which says what is wrong.
fn beginning(mut stderr: impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = stderr.by_ref().take(64 * 1024).read_to_end(&mut text);
    let _ = io::copy(&mut stderr, &mut io::sink());
    text
}

fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    thread::start(thread::STACK, work)
        .map_err(|error| Error::failed(format!("cannot start a thread: {}", reason(&error))))
}

/// Announces a version and requests its content.
fn announce_content(to: &Sender<Announced>, version: Version, input: &mut impl Write) -> ControlFlow<()> {
    let id = version.id.clone();
    match to.send(Announced::Content(version)).is_ok() && writeln!(input, "{id}").is_ok() {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    }
}

/// Requests the content of each file among the objects, and of commits and tags if wanted. Runs in parallel with the
/// reader of the contents, and waits for it if the pipes are full.
fn announce_objects(objects: impl Read, with_commits: bool, announce: &Sender<Announced>, input: ChildStdin) {
    let (mut objects, mut input) = (BufReader::new(objects), BufWriter::new(input));
    let (mut line, mut commit) = (Vec::new(), None);
    while objects.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned();
        line.clear();
        let mut fields = text.splitn(3, ' ');
        let flow = match (fields.next(), fields.next(), fields.next()) {
            (Some("commit"), Some(id), _) => {
                commit = Some(id.to_owned());
                let (path, id) = (String::new(), id.to_owned());
                let version = Version { part: Part::Commit, path, id, commit: commit.clone() };
                if with_commits { announce_content(announce, version, &mut input) } else { ControlFlow::Continue(()) }
            }
            (Some("tag"), Some(id), name) if with_commits => {
                let (path, id) = (name.unwrap_or_default().to_owned(), id.to_owned());
                announce_content(announce, Version { part: Part::Tag, path, id, commit: None }, &mut input)
            }
            (Some("blob"), Some(id), path) => {
                let (path, id) = (path.unwrap_or_default().to_owned(), id.to_owned());
                let version = Version { part: Part::File, path, id, commit: commit.clone() };
                announce_content(announce, version, &mut input)
            }
            (Some(_), Some("missing"), None) => match announce.send(Announced::Missing) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
            _ => ControlFlow::Continue(()),
        };
        if flow.is_break() {
            return;
        }
    }
    let _ = input.flush();
}

/// Reads each announced content.
fn contents(mut batch: Batch, announced: &Receiver<Announced>, each: &mut Each<'_>) -> Result<History> {
    let mut history = History::default();
    for object in announced {
        let Announced::Content(version) = object else {
            history.missing += 1;
            continue;
        };
        batch.next(|answer, content| match answer {
            Answer::Blob(_) => {
                history.versions += 1;
                each(&version, content)
            }
            Answer::Other(_) if version.part != Part::File => each(&version, content),
            Answer::Other(_) => Ok(()),
            Answer::Missing => {
                history.missing += 1;
                Ok(())
            }
        })?;
    }
    batch.finish()?;
    Ok(history)
}

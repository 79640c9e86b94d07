//! What is asked of git: which files there are, what is staged, what the history holds.

use crate::cli::programs::git;
use std::ffi::OsStr;
use std::io::{BufReader, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vault::{Error, Result};

fn output(mut command: Command) -> Result<Vec<u8>> {
    let output = command.output().map_err(|error| failed(vault::error::reason(&error)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ")))
}

fn failed(reason: impl std::fmt::Display) -> Error {
    Error::failed(format!("git: {reason}"))
}

fn paths(list: &[u8]) -> Vec<PathBuf> {
    list.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(|path| OsStr::from_bytes(path).into()).collect()
}

/// The files of a directory that git tracks or doesn't ignore; `None` outside of a work tree.
pub fn files(directory: &Path) -> Option<Vec<PathBuf>> {
    let mut command = git(directory);
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let mut files = paths(&output(command).ok()?);
    files.sort_unstable();
    files.dedup();
    Some(files.into_iter().map(|file| directory.join(file)).collect())
}

fn check_repository() -> Result<()> {
    let mut command = git(Path::new("."));
    command.args(["rev-parse", "--git-dir"]).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().map_err(|error| failed(vault::error::reason(&error)))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::failed("this is no git repository").hint("to scan files, name them: vault scan PATH"))
}

/// Where hooks are.
pub fn hooks() -> Result<PathBuf> {
    check_repository()?;
    let mut command = git(Path::new("."));
    command.args(["rev-parse", "--git-path", "hooks"]);
    Ok(OsStr::from_bytes(output(command)?.trim_ascii_end()).into())
}

/// The files of the index that the next commit changes, and their contents.
pub fn staged(each: impl FnMut(&str, &str, &[u8])) -> Result<()> {
    check_repository()?;
    let mut command = git(Path::new("."));
    command.args([
        "diff",
        "--cached",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--diff-filter=AMT",
    ]);
    let list = output(command)?;
    let mut fields = list.split(|byte| *byte == 0);
    let mut objects = Vec::new();
    // `:OLD-MODE NEW-MODE OLD NEW STATUS`, then the path.
    while let (Some(entry), Some(path)) = (fields.next(), fields.next()) {
        let new = String::from_utf8_lossy(entry).split(' ').nth(3).unwrap_or_default().to_owned();
        objects.push((new, String::from_utf8_lossy(path).into_owned()));
    }
    contents(&objects, each)
}

/// Every file of every version in the history of all branches and tags, or of these paths there.
pub fn history(paths: &[PathBuf], each: impl FnMut(&str, &str, &[u8])) -> Result<()> {
    check_repository()?;
    let mut command = git(Path::new("."));
    // Without --full-history a version that a merge has undone is left out.
    command.args(["rev-list", "--objects", "--all", "--full-history", "--"]).args(paths);
    command.env("GIT_LITERAL_PATHSPECS", "1");
    let list = output(command)?;
    let lines = list.split(|byte| *byte == b'\n').map(String::from_utf8_lossy);
    let named = lines.filter_map(|line| line.split_once(' ').map(|(id, path)| (id.to_owned(), path.to_owned())));
    contents(&named.filter(|(_, path)| !path.is_empty()).collect::<Vec<_>>(), each)
}

/// A commit that brought an object in, or took it away.
pub fn commit_of(object: &str) -> Option<String> {
    let mut command = git(Path::new("."));
    command.args(["log", "--all", "--format=%h", "--no-abbrev-commit", "--no-ext-diff", "-m"]);
    command.arg(format!("--find-object={object}"));
    let text = output(command).ok()?;
    String::from_utf8_lossy(&text).lines().last().map(str::to_owned)
}

/// Hands out objects that are files: id, path, content.
fn contents(objects: &[(String, String)], mut each: impl FnMut(&str, &str, &[u8])) -> Result<()> {
    let mut command = git(Path::new("."));
    command.args(["cat-file", "--batch", "--buffer"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().map_err(|error| failed(vault::error::reason(&error)))?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed("no pipe"));
    };
    let ids: String = objects.iter().map(|(id, _)| format!("{id}\n")).collect();
    // A thread of its own, because git answers before it has read everything.
    let writer = std::thread::spawn(move || input.write_all(ids.as_bytes()));
    let mut output = BufReader::new(output);
    for (id, path) in objects {
        let content = object(&mut output).map_err(|error| failed(vault::error::reason(&error)))?;
        if let Some(content) = content {
            each(id, path, &content);
        }
    }
    let _ = writer.join();
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(failed("cat-file failed")),
    }
}

/// `ID TYPE SIZE`, a newline, the content, a newline; `ID missing` for a submodule's commit.
fn object(output: &mut impl std::io::BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut header = String::new();
    output.read_line(&mut header)?;
    let mut fields = header.split_whitespace().skip(1);
    let (kind, size) = (fields.next(), fields.next().and_then(|size| size.parse::<u64>().ok()));
    let Some(size) = size else {
        return if kind == Some("missing") { Ok(None) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) };
    };
    let mut content = Vec::new();
    output.take(size).read_to_end(&mut content)?;
    output.read_until(b'\n', &mut Vec::new())?;
    Ok((kind == Some("blob")).then_some(content))
}

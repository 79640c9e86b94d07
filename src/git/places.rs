//! Finds all places in the history that have a given content. A walk through objects lists each content only once, at one
//! path.

use super::Git;
use super::call::Running;
use super::objects::failed;
use crate::error::{Result, reason};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ChildStdout;

/// A callback that gets each place: the content's id, the path, and the commit that added it there.
type EachPlace<'a> = dyn FnMut(&str, &str, &str) -> Result<()> + 'a;

impl Git {
    /// Passes every place where a commit of any branch, tag or the stash added a wanted content to `each`, oldest first.
    /// With `paths`, only places under these. A place may occur several times.
    ///
    /// # Errors
    /// If git fails, or any error of `each`.
    pub fn places(&self, paths: &[PathBuf], is_wanted: &dyn Fn(&str) -> bool, each: &mut EachPlace<'_>) -> Result<()> {
        let separator = [Path::new("--")];
        let named = separator.into_iter().chain(paths.iter().map(PathBuf::as_path));
        let walk = ["rev-list", "--all", "--full-history", "--topo-order", "--reverse"].map(Path::new);
        let mut commits = self.call(walk.into_iter().chain(named.clone())).without_stderr().start()?;
        let list = commits.0.stdout.take().ok_or_else(|| failed("there is no pipe to it"))?;
        let options = ["diff-tree", "--stdin", "--root", "-r", "-m", "-z", "--raw", "--no-abbrev", "--no-renames"];
        let unrun = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--diff-filter=AMT"];
        let arguments = options.iter().chain(&unrun).map(Path::new).chain(named);
        let mut changes = self.call(arguments).without_stderr().stdin(list).start()?;
        let output = changes.0.stdout.take().ok_or_else(|| failed("there is no pipe to it"))?;
        read(output, is_wanted, each)?;
        let is_whole = |running: &mut Running| running.is_successful();
        match is_whole(&mut commits) & is_whole(&mut changes) {
            true => Ok(()),
            false => Err(failed("diff-tree failed")),
        }
    }
}

/// Parses `COMMIT`, then `:OLD-MODE NEW-MODE OLD NEW STATUS` and `PATH` for each change. A zero follows each field.
fn read(output: ChildStdout, is_wanted: &dyn Fn(&str) -> bool, each: &mut EachPlace<'_>) -> Result<()> {
    let mut output = BufReader::new(output);
    let mut commit = String::new();
    while let Some(field) = field(&mut output)? {
        if !field.starts_with(':') {
            commit = field;
            continue;
        }
        let Some(path) = self::field(&mut output)? else { return Err(failed("its output ends unexpectedly")) };
        if let Some(id) = field.split(' ').nth(3).filter(|id| is_wanted(id)) {
            each(id, &path, &commit)?;
        }
    }
    Ok(())
}

fn field(output: &mut impl BufRead) -> Result<Option<String>> {
    let mut field = Vec::new();
    output.read_until(0, &mut field).map_err(|error| failed(&reason(&error)))?;
    Ok(field.strip_suffix(&[0]).map(|field| String::from_utf8_lossy(field).into_owned()))
}

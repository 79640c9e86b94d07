//! Reports what a scan finds, as soon as it finds it, and what it could not read.

use super::values::Values;
use crate::cli::showing::progress::Underway;
use crate::cli::unlocking::context::Context;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use vault::error::reason;
use vault::scan::{LeftOut, Stream};
use vault::search::{Found, IN_FILES, Searcher};
use vault::view::Finding;
use vault::words::plural;
use vault::{Error, Result};

const UNREAD: &str = "what could not be read was not scanned: make it readable, or name what to scan";
const LACKING: &str = "fetch what is missing: git fetch --refetch --no-filter";
const UNSHALLOW: &str = "fetch the rest and scan again: git fetch --unshallow (actions/checkout: fetch-depth: 0)";
/// How many digits of a commit are shown.
const COMMIT_DIGITS: usize = 12;

/// Where a text is.
pub struct Place<'a> {
    pub path: &'a str,
    pub commit: Option<&'a str>,
    /// The id of the content, if the same content may be at other paths as well.
    pub content: Option<&'a str>,
    /// Whether to report what is found there.
    pub is_reported: bool,
}

impl<'a> Place<'a> {
    pub fn of_file(path: &'a str) -> Self {
        Self { path, commit: None, content: None, is_reported: true }
    }
}

/// What was found in a content, and the paths at which that was reported.
#[derive(Default)]
pub struct Content {
    found: Vec<Found>,
    reported: HashSet<String>,
}

/// Searches texts and prints each finding at once. With `--json` it prints a single list at the end.
pub struct Report<'a> {
    stream: Stream<'a>,
    values: &'a Values,
    context: &'a Context,
    /// The list for `--json`.
    findings: Vec<Finding>,
    found: usize,
    /// Contents with findings, by id.
    contents: HashMap<String, Content>,
    /// The ids and paths that `found_again` has reported.
    reported_again: HashSet<(String, String)>,
    read: usize,
    unread: usize,
    /// Why a file was not read, as long as there is only one reason. It becomes the error then.
    only: Option<String>,
    remedy: &'static str,
    /// The paths of the shallow clones.
    shallow: Vec<String>,
    /// The progress line, which counts files.
    line: Underway,
}

impl<'a> Report<'a> {
    pub fn new(searcher: &'a Searcher, values: &'a Values, context: &'a Context) -> Self {
        Self {
            stream: Stream::new(searcher),
            values,
            context,
            findings: Vec::new(),
            found: 0,
            contents: HashMap::new(),
            reported_again: HashSet::new(),
            read: 0,
            unread: 0,
            only: None,
            remedy: UNREAD,
            shallow: Vec::new(),
            line: context.ui.counting("Scanning, files:"),
        }
    }

    /// Searches a text, or reports why it can't be read.
    pub fn look(&mut self, place: &Place<'_>, text: io::Result<&mut dyn Read>) -> Result<()> {
        self.line.step();
        let mut shown = Ok(());
        let mut content = Content::default();
        let searched = text.and_then(|text| {
            let (values, context) = (self.values, self.context);
            let (findings, number) = (&mut self.findings, &mut self.found);
            self.stream.search(text, &mut |found| {
                content.found.extend(place.content.map(|_| found));
                if place.is_reported && shown.is_ok() {
                    *number += 1;
                    shown = tell(values.sought.finding(found, place.path, place.commit), findings, context);
                }
            })
        });
        shown?;
        if let Some(id) = place.content.filter(|_| !content.found.is_empty()) {
            content.reported.extend(place.is_reported.then(|| place.path.to_owned()));
            self.contents.insert(id.to_owned(), content);
        }
        match searched {
            Ok(()) => self.read += 1,
            Err(error) => self.unread(1, format!("cannot read {}: {}", place.path, reason(&error))),
        }
        Ok(())
    }

    /// Returns the contents in which something was found since the last call, by id.
    pub fn take_contents(&mut self) -> HashMap<String, Content> {
        std::mem::take(&mut self.contents)
    }

    /// Reports a content at a further path, once for each path.
    pub fn found_again(&mut self, id: &str, content: &Content, path: &str, commit: &str) -> Result<()> {
        if content.reported.contains(path) || !self.reported_again.insert((id.to_owned(), path.to_owned())) {
            return Ok(());
        }
        for found in &content.found {
            self.found += 1;
            tell(self.values.sought.finding(*found, path, Some(commit)), &mut self.findings, self.context)?;
        }
        Ok(())
    }

    /// Reports that a partial clone lacks this many versions of files.
    pub fn lacking(&mut self, count: usize) {
        self.remedy = LACKING;
        self.unread(count, format!("this clone lacks {}", plural(count, "version of a file")));
    }

    /// Reports that this many files were not read, and why.
    pub fn unread(&mut self, count: usize, why: String) {
        if self.unread == 0 {
            self.only = Some(why);
        } else {
            for why in self.only.take().into_iter().chain([why]) {
                self.context.ui.warn(&why);
            }
        }
        self.unread += count;
    }

    /// Reports that a clone's older history is missing.
    pub fn shallow(&mut self, at: &Path) {
        let at = if at.as_os_str().is_empty() { String::new() } else { format!(" in {}", at.display()) };
        self.shallow.push(at);
    }

    /// Notes what was left out by design.
    pub fn note(&self, what: &str) {
        self.context.ui.done(what);
    }

    /// Notes what was left out in directories.
    pub fn left_out(&self, LeftOut { ignored, excluded, links, special, unasked }: &LeftOut) {
        for why in unasked {
            self.context.ui.warn(&format!("what git ignores was scanned, too: {why}"));
        }
        let parts = [
            (*excluded, "path that .vaultignore or --ignore names", "paths that .vaultignore or --ignore names"),
            (*ignored, "file or directory that git ignores", "files or directories that git ignores"),
            (*links, "link that leads elsewhere", "links that lead elsewhere"),
            (*special, "socket, FIFO or device", "sockets, FIFOs or devices"),
        ];
        let mut left = Vec::new();
        for (count, one, several) in parts.into_iter().filter(|(count, ..)| *count > 0) {
            left.push(format!("{count} {}", if count == 1 { one } else { several }));
        }
        if !left.is_empty() {
            self.note(&format!("Not scanned: {}. To scan one, name it.", left.join(", ")));
        }
    }

    /// Prints the result in words or JSON, and returns the exit code.
    pub fn finish(self) -> Result<ExitCode> {
        let mut lacks = self.lacks().into_iter();
        let Self { values, context, findings, found, read, only, remedy, line, .. } = self;
        drop(line);
        let ui = context.ui;
        if read + found == 0
            && let Some(why) = only
        {
            return Err(Error::failed(why).hint(remedy));
        }
        if ui.json {
            ui.json(&findings)?;
        }
        if let Some(skipped) = skipped(values) {
            ui.done(&skipped);
        }
        let lack = lacks.next();
        if found > 0 {
            ui.done(&format!("{}.", plural(found, "finding")));
            ui.hint("if others may have seen a value, replace it at its issuer, then: vault set NAME");
        } else {
            let count = plural(values.sought.count(), "value");
            ui.done(&format!("Found none of {count}{}.", if lack.is_some() { " in what was read" } else { "" }));
        }
        lacks.for_each(|further| ui.warn(&further.to_string()));
        if let Some(lack) = lack {
            return Err(lack);
        }
        Ok(if found > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Returns an error for each thing that should have been scanned, but was not.
    fn lacks(&self) -> Vec<Error> {
        let mut lacks = Vec::new();
        if self.unread > 0 {
            let several = || format!("{} could not be read", plural(self.unread, "path"));
            lacks.push(Error::failed(self.only.clone().unwrap_or_else(several)).hint(self.remedy));
        }
        for at in &self.shallow {
            let what = format!("the clone{at} is shallow: older history was not scanned");
            lacks.push(Error::failed(what).hint(UNSHALLOW));
        }
        if !self.values.unread.is_empty() {
            let unread = self.values.unread.join(", ");
            let what = format!("the values of {unread} could not be read, and were not looked for");
            lacks.push(Error::failed(what).hint("to look only for those of other environments: vault scan -e ENV"));
        }
        lacks
    }
}

/// Says in a line which values are not searched for, because they would be found everywhere.
fn skipped(values: &Values) -> Option<String> {
    let mut skipped = Vec::new();
    if values.sought.too_short > 0 {
        skipped.push(format!("{} of fewer than {} bytes", plural(values.sought.too_short, "value"), IN_FILES.value));
    }
    if values.sought.well_known > 0 {
        let one = if values.sought.well_known == 1 { "is well-known" } else { "are well-known" };
        skipped
            .push(format!("{} that {one}, such as localhost or postgres", plural(values.sought.well_known, "value")));
    }
    (!skipped.is_empty()).then(|| format!("Not looked for: {}.", skipped.join(", ")))
}

/// Prints a finding, or adds it to the list for `--json`.
fn tell(finding: Finding, findings: &mut Vec<Finding>, context: &Context) -> Result<()> {
    if context.ui.json {
        findings.push(finding);
        return Ok(());
    }
    context.ui.line(&in_words(&finding))
}

fn in_words(finding: &Finding) -> String {
    let Finding { environment, name, file, vault, line, encoding, commit, .. } = finding;
    // Each finding stays on a single line, whatever the file's name is.
    let file = file.as_deref().unwrap_or_default().replace('\n', "\\u{a}");
    let how = encoding.filter(|how| *how != "plain").map_or(String::new(), |how| format!(", {how}"));
    let commit = commit.as_deref().map(|commit| commit.get(..COMMIT_DIGITS).unwrap_or(commit));
    let commit = commit.map_or(String::new(), |commit| format!(", commit {commit}"));
    let vault = vault.as_ref().map_or(String::new(), |vault| format!(" of {vault}"));
    format!("{file}:{}  {environment}/{name}{vault}{how}{commit}", line.unwrap_or_default())
}

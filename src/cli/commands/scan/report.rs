//! Reports what a scan finds, as soon as it finds it, and what it could not read.

use crate::cli::showing::progress::Underway;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::actions::scan::LeftOut;
use vault::actions::scan::{Counts, Event};
use vault::search::IN_FILES;
use vault::view::Finding;
use vault::words::plural;
use vault::{Error, Result};

const UNREAD: &str = "what could not be read was not scanned: make it readable, or name what to scan";
const LACKING: &str = "fetch what is missing: git fetch --refetch --no-filter";
const UNSHALLOW: &str = "fetch the rest and scan again: git fetch --unshallow (actions/checkout: fetch-depth: 0)";
/// How many digits of a commit are shown.
const COMMIT_DIGITS: usize = 12;

/// Prints each finding of a search at once. With `--json` it prints a single list at the end.
pub struct Report<'a> {
    counts: Counts,
    /// Environments that can't be decrypted.
    undecrypted: Vec<String>,
    context: &'a Context,
    /// The list for `--json`.
    findings: Vec<Finding>,
    found: usize,
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
    pub fn new(counts: Counts, undecrypted: Vec<String>, context: &'a Context) -> Self {
        Self {
            counts,
            undecrypted,
            context,
            findings: Vec::new(),
            found: 0,
            read: 0,
            unread: 0,
            only: None,
            remedy: UNREAD,
            shallow: Vec::new(),
            line: context.ui.counting("Scanning, files:"),
        }
    }

    /// Takes in what happens in the search.
    pub fn hear(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Begun => self.line.step(),
            Event::Found(finding) => self.found(finding)?,
            Event::Read => self.read += 1,
            Event::Unread { path, why } => self.unread(1, format!("cannot read {path}: {why}")),
            Event::Lacking(count) => self.lacking(count),
            Event::Shallow(at) => self.shallow(at),
            Event::Submodules(count) => self.note(&format!(
                "Not scanned: the history of {}, which is in its own repository. To scan one, name it.",
                plural(count, "submodule")
            )),
            Event::LeftOut(left_out) => self.left_out(&left_out),
        }
        Ok(())
    }

    /// Prints a finding, or adds it to the list for `--json`.
    fn found(&mut self, finding: Finding) -> Result<()> {
        self.found += 1;
        if self.context.ui.json {
            self.findings.push(finding);
            return Ok(());
        }
        self.context.ui.line(&in_words(&finding))
    }

    /// Reports that a partial clone lacks this many versions of files.
    fn lacking(&mut self, count: usize) {
        self.remedy = LACKING;
        self.unread(count, format!("this clone lacks {}", plural(count, "version of a file")));
    }

    /// Reports that this many files were not read, and why.
    fn unread(&mut self, count: usize, why: String) {
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
    fn shallow(&mut self, at: &Path) {
        let at = if at.as_os_str().is_empty() { String::new() } else { format!(" in {}", at.display()) };
        self.shallow.push(at);
    }

    /// Notes what was left out by design.
    fn note(&self, what: &str) {
        self.context.ui.done(what);
    }

    /// Notes what was left out in directories.
    fn left_out(&self, LeftOut { ignored, excluded, links, special, unasked }: &LeftOut) {
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
        let Self { counts, context, findings, found, read, only, remedy, line, .. } = self;
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
        if let Some(skipped) = skipped(counts) {
            ui.done(&skipped);
        }
        let lack = lacks.next();
        if found > 0 {
            ui.done(&format!("{}.", plural(found, "finding")));
            ui.hint("if others may have seen a value, replace it at its issuer, then: vault set NAME");
        } else {
            let count = plural(counts.sought, "value");
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
        if !self.undecrypted.is_empty() {
            let undecrypted = self.undecrypted.join(", ");
            let what = format!("the values of {undecrypted} could not be read, and were not looked for");
            lacks.push(Error::failed(what).hint("to look only for those of other environments: vault scan -e ENV"));
        }
        lacks
    }
}

/// Says in a line which values are not searched for, because they would be found everywhere.
fn skipped(Counts { too_short, well_known, .. }: Counts) -> Option<String> {
    let mut skipped = Vec::new();
    if too_short > 0 {
        skipped.push(format!("{} of fewer than {} bytes", plural(too_short, "value"), IN_FILES.value));
    }
    if well_known > 0 {
        let one = if well_known == 1 { "is well-known" } else { "are well-known" };
        skipped.push(format!("{} that {one}, such as localhost or postgres", plural(well_known, "value")));
    }
    (!skipped.is_empty()).then(|| format!("Not looked for: {}.", skipped.join(", ")))
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

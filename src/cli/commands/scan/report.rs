//! Shows what a scan finds, as soon as it finds it, and how it ended.

use crate::cli::showing::progress::Underway;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::actions::scan::{Counts, Event, Lack, Lacks, LeftOut, Outcome, Undecrypted};
use vault::name::NamedItem;
use vault::view::Finding;
use vault::words::plural;
use vault::{Error, Result};
use vault_quick::search::IN_FILES;

const UNREAD: &str = "what could not be read was not scanned: make it readable, or name what to scan";
const LACKING: &str = "fetch what is missing: git fetch --refetch --no-filter";
const UNSHALLOW: &str = "fetch the rest and scan again: git fetch --unshallow (actions/checkout: fetch-depth: 0)";
const OTHERS: &str = "to look only for those of other environments: vault scan -e ENV";
/// How many digits of a commit are shown.
const COMMIT_DIGITS: usize = 12;

/// Prints each finding of a search at once. With `--json` it prints a single list at the end.
pub struct Report<'a> {
    counts: Counts,
    context: &'a Context,
    /// The list for `--json`.
    findings: Vec<Finding>,
    unread: Unread,
    /// The progress line, which counts files.
    line: Underway,
}

/// The files that could not be read. A single one becomes the error at the end; of several, each is a warning.
enum Unread {
    None,
    One(String),
    Several,
}

impl<'a> Report<'a> {
    pub fn new(counts: Counts, context: &'a Context) -> Self {
        let line = context.ui.counting("Scanning, files:");
        Self { counts, context, findings: Vec::new(), unread: Unread::None, line }
    }

    /// Shows what happens in the search.
    pub fn hear(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Begun => self.line.step(),
            Event::Found(finding) => self.found(finding)?,
            Event::Unread { path, why } => self.unread(unreadable(path, &why)),
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
        if self.context.ui.json {
            self.findings.push(finding);
            return Ok(());
        }
        self.context.ui.line(&in_words(&finding))
    }

    fn unread(&mut self, why: String) {
        match std::mem::replace(&mut self.unread, Unread::Several) {
            Unread::None => self.unread = Unread::One(why),
            Unread::One(first) => [first, why].iter().for_each(|why| self.context.ui.warn(why)),
            Unread::Several => self.context.ui.warn(&why),
        }
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

    /// Prints how the search ended, in words or JSON, and returns the exit code.
    pub fn finish(self, outcome: &Outcome) -> Result<ExitCode> {
        let Self { counts, context, findings, line, .. } = self;
        drop(line);
        let ui = context.ui;
        let values = plural(counts.sought, "value");
        if !matches!(outcome, Outcome::NothingRead(_)) {
            if ui.json {
                ui.json(&findings)?;
            }
            skipped(counts).iter().for_each(|skipped| ui.done(skipped));
        }
        match outcome {
            Outcome::Clean => {
                ui.done(&match counts.sought {
                    0 => "There was nothing to look for.".to_owned(),
                    _ => format!("Found none of {values}."),
                });
                Ok(ExitCode::SUCCESS)
            }
            Outcome::Found { findings, lacks } => {
                ui.done(&format!("{}.", plural(*findings, "finding")));
                ui.hint("if others may have seen a value, replace it at its issuer, then: vault set NAME");
                lacks.as_ref().map_or(Ok(ExitCode::FAILURE), |lacks| Err(error(lacks, context)))
            }
            Outcome::Incomplete(lacks) => {
                ui.done(&format!("Found none of {values} in what was read."));
                Err(error(lacks, context))
            }
            Outcome::NothingRead(lacks) => Err(error(lacks, context)),
        }
    }
}

/// Returns the error for the first lack, after warnings about the others.
fn error(lacks: &Lacks, context: &Context) -> Error {
    lacks.further.iter().for_each(|further| context.ui.warn(&lacking(further).to_string()));
    lacking(&lacks.first)
}

/// Says what should have been scanned, or searched for, and was not.
fn lacking(lack: &Lack) -> Error {
    match lack {
        Lack::Text { path, why } => Error::failed(unreadable(path, why)).hint(UNREAD),
        Lack::Texts(count) => Error::failed(format!("{} could not be read", plural(*count, "path"))).hint(UNREAD),
        Lack::Partial { at, versions } => {
            let clone = if is_here(at) { "this clone".to_owned() } else { format!("the clone in {}", at.display()) };
            Error::failed(format!("{clone} lacks {}", plural(*versions, "version of a file"))).hint(LACKING)
        }
        Lack::Shallow(at) => {
            let at = if is_here(at) { String::new() } else { format!(" in {}", at.display()) };
            Error::failed(format!("the clone{at} is shallow: older history was not scanned")).hint(UNSHALLOW)
        }
        Lack::Undecrypted(all) => {
            let of_vault = |Undecrypted { vault, environment }: &Undecrypted| match vault {
                Some(vault) => format!("{environment} in {vault}"),
                None => environment.to_string(),
            };
            let all = all.iter().map(of_vault).collect::<Vec<_>>().join(", ");
            Error::failed(format!("the values of {all} could not be read, and were not looked for")).hint(OTHERS)
        }
    }
}

fn unreadable(path: &str, why: &str) -> String {
    format!("cannot read {path}: {why}")
}

/// Returns whether a clone is the one around the current directory.
fn is_here(clone: &Path) -> bool {
    clone.as_os_str().is_empty()
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
    let item = NamedItem::within(environment, name);
    format!("{file}:{}  {item}{vault}{how}{commit}", line.unwrap_or_default())
}

//! Searches files, git's index and its history for values, and reports each finding at once.

use super::event::{Event, Tell};
use super::excluded::Excluded;
use super::outcome::Outcome;
use super::sought::{Item, Sought};
use super::tally::Tally;
use super::texts::{Source, Texts};
use crate::error::{self, Result};
use crate::git::{Git, InRepository, Part};
use crate::scan::{Ignore, LeftOut, Stream, read_named};
use crate::search::{Found, IN_FILES, Searcher};
use crate::view::Finding;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

impl Sought {
    /// Searches these texts, without what `ignore` or a `.vaultignore` excludes, and in directories without the vaults' own
    /// files. Everything is read once, in pieces. `tell` gets each finding at once. Only the outcome says whether the
    /// texts are clean, so it can't be ignored:
    ///
    /// ```compile_fail
    /// # #![deny(unused_must_use)]
    /// # use vault::actions::scan::{Sought, Texts};
    /// # fn guess(sought: Sought, texts: &Texts) -> vault::Result<()> {
    /// let ignore = vault::actions::scan::Ignore::default();
    /// sought.search(texts, &ignore, &mut |_| Ok(()))?;
    /// println!("clean");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A second search takes new entries in the log, because this one uses up what is searched for:
    ///
    /// ```compile_fail,E0382
    /// # use vault::actions::scan::{Sought, Texts};
    /// # fn guess(sought: Sought, one: &Texts, other: &Texts) {
    /// let ignore = vault::actions::scan::Ignore::default();
    /// sought.search(one, &ignore, &mut |_| Ok(()));
    /// sought.search(other, &ignore, &mut |_| Ok(()));
    /// # }
    /// ```
    ///
    /// # Errors
    /// Any error of `tell` and of git, and a `.vaultignore` that can't be read or parsed. A text that can't be read is an
    /// event, and part of the outcome.
    pub fn search(self, texts: &Texts, ignore: &Ignore, tell: &mut Tell<'_>) -> Result<Outcome> {
        let Self { items, values, undecrypted, vaults, .. } = self;
        let searcher = Searcher::new(values.iter().map(|value| &**value), IN_FILES);
        let stream = Stream::new(&searcher);
        let mut search = Search {
            items: &items,
            stream,
            tally: Tally::new(tell),
            contents: HashMap::new(),
            reported_again: HashSet::new(),
        };
        match &texts.0 {
            Source::Files(paths) => search.files(paths, &vaults, ignore),
            Source::Staged(git) => search.staged(git, ignore),
            Source::History(repositories) => repositories.iter().try_for_each(|part| search.history(part, ignore)),
        }?;
        Ok(search.tally.outcome(undecrypted))
    }
}

/// Where a text is.
struct Place<'a> {
    path: &'a str,
    commit: Option<&'a str>,
    /// The id of the content, if the same content may be at other paths as well.
    content: Option<&'a str>,
    /// Whether to report what is found there.
    is_reported: bool,
}

impl<'a> Place<'a> {
    fn of_file(path: &'a str) -> Self {
        Self { path, commit: None, content: None, is_reported: true }
    }
}

/// What was found in a content, and the paths at which that was reported.
#[derive(Default)]
struct Content {
    found: Vec<Found>,
    reported: HashSet<String>,
}

/// A search that is going on.
struct Search<'a> {
    items: &'a [Item],
    stream: Stream<'a>,
    tally: Tally<'a>,
    /// Contents with findings, by id.
    contents: HashMap<String, Content>,
    /// The ids and paths that `found_again` has reported.
    reported_again: HashSet<(String, String)>,
}

impl Search<'_> {
    fn files(&mut self, paths: &[PathBuf], vaults: &[PathBuf], ignore: &Ignore) -> Result<()> {
        let left_out = read_named(paths, vaults, ignore, &mut |path, text| {
            self.look(&Place::of_file(&path.to_string_lossy()), text)
        })?;
        self.tally.tell(Event::LeftOut(left_out))
    }

    fn staged(&mut self, git: &Git, ignore: &Ignore) -> Result<()> {
        let excluded = Excluded::read(Path::new("."), ignore)?;
        let mut left_out = LeftOut::default();
        let read = git.staged(&mut |version, text| {
            if excluded.has(&version.path) {
                left_out.excluded += 1;
                return Ok(());
            }
            self.look(&Place::of_file(&version.path), Ok(text))
        })?;
        self.tally.partial(Path::new(""), read.missing);
        self.tally.tell(Event::LeftOut(left_out))
    }

    fn history(&mut self, InRepository { git, at, paths }: &InRepository, ignore: &Ignore) -> Result<()> {
        if git.is_shallow()? {
            self.tally.shallow(at);
        }
        let here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
        let excluded = Excluded::read(here, ignore)?;
        let shown = |path: &str| at.join(path).to_string_lossy().into_owned();
        let mut left_out = HashSet::new();
        let read = git.history(paths, &mut |version, text| {
            let path = match version.part {
                Part::File => shown(&version.path),
                Part::Commit => "(commit)".to_owned(),
                Part::Tag => format!("(tag {})", version.path),
            };
            let content = (version.part == Part::File).then_some(version.id.as_str());
            // The same content may also be at a path that is not left out, and git names it only once.
            let is_reported = version.part != Part::File || !excluded.has(&version.path);
            if !is_reported {
                left_out.insert(version.path.clone());
            }
            self.look(&Place { path: &path, commit: version.commit.as_deref(), content, is_reported }, Ok(text))
        })?;
        self.tally.partial(at, read.missing);
        let found = std::mem::take(&mut self.contents);
        if !found.is_empty() {
            git.places(paths, &|id| found.contains_key(id), &mut |id, path, commit| {
                match excluded.has(path) {
                    true => drop(left_out.insert(path.to_owned())),
                    false => self.found_again(id, &found[id], &shown(path), commit)?,
                }
                Ok(())
            })?;
        }
        self.tally.tell(Event::LeftOut(LeftOut { excluded: left_out.len(), ..LeftOut::default() }))?;
        match git.submodules()? {
            0 => Ok(()),
            submodules => self.tally.tell(Event::Submodules(submodules)),
        }
    }

    /// Searches a text, or reports why it can't be read.
    fn look(&mut self, place: &Place<'_>, text: io::Result<&mut dyn Read>) -> Result<()> {
        self.tally.tell(Event::Begun)?;
        let mut told = Ok(());
        let mut content = Content::default();
        let searched = text.and_then(|text| {
            self.stream.search(text, &mut |found| {
                content.found.extend(place.content.map(|_| found));
                if place.is_reported && told.is_ok() {
                    told = self.tally.tell(Event::Found(finding(self.items, found, place.path, place.commit)));
                }
            })
        });
        told?;
        if let Some(id) = place.content.filter(|_| !content.found.is_empty()) {
            content.reported.extend(place.is_reported.then(|| place.path.to_owned()));
            self.contents.insert(id.to_owned(), content);
        }
        match searched {
            Ok(()) => self.tally.read(),
            Err(error) => self.tally.tell(Event::Unread { path: place.path, why: error::reason(&error) })?,
        }
        Ok(())
    }

    /// Reports that content is also at another path, once for each path.
    fn found_again(&mut self, id: &str, content: &Content, path: &str, commit: &str) -> Result<()> {
        if content.reported.contains(path) || !self.reported_again.insert((id.to_owned(), path.to_owned())) {
            return Ok(());
        }
        for found in &content.found {
            self.tally.tell(Event::Found(finding(self.items, *found, path, Some(commit))))?;
        }
        Ok(())
    }
}

/// Makes the finding for a match in this file, of this commit if one is given.
fn finding(items: &[Item], found: Found, path: &str, commit: Option<&str>) -> Finding {
    let Item { vault, environment, name } = &items[found.value];
    Finding {
        file: Some(path.to_owned()),
        vault: vault.clone(),
        line: Some(found.line),
        encoding: Some(found.encoding.name()),
        commit: commit.map(str::to_owned),
        ..Finding::new("leak", environment, name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use crate::name::NamedItem;

    #[test]
    fn a_finding_names_the_item_and_each_search_needs_its_own_log_entries() {
        let sandbox = Sandbox::with(&["dev/A=first-secret", "prod/D=other-secret"]);
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("app.conf"), "one\nkey = other-secret\n").unwrap();
        let scans = || sandbox.log().iter().filter(|line| line.starts_with("scan ")).count();
        for entries in [2, 4] {
            let mut sought = Sought::default();
            sought.add(&sandbox.session, &[], None).unwrap();
            let mut findings = Vec::new();
            let texts = Texts::files(vec![directory.path().to_owned()]);
            let tell = &mut |event: Event<'_>| {
                if let Event::Found(finding) = event {
                    let item = NamedItem::within(finding.environment, finding.name);
                    findings.push(format!("{item}:{:?}", finding.line));
                }
                Ok(())
            };
            let outcome = sought.search(&texts, &Ignore::default(), tell).unwrap();
            assert_eq!((findings, scans()), (vec!["prod/D:Some(2)".to_owned()], entries));
            assert_eq!(outcome, Outcome::Found { findings: 1, lacks: None });
        }
    }
}

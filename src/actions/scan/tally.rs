//! Counts what happens in a search, and decides how it ended.

use super::event::{Event, Tell};
use super::outcome::{Lack, Lacks, Outcome, Undecrypted};
use crate::error::Result;
use std::path::Path;

/// Passes the events of a search on, and keeps what its outcome depends on.
pub(super) struct Tally<'a> {
    tell: &'a mut Tell<'a>,
    findings: usize,
    /// How many texts were read to their end.
    read: usize,
    /// How many texts were not.
    unread: usize,
    /// The first of these.
    first_unread: Option<Lack>,
    partial: Vec<Lack>,
    shallow: Vec<Lack>,
}

impl<'a> Tally<'a> {
    pub fn new(tell: &'a mut Tell<'a>) -> Self {
        Self { tell, findings: 0, read: 0, unread: 0, first_unread: None, partial: Vec::new(), shallow: Vec::new() }
    }

    /// Counts an event, and passes it on.
    pub fn tell(&mut self, event: Event<'_>) -> Result<()> {
        match &event {
            Event::Found(_) => self.findings += 1,
            Event::Unread { path, why } => {
                self.unread += 1;
                self.first_unread.get_or_insert_with(|| Lack::Text { path: (*path).to_owned(), why: why.clone() });
            }
            Event::Begun | Event::Submodules(_) | Event::LeftOut(_) => {}
        }
        (self.tell)(event)
    }

    /// Records that a text was searched to its end.
    pub fn read(&mut self) {
        self.read += 1;
    }

    /// Records that a clone lacks this many versions of files.
    pub(crate) fn partial(&mut self, at: &Path, versions: usize) {
        if versions > 0 {
            self.partial.push(Lack::Partial { at: at.to_owned(), versions });
        }
    }

    /// Records that a clone is shallow.
    pub(crate) fn shallow(&mut self, at: &Path) {
        self.shallow.push(Lack::Shallow(at.to_owned()));
    }

    /// Decides how a search for all values but those in these environments ended.
    pub fn outcome(self, undecrypted: Vec<Undecrypted>) -> Outcome {
        let Self { findings, read, unread, first_unread, partial, shallow, .. } = self;
        let mut lacks: Vec<Lack> = match unread {
            0 | 1 => first_unread.into_iter().collect(),
            several => vec![Lack::Texts(several)],
        };
        lacks.extend(partial);
        // Of a shallow clone, something was read: it has a commit.
        let is_all_unread = read == 0 && !lacks.is_empty();
        lacks.extend(shallow);
        if !undecrypted.is_empty() {
            lacks.push(Lack::Undecrypted(undecrypted));
        }
        match (findings, Lacks::new(lacks)) {
            (0, None) => Outcome::Clean,
            (0, Some(lacks)) if is_all_unread => Outcome::NothingRead(lacks),
            (0, Some(lacks)) => Outcome::Incomplete(lacks),
            (findings, lacks) => Outcome::Found { findings, lacks },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::environment;
    use crate::view::Finding;

    /// Returns the outcome of a search in which this happens, in words.
    fn outcome(happens: &str) -> Outcome {
        let mut tell = |_: Event<'_>| Ok(());
        let (mut tally, mut undecrypted) = (Tally::new(&mut tell), Vec::new());
        let clone = Path::new("clone");
        for word in happens.split_whitespace() {
            match word {
                "read" => tally.read(),
                "found" => tally.tell(Event::Found(Finding::new("leak", &environment("dev"), "A"))).unwrap(),
                "unread" => tally.tell(Event::Unread { path: "a", why: "it is a device".to_owned() }).unwrap(),
                "whole" => tally.partial(clone, 0),
                "partial" => tally.partial(clone, 3),
                "shallow" => tally.shallow(clone),
                name => undecrypted.push(Undecrypted { vault: None, environment: environment(name) }),
            }
        }
        tally.outcome(undecrypted)
    }

    fn text() -> Lack {
        Lack::Text { path: "a".to_owned(), why: "it is a device".to_owned() }
    }

    fn partial() -> Lack {
        Lack::Partial { at: "clone".into(), versions: 3 }
    }

    fn shallow() -> Lack {
        Lack::Shallow("clone".into())
    }

    fn dev() -> Lack {
        Lack::Undecrypted(vec![Undecrypted { vault: None, environment: environment("dev") }])
    }

    fn lacks(first: Lack, further: &[Lack]) -> Lacks {
        Lacks { first, further: further.to_vec() }
    }

    #[test]
    fn a_search_is_clean_only_if_nothing_was_found_and_nothing_is_lacking() {
        for happens in ["", "read", "read whole"] {
            assert_eq!(outcome(happens), Outcome::Clean, "{happens}");
        }
        let lacking = [
            ("dev", dev()),
            ("read unread", text()),
            ("read unread unread", Lack::Texts(2)),
            ("read partial", partial()),
            ("read shallow", shallow()),
        ];
        for (happens, lack) in lacking {
            assert_eq!(outcome(happens), Outcome::Incomplete(lacks(lack, &[])), "{happens}");
        }
    }

    #[test]
    fn findings_hide_no_lack_and_the_unread_texts_come_first() {
        assert_eq!(outcome("found read"), Outcome::Found { findings: 1, lacks: None });
        let expected = lacks(text(), &[partial(), shallow(), dev()]);
        let expected = Outcome::Found { findings: 2, lacks: Some(expected) };
        assert_eq!(outcome("shallow partial found found read unread dev"), expected);
    }

    #[test]
    fn if_nothing_was_read_nothing_is_known() {
        assert_eq!(outcome("unread"), Outcome::NothingRead(lacks(text(), &[])));
        assert_eq!(outcome("unread unread dev"), Outcome::NothingRead(lacks(Lack::Texts(2), &[dev()])));
        assert_eq!(outcome("partial"), Outcome::NothingRead(lacks(partial(), &[])));
        // A part of the text was read: there is a finding.
        assert_eq!(outcome("found unread"), Outcome::Found { findings: 1, lacks: Some(lacks(text(), &[])) });
    }
}

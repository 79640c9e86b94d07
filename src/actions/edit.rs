//! Editing as text: who may, which items become text, and what of that is logged.
//!
//! - Gives values, after their log entry: `Subject::begin`, `resume`
//! - Gives parts of what was read: `Begun::draft`

pub use crate::draft::{Changes, Collision, Draft, Rules};

use crate::draft::carried_by;
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::roster::Right;
use crate::time::Time;
use crate::vault::{Chosen, DraftId, Meant, OpenDraft, Purpose, Session, Unread, WrittenAs};
use std::collections::BTreeSet;

/// What is edited: a whole environment, or one item of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The environment.
    pub environment: EnvironmentName,
    /// The item, if it is only one.
    pub item: Option<ItemName>,
}

/// A text to edit, whose entry is written.
pub struct Begun {
    /// The text.
    pub draft: Draft,
    /// The items that the text leaves out, because a line can't hold them.
    pub left_out: BTreeSet<ItemName>,
}

impl Subject {
    /// Returns what a word names: an environment, or an item, which is `NAME` or `ENV/NAME`. With `is_item`, the word is
    /// an item even if an environment has that name. Without a word, it is the environment of commands that name none.
    ///
    /// # Errors
    /// The same as for [`Chosen::environment`] and [`Chosen::item`].
    pub fn named<'a>(
        word: Option<&str>,
        is_item: bool,
        chosen: &Chosen,
        session: &'a Session,
    ) -> Result<Meant<'a, Self>> {
        let Some(word) = word else {
            return Ok(chosen.environment(session)?.map(|environment| Self { environment, item: None }));
        };
        let known = session.vault().environments().find(|name| !is_item && name.as_str() == word);
        if let Some(environment) = known {
            return Ok(Meant::Is(Self { environment: environment.clone(), item: None }));
        }
        Ok(chosen.item(word, session)?.map(|(environment, item)| Self { environment, item: Some(item) }))
    }

    /// Refuses somebody who may not save what they type, before they type it. The refusal is logged.
    ///
    /// # Errors
    /// A denied error.
    pub fn check(&self, session: &Session) -> Result<()> {
        let may = session.check_right(&self.environment, Right::Write);
        may.map_err(|error| {
            let attempt = Entry::new(Action::Edit).environment(&self.environment).items(self.item.iter());
            session.log_refusal(attempt, error)
        })
    }

    /// Reads what is edited as a text, after logging it. Items that a line can't hold are not read; the text names them, so
    /// they are logged as well.
    ///
    /// # Errors
    /// The same as for [`Session::read`]; a not-found error if there is no such item.
    pub fn begin(&self, session: &Session, now: Time) -> Result<Begun> {
        let Self { environment, item } = self;
        let purpose = Purpose::for_action(Action::Edit).items(item.iter());
        let unread = session.open(&purpose, environment)?;
        if let Some(name) = item {
            unread.item(name)?;
            let content = session.read(&purpose, unread.only(|item| item.name() == name))?;
            let draft = Draft::of_item(environment, name, &content, now)?;
            return Ok(Begun { draft, left_out: BTreeSet::new() });
        }
        let left_out = left_out(session, &purpose, std::slice::from_ref(&unread))?;
        let content = session.read(&purpose, unread.only(|item| !left_out.contains(item.name())))?;
        let draft = Draft::of_environment(environment, &content, &left_out, now)?;
        Ok(Begun { draft, left_out })
    }
}

/// Returns the items that a line can't hold, after logging them: that says something about their values.
fn left_out(session: &Session, purpose: &Purpose, unread: &[Unread]) -> Result<BTreeSet<ItemName>> {
    Ok(session.uncarried(purpose, unread, carried_by(), WrittenAs::Item)?.names)
}

/// Continues with a draft, after logging it.
///
/// # Errors
/// The same as for [`Session::resume`] and [`Session::open`].
pub fn resume(session: &Session, open: OpenDraft) -> Result<(DraftId, Begun)> {
    let purpose = Purpose::for_action(Action::Edit).note("draft");
    let (id, draft) = session.resume(&purpose, open)?;
    if draft.item.is_some() {
        return Ok((id, Begun { draft, left_out: BTreeSet::new() }));
    }
    let unread = session.open(&purpose, &draft.environment)?;
    let unread = unread.only(|item| !draft.base.items().contains_key(item.name()));
    let left_out = left_out(session, &purpose, &[unread])?;
    Ok((id, Begun { draft, left_out }))
}

impl std::fmt::Display for Subject {
    /// Writes the subject as a draft names it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.item {
            Some(item) => NamedItem::within(&self.environment, item).fmt(f),
            None => self.environment.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment, log_of, place};
    use crate::actions::user_add::Rights;
    use crate::error::Kind;

    fn subject(name: Option<&str>) -> Subject {
        Subject { environment: environment("dev"), item: name.map(|name| place("dev", name).1) }
    }

    #[test]
    fn a_word_is_an_environment_or_else_an_item() {
        let Sandbox { session, .. } = &Sandbox::new();
        let named = |word: Option<&str>, is_item: bool| {
            let chosen: Chosen = is_item.then(|| environment("prod")).into_iter().collect();
            match Subject::named(word, is_item, &chosen, session).unwrap() {
                Meant::Is(subject) => subject.to_string(),
                Meant::Changed(changed) => panic!("{}", changed.refusal()),
            }
        };
        assert_eq!([named(None, false), named(Some("prod"), false)], ["dev", "prod"]);
        assert_eq!([named(Some("A"), false), named(Some("prod/A"), false)], ["dev/A", "prod/A"]);
        assert_eq!([named(None, true), named(Some("dev"), true)], ["prod", "prod/dev"]);
    }

    #[test]
    fn items_that_become_text_are_read_and_logged_and_those_that_the_text_leaves_out_are_logged() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "dev/NUL=a\0b"]);
        let Begun { draft, left_out } = subject(None).begin(&sandbox.session, Time::now()).unwrap();
        assert!(draft.text.as_str().unwrap().contains("A=1\nB=2\n"), "{:?}", draft.text.as_str());
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["edit dev NUL", "edit dev A,B"]);
        assert_eq!(left_out, [place("dev", "NUL").1].into());
        let begun = subject(Some("A")).begin(&sandbox.session, Time::now()).unwrap();
        assert!(begun.left_out.is_empty(), "the value of another item is not looked at");
        assert_eq!(sandbox.log()[log.len()..], ["edit dev A"]);
    }

    #[test]
    fn a_draft_that_is_continued_logs_what_its_text_leaves_out() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/NUL=a\0b"]);
        let session = &sandbox.session;
        let Begun { mut draft, .. } = subject(None).begin(session, Time::now()).unwrap();
        session.drafts().unwrap().keep(&DraftId::new().unwrap(), &mut draft).unwrap();
        let before = sandbox.log().len();
        let (_, begun) = resume(session, session.open_drafts().unwrap().0.remove(0)).unwrap();
        assert_eq!(begun.left_out, [place("dev", "NUL").1].into());
        assert_eq!(sandbox.log()[before..], ["edit dev A", "edit dev NUL"]);
    }

    #[test]
    fn a_user_who_may_not_save_is_refused_before_any_value_is_read() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        let ben = sandbox.add_user("ben", &Rights { read: &[environment("dev")], ..Rights::default() });
        assert_eq!(subject(Some("A")).check(&ben).unwrap_err().kind(), Kind::Denied);
        assert_eq!(log_of(&ben).last().unwrap(), "edit dev A", "the refusal");
    }

    #[test]
    fn a_missing_item_cannot_be_edited() {
        let sandbox = Sandbox::with(&["dev/A=1"]);
        assert!(subject(Some("B")).begin(&sandbox.session, Time::now()).is_err());
        subject(Some("A")).check(&sandbox.session).unwrap();
        assert!(!sandbox.log().iter().any(|line| line.starts_with("edit")));
        assert_eq!((subject(None).to_string(), subject(Some("A")).to_string()), ("dev".to_owned(), "dev/A".to_owned()));
    }
}

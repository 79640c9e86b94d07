//! Editing as text: who may, which items become text, and what of that is logged.
//!
//! - Gives values, after their log entry: `Subject::begin`, `resume`

pub use crate::draft::{Changes, Collision, Draft, Rules};

use crate::draft::carried_by;
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::roster::Right;
use crate::time::Time;
use crate::vault::{Chosen, DraftId, Meant, OpenDraft, Purpose, Session, WrittenAs};

/// What is edited: a whole environment, or one item of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The environment.
    pub environment: EnvironmentName,
    /// The item, if it is only one.
    pub item: Option<ItemName>,
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
    pub fn begin(&self, session: &Session, now: Time) -> Result<Draft> {
        let Self { environment, item } = self;
        let purpose = Purpose::for_action(Action::Edit).items(item.iter());
        let unread = session.open(&purpose, environment)?;
        if let Some(name) = item {
            unread.item(name)?;
            let content = session.read(&purpose, unread.only(|item| item.name() == name))?;
            return Draft::of_item(environment, name, &content, now);
        }
        session.confirm(environment, || unread.entry(&purpose))?;
        let left_out = session.uncarried(&purpose, std::slice::from_ref(&unread), carried_by(), WrittenAs::Item)?.names;
        let content = session.read(&purpose, unread.only(|item| !left_out.contains(item.name())))?;
        Draft::of_environment(environment, &content, left_out, now)
    }
}

/// Continues with a draft, after logging it.
///
/// # Errors
/// The same as for [`Session::resume`] and [`Session::open`].
pub fn resume(session: &Session, open: OpenDraft) -> Result<(DraftId, Draft)> {
    let purpose = Purpose::for_action(Action::Edit).note("draft");
    let (id, mut draft) = session.resume(&purpose, open)?;
    let unread = session.open(&purpose, &draft.environment)?;
    draft.left_out.retain(|name| unread.get(name).is_some());
    Ok((id, draft))
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
    use crate::actions::set::{Change, Set};
    use crate::actions::testing::{Sandbox, environment, log_of, place, value};
    use crate::actions::user_add::Rights;
    use crate::dangerous::AllowedOnce;
    use crate::error::Kind;
    use crate::item::Description;

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
        let draft = subject(None).begin(&sandbox.session, Time::now()).unwrap();
        assert!(draft.text.as_str().unwrap().contains("A=1\nB=2\n"), "{:?}", draft.text.as_str());
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["edit dev NUL", "edit dev A,B"]);
        assert_eq!(draft.left_out, [place("dev", "NUL").1].into());
        let draft = subject(Some("A")).begin(&sandbox.session, Time::now()).unwrap();
        assert!(draft.left_out.is_empty(), "the value of another item is not looked at");
        assert_eq!(sandbox.log()[log.len()..], ["edit dev A"]);
    }

    #[test]
    fn a_draft_that_is_continued_leaves_out_what_it_left_out_before_and_looks_at_no_other_value() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/NUL=a\0b", "dev/GONE=a\0b"]);
        let mut draft = subject(None).begin(&sandbox.session, Time::now()).unwrap();
        sandbox.session.drafts().unwrap().keep(&DraftId::new().unwrap(), &mut draft).unwrap();
        crate::actions::testing::remove(&mut sandbox.session, &[place("dev", "GONE")]);
        let changes = vec![Change { value: Some(value("a\0b")), ..place("dev", "NEW").into() }];
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let set = Set { changes, description: &description, allowed: &allowed, may_be_empty: false };
        set.save(&mut sandbox.session).unwrap();
        let before = sandbox.log().len();
        let (_, draft) = resume(&sandbox.session, sandbox.session.open_drafts().unwrap().0.remove(0)).unwrap();
        assert_eq!(draft.left_out, [place("dev", "NUL").1].into());
        assert_eq!(sandbox.log()[before..], ["edit dev A,GONE,NUL"]);
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

//! Checks the variables that items get by a change. This is the one place for every way in which an item can arrive: set,
//! imported, edited, copied, moved, or put there by another program through the library.
//!
//! A merge doesn't come through here. Each side's items were checked when they were saved there, and a name on one
//! branch must not prevent everybody from merging: `exec` asks again before a program gets the item.

use super::Edit;
use crate::error::Result;
use crate::item::Content;
use crate::name::EnvironmentName;

impl Edit<'_> {
    /// Checks the variables that items get by this change: that none of them is dangerous, unless it is allowed, and
    /// that no two items have the same one. [`Session::edit`](crate::vault::Session::edit) calls this for every change.
    /// Call it where this error has to come before another one.
    ///
    /// # Errors
    /// As [`refusal`](crate::dangerous::refusal); a usage error if a program would get only one of two items.
    pub(crate) fn check_variables(&self) -> Result<()> {
        // Environments that the change didn't touch are skipped: they are only encrypted again, and nothing that a
        // writer stored may prevent anybody from revoking rights.
        for (name, before) in &self.before {
            if let Some(content) = self.contents.get(name).filter(|_| self.touched.contains(name)) {
                self.check_variables_of(name, before, content)?;
            }
        }
        Ok(())
    }

    /// Does what [`Edit::check_variables`] does, for one environment and what it holds before and after a change.
    pub(crate) fn check_variables_of(&self, name: &EnvironmentName, before: &Content, content: &Content) -> Result<()> {
        self.check_names(name, before, content)?;
        check_clashes(name, before, content)
    }

    fn check_names(&self, environment: &EnvironmentName, before: &Content, content: &Content) -> Result<()> {
        // Undo restores what was there before the user's own last change. If these names were refused, an item that was
        // removed by mistake could not be restored.
        if self.undoing.is_some() {
            return Ok(());
        }
        let allowed = self.session.vault.allowed(&self.allowed);
        for (name, item) in content.items() {
            let before = before.items().get(name).map(|item| &item.metadata);
            allowed.check(environment, name, (before, &item.metadata))?;
        }
        Ok(())
    }
}

/// Checks that no two items have the same variable, because a program would get only one of them. Clashes that others
/// stored earlier don't prevent a change.
fn check_clashes(environment: &EnvironmentName, before: &Content, content: &Content) -> Result<()> {
    let clashes = content.clashes();
    if clashes.is_empty() {
        return Ok(());
    }
    let known = before.clashes();
    clashes.iter().find(|clash| !known.contains(clash)).map_or(Ok(()), |new| Err(new.error(environment)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dangerous::AllowedOnce;
    use crate::dangerous::DangerousName;
    use crate::draft::{Draft, Rules};
    use crate::error::Reason;
    use crate::identity::Key;
    use crate::item::{Deliver, Metadata};
    use crate::log::{Action, Caller, Entry, Extent, Outcome};
    use crate::name::{ItemName, UserName, VariableName};
    use crate::secret::SecretBytes;
    use crate::time::Time;
    use crate::vault::{Creation, KeySession, Keyring, Purpose, SavedDraft, Session, Settings, create};
    use std::collections::BTreeSet;
    use std::path::Path;

    const DANGER: &str = "LD_PRELOAD can make a program load code";

    fn dev() -> EnvironmentName {
        EnvironmentName::new("dev").unwrap()
    }

    fn item(name: &str) -> ItemName {
        ItemName::new(name).unwrap()
    }

    fn ld_preload() -> AllowedOnce {
        AllowedOnce::new(["LD_PRELOAD".to_owned()])
    }

    fn put(content: &mut Content, name: &str, text: &str, metadata: &Metadata) {
        content
            .set(&item(name), SecretBytes::from(text), metadata, &UserName::new("mia").unwrap(), Time::now())
            .unwrap();
    }

    fn created(directory: &Path, content: Content, allowed: AllowedOnce) -> Result<KeySession> {
        let settings = Settings::at(directory.join("state"));
        let key = Key::generate().unwrap();
        let creation = Creation {
            user: UserName::new("mia").unwrap(),
            email: None,
            environments: [(dev(), content)].into(),
            slots: Keyring { passphrase: None, key: &key },
            allowed,
            caller: Caller::default(),
        };
        create(&directory.join("secrets.vault"), creation, &settings, |_, _| Ok(()))
    }

    /// Changes the items of dev in a change that writes its own items.
    fn edit(session: &mut Session, allowed: &AllowedOnce, change: impl Fn(&mut Content)) -> Result<()> {
        let entry = Entry::new(Action::Set).environment(&dev());
        session.edit(std::slice::from_ref(&entry), |edit| {
            edit.allow(allowed);
            edit.log(entry.clone());
            change(edit.content_mut(&dev())?);
            Ok(())
        })
    }

    fn last(session: &Session) -> (Action, Outcome) {
        let log = session.read_log_of(session.user(), Extent::Whole).unwrap();
        let entry = log.lines().last().unwrap().unwrap().entry;
        (entry.action, entry.outcome)
    }

    #[test]
    fn a_new_vault_accepts_no_dangerous_name_unless_allowed() {
        let directory = tempfile::tempdir().unwrap();
        let mut content = Content::default();
        put(&mut content, "LD_PRELOAD", "x", &Metadata::default());
        let error = created(directory.path(), content.clone(), AllowedOnce::default()).err().unwrap();
        assert_eq!((error.reason(), error.to_string().as_str()), (Reason::DangerousName, DANGER));
        assert!(!directory.path().join("secrets.vault").exists());
        created(directory.path(), content, ld_preload()).unwrap();
    }

    #[test]
    fn an_edit_accepts_no_dangerous_name_unless_allowed_and_the_refusal_is_logged() {
        let directory = tempfile::tempdir().unwrap();
        let mut session = created(directory.path(), Content::default(), AllowedOnce::default()).unwrap();
        let none = AllowedOnce::default();
        let variable = Some(VariableName::new("LD_PRELOAD").unwrap());
        let as_it = Metadata { variable: variable.clone(), ..Metadata::default() };
        let kept_back = Metadata { deliver: Deliver::None, variable, ..Metadata::default() };
        for (name, metadata) in [("LD_PRELOAD", &Metadata::default()), ("A", &as_it), ("A", &kept_back)] {
            let put = |content: &mut Content| put(content, name, "x", metadata);
            assert_eq!(edit(&mut session, &none, put).unwrap_err().to_string(), DANGER);
            assert_eq!(last(&session), (Action::Set, Outcome::Failed));
            let attempt = Entry::new(Action::Import).environment(&dev());
            let rehearsed = session.rehearse(&[attempt], |edit| {
                put(edit.content_mut(&dev())?);
                Ok(())
            });
            assert_eq!(rehearsed.unwrap_err().to_string(), DANGER);
            assert_eq!(last(&session), (Action::Import, Outcome::Failed));
        }
        let unseen = Metadata { deliver: Deliver::None, ..Metadata::default() };
        edit(&mut session, &none, |content| put(content, "LD_PRELOAD", "x", &unseen)).unwrap();
        let given = edit(&mut session, &none, |content| put(content, "LD_PRELOAD", "x", &Metadata::default()));
        assert_eq!(given.unwrap_err().to_string(), DANGER);
    }

    #[test]
    fn existing_items_with_dangerous_names_can_be_edited_removed_and_restored() {
        let directory = tempfile::tempdir().unwrap();
        let mut session = created(directory.path(), Content::default(), AllowedOnce::default()).unwrap();
        let none = AllowedOnce::default();
        let set =
            |text: &'static str| move |content: &mut Content| put(content, "LD_PRELOAD", text, &Metadata::default());
        edit(&mut session, &ld_preload(), set("1")).unwrap();
        edit(&mut session, &none, set("2")).unwrap();
        let remove = |content: &mut Content| drop(content.remove(&dev(), &item("LD_PRELOAD")).unwrap());
        edit(&mut session, &none, remove).unwrap();
        let record = session.last_change().unwrap();
        session.rehearse_undo(&record).unwrap();
        session.undo(&record).unwrap();
        let purpose = Purpose::for_action(Action::Get);
        assert!(session.open(&purpose, &dev()).unwrap().get(&item("LD_PRELOAD")).is_some());
        edit(&mut session, &none, remove).unwrap();
        assert_eq!(edit(&mut session, &none, set("3")).unwrap_err().to_string(), DANGER);
        session
            .vault()
            .allow_name(&dev(), &DangerousName::new(VariableName::new("LD_PRELOAD").unwrap()).unwrap())
            .unwrap();
        let mut session = session.reopen().unwrap();
        edit(&mut session, &none, set("3")).unwrap();
    }

    #[test]
    fn an_edited_text_accepts_no_dangerous_name_unless_allowed() {
        let directory = tempfile::tempdir().unwrap();
        let mut content = Content::default();
        put(&mut content, "A", "1", &Metadata::default());
        let mut session = created(directory.path(), content.clone(), AllowedOnce::default()).unwrap();
        let mut draft = Draft::of_environment(&dev(), &content, BTreeSet::new(), Time::now()).unwrap();
        draft.text = "A=1\nLD_PRELOAD=x\n".into();
        let rules = Rules { accepts_empty: false, is_below_message: false };
        let changes = draft.changes(&rules).unwrap();
        let error = session.save_draft(&draft, &changes, &AllowedOnce::default()).unwrap_err();
        assert_eq!((error.reason(), error.to_string()), (Reason::DangerousName, format!("line 2: {DANGER}")));
        assert_eq!(last(&session), (Action::Edit, Outcome::Failed));
        assert!(matches!(session.save_draft(&draft, &changes, &ld_preload()), Ok(SavedDraft::Saved)));
    }
}

//! Which logs are verified together, and whether the parts of each log fit together.

use crate::error::{Error, Result};
use crate::log::{self, Exported, Extent, Fit, Form, Reading};
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::vault::Session;
use std::path::PathBuf;

/// Whose logs on this device are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The logs of all users.
    All,
    /// The log of this user.
    Of(UserName),
}

/// A log, or a part of one.
#[derive(Debug)]
pub struct Part {
    /// Whose log it is.
    pub user: UserName,
    /// The file it was read from. `None` for the log on this device.
    pub file: Option<PathBuf>,
    /// Whether it is a whole log or an archive.
    pub form: Form,
    /// What was read from it.
    pub reading: Reading,
}

/// The log of one user on one device, in which every entry is authentic.
#[derive(Debug)]
pub struct Verified {
    /// Its parts, sorted.
    pub parts: Vec<Part>,
    /// The numbers of the first and the last entry that are missing between the parts.
    pub gap: Option<(u64, u64)>,
}

/// Returns what is verified: these files, and the logs on this device that belong to them. The log of a single user
/// belongs to them if there are no files, or if one of them is an archive of it.
///
/// # Errors
/// If a log can't be read.
pub fn gather(session: &Session, files: Vec<(PathBuf, Exported)>, whose: &Whose) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = files.into_iter().map(Part::of_file).collect();
    let here = match whose {
        Whose::All => {
            let users = log::users_here(&session.vault().state_directory())?;
            users.into_iter().map(|user| Part::here(user, session)).collect::<Result<_>>()?
        }
        Whose::Of(user) => log_here(user, &parts, session)?.into_iter().collect::<Vec<_>>(),
    };
    parts.extend(here);
    Ok(parts)
}

/// Returns the user's log on this device, if it belongs to the files.
fn log_here(user: &UserName, files: &[Part], session: &Session) -> Result<Option<Part>> {
    let archives: Vec<&Part> = files.iter().filter(|part| part.form == Form::Archive && part.user == *user).collect();
    if !files.is_empty() && archives.is_empty() {
        return Ok(None);
    }
    let here = Part::here(user.clone(), session)?;
    let belongs = files.is_empty() || archives.iter().any(|archive| archive.owner() == here.owner());
    Ok(belongs.then_some(here))
}

/// Checks that nothing in these parts was changed and that the parts of each log fit together. Returns the logs, sorted
/// by user and device. A gap between parts is no error here: it is part of the result.
///
/// # Errors
/// An integrity error for the first entry that is not authentic, or for two parts of which one does not follow the other.
pub fn verify(mut parts: Vec<Part>) -> Result<Vec<Verified>> {
    parts.order_by(|a, b| (a.owner(), a.reading.extent()).cmp(&(b.owner(), b.reading.extent())));
    parts.iter().try_for_each(Part::refuse_damage)?;
    let mut logs: Vec<Verified> = Vec::new();
    for part in parts {
        match logs.last_mut() {
            Some(log) if log.parts[0].owner() == part.owner() => log.parts.push(part),
            _ => logs.push(Verified { parts: vec![part], gap: None }),
        }
    }
    for log in &mut logs {
        log.gap = gap(&log.parts)?;
    }
    Ok(logs)
}

/// Returns which entries are missing between the parts of a log.
fn gap(parts: &[Part]) -> Result<Option<(u64, u64)>> {
    let readings: Vec<&Reading> = parts.iter().map(|part| &part.reading).collect();
    match Fit::between(&readings) {
        Fit::Whole => Ok(None),
        Fit::Gap(first, last) => Ok(Some((first, last))),
        Fit::Broken { earlier, later } => {
            let (earlier, later) = (parts[earlier].name(), parts[later].name());
            Err(Error::integrity(format!("{later} does not follow {earlier}"))
                .hint("one of them is from another log, or somebody put another log in its place"))
        }
    }
}

impl Part {
    fn of_file((file, Exported { form, user, reading, .. }): (PathBuf, Exported)) -> Self {
        Self { user, file: Some(file), form, reading }
    }

    fn here(user: UserName, session: &Session) -> Result<Self> {
        let reading = session.read_log_of(&user, Extent::Checked)?;
        Ok(Self { user, file: None, form: Form::Export, reading })
    }

    /// Returns the log's user and device.
    fn owner(&self) -> (&UserName, Option<&str>) {
        (&self.user, self.reading.device())
    }

    fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => format!("{}'s log on this device", self.user),
        }
    }

    fn refuse_damage(&self) -> Result<()> {
        let Some(problem) = &self.reading.problem else { return Ok(()) };
        let user = &self.user;
        Err(Error::integrity(format!("entry {} of {user}'s log: {}", problem.entry, problem.what))
            .hint("somebody changed the log, or a power cut took its end; entries before that are authentic"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::passwd;
    use crate::actions::testing::{Sandbox, keep};
    use crate::identity::Key;
    use crate::log::{Action, Caller, Entry, MAX_ARCHIVE, Problem};
    use crate::time::Time;
    use crate::vault::{Credential, KeySession, Settings, Vault};
    use std::path::Path;

    /// Makes new keys, so that the log continues in a new segment, and moves the segment before that into an archive.
    /// Returns its path and the new key.
    fn archived(session: &mut KeySession, directory: &Path, name: &str) -> (PathBuf, Key) {
        let mut key = None;
        passwd::key(session, crate::vault::Fallbacks::default(), keep(&mut key)).unwrap();
        session.log(vec![Entry::new(Action::List)]).unwrap();
        let archive = session.seal_archive(Time::parse("2999-01-01T00:00:00Z").unwrap(), MAX_ARCHIVE).unwrap();
        let path = directory.join(name);
        session.move_into_archive(&archive.unwrap(), &path).unwrap();
        (path, key.unwrap())
    }

    fn read(session: &Session, path: &Path) -> (PathBuf, Exported) {
        let text = std::fs::read_to_string(path).unwrap();
        (path.to_owned(), session.open_exported_log(&text, Extent::Checked).unwrap())
    }

    fn exported(session: &KeySession, directory: &Path) -> PathBuf {
        let path = directory.join("export");
        std::fs::write(&path, session.export_log(Vec::new()).unwrap()).unwrap();
        path
    }

    /// Returns what is verified, one word each: the name of the file, or `here`.
    fn gathered(session: &Session, files: &[&PathBuf], whose: &Whose) -> Vec<String> {
        let files = files.iter().map(|path| read(session, path)).collect();
        let name = |part: Part| match part.file {
            Some(file) => file.file_name().unwrap().to_str().unwrap().to_owned(),
            None => format!("{} here", part.user),
        };
        gather(session, files, whose).unwrap().into_iter().map(name).collect()
    }

    #[test]
    fn the_log_on_this_device_belongs_to_its_own_archives_and_to_no_export() {
        let (mut sandbox, files) = (Sandbox::with(&["dev/A=1"]), tempfile::tempdir().unwrap());
        let mia = Whose::Of(sandbox.session.user().clone());
        let (archive, _) = archived(&mut sandbox.session, files.path(), "archive");
        let session = &sandbox.session;
        let export = exported(session, files.path());
        assert_eq!(gathered(session, &[], &mia), ["mia here"]);
        assert_eq!(gathered(session, &[&export], &mia), ["export"]);
        assert_eq!(gathered(session, &[&archive], &mia), ["archive", "mia here"]);
        assert_eq!(gathered(session, &[&export], &Whose::All), ["export", "mia here"]);
        let ben = Whose::Of(UserName::new("ben").unwrap());
        assert_eq!(gathered(session, &[&archive], &ben), ["archive"]);
    }

    #[test]
    fn an_archive_of_another_device_does_not_bring_the_log_of_this_one() {
        let (mut sandbox, directory) = (Sandbox::with(&["dev/A=1"]), tempfile::tempdir().unwrap());
        let (archive, key) = archived(&mut sandbox.session, directory.path(), "archive");
        let settings = Settings::at(directory.path().join("state"));
        let vault = Vault::open(sandbox.session.vault().path(), &settings).unwrap();
        let elsewhere = vault.unlock(&Credential::Key(key), None, &Caller::default()).unwrap();
        elsewhere.log(vec![Entry::new(Action::List)]).unwrap();
        let mia = Whose::Of(elsewhere.user().clone());
        assert_eq!(gathered(&elsewhere, &[&archive], &mia), ["archive"]);
    }

    #[test]
    fn parts_of_a_log_fit_together_or_the_missing_entries_are_named() {
        let (mut sandbox, files) = (Sandbox::with(&["dev/A=1"]), tempfile::tempdir().unwrap());
        let mia = Whose::Of(sandbox.session.user().clone());
        let (first, _) = archived(&mut sandbox.session, files.path(), "first");
        let (second, _) = archived(&mut sandbox.session, files.path(), "second");
        let session = &sandbox.session;
        let verified = |paths: &[&PathBuf]| {
            let files = paths.iter().map(|path| read(session, path)).collect();
            verify(gather(session, files, &mia).unwrap()).unwrap()
        };
        // The order of the files does not matter.
        let logs = verified(&[&second, &first]);
        assert_eq!((logs.len(), logs[0].parts.len(), logs[0].gap), (1, 3, None));
        let missing = read(session, &second).1.reading;
        let (from, to) = (missing.follows.unwrap().number + 1, missing.last);
        assert_eq!(verified(&[&first])[0].gap, Some((from, to)));
    }

    #[test]
    fn damage_is_reported_before_gaps() {
        let sandbox = Sandbox::with(&["dev/A=1"]);
        let mut parts = gather(&sandbox.session, Vec::new(), &Whose::All).unwrap();
        parts[0].reading.problem = Some(Problem { entry: 2, what: "it was changed".into() });
        assert_eq!(verify(parts).unwrap_err().to_string(), "entry 2 of mia's log: it was changed");
    }
}

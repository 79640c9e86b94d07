//! Makes a change under the lock of the file, from reading it again to replacing it.

use super::Edit;
use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::file::MAX_FILE;
use crate::fs::{self, Lock};
use crate::log::{Entry, Outcome};
use crate::name::EnvironmentName;
use crate::vault::keys::Keys;
use crate::vault::{Session, Warning};
use std::path::Path;

impl Session {
    /// Changes the vault: see [`Edit`]. The file is read again under its lock, changed, and replaced as a whole.
    ///
    /// `attempt` describes the intended change in log entries, at least one. They are logged if the change is refused,
    /// or if `change` fails after it has read an environment. An environment that `change` has read and that no entry
    /// names gets one as well, whether `change` succeeds or fails. So whatever `change` returns or says about values
    /// leaves this function after its entry is written.
    ///
    /// # Errors
    /// The errors of `change`, and whatever is wrong with the file or the disk; then nothing has changed. If `attempt` is
    /// empty, `change` is not called.
    pub fn edit<T>(&mut self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        check_attempt(attempt)?;
        for entry in attempt.iter().filter(|entry| entry.action.uses_values()) {
            if let Some(environment) = entry.environment.as_deref().and_then(|name| EnvironmentName::new(name).ok()) {
                self.confirm_use(&environment, entry.action)?;
            }
        }
        let path = self.vault.location.real.clone();
        let lock = Lock::of_file(&path, fs::LOCK_TIMEOUT)?;
        self.read_again(&path)?;
        let (result, cured, saved) = {
            let mut edit = Edit::begin(self)?;
            let result = match change(&mut edit).and_then(|result| self.confirm_changed(&edit).map(|()| result)) {
                Ok(result) => result,
                Err(error) => return Err(self.failed(attempt, &edit, error)),
            };
            edit.log_looks(attempt);
            let cured = edit.cured()?;
            (result, cured, edit.save(&lock)?)
        };
        if let (Some(keys), Keys::Own(identity)) = (saved.new_keys, &mut self.keys) {
            identity.keys = keys;
        }
        if let Some(vault) = saved.vault {
            vault.warnings.swap(&self.vault.warnings);
            self.vault = vault;
        }
        self.note_own_names(&saved.entries);
        saved.replaced.into_iter().for_each(|replaced| self.vault.tell(replaced));
        for name in cured {
            let text = format!("{name} is renewed after somebody lost their right on it");
            let hint = ("replace what they knew: ", Remedy::ListDue(Some(name.to_string()))).into();
            self.vault.tell(Warning { text, hint: Some(hint) });
        }
        Ok(result)
    }

    /// Asks about protected environments that the attempt didn't name, if their items were changed.
    fn confirm_changed(&self, edit: &Edit<'_>) -> Result<()> {
        edit.changed().try_for_each(|environment| self.confirm_unlogged(environment))
    }

    /// Reads the file again, under its lock. It must still be this vault, with the keys of this session.
    fn read_again(&mut self, path: &Path) -> Result<()> {
        // Leftover files may hold values that were being written outside the vault.
        fs::remove_left_behind(fs::parent(path));
        let (bytes, stamp) = fs::read(path, MAX_FILE)?;
        let vault = self.vault.renewed(bytes, stamp)?;
        if vault.id() != self.vault.id() {
            return Err(Error::new(Reason::OtherVault, "another vault has replaced the file"));
        }
        vault.warnings.swap(&self.vault.warnings);
        if vault.user(self.user())?.keys != self.keys.public()? {
            return Err(
                Error::new(Reason::KeysReplaced, "your keys were replaced by another command").hint("unlock again")
            );
        }
        self.vault = vault;
        Ok(())
    }

    /// Does what [`Session::edit`] does, but saves nothing. Environments that were read are logged, as a dry run.
    ///
    /// # Errors
    /// The same as for [`Session::edit`].
    pub fn rehearse<T>(&self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        check_attempt(attempt)?;
        let mut edit = Edit::begin(self)?;
        let result = match change(&mut edit) {
            Ok(result) => result,
            Err(error) => return Err(self.failed(attempt, &edit, error)),
        };
        edit.check_variables().map_err(|error| self.failed(attempt, &edit, error))?;
        edit.check_size().map_err(|error| self.failed(attempt, &edit, error))?;
        let entries = edit.looks(attempt);
        self.log(entries.into_iter().map(|entry| entry.note("dry run")).collect())?;
        Ok(result)
    }

    /// Logs that a change was refused, or that it failed after reading an environment. Returns the error.
    fn failed(&self, attempt: &[Entry], edit: &Edit<'_>, error: Error) -> Error {
        let outcome = if error.kind() == Kind::Denied { Outcome::Denied } else { Outcome::Failed };
        if outcome != Outcome::Denied && !edit.has_looked() {
            return error;
        }
        // The entry that the change was about to log says more.
        let mut entries: Vec<Entry> = attempt.iter().map(|entry| edit.said(entry).unwrap_or(entry).clone()).collect();
        entries.extend(edit.looks_beyond(&entries, attempt));
        let entries = entries.into_iter().map(|entry| entry.note(error.to_string()).outcome(outcome));
        self.log(entries.collect()).err().unwrap_or(error)
    }
}

/// Checks that an attempt has an entry, because the entries for what a change looks at are made from it.
fn check_attempt(attempt: &[Entry]) -> Result<()> {
    if attempt.is_empty() { Err(Error::failed("a change without a log entry")) } else { Ok(()) }
}

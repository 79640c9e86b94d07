//! Makes a change under the lock of the file, from reading it again to replacing it.

use super::account::check_attempt;
use super::{Edit, KeyEdit};
use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::file::MAX_FILE;
use crate::fs::{self, Lock};
use crate::log::Entry;
use crate::name::EnvironmentName;
use crate::vault::keys::Keys;
use crate::vault::{KeySession, Session, Warning, WarningReason};
use std::path::Path;

impl Session {
    /// Changes the vault: see [`Edit`]. The file is read again under its lock, changed, and replaced as a whole.
    ///
    /// `attempt` describes the intended change in log entries, at least one. They are logged if the file is not valid, if
    /// the change is refused, or if `change` fails or panics after it has read an environment. An environment that `change` has read and that
    /// no entry names gets one as well, whether `change` succeeds or fails. So whatever `change` returns or says about
    /// values leaves this function after its entry is written.
    ///
    /// The entries that `change` logs must say everything that it changes: for example, only an entry of `grant` for the
    /// environment and the user says that a right was granted. The names of changed items are added to their entry.
    ///
    /// # Errors
    /// The errors of `change`, and whatever is wrong with the file or the disk; a failure if no entry says what was
    /// changed. Then nothing has changed. If `attempt` is empty, or has an entry of an action that edits nothing,
    /// `change` is not called.
    pub(crate) fn edit<T>(&mut self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        check_attempt(attempt)?;
        self.change(attempt, change)
    }

    /// Does what [`Session::edit`] does, for an attempt that needs no check.
    pub(in crate::vault) fn change<T>(
        &mut self,
        attempt: &[Entry],
        change: impl FnOnce(&mut Edit<'_>) -> Result<T>,
    ) -> Result<T> {
        for entry in attempt.iter().filter(|entry| entry.action.uses_values()) {
            if let Some(environment) = entry.environment.as_deref().and_then(|name| EnvironmentName::new(name).ok()) {
                self.confirm_use(&environment, entry.action, || entry.clone())?;
            }
        }
        let path = self.vault.location.real.clone();
        let lock = Lock::of_file(&path, fs::LOCK_TIMEOUT)?;
        self.read_again(&path)?;
        let (result, cured, saved) = {
            let mut edit = self.begin(attempt)?;
            let result = self.call(&mut edit, change)?;
            self.confirm_changed(&edit).map_err(|error| self.failed(&edit, error))?;
            edit.account().map_err(|error| self.failed(&edit, error))?;
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
            let hint = ("replace what they knew: ", Remedy::ListDue(Some(name.to_string())));
            self.vault.tell(Warning::new(WarningReason::Exposed, text).hint(hint));
        }
        Ok(result)
    }

    /// Asks about protected environments that the attempt didn't name, if their items were changed.
    fn confirm_changed(&self, edit: &Edit<'_>) -> Result<()> {
        edit.changed().try_for_each(|environment| self.confirm_unlogged(environment, || edit.entry_about(environment)))
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
    pub(crate) fn rehearse<T>(&self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        check_attempt(attempt)?;
        self.try_out(attempt, change)
    }

    /// Does what [`Session::rehearse`] does, for an attempt that needs no check.
    pub(in crate::vault) fn try_out<T>(
        &self,
        attempt: &[Entry],
        change: impl FnOnce(&mut Edit<'_>) -> Result<T>,
    ) -> Result<T> {
        let (result, entries) = self.tried(attempt, change)?;
        self.log(entries.into_iter().map(|entry| entry.note("dry run")).collect())?;
        Ok(result)
    }

    /// Does what [`Session::rehearse`] does before somebody is asked to agree to a change: see
    /// [`Agreed`](crate::vault::Agreed). Only a refusal is logged, so the result must say nothing of values.
    ///
    /// # Errors
    /// The same as for [`Session::edit`], but nobody is asked about a protected environment.
    pub(crate) fn foresee<T>(&self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        check_attempt(attempt)?;
        self.tried(attempt, change).map(|(result, _)| result)
    }

    /// Tries a change, and returns the entries about what it looked at as well.
    fn tried<T>(&self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<(T, Vec<Entry>)> {
        let mut edit = self.begin(attempt)?;
        let result = self.call(&mut edit, change)?;
        edit.check_variables().map_err(|error| self.failed(&edit, error))?;
        edit.check_size().map_err(|error| self.failed(&edit, error))?;
        Ok((result, edit.looks()))
    }

    /// Begins an edit. If the file is not valid, the attempt is logged as failed, although nothing was decrypted: somebody
    /// may have forged the file to see what happens.
    fn begin<'a>(&'a self, attempt: &'a [Entry]) -> Result<Edit<'a>> {
        Edit::begin(self, attempt).map_err(|error| self.log_failure(attempt.to_vec(), error))
    }

    /// Calls the code that makes a change. If it fails, that is logged.
    fn call<'a, T>(&self, edit: &mut Edit<'a>, change: impl FnOnce(&mut Edit<'a>) -> Result<T>) -> Result<T> {
        let called = Called { session: self, edit };
        change(called.edit).map_err(|error| self.failed(called.edit, error))
    }

    /// Logs that a change was refused, or that it failed after reading an environment. Returns the error.
    fn failed(&self, edit: &Edit<'_>, error: Error) -> Error {
        match error.kind() == Kind::Denied || edit.has_looked() {
            true => self.log_failure(edit.failures(), error),
            false => error,
        }
    }

    fn log_failure(&self, entries: Vec<Entry>, error: Error) -> Error {
        let note = error.to_string();
        self.log_refusals(entries.into_iter().map(|entry| entry.note(note.as_str())).collect(), error)
    }
}

impl KeySession {
    /// Does what [`Session::edit`] does, for a change that the private keys sign.
    ///
    /// # Errors
    /// The same as for [`Session::edit`].
    pub(crate) fn edit_with_keys<T>(
        &mut self,
        attempt: &[Entry],
        change: impl FnOnce(&mut KeyEdit<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        self.edit(attempt, |edit| change(&mut edit.with_keys()?))
    }

    /// Makes a change with a new key that is shown only once. `show` gets what `change` returns, before anything is saved. An
    /// error says whether it came after that ([`Error::voids_key`]).
    ///
    /// # Errors
    /// The same as for [`Session::edit`].
    pub(crate) fn edit_showing<T>(
        &mut self,
        attempt: &[Entry],
        change: impl FnOnce(&mut KeyEdit<'_, '_>) -> Result<T>,
        show: impl FnOnce(T, &Edit<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut was_shown = false;
        let changed = self.edit_with_keys(attempt, |edit| {
            show(change(edit)?, edit)?;
            was_shown = true;
            Ok(())
        });
        changed.map_err(|error| error.after_showing(was_shown))
    }

    /// Does what [`Session::foresee`] does, for a change that the private keys sign.
    ///
    /// # Errors
    /// The same as for [`Session::foresee`].
    pub(crate) fn foresee_with_keys<T>(
        &self,
        attempt: &[Entry],
        change: impl FnOnce(&mut KeyEdit<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        self.foresee(attempt, |edit| change(&mut edit.with_keys()?))
    }
}

/// An edit while the code that makes the change runs. That code can catch its own panic after it got an answer about a
/// value, so a panic is logged as a failure.
struct Called<'c, 'a> {
    session: &'c Session,
    edit: &'c mut Edit<'a>,
}

impl Drop for Called<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // There is nobody to tell that the log can't be written, either.
            drop(self.session.failed(self.edit, Error::failed("the program panicked")));
        }
    }
}

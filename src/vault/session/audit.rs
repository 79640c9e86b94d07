//! Compares the logs of several users and devices: finds the missing ones, and hands a log on to a new admin.

use super::Session;
use crate::error::Result;
use crate::log::{self, Action, Entry, Exported, Extent, Logs, Remembered};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{State, User};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The users and devices whose logs are missing.
#[derive(Debug, Clone, Default)]
pub struct Unheard {
    /// Users who could read what is asked about.
    pub users: Vec<UserName>,
    /// Devices that changed something, by name, each with its last entry that the vault remembers, which tells the
    /// user. A device that only read leaves none.
    pub devices: Vec<(String, Remembered)>,
}

impl Session {
    /// Returns the logs of all users on this device, as far as this user can open them.
    ///
    /// # Errors
    /// If files can't be read.
    pub fn logs_here(&self, extent: Extent) -> Result<Logs> {
        let mut logs = Logs::default();
        for user in log::users_here(&self.vault.state_directory())? {
            let reading = self.read_log_of(&user, extent)?;
            logs.add(user, reading);
        }
        Ok(logs)
    }

    /// Returns whose logs are missing from these, for finding out who used what in an environment, or in any
    /// environment, during a time.
    ///
    /// # Errors
    /// If an environment can't be read.
    pub fn unheard(
        &self,
        logs: &Logs,
        environment: Option<&EnvironmentName>,
        time: (Option<Time>, Option<Time>),
    ) -> Result<Unheard> {
        let users = logs.users();
        let readers = self.vault.roster().readers_between(environment, time)?;
        Ok(Unheard {
            users: readers.into_iter().filter(|user| !users.contains(user)).collect(),
            devices: self.devices_beside(logs, Action::Log)?,
        })
    }

    /// Returns the devices that changed something and whose logs are not among these: see [`Unheard::devices`]. If an
    /// environment is refused, that is logged as this action.
    ///
    /// # Errors
    /// If an environment can't be read.
    pub(crate) fn devices_beside(&self, logs: &Logs, action: Action) -> Result<Vec<(String, Remembered)>> {
        let devices = logs.devices();
        let mut highest: BTreeMap<String, Remembered> = BTreeMap::new();
        // Anchors that somebody planted belong to no log.
        let is_of_a_log = |last: &Remembered| log::is_signed(&last.anchor, &last.device, self.vault.roster());
        for last in self.anchors(action)?.into_iter().filter(is_of_a_log) {
            match highest.get(&last.device) {
                Some(known) if known.anchor.number >= last.anchor.number => {}
                _ => drop(highest.insert(last.device.clone(), last)),
            }
        }
        Ok(highest.into_iter().filter(|(device, _)| !devices.contains(device.as_str())).collect())
    }

    /// Encrypts an exported log or an archive again: for its user, the current admins, and one more user. The log entry
    /// is written before the result is returned.
    ///
    /// # Errors
    /// A not-found error if there is no such user; otherwise the same as for [`Session::open_exported_log`].
    pub fn reseal_log(&self, armored: &str, reader: &UserName) -> Result<(Exported, String)> {
        let state: &State = self.vault.roster().state();
        state.user(reader)?;
        let id = self.vault.id();
        let open = |bytes: &[u8]| self.keys.open(bytes.to_vec(), 0, &id);
        let readers = |owner: &UserName| {
            let names: BTreeSet<&UserName> = state.admins().chain([owner, reader, self.user()]).ordered();
            names.into_iter().filter_map(|name| state.users.get(name)).map(|user: &User| &user.keys.recipient).collect()
        };
        let (exported, sealed) =
            log::reseal(armored, self.vault.roster(), &open, &self.anchors(Action::LogExport)?, readers)?;
        self.log(vec![Entry::new(Action::LogExport).note(format!("{}'s log, for {reader}", exported.user))])?;
        Ok((exported, sealed))
    }
}

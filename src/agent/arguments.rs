//! What an agent's process is told with its arguments. They are no secret: `ps` shows them.

use super::limits::{Limits, duration};
use crate::error::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The last argument of the process that is the agent itself, and nobody's child.
const DETACHED: &str = "detached";

/// How long the agent lives, and the vault whose keys it keeps, for `status` and `ps` to show.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arguments {
    pub limits: Limits,
    pub path: PathBuf,
}

impl Arguments {
    /// Returns them as the process is given them.
    pub fn given(limits: Limits, path: &Path) -> [OsString; 3] {
        let seconds = |duration: Duration| format!("{}s", duration.as_secs()).into();
        [seconds(limits.total), seconds(limits.idle), path.into()]
    }

    /// Returns what the process that is the agent itself is given besides.
    pub fn detached() -> &'static OsStr {
        DETACHED.as_ref()
    }

    /// Reads them; `None` if this process has to start the agent itself.
    ///
    /// # Errors
    /// If they are not those of an agent, or it would keep the keys for longer than allowed.
    pub fn read(given: &[OsString]) -> Result<Option<Self>> {
        let limit = |text: &OsStr| duration(&text.to_string_lossy());
        let [total, idle, path, detached @ ..] = given else { return Err(unknown()) };
        let arguments = Self { limits: Limits { total: limit(total)?, idle: limit(idle)? }, path: PathBuf::from(path) };
        match detached {
            [] => Ok(None),
            [detached] if detached == DETACHED => Ok(Some(arguments)),
            _ => Err(unknown()),
        }
    }
}

pub(super) fn unknown() -> Error {
    Error::usage("only vault itself starts an agent's process")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_keeps_keys_no_longer_than_a_user_can_choose() {
        let (hour, path) = (Duration::from_secs(3600), Path::new("/app/secrets.vault"));
        let read = |total, idle| {
            let [total, idle, path] = Arguments::given(Limits { total, idle }, path);
            Arguments::read(&[total, idle, path, Arguments::detached().into()])
        };
        let limits = Limits { total: hour * 8, idle: hour };
        assert_eq!(read(limits.total, limits.idle).unwrap(), Some(Arguments { limits, path: path.into() }));
        assert!(read(hour * 24 * 31, hour).is_err() && read(hour, Duration::ZERO).is_err());
        assert_eq!(Arguments::read(&Arguments::given(limits, path)).unwrap(), None);
        assert!(Arguments::read(&[]).is_err());
    }
}

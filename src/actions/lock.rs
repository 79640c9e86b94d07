//! Stopping agents, and with them every copy of the keys that they hold.

use crate::agent::Sockets;
use crate::error::{Error, Result};
use crate::log::Caller;
use crate::name::UserName;
use crate::vault::{Agents, Claims, Settings};
use std::path::PathBuf;

/// What was stopped, and what could not be.
#[derive(Debug, Default)]
pub struct Stopped {
    /// How many agents were stopped. Each that still answered has an entry in the log of the user whose keys it held.
    pub agents: usize,
    /// Why others could not be stopped. They may still hold keys.
    pub failures: Vec<Error>,
    /// The directories in which agents were looked for. One that was started with another XDG_RUNTIME_DIR is elsewhere.
    pub searched: Vec<PathBuf>,
}

/// Stops the agents of a vault, or only that of the user who is named. What the file claims is enough, because an agent
/// that is stopped gives nothing away: so open it with [`Unproven::open`](crate::vault::Unproven::open). That also accepts
/// an old, forked or forged file, which must not keep an agent running.
///
/// # Errors
/// A not-found error if there is neither an agent nor a user of that name; or if the agents have no usable directory.
/// Agents that can't be stopped are in the outcome.
pub fn vault(file: &Claims, named: Option<&UserName>, caller: &Caller) -> Result<Stopped> {
    let settings = file.settings();
    let places = Sockets::everywhere(&settings.state)?;
    let sockets: Vec<PathBuf> = places.iter().flat_map(|place| file.agent_sockets(place, named)).collect();
    if let Some(named) = named
        && !sockets.iter().any(|socket| socket.exists())
    {
        file.check_known(named)?;
    }
    Ok(stop(&places, sockets, settings, caller))
}

/// Stops the agents of all vaults.
///
/// # Errors
/// If the agents have no usable directory. Agents that can't be stopped are in the outcome.
pub fn all(settings: &Settings, caller: &Caller) -> Result<Stopped> {
    let places = Sockets::everywhere(&settings.state)?;
    Ok(stop(&places, places.iter().flat_map(Sockets::all).collect(), settings, caller))
}

fn stop(places: &[Sockets], sockets: Vec<PathBuf>, settings: &Settings, caller: &Caller) -> Stopped {
    let searched = places.iter().map(|place| place.directory().to_owned()).collect();
    let mut stopped = Stopped { searched, ..Stopped::default() };
    for socket in sockets {
        match Agents::stop(&socket, settings, caller) {
            Ok(None) => {}
            Ok(Some(_)) => stopped.agents += 1,
            // If one agent can't be stopped, the others must not keep their keys.
            Err(error) => stopped.failures.push(error),
        }
    }
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use crate::error::Reason;
    use crate::vault::Unproven;

    #[test]
    fn after_an_agent_that_cannot_be_stopped_the_others_are_tried() {
        let directory = tempfile::tempdir().unwrap();
        let sockets = ["a.sock", "b.sock", "c.sock"].map(|name| directory.path().join(name));
        for stray in [&sockets[0], &sockets[2]] {
            std::fs::write(stray, "").unwrap();
        }
        let settings = Settings::at(directory.path().to_owned());
        let stopped = stop(&[], sockets.to_vec(), &settings, &Caller::default());
        assert_eq!((stopped.agents, stopped.failures.len()), (0, 2));
        assert!(stopped.failures[1].to_string().contains("c.sock is not an agent socket"));
    }

    #[test]
    fn an_unknown_user_is_an_error_and_one_without_an_agent_is_not() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let file = Unproven::open(vault.path(), vault.settings()).unwrap();
        let lock = |name: &str| super::vault(&file, Some(&UserName::new(name).unwrap()), &Caller::default());
        assert_eq!(lock("mia").unwrap().agents, 0);
        assert_eq!(lock("eva").unwrap_err().reason(), Reason::NoUser);
    }
}

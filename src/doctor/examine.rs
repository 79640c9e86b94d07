//! The whole examination: which checks run, in which order, and what their findings mean together.

use super::{
    Agents, Finding, Level, agent, blocks, clock, drafts, modes, plain_files, repository, servers, shell, state,
};
use super::{unlocked, users};
use crate::agent::Sockets;
use crate::error::Result;
use crate::name::EnvironmentName;
use crate::settings::shells::{Shell, ShellPlaces};
use crate::time::Time;
use crate::vault::{Session, Settings, Vault, Warning};
use std::path::PathBuf;

/// What a front end knows before the examination.
pub struct Surroundings {
    /// The vault's file, or why none was found.
    pub path: Result<PathBuf>,
    /// The settings for opening the vault.
    pub settings: Result<Settings>,
    /// The state directory, or why there is none.
    pub state: Result<PathBuf>,
    /// The file with the key or passphrase, if one was named.
    pub key_file: Option<PathBuf>,
    /// What this run knows about agents.
    pub agents: Agents,
    /// Where servers of this user can be found, if there can be any.
    pub sockets: Option<Sockets>,
    /// The environments whose values are checked. If none are named, those that the user can read.
    pub environments: Vec<EnvironmentName>,
    /// The user's shell. Without a home directory there is no user to help.
    pub shell: Option<UserShell>,
}

/// The user's shell and where it keeps its files.
pub struct UserShell {
    /// The shell.
    pub shell: Shell,
    /// Where it keeps files.
    pub places: ShellPlaces,
    /// Further directories in which it looks for completions.
    pub searched: Vec<PathBuf>,
}

/// The result of an examination.
#[derive(Default)]
pub struct Report {
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
    /// The warnings of the opened vault.
    pub warnings: Vec<Warning>,
}

/// Runs every check that can run. `unlock` opens a session without asking anybody; `None` if the vault is locked. Its
/// error, and that of a vault that can't be opened, is a finding like any other.
///
/// # Errors
/// If a named environment does not exist.
pub fn examine(
    surroundings: &Surroundings,
    unlock: impl FnOnce() -> Result<Option<Session>>,
    now: Time,
) -> Result<Report> {
    let mut report = Report::default();
    let vault = report.open(surroundings);
    if let Some(vault) = &vault {
        report.add(blocks::blocks(vault));
        report.add(modes::vault_file(vault.path()));
        report.add(clock::clock(vault, now));
        report.add(drafts::drafts(vault));
    }
    report.add(state::state(&surroundings.state, vault.as_ref().map(|vault| vault.path())));
    if let Some(vault) = &vault {
        report.add(surroundings.key_file.iter().flat_map(|file| modes::key_file(file)));
        report.add(agent::agent(&surroundings.agents, vault, now));
        report.add(surroundings.sockets.iter().flat_map(|sockets| servers::servers(sockets, vault)));
        report.add(repository::repository(vault.path()));
        report.look_inside(vault, unlock(), &surroundings.environments, now)?;
    }
    if let Some(UserShell { shell, places, searched }) = &surroundings.shell {
        report.add(shell::shell(*shell, places, searched));
    }
    Ok(report)
}

impl Report {
    /// Returns how many findings have this level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Returns whether nothing has to be fixed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count(Level::Fix) == 0
    }

    fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Opens the vault, if there is one.
    fn open(&mut self, surroundings: &Surroundings) -> Option<Vault> {
        let path = match &surroundings.path {
            Ok(path) => path,
            Err(error) => {
                self.findings.push(Finding::unopened("vault", error));
                return None;
            }
        };
        match surroundings.settings.clone().and_then(|settings| Vault::open_of_any_age(path, &settings)) {
            Ok(vault) => {
                self.warnings.extend(vault.take_warnings());
                Some(vault)
            }
            Err(error) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                self.findings.push(Finding::unopened(name, &error));
                None
            }
        }
    }

    /// Checks what a session shows, or says what was not checked.
    fn look_inside(
        &mut self,
        vault: &Vault,
        session: Result<Option<Session>>,
        named: &[EnvironmentName],
        now: Time,
    ) -> Result<()> {
        let session = session.unwrap_or_else(|error| {
            self.findings.push(Finding::of_error("unlock", "unlock", &error));
            None
        });
        self.add(users::users(vault, session.as_ref(), now));
        let Some(session) = session else {
            self.add(plain_files::plain_files(vault.path(), None));
            self.findings.push(Finding::locked());
            return Ok(());
        };
        named.iter().try_for_each(|name| session.vault().roster().state().environment(name).map(drop))?;
        let environments = if named.is_empty() { session.readable() } else { named.to_vec() };
        self.add(unlocked::unlocked(&session, &environments, now));
        self.warnings.extend(session.vault().take_warnings());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::error::{Error, Reason};
    use crate::log::Caller;

    fn around(sandbox: &Sandbox) -> Surroundings {
        let (vault, nobody) = (sandbox.session.vault(), Agents::NotAsked("a key"));
        Surroundings {
            path: Ok(vault.path().to_owned()),
            settings: Ok(vault.settings().clone()),
            state: Ok(vault.settings().state.clone()),
            key_file: None,
            agents: nobody,
            sockets: None,
            environments: Vec::new(),
            shell: None,
        }
    }

    fn unlocked(sandbox: &Sandbox) -> Result<Option<Session>> {
        let vault = sandbox.session.vault();
        Vault::open(vault.path(), vault.settings())?
            .unlock(&sandbox.credential, None, &Caller::default())
            .map(|session| Some(session.into()))
    }

    /// Returns the checks that found something at this level.
    fn checks(report: &Report, level: Level) -> Vec<&'static str> {
        report.findings.iter().filter(|finding| finding.level == level).map(|finding| finding.check).collect()
    }

    #[test]
    fn an_unlocked_vault_is_examined_whole_and_a_locked_one_without_its_values() {
        let sandbox = Sandbox::with(&["dev/TOKEN=pH3xu9ei4Kaith7o"]);
        let open = examine(&around(&sandbox), || unlocked(&sandbox), Time::now()).unwrap();
        assert!(open.is_sound() && checks(&open, Level::Ok).contains(&"log"), "{:?}", open.findings);
        let locked = examine(&around(&sandbox), || Ok(None), Time::now()).unwrap();
        assert!(locked.is_sound() && checks(&locked, Level::Note).contains(&"values"), "{:?}", locked.findings);
        assert!(!checks(&locked, Level::Ok).contains(&"log"), "{:?}", locked.findings);
    }

    #[test]
    fn an_error_is_a_finding_and_the_other_checks_run() {
        let sandbox = Sandbox::new();
        let refused = || Err(Error::new(Reason::WrongKey, "the key opens nothing"));
        let report = examine(&around(&sandbox), refused, Time::now()).unwrap();
        assert_eq!((checks(&report, Level::Fix), report.is_sound()), (vec!["unlock"], false));
        assert!(checks(&report, Level::Note).contains(&"values"), "{:?}", report.findings);
        let absent = Surroundings { path: Err(Error::new(Reason::NoVault, "no vault here")), ..around(&sandbox) };
        let report = examine(&absent, || panic!("there is nothing to unlock"), Time::now()).unwrap();
        assert!(report.is_sound() && checks(&report, Level::Note).contains(&"vault"), "{:?}", report.findings);
        std::fs::write(sandbox.session.vault().path(), "not a vault").unwrap();
        let report = examine(&around(&sandbox), || panic!("it can't be opened"), Time::now()).unwrap();
        assert_eq!(checks(&report, Level::Fix), ["vault"]);
    }

    #[test]
    fn a_named_environment_has_to_exist() {
        let sandbox = Sandbox::new();
        let named = |name| Surroundings { environments: vec![environment(name)], ..around(&sandbox) };
        assert!(examine(&named("prod"), || unlocked(&sandbox), Time::now()).is_ok());
        let error = examine(&named("stage"), || unlocked(&sandbox), Time::now()).err().unwrap();
        assert_eq!(error.reason(), Reason::NoEnvironment);
    }
}

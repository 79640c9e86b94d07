//! What a command runs in: which vault, which environments, which item, who is asking.

use super::agent;
use super::credential::{self, Need};
use crate::cli::asking::terminal::Quiet;
use crate::cli::options::globals::Globals;
use crate::cli::showing::ui::Ui;
use std::path::{Path, PathBuf};
use vault::error::Kind;
use vault::marks::Pin;
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::settings::{self, Variable, personal_vault};
use vault::vault::{Credential, DefaultEnvironment, Session, Settings, Unproven, Vault};
use vault::{Error, Result};

/// The context of one command.
pub struct Context {
    pub ui: Ui,
    pub globals: Globals,
    environments: Vec<EnvironmentName>,
    /// Whether files of any age are looked at.
    looks_back: bool,
}

impl Context {
    /// From the global options and where `-e` was given.
    pub fn new(ui: Ui, globals: Globals, environments: Vec<EnvironmentName>) -> Self {
        Self { ui, globals, environments, looks_back: false }
    }

    /// The same for a command that looks at history and changes nothing: what this device has seen doesn't matter to it.
    pub fn looking_back(&self) -> Self {
        let (globals, environments) = (self.globals.clone(), self.environments.clone());
        Self { ui: self.ui, globals, environments, looks_back: true }
    }

    /// The same, where nothing is ever asked.
    pub fn without_questions(&self) -> Self {
        let globals = Globals { non_interactive: true, ..self.globals.clone() };
        Self { globals, environments: self.environments.clone(), ..*self }
    }

    /// Where the vault is: `--vault`, `--personal`, VAULT_FILE, or found from here upward.
    pub fn path(&self) -> Result<PathBuf> {
        self.named_path()?.map_or_else(|| vault::vault::find(&current_directory()?), Ok)
    }

    /// Where the vault was said to be, if it was.
    pub fn named_path(&self) -> Result<Option<PathBuf>> {
        if self.globals.personal {
            return personal_vault().map(Some);
        }
        let named = self.globals.vault.clone().or_else(|| Variable::File.value().map(PathBuf::from));
        match named {
            Some(path) if path.as_os_str().is_empty() => {
                Err(Error::usage("the name of the vault is empty (VAULT_FILE)"))
            }
            named => Ok(named),
        }
    }

    /// Opens the vault, without unlocking it, and tells what there is to warn of.
    pub fn vault(&self) -> Result<Vault> {
        self.checked(self.unproven()?)
    }

    /// As [`Context::vault`], where the whole roster is shown: blocks that were signed under a later one tell that its end
    /// was cut off.
    pub fn vault_with_whole_roster(&self) -> Result<Vault> {
        let vault = self.vault()?;
        vault.verify_signatures()?;
        Ok(vault)
    }

    /// Opens the vault, whatever this device has seen of it: its signatures are verified, and not that it is the newest.
    pub fn vault_of_any_age(&self) -> Result<Vault> {
        self.unproven()?.prove()
    }

    /// The same with this directory for what is kept, in the place of the user's.
    pub fn vault_with_state(&self, state: PathBuf) -> Result<Vault> {
        open_unproven(&self.path()?, &self.settings_with_state(state)?)?.prove()
    }

    fn unproven(&self) -> Result<Unproven> {
        open_unproven(&self.path()?, &self.settings()?)
    }

    fn checked(&self, file: Unproven) -> Result<Vault> {
        let vault = file.prove()?;
        vault.check_roster()?;
        self.show_warnings(&vault);
        Ok(vault)
    }

    /// Opens and unlocks the vault.
    pub fn session(&self) -> Result<Session> {
        let source = credential::source(&self.globals)?;
        if source.is_terminal() {
            return match agent::session(self, self.unproven()?)? {
                Ok(session) => self.begin(session),
                Err(file) => {
                    let vault = self.checked(file)?;
                    agent::explain_unused(self, &vault)?;
                    self.unlock(vault, Need::Session)
                }
            };
        }
        if !source.is_key() {
            return self.unlock(self.vault()?, Need::Session);
        }
        let (path, settings) = (self.path()?, self.settings()?);
        let credential = source.given(self.ui);
        if let Ok(Credential::Key(key)) = &credential
            && let Ok(session) = Vault::open_with_key(&path, key, &settings)
        {
            return self.begin(session);
        }
        // One step at a time tells what is wrong in the order that helps, and logs it.
        self.unlock_with(self.vault()?, &credential?, self.user()?.as_ref())
    }

    /// As [`Context::session`], if that takes neither a question nor a passphrase: by the agent or by a key.
    pub fn session_at_once(&self) -> Result<Option<Session>> {
        let source = credential::source(&self.globals)?;
        if source.is_terminal() {
            let opened = agent::session(self, self.unproven()?)?.ok();
            return opened.map(|session| self.begin(session)).transpose();
        }
        if source.is_key() { self.session().map(Some) } else { Ok(None) }
    }

    /// The file for a prompt, with nothing verified and no program started. Nothing is removed or written, either.
    pub fn glance(&self) -> Result<Unproven> {
        let state = settings::state_directory()?;
        Unproven::glance(&self.path()?, &Settings { state, looks_back: true, ..Settings::default() })
    }

    /// Whether shells with the hook may use this vault.
    pub fn is_allowed(&self) -> Result<bool> {
        self.unproven()?.is_allowed()
    }

    /// A session of a vault that is not simply what the file holds; `open` gives it, again for another try.
    pub fn session_of(&self, open: &dyn Fn() -> Result<Vault>) -> Result<Session> {
        let vault = if credential::source(&self.globals)?.is_terminal() {
            match agent::session(self, open()?.into())? {
                Ok(session) => return self.begin(session),
                Err(file) => file.prove()?,
            }
        } else {
            open()?
        };
        self.unlocked_again(vault, Need::Session, open).map(|(session, _)| session)
    }

    /// As [`Context::session`], always with the user's passphrase or key: for what changes who may do what.
    pub fn identity_session(&self) -> Result<Session> {
        if credential::source(&self.globals)?.is_terminal() {
            self.unlock(self.vault()?, Need::Identity)
        } else {
            self.session()
        }
    }

    /// Unlocks a vault by the first source that is there. After a prompt the agent keeps the keys for a while.
    pub fn unlock(&self, vault: Vault, need: Need) -> Result<Session> {
        let (session, _) = self.unlocked(vault, need)?;
        if credential::source(&self.globals)?.is_terminal() {
            agent::keep(self, &session);
        }
        Ok(session)
    }

    /// Unlocks a vault by the first source that is there, for this process only.
    pub fn unlock_here(&self, vault: Vault) -> Result<Session> {
        self.unlocked(vault, Need::Session).map(|(session, _)| session)
    }

    /// The same with what opened it. On a terminal a wrong passphrase may be followed by another.
    pub fn unlocked(&self, vault: Vault, need: Need) -> Result<(Session, Credential)> {
        self.unlocked_again(vault, need, &|| self.vault())
    }

    /// The same, where the vault is not simply what the file holds: `open` gives it again for another try.
    pub fn unlocked_again(
        &self,
        vault: Vault,
        need: Need,
        open: &dyn Fn() -> Result<Vault>,
    ) -> Result<(Session, Credential)> {
        let source = credential::source(&self.globals)?;
        let named = self.user()?;
        // Whoever gives a passphrase without a name may be any user.
        let is_asker = source.is_terminal() || named.is_some() && !source.is_key();
        if let Some(unfinished) = vault.unfinished_request(named.as_ref()).filter(|_| is_asker) {
            return Err(unfinished);
        }
        let user = self.user_to_unlock(&vault, &source)?;
        let user = user.as_ref();
        if !source.is_terminal() {
            let credential = source.credential(&vault, user, need, self)?;
            return Ok((self.unlock_with(vault, &credential, user)?, credential));
        }
        let _quiet = Quiet::begin();
        let mut opened = Some(vault);
        crate::cli::asking::terminal::several_tries(|| {
            let vault = opened.take().map_or_else(open, Ok)?;
            let credential = credential::Source::Terminal.credential(&vault, user, need, self)?;
            match self.unlock_with(vault, &credential, user) {
                Err(error) if error.kind() != Kind::Unlock => Err(error),
                tried => Ok(tried.map(|session| (session, credential))),
            }
        })
    }

    /// Whose passphrase is meant: the one named, the only one, who used theirs here last, else who is asked for.
    fn user_to_unlock(&self, vault: &Vault, source: &credential::Source) -> Result<Option<UserName>> {
        let named = self.user()?;
        if source.is_key() {
            return Ok(named);
        }
        match vault.passphrase_user(named.as_ref()) {
            Err(error) if error.kind() == Kind::Usage && self.is_interactive() => self.ask_user(vault).map(Some),
            found => found.cloned().map(Some),
        }
    }

    fn ask_user(&self, vault: &Vault) -> Result<UserName> {
        let users: Vec<_> = vault.passphrase_users().into_iter().map(UserName::as_str).collect();
        let answer =
            crate::cli::asking::terminal::visible_line(&format!("Which user are you ({})? ", users.join(", ")))?;
        vault.passphrase_user(Some(&UserName::new(answer.trim())?)).cloned()
    }

    /// Unlocks a vault; a failure is noted in the log.
    pub fn unlock_with(&self, vault: Vault, credential: &Credential, user: Option<&UserName>) -> Result<Session> {
        let writer = vault.passphrase_user(user).ok().map(|user| vault.log_writer(user));
        let state = vault.state_directory();
        let reason = self.globals.reason.as_deref();
        let session = vault
            .unlock(credential, user)
            .map_err(|error| credential::log_failure(writer.as_ref(), &state, reason, error))?;
        if matches!(credential, Credential::Passphrase(_)) {
            session.vault().remember_user(session.user());
        }
        self.begin(session)
    }

    /// A session of this command.
    ///
    /// # Errors
    /// A usage error if `--user` names somebody else.
    pub fn begin(&self, session: Session) -> Result<Session> {
        if let Some(named) = self.globals.user.as_ref().filter(|named| *named != session.user()) {
            return Err(Error::usage(format!("this key is {}'s, not {named}'s", session.user()))
                .hint("leave out --user, or give the key or passphrase of that user"));
        }
        self.show_warnings(session.vault());
        Ok(session.with_reason(self.globals.reason.clone()))
    }

    /// Tells what the vault has to warn of, such as that it was rolled back: also with `--quiet`.
    pub fn show_warnings(&self, vault: &Vault) {
        for warning in vault.take_warnings() {
            self.ui.alarm(&warning.text);
            warning.hint.iter().for_each(|hint| self.ui.hint(hint));
        }
    }

    /// Warns of items that are used though they have expired, if there are any.
    ///
    /// # Errors
    /// With `--strict`, instead.
    pub fn expired(&self, names: &[&str]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let what = format!("expired: {}", names.join(", "));
        if self.strict() {
            return Err(Error::failed(what).hint("--strict makes this an error; set new values: vault set"));
        }
        self.ui.warn(&what);
        Ok(())
    }

    /// The user named by `--user` or VAULT_USER.
    pub fn user(&self) -> Result<Option<UserName>> {
        match &self.globals.user {
            Some(user) => Ok(Some(user.clone())),
            None => Variable::User.text().map(UserName::new).transpose(),
        }
    }

    /// The run's settings.
    pub fn settings(&self) -> Result<Settings> {
        self.settings_with_state(settings::state_directory()?)
    }

    fn settings_with_state(&self, state: PathBuf) -> Result<Settings> {
        crate::cli::showing::output::clear_unfinished(&state);
        let pin = Variable::Pin.text().map(|text| Pin::parse(&text)).transpose()?;
        let log_sync = self.globals.log_sync || Variable::LogSync.is_on();
        if self.looks_back {
            return Ok(Settings { state, log_sync, looks_back: true, ..Settings::default() });
        }
        Ok(Settings { state, strict: self.strict(), log_sync, pin, looks_back: false })
    }

    /// Whether warnings about state and expiry are errors.
    pub fn strict(&self) -> bool {
        self.globals.strict || Variable::Strict.is_on()
    }

    /// The environments that were named with `-e`, and nothing else.
    pub fn named_environments(&self) -> &[EnvironmentName] {
        &self.environments
    }

    /// Whether an environment was named, with `-e` or VAULT_ENV.
    pub fn names_environments(&self) -> bool {
        !self.environments.is_empty() || Variable::Env.filled().is_some()
    }

    /// What was named with `-e`, else in VAULT_ENV, as it stands there.
    pub fn chosen_environments(&self) -> Vec<String> {
        if !self.environments.is_empty() {
            return self.environments.iter().map(ToString::to_string).collect();
        }
        let variable = Variable::Env.text().unwrap_or_default();
        variable.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// The environments: `-e`, else VAULT_ENV, else the default.
    pub fn environments(&self, session: &Session) -> Result<Vec<EnvironmentName>> {
        let mut names: Vec<_> =
            self.chosen_environments().into_iter().map(EnvironmentName::new).collect::<Result<_>>()?;
        if names.is_empty() {
            names.push(self.default_environment(session)?);
        }
        names.iter().try_for_each(|name| session.vault().roster().state().environment(name).map(|_| ()))?;
        Ok(names)
    }

    /// The one environment a command works on.
    pub fn environment(&self, session: &Session) -> Result<EnvironmentName> {
        let mut names = self.environments(session)?;
        if names.len() > 1 {
            return Err(Error::usage("this command takes one environment").hint("give -e once"));
        }
        names.pop().ok_or_else(|| Error::usage("no environment was named"))
    }

    fn default_environment(&self, session: &Session) -> Result<EnvironmentName> {
        let was = match session.default_environment() {
            DefaultEnvironment::Is(name) => return Ok(name),
            DefaultEnvironment::Unknown => None,
            DefaultEnvironment::Changed { was } => Some(was),
        };
        let readable = session.readable();
        if readable.is_empty() {
            let user = session.user();
            return Err(Error::denied(format!("{user} may read no environment"))
                .hint(format!("an admin can change that: vault grant {user} ENV")));
        }
        let names: Vec<_> = readable.iter().map(EnvironmentName::as_str).collect();
        let names = names.join(", ");
        let hint = format!("-e NAME or VAULT_ENV; you read: {names}");
        let Some(was) = was else { return Err(Error::usage("say which environment").hint(hint)) };
        let what = format!("say which environment: so far it was {was}, and environments have come or gone since");
        if !self.is_interactive() {
            return Err(Error::usage(what).hint(hint));
        }
        crate::cli::asking::terminal::show(&format!(
            "Environments have come or gone; without -e it was {was} so far.\n"
        ))?;
        let answer = crate::cli::asking::terminal::visible_line(&format!("Which one from now on ({names})? "))?;
        let chosen = readable.iter().find(|name| name.as_str() == answer.trim());
        let chosen = chosen.ok_or_else(|| Error::usage("that is none of them").hint(hint))?;
        session.remember_default(chosen);
        Ok(chosen.clone())
    }

    /// `NAME` in the chosen environment, or `ENV/NAME`.
    pub fn item(&self, session: &Session, text: &str) -> Result<(EnvironmentName, ItemName)> {
        match text.split_once('/') {
            Some((environment, name)) => {
                let (environment, name) = (EnvironmentName::new(environment)?, ItemName::new(name)?);
                session.vault().roster().state().environment(&environment)?;
                Ok((environment, name))
            }
            None => {
                let name = ItemName::new(text)?;
                Ok((self.environment(session)?, name))
            }
        }
    }

    /// Whether a person can be asked.
    pub fn is_interactive(&self) -> bool {
        !self.globals.non_interactive && crate::cli::asking::terminal::is_available()
    }
}

pub fn current_directory() -> Result<PathBuf> {
    std::env::current_dir().map_err(|error| Error::io("find", Path::new("."), &error))
}

fn open_unproven(path: &Path, settings: &Settings) -> Result<Unproven> {
    Unproven::open(path, settings).map_err(|error| missing_vault(error, path))
}

fn missing_vault(error: Error, path: &Path) -> Error {
    if error.is_missing_file() && !path.exists() {
        return Error::not_found(format!("there is no vault {}", path.display())).hint(
            match Some(path) == personal_vault().ok().as_deref() {
                true => "to create one: vault init --personal",
                false => "to create one: vault init",
            },
        );
    }
    error
}

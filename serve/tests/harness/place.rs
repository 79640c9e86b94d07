//! A vault in a directory of its own, and changes that a test makes in it without the server.

use super::{MIA, NOAH, Server};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vault::actions::grant::Accepted;
use vault::actions::set::{Change as NewValue, Set};
use vault::actions::user_add::{self, Rights};
use vault::actions::{Expected, rm, user_rm};
use vault::dangerous::AllowedOnce;
use vault::identity::Key;
use vault::item::{Content, Description, Kind, Metadata};
use vault::log::{Caller, Extent, Line};
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::passphrase::Strong;
use vault::secret::{SecretBytes, SecretString};
use vault::time::Time;
use vault::vault::{
    Agreed, Continued, Creation, Credential, Fallbacks, Joining, KeySession, Keyring, Session, Settings, Vault,
    WorkFactor, create,
};

/// So low that an attempt takes much less than a second.
const WORK_FACTOR: WorkFactor = WorkFactor::LOWEST;

/// A directory with a vault of dev and prod.
pub struct Place {
    directory: tempfile::TempDir,
    key: String,
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn item(content: &mut Content, name: &str, value: &[u8], kind: Kind) {
    let metadata = Metadata { kind, ..Metadata::default() };
    let (name, mia) = (ItemName::new(name).unwrap(), UserName::new("mia").unwrap());
    content.set(&name, SecretBytes::new(value.to_vec()), &metadata, &mia, Time::now()).unwrap();
}

impl Place {
    /// Creates a vault with two environments and two users. dev has TOKEN, PORT, STRIPE_KEY and BINARY, prod has TOKEN.
    /// Mia is an admin with a passphrase, and Noah reads dev.
    pub fn new() -> Self {
        use vault::secret::ExposeSecret as _;
        let directory = tempfile::tempdir().unwrap();
        let key = Key::generate().unwrap();
        let place = Self { directory, key: key.to_text().expose_secret().to_owned() };
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(place.runtime()).unwrap();
        let (mut dev, mut prod) = (Content::default(), Content::default());
        item(&mut dev, "TOKEN", b"s3cret-of-dev", Kind::Secret);
        item(&mut dev, "PORT", b"3000", Kind::Variable);
        item(&mut dev, "STRIPE_KEY", b"sk_test_51HxAmple", Kind::ApiKey);
        item(&mut dev, "BINARY", b"\xff\x00", Kind::Secret);
        item(&mut prod, "TOKEN", b"s3cret-of-prod", Kind::Secret);
        let passphrase = Strong::new(&secret(MIA)).unwrap();
        let creation = Creation {
            user: UserName::new("mia").unwrap(),
            email: None,
            environments: [("dev", dev), ("prod", prod)]
                .map(|(name, of)| (EnvironmentName::new(name).unwrap(), of))
                .into(),
            slots: Keyring { passphrase: Some((&passphrase, WORK_FACTOR)), key: &key },
            allowed: AllowedOnce::default(),
            caller: Caller::default(),
        };
        create(&place.vault(), creation, &place.settings(), |_, _| Ok(())).unwrap();
        place.add_noah();
        place
    }

    fn add_noah(&self) {
        let key = self.add("noah");
        let passphrase = Strong::new(&secret(NOAH)).unwrap();
        let mut session = Vault::open(&self.vault(), &self.settings())
            .unwrap()
            .unlock(&Credential::Key(key), None, &Caller::default())
            .unwrap();
        let recovery = Key::generate().unwrap();
        let (work_factor, fallbacks) = (WORK_FACTOR, Fallbacks::default());
        let joining = Joining { passphrase: &passphrase, work_factor, recovery: &recovery, fallbacks };
        session.join(joining, |_| Ok(())).unwrap();
        // Noah joined on another device, so this one asks for Mia's passphrase.
        std::fs::remove_file(session.vault().state_directory().join("last-user")).unwrap();
    }

    /// Adds a user who reads dev, and returns the key that the admin is shown.
    pub fn add(&self, name: &str) -> Key {
        self.add_while(name, || {})
    }

    /// Adds a user as [`Place::add`] does, and calls a function while the vault's file is locked.
    pub fn add_while(&self, name: &str, meanwhile: impl FnOnce()) -> Key {
        use vault::secret::ExposeSecret as _;
        let dev = [EnvironmentName::new("dev").unwrap()];
        let rights = Rights { read: &dev, ..Rights::default() };
        let user = user_add::new_user(UserName::new(name).unwrap(), None, &rights);
        let mut shown = None;
        let added = user_add::add(&mut self.session(), vec![user], |keys, _| {
            meanwhile();
            shown = Some(Key::parse(keys[0].1.to_text().expose_secret())?);
            Ok(())
        });
        added.unwrap();
        shown.unwrap()
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn vault(&self) -> PathBuf {
        self.path().join("secrets.vault")
    }

    /// The directory for sockets; nobody else may enter it.
    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// The vault's state directory on this device.
    pub fn state(&self) -> PathBuf {
        self.session().vault().state_directory()
    }

    pub fn settings(&self) -> Settings {
        Settings::at(self.path().join("state"))
    }

    /// Opens a session for Mia that doesn't use the server.
    pub fn session(&self) -> KeySession {
        let key = Key::parse(&self.key).unwrap();
        Vault::open_with_key(&self.vault(), &key, &self.settings(), &Caller::default()).unwrap()
    }

    /// Sets an item as Mia, without the server.
    pub fn set(&self, environment: &str, name: &str, value: &str) {
        set(&mut self.session(), environment, &[(name, value)]);
    }

    /// Removes an item as Mia, without the server.
    pub fn remove(&self, environment: EnvironmentName, name: &str) {
        let (mut session, place) = (self.session(), (environment, ItemName::new(name).unwrap()));
        let removal = rm::Removal::of(&session, &[place], Expected::Anything).unwrap();
        Agreed::to(removal).save(&mut session).unwrap();
    }

    /// Removes a user as Mia, without the server.
    pub fn remove_user(&self, name: &str) {
        let (mut session, name) = (self.session(), UserName::new(name).unwrap());
        let removal = user_rm::Removal::of(&session, &name, false, Accepted::default()).unwrap();
        assert_eq!(Agreed::to(removal).save(&mut session).unwrap().removed.all, [name]);
    }

    /// Returns a user's log, which must be intact.
    pub fn log(&self, user: &str) -> Vec<Line> {
        let reading = self.session().read_log_of(&UserName::new(user).unwrap(), Extent::Whole).unwrap();
        assert_eq!(reading.problem, None);
        reading.lines().map(Result::unwrap).collect()
    }

    /// Makes logging fail for this user, even if the server runs as root: a file takes the place of the log's
    /// directory.
    pub fn keep_from_logging(&self, user: &str) {
        let states = std::fs::read_dir(self.path().join("state")).unwrap().flatten();
        let state = states.map(|entry| entry.path().join("log")).find(|log| log.is_dir());
        let log = state.unwrap().join(user);
        std::fs::rename(&log, log.with_extension("away")).unwrap();
        std::fs::write(&log, "").unwrap();
        std::fs::set_permissions(&log, std::fs::Permissions::from_mode(0o400)).unwrap();
    }

    /// Prepares the program to run in this place.
    pub fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vault-serve"));
        command.arg("--vault").arg(self.vault()).args(options).env_clear().current_dir(self.path());
        command.env("HOME", self.path()).env("VAULT_STATE_DIR", self.path().join("state"));
        command.env("XDG_RUNTIME_DIR", self.runtime());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts a server on a free port.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, options: &[&str]) -> Server {
        Server::start(self.command(options))
    }

    /// Starts a server with Mia's keys, as `vault serve --code` does. It looks for a browser in `programs`.
    pub fn serve_as_mia(&self, options: &[&str], programs: Option<&Path>) -> Server {
        use std::os::fd::AsRawFd as _;
        let mut text = Vec::new();
        let Continued::Keys(keys) = self.session().let_continue().unwrap() else { unreachable!("the keys are here") };
        keys.write_to(&mut text).unwrap();
        let identity = String::from_utf8(text).unwrap();
        let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        std::io::Write::write_all(&mut ours, identity.as_bytes()).unwrap();
        drop(ours);
        rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty()).unwrap();
        let mut command = self.command(options);
        command.arg("--keys-fd").arg(theirs.as_raw_fd().to_string());
        if let Some(programs) = programs {
            command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        }
        Server::start(command)
    }

    /// Runs a server that ends by itself. Returns its exit code and standard error.
    pub fn fails(&self, options: &[&str]) -> (Option<i32>, String) {
        let output = self.command(options).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

/// Sets items in one change.
pub fn set(session: &mut Session, environment: &str, items: &[(&str, &str)]) {
    let environment = EnvironmentName::new(environment).unwrap();
    let change = |(name, value): &(&str, &str)| {
        let place = (environment.clone(), ItemName::new(*name).unwrap());
        NewValue { place, value: Some(SecretBytes::from(*value)) }
    };
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let changes = items.iter().map(change).collect();
    Set { changes, description: &description, allowed: &allowed, may_be_empty: true }.save(session).unwrap();
}

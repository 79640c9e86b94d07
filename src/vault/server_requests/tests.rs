use super::*;
use crate::dangerous::AllowedOnce;
use crate::error::Kind;
use crate::item::Content;
use crate::log::{Action, Caller, Entry, ProgramName};
use crate::name::EnvironmentName;
use crate::roster::Role;
use crate::vault::{Creation, Credential, Keyring, NewUser, Settings, create};

const PASSPHRASE: &str = "seven-otters-3-sleep";

/// Mia's vault, in its own directory.
struct Sandbox {
    session: KeySession,
    directory: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (file, key) = (directory.path().join("secrets.vault"), Key::generate().unwrap());
        let settings = Settings::at(directory.path().join("state"));
        let slots = Keyring { passphrase: None, key: &key };
        let user = UserName::new("mia").unwrap();
        let creation = Creation {
            user,
            email: None,
            environments: [(EnvironmentName::new("dev").unwrap(), Content::default())].into(),
            slots,
            allowed: AllowedOnce::default(),
            caller: Caller::default(),
        };
        create(&file, creation, &settings, |_, _| Ok(())).unwrap();
        let vault = Vault::open(&file, &settings).unwrap();
        Self { session: vault.unlock(&Credential::Key(key), None, &Caller::default()).unwrap(), directory }
    }

    /// Adds Eva with the keys of a request.
    fn add(&mut self, request: KeyRequest) {
        let user = NewUser { name: eva(), email: None, role: Role::Member, grants: Vec::new() };
        let added = self.session.edit_with_keys(&[Entry::new(Action::UserAdd).note("eva")], |edit| {
            edit.add_user_with_keys(user, request.keys_for(&eva(), edit.roster())?)?;
            edit.log(Entry::new(Action::UserAdd).note("eva"));
            Ok(())
        });
        added.unwrap();
    }

    fn open(&self, is_strict: bool) -> Vault {
        let state = self.directory.path().join("state");
        let settings = Settings { strict: is_strict, ..Settings::at(state) };
        Vault::open(&self.directory.path().join("secrets.vault"), &settings).unwrap()
    }

    fn join(&self, text: &str) -> Result<KeySession> {
        self.open(false).join_asked(
            &eva(),
            &passphrase(text),
            WorkFactor::LOWEST,
            &Caller::new(ProgramName::new("shop").unwrap()),
        )
    }

    fn failed_unlocks(&self) -> Vec<String> {
        let failed = crate::log::failed_unlocks(&self.session.vault().state_directory()).unwrap();
        failed.into_iter().map(|entry| entry.program).collect()
    }
}

fn eva() -> UserName {
    UserName::new("eva").unwrap()
}

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn strong() -> Strong {
    Strong::new(&passphrase(PASSPHRASE)).unwrap()
}

fn reasons(vault: &Vault) -> Vec<WarningReason> {
    vault.take_warnings().iter().map(|warning| warning.reason).collect()
}

#[test]
fn a_request_opens_only_with_its_passphrase_and_its_keys_are_added() {
    let mut sandbox = Sandbox::new();
    let vault = sandbox.session.vault();
    let (asked, recovery) = vault.ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
    assert_eq!(vault.asked().iter().map(|one| &one.request).collect::<Vec<_>>(), [&asked.request]);
    let wrong = vault.open_asked(&eva(), &passphrase("another-staple-9-lamp")).err();
    assert_eq!(wrong.map(|error| error.reason()), Some(Reason::WrongPassphrase));
    let opened = vault.open_asked(&eva(), &passphrase(PASSPHRASE)).unwrap();
    assert_eq!(opened.identity.keys.public().unwrap(), asked.request.keys.keys);
    assert_eq!(opened.recovery.to_text().expose_secret(), recovery.to_text().expose_secret());
    let kept = std::fs::read_to_string(vault.asked_path(&eva())).unwrap();
    assert!(!kept.contains("AGE-SECRET-KEY") && kept.starts_with("vault-keys-1,eva,"), "{kept}");

    sandbox.add(asked.request.clone());
    let vault = sandbox.session.vault();
    assert!(vault.asked().is_empty() && vault.has_asked(&eva()), "added, but not joined yet");
    vault.forget_asked(&eva()).unwrap();
    assert!(vault.forget_asked(&eva()).is_err() && !vault.has_asked(&eva()));
}

#[test]
fn a_name_can_be_requested_only_once() {
    let sandbox = Sandbox::new();
    let vault = sandbox.session.vault();
    let refused = |user: &str| {
        let asked = vault.ask_to_join(&UserName::new(user).unwrap(), &strong(), WorkFactor::LOWEST);
        asked.err().map(|error| error.reason())
    };
    assert_eq!(refused("mia"), Some(Reason::Exists));
    vault.ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
    assert_eq!(refused("eva"), Some(Reason::Exists));
    let line = std::fs::read_to_string(vault.asked_path(&eva())).unwrap();
    for number in 1..MOST {
        // The public part is enough for a request to count.
        let name = format!("eva{number}");
        let keys = PrivateKeys::generate().unwrap();
        let user = UserName::new(&*name).unwrap();
        let keys = vault.roster().sign_new_keys(&user, &keys).unwrap();
        let other = format!("{}\n{}", KeyRequest { user, keys }, line.split_once('\n').unwrap().1);
        std::fs::write(vault.state_directory().join(format!("{PREFIX}{name}")), other).unwrap();
    }
    assert_eq!(refused("one-more"), Some(Reason::TooLarge));
}

#[test]
fn whoever_asked_and_was_added_joins_and_a_wrong_passphrase_is_logged() {
    let mut sandbox = Sandbox::new();
    let (asked, recovery) = sandbox.session.vault().ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
    let reason = |joined: Result<KeySession>| joined.err().map(|error| error.reason());
    assert_eq!(reason(sandbox.join(PASSPHRASE)), Some(Reason::NotAdded));
    assert_eq!(sandbox.failed_unlocks().len(), 0, "the passphrase was right");
    sandbox.add(asked.request.clone());
    assert_eq!(reason(sandbox.join("another-staple-9-lamp")), Some(Reason::WrongPassphrase));
    assert_eq!(sandbox.failed_unlocks(), ["shop"]);
    assert!(sandbox.open(false).joins_by_asking(&eva()));

    // Old keys that can't be removed don't turn the join into an error.
    let kept = sandbox.session.vault().state_directory().join("request-eva");
    std::fs::create_dir(kept).unwrap();
    let session = sandbox.join(PASSPHRASE).unwrap();
    assert_eq!(reasons(session.vault()), [WarningReason::NotDeleted]);
    let keys = |session: &Session| session.vault().roster().state().users[&eva()].keys.clone();
    assert_ne!(keys(&session), asked.request.keys.keys);
    assert!(!session.vault().has_asked(&eva()));
    let vault = sandbox.open(false);
    assert!(!vault.joins_by_asking(&eva()));
    assert_eq!(vault.unlock(&Credential::Key(recovery), None, &Caller::default()).unwrap().user(), &eva());
    assert_eq!(reason(sandbox.join(PASSPHRASE)), Some(Reason::WrongPassphrase), "the request is gone");
}

#[test]
fn keys_that_are_not_the_users_open_nothing_and_those_of_an_unknown_roster_are_an_integrity_error() {
    let mut sandbox = Sandbox::new();
    let vault = sandbox.session.vault();
    vault.ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
    let keys = vault.roster().sign_new_keys(&eva(), &PrivateKeys::generate().unwrap()).unwrap();
    sandbox.add(KeyRequest { user: eva(), keys });
    assert_eq!(sandbox.join(PASSPHRASE).err().map(|error| error.reason()), Some(Reason::KeysReplaced));
    assert_eq!(sandbox.failed_unlocks(), ["shop"]);

    let vault = sandbox.session.vault();
    let OpenAsked { mut identity, recovery } = vault.open_asked(&eva(), &passphrase(PASSPHRASE)).unwrap();
    identity.roster.version = 9;
    let plain = format!("{}\n{}", recovery.to_text().expose_secret(), *identity.to_text());
    let sealed = crypto::encrypt_with_passphrase(strong().text().clone(), WorkFactor::LOWEST, plain.as_bytes());
    let (asked, _) = vault.asked_by(&eva()).unwrap().unwrap();
    std::fs::write(vault.asked_path(&eva()), format!("{}\n{}\n", asked.request, sealed.unwrap())).unwrap();
    assert_eq!(sandbox.join(PASSPHRASE).err().map(|error| error.kind()), Some(Kind::Integrity));
    assert_eq!(sandbox.failed_unlocks().len(), 1, "nobody guessed");
}

#[test]
fn only_an_admin_lists_and_refuses_requests_and_no_request_of_a_user() {
    let mut sandbox = Sandbox::new();
    let (asked, _) = sandbox.session.vault().ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
    assert_eq!(sandbox.session.asked().unwrap().len(), 1);
    sandbox.add(asked.request.clone());
    let refused = |session: &Session, user: &str| {
        session.refuse_asked(&UserName::new(user).unwrap()).err().map(|error| error.reason())
    };
    assert_eq!(refused(&sandbox.session, "eva"), Some(Reason::Denied), "eva has no other keys");
    let member = sandbox.join(PASSPHRASE).unwrap();
    let ben = UserName::new("ben").unwrap();
    member.vault().ask_to_join(&ben, &strong(), WorkFactor::LOWEST).unwrap();
    assert_eq!(refused(&member, "ben"), Some(Reason::NotAdmin));
    assert_eq!(member.asked().err().map(|error| error.reason()), Some(Reason::NotAdmin));
    assert_eq!(refused(&sandbox.session, "ben"), None);
    assert_eq!(refused(&sandbox.session, "ben"), Some(Reason::NotFound));
}

#[test]
fn a_request_that_cannot_be_deleted_is_a_warning_or_an_error_that_says_the_change_was_written() {
    let sandbox = Sandbox::new();
    let (lenient, strict) = (sandbox.open(false), sandbox.open(true));
    std::fs::create_dir_all(lenient.asked_path(&eva())).unwrap();
    lenient.forget_all_asked(&[eva()]).unwrap();
    assert_eq!(reasons(&lenient), [WarningReason::NotDeleted]);
    assert!(strict.forget_all_asked(&[eva()]).unwrap_err().is_after_the_change());
}

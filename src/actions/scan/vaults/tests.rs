use super::*;
use crate::actions::env_add;
use crate::actions::scan::Sought;
use crate::actions::testing::{Sandbox, environment};
use crate::error::Reason;
use crate::git::Git;
use crate::log::{Action, Caller, Entry};
use crate::vault::Credential;
use std::cell::RefCell;
use std::process::Command;
use tempfile::TempDir;

const GIT: &str = "git";

/// A repository with the vaults `one.vault` and `two.vault`, which have different users.
struct Project {
    directory: TempDir,
    settings: Settings,
    one: Credential,
    two: Credential,
    _state: TempDir,
}

/// Opens vaults with a key that was given, and knows another one when it is asked.
#[derive(Default)]
struct FrontEnd<'a> {
    settings: Option<Settings>,
    given: Option<&'a Credential>,
    known: Option<&'a Credential>,
    said: RefCell<Vec<String>>,
}

impl Opener for FrontEnd<'_> {
    fn name(&self, vault: &Path) -> String {
        vault.file_stem().unwrap().to_str().unwrap().to_owned()
    }

    fn open_at_once(&self, _: &Path, file: Unproven) -> Result<Option<Session>> {
        let Some(key) = self.given else { return Ok(None) };
        file.prove_of_any_age()?.unlock(key, None, &Caller::default()).map(|session| Some(session.into()))
    }

    fn open(&self, vault: &Path) -> Result<Session> {
        self.said.borrow_mut().push(format!("{}?", self.name(vault)));
        Vault::open(vault, self.settings.as_ref().unwrap())?
            .unlock(self.known.unwrap(), None, &Caller::default())
            .map(Session::from)
    }

    fn leave_out(&self, vault: &Path, why: &Error) {
        self.said.borrow_mut().push(format!("{}: {}", self.name(vault), why.reason().word()));
    }
}

impl Project {
    /// Returns `None` without git.
    fn new() -> Option<Self> {
        let directory = repository()?;
        let [one, two] = ["one", "two"].map(|name| {
            let sandbox = Sandbox::with(&[&format!("dev/TOKEN=value-of-{name}")]);
            let copy = directory.path().join(name).with_extension("vault");
            std::fs::copy(sandbox.session.vault().path(), copy).unwrap();
            sandbox.credential
        });
        let state = tempfile::tempdir().unwrap();
        let settings = Settings::at(state.path().to_owned());
        Some(Self { directory, settings, one, two, _state: state })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Opens the vaults for a search of these texts. Returns the names of those that were unlocked, and what was said.
    fn opened(&self, texts: &Texts, front_end: FrontEnd<'_>) -> (Result<Vaults>, Vec<String>) {
        let front_end = FrontEnd { settings: Some(self.settings.clone()), ..front_end };
        let vaults = Vaults::open(self.directory.path(), None, (&self.settings, texts), &front_end);
        (vaults, front_end.said.into_inner())
    }

    /// Unlocks a vault on this device.
    fn unlock_here(&self, name: &str, credential: &Credential) {
        let session = Vault::open(&self.path(name), &self.settings)
            .unwrap()
            .unlock(credential, None, &Caller::default())
            .unwrap();
        session.log(vec![Entry::new(Action::List)]).unwrap();
    }
}

fn repository() -> Option<TempDir> {
    let directory = tempfile::tempdir().unwrap();
    let made = Command::new(GIT).arg("init").arg("-q").arg(directory.path()).status().ok()?;
    made.success().then_some(directory)
}

fn files() -> Texts {
    Texts::files(Vec::new())
}

fn names(vaults: &Vaults) -> Vec<&str> {
    vaults.unlocked.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_vault_of_others_is_left_out_and_only_a_search_at_each_commit_says_so_once() {
    let Some(project) = Project::new() else { return };
    let staged = Texts::staged_in(Git::at(project.directory.path())).unwrap();
    let said = |texts: &Texts| {
        let (vaults, said) = project.opened(texts, FrontEnd { given: Some(&project.one), ..FrontEnd::default() });
        let vaults = vaults.unwrap();
        assert_eq!((names(&vaults), vaults.sessions().count()), (vec!["one"], 1));
        let sought = Sought::of(&vaults).unwrap();
        assert_eq!(sought.counts().sought, 1);
        assert_eq!(sought.items[0].vault.as_deref(), Some("one"));
        assert_eq!(sought.vaults.len(), 2, "neither file is searched");
        said
    };
    let named = ["two: wrong-key"];
    assert_eq!(said(&files()), named);
    assert_eq!(said(&files()), named);
    assert_eq!(said(&staged), named);
    assert_eq!(said(&staged), [""; 0]);
    assert_eq!(said(&files()), named);
}

#[test]
fn a_vault_that_was_unlocked_here_is_the_users_so_it_has_to_open() {
    let Some(project) = Project::new() else { return };
    project.unlock_here("two.vault", &project.two);
    let (refused, said) = project.opened(&files(), FrontEnd { given: Some(&project.one), ..FrontEnd::default() });
    let refused = refused.err().unwrap();
    assert_eq!((refused.reason(), said), (Reason::WrongKey, Vec::new()));
    assert!(refused.to_string().starts_with("two: "), "{refused}");
}

#[test]
fn nobody_is_asked_for_the_passphrase_of_a_vault_of_others() {
    let Some(project) = Project::new() else { return };
    project.unlock_here("two.vault", &project.two);
    let (vaults, said) = project.opened(&files(), FrontEnd { known: Some(&project.two), ..FrontEnd::default() });
    assert_eq!((names(&vaults.unwrap()), said), (vec!["two"], vec!["one: unlock".to_owned(), "two?".to_owned()]));
}

#[test]
fn without_any_vault_of_the_users_there_is_nothing_to_search_for_which_is_an_error() {
    let Some(project) = Project::new() else { return };
    let (refused, said) = project.opened(&files(), FrontEnd::default());
    assert_eq!(refused.err().unwrap().to_string(), "it was never unlocked on this device");
    assert_eq!(said, ["one: unlock", "two: unlock"]);
    // Without any vault, there are no values that could be anywhere.
    for name in ["one.vault", "two.vault"] {
        std::fs::remove_file(project.path(name)).unwrap();
    }
    assert_eq!(names(&project.opened(&files(), FrontEnd::default()).0.unwrap()), [""; 0]);
}

#[test]
fn a_damaged_vault_is_never_taken_for_one_of_others() {
    let Some(project) = Project::new() else { return };
    let whole = std::fs::read(project.path("two.vault")).unwrap();
    std::fs::write(project.path("two.vault"), &whole[..whole.len() - 1]).unwrap();
    let (refused, _) = project.opened(&files(), FrontEnd { given: Some(&project.one), ..FrontEnd::default() });
    let refused = refused.err().unwrap();
    assert_eq!(refused.kind(), Kind::Integrity);
    assert!(refused.to_string().starts_with("two: "), "{refused}");
}

#[test]
fn an_old_vault_is_left_out_if_others_own_it_and_refused_if_the_key_opens_it() {
    let Some(mut project) = Project::new() else { return };
    let (two, elsewhere) = (project.path("two.vault"), tempfile::tempdir().unwrap());
    let old = std::fs::read(&two).unwrap();
    let vault = Vault::open(&two, &Settings::at(elsewhere.path().to_owned())).unwrap();
    env_add::add(&mut vault.unlock(&project.two, None, &Caller::default()).unwrap(), &environment("qa"), false)
        .unwrap();
    for name in ["one.vault", "two.vault"] {
        Vault::open(&project.path(name), &project.settings).unwrap().verify().unwrap();
    }
    std::fs::write(&two, old).unwrap();
    project.settings.strict = true;
    let opened = |key| project.opened(&files(), FrontEnd { given: Some(key), ..FrontEnd::default() });
    let (vaults, said) = opened(&project.one);
    assert_eq!((names(&vaults.unwrap()), said), (vec!["one"], vec!["two: wrong-key".to_owned()]));
    std::fs::remove_file(project.path("one.vault")).unwrap();
    assert_eq!(opened(&project.two).0.err().unwrap().reason(), Reason::Older);
}

#[test]
fn outside_a_repository_there_are_no_vaults_to_find() {
    let (directory, settings) = {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings::at(directory.path().join("state"));
        (directory, settings)
    };
    let opened = Vaults::open(directory.path(), None, (&settings, &files()), &FrontEnd::default());
    assert_eq!(opened.err().unwrap().advice().unwrap().remedies().collect::<Vec<_>>(), [&Remedy::ScanFiles]);
}

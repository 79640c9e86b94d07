//! A command without a row is tested with the examples in its help. Run by a user who has the right, each example
//! leaves an entry with the command's action. Run by a user without rights, each is refused and leaves an entry that
//! says so.

use super::rows::{DECRYPT_NOTHING, HIDDEN};
use super::{VALUES, damaged, entries, is_denied, shows};
use crate::device::{Device, add};
use crate::harness::{Run, Sandbox, finish, program};
use std::collections::BTreeSet;
use vault::error::Kind;
use vault::log::Action;
use vault::view::exit_code;

/// Returns the man pages, without `vault-`, of the commands in the table of actions.
pub fn pages_with_an_action() -> impl Iterator<Item = (String, Action)> {
    Action::ALL.iter().filter_map(|action| Some((command(*action)?.replace(' ', "-"), *action)))
}

/// Returns the command that does an action, as it is typed; `None` if no command does just this.
fn command(action: Action) -> Option<String> {
    match action {
        Action::RotateCommand | Action::Damage => None,
        Action::Move => Some("mv".to_owned()),
        Action::Copy => Some("cp".to_owned()),
        action => Some(action.word().replace("remove", "rm").replace('-', " ")),
    }
}

/// A command line in a command's help.
struct Example {
    /// The word for the action that its entries have.
    action: &'static str,
    line: String,
}

impl Example {
    /// Runs the line in a shell, and returns its log entries on this device.
    fn run(&self, device: &Device<'_>, sandbox: &Sandbox) -> (Run, Vec<(String, String)>) {
        self.run_between(device, sandbox, || ())
    }

    /// Does the same as [`Example::run`], and calls a function before it reads the log.
    fn run_between(&self, device: &Device<'_>, sandbox: &Sandbox, then: impl FnOnce()) -> (Run, Vec<(String, String)>) {
        let path = format!("{}:{}", program().parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = sandbox.other("sh", ["-c", &self.line]);
        // For an example without an environment, a user without rights would have no default environment.
        shell.env("PATH", path).env("VAULT_ENV", "dev");
        let run = finish(device.prepare(shell));
        then();
        (run, entries(device))
    }

    fn is_of_its_action(&self, (entry, _): &(String, String)) -> bool {
        entry.split(' ').next() == Some(self.action)
    }
}

/// Returns the examples of a command, without those of other commands. -y answers questions.
fn examples_of(command: &str, action: &'static str, sandbox: &Sandbox) -> Vec<Example> {
    let help = sandbox.run(["help"].into_iter().chain(command.split(' '))).ok().text();
    let (options, examples) = help.split_once("Examples:\n").unwrap();
    let has_question = options.contains(" -y, --yes");
    // The explanation of an example is indented further.
    let lines = examples.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let own = lines.filter(|line| format!("{line} ").starts_with(&format!("vault {command} ")));
    let answered = |line: &str| match has_question && !line.contains(" -y") {
        true => format!("{line} -y"),
        false => line.to_owned(),
    };
    let examples: Vec<_> = own.map(|line| Example { action, line: answered(line) }).collect();
    assert!(!examples.is_empty(), "{command}: its help has no example of it");
    examples
}

/// A vault with the names that the examples use. mia is its admin, and max has no rights.
struct Place {
    sandbox: Sandbox,
    max: String,
    vault: Vec<u8>,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::with_environments(&["dev", "prod", "preview", "preview-17"]);
        for (item, value) in ["dev/KEY", "prod/KEY"].into_iter().zip(VALUES) {
            sandbox.set(item, value.as_bytes());
        }
        sandbox.write(".env.example", "KEY=\n");
        sandbox.write("compose.yaml", "services: { app: { environment: { KEY: '${KEY}' } } }\n");
        add(&sandbox, &["ana", "--read", "dev"]);
        let max = add(&sandbox, &["max"]);
        let vault = std::fs::read(sandbox.vault()).unwrap();
        Self { sandbox, max, vault }
    }

    fn examples(&self) -> Vec<Vec<Example>> {
        let listed: BTreeSet<&str> = super::listed().collect();
        let actions = pages_with_an_action().filter(|(page, _)| !listed.contains(&**page));
        actions.map(|(page, action)| examples_of(&page.replace('-', " "), action.word(), &self.sandbox)).collect()
    }

    fn is_unchanged(&self) -> bool {
        std::fs::read(self.sandbox.vault()).unwrap() == self.vault
    }
}

#[test]
fn k9_each_example_of_a_command_without_a_row_is_logged() {
    let place = Place::new();
    let commands = place.examples();
    assert!(commands.len() > 3, "too few commands are tested by their examples");
    for examples in commands {
        std::fs::write(place.sandbox.vault(), &place.vault).unwrap();
        // The second example may build on the first.
        for example in examples {
            let device = Device::new(&place.sandbox, &example.line).with_key(place.sandbox.key());
            let (run, found) = example.run(&device, &place.sandbox);
            let is_right = |entry| example.is_of_its_action(entry) && !is_denied(entry);
            let is_logged = !found.is_empty() && found.iter().all(is_right);
            assert!(run.code == 0 && is_logged, "{} logged {found:?}; {run:?}", example.line);
        }
    }
}

#[test]
fn k9_each_refused_example_of_a_command_without_a_row_is_logged() {
    let place = Place::new();
    for example in place.examples().into_iter().flatten() {
        let device = Device::new(&place.sandbox, &example.line).with_key(&place.max);
        let (run, found) = example.run(&device, &place.sandbox);
        let is_right = |entry| example.is_of_its_action(entry) && is_denied(entry);
        let is_refused = run.code == i32::from(exit_code(Kind::Denied)) && place.is_unchanged();
        let is_logged = !found.is_empty() && found.iter().all(is_right);
        assert!(is_refused && is_logged && !shows(&run, &VALUES), "{} logged {found:?}; {run:?}", example.line);
    }
}

#[test]
fn k9_each_example_of_a_command_without_a_row_is_logged_as_failed_in_a_damaged_vault() {
    let place = Place::new();
    for example in place.examples().into_iter().flatten() {
        let device = Device::new(&place.sandbox, &example.line).with_key(place.sandbox.key());
        std::fs::write(place.sandbox.vault(), damaged(&place.vault)).unwrap();
        let (run, found) = example.run_between(&device, &place.sandbox, || {
            std::fs::write(place.sandbox.vault(), &place.vault).unwrap();
        });
        let is_right = |entry: &(String, String)| example.is_of_its_action(entry) && entry.1 == "failed";
        let is_logged = !found.is_empty() && found.iter().all(is_right);
        assert!(run.code != 0 && is_logged && !shows(&run, &VALUES), "{} logged {found:?}; {run:?}", example.line);
    }
}

/// Returns the commands that decrypt nothing and have examples of their own. `demo` opens a shell, and the server runs
/// until somebody ends it.
fn that_decrypt_nothing() -> impl Iterator<Item = &'static str> {
    let has_parts = |page: &str| DECRYPT_NOTHING.iter().any(|other| other.starts_with(&format!("{page}-")));
    DECRYPT_NOTHING.iter().copied().filter(move |page| !HIDDEN.contains(page) && !has_parts(page) && *page != "demo")
}

#[test]
fn k9_no_example_of_a_command_that_decrypts_nothing_is_refused_a_damaged_environment() {
    let place = Place::new();
    for example in that_decrypt_nothing().flat_map(|page| examples_of(&page.replace('-', " "), "", &place.sandbox)) {
        let device = Device::new(&place.sandbox, &example.line).with_key(place.sandbox.key());
        std::fs::write(place.sandbox.vault(), damaged(&place.vault)).unwrap();
        let (run, found) = example.run_between(&device, &place.sandbox, || {
            std::fs::write(place.sandbox.vault(), &place.vault).unwrap();
        });
        assert!(found.iter().all(|(_, outcome)| outcome == "ok"), "{} logged {found:?}; {run:?}", example.line);
    }
}

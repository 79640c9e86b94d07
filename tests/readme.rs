//! README.md and the pages that continue its quick start are accurate: this test runs every command in their console
//! blocks, in order, and compares its output with the page. No page has a dead link, and the book has every page.
//!
//! In expected output, `...` matches anything within a line. Alone on a line, it matches any number of lines.

use crate::harness::{Run, Sandbox, finish, has, program};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const README: &str = include_str!("../README.md");
const RECOVERY: &str = include_str!("../docs/recovery.md");
/// In the order in which a reader goes through them.
const PAGES: [(&str, &str); 4] = [
    ("README.md", README),
    ("docs/exec.md", include_str!("../docs/exec.md")),
    ("docs/names.md", include_str!("../docs/names.md")),
    ("docs/recovery.md", RECOVERY),
];
const PASSPHRASE: &str = "orbit-velvet-cactus-mimic-dusk-ferry";
/// The .env file that the README's reader starts with.
const DOTENV: &str = "DATABASE_URL=\"postgres://app:s3cret@localhost/app\"\nSTRIPE_KEY=sk_test_51HxAmple # test mode\n\
    GREETING='hello world'\n";

/// A command on a page, and its output below it.
pub struct Step {
    pub line: usize,
    /// The person at the prompt. Empty for a plain `$ `.
    pub person: &'static str,
    pub command: &'static str,
    pub expected: Vec<&'static str>,
}

fn steps(markdown: &'static str) -> Vec<Step> {
    steps_of(markdown, &[""])
}

/// Returns the commands at the prompts of these persons, in the console blocks of a page.
pub fn steps_of(markdown: &'static str, persons: &[&'static str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    let prompt =
        |text: &'static str, person: &'static str| Some((person, text.strip_prefix(person)?.strip_prefix("$ ")?));
    for (line, text) in (1..).zip(markdown.lines()) {
        let command = persons.iter().find_map(|person| prompt(text, person)).filter(|_| inside);
        if text.starts_with("```") {
            inside = text == "```console";
        } else if let Some((person, command)) = command {
            steps.push(Step { line, person, command, expected: Vec::new() });
        } else if inside {
            steps.last_mut().unwrap().expected.push(text);
        }
    }
    steps
}

/// Asserts that the command succeeded and printed what the page says.
pub fn check(page: &str, line: usize, command: &str, expected: Vec<&str>, run: &Run) {
    compare(page, line, command, expected, run);
    assert_eq!(run.code, 0, "{page}:{line}: $ {command}");
}

/// Asserts that the command printed the output on the page.
pub fn compare(page: &str, line: usize, command: &str, mut expected: Vec<&str>, run: &Run) {
    let output = run.text();
    // The page's reader uses the default work factor.
    let lines: Vec<_> = output.lines().filter(|line| !line.starts_with("warning: work factor 10")).collect();
    while expected.last().is_some_and(|line| line.is_empty()) {
        expected.pop();
    }
    assert!(fits(&expected, &lines), "{page}:{line}: $ {command}\nexpected {expected:#?}\nwas {lines:#?}");
}

fn fits(expected: &[&str], actual: &[&str]) -> bool {
    match (expected, actual) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=actual.len()).any(|skipped| fits(rest, &actual[skipped..])),
        ([first, rest @ ..], [line, lines @ ..]) => fits_line(first, line) && fits(rest, lines),
        _ => false,
    }
}

fn fits_line(expected: &str, actual: &str) -> bool {
    match expected.split_once("...") {
        None => expected == actual,
        Some((start, rest)) => actual.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| fits_line(rest, &tail[at..]))
        }),
    }
}

/// The reader at the keyboard: a sandbox in which exported variables stay from command to command.
struct Reader {
    sandbox: Sandbox,
    bin: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let sandbox = Sandbox::empty();
        sandbox.write(".env", DOTENV);
        let bin = sandbox.home().join("bin");
        std::fs::create_dir(&bin).unwrap();
        // Types the passphrase at every prompt. Its work factor is low, because each command derives a key from it.
        let vault = program().display();
        let script = format!(
            "#!/bin/sh\nexport VAULT_PASSPHRASE={PASSPHRASE}\n\
             if [ \"$1\" = init ]; then exec '{vault}' \"$@\" --work-factor 10; fi\nexec '{vault}' \"$@\"\n"
        );
        let path = bin.join("vault");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { sandbox, bin }
    }

    fn run(&self, command: &str) -> Run {
        if command.starts_with("age -d ") && !command.contains(" -i ") {
            return self.run_with_prompt(command);
        }
        let exported = self.sandbox.home().join("exported");
        let exported = exported.display();
        let script = format!(
            "[ ! -f {exported} ] || . {exported}\n{{ {command}\n}} 2>&1\ns=$?; export -p > {exported}; exit $s"
        );
        finish(self.prepare(self.sandbox.other("sh", ["-c", &script])))
    }

    fn prepare(&self, mut command: std::process::Command) -> std::process::Command {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.bin.display()));
        command
    }

    /// Stock age reads a passphrase only from a terminal.
    fn run_with_prompt(&self, command: &str) -> Run {
        let script = format!("{command}; echo \"exit code $?\"");
        let mut shell = self.prepare(self.sandbox.other("sh", ["-c", &script]));
        shell.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut terminal = rexpect::session::spawn_command(shell, Some(30_000)).unwrap();
        terminal.exp_string("passphrase").unwrap();
        terminal.send_line(PASSPHRASE).unwrap();
        terminal.exp_string("exit code 0").unwrap();
        Run { code: 0, stdout: Vec::new(), stderr: String::new() }
    }

    /// Keeps the recovery key, as the README tells readers to do.
    fn keep_recovery_key(&self, output: &str) {
        if let Some(key) = output.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1")) {
            self.sandbox.write("recovery.txt", format!("{key}\n"));
        }
    }
}

#[test]
fn every_command_of_the_quick_start_and_the_pages_after_it_works_as_shown() {
    if !["age", "git", "sh"].into_iter().all(has) {
        return;
    }
    let reader = Reader::new();
    for (page, text) in PAGES {
        let steps = steps(text);
        assert!(!steps.is_empty(), "{page} has no commands");
        for Step { line, command, expected, .. } in steps {
            let run = reader.run(command);
            reader.keep_recovery_key(&run.text());
            check(page, line, command, expected, &run);
        }
    }
}

/// The targets of a page's links within the repository.
fn links(markdown: &str) -> Vec<&str> {
    let targets = markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://")).collect()
}

/// The pages at the top of the repository and in docs/, by path.
fn pages() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let directories = [root.clone(), root.join("docs"), root.join("docs/clients")];
    let files = directories.into_iter().flat_map(|directory| std::fs::read_dir(directory).unwrap());
    files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

#[test]
fn no_link_between_the_pages_is_dead() {
    for page in pages() {
        for link in links(&std::fs::read_to_string(&page).unwrap()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            let text = if heading.is_empty() { String::new() } else { std::fs::read_to_string(&target).unwrap() };
            let slug = |title: &str| title.to_lowercase().replace(' ', "-").replace([':', ',', '.', '?', '`'], "");
            let has = |line: &str| line.starts_with('#') && slug(line.trim_start_matches(['#', ' '])) == heading;
            assert!(heading.is_empty() || text.lines().any(has), "{}: {link}", page.display());
        }
    }
}

#[test]
fn every_page_with_commands_has_a_test_that_runs_them() {
    let is_run = ["README.md", "ci.md", "exec.md", "git.md", "names.md", "recovery.md", "team.md"];
    for page in pages() {
        let has_commands = std::fs::read_to_string(&page).unwrap().contains("```console\n");
        let name = page.file_name().unwrap().to_str().unwrap();
        assert_eq!(has_commands, is_run.contains(&name), "{}", page.display());
    }
}

#[test]
fn the_book_has_every_page() {
    let summary = include_str!("../docs/SUMMARY.md");
    let named = links(summary);
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs");
    for page in pages() {
        let Ok(name) = page.strip_prefix(&docs) else { continue };
        let name = name.to_str().unwrap();
        assert!(name == "SUMMARY.md" || named.contains(&name), "docs/SUMMARY.md lacks {name}");
    }
}

/// The parts of files outside docs/ that a page includes.
fn included(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let includes = text.lines().filter_map(|line| line.strip_prefix("{{#include ")?.strip_suffix("}}"));
    let part = |include: &str| {
        let (file, anchor) = include.split_once(':').unwrap();
        let text = std::fs::read_to_string(page.parent().unwrap().join(file)).unwrap();
        let (_, rest) = text.split_once(&format!("<!-- ANCHOR: {anchor} -->")).unwrap();
        rest.split_once(&format!("<!-- ANCHOR_END: {anchor} -->")).unwrap().0.to_owned()
    };
    includes.map(part).collect()
}

/// A link that leads out of docs/ works where the repository is browsed, and is dead in the book.
#[test]
fn pages_of_the_book_link_only_to_each_other() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").canonicalize().unwrap();
    for page in pages().into_iter().filter(|page| page.starts_with(&docs)) {
        for link in links(&std::fs::read_to_string(&page).unwrap()) {
            let file = link.split('#').next().unwrap();
            let target = page.parent().unwrap().join(file).canonicalize().unwrap();
            assert!(file.is_empty() || target.starts_with(&docs), "{}: {link} is not in the book", page.display());
        }
        for part in included(&page) {
            assert_eq!(links(&part), [""; 0], "{} includes links to files", page.display());
        }
    }
}

#[test]
fn the_passphrase_slot_and_the_key_slot_hold_the_same_identity() {
    if !has("age") {
        return;
    }
    let reader = Reader::new();
    let made = reader.run("vault init --import .env");
    reader.keep_recovery_key(&made.text());
    let recovery = steps(RECOVERY).into_iter().filter(|step| step.command.contains("slot.age"));
    let mut identities = Vec::new();
    for step in recovery.take(4) {
        reader.run(step.command).ok();
        if step.command.starts_with("age") {
            identities.push(std::fs::read_to_string(reader.sandbox.project().join("identity.txt")).unwrap());
        }
    }
    // The key slot has one more line: its HMAC.
    let (tag, identity) = identities[1].split_once('\n').unwrap();
    assert!(tag.starts_with("# hmac: "));
    assert_eq!(identity, identities[0]);
}

#[test]
fn expected_output_may_contain_placeholders() {
    assert!(fits(&["a ... c", "...", "z"], &["a b c", "x", "y", "z"]));
    assert!(!fits(&["a", "b"], &["a", "b", "c"]) && !fits(&["a ...x"], &["a b"]));
}

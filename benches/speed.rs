//! `cargo bench`: whole processes, interleaved, as ratios in one run. No network, nothing outside a temporary directory.
//!
//! The baselines are `env FOO=bar true`, and a minimal program (this one, started again with `minimal`) that decrypts an
//! age file of the same items with an X25519 key and calls execve: no log, no signature, no outline.
//!
//! Both programs are copied first, as an installation does: what a linker has just written lies in the page cache in
//! small pieces, which costs each start of a large program up to a quarter of a millisecond.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at the first thing that fails"
)]

use age::secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [10, 1_000, 10_000];
const VALUE: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("minimal") => minimal(Path::new(&arguments[2]), &arguments[3], &arguments[4..]),
        // `cargo test --benches` runs this, too: once is enough to see that it works.
        Some("--test") => bench(1),
        _ => bench(rounds()),
    }
}

/// How often each command is run; VAULT_BENCH_ROUNDS sets it.
fn rounds() -> usize {
    std::env::var("VAULT_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// The least that any program of this kind must do.
fn minimal(file: &Path, key: &str, command: &[String]) {
    let identity: age::x25519::Identity = std::fs::read_to_string(key).unwrap().trim().parse().unwrap();
    let bytes = std::fs::read(file).unwrap();
    let decryptor = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(&bytes[..])).unwrap();
    let mut json = Vec::new();
    decryptor.decrypt(std::iter::once(&identity as _)).unwrap().read_to_end(&mut json).unwrap();
    let items: BTreeMap<String, String> = serde_json::from_slice(&json).unwrap();
    let error = Command::new(&command[0]).args(&command[1..]).envs(items).exec();
    panic!("{error}");
}

struct Bench {
    directory: tempfile::TempDir,
    vault: PathBuf,
    minimal: PathBuf,
}

/// A vault and an age file of the same items.
struct Subject {
    vault: PathBuf,
    key: String,
    age_file: PathBuf,
    age_key: PathBuf,
}

fn bench(rounds: usize) {
    let directory = tempfile::tempdir().unwrap();
    let install = |program: &Path, name| {
        let path = directory.path().join(name);
        std::fs::copy(program, &path).unwrap();
        path
    };
    let vault = install(Path::new(env!("CARGO_BIN_EXE_vault")), "vault");
    let minimal = install(&std::env::current_exe().unwrap(), "minimal");
    let bench = Bench { directory, vault, minimal };
    println!(
        "{rounds} rounds, interleaved; whole processes, median of each; ratio to the minimal program of the same size\n"
    );
    println!("{:<34} {:>10} {:>10} {:>8}", "command", "median", "minimum", "ratio");
    for size in SIZES {
        let subject = bench.subject(&size.to_string(), size);
        bench.compare(&subject, size, rounds);
    }
    bench.team(rounds);
    bench.agent(rounds);
    bench.writes(rounds.min(20));
    bench.scan(rounds.min(10));
    bench.mask(rounds.min(10));
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn vault(&self, file: &Path, key: Option<&str>) -> Command {
        let mut command = Command::new(&self.vault);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("VAULT_STATE_DIR", self.path("state"))
            .env("HOME", self.path(""));
        command.env("VAULT_FILE", file).current_dir(self.directory.path());
        if let Some(key) = key {
            command.env("VAULT_KEY", key);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn subject(&self, name: &str, size: usize) -> Subject {
        let items: BTreeMap<String, String> = (0..size).map(|i| (format!("ITEM_{i:05}"), value(i))).collect();
        let dotenv = self.path(&format!("{name}.env"));
        std::fs::write(&dotenv, items.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>())
            .unwrap();
        let vault = self.path(&format!("{name}.vault"));
        let output =
            self.vault(&vault, None).args(["init", "--key", "--import"]).arg(&dotenv).stdout(Stdio::piped()).output();
        let key = String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned();
        let identity = age::x25519::Identity::generate();
        let (age_file, age_key) = (self.path(&format!("{name}.age")), self.path(&format!("{name}.key")));
        std::fs::write(&age_key, identity.to_string().expose_secret()).unwrap();
        let recipient = identity.to_public();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).unwrap();
        let armor = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor).unwrap();
        let mut writer = encryptor.wrap_output(armor).unwrap();
        writer.write_all(&serde_json::to_vec(&items).unwrap()).unwrap();
        std::fs::write(&age_file, writer.finish().unwrap().finish().unwrap()).unwrap();
        Subject { vault, key, age_file, age_key }
    }

    fn compare(&self, subject: &Subject, size: usize, rounds: usize) {
        let minimal = |program: &str| {
            let mut command = Command::new(&self.minimal);
            command.arg("minimal").arg(&subject.age_file).arg(&subject.age_key).arg(program);
            command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        let with = |arguments: &[&str]| {
            let mut command = self.vault(&subject.vault, Some(&subject.key));
            command.args(arguments);
            command
        };
        let mut plain = Command::new("/usr/bin/env");
        plain.args(["FOO=bar", "true"]).stdin(Stdio::null());
        let rows = vec![
            (format!("minimal, {size} items"), minimal("/usr/bin/true")),
            ("env FOO=bar true".to_owned(), plain),
            (format!("vault exec, {size} items"), with(&["exec", "--", "/usr/bin/true"])),
            (
                format!("vault exec --only one of {size}"),
                with(&["exec", "--only", "ITEM_00003", "--", "/usr/bin/true"]),
            ),
            (format!("vault get, one of {size}"), with(&["get", "ITEM_00003"])),
        ];
        print(&measure(&rows, rounds));
    }

    /// What a long history of users costs who only starts a program: 10 items, read by one user and by a hundred.
    fn team(&self, rounds: usize) {
        let (alone, team) = (self.subject("alone", 10), self.subject("team", 10));
        let run = |arguments: &[&str]| {
            let status = self.vault(&team.vault, Some(&team.key)).args(arguments).status().unwrap();
            assert!(status.success(), "{arguments:?}");
        };
        let names: Vec<String> = (1..=100).map(|i| format!("user{i:03}")).collect();
        names.iter().for_each(|name| run(&["user", "add", name, "--read", "dev"]));
        let changes = || std::fs::read_to_string(&team.vault).unwrap().matches("[[roster]]").count();
        for name in names.iter().cycle() {
            run(&["revoke", name, "dev"]);
            run(&["grant", name, "dev"]);
            if changes() >= 500 {
                break;
            }
        }
        let exec = |subject: &Subject| {
            let mut command = self.vault(&subject.vault, Some(&subject.key));
            command.args(["exec", "--", "/usr/bin/true"]);
            command
        };
        println!("ratio to the same vault of one user:");
        let rows = [
            ("vault exec, 10 items".to_owned(), exec(&alone)),
            (format!("after {} changes, 100 more users", changes()), exec(&team)),
        ];
        print(&measure(&rows, rounds));
    }

    /// The same vault by its key slot and by an agent that holds the keys.
    fn agent(&self, rounds: usize) {
        use std::os::unix::fs::PermissionsExt as _;
        let subject = self.subject("agent", 10);
        let runtime = self.path("run");
        std::fs::create_dir(&runtime).unwrap();
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
        let vault = |key: Option<&str>, arguments: &[&str]| {
            let mut command = self.vault(&subject.vault, key);
            command.env("XDG_RUNTIME_DIR", &runtime).args(arguments);
            command
        };
        assert!(vault(Some(&subject.key), &["unlock"]).status().unwrap().success());
        let exec = ["exec", "--", "/usr/bin/true"];
        let mut env = Command::new("/usr/bin/env");
        env.args(["FOO=bar", "true"]);
        println!("ratio to plain env, 10 items:");
        let rows = [
            ("env FOO=bar true".to_owned(), env),
            ("vault exec, key slot".to_owned(), vault(Some(&subject.key), &exec)),
            ("vault exec, agent".to_owned(), vault(None, &exec)),
        ];
        let results = measure(&rows, rounds);
        assert!(vault(None, &["lock"]).status().unwrap().success());
        print(&results);
    }

    fn writes(&self, rounds: usize) {
        let set = |subject: &Subject| {
            let mut command = self.vault(&subject.vault, Some(&subject.key));
            command.args(["set", "--kind", "variable", "PORT=3000"]);
            command
        };
        let (small, large, few) = (self.subject("small", 11), self.subject("large", 1_001), self.subject("few", 12));
        let dotenv = self.path("import.env");
        std::fs::write(&dotenv, (0..1_000).map(|i| format!("I_{i}={}\n", value(i))).collect::<String>()).unwrap();
        let before = std::fs::read(&few.vault).unwrap();
        println!("\nratio to one `set` in a small vault (each waits for the disk):");
        let mut import = self.vault(&few.vault, Some(&few.key));
        import.arg("import").arg(&dotenv);
        let rows = vec![
            ("vault set, one of 11".to_owned(), set(&small)),
            ("vault set, one of 1001".to_owned(), set(&large)),
            ("vault import, 1000 items".to_owned(), import),
        ];
        // Every round imports the same into the same few items: the file is put back, and with it what was seen of it.
        print(&measure_with(&rows, rounds, |row| {
            if row == 2 {
                std::fs::write(&few.vault, &before).unwrap();
                self.accept(&few);
            }
        }));
    }

    /// How fast plain text is searched for 1,000 values, warm; the start of the program is included.
    fn scan(&self, rounds: usize) {
        const SIZE: usize = 256 << 20;
        let words = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let secrets: String =
            (1..=1_000).map(|i| format!("S_{i}={:016x}{:016x}\n", words(i), words(i + 5_000))).collect();
        std::fs::write(self.path("scan.env"), secrets).unwrap();
        let vault = self.path("scan.vault");
        let mut init = self.vault(&vault, None);
        let output =
            init.args(["init", "--key", "--import"]).arg(self.path("scan.env")).stdout(Stdio::piped()).output();
        let key = String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned();
        let line = "The quick brown fox jumps over the lazy dog; let total = prices.iter().sum::<u64>() + 4711;\n";
        std::fs::write(self.path("scan.txt"), line.repeat(SIZE / line.len())).unwrap();
        let mut command = self.vault(&vault, Some(&key));
        command.arg("scan").arg(self.path("scan.txt"));
        let results = measure(&[("scan".to_owned(), command)], rounds);
        let fastest = results[0].times.iter().min().unwrap();
        println!("\nvault scan, 1000 values: {:.0} MB/s", SIZE as f64 / 1e6 / fastest.as_secs_f64());
    }

    /// How fast the output of a command passes through a mask of 100 values, into a pipe and from one.
    fn mask(&self, rounds: usize) {
        const SIZE: usize = 256 << 20;
        let vault = self.path("mask.vault");
        let secrets: String = (1..=100_u64)
            .map(|i| format!("S_{i}={:032x}\n", u128::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
            .collect();
        std::fs::write(self.path("mask.env"), secrets).unwrap();
        let mut init = self.vault(&vault, None);
        let output =
            init.args(["init", "--key", "--import"]).arg(self.path("mask.env")).stdout(Stdio::piped()).output();
        let key = String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned();
        let mut masked = self.vault(&vault, Some(&key));
        masked.args(["exec", "--mask", "--", "cat"]).arg(self.path("scan.txt"));
        let mut plain = self.vault(&vault, Some(&key));
        plain.args(["exec", "--", "cat"]).arg(self.path("scan.txt"));
        let rows = [("exec, no mask".to_owned(), plain), ("exec --mask".to_owned(), masked)];
        let results = measure(&rows, rounds);
        let fastest = results[1].times.iter().min().unwrap();
        println!("\nvault exec --mask, 100 values: {:.0} MB/s", SIZE as f64 / 1e6 / fastest.as_secs_f64());
    }

    /// Has the state take a file that is older than what it has seen.
    fn accept(&self, subject: &Subject) {
        let refusal = self.vault(&subject.vault, None).args(["verify"]).stderr(Stdio::piped()).output().unwrap();
        let text = String::from_utf8(refusal.stderr).unwrap();
        if let Some(hash) = text.split("--accept ").nth(1).and_then(|rest| rest.split_whitespace().next()) {
            assert!(self.vault(&subject.vault, None).args(["verify", "--accept", hash]).status().unwrap().success());
        }
    }
}

fn value(i: usize) -> String {
    format!("{i:0VALUE$}")
}

struct Row {
    name: String,
    times: Vec<Duration>,
}

fn measure(rows: &[(String, Command)], rounds: usize) -> Vec<Row> {
    measure_with(rows, rounds, |_| {})
}

/// Runs every command once a round, in turn, after one round that doesn't count.
fn measure_with(rows: &[(String, Command)], rounds: usize, prepare: impl Fn(usize)) -> Vec<Row> {
    let mut results: Vec<Row> = rows.iter().map(|(name, _)| Row { name: name.clone(), times: Vec::new() }).collect();
    for round in 0..=rounds {
        for (index, (name, template)) in rows.iter().enumerate() {
            let mut command = again(template);
            prepare(index);
            let start = Instant::now();
            let status = command.status().unwrap();
            let time = start.elapsed();
            assert!(status.success(), "{name}: {status}");
            if round > 0 {
                results[index].times.push(time);
            }
        }
    }
    results
}

/// A command can be started more than once, but not changed for one start only: so each start gets a copy.
fn again(template: &Command) -> Command {
    let mut command = Command::new(template.get_program());
    command.args(template.get_args()).env_clear();
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    if let Some(directory) = template.get_current_dir() {
        command.current_dir(directory);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn print(rows: &[Row]) {
    let median = |row: &Row| {
        let mut times = row.times.clone();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let base = median(&rows[0]);
    for row in rows {
        let minimum = row.times.iter().min().copied().unwrap_or_default();
        let ratio = median(row).as_secs_f64() / base.as_secs_f64();
        println!(
            "{:<34} {:>7.2} ms {:>7.2} ms {ratio:>7.2}x",
            row.name,
            milliseconds(median(row)),
            milliseconds(minimum)
        );
    }
    println!();
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

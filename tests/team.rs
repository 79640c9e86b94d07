//! docs/team.md is accurate: this test runs its commands, each on the machine of the person at the prompt.

use crate::harness::{Run, Sandbox, finish, program};
use crate::readme::{Step, check, steps_of};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const TEAM: &str = include_str!("../docs/team.md");
const PASSPHRASE: &str = "orbit-velvet-cactus-mimic-dusk-ferry";

/// People who share one file, each with their own machine.
struct Machines {
    sandbox: Sandbox,
    bin: PathBuf,
}

impl Machines {
    fn new() -> Self {
        let sandbox = Sandbox::empty();
        let bin = sandbox.home().join("bin");
        std::fs::create_dir(&bin).unwrap();
        sandbox.write("../home/passphrase", PASSPHRASE);
        // Types the passphrase at every prompt. Its work factor is low, because each command derives a key from it.
        let vault = program().display();
        let passphrase = sandbox.home().join("passphrase").display().to_string();
        let script = format!(
            "#!/bin/sh\nexport VAULT_PASSPHRASE={PASSPHRASE}\n\
             case \"$*\" in\n  *--request*) ;;\n  init*) set -- \"$@\" --work-factor 10 ;;\n  \
             join*) exec '{vault}' \"$@\" --work-factor 10 --new-passphrase-fd 3 3<'{passphrase}' ;;\nesac\n\
             exec '{vault}' \"$@\"\n"
        );
        let path = bin.join("vault");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { sandbox, bin }
    }

    fn run(&self, person: &str, command: &str) -> Run {
        let mut shell = self.sandbox.other("sh", ["-c", &format!("{{ {command}\n}} 2>&1")]);
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", self.bin.display()));
        shell.env("VAULT_STATE_DIR", self.sandbox.home().join(person));
        finish(shell)
    }
}

#[test]
fn every_command_of_the_team_page_works_as_shown() {
    let machines = Machines::new();
    machines.run("mia", "vault init -e dev -e prod --user mia").ok();
    machines.run("mia", "echo sk_live_51HxAmple | vault set prod/STRIPE_KEY").ok();
    let steps = steps_of(TEAM, &["mia", "ben", "zoe"]);
    assert!(steps.len() > 15, "the page has too few commands");
    for Step { line, person, command, expected } in steps {
        let run = machines.run(person, command);
        check("docs/team.md", line, command, expected, &run);
    }
    machines.run("mia", "vault verify && vault log verify").ok();
}

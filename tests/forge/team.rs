//! A vault of several people, and checks of what they accept in a forged file.

use super::{Forge, Member};
use crate::harness::Sandbox;
use vault::roster::{Right, Role};
use vault::vault::File;

/// A vault of dev and prod with a team: mia created it and writes both; ada is an admin who reads prod; ben writes dev;
/// rea reads dev. Both environments have KEY.
pub struct Team {
    pub sandbox: Sandbox,
    pub mia: Member,
    pub ada: Member,
    pub ben: Member,
    pub rea: Member,
    honest: File,
}

impl Team {
    pub fn new() -> Self {
        let sandbox = Sandbox::with_environments(&["dev", "prod"]);
        let mia = Member::owner(&sandbox);
        let [ada, ben, rea] = ["ada", "ben", "rea"].map(Member::new);
        let mut forge = Forge::of(&sandbox);
        forge.join(&mia, &ada, Role::Admin, &[("prod", Right::Read)]);
        forge.join(&mia, &ben, Role::Member, &[("dev", Right::Write)]);
        forge.join(&mia, &rea, Role::Member, &[("dev", Right::Read)]);
        forge.seal(&mia, "dev", &[&mia, &ben, &rea], &[("KEY", "dev-value")]);
        forge.seal(&mia, "prod", &[&mia, &ada], &[("KEY", "prod-value")]);
        forge.write();
        let team = Self { sandbox, mia, ada, ben, rea, honest: forge.file };
        team.accepts();
        team
    }

    /// The honest file, ready to be changed.
    pub fn forge(&self) -> Forge {
        Forge { path: self.sandbox.vault(), file: self.honest.clone() }
    }

    /// Asserts that the file is accepted and can be read.
    #[track_caller]
    pub fn accepts(&self) {
        self.sandbox.run(["verify"]).ok();
        self.sandbox.run(["get", "dev/KEY"]).ok();
        self.sandbox.run(["get", "prod/KEY"]).ok();
    }

    /// Asserts that the file is accepted and prod can be read.
    #[track_caller]
    pub fn accepts_prod(&self) {
        self.sandbox.run(["verify"]).ok();
        self.sandbox.run(["get", "prod/KEY"]).ok();
    }

    /// Asserts that the file is refused as tampered with for this reason, and that nothing is printed or changed.
    #[track_caller]
    pub fn refuses(&self, why: &str) {
        refuses(&self.sandbox, "dev/KEY", why);
    }
}

/// Asserts that verifying, reading and writing `item` fail with exit code 6, and that the file is unchanged.
#[track_caller]
pub fn refuses(sandbox: &Sandbox, item: &str, why: &str) {
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.run(["verify"]).fails(6).says(why);
    let read = sandbox.run(["get", item]).fails(6);
    assert!(read.stdout.is_empty(), "{read:?}");
    let write = sandbox.run_with_input(["set", item], b"new").fails(6);
    assert!(write.stdout.is_empty(), "{write:?}");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

//! `verify --since`: what a file may be that goes on from the one at a git revision.

use crate::forge::{Forge, Member, content};
use crate::harness::Sandbox;
use vault::signature::Hash;

#[test]
fn verify_since_a_revision_says_what_changed() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["commit", "-qm", "one"]).ok();
    let text = sandbox.run(["verify", "--since", "HEAD"]).ok().text();
    assert!(text.contains("nothing changed"), "{text}");
    let old = std::fs::read(sandbox.vault()).unwrap();
    sandbox.set("KEY", b"two");
    let text = sandbox.run(["verify", "--since", "HEAD"]).ok().text();
    assert!(text.contains("environment dev: version 2 by mia"), "{text}");
    sandbox.git(&["commit", "-qam", "two"]).ok();
    std::fs::write(sandbox.vault(), old).unwrap();
    sandbox.run(["verify", "--since", "HEAD"]).fails(6).says("went back from version 2 to 1");
    sandbox.run(["verify", "--since", "nowhere"]).fails(2);
}

#[test]
fn verify_since_a_revision_takes_crlf_for_lf_and_refuses_forks_and_jumps() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.set("KEY", b"two");
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["commit", "-qm", "one"]).ok();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    std::fs::write(sandbox.vault(), text.replace('\n', "\r\n")).unwrap();
    let same = sandbox.run(["verify", "--since", "HEAD"]).ok().text();
    assert!(same.contains("nothing changed"), "{same}");
    // On a device that has seen nothing, so that only the revision tells.
    let since = || {
        std::fs::remove_dir_all(sandbox.state()).unwrap();
        sandbox.run(["verify", "--since", "HEAD"])
    };
    let mia = Member::owner(&sandbox);
    let sealed = |version, previous| {
        std::fs::write(sandbox.vault(), &text).unwrap();
        let mut forge = Forge::of(&sandbox);
        let previous = if previous { forge.block_hash("dev") } else { Hash::of(b"another") };
        forge.seal_as(&mia, "dev", version, vec![previous], &[&mia], &content(&[("KEY", "v")])).write();
    };
    sealed(3, true);
    since().ok();
    sealed(10_003, true);
    since().fails(6).says("environment dev jumps from version 2 to 10003");
    sealed(u32::MAX, true);
    since().fails(6).says("environment dev jumps from version 2 to 4294967295");
    sealed(3, false);
    since().fails(6).says("version 3 of environment dev does not follow version 2");
    sealed(2, false);
    since().fails(6).says("environment dev has another version 2");
}

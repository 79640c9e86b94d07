//! `verify --since`: which files count as successors of the file at a git revision.

use crate::forge::{Forge, Member, content};
use crate::harness::{Run, Sandbox, finish, is_root};
use vault::identity::Hash;

#[test]
fn verify_since_a_revision_says_what_changed() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.run(["verify", "--since", "HEAD"]).fails(2).says("nothing is committed yet");
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
    sandbox
        .run(["verify", "--since", "HEAD"])
        .fails(6)
        .says("environment dev went back to version 1, and has lost version 2 by mia");
    sandbox.run(["verify", "--since", "nowhere"]).fails(2);
}

#[test]
fn verify_since_a_revision_treats_crlf_as_lf_and_refuses_forks_and_jumps() {
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
    // On a new device, so that only the revision counts.
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
    since().fails(6).says("environment dev has lost version 2 by mia: version 3 by mia does not follow it");
    sealed(2, false);
    since().fails(6).says("environment dev has lost version 2 by mia: version 2 by mia does not follow it");
}

/// A repository with a committed vault, and a device that has not seen it.
fn committed() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.set("KEY", b"two");
    commit(&sandbox, "one");
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    sandbox
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", message]).ok();
}

/// Moves a file, and puts a link to it in its place.
fn link_to(sandbox: &Sandbox, from: &str, to: &str) {
    let at = |name: &str| sandbox.project().join(name);
    std::fs::rename(at(from), at(to)).unwrap();
    std::os::unix::fs::symlink(to, at(from)).unwrap();
}

#[test]
fn n9_a_file_replaced_by_a_link_is_refused() {
    let sandbox = committed();
    let other = Sandbox::with_vault();
    std::fs::copy(other.vault(), sandbox.project().join("other.vault")).unwrap();
    std::fs::rename(sandbox.vault(), sandbox.project().join("old.vault")).unwrap();
    for target in ["other.vault", "old.vault"] {
        let _ = std::fs::remove_file(sandbox.vault());
        std::os::unix::fs::symlink(target, sandbox.vault()).unwrap();
        for options in [&[][..], &["--new"]] {
            let _ = std::fs::remove_dir_all(sandbox.state());
            let run = sandbox.run([&["verify", "--since", "HEAD"], options].concat()).fails(6);
            run.says("secrets.vault was a file at HEAD, but is now a link");
        }
    }
}

#[test]
fn n9_a_directory_replaced_by_a_link_or_a_repository_is_refused() {
    let sandbox = committed();
    let at = |name: &str| sandbox.project().join(name);
    std::fs::create_dir(at("config")).unwrap();
    std::fs::rename(sandbox.vault(), at("config/secrets.vault")).unwrap();
    commit(&sandbox, "moved");
    let verify = || sandbox.run(["--vault", "config/secrets.vault", "verify", "--since", "main"]);
    verify().ok();
    link_to(&sandbox, "config", "elsewhere");
    verify().fails(6).says("config/secrets.vault was a file at main, but is now a link");
    std::fs::remove_file(at("config")).unwrap();
    std::fs::rename(at("elsewhere"), at("config")).unwrap();
    verify().ok();
    for arguments in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "own history"]] {
        sandbox.git(&[&["-C", "config"], arguments].concat()).ok();
    }
    verify().fails(6).says("but now belongs to another repository");
    // A directory with that name is not a repository.
    std::fs::remove_dir_all(at("config/.git")).unwrap();
    std::fs::create_dir(at("config/.git")).unwrap();
    verify().ok();
}

#[test]
fn a_vault_that_always_was_behind_a_link_is_compared_with_the_earlier_target() {
    let sandbox = committed();
    link_to(&sandbox, "secrets.vault", "real.vault");
    commit(&sandbox, "linked");
    let run = sandbox.run(["verify", "--since", "HEAD"]).ok();
    assert!(run.text().contains("nothing changed"), "{run:?}");
    let old = std::fs::read(sandbox.project().join("real.vault")).unwrap();
    sandbox.set("KEY", b"three");
    commit(&sandbox, "three");
    std::fs::write(sandbox.project().join("real.vault"), old).unwrap();
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    sandbox.run(["verify", "--since", "HEAD"]).fails(6).says("went back");
}

#[test]
fn n9_a_file_missing_in_the_revision_is_an_error_unless_declared_new() {
    let sandbox = committed();
    std::fs::rename(sandbox.vault(), sandbox.project().join("moved.vault")).unwrap();
    let verify =
        |options: &[&str]| sandbox.run([&["--vault", "moved.vault", "verify", "--since", "HEAD"], options].concat());
    let run = verify(&[]).fails(6).says("HEAD has no moved.vault");
    run.says("vault verify --since REF --new");
    let run = verify(&["--new"]).ok();
    assert!(run.text().contains("the file did not exist at HEAD"), "{run:?}");
    sandbox.run(["--vault", "moved.vault", "verify", "--new"]).fails(2);
    // The actual files are compared, whatever git says.
    std::fs::rename(sandbox.project().join("moved.vault"), sandbox.vault()).unwrap();
    let run = sandbox.run(["verify", "--since", "HEAD", "--new"]).ok();
    assert!(run.text().contains("nothing changed"), "{run:?}");
}

#[test]
fn n7_a_replaced_object_or_a_planted_index_changes_nothing() {
    let sandbox = committed();
    let id = sandbox.git(&["rev-parse", "HEAD:secrets.vault"]).ok().text();
    let other = Sandbox::with_vault();
    std::fs::copy(other.vault(), sandbox.vault()).unwrap();
    let replacement = sandbox.git(&["hash-object", "-w", "secrets.vault"]).ok().text();
    sandbox.git(&["replace", id.trim(), replacement.trim()]).ok();
    sandbox.git(&["add", "-A"]).ok();
    sandbox.run(["verify", "--since", "HEAD"]).fails(6).says("this is not the same vault as at HEAD");
}

/// Verifies in a clone of the sandbox's repository that was made with these options.
fn in_a_clone(sandbox: &Sandbox, options: &[&str], reference: &str) -> Run {
    let clone = sandbox.home().join("clone");
    let _ = std::fs::remove_dir_all(&clone);
    let origin = format!("file://{}", sandbox.project().display());
    sandbox.git(&[&["clone", "-q"], options, &[&origin, clone.to_str().unwrap()]].concat()).ok();
    let mut verify = sandbox.command(["verify", "--since", reference]);
    verify.current_dir(clone);
    finish(verify)
}

#[test]
fn if_git_does_not_find_the_revision_its_reason_and_the_right_fetch_are_shown() {
    let sandbox = committed();
    sandbox.git(&["branch", "review"]).ok();
    sandbox.set("KEY", b"three");
    commit(&sandbox, "three");
    in_a_clone(&sandbox, &[], "HEAD~1").ok();
    let run = in_a_clone(&sandbox, &["--depth", "1"], "HEAD~1").fails(2);
    run.says("this shallow clone has no revision HEAD~1").says("git fetch --unshallow");
    let run = in_a_clone(&sandbox, &["--depth", "1"], "origin/review").fails(2);
    run.says("no revision origin/review").says("fetch it: git fetch origin review:refs/remotes/origin/review");
    let run = in_a_clone(&sandbox, &["--single-branch"], "origin/review").fails(2);
    run.says("this repository has no revision origin/review").says("fetch it: git fetch origin review:");
    in_a_clone(&sandbox, &["--depth", "1"], "").fails(2).says("the git revision is empty");
    in_a_clone(&sandbox, &["--depth", "1"], "origin/a;touch x").fails(2).says("git fetch --unshallow");
    // The hint's command works.
    let clone = sandbox.home().join("clone");
    sandbox.git(&["-C", clone.to_str().unwrap(), "fetch", "-q", "origin", "review:refs/remotes/origin/review"]).ok();
    let mut verify = sandbox.command(["verify", "--since", "origin/review"]);
    verify.current_dir(clone);
    finish(verify).ok();
}

#[test]
fn if_git_refuses_the_repository_its_message_is_shown() {
    let sandbox = committed();
    std::fs::write(sandbox.project().join(".git/HEAD"), "ref: refs/heads/absent\n").unwrap();
    sandbox.run(["verify", "--since", "HEAD"]).fails(2).says("this repository has no revision HEAD");
    std::fs::write(sandbox.project().join(".git/config"), "[core\n").unwrap();
    sandbox.run(["verify", "--since", "HEAD"]).fails(1).says("error: git: bad config line 1");
    let lone = Sandbox::with_vault();
    lone.run(["verify", "--since", "HEAD"]).fails(2).says("is not in a git work tree");
}

#[test]
fn another_users_repository_is_refused_with_gits_reason_and_remedy() {
    if !is_root() {
        return;
    }
    let sandbox = committed();
    let project = sandbox.project();
    finish(sandbox.other("chown", ["-R", "65534", project.to_str().unwrap()])).ok();
    let verify = |variables: &[(&str, &str)]| {
        let mut verify = sandbox.command(["--vault", "secrets.vault", "verify", "--since", "HEAD"]);
        verify.envs(variables.iter().copied());
        finish(verify)
    };
    let run = verify(&[]).fails(1).says("error: git: detected dubious ownership in repository at");
    run.says("git config --global --add safe.directory");
    // As in a container.
    verify(&[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")]).ok();
    let scan = sandbox.run(["--vault", "secrets.vault", "scan"]).ok();
    scan.says("warning: what git ignores was scanned, too: .: git: detected dubious ownership");
}

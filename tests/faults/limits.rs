//! B and H: scarce resources, and who may read what.

use crate::harness::{Run, Sandbox, feed, finish, has, is_root, program};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

/// Runs the program from a shell that sets something up first.
fn after(sandbox: &Sandbox, setup: &str, arguments: &str) -> Run {
    let script = format!("{setup}; exec '{}' {arguments}", program().display());
    finish(sandbox.other("bash", ["-c", &script]))
}

#[test]
fn b1_a_full_disk_changes_nothing() {
    let sandbox = Sandbox::with_vault();
    let small = sandbox.project().join("small");
    std::fs::create_dir(&small).unwrap();
    let mount = finish(sandbox.other("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small.to_str().unwrap()]));
    if mount.code != 0 {
        println!("skipped: nothing can be mounted here");
        return;
    }
    let vault = small.join("secrets.vault");
    std::fs::copy(sandbox.vault(), &vault).unwrap();
    let before = std::fs::read(&vault).unwrap();
    let value = vec![b'x'; 100_000];
    let run = sandbox.run_with_input(["--vault", vault.to_str().unwrap(), "set", "A"], &value);
    let after = std::fs::read(&vault).unwrap();
    let left = std::fs::read_dir(&small).unwrap().count();
    finish(sandbox.other("umount", ["-l", small.to_str().unwrap()])).ok();
    run.fails(1).says("cannot write");
    assert_eq!((after, left), (before, 1));
}

#[test]
fn b2_a_file_size_limit_is_an_error_and_does_not_kill_vault() {
    let sandbox = Sandbox::with_vault();
    let before = std::fs::read(sandbox.vault()).unwrap();
    after(&sandbox, "ulimit -f 1", "set --kind variable A=1").fails(1);
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run(["log", "verify"]).ok();
}

/// Makes every read and write transfer at most seven bytes, and interrupts every third call.
const SHORT_CALLS: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>
static int calls;
static size_t some(size_t count) { return count < 7 ? count : 7; }
ssize_t write(int file, const void *bytes, size_t count) {
    if (++calls % 3 == 0) { errno = EINTR; return -1; }
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(file, bytes, some(count));
}
ssize_t read(int file, void *bytes, size_t count) {
    if (++calls % 3 == 0) { errno = EINTR; return -1; }
    return ((ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(file, bytes, some(count));
}
"#;

#[test]
fn b3_short_and_interrupted_calls_lose_no_byte() {
    if !has("cc") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.write("short.c", SHORT_CALLS);
    finish(sandbox.other("cc", ["-shared", "-fPIC", "-o", "short.so", "short.c", "-ldl"])).ok();
    let short = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("LD_PRELOAD", sandbox.project().join("short.so"));
        command
    };
    let value: Vec<u8> = (0..10_000_u32).map(|i| (i % 251) as u8).collect();
    feed(short(&["set", "--raw", "A"]), &value).ok();
    assert_eq!(finish(short(&["get", "A"])).ok().stdout, value);
    finish(short(&["get", "A", "-o", "value"])).ok();
    assert_eq!(std::fs::read(sandbox.project().join("value")).unwrap(), value);
    // As other users see it.
    assert_eq!(sandbox.run(["get", "A"]).ok().stdout, value);
    finish(short(&["log", "verify"])).ok();
}

#[test]
fn b5_with_few_descriptors_vault_works_or_prints_an_error() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let run = after(&sandbox, "ulimit -n 8", "get A");
    assert!(run.code == 0 && run.text() == "one" || run.stderr.starts_with("error: "), "{run:?}");
    after(&sandbox, "ulimit -n 4", "get A").fails(1);
    let printed = (4..12)
        .filter(|files| after(&sandbox, &format!("ulimit -n {files}"), "get A").stderr.contains("ulimit -n 1024"));
    assert!(printed.count() > 0);
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn b6_too_little_memory_for_scrypt_is_an_error_without_an_abort() {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "18"]);
    init.env("VAULT_PASSPHRASE", "orbit velvet cactus mimic dusk ferry");
    finish(init).ok();
    let setup = "ulimit -v 204800; export VAULT_PASSPHRASE='orbit velvet cactus mimic dusk ferry'";
    after(&sandbox, setup, "list").fails(1).says("not enough memory");
}

#[test]
fn b7_in_a_read_only_directory_reading_works_and_writing_fails() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let bind = format!("mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}'", sandbox.project().display());
    if finish(sandbox.other("sh", ["-c", &bind])).code != 0 {
        println!("skipped: nothing can be mounted here");
        return;
    }
    let (get, set) = (sandbox.run(["get", "A"]), sandbox.run(["set", "--kind", "variable", "A=2"]));
    finish(sandbox.other("umount", ["-l", sandbox.project().to_str().unwrap()])).ok();
    assert_eq!(get.ok().text(), "one");
    set.fails(1).says("cannot write");
}

#[test]
fn b8_vault_works_without_locked_memory() {
    let sandbox = Sandbox::with_vault();
    after(&sandbox, "ulimit -l 0", "list").ok();
}

#[test]
fn h2_another_users_vault_is_used_only_if_it_is_named() {
    let sandbox = Sandbox::with_vault();
    if !is_root() {
        return;
    }
    finish(sandbox.other("chown", ["12345", "secrets.vault"])).ok();
    sandbox.run(["list"]).fails(5).says("belongs to another user");
    sandbox.run(["--vault", "secrets.vault", "list"]).ok();
}

#[test]
fn h2_another_users_link_does_not_choose_the_vault() {
    let sandbox = Sandbox::with_vault();
    std::fs::rename(sandbox.vault(), sandbox.home().join("own.vault")).unwrap();
    std::os::unix::fs::symlink(sandbox.home().join("own.vault"), sandbox.vault()).unwrap();
    sandbox.run(["list"]).ok();
    if !is_root() {
        return;
    }
    finish(sandbox.other("chown", ["-h", "12345", "secrets.vault"])).ok();
    sandbox.run(["list"]).fails(5).says("belongs to another user");
    sandbox.run(["--vault", "secrets.vault", "list"]).ok();
}

#[test]
fn h3_a_link_to_the_vault_is_kept_and_its_target_is_replaced() {
    let sandbox = Sandbox::with_vault();
    let real = sandbox.home().join("real.vault");
    std::fs::rename(sandbox.vault(), &real).unwrap();
    std::os::unix::fs::symlink(&real, sandbox.vault()).unwrap();
    let before = std::fs::metadata(&real).unwrap().ino();
    sandbox.set("A", b"one");
    assert!(std::fs::symlink_metadata(sandbox.vault()).unwrap().is_symlink());
    assert_ne!(std::fs::metadata(&real).unwrap().ino(), before);
}

#[test]
fn h6_a_repository_cannot_set_a_path_a_pager_or_a_hook() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    for name in [".env", ".vaultrc", ".vault.toml", "vault.toml", ".config/vault.toml", ".vault/config"] {
        let path = sandbox.project().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines = ["VAULT_STATE_DIR=/tmp/elsewhere", "PAGER=touch pwned", "VAULT_PASSPHRASE_CMD=touch pwned"];
        std::fs::write(path, lines.join("\n")).unwrap();
    }
    finish(sandbox.other("git", ["init", "-q"])).ok();
    for (name, value) in [("core.pager", "touch pwned"), ("core.fsmonitor", "touch pwned"), ("vault.log", "/tmp/x")] {
        finish(sandbox.other("git", ["config", name, value])).ok();
    }
    for arguments in [&["list"][..], &["log"], &["status"], &["get", "A"], &["verify"], &["exec", "--", "true"]] {
        let trace = ["-f", "-z", "-y", "-e", "trace=openat,open,execve", program().to_str().unwrap()];
        let run = finish(sandbox.other("strace", [&trace[..], arguments].concat())).ok();
        let project = sandbox.project();
        let opened = run.stderr.lines().filter(|line| line.contains("open"));
        let opened = opened.filter_map(|line| line.rsplit('<').next()?.strip_suffix('>'));
        let own: Vec<_> = opened.filter(|path| std::path::Path::new(path).starts_with(&project)).collect();
        assert!(own.iter().all(|path| path.ends_with("/secrets.vault")) && !own.is_empty(), "{own:?} {run:?}");
        assert!(!project.join("pwned").exists(), "{arguments:?}");
    }
    // Commands that do call git run no program of the repository either.
    sandbox.run(["scan"]).ok();
    finish(sandbox.other("git", ["add", "secrets.vault"])).ok();
    let commit = ["-c", "user.name=mia", "-c", "user.email=mia@localhost", "commit", "-q", "-m", "vault"];
    finish(sandbox.other("git", [&["-c", "core.fsmonitor=false"], &commit[..]].concat())).ok();
    std::fs::remove_file(sandbox.project().join("pwned")).ok();
    sandbox.run(["verify", "--since", "HEAD"]).ok();
    sandbox.run(["scan", "--history"]).ok();
    assert!(!sandbox.project().join("pwned").exists());
}

#[test]
fn h5_f8_files_with_values_are_private_whatever_the_umask() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    after(&sandbox, "umask 0", "get A -o value").ok();
    after(&sandbox, "umask 0", "export -o values").ok();
    let mode = |name: &str| std::fs::metadata(sandbox.project().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("value"), mode("values")), (0o600, 0o600));
    let state = std::fs::metadata(sandbox.vault_state().join("log/mia/key")).unwrap();
    assert_eq!(state.permissions().mode() & 0o777, 0o600);
    std::os::unix::fs::symlink(sandbox.home().join("elsewhere"), sandbox.project().join("link")).unwrap();
    sandbox.run(["get", "A", "-o", "link"]).fails(1);
    assert!(!sandbox.home().join("elsewhere").exists());
}

#[test]
fn b7_verify_works_if_nothing_can_be_written() {
    let sandbox = Sandbox::with_vault();
    let mut verify = sandbox.command(["verify"]);
    // Nothing can be created there, not even by root.
    verify.env_remove("VAULT_KEY").env("VAULT_STATE_DIR", "/proc/nowhere");
    finish(verify).ok().says("this device can't remember what it has seen");
    let mut strict = sandbox.command(["verify", "--strict"]);
    strict.env_remove("VAULT_KEY").env("VAULT_STATE_DIR", "/proc/nowhere");
    finish(strict).fails(6);
}

#[test]
fn missing_random_bytes_are_an_error_without_a_panic() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    for arguments in [&["set", "A=2"][..], &["generate"], &["user", "add", "ci"], &["get", "A", "-o", "out"]] {
        let mut refused = 0;
        for when in 1..12 {
            let run = super::crash::inject(&sandbox, &format!("getrandom:error=EIO:when={when}"), arguments);
            assert!(!run.stderr.contains("a bug in vault") && !run.stderr.contains("panicked"), "{run:?}");
            refused += u32::from(run.stderr.contains("the operating system provides no random bytes"));
            assert!([0, 1, 2].contains(&run.code), "{run:?}");
        }
        assert!(refused > 0, "the injections must have hit something in {arguments:?}");
        sandbox.run(["verify"]).ok();
    }
    assert!(["1", "2"].contains(&&*sandbox.run(["get", "A"]).ok().text()));
}

#[test]
fn a_change_that_would_be_too_large_is_logged_as_failed() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let before = std::fs::read(sandbox.vault()).unwrap();
    let value = "x".repeat(1 << 20);
    let items: Vec<String> = (0..25).map(|number| format!("\"LARGE_{number}\":\"{value}\"")).collect();
    sandbox.write("large.json", format!("{{{}}}", items.join(",")));
    sandbox.run(["import", "large.json"]).fails(2).says("the vault would be larger than 32 MiB");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    let entries = sandbox.run(["log", "--json", "--action", "import"]).ok().json();
    assert_eq!(
        (&entries["outcome"], &entries["note"]),
        (&"failed".into(), &"the vault would be larger than 32 MiB".into())
    );
    assert_eq!(entries["secrets"].as_array().unwrap().len(), 25);
    sandbox.run(["log", "verify"]).ok();
}

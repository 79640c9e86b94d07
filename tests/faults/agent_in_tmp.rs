//! I3: without a runtime directory, the agent uses a directory in /tmp, where everybody may write.

use crate::harness::{Run, finish};
use crate::unlocked::Unlocked;
use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// A vault on a machine without a runtime directory for users. Files in /tmp are removed on drop.
struct WithoutRuntime(Unlocked);

impl WithoutRuntime {
    /// Returns `None` if systemd provides a runtime directory for this user, because vault finds it without the
    /// variable.
    fn new() -> Option<Self> {
        let usual = format!("/run/user/{}", rustix::process::geteuid().as_raw());
        if Path::new(&usual).exists() {
            println!("skipped: this user has {usual}");
            return None;
        }
        let vault = Self(Unlocked::new());
        // A command that only asks the agent creates nothing.
        vault.run(&["get", "TOKEN"]).fails(4);
        vault.run(&["lock"]).ok();
        vault.run(&["lock", "--all"]).ok();
        vault.run(&["status", "--all"]).ok();
        assert_eq!(vault.recorded(), None);
        Some(vault)
    }

    fn run_with_key(&self, arguments: &[&str]) -> Run {
        let mut command = self.0.command(arguments);
        command.env_remove("XDG_RUNTIME_DIR");
        finish(command)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.0.command(arguments);
        command.env_remove("XDG_RUNTIME_DIR").env_remove("VAULT_KEY");
        finish(command)
    }

    fn recorded(&self) -> Option<PathBuf> {
        std::fs::read_to_string(self.0.sandbox.state().join("agent-directory")).ok().map(PathBuf::from)
    }

    /// Unlocks, and returns the agent's directory.
    fn unlock(&self) -> Owned {
        let printed = self.run_with_key(&["unlock"]).ok();
        let directory = self.recorded().unwrap();
        assert!(printed.stderr.contains(&format!("the agent listens in {}\n", directory.display())), "{printed:?}");
        assert_eq!(self.run(&["get", "TOKEN"]).ok().text(), "hunter2");
        Owned(directory)
    }
}

impl Drop for WithoutRuntime {
    fn drop(&mut self) {
        let mut lock = self.0.command(&["lock", "--all"]);
        let _ = lock.env_remove("XDG_RUNTIME_DIR").output();
    }
}

/// A file or directory in /tmp. It is removed on drop.
struct Owned(PathBuf);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn i3_without_a_runtime_directory_the_agent_has_a_private_one_in_tmp() {
    let Some(vault) = WithoutRuntime::new() else { return };
    let directory = vault.unlock();
    assert_eq!(directory.0.parent(), Some(Path::new("/tmp")));
    let metadata = std::fs::symlink_metadata(&directory.0).unwrap();
    assert!(metadata.is_dir() && metadata.permissions().mode() & 0o7777 == 0o700, "{metadata:?}");
    let listens = format!("hint: there is no XDG_RUNTIME_DIR: agents listen in {}", directory.0.display());
    for arguments in [&["status"][..], &["status", "--all"]] {
        vault.run(arguments).ok().says(&listens);
    }
    let status = vault.run(&["status", "--json"]).ok().json();
    assert_eq!(status["agent"]["directory"], directory.0.join("vault").to_str().unwrap());
    // A name without its directory doesn't count, nor does an empty name.
    for runtime in ["/nonexistent/run", ""] {
        let mut get = vault.0.command(&["get", "TOKEN"]);
        get.env("XDG_RUNTIME_DIR", runtime).env_remove("VAULT_KEY");
        assert_eq!(finish(get).ok().text(), "hunter2");
    }
    vault.run(&["lock", "--all"]).ok().says("Locked.");
    vault.run(&["get", "TOKEN"]).fails(4);
    assert_eq!(vault.unlock().0, directory.0, "the directory must stay the same");
}

/// What somebody else put at this path, and how.
type Way<'a> = (&'static str, Box<dyn Fn(&Path) + 'a>);

#[test]
fn i3_a_name_in_tmp_that_somebody_else_took_first_is_not_used() {
    let Some(vault) = WithoutRuntime::new() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let open = |path: &Path| std::fs::DirBuilder::new().mode(0o700).create(path).unwrap();
    let mut ways: Vec<Way<'_>> = vec![
        ("a link to a directory", Box::new(|path| symlink(elsewhere.path(), path).unwrap())),
        ("a file", Box::new(|path| std::fs::write(path, "").unwrap())),
        (
            "a directory that the group can write",
            Box::new(|path| {
                open(path);
                std::fs::set_permissions(path, Permissions::from_mode(0o770)).unwrap();
            }),
        ),
    ];
    if rustix::process::geteuid().is_root() {
        ways.push((
            "another user's directory",
            Box::new(|path| {
                open(path);
                chown(path, Some(65534), Some(65534)).unwrap();
            }),
        ));
    }
    let mut taken = vec![vault.unlock()];
    for (way, take) in ways {
        vault.run(&["lock"]).ok().says("Locked.");
        let path = taken.last().unwrap().0.clone();
        std::fs::remove_dir_all(&path).unwrap();
        take(&path);
        vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
        let next = vault.unlock();
        assert_ne!(next.0, path, "{way}");
        let inside = std::fs::read_dir(&path).map(Iterator::count);
        assert!(inside.is_err() || inside.is_ok_and(|count| count == 0), "something was put into {way}");
        taken.push(next);
    }
}

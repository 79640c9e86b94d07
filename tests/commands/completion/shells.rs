//! Completion in the real shells: where the script is installed, and hostile file names.

use super::{offered, vault};
use crate::harness::{Sandbox, feed, finish, has, program};

/// File names that run something if a shell evaluates them.
const HOSTILE: [&str; 14] = [
    "env$(touch${IFS}X)",
    "env;touch X;.env",
    "env`touch X`",
    "env it's",
    "env \"quoted\" $HOME",
    "env name with spaces",
    "env&touch X&",
    "env|touch X",
    "env>X",
    "env!touch",
    "env*?[a]{b,c}~",
    "env\\back#slash",
    "env<(touch X)",
    "envé (x)",
];

/// Types lines into a shell on a new terminal. Completion uses the real program, but the command `vault` is replaced by
/// one that only records its arguments.
pub(super) fn typed(sandbox: &Sandbox, shell: &str, lines: &[String]) -> Vec<String> {
    let completions = sandbox.home().join("completions");
    std::fs::write(&completions, sandbox.run(["completions", shell]).ok().stdout).unwrap();
    let setup = if shell == "zsh" { "autoload -U compinit; compinit -D -u; " } else { "" };
    typed_after(sandbox, shell, &format!("{setup}source {}", completions.display()), lines)
}

/// Does the same after running a line that loads the completion.
fn typed_after(sandbox: &Sandbox, shell: &str, setup: &str, lines: &[String]) -> Vec<String> {
    let bin = sandbox.home().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let given = sandbox.home().join("given");
    let program = program().display().to_string();
    let script = format!(
        "#!/bin/sh\n[ -z \"${{VAULT_COMPLETE-}}\" ] || exec '{program}' \"$@\"\nfor word; do printf '%s\\n' \"$word\"; done >>'{}'\n",
        given.display()
    );
    let wrapper = bin.join("vault");
    std::fs::write(&wrapper, script).unwrap();
    std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(&given, "").unwrap();
    let start = match shell {
        "bash" => "bash --norc -i",
        "zsh" => "zsh -f -i",
        _ => "fish --no-config -i",
    };
    let mut input = format!("{setup}\n");
    for line in lines {
        input += line;
        input.push('\n');
    }
    input += "exit\n";
    let mut command = sandbox.other("timeout", ["300", "script", "-qec", start, "/dev/null"]);
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())).env("TERM", "dumb");
    feed(command, input.as_bytes());
    std::fs::read_to_string(given).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn an_installed_script_is_found_by_its_shell() {
    const BASH: &str = "/usr/share/bash-completion/bash_completion";
    let setups = [
        ("bash", ".local/share/bash-completion/completions/vault", format!("source {BASH}")),
        (
            "zsh",
            ".local/share/zsh/site-functions/_vault",
            "fpath=(~/.local/share/zsh/site-functions $fpath); autoload -U compinit; compinit -D -u".to_owned(),
        ),
        ("fish", ".config/fish/completions/vault.fish", "set fish_complete_path ~/.config/fish/completions".to_owned()),
    ];
    for (shell, path, setup) in setups {
        let sandbox = vault();
        // fpath has no directory of this machine, only those of the test.
        std::fs::write(sandbox.home().join(".zshenv"), "fpath=()\n").unwrap();
        if shell == "zsh" && !has("zsh") {
            continue;
        }
        let path = sandbox.home().join(path);
        sandbox.run(["completions", shell, "--install"]).ok().says(&format!("Installed {}", path.display()));
        let script = std::fs::read(&path).unwrap();
        assert_eq!(script, sandbox.run(["completions", shell]).ok().stdout);
        sandbox.run(["completions", shell, "--install"]).ok().says("is up to date.");
        std::fs::write(&path, "# VAULT_COMPLETE, of an older version").unwrap();
        sandbox.run(["completions", shell, "--install"]).ok().says("Installed");
        assert_eq!(std::fs::read(&path).unwrap(), script);
        if has(shell) && has("script") && (shell != "bash" || std::path::Path::new(BASH).exists()) {
            let given = typed_after(&sandbox, shell, &setup, &["vault env rm pr\t".to_owned()]);
            assert_eq!(given, ["env", "rm", "prod"], "{shell}");
        }
        // Another program of this name has its own completion.
        std::fs::write(&path, "complete -C /usr/bin/vault vault").unwrap();
        let run = sandbox.run(["completions", shell, "--install"]);
        run.fails(1).says("is the completion of another program called vault");
        assert_eq!(std::fs::read(&path).unwrap(), b"complete -C /usr/bin/vault vault");
    }
}

#[test]
fn the_install_path_and_the_shell_are_detected() {
    let sandbox = Sandbox::empty();
    let install = |arguments: &[&str], variables: &[(&str, &std::path::Path)]| {
        let mut command = sandbox.command([&["completions", "--install"], arguments].concat());
        command.envs(variables.iter().copied());
        finish(command)
    };
    let (home, fish) = (sandbox.home(), std::path::Path::new("/usr/bin/fish"));
    install(&[], &[]).fails(2).says("can't tell which shell you use").says("vault completions bash --install");
    install(&[], &[("SHELL", fish)]).ok().says(".config/fish/completions/vault.fish");
    install(&["fish"], &[("XDG_CONFIG_HOME", &home.join("c"))]).ok().says("/c/fish/completions/vault.fish; new shells");
    install(&["bash"], &[("BASH_COMPLETION_USER_DIR", &home.join("b"))]).ok().says("/b/completions/vault; new shells");
    install(&["bash"], &[("XDG_DATA_HOME", &home.join("d"))]).ok().says("/d/bash-completion/completions/vault");
    install(&["elvish"], &[]).fails(2).says("--install is for bash, zsh and fish");
    if !has("zsh") {
        return;
    }
    // The parent shell counts more than the login shell.
    let functions = home.join("functions");
    std::fs::write(home.join(".zshenv"), format!("fpath=(/absent {})\n", functions.display())).unwrap();
    let line = format!("'{}' completions --install; :", program().display());
    let from_zsh = || {
        let mut zsh = sandbox.other("zsh", ["-c", &line]);
        zsh.env("SHELL", "/usr/bin/fish");
        finish(zsh).ok()
    };
    if cfg!(target_os = "linux") {
        from_zsh()
            .says("/.local/share/zsh/site-functions/_vault")
            .says("hint: add this line to ~/.zshrc")
            .says("  fpath=(");
        std::fs::write(home.join(".zshrc"), "fpath=(~/.local/share/zsh/site-functions $fpath)\n").unwrap();
        assert_eq!(from_zsh().stderr.lines().count(), 1);
        std::fs::create_dir(&functions).unwrap();
        let run = from_zsh().says("functions/_vault; new shells load it.");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(functions.join("_vault").exists());
        // A system-wide directory is used if it belongs to the user, but never just because root can write everywhere.
        let shared = sandbox.project().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::write(home.join(".zshenv"), format!("fpath=({})\n", shared.display())).unwrap();
        match rustix::process::geteuid().is_root() {
            true => drop(from_zsh().says("/.local/share/zsh/site-functions/_vault")),
            false => drop(from_zsh().says("shared/_vault; new shells of every user load it.")),
        }
        assert_eq!(shared.join("_vault").exists(), !rustix::process::geteuid().is_root());
    }
}

/// After completion, the shell passes exactly the file's name, and has run nothing.
fn completes(shell: &str) {
    if !has(shell) || !has("script") {
        return;
    }
    let sandbox = vault();
    let mut lines = Vec::new();
    for (number, name) in HOSTILE.iter().enumerate() {
        let directory = sandbox.project().join(format!("d{number}"));
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join(name), "").unwrap();
        // A name with a line break is never offered.
        std::fs::write(directory.join("env\n;touch X;"), "").unwrap();
        lines.push(format!("cd {}", directory.display()));
        lines.push("vault import env\t".to_owned());
    }
    let given = typed(&sandbox, shell, &lines);
    let expected: Vec<_> = HOSTILE.iter().flat_map(|name| ["import", name]).collect();
    assert_eq!(given, expected, "{shell}");
    for (number, name) in HOSTILE.iter().enumerate() {
        let left = std::fs::read_dir(sandbox.project().join(format!("d{number}"))).unwrap().count();
        assert_eq!(left, 2, "{shell} ran {name:?}");
    }
}

#[test]
fn bash_completes_hostile_file_names_as_names() {
    completes("bash");
}

#[test]
fn zsh_completes_hostile_file_names_as_names() {
    completes("zsh");
}

#[test]
fn fish_completes_hostile_file_names_as_names() {
    completes("fish");
}

#[test]
fn a_word_that_starts_with_quotes_or_backslashes_is_completed() {
    for shell in ["bash", "zsh", "fish"] {
        if !has(shell) || !has("script") {
            continue;
        }
        let sandbox = vault();
        sandbox.write("my values $x.env", "");
        let lines =
            [r"vault import my\ val", "vault import 'my val", "vault import \"my val"].map(|line| format!("{line}\t"));
        let given = typed(&sandbox, shell, &lines);
        assert_eq!(given, ["import", "my values $x.env"].repeat(3), "{shell}");
    }
}

#[test]
fn a_file_named_like_an_option_is_completed_as_a_file() {
    let sandbox = Sandbox::empty();
    sandbox.write("--delete-source", "");
    assert_eq!(offered(&sandbox, &["import", ""]), ["./--delete-source"]);
    assert_eq!(offered(&sandbox, &["import", "--del"]), ["./--delete-source", "--delete-source"], "the option itself");
}

#[test]
fn an_unknown_shell_is_refused_and_not_repeated() {
    let sandbox = Sandbox::with_vault();
    let mut command = sandbox.command(["ls"]);
    command.env("VAULT_COMPLETE", sandbox.key());
    let run = finish(command).fails(2).says("VAULT_COMPLETE does not name a known shell");
    assert!(!run.stderr.contains("AGE-SECRET") && run.stdout.is_empty(), "{run:?}");
}

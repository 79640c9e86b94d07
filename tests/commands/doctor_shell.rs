//! `doctor` and the user's shell: completion and the hook, wherever the user's variables put the shell's files.

use super::doctor::{found, remedy};
use crate::harness::{Sandbox, finish, has};
use std::path::Path;

#[test]
fn missing_completion_and_hook_are_notes() {
    let sandbox = Sandbox::with_vault();
    let doctor = |shell: &str| {
        let mut doctor = sandbox.command(["doctor", "--json"]);
        doctor.env("SHELL", shell);
        found(&finish(doctor).ok())
    };
    let shells = [
        ("bash", ".bashrc", "bash-completion/completions/vault"),
        ("zsh", ".zshrc", "zsh/site-functions/_vault"),
        ("fish", ".config/fish/config.fish", "fish/vendor_completions.d/vault.fish"),
    ];
    for (shell, start, shared) in shells {
        // The machine may have a system-wide completion for vault.
        if ["/usr/share", "/usr/local/share"].iter().any(|directory| Path::new(directory).join(shared).exists()) {
            continue;
        }
        let path = format!("/bin/{shell}");
        let lacking = [format!("note completion {shell}"), format!("note shell-hook {shell}")];
        assert!(doctor(&path).ends_with(&lacking), "{shell}: {:?}", doctor(&path));
        let start = sandbox.home().join(start);
        std::fs::create_dir_all(start.parent().unwrap()).unwrap();
        std::fs::write(&start, format!("# vault hook {shell}\neval \"$(/usr/bin/vault completions {shell})\"\n"))
            .unwrap();
        assert_eq!(doctor(&path), lacking[1..]);
        std::fs::write(&start, format!("vault hook {shell} | source\nvault completions {shell} | source\n")).unwrap();
        assert!(doctor(&path).is_empty(), "{shell}");
    }
    assert!(doctor("/bin/sh").is_empty());
}

#[test]
fn completion_and_hook_are_found_where_the_variables_point() {
    for shell in ["bash", "zsh", "fish"] {
        if !has(shell) {
            continue;
        }
        let sandbox = Sandbox::with_vault();
        let home = sandbox.home();
        // fpath of zsh has no directory of this machine, only those of the test.
        let (zsh, fish) = (home.join("z d"), home.join("c/fish"));
        std::fs::create_dir_all(&fish).unwrap();
        std::fs::create_dir(&zsh).unwrap();
        std::fs::write(zsh.join(".zshenv"), "fpath=()\n").unwrap();
        let run = |mut command: std::process::Command| {
            command.env("XDG_CONFIG_HOME", home.join("c")).env("XDG_DATA_HOME", home.join("d"));
            command.env("ZDOTDIR", &zsh).env("SHELL", format!("/usr/bin/{shell}"));
            finish(command).ok()
        };
        run(sandbox.command(["completions", shell, "--install"]));
        let lacking = run(sandbox.command(["doctor", "--json"]));
        assert_eq!(found(&lacking), [format!("note shell-hook {shell}")]);
        // The remedy writes into the file that this shell reads.
        run(sandbox.other(shell, ["-c", &remedy(&lacking, "shell-hook")]));
        let start = match shell {
            "bash" => home.join(".bashrc"),
            "zsh" => zsh.join(".zshrc"),
            _ => fish.join("config.fish"),
        };
        assert!(std::fs::read_to_string(start).unwrap().contains("vault hook"), "{lacking:?}");
        assert_eq!(found(&run(sandbox.command(["doctor", "--json"]))), [""; 0], "{shell}");
    }
}

#[test]
fn completion_in_a_directory_that_only_zsh_knows_is_found() {
    if !has("zsh") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let functions = sandbox.home().join("functions");
    std::fs::create_dir(&functions).unwrap();
    std::fs::write(sandbox.home().join(".zshenv"), format!("fpath=({})\n", functions.display())).unwrap();
    sandbox.run(["completions", "zsh", "--install"]).ok().says("functions/_vault");
    let doctor = || {
        let mut doctor = sandbox.command(["doctor", "--json"]);
        doctor.env("SHELL", "/bin/zsh");
        found(&finish(doctor).ok())
    };
    assert_eq!(doctor(), ["note shell-hook zsh"]);
    // A completion for another program called vault doesn't count.
    std::fs::write(functions.join("_vault"), "complete -C /usr/bin/vault vault\n").unwrap();
    assert_eq!(doctor(), ["note completion zsh", "note shell-hook zsh"]);
}

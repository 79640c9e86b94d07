//! After `exec`, the command completes its own arguments.

use super::shells::typed;
use super::vault;
use crate::harness::has;

/// A program with its own completion, which works only at the beginning of a line.
const COMPLETED: [(&str, &str); 3] = [
    (
        "bash",
        "_tool() { [[ $COMP_LINE == 'tool che'* && $COMP_CWORD == 1 && ${#COMP_LINE} == $COMP_POINT && $3 == tool ]] && \
         COMPREPLY=($(compgen -W 'checkout other' -- \"$2\")); }; complete -F _tool tool",
    ),
    ("zsh", "_tool() { [[ $CURRENT == 2 && $words[1] == tool ]] && compadd checkout other }; compdef _tool tool"),
    ("fish", "complete -c tool -n 'test (count (commandline -opc)) = 1' -f -a 'checkout other'"),
];

#[test]
fn after_exec_the_command_completes_its_own_arguments() {
    for (shell, own) in COMPLETED {
        if !has(shell) || !has("script") {
            continue;
        }
        let sandbox = vault();
        let tool = sandbox.home().join("tool");
        std::fs::write(&tool, "#!/bin/sh\n").unwrap();
        let typed_words = ["exec -- tool", "exec tool", "-e dev run --only A -- tool"];
        let mut lines = vec![own.replace('\n', " ")];
        lines.extend(typed_words.map(|words| format!("vault {words} che\t")));
        let given = typed(&sandbox, shell, &lines);
        let expected: Vec<&str> = typed_words.iter().flat_map(|words| words.split(' ').chain(["checkout"])).collect();
        assert_eq!(given, expected, "{shell}");
    }
}

#[test]
fn git_completion_works_after_exec() {
    const BASH: &str = "/usr/share/bash-completion/completions/git";
    // Without its configuration, fish finds no completions.
    const FISH: &str =
        "set fish_complete_path $__fish_data_dir/completions; set fish_function_path $__fish_data_dir/functions";
    for (shell, own) in [("bash", format!("source {BASH}")), ("zsh", ":".to_owned()), ("fish", FISH.to_owned())] {
        if !has(shell) || !has("script") || !has("git") || shell == "bash" && !std::path::Path::new(BASH).is_file() {
            continue;
        }
        let given = typed(&vault(), shell, &[own, "vault exec -- git checko\t".to_owned()]);
        assert_eq!(given, ["exec", "--", "git", "checkout"], "{shell}");
    }
}

#[test]
fn a_command_without_its_own_completion_completes_files_and_is_not_run() {
    for shell in ["bash", "zsh", "fish"] {
        if !has(shell) || !has("script") {
            continue;
        }
        let sandbox = vault();
        sandbox.write("env$(touch X)", "");
        let lines =
            ["vault exec -- cat env\t", "vault exec -- 'no such;touch X' env\t", "vault exec -- '$(touch X)' env\t"];
        let given = typed(&sandbox, shell, &lines.map(str::to_owned));
        assert_eq!(given[..4], ["exec", "--", "cat", "env$(touch X)"], "{shell}: {given:?}");
        assert!(!sandbox.project().join("X").exists(), "{shell}");
    }
}

//! Starts an interactive shell whose prompt shows its environments. The shell reads the user's own start-up files
//! first: bash gets another start-up file, zsh another directory for the first of its files, fish a command, and other
//! shells PS1.

use crate::settings::Variable;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// How to start such a shell.
#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    /// The command line.
    pub words: Vec<OsString>,
    /// Additional environment variables.
    pub variables: Vec<(String, String)>,
    /// A file that must exist, with its text, which is the same for every user.
    pub file: Option<(PathBuf, &'static str)>,
}

/// Returns how to start this shell. `directory` belongs to vault, `environments` are shown in the prompt, and `zdotdir`
/// is the current directory of zsh's start-up files.
#[must_use]
pub fn start(shell: &OsStr, directory: &Path, environments: &str, zdotdir: Option<&str>) -> Start {
    let plain = |words: &[&OsStr]| words.iter().map(|word| (*word).to_owned()).collect();
    let mut variables = vec![(Variable::InShell.name().to_owned(), environments.to_owned())];
    let name = Path::new(shell).file_name().and_then(OsStr::to_str).unwrap_or_default();
    match name {
        "bash" => {
            let file = directory.join("bashrc");
            let words = plain(&[shell, "--rcfile".as_ref(), file.as_os_str()]);
            Start { words, variables, file: Some((file, BASH)) }
        }
        "zsh" => {
            let Some(directory) = directory.join("zsh").to_str().map(str::to_owned) else {
                return Start { words: plain(&[shell]), variables, file: None };
            };
            let file = Path::new(&directory).join(".zshenv");
            variables.push((Variable::Zdotdir.name().to_owned(), directory));
            // It is set even if zsh had no directory of its own: otherwise an item of that name would choose one.
            variables.push((Variable::ZdotdirBefore.name().to_owned(), zdotdir.unwrap_or_default().to_owned()));
            Start { words: plain(&[shell]), variables, file: Some((file, ZSH)) }
        }
        "fish" => {
            let words = plain(&[shell, "--init-command".as_ref(), FISH.as_ref()]);
            Start { words, variables, file: None }
        }
        _ => {
            variables.push(("PS1".to_owned(), format!("(vault: {environments}) $ ")));
            Start { words: plain(&[shell]), variables, file: None }
        }
    }
}

/// The prompt is checked each time, because a theme sets it again each time. A newline is a safe separator, whatever
/// PROMPT_COMMAND ends with.
const BASH: &str = r#"# Written by vault shell: runs your own start-up file, then sets the prompt.
if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
_vault_prompt() {
  case "${PS1-}" in
    *"(vault: ${VAULT_SHELL-}) "*) ;;
    *) PS1="(vault: ${VAULT_SHELL-}) ${PS1-}" ;;
  esac
}
if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
  PROMPT_COMMAND+=(_vault_prompt)
else
  PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND
}_vault_prompt"
fi
"#;

/// Once ZDOTDIR is restored, zsh reads its other start-up files from there.
const ZSH: &str = r#"# Written by vault shell: runs your own start-up files, then sets the prompt.
if [[ -n ${VAULT_SHELL_ZDOTDIR-} ]]; then
  export ZDOTDIR="$VAULT_SHELL_ZDOTDIR"
else
  unset ZDOTDIR
fi
unset VAULT_SHELL_ZDOTDIR
if [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]]; then . "${ZDOTDIR:-$HOME}/.zshenv"; fi
_vault_prompt() {
  emulate -L zsh
  local text="(vault: ${VAULT_SHELL-}) "
  [[ $PROMPT == *"$text"* ]] || PROMPT="$text$PROMPT"
  [[ ${precmd_functions[-1]} == _vault_prompt ]] || precmd_functions=(${precmd_functions:#_vault_prompt} _vault_prompt)
}
typeset -ga precmd_functions
precmd_functions+=(_vault_prompt)
"#;

const FISH: &str = r"functions -q __vault_prompt_before; or functions -c fish_prompt __vault_prompt_before
function __vault_status; return $argv[1]; end
function fish_prompt
  set -l before $status
  printf '(vault: %s) ' $VAULT_SHELL
  __vault_status $before
  __vault_prompt_before
end";

#[cfg(test)]
mod tests {
    use super::*;

    fn started(shell: &str, zdotdir: Option<&str>) -> Start {
        start(OsStr::new(shell), Path::new("/state/shell"), "dev,prod", zdotdir)
    }

    fn variable<'a>(start: &'a Start, name: &str) -> Option<&'a str> {
        start.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn each_shell_is_recognized_by_its_file_name_and_gets_its_own_syntax() {
        let bash = started("/usr/local/bin/bash", None);
        assert_eq!(bash.words, ["/usr/local/bin/bash", "--rcfile", "/state/shell/bashrc"].map(OsString::from));
        assert_eq!(bash.file.as_ref().unwrap().0, Path::new("/state/shell/bashrc"));
        let zsh = started("zsh", Some("/home/mia/zsh"));
        assert_eq!(variable(&zsh, "ZDOTDIR"), Some("/state/shell/zsh"));
        assert_eq!(variable(&zsh, Variable::ZdotdirBefore.name()), Some("/home/mia/zsh"));
        assert!(ZSH.contains(Variable::ZdotdirBefore.name()));
        assert_eq!(zsh.file.unwrap().0, Path::new("/state/shell/zsh/.zshenv"));
        // Set, so that no item determines where zsh reads its files.
        assert_eq!(variable(&started("/bin/zsh", None), Variable::ZdotdirBefore.name()), Some(""));
        let dash = started("/bin/dash", None);
        assert_eq!((variable(&dash, "PS1"), dash.words.len()), (Some("(vault: dev,prod) $ "), 1));
        for shell in ["bash", "zsh", "fish", "/bin/sh"] {
            assert_eq!(variable(&started(shell, None), "VAULT_SHELL"), Some("dev,prod"), "{shell}");
        }
    }

    #[test]
    fn e6_no_item_can_be_named_like_a_variable_that_a_start_up_file_reads() {
        for text in [BASH, ZSH, FISH] {
            let words = text.split(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
            let names: Vec<_> = words.filter(|word| word.starts_with("VAULT_")).collect();
            assert!(!names.is_empty());
            for name in names {
                assert!(crate::dangerous::is_dangerous(name), "{name}");
            }
        }
    }
}

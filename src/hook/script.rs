//! The code that a shell runs: first the hook itself, later the commands that set and unset variables.

use super::{Loaded, Seen};
use crate::format::export::{self, Format, Item};
use crate::path::shell_word;
use crate::settings::Variable;
use crate::settings::shells::Shell;
use std::path::Path;

impl Shell {
    fn format(self) -> Format {
        match self {
            Self::Bash | Self::Zsh => Format::Shell,
            Self::Fish => Format::Fish,
        }
    }

    /// Returns the code that sets these variables, and the names that this shell can't set.
    #[must_use]
    pub fn set(self, items: &[Item<'_>]) -> export::Written {
        export::write_carried(self.format(), items)
    }

    /// Returns the code that restores each variable's previous value, except for those in `kept`.
    #[must_use]
    pub fn restore(self, last: &Loaded, kept: Option<&Loaded>) -> Vec<u8> {
        let mut code = Vec::new();
        for (name, before) in last.before(kept) {
            match before {
                Some(value) => {
                    let item = Item { name, value: &value, is_variable: true, note: None };
                    code.extend_from_slice(self.set(&[item]).text.as_ref());
                }
                None => code.extend_from_slice(self.unset(name).as_bytes()),
            }
        }
        code
    }

    /// Returns the code with which the shell stores what it has to remember.
    #[must_use]
    pub fn remember(self, seen: Option<&Seen>) -> String {
        let name = Variable::Hook.name();
        let text = seen.map(Seen::to_text).unwrap_or_default();
        match self {
            Self::Bash | Self::Zsh => format!("export {name}='{text}'\n"),
            Self::Fish => format!("set -gx {name} '{text}';\n"),
        }
    }

    fn unset(self, name: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("unset {name}\n"),
            Self::Fish => format!("set -e {name};\n"),
        }
    }
}

/// Returns the hook: code for the shell's start-up file that runs this program at each prompt. The code turns `set -x`
/// off while it handles the program's output, because that contains values.
#[must_use]
pub fn script(shell: Shell, program: &Path) -> String {
    let template = match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
    };
    template.replace("PROGRAM", &shell_word(program))
}

/// PROMPT_COMMAND is a string, or an array from bash 5.1 on. `local -` restores the option, where bash has it (4.4).
const BASH: &str = r#"export VAULT_HOOK="${VAULT_HOOK-}"
_vault_hook() {
  local status=$?
  if ((BASH_VERSINFO[0] > 4)); then { local -; set +x; } 2>/dev/null; fi
  eval "$(PROGRAM hook-env bash)"
  return "$status"
}
if [[ ";${PROMPT_COMMAND[*]-};" != *_vault_hook* ]]; then
  if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
    PROMPT_COMMAND=(_vault_hook "${PROMPT_COMMAND[@]}")
  else
    PROMPT_COMMAND="_vault_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
  fi
fi
"#;

const ZSH: &str = r#"export VAULT_HOOK="${VAULT_HOOK-}"
_vault_hook() {
  setopt local_options no_xtrace
  eval "$(PROGRAM hook-env zsh)"
}
typeset -ga precmd_functions chpwd_functions
if (( ! ${precmd_functions[(I)_vault_hook]} )); then
  precmd_functions=(_vault_hook $precmd_functions)
fi
if (( ! ${chpwd_functions[(I)_vault_hook]} )); then
  chpwd_functions=(_vault_hook $chpwd_functions)
fi
"#;

const FISH: &str = r#"set -q VAULT_HOOK; or set -gx VAULT_HOOK ''
function __vault_hook --on-event fish_prompt --on-variable PWD
  set -l fish_trace
  status is-interactive; and PROGRAM hook-env fish | source
end
"#;

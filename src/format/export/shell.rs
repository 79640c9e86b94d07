//! `export NAME='...'` for sh, dash, bash and zsh.

use super::Item;
use super::encoding::{Encoding, HOLDS_NUL, Refusal};
use crate::format::buffer::Buffer;

pub(super) struct Shell;

impl Encoding for Shell {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        if item.value.contains(&0) {
            return Err(HOLDS_NUL);
        }
        if SPECIAL.contains(&item.name) || IN_USE.contains(&item.name) {
            return Err("bash or zsh uses that variable itself");
        }
        out.push("export ");
        out.push(item.name);
        out.push("=");
        quote(item.value, out);
        out.push("\n");
        Ok(())
    }
}

/// Quotes a value. Between single quotes, a POSIX shell takes every byte literally except the quote. `'\''` ends the
/// quoted part, adds a quote and starts a new part (POSIX.1-2024, 2.2.2). This is the simplest quoting, and it makes no
/// copy of the value.
pub(super) fn quote(bytes: &[u8], out: &mut Buffer) {
    out.push("'");
    for (index, part) in bytes.split(|byte| *byte == b'\'').enumerate() {
        if index > 0 {
            out.push(r"'\''");
        }
        out.push(part);
    }
    out.push("'");
}

/// Variables that an interactive shell uses itself: its directory (`cd -`), and zsh's prompts, which it doesn't export.
/// Setting them would break the shell, and the hook couldn't restore their values. The last ones end an idle shell, or
/// change its syntax, its history or its editor at once.
const IN_USE: &[&str] = &[
    "PWD",
    "OLDPWD",
    "PROMPT",
    "PROMPT2",
    "PROMPT3",
    "PROMPT4",
    "RPROMPT2",
    "RPS2",
    "SPROMPT",
    "prompt",
    "TMOUT",
    "BASH_COMPAT",
    "POSIXLY_CORRECT",
    "HISTCONTROL",
    "HISTIGNORE",
    "HISTTIMEFORMAT",
    "zle_highlight",
];

/// Variables that bash 5.2 or zsh 5.9 won't set to arbitrary text: they are read-only, computed, numeric or tied to an
/// array. Setting the first one, `USERNAME`, in a root zsh even changes the user that the shell runs as.
const SPECIAL: &[&str] = &[
    "USERNAME",
    "UID",
    "EUID",
    "GID",
    "EGID",
    "PPID",
    "SHLVL",
    "_",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "LINENO",
    "OPTIND",
    "HISTCMD",
    "HISTSIZE",
    "SAVEHIST",
    "HISTCHARS",
    "histchars",
    "COLUMNS",
    "LINES",
    "GROUPS",
    "DIRSTACK",
    "FUNCNAME",
    "FUNCNEST",
    "SHELLOPTS",
    "BASHOPTS",
    "BASHPID",
    "BASH_ALIASES",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_CMDS",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "ARGC",
    "KEYBOARD_HACK",
    "KEYTIMEOUT",
    "LISTMAX",
    "MAILCHECK",
    "TRY_BLOCK_ERROR",
    "TRY_BLOCK_INTERRUPT",
    "TTYIDLE",
    "WATCH",
    "ZSH_EVAL_CONTEXT",
    "ZSH_SUBSHELL",
    "aliases",
    "argv",
    "builtins",
    "cdpath",
    "commands",
    "dirstack",
    "dis_aliases",
    "dis_builtins",
    "dis_functions",
    "dis_functions_source",
    "dis_galiases",
    "dis_patchars",
    "dis_reswords",
    "dis_saliases",
    "fignore",
    "fpath",
    "funcfiletrace",
    "funcsourcetrace",
    "funcstack",
    "functions",
    "functions_source",
    "functrace",
    "galiases",
    "history",
    "historywords",
    "jobdirs",
    "jobstates",
    "jobtexts",
    "keymaps",
    "mailpath",
    "manpath",
    "module_path",
    "modules",
    "nameddirs",
    "options",
    "parameters",
    "patchars",
    "path",
    "pipestatus",
    "psvar",
    "reswords",
    "saliases",
    "signals",
    "status",
    "termcap",
    "terminfo",
    "userdirs",
    "usergroups",
    "watch",
    "widgets",
    "zsh_eval_context",
    "zsh_scheduled_events",
];

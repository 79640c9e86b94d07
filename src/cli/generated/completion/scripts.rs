//! The completion scripts for bash, zsh and fish. The program says where the command of `exec` is, on a line that
//! begins with a tab, as no candidate does. Then the shell completes that command's arguments as it would without
//! vault.

use std::io::{Error, Write};

/// Writes a script for a program.
pub fn write(script: &str, [var, name, bin, completer]: [&str; 4], out: &mut dyn Write) -> Result<(), Error> {
    let script = script.replace("COMPLETER", completer).replace("VAR", var).replace("BIN", bin).replace("NAME", name);
    out.write_all(script.trim_start().as_bytes())
}

/// The words come from COMP_WORDS. For the word at the cursor, bash passes the part before the cursor without its
/// opening quote. Each candidate is a line, so the shell neither splits nor expands it. For 1,000 candidates, the loop
/// takes 20 ms longer than mapfile, but the bash of macOS (3.2) has no mapfile.
///
/// bash has no function that completes another command. (bash-completion has one, but many systems lack it.) So the
/// words before the command are removed here. The command's name is used only if it is a plain word.
pub const BASH: &str = r#"
_clap_complete_NAME() {
    local words=("${COMP_WORDS[@]}") quote="" line
    case ${COMP_WORDS[COMP_CWORD]} in
        \"*) quote=\" ;;
        \'*) quote=\' ;;
    esac
    words[COMP_CWORD]="$quote$2"
    COMPREPLY=()
    if ((BASH_VERSINFO[0] > 3)); then
        mapfile -t COMPREPLY < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAR=bash COMPLETER -- "${words[@]}" 2>/dev/null)
    else
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAR=bash COMPLETER -- "${words[@]}" 2>/dev/null)
    fi
    if [[ ${COMPREPLY[0]-} == $'\t'* ]]; then
        line=${COMPREPLY[0]#$'\t'}
        COMPREPLY=("${COMPREPLY[@]:1}")
        [[ $line =~ ^[0-9]+$ ]] && _clap_complete_NAME_command "$line" "$2" && return
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
_clap_complete_NAME_command() {
    local first=$1 index cut own program=${COMP_WORDS[$1]##*/}
    [[ $program =~ ^[A-Za-z0-9_][A-Za-z0-9_.+-]*$ ]] || return
    own=$(complete -p "$program" 2>/dev/null)
    if [[ -z $own ]]; then
        if declare -F _comp_load >/dev/null; then
            _comp_load "$program" &>/dev/null
        elif declare -F _completion_loader >/dev/null; then
            _completion_loader "$program" &>/dev/null
        fi
        own=$(complete -p "$program" 2>/dev/null)
    fi
    [[ $own =~ " -F "([^[:space:]]+) ]] || return
    own=${BASH_REMATCH[1]}
    local rest=$COMP_LINE point=$COMP_POINT words=("${COMP_WORDS[@]:first}")
    for ((index = 0; index <= first; index++)); do
        cut=${rest%%"${COMP_WORDS[index]}"*}
        ((index == first)) || cut+=${COMP_WORDS[index]}
        rest=${rest:${#cut}}
        ((point -= ${#cut}))
    done
    local COMP_LINE=$rest COMP_POINT=$point COMP_CWORD=$((COMP_CWORD - first)) COMP_WORDS
    COMP_WORDS=("${words[@]}")
    COMPREPLY=()
    "$own" "$program" "$2" "${COMP_WORDS[COMP_CWORD - 1]}"
    return 0
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o bashdefault -o nosort -F _clap_complete_NAME BIN
else
    complete -o bashdefault -F _clap_complete_NAME BIN
fi
"#;

/// In a directory of fpath, the file is the body of a function, and the first call already has to complete. Otherwise
/// it registers itself. The loop only runs if there are directories, because it takes long for 1,000 candidates.
pub const ZSH: &str = r#"
#compdef BIN
_clap_dynamic_completer_NAME() {
    local -a completions dirs other
    local completion value
    completions=("${(@f)$(_CLAP_COMPLETE_INDEX=$(( CURRENT - 1 )) VAR=zsh COMPLETER -- "${words[@]}" 2>/dev/null)}")
    if [[ $completions[1] == $'\t'<-> ]]; then
        value=${completions[1]#$'\t'}
        words=("${(@)words[value + 1, -1]}")
        (( CURRENT -= value ))
        _normal
        return
    fi
    if (( ! ${completions[(I)*/(|:*)]} )); then
        other=($completions)
        completions=()
    fi
    for completion in $completions; do
        value=${completion%%:*}
        if [[ $value == */ ]]; then
            dirs+=("${value%/}${completion#"$value"}")
        else
            other+=("$completion")
        fi
    done
    [[ -n $dirs ]] && _describe -V 'values' dirs -S '/' -r '/'
    [[ -n $other ]] && _describe -V 'values' other
}
if [[ $funcstack[1] == _NAME ]]; then
    _clap_dynamic_completer_NAME "$@"
else
    compdef _clap_dynamic_completer_NAME BIN
fi
"#;

/// fish quotes the words that it passes to itself. The word at the cursor stays as it was typed.
pub const FISH: &str = r#"
function __NAME_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l found (VAR=fish COMPLETER -- $words "$current" 2>/dev/null)
    if string match --quiet --regex '^\t[0-9]+$' -- "$found[1]"
        set -l first (math (string trim -- $found[1]) + 1)
        complete --do-complete (string join ' ' -- (string escape -- $words[$first..-1]) "$current")
    else if set --query found[1]
        printf '%s\n' $found
    end
end
complete --keep-order --exclusive --command BIN --arguments '(__NAME_complete)'
"#;

_clap_complete_vault() {
    local words=("${COMP_WORDS[@]}") quote="" line
    case ${COMP_WORDS[COMP_CWORD]} in
        \"*) quote=\" ;;
        \'*) quote=\' ;;
    esac
    words[COMP_CWORD]="$quote$2"
    COMPREPLY=()
    if ((BASH_VERSINFO[0] > 3)); then
        mapfile -t COMPREPLY < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAULT_COMPLETE=bash vault -- "${words[@]}" 2>/dev/null)
    else
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAULT_COMPLETE=bash vault -- "${words[@]}" 2>/dev/null)
    fi
    if [[ ${COMPREPLY[0]-} == $'\t'* ]]; then
        line=${COMPREPLY[0]#$'\t'}
        COMPREPLY=("${COMPREPLY[@]:1}")
        [[ $line =~ ^[0-9]+$ ]] && _clap_complete_vault_command "$line" "$2" && return
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
_clap_complete_vault_command() {
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
    complete -o bashdefault -o nosort -F _clap_complete_vault vault
else
    complete -o bashdefault -F _clap_complete_vault vault
fi

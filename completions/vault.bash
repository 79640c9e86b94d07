_clap_complete_vault() {
    local words=("${COMP_WORDS[@]}") quote="" line
    case ${COMP_WORDS[COMP_CWORD]} in
        \"*) quote=\" ;;
        \'*) quote=\' ;;
    esac
    words[COMP_CWORD]="$quote$2"
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAULT_COMPLETE=bash vault -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o bashdefault -o nosort -F _clap_complete_vault vault
else
    complete -o bashdefault -F _clap_complete_vault vault
fi

function __vault_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l found (VAULT_COMPLETE=fish vault -- $words "$current" 2>/dev/null)
    if string match --quiet --regex '^\t[0-9]+$' -- "$found[1]"
        set -l first (math (string trim -- $found[1]) + 1)
        complete --do-complete (string join ' ' -- (string escape -- $words[$first..-1]) "$current")
    else if set --query found[1]
        printf '%s\n' $found
    end
end
complete --keep-order --exclusive --command vault --arguments '(__vault_complete)'

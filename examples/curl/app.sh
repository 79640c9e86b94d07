#!/bin/sh
# A vault by curl and jq:
#
#   vault serve                              # prints the address
#   VAULT_URL=http://127.0.0.1:41873/parse VAULT_USERNAME=mia sh app.sh
#
# It asks for the passphrase on standard input. No passphrase, token or value stands on a command line, which every user of this
# machine can read: they go through standard input and a here-document.
set -eu

token=''

# ask METHOD PATH: the body is standard input. Prints the answer; fails if it is an error.
ask() {
    curl --silent --show-error --fail-with-body --request "$1" --data-binary @- --config /dev/fd/3 "$VAULT_URL$2" 3<<END
header = "Content-Type: application/json"
header = "X-Vault-Client: example-curl"
header = "X-Parse-Session-Token: $token"
header = "If-Match: ${version-}"
END
}

# get PATH [PARAMETER...]: each as name=value, which curl encodes.
get() {
    path=$1
    shift
    for parameter in "$@"; do
        set -- "$@" --data-urlencode "$parameter"
        shift
    done
    curl --silent --show-error --fail-with-body --get --config /dev/fd/3 "$@" "$VAULT_URL$path" 3<<END
header = "X-Vault-Client: example-curl"
header = "X-Parse-Session-Token: $token"
END
}

# Says what is wrong, in an answer that is an error, and ends.
fail() {
    printf 'error: %s\n' "$(printf '%s' "$1" | jq -r '[.error, .hint | values] | join("; ")')" >&2
    exit 1
}

sign_in() {
    if [ -t 0 ]; then
        trap 'stty echo; exit 130' INT
        stty -echo
        printf 'Passphrase: ' >&2
    fi
    IFS= read -r passphrase
    if [ -t 0 ]; then
        stty echo
        trap - INT
        echo >&2
    fi
    answer=$(printf '%s' "$passphrase" | jq -Rs '{ username: env.VAULT_USERNAME, password: . }' | ask POST /login) || fail "$answer"
    token=$(printf '%s' "$answer" | jq -r .sessionToken)
    unset passphrase answer
}

sign_in
trap 'ask POST /logout </dev/null >/dev/null' EXIT

# A list has names, kinds and dates, and no value.
found=$(get /classes/Secret 'where={"environment":"dev"}' order=name) || fail "$found"
echo "in dev: $(printf '%s' "$found" | jq -r '[.results[].name] | join(" ")')"

# Reading one object gives its value, and writes it into the access log first.
id=$(printf '%s' "$found" | jq -r '.results[] | select(.name == "TOKEN") | .objectId')
secret=$(get "/classes/Secret/$id") || fail "$secret"
echo "TOKEN has $(printf '%s' "$secret" | jq -j .value | wc -c) bytes"

made=$(echo '{"name":"EXAMPLE","value":"first","environment":"dev"}' | ask POST /classes/Secret) || fail "$made"
id=$(printf '%s' "$made" | jq -r .objectId)
changed=$(echo '{"value":"second"}' | version=1 ask PUT "/classes/Secret/$id") || fail "$changed"
echo "EXAMPLE is now version $(printf '%s' "$changed" | jq -r .version)"

# Somebody who still has version 1 is told so, and overwrites nothing.
if refused=$(echo '{"value":"third"}' | version=1 ask PUT "/classes/Secret/$id" 2>/dev/null); then
    echo 'overwritten' >&2
    exit 1
fi
echo "refused: $(printf '%s' "$refused" | jq -r .error)"

entries=$(get /classes/AccessLog order=-accessTime 'where={"action":"get"}' limit=1 include=secret) || fail "$entries"
printf '%s' "$entries" | jq -r '.results[] | "the log: \(.action) \(.secret.name) by \(.program)"'

removed=$(ask DELETE "/classes/Secret/$id" </dev/null) || fail "$removed"
echo 'removed'

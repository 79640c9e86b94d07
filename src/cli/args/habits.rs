//! Words that people know from other tools, and what to type here instead.

/// Words in place of a command, each with what to type.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["kv", "read", "show", "cat", "print", "secret", "reveal"],
        "to print a value: vault get NAME; to list: vault list",
    ),
    (&["write", "put", "add", "insert"], "to set a value: vault set NAME"),
    (&["update", "change", "modify"], "to set a value: vault set NAME; in your editor: vault edit NAME"),
    (&["delete", "del", "unset"], "to remove an item: vault rm NAME"),
    (&["rename", "move"], "to rename an item: vault mv OLD NEW"),
    (&["copy", "duplicate"], "to copy an item: vault cp NAME ENV/; onto the clipboard: vault get NAME --clip"),
    (&["clip", "clipboard"], "to copy a value onto the clipboard: vault get NAME --clip"),
    (&["qr"], "to show a value as a QR code: vault get NAME --qr"),
    (&["find", "filter"], "to find items: vault list PATTERN"),
    (&["grep"], "to find items by name: vault list PATTERN; values in files: vault scan"),
    (&["login", "signin"], "there is no server to log in to: vault unlock asks for the passphrase once"),
    (&["open", "unseal"], "to enter the passphrase once: vault unlock"),
    (&["seal", "signout", "close"], "to lock it again after vault unlock: vault lock"),
    (
        &["rekey", "updatekeys"],
        "to change your passphrase and keys: vault passwd; to give an item a new value: vault rotate NAME",
    ),
    (&["password", "passphrase"], "to change your passphrase and keys: vault passwd"),
    (
        &["server", "operator", "auth", "policy", "token", "lease", "plugin", "namespace"],
        "this vault is one encrypted file, with no server behind it: vault init; for apps on this machine: vault serve",
    ),
    (
        &["agent", "agents"],
        "an agent keeps your keys after: vault unlock; what the agents hold: vault status --all; to stop it: vault lock",
    ),
    (
        &["encrypt", "decrypt"],
        "the file is always encrypted; to print all values: vault export; to change them: vault edit",
    ),
    (
        &["push", "pull", "sync", "publish"],
        "the vault is a file: git carries it; to set git up for it: vault git setup",
    ),
    (&["backup"], "the vault is one encrypted file: copy it, or commit it; a new recovery key: vault recovery"),
    (&["restore", "revert"], "an earlier value: vault rollback NAME; your last change: vault undo"),
    (&["versions"], "earlier values of an item: vault history NAME"),
    (&["version"], "to see the version: vault --version"),
    (&["new", "create", "setup"], "to create a vault: vault init"),
    (&["audit", "logs"], "the access log: vault log"),
    (&["stats"], "who used what and when, counted: vault log stats"),
    (
        &["validate", "test", "lint"],
        "what files need: vault check; every signature: vault verify; the rest: vault doctor",
    ),
    (&["fsck"], "every signature: vault verify; everything else: vault doctor"),
    (&["whoami", "info", "who"], "to see the vault's file and which user you are: vault status"),
    (&["users", "members", "team", "recipients"], "users and their rights: vault user list"),
    (&["invite", "adduser", "useradd"], "to add a user: vault user add NAME --read ENV"),
    (&["rmuser", "deluser", "userdel", "kick"], "to remove a user: vault user rm NAME"),
    (&["share", "allow-user"], "to let somebody read an environment: vault grant USER ENV"),
    (&["unshare"], "to revoke a right: vault revoke USER ENV"),
    (&["environment", "environments", "envs"], "environments: vault env list"),
    (
        &["use", "select", "switch"],
        "the environment is chosen for each command: vault -e ENV COMMAND; or for a shell: export VAULT_ENV=ENV",
    ),
    (&["config", "configure", "settings"], "there is no configuration file; variables and places: vault man vault"),
    (&["load"], "to read a .env file: vault import .env"),
    (&["inject", "template"], "to fill the references of a file: vault render FILE"),
    (&["dump", "download"], "to print all values: vault export"),
    (&["exec-env", "with"], "to run a command with the values: vault exec -- CMD"),
    (&["exec-file"], "to hand an item to a command as a file: vault exec --file NAME -- CMD"),
    (&["start", "sh"], "to start a shell with the values: vault shell; to run a command: vault exec -- CMD"),
    (&["gen", "pwgen"], "to print a random value: vault generate; to store one: vault set NAME --generate"),
    (&["expire", "expiry"], "what is due: vault list --due; to set a date: vault set NAME --expires 90d"),
    (&["tag", "note", "describe", "annotate"], "to change an item's metadata: vault set NAME --tag TAG --note TEXT"),
    (&["protect"], "to protect an environment: vault env protect ENV"),
    (&["install-hook", "pre-commit"], "to keep values out of commits: vault scan --install-hook"),
    (&["completion"], "to install completion: vault completions --install"),
    (&["keygen", "keys"], "a key for a machine: vault user add NAME --read ENV; a new recovery key: vault recovery"),
];

/// Words after a command that has subcommands.
const BEHIND: &[(&str, &[&str], &str)] = &[
    (
        "env",
        &["use", "select", "switch", "set"],
        "chosen for each command: vault -e ENV COMMAND; or for a shell: export VAULT_ENV=ENV",
    ),
    ("env", &["show", "get", "read", "cat"], "its items: vault list ENV; its values: vault export -e ENV"),
    ("env", &["edit"], "to edit an environment: vault edit ENV"),
    ("env", &["mv", "rename", "move"], "an environment keeps its name: vault env copy OLD NEW, then vault env rm OLD"),
    ("env", &["import", "export"], "vault import FILE -e ENV; vault export -e ENV"),
    ("env", &["grant", "share"], "to let somebody read it: vault grant USER ENV"),
    ("user", &["show", "get", "info"], "users and their rights: vault user list"),
    ("user", &["invite"], "to add a user: vault user add NAME --read ENV"),
    ("user", &["grant", "allow"], "to let somebody read an environment: vault grant USER ENV"),
    ("user", &["revoke", "deny"], "to revoke a right: vault revoke USER ENV"),
    ("user", &["passwd", "password"], "each user changes their own passphrase: vault passwd"),
    ("log", &["tail", "follow", "watch"], "new entries as they come: vault log --follow"),
    ("log", &["search", "find", "grep"], "to filter: vault log --item ENV/NAME --action get --since 7d"),
    (
        "log",
        &["clear", "delete", "rm", "rotate", "prune"],
        "to move old entries out of it: vault log archive --before DATE",
    ),
    ("git", &["install", "init", "config"], "to set git up for the vault: vault git setup"),
    (
        "git",
        &["hook", "hooks", "pre-commit", "install-hook"],
        "to keep values out of commits: vault scan --install-hook",
    ),
    ("git", &["diff"], "what changed since a revision: vault diff"),
    ("git", &["merge"], "what git couldn't merge: vault merge"),
    ("git", &["remove", "uninstall", "rm"], "to undo it: vault git setup --remove"),
];

/// Returns what to type instead of this word. `group` is the command before the word, if any.
pub fn instead(group: Option<&str>, word: &str) -> Option<&'static str> {
    match group {
        Some(group) => BEHIND
            .iter()
            .find(|(command, words, _)| *command == group && words.contains(&word))
            .map(|(_, _, hint)| *hint),
        None => WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, hint)| *hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Returns the names and aliases of a command's subcommands.
    fn names(command: &clap::Command) -> BTreeSet<&str> {
        command.get_subcommands().flat_map(|command| command.get_all_aliases().chain([command.get_name()])).collect()
    }

    #[test]
    fn no_word_is_already_a_command_or_listed_twice() {
        let cli = crate::cli::args::command();
        let mut seen = BTreeSet::new();
        let behind = BEHIND.iter().map(|(group, words, _)| (Some(*group), *words));
        for (group, words) in WORDS.iter().map(|(words, _)| (None, *words)).chain(behind) {
            let command = group.map_or(&cli, |group| cli.find_subcommand(group).unwrap());
            for word in words {
                assert!(!names(command).contains(word), "{group:?} {word} is a command");
                assert!(seen.insert((group, *word)), "{group:?} {word} is there twice");
            }
        }
    }

    #[test]
    fn each_hint_names_an_existing_command() {
        let cli = crate::cli::args::command();
        let hints = WORDS.iter().map(|(_, hint)| *hint).chain(BEHIND.iter().map(|(.., hint)| *hint));
        for hint in hints {
            for (_, rest) in hint.match_indices("vault ").map(|(at, found)| hint.split_at(at + found.len())) {
                let word = rest.split([' ', ';', ':', ',']).next().unwrap();
                let is_prose =
                    hint.contains(&format!("the vault {word}")) || hint.contains(&format!("this vault {word}"));
                assert!(word.starts_with('-') || is_prose || names(&cli).contains(word), "{word}: {hint}");
            }
        }
    }
}

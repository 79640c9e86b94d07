//! Turns the steps in the library's hints into commands.

use super::words::from_here;
use vault::Error;
use vault::error::{Hint, Kind, Remedy};
use vault::path::shell_word;

/// Returns an error's hint.
pub fn hint_of(error: &Error) -> Option<String> {
    error.advice().map(worded)
}

/// Returns the hint for an error that has none of its own. Every error is shown with a hint.
pub fn general_hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed => "fix what the message names, then run the command again",
        Kind::Usage => "vault help lists the commands, and vault help NAME shows how to use one",
        Kind::NotFound => "vault env list, vault list and vault user list show what there is",
        Kind::Unlock => "vault unlock --help shows every way to unlock",
        Kind::Denied => "vault user list shows who may what, and who is an admin and can change it",
        Kind::Integrity => {
            "restore the file from a copy you trust, such as an earlier commit, and tell who else uses it"
        }
        Kind::Busy => "wait for the other command, and run this one again",
    }
}

/// Returns a hint with the commands to type.
pub fn worded(hint: &Hint) -> String {
    hint.worded(command)
}

/// Returns the command for a step. Each step is one line here.
pub fn command(remedy: &Remedy) -> String {
    match remedy {
        Remedy::Accept(hash) => format!("vault verify --accept {hash}"),
        Remedy::AcceptEmpty => "--empty".to_owned(),
        Remedy::AddPrivate(name) => format!("vault env add {name} --private"),
        Remedy::AddRequested(user) => format!("vault user add {user} --keys ..."),
        Remedy::AddUser => "vault user add".to_owned(),
        Remedy::Allow { name, environment } => format!("vault allow --name {name} -e {environment}"),
        Remedy::AllSecret => "--kind secret".to_owned(),
        Remedy::AllowAgent => "unset VAULT_AGENT".to_owned(),
        Remedy::AllowEmpty => "--allow-empty".to_owned(),
        Remedy::AllowFiles => "ulimit -n 1024".to_owned(),
        Remedy::AllowLockedMemory => "ulimit -l".to_owned(),
        Remedy::AllowMemory => "ulimit -v".to_owned(),
        Remedy::AllowProcesses => "ulimit -u".to_owned(),
        Remedy::AllowOnce(name) => format!("--allow-name {name}"),
        Remedy::ChangePassphrase => "vault passwd".to_owned(),
        Remedy::ChangeUsers => "vault user, vault grant, vault env".to_owned(),
        Remedy::CheckAgainst(Some(file)) => format!("vault check --against {}", shell_word(file)),
        Remedy::CheckAgainst(None) => "vault check --against FILE".to_owned(),
        Remedy::ChooseSide(name) => format!("--ours {name} or --theirs {name}"),
        Remedy::ChooseState => "export VAULT_STATE_DIR=/path/to/state".to_owned(),
        Remedy::ChooseVariable => "--as VAR".to_owned(),
        Remedy::Complete(shell) => format!("vault completions {shell} --install"),
        Remedy::CopyItems => "vault cp, vault env copy".to_owned(),
        Remedy::Create => "vault init".to_owned(),
        Remedy::Dialect(name) => format!("--dialect {name}"),
        Remedy::ExportLog => "vault log export -o FILE".to_owned(),
        Remedy::ExportLogFor => "vault log export --for USER FILE".to_owned(),
        Remedy::FinishRenewal(user) => format!("vault user renew {user} --finish"),
        Remedy::Flatten("_") => "--flatten".to_owned(),
        Remedy::Flatten(separator) => format!("--flatten={separator}"),
        Remedy::GenerateWords => "vault generate --words".to_owned(),
        Remedy::GetExact => "vault get NAME -o FILE".to_owned(),
        Remedy::GiveAsFile => "vault exec --file NAME".to_owned(),
        Remedy::GiveKey => "VAULT_KEY, or the name of its file in VAULT_KEY_FILE".to_owned(),
        Remedy::GivePassphrase => "--passphrase-fd N".to_owned(),
        Remedy::GiveReason => "--reason TEXT".to_owned(),
        Remedy::GiveUp(environment) => format!("--empty {environment}"),
        Remedy::Grant { user, rights } => format!("vault grant {user} {rights}"),
        Remedy::GrantRestoring { user, environment } => {
            format!("vault grant {user} {environment}:write --restore {environment}=REF")
        }
        Remedy::HandOver(item) => format!("--file {item}"),
        Remedy::History => "vault history NAME".to_owned(),
        Remedy::Hook(shell, file) => hook(shell, file),
        Remedy::Import => "vault import FILE".to_owned(),
        Remedy::ImportAnyway(file) => format!("vault import - <{}", shell_word(file)),
        Remedy::ImportDecrypted => "sops -d FILE | vault import -".to_owned(),
        Remedy::ImportPiped => "vault import -".to_owned(),
        Remedy::InheritLess => "--pristine".to_owned(),
        Remedy::InputFormat => "--format FORMAT".to_owned(),
        Remedy::InstallScan => "vault scan --install-hook".to_owned(),
        Remedy::Join(Some(user)) => format!("vault join --user {user}"),
        Remedy::Join(None) => "vault join".to_owned(),
        Remedy::LeaveOut(item) => format!("--except {item}"),
        Remedy::KeepOurs(file) => format!("git checkout --ours -- {}", from_here(file)),
        Remedy::List(environment) => format!("vault list -e {environment}"),
        Remedy::ListDue(Some(environment)) => format!("vault list --due -e {environment}"),
        Remedy::ListDue(None) => "vault list --due".to_owned(),
        Remedy::ListEnvironments => "vault env list".to_owned(),
        Remedy::ListItems => "vault list".to_owned(),
        Remedy::ListUsers => "vault user list".to_owned(),
        Remedy::Lock => "vault lock".to_owned(),
        Remedy::LockAll => "vault lock --all".to_owned(),
        Remedy::Merge => "vault merge".to_owned(),
        Remedy::MergeFrom(source) => format!("vault merge --from {source}"),
        Remedy::NameEnvironment => "-e NAME or VAULT_ENV".to_owned(),
        Remedy::NameUser => "--user NAME or VAULT_USER".to_owned(),
        Remedy::NameVault(file) => format!("VAULT_FILE={file}"),
        Remedy::Orphan(environments) => format!("--orphan {environments}"),
        Remedy::Pin => "vault status --pin".to_owned(),
        Remedy::Reach(environments) => format!("-e {}", environments.replace(' ', " -e ")),
        Remedy::ReadAbout(page) => format!("vault man {page}"),
        Remedy::Recover => "VAULT_KEY=... vault passwd".to_owned(),
        Remedy::RemoveEnvironment(name) => format!("vault env rm {name}"),
        Remedy::RemoveItem => "vault rm".to_owned(),
        Remedy::RemoveUser(user) => format!("vault user rm {user}"),
        Remedy::RenameEnvironment(name) => format!("vault env copy {name} NEW && vault env rm {name}"),
        Remedy::Renew(user) => format!("vault user renew {user}"),
        Remedy::Replace => "--force".to_owned(),
        Remedy::ReplaceKey => "vault passwd --key".to_owned(),
        Remedy::ReplaceRecoveryKey => "vault recovery".to_owned(),
        Remedy::RequestKeys => "vault join --request".to_owned(),
        Remedy::Restore(environment) => format!("--restore {environment}=REF"),
        Remedy::ResumeEdit => "vault edit --resume".to_owned(),
        Remedy::Rollback => "vault rollback NAME".to_owned(),
        Remedy::Rotate(item) => format!("vault rotate {item}"),
        Remedy::RotatePiped(item) => format!("CMD | vault rotate {item}"),
        Remedy::ScanFiles => "vault scan PATH".to_owned(),
        Remedy::Set(item) => format!("vault set {item}"),
        Remedy::SetFromFile => "vault set NAME --from-file FILE".to_owned(),
        Remedy::SetRole => "vault user role".to_owned(),
        Remedy::SetToEmpty(item) => format!("vault set {item} --empty"),
        Remedy::SetUpGit => "vault git setup".to_owned(),
        Remedy::SetVariable(item) => format!("vault set {item} --as VAR"),
        Remedy::ShowLog => "vault log -n 5".to_owned(),
        Remedy::Status => "vault status".to_owned(),
        Remedy::StopOnFailure => "set -o pipefail".to_owned(),
        Remedy::TakeOurs(name) => format!("vault merge --ours '{name}/*'"),
        Remedy::TakeOver(file, Some(environment)) => format!("vault import {file} -e {environment} --delete-source"),
        Remedy::TakeOver(file, None) => format!("vault import {file} --delete-source"),
        Remedy::TakeTheirs(name) => format!("vault merge --theirs '{name}/*'"),
        Remedy::Unlock => "vault unlock".to_owned(),
        Remedy::UseVault(file) => format!("--vault {file}"),
        Remedy::Verify => "vault verify".to_owned(),
        Remedy::VerifyAcross => "vault verify --since REF --accept-gap".to_owned(),
        Remedy::ShowSessions => "vault serve sessions".to_owned(),
        Remedy::VerifyLog => "vault log verify".to_owned(),
        Remedy::VerifyNew => "vault verify --since REF --new".to_owned(),
        Remedy::WithoutAgent => "VAULT_AGENT=off".to_owned(),
        Remedy::WriteTo => "-o FILE".to_owned(),
    }
}

/// Returns the command that adds the hook to a shell's start-up file.
fn hook(shell: &str, file: &str) -> String {
    match shell {
        "fish" => format!("echo 'vault hook fish | source' >> {file}"),
        _ => format!("echo 'eval \"$(vault hook {shell})\"' >> {file}"),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Files in which the program's name and commands are data: what git is told to run, what is searched for in
    /// shells' start-up files, and the scripts that `hook` prints.
    const DATA: [&str; 3] = ["drivers", "doctor/shell.rs", "hook"];

    /// Files in which the options are git's.
    const OF_GIT: [&str; 1] = ["git"];

    fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
                false => {}
            }
        }
    }

    /// Collects the string literals in a piece of code, but not its comments.
    fn texts(code: TokenStream, found: &mut Vec<String>) {
        let mut tokens = code.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    tokens.next_if(|next| next.to_string() == "!");
                    tokens.next();
                }
                TokenTree::Group(group) => texts(group.stream(), found),
                TokenTree::Literal(literal) => found.push(literal.to_string().trim_matches('"').to_owned()),
                _ => {}
            }
        }
    }

    /// Returns the texts in a file, without those of its tests, which are at its end.
    fn texts_of(path: &Path) -> Vec<String> {
        let (code, mut found) = (std::fs::read_to_string(path).unwrap(), Vec::new());
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        texts(code.parse().unwrap(), &mut found);
        found
    }

    /// Returns whether a text names a command of this program: `vault merge`, but not `the vault`.
    fn names_a_command(text: &str, commands: &clap::Command) -> bool {
        text.match_indices("vault ").any(|(at, word)| {
            let is_begun = text[..at].chars().next_back().is_none_or(|before| " `'(\"".contains(before));
            let rest = &text[at + word.len()..];
            let next = rest.split(|sign: char| !sign.is_ascii_lowercase() && sign != '-').next().unwrap_or_default();
            // The noun may come before a word that is also a command: `a vault set up by`.
            let is_noun = ["a", "the", "this", "no", "another"].iter().any(|article| {
                text[..at].trim_end().rsplit(' ').next().is_some_and(|before| before.eq_ignore_ascii_case(article))
            });
            is_begun && !is_noun && commands.find_subcommand(next).is_some()
        })
    }

    /// Returns whether a text for people has a word that is only a command, such as `exec`, or speaks of the way the
    /// command line is used, such as a variable or a pipe. A text of one word is data.
    fn speaks_of_commands(text: &str) -> bool {
        const WAYS: [&str; 7] = ["your shell", "at the prompt", "CMD |", "FILE |", "strict mode", "ulimit", "VAULT_"];
        const COMMANDS: [&str; 5] = ["exec", "passwd", "mv", "cp", "textconv"];
        let mut words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
        // What a test says to its developer is for nobody else.
        let is_for_users = text.contains(' ') && !text.contains("VAULT_BLESS");
        is_for_users && (WAYS.iter().any(|way| text.contains(way)) || words.any(|word| COMMANDS.contains(&word)))
    }

    /// Returns whether a text for people names an option of this program. A text that is only an option is an argument
    /// of another program. So is an option after the name of that program. A short option counts if the word after it is
    /// in capitals: `-o FILE`.
    fn names_an_option(text: &str, options: &BTreeSet<String>) -> bool {
        let is_argument = text.starts_with("--") && !text.contains(' ');
        let is_of_another = ["git ", "ls ", "df "].iter().any(|program| text.contains(program));
        let words: Vec<_> = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-').collect();
        let is_value = |word: &&str| word.len() > 1 && word.chars().all(|sign| sign.is_ascii_uppercase());
        let names = |(at, word): (usize, &&str)| match word.strip_prefix("--") {
            Some(name) => options.contains(name),
            None => word.starts_with('-') && options.contains(*word) && words.get(at + 1).is_some_and(is_value),
        };
        !is_argument && !is_of_another && words.iter().enumerate().any(names)
    }

    /// Collects the options of all commands: `output` and `-o`.
    fn options_of(command: &clap::Command, found: &mut BTreeSet<String>) {
        found.extend(command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)));
        found.extend(command.get_arguments().filter_map(|argument| Some(format!("-{}", argument.get_short()?))));
        command.get_subcommands().for_each(|command| options_of(command, found));
    }

    #[test]
    fn the_library_names_no_command_and_no_option() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut files, mut named) = (Vec::new(), Vec::new());
        sources(&root, &mut files);
        let mut commands = crate::cli::args::command();
        commands.build();
        let mut options = BTreeSet::new();
        options_of(&commands, &mut options);
        for file in files {
            let name = file.strip_prefix(&root).unwrap();
            if name.starts_with("cli") || name.ends_with("tests.rs") || DATA.iter().any(|data| name.starts_with(data)) {
                continue;
            }
            let is_of_git = OF_GIT.iter().any(|of_git| name.starts_with(of_git));
            let names = |text: &&String| {
                names_a_command(text, &commands)
                    || speaks_of_commands(text)
                    || !is_of_git && names_an_option(text, &options)
            };
            named.extend(texts_of(&file).iter().filter(names).map(|text| format!("{}: {text}", name.display())));
        }
        assert_eq!(named, [""; 0], "a step must be a vault::error::Remedy, with its command in showing/remedies.rs");
        assert!(names_a_command("to look: vault status; or", &commands) && names_a_command("vault merge", &commands));
        assert!(!names_a_command("the vault check failed", &commands) && !names_a_command("a vault", &commands));
        assert!(names_an_option("say why: --reason TEXT", &options) && names_an_option("(--except {item})", &options));
        assert!(!names_an_option("git lfs ls-files --all", &options) && !names_an_option("--all", &options));
        assert!(
            names_an_option("name another file: -o FILE", &options) && !names_an_option("ls -la {directory}", &options)
        );
        assert!(speaks_of_commands("set VAULT_KEY") && speaks_of_commands("raise the limit: ulimit -l"));
        assert!(speaks_of_commands("exec leaves it out") && speaks_of_commands("(passwd, join)"));
        assert!(!speaks_of_commands("exec") && !speaks_of_commands("an executable"));
    }

    #[test]
    fn every_step_is_an_existing_command_with_valid_options() {
        let mut seen = 0;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
        let source = std::fs::read_to_string(file).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        let mut found = Vec::new();
        texts(source.parse().unwrap(), &mut found);
        for text in found.iter().filter(|text| text.starts_with("vault ")) {
            let mut command = crate::cli::args::command();
            command.build();
            for word in text.split(' ').skip(1) {
                if let Some(deeper) = command.find_subcommand(word) {
                    command = deeper.clone();
                } else if let Some(option) = word.strip_prefix("--") {
                    let has = command.get_arguments().any(|argument| argument.get_long() == Some(option));
                    assert!(has || option == "user", "{text}: {word}");
                }
            }
            assert_ne!(command.get_name(), "vault", "{text}");
            seen += 1;
        }
        assert!(seen > 40, "{seen}");
    }
}

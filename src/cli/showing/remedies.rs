//! The steps in the library's hints, as commands.

use vault::Error;
use vault::error::{Hint, Remedy};

/// What an error advises.
pub fn hint_of(error: &Error) -> Option<String> {
    error.advice().map(worded)
}

/// A hint with the commands to type.
pub fn worded(hint: &Hint) -> String {
    hint.worded(command)
}

/// The command for a step: one line for each.
pub fn command(remedy: &Remedy) -> String {
    match remedy {
        Remedy::Accept(hash) => format!("vault verify --accept {hash}"),
        Remedy::AddPrivate(name) => format!("vault env add {name} --private"),
        Remedy::AddRequested(user) => format!("vault user add {user} --keys ..."),
        Remedy::AddUser => "vault user add".to_owned(),
        Remedy::Allow { name, environment } => format!("vault allow --name {name} -e {environment}"),
        Remedy::AllowOnce(name) => format!("--allow-name {name}"),
        Remedy::ChangePassphrase => "vault passwd".to_owned(),
        Remedy::ChangeUsers => "vault user, vault grant, vault env".to_owned(),
        Remedy::CheckAgainst => "vault check --against FILE".to_owned(),
        Remedy::Complete(shell) => format!("vault completions {shell} --install"),
        Remedy::Create => "vault init".to_owned(),
        Remedy::ExportLog => "vault log export -o FILE".to_owned(),
        Remedy::ExportLogFor => "vault log export --for USER FILE".to_owned(),
        Remedy::FinishRenewal(user) => format!("vault user renew {user} --finish"),
        Remedy::GetExact => "vault get NAME -o FILE".to_owned(),
        Remedy::GiveAsFile => "vault exec --file NAME".to_owned(),
        Remedy::Grant { user, rights } => format!("vault grant {user} {rights}"),
        Remedy::GrantRestoring { user, environment } => {
            format!("vault grant {user} {environment}:write --restore {environment}=REF")
        }
        Remedy::History => "vault history NAME".to_owned(),
        Remedy::Hook(shell) => hook(shell),
        Remedy::Import => "vault import FILE".to_owned(),
        Remedy::ImportPiped => "vault import -".to_owned(),
        Remedy::InstallScan => "vault scan --install-hook".to_owned(),
        Remedy::Join(Some(user)) => format!("vault join --user {user}"),
        Remedy::Join(None) => "vault join".to_owned(),
        Remedy::List(environment) => format!("vault list -e {environment}"),
        Remedy::ListDue(Some(environment)) => format!("vault list --due -e {environment}"),
        Remedy::ListDue(None) => "vault list --due".to_owned(),
        Remedy::ListEnvironments => "vault env list".to_owned(),
        Remedy::ListUsers => "vault user list".to_owned(),
        Remedy::Lock => "vault lock".to_owned(),
        Remedy::LockAll => "vault lock --all".to_owned(),
        Remedy::Merge => "vault merge".to_owned(),
        Remedy::MergeFrom(source) => format!("vault merge --from {source}"),
        Remedy::Pin => "vault status --pin".to_owned(),
        Remedy::RemoveEnvironment(name) => format!("vault env rm {name}"),
        Remedy::RemoveItem => "vault rm".to_owned(),
        Remedy::RemoveUser(user) => format!("vault user rm {user}"),
        Remedy::RenameEnvironment(name) => format!("vault env copy {name} NEW && vault env rm {name}"),
        Remedy::Renew(user) => format!("vault user renew {user}"),
        Remedy::Replace => "--force".to_owned(),
        Remedy::ReplaceKey => "vault passwd --key".to_owned(),
        Remedy::ReplaceRecoveryKey => "vault recovery".to_owned(),
        Remedy::RequestKeys => "vault join --request".to_owned(),
        Remedy::ResumeEdit => "vault edit --resume".to_owned(),
        Remedy::Rollback => "vault rollback NAME".to_owned(),
        Remedy::Rotate(item) => format!("vault rotate {item}"),
        Remedy::Set(item) => format!("vault set {item}"),
        Remedy::SetFromFile => "vault set NAME --from-file FILE".to_owned(),
        Remedy::SetRole => "vault user role".to_owned(),
        Remedy::SetToEmpty(item) => format!("vault set {item} --empty"),
        Remedy::SetUpGit => "vault git setup".to_owned(),
        Remedy::SetVariable(item) => format!("vault set {item} --as VAR"),
        Remedy::ShowLog => "vault log -n 5".to_owned(),
        Remedy::Status => "vault status".to_owned(),
        Remedy::TakeOurs(name) => format!("vault merge --ours '{name}/*'"),
        Remedy::TakeOver(file, Some(environment)) => format!("vault import {file} -e {environment} --delete-source"),
        Remedy::TakeOver(file, None) => format!("vault import {file} --delete-source"),
        Remedy::TakeTheirs(name) => format!("vault merge --theirs '{name}/*'"),
        Remedy::Unlock => "vault unlock".to_owned(),
        Remedy::Verify => "vault verify".to_owned(),
        Remedy::VerifyAcross => "vault verify --since REF --accept-gap".to_owned(),
        Remedy::VerifyLog => "vault log verify".to_owned(),
        Remedy::VerifyNew => "vault verify --since REF --new".to_owned(),
    }
}

/// The line that a shell's start-up file needs.
fn hook(shell: &str) -> String {
    match shell {
        "fish" => "echo 'vault hook fish | source' >> ~/.config/fish/config.fish".to_owned(),
        _ => format!("echo 'eval \"$(vault hook {shell})\"' >> ~/.{shell}rc"),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};
    use std::path::{Path, PathBuf};

    /// What git is told to run, what start-up files of shells are searched for, and the scripts that `hook` prints: there
    /// the program's name and commands are data.
    const DATA: [&str; 3] = ["drivers", "doctor/shell.rs", "hook"];

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

    /// The texts in a piece of code, its comments aside.
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

    fn texts_of(path: &Path) -> Vec<String> {
        let (code, mut found) = (std::fs::read_to_string(path).unwrap(), Vec::new());
        texts(code.parse().unwrap(), &mut found);
        found
    }

    /// Whether a text names a command of this program: `vault merge`, and not `the vault`.
    fn names_a_command(text: &str, commands: &clap::Command) -> bool {
        text.match_indices("vault ").any(|(at, word)| {
            let is_begun = text[..at].chars().next_back().is_none_or(|before| " `'(\"".contains(before));
            let rest = &text[at + word.len()..];
            let next = rest.split(|sign: char| !sign.is_ascii_lowercase() && sign != '-').next().unwrap_or_default();
            // A noun before a word that is a command, too: `a vault set up by`.
            let is_noun = ["a", "the", "this", "no", "another"].iter().any(|article| {
                text[..at].trim_end().rsplit(' ').next().is_some_and(|before| before.eq_ignore_ascii_case(article))
            });
            is_begun && !is_noun && commands.find_subcommand(next).is_some()
        })
    }

    #[test]
    fn the_library_names_no_command() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut files, mut named) = (Vec::new(), Vec::new());
        sources(&root, &mut files);
        let commands = crate::cli::args::command();
        for file in files {
            let name = file.strip_prefix(&root).unwrap();
            if name.starts_with("cli") || name.ends_with("tests.rs") || DATA.iter().any(|data| name.starts_with(data)) {
                continue;
            }
            let names = |text: &&String| names_a_command(text, &commands);
            named.extend(texts_of(&file).iter().filter(names).map(|text| format!("{}: {text}", name.display())));
        }
        assert_eq!(named, [""; 0], "a step is a vault::error::Remedy, and its command stands in showing/remedies.rs");
        assert!(names_a_command("to look: vault status; or", &commands) && names_a_command("vault merge", &commands));
        assert!(!names_a_command("the vault check failed", &commands) && !names_a_command("a vault", &commands));
    }

    #[test]
    fn every_step_is_a_command_that_there_is_with_options_that_it_takes() {
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

//! The library names no command and no option, and every step is a command that exists.

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

/// Returns whether a text for people gives a command of another program, such as `git pull`: at its start, or after the
/// words that introduce it.
fn gives_a_command_of_another(text: &str) -> bool {
    const PROGRAMS: [&str; 7] = ["git", "chmod", "ls", "df", "rm", "cat", "command"];
    let is_introduced =
        |before: &str| before.is_empty() || [": ", "; ", "(", "&& "].iter().any(|end| before.ends_with(end));
    text.contains(' ')
        && PROGRAMS.iter().any(|program| {
            text.match_indices(&format!("{program} ")).any(|(at, word)| {
                let next = text[at + word.len()..].split(' ').next().unwrap_or_default();
                let is_argument = next.starts_with(|sign: char| "-{".contains(sign) || sign.is_ascii_digit())
                    || *program == "git" && GIT.contains(&next.trim_end_matches([':', ',', ';', ')']));
                is_introduced(&text[..at]) && is_argument
            })
        })
}

/// The commands of git that a hint could give. `git config` is what git itself suggests.
const GIT: [&str; 13] = [
    "add",
    "branch",
    "checkout",
    "check-attr",
    "commit",
    "fetch",
    "log",
    "merge",
    "pull",
    "push",
    "restore",
    "revert",
    "rm",
];

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
                || gives_a_command_of_another(text) && !name.ends_with("error/system_step.rs")
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
    assert!(gives_a_command_of_another("to get it back: git pull") && gives_a_command_of_another("chmod 600 {path}"));
    assert!(!gives_a_command_of_another("the next git add includes it") && gives_a_command_of_another("ls -la {path}"));
    assert!(speaks_of_commands("set VAULT_KEY") && speaks_of_commands("raise the limit: ulimit -l"));
    assert!(speaks_of_commands("exec leaves it out") && speaks_of_commands("(passwd, join)"));
    assert!(!speaks_of_commands("exec") && !speaks_of_commands("an executable"));
}

/// The files that have the words for steps: the command line's, and the server's.
const WORDS: [&str; 2] = ["src/cli/showing/remedies.rs", "serve/src/api/steps.rs"];

#[test]
fn every_step_is_an_existing_command_with_valid_options() {
    for file in WORDS {
        let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        let mut found = Vec::new();
        texts(source.parse().unwrap(), &mut found);
        let steps: Vec<_> = found.iter().filter(|text| text.starts_with("vault ")).collect();
        steps.iter().for_each(|text| check_command(text));
        assert!(steps.len() > 40, "{file}: {}", steps.len());
    }
}

/// Checks that the text names a command, and that the command has the options in the text.
fn check_command(text: &str) {
    let mut command = crate::cli::args::command();
    command.build();
    for word in text.split(' ').skip(1) {
        if let Some(deeper) = command.find_subcommand(word) {
            command = deeper.clone();
        } else if let Some(option) = word.strip_prefix("--") {
            let option = option.split('=').next().unwrap_or_default();
            let has = command.get_arguments().any(|argument| argument.get_long() == Some(option));
            assert!(has || option == "user", "{text}: {word}");
        }
    }
    assert_ne!(command.get_name(), "vault", "{text}");
}

//! What completion offers, read from the command line's own description and from the outline of the vault. Nothing is
//! asked for: the names of items are offered where the vault is unlocked.

use super::{Line, completion, names};
use crate::cli::process::programs::is_program;
use crate::cli::unlocking::context;
use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, PathCompleter, ValueCompleter};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use vault::Result;
use vault::format::dotenv::Dialect;
use vault::format::export::{Format, Reader};
use vault::format::import::Source;
use vault::generate::Alphabet;
use vault::log::Action;
use vault::name::{EnvironmentName, UserName};
use vault::ordered::InOrder as _;
use vault::roster::Role;
use vault::settings::{self, Variable};
use vault::vault::{Settings, Unproven};

/// The command line for completion: every argument whose type says what it is has its candidates.
pub fn command(line: Line) -> Command {
    let names = move || words(command_names(line).iter());
    let pages = move || words(super::man::page_names(line).iter());
    super::help::described(line)
        .mut_subcommand("help", |help| help.mut_arg("words", |words| words.add(ArgValueCandidates::new(names))))
        .mut_subcommand("man", |man| man.mut_arg("page", |page| page.add(ArgValueCandidates::new(pages))))
        .mut_args(with_own)
        .mut_subcommands(with_candidates)
}

fn with_candidates(command: Command) -> Command {
    command.mut_args(with_own).mut_subcommands(with_candidates)
}

/// Says what is offered for a type.
type List = fn() -> Vec<CompletionCandidate>;

fn with_own(argument: Arg) -> Arg {
    let kind = argument.get_value_parser().type_id();
    let is_known = argument.get::<ArgValueCompleter>().is_some() || argument.get::<ArgValueCandidates>().is_some();
    if is_known || argument.get_value_hint() == ValueHint::Other {
        return argument;
    }
    if argument.is_trailing_var_arg_set() {
        return argument.add(ArgValueCompleter::new(program_or_file));
    }
    if kind == TypeId::of::<PathBuf>() {
        return argument.add(ArgValueCompleter::new(files));
    }
    let lists: [(TypeId, List); 9] = [
        (TypeId::of::<EnvironmentName>(), environments),
        (TypeId::of::<UserName>(), users),
        (TypeId::of::<Format>(), || words(Format::ALL.iter())),
        (TypeId::of::<Reader>(), || words(Reader::ALL.iter())),
        (TypeId::of::<Source>(), || words(Source::ALL.iter())),
        (TypeId::of::<Dialect>(), || words(Dialect::ALL.iter())),
        (TypeId::of::<Alphabet>(), || words(Alphabet::NAMES.iter().map(|(name, _)| *name))),
        (TypeId::of::<Role>(), || words([Role::Admin, Role::Member].iter())),
        (TypeId::of::<Action>(), actions),
    ];
    match lists.into_iter().find(|(of, _)| kind == *of) {
        Some((_, list)) => argument.add(ArgValueCandidates::new(list)),
        None => argument,
    }
}

fn words(words: impl Iterator<Item = impl ToString>) -> Vec<CompletionCandidate> {
    words.map(|word| CompletionCandidate::new(word.to_string())).collect()
}

/// The actions of the log, each with what it says.
fn actions() -> Vec<CompletionCandidate> {
    let candidate = |action: &Action| CompletionCandidate::new(action.word()).help(Some(action.what().into()));
    Action::ALL.iter().map(candidate).collect()
}

/// The environments of the vault at hand.
pub fn environments() -> Vec<CompletionCandidate> {
    words(outline(|file| file.environments().map(ToString::to_string).collect()).iter())
}

/// Environments with what a right is written behind.
pub fn rights() -> Vec<CompletionCandidate> {
    let names = outline(|file| file.environments().map(ToString::to_string).collect());
    words(names.iter().flat_map(|name| ["", ":read", ":write"].map(|right| format!("{name}{right}"))))
}

/// Items by name, those of other environments as `ENV/NAME`: of a vault that is locked the start of that.
pub fn items() -> Vec<CompletionCandidate> {
    let environments = outline(|file| file.environments().map(|name| format!("{name}/")).collect());
    words(names::of_items(&completion::current()).into_iter().chain(environments))
}

/// The names of items in the environments at hand.
pub fn item_names() -> Vec<CompletionCandidate> {
    words(names::of_items("").iter())
}

/// The users of the vault at hand.
pub fn users() -> Vec<CompletionCandidate> {
    words(outline(|file| file.users().map(ToString::to_string).collect()).iter())
}

fn command_names(line: Line) -> Vec<String> {
    let all = line();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| command.get_name().to_owned()).collect()
}

/// Files and directories, hidden ones, too: `.env` is what is imported most.
fn files(current: &OsStr) -> Vec<CompletionCandidate> {
    let found = PathCompleter::any().complete(current).into_iter();
    let found = found.filter(|candidate| candidate.get_value() != "." && is_one_line(candidate.get_value()));
    found.map(|candidate| not_an_option(candidate).hide(false)).collect()
}

/// Candidates are lines to the shells, and text on a terminal.
fn is_one_line(name: &OsStr) -> bool {
    !name.to_string_lossy().chars().any(char::is_control)
}

/// A file that is called like an option is named so that it is none.
fn not_an_option(candidate: CompletionCandidate) -> CompletionCandidate {
    match candidate.get_value().to_str() {
        Some(name) if name.starts_with('-') => CompletionCandidate::new(format!("./{name}")),
        _ => candidate,
    }
}

/// A program, then its arguments, of which nothing is known but that they may be files. Without a `--` it can't be told
/// which of them this is.
fn program_or_file(current: &OsStr) -> Vec<CompletionCandidate> {
    let line = completion::line();
    let index = Variable::CompletedWord.text().and_then(|index| index.parse().ok());
    let index = index.unwrap_or(line.len().saturating_sub(1));
    let is_program = line.iter().position(|word| word == "--").is_none_or(|end| end + 1 == index);
    let is_path = current.to_string_lossy().contains('/');
    let programs = if is_program && !is_path { programs(current) } else { Vec::new() };
    programs.into_iter().map(CompletionCandidate::new).chain(files(current)).collect()
}

/// The programs of PATH whose names begin so.
fn programs(start: &OsStr) -> Vec<OsString> {
    let start = start.as_encoded_bytes();
    let directories = Variable::Path.value().unwrap_or_default();
    let entries = std::env::split_paths(&directories).flat_map(std::fs::read_dir).flatten().flatten();
    let fits = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        name.as_encoded_bytes().starts_with(start) && is_one_line(&name)
    };
    let mut names: Vec<_> =
        entries.filter(|entry| fits(entry) && is_program(&entry.path())).map(|entry| entry.file_name()).collect();
    names.order();
    names.dedup();
    names
}

/// What a vault's outline says; nothing where there is none.
fn outline(names: impl FnOnce(&Unproven) -> Vec<String>) -> Vec<String> {
    let open = || -> Result<Unproven> {
        let path = match named_vault() {
            Some(path) => path,
            None => vault::vault::find(&context::current_directory()?)?,
        };
        // Nothing is done by these names but to offer them.
        Unproven::open(&path, &Settings { state: settings::state_directory()?, ..Settings::default() })
    };
    open().map(|file| names(&file)).unwrap_or_default()
}

/// The vault that the line to be completed names, or VAULT_FILE.
fn named_vault() -> Option<PathBuf> {
    if completion::own_words().any(|word| word == "--personal") {
        return settings::personal_vault().ok();
    }
    let named = completion::values_of(&["--vault"]).pop().map(from_home);
    named.or_else(|| Variable::File.filled().map(PathBuf::from))
}

/// No shell has expanded a tilde yet.
pub fn from_home(path: OsString) -> PathBuf {
    let path = PathBuf::from(path);
    match (path.strip_prefix("~"), settings::home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

//! Completion candidates, from the command line's own description and from the vault's outline. Nothing is prompted
//! for. The names of items are offered while the vault is unlocked.

use super::{Line, names, typed};
use crate::cli::unlocking::context;
use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, PathCompleter, ValueCompleter};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use vault::Result;
use vault::format::Source;
use vault::format::dotenv::Dialect;
use vault::format::export::{Format, Reader};
use vault::generate::Alphabet;
use vault::log::Action;
use vault::name::{EnvironmentName, UserName};
use vault::ordered::InOrder as _;
use vault::roster::Role;
use vault::settings;
use vault::settings::programs::{directories, is_program};
use vault::vault::{Settings, Unproven};

/// Returns the command line for completion. An argument whose type says what it is gets its candidates.
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

/// Lists the candidates for a type.
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
    match lists.into_iter().find(|(listed_kind, _)| kind == *listed_kind) {
        Some((_, list)) => argument.add(ArgValueCandidates::new(list)),
        None => argument,
    }
}

fn words(words: impl Iterator<Item = impl ToString>) -> Vec<CompletionCandidate> {
    words.map(|word| CompletionCandidate::new(word.to_string())).collect()
}

/// Lists the log's actions, each with its meaning.
fn actions() -> Vec<CompletionCandidate> {
    let candidate = |action: &Action| CompletionCandidate::new(action.word()).help(Some(action.description().into()));
    Action::ALL.iter().map(candidate).collect()
}

/// Lists the vault's environments.
pub fn environments() -> Vec<CompletionCandidate> {
    words(outline(|file| file.environments().map(ToString::to_string).collect()).iter())
}

/// Lists the environments, with and without the suffix of each right.
pub fn rights() -> Vec<CompletionCandidate> {
    let names = outline(|file| file.environments().map(ToString::to_string).collect());
    words(names.iter().flat_map(|name| ["", ":read", ":write"].map(|right| format!("{name}{right}"))))
}

/// Lists items by name, and those of other environments as `ENV/NAME`. If the vault is locked, lists only `ENV/`.
pub fn items() -> Vec<CompletionCandidate> {
    let environments = outline(|file| file.environments().map(|name| format!("{name}/")).collect());
    words(names::of_items(&typed::current()).into_iter().chain(environments))
}

/// Lists the names of items in the chosen environments.
pub fn item_names() -> Vec<CompletionCandidate> {
    words(names::of_items("").iter())
}

/// Lists the vault's users.
pub fn users() -> Vec<CompletionCandidate> {
    words(outline(|file| file.users().map(ToString::to_string).collect()).iter())
}

fn command_names(line: Line) -> Vec<String> {
    let all = line();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| command.get_name().to_owned()).collect()
}

/// Lists files and directories, including hidden ones. `.env` is the file that is imported most.
fn files(current: &OsStr) -> Vec<CompletionCandidate> {
    let found = PathCompleter::any().complete(current).into_iter();
    let found = found.filter(|candidate| candidate.get_value() != "." && is_one_line(candidate.get_value()));
    found.map(|candidate| not_an_option(candidate).hide(false)).collect()
}

/// Returns whether a name is a single line. Shells read one candidate per line, and show it on a terminal.
fn is_one_line(name: &OsStr) -> bool {
    !name.to_string_lossy().chars().any(char::is_control)
}

/// Prefixes a file name that looks like an option with `./`.
fn not_an_option(candidate: CompletionCandidate) -> CompletionCandidate {
    match candidate.get_value().to_str() {
        Some(name) if name.starts_with('-') => CompletionCandidate::new(format!("./{name}")),
        _ => candidate,
    }
}

/// Lists programs and files for an argument of `exec`. The program's arguments may be files; nothing else is known
/// about them. Without a `--`, the word may be either.
fn program_or_file(current: &OsStr) -> Vec<CompletionCandidate> {
    let index = typed::index();
    let is_program = typed::line().iter().position(|word| word == "--").is_none_or(|end| end + 1 == index);
    let is_path = current.to_string_lossy().contains('/');
    let programs = if is_program && !is_path { programs(current) } else { Vec::new() };
    programs.into_iter().map(CompletionCandidate::new).chain(files(current)).collect()
}

/// Lists the programs in PATH whose names begin with these bytes.
fn programs(start: &OsStr) -> Vec<OsString> {
    let start = start.as_encoded_bytes();
    let entries = directories().flat_map(std::fs::read_dir).flatten().flatten();
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

/// Returns names from the vault's outline, or nothing if there is no vault.
fn outline(names: impl FnOnce(&Unproven) -> Vec<String>) -> Vec<String> {
    let open = || -> Result<Unproven> {
        let path = match named_vault()? {
            Some(path) => path,
            None => vault::vault::find(&context::current_directory()?)?,
        };
        // An unverified file is enough, because the names are only offered.
        Unproven::open(&path, &Settings::at(settings::state_directory()?))
    };
    open().map(|file| names(&file)).unwrap_or_default()
}

/// Returns the vault that the line to complete names, or else VAULT_FILE.
fn named_vault() -> Result<Option<PathBuf>> {
    if typed::own_words().any(|word| word == "--personal") {
        return settings::personal_vault().map(Some);
    }
    match typed::values_of(&["--vault"]).pop() {
        Some(path) => Ok(Some(typed::from_home(path))),
        None => settings::chosen_vault(),
    }
}

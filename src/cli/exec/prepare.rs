//! What the command gets, put together before anything runs.

use super::environment::{Environment, Given, Inherit};
use super::handed::{self, Descriptors, Opener};
use super::variables::Variables;
use super::{Args, env_file, fit, hints, limits, program};
use crate::cli::context::Context;
use crate::cli::selection::Selection;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use vault::item::Injectable;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// What an environment gives.
pub struct Chosen {
    environment: EnvironmentName,
    /// What becomes variables.
    pub items: Vec<Injectable>,
    /// The names of items that reach the command another way.
    pub handed: Vec<String>,
}

impl Chosen {
    /// What an environment gives as variables.
    #[cfg(test)]
    pub fn of(environment: &str, items: Vec<Injectable>) -> Self {
        let environment = EnvironmentName::new(environment).unwrap_or_else(|error| panic!("{error}"));
        Self { environment, items, handed: Vec::new() }
    }
}

/// A command with all it gets.
pub struct Prepared {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    pub environment: Environment,
    pub descriptors: Descriptors,
    /// What reaches it, by the names it sees; only kept for who watches over it.
    pub values: Vec<Injectable>,
    /// What these are made of: a program may take a value apart that an env file has put together.
    pub referred: Vec<Injectable>,
    /// What often goes wrong with such a command, if it does.
    pub hints: Vec<String>,
    entries: Vec<Entry>,
    chosen: Vec<Chosen>,
}

impl Prepared {
    /// Reads what the options ask for and puts it together. Nothing is handed out before [`Prepared::log`].
    pub fn new(args: &Args, session: &Session, context: &Context) -> Result<Self> {
        let environments = context.environments(session)?;
        let variables = Variables::new(&args.variables)?;
        let selection = Selection::new(&args.selection)?;
        let mut chosen = choose(args, session, &environments, &selection, context)?;
        let handed = args.handed.take(&mut chosen)?;
        let files = env_file::read(&args.env_file, session, &environments, context)?;
        args.allow.check(files.items.iter().map(|item| item.name.as_str()).chain(handed.variables()))?;
        files.items.iter().try_for_each(|item| fit::check(&item.name, &item.name, &item.value))?;
        let is_named = |name: &str| selection.is_named(name);
        let left_out = fit::retain(&mut chosen, &variables, &args.allow, &is_named)?;
        if !left_out.is_empty() {
            context.ui.alarm(&format!("not injected: {}", left_out.join("; ")));
        }
        let own = chosen.iter().flat_map(|chosen| &chosen.items).map(|item| (variables.name_of(&item.name), item));
        let items: Vec<_> = own.chain(files.items.iter().map(|item| (Cow::from(&item.name), item))).collect();
        if args.selection.is_given() && items.is_empty() && handed.items().next().is_none() {
            context.ui.alarm("nothing is injected: --only and --except leave no item");
        }
        let opener = if args.is_supervised() { Opener::Child } else { Opener::Same };
        let descriptors = handed.give(opener)?;
        let given = Given {
            items: items.iter().map(|(name, item)| (Cow::Borrowed(&**name), &*item.value)).collect(),
            handed: handed
                .items()
                .flat_map(|item| [Cow::Borrowed(item.name.as_str()), variables.name_of(&item.name)])
                .collect(),
            paths: &descriptors.paths,
        };
        let environment = Environment::new(&inherit(args), args.pass_key, given);
        let words = args.command.clone();
        limits::check(&words, &environment)?;
        let named =
            |(name, item): &(Cow<'_, str>, &Injectable)| Injectable { name: name.to_string(), ..(*item).clone() };
        let kept = items.iter().map(named).chain(handed.items().cloned());
        let values = if args.is_supervised() { kept.collect() } else { Vec::new() };
        let hints = hints::before(&args.command, items.iter().map(|(name, _)| &**name).chain(handed.variables()));
        let entries = entries(&chosen, &files.used, args);
        let chosen = if args.is_supervised() { Vec::new() } else { chosen };
        Ok(Self { words, environment, descriptors, values, referred: files.referred, hints, entries, chosen })
    }

    /// One entry for each environment, in one write.
    pub fn log(&mut self, session: &Session) -> Result<()> {
        session.log(std::mem::take(&mut self.entries))
    }

    /// The command's name, for people.
    pub fn program(&self) -> String {
        name_of(&self.words[0])
    }

    /// The command as a child.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env_clear().envs(self.environment.iter());
        command
    }

    /// Becomes the command; returns only if that fails, with the exit code.
    pub fn become_command(self, known: &[EnvironmentName]) -> (u8, Error) {
        let Self { words, environment, descriptors: Descriptors { files, stdin, .. }, chosen, .. } = self;
        let given = handed::pass(&files).and_then(|()| stdin.map_or(Ok(()), |stdin| handed::read_from(&stdin)));
        let failure = match given {
            Ok(()) => program::become_program(&words, &environment, known),
            Err(error) => (program::FAILED, error),
        };
        // The kernel frees it with this process, faster than it is wiped here.
        drop(chosen);
        failure
    }
}

/// Reads what the options ask for.
fn choose(
    args: &Args,
    session: &Session,
    environments: &[EnvironmentName],
    selection: &Selection,
    context: &Context,
) -> Result<Vec<Chosen>> {
    let mut chosen = Vec::new();
    for environment in environments {
        let entry = || entry(environment, &args.command).items::<String>([]);
        let read = session.read_injectables(environment, &|name| selection.takes(name) || args.handed.takes(name));
        let items = read.map_err(|error| session.log_refusal(entry(), error))?;
        chosen.push(Chosen { environment: environment.clone(), items, handed: Vec::new() });
    }
    context.show_warnings(session.vault());
    let items = || chosen.iter().flat_map(|chosen| &chosen.items);
    selection.check_names()?;
    check_expiry(items(), context)?;
    Ok(chosen)
}

fn inherit(args: &Args) -> Inherit {
    match &args.preserve_env {
        _ if args.pristine => Inherit::Pristine,
        None => Inherit::All,
        Some(names) if names.iter().all(String::is_empty) => Inherit::Preserved,
        Some(names) => Inherit::PreservedOnly(names.clone()),
    }
}

fn check_expiry<'a>(items: impl Iterator<Item = &'a Injectable>, context: &Context) -> Result<()> {
    let now = Time::now();
    context.expired(&items.filter(|item| item.is_expired(now)).map(|item| item.name.as_str()).collect::<Vec<_>>())
}

fn name_of(program: &OsStr) -> String {
    Path::new(program).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn entry(environment: &EnvironmentName, command: &[OsString]) -> Entry {
    let mut entry = Entry::new(Action::Exec).environment(environment);
    entry.program = command.first().map(|program| name_of(program)).unwrap_or_default();
    entry
}

fn entries(chosen: &[Chosen], referred: &[(EnvironmentName, Vec<ItemName>)], args: &Args) -> Vec<Entry> {
    let entries = chosen.iter().map(|Chosen { environment, items, handed }| {
        let mut names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        let others = referred.iter().filter(|(own, _)| own == environment).flat_map(|(_, names)| names);
        for name in others.map(ItemName::as_str).chain(handed.iter().map(String::as_str)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        entry(environment, &args.command).items(names)
    });
    entries.collect()
}

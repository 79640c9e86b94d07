//! `vault scan`: whether values of the vault stand in files, in git's index or in its history.

mod git;
mod hook;
mod tree;

use super::context::Context;
use super::object::Finding;
use super::words::plural;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::item::Kind;
use vault::log::{Action, Entry};
use vault::name::EnvironmentName;
use vault::search::{IN_FILES, Searcher};
use vault::secret::SecretBytes;
use vault::vault::Session;

/// Looks for the current values of all environments that you may read, or of those named with -e, also quoted, escaped, in
/// base64 or hex, and for their lines, secret JSON and YAML fields and URL passwords. Prints where, and the item's name,
/// never the value. Exit code 1 if there is any. In a git work tree what git ignores is left out. Variables and values of
/// fewer than 6 bytes are not looked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files and directories, - for standard input; else this directory
    paths: Vec<PathBuf>,
    /// Look at what git's next commit changes instead
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
    /// Look at every version of every file, or of those under PATH, in git's history instead
    #[arg(long, conflicts_with = "staged")]
    history: bool,
    /// Make git refuse commits that hold a value: write a pre-commit hook
    #[arg(long, conflicts_with_all = ["paths", "staged", "history"])]
    install_hook: bool,
}

/// The values that are looked for.
struct Values {
    names: Vec<(EnvironmentName, String)>,
    values: Vec<SecretBytes>,
    too_short: usize,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.install_hook {
        return hook::install(context);
    }
    let session = context.session()?;
    let values = read(&session, context)?;
    let searcher = Searcher::new(values.values.iter().map(|value| &**value), IN_FILES);
    let mut findings = Vec::new();
    let mut look = |object: &str, path: &str, text: &[u8]| {
        let commit = (args.history && !searcher.search(text).is_empty()).then(|| git::commit_of(object)).flatten();
        findings.extend(searcher.search(text).into_iter().map(|found| {
            let (environment, name) = &values.names[found.value];
            let place = (Some(path.to_owned()), Some(found.line), Some(found.encoding.name()), commit.clone());
            let finding = Finding::new("leak", environment, name);
            Finding { file: place.0, line: place.1, encoding: place.2, commit: place.3, ..finding }
        }));
    };
    match args {
        Args { staged: true, .. } => git::staged(look)?,
        Args { history: true, .. } => git::history(&args.paths, look)?,
        _ => tree::scan(&args.paths, session.vault().path(), |path, text| look("", path, text))?,
    }
    report(&findings, &values, context)
}

fn read(session: &Session, context: &Context) -> Result<Values> {
    let named = context.named_environments();
    let environments = if named.is_empty() { session.readable() } else { context.environments(session)? };
    let mut all = Values { names: Vec::new(), values: Vec::new(), too_short: 0 };
    let mut entries = Vec::new();
    for environment in environments {
        let entry = Entry::new(Action::Scan).environment(&environment);
        let content = session.read(&environment).map_err(|error| session.log_refusal(entry.clone(), error))?;
        for item in content.items().values().filter(|item| item.metadata.kind != Kind::Variable) {
            if item.current.value.len() < IN_FILES.value {
                all.too_short += usize::from(!item.current.value.is_empty());
                continue;
            }
            all.names.push((environment.clone(), item.name.to_string()));
            all.values.push(item.current.value.clone());
        }
        entries.push(entry);
    }
    context.show_warnings(session.vault());
    session.log(entries)?;
    Ok(all)
}

fn report(findings: &[Finding], values: &Values, context: &Context) -> Result<ExitCode> {
    if context.ui.json {
        context.ui.json(&findings)?;
    } else {
        for Finding { environment, name, file, line, encoding, commit, .. } in findings {
            // One finding is one line, whatever a file is called.
            let file = file.as_deref().unwrap_or_default().replace('\n', "\\u{a}");
            let how = encoding.filter(|how| *how != "plain").map_or(String::new(), |how| format!(", {how}"));
            let commit = commit.as_ref().map_or(String::new(), |commit| format!(", commit {commit}"));
            context.ui.line(&format!("{file}:{}  {environment}/{name}{how}{commit}", line.unwrap_or_default()))?;
        }
    }
    if values.too_short > 0 {
        let count = plural(values.too_short, "value");
        context.ui.done(&format!("Not looked for: {count} of fewer than {} bytes.", IN_FILES.value));
    }
    if findings.is_empty() {
        context.ui.done(&format!("Found none of {}.", plural(values.values.len(), "value")));
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.done(&format!("{}.", plural(findings.len(), "finding")));
    context.ui.hint("a value that others may have seen should be replaced at its issuer, then: vault set NAME");
    Ok(ExitCode::FAILURE)
}

//! `vault check`: whether the vault has what the project needs.

use crate::cli::options::names::AllowNames;
use crate::cli::showing::object::Finding;
use crate::cli::showing::words::plural;
use crate::cli::unlocking::context::Context;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::format::needs::{self, Need};
use vault::item::Content;
use vault::log::Action;
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::vault::Purpose;

/// For CI: names every item that a file needs and the vault lacks, items that no file names, empty and expired ones. Exit
/// code 1 if there is any.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A .env.example, or a compose file with ${NAME}; may be repeated. Else .env.example, if there is one
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
}

/// What is taken where no file is named.
const DEFAULT_FILE: &str = ".env.example";

/// A file and what it needs.
type Needs = Vec<(String, Vec<Need>)>;

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let needs = read(&args.against)?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let purpose = Purpose::new(Action::Check);
    let unread = environments.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    context.show_warnings(session.vault());
    let mut findings = Vec::new();
    for (environment, content) in session.compare_all(&purpose, unread)? {
        findings.extend(missing(&environment, &content, &needs));
        findings.extend(unfit(&environment, &content, &needs));
    }
    report(&findings, &environments, context)
}

fn read(against: &[PathBuf]) -> Result<Needs> {
    let default = Path::new(DEFAULT_FILE);
    let files = if against.is_empty() && default.exists() { vec![default.to_owned()] } else { against.to_vec() };
    let read = |file: &PathBuf| {
        let bytes = crate::cli::options::input::read(file, vault::file::MAX_FILE)?;
        let name = file.display().to_string();
        needs::read(&name, &bytes).map(|needs| (name, needs)).map_err(|error| {
            let message = format!("{}: {error}", file.display());
            error.reworded(message)
        })
    };
    files.iter().map(read).collect()
}

/// What is needed and not there. Names that are never imported, because they can load code, are not asked for.
fn missing(environment: &EnvironmentName, content: &Content, needs: &Needs) -> Vec<Finding> {
    let items: HashSet<&str> = content.items().keys().map(ItemName::as_str).collect();
    let allow = AllowNames::default();
    let mut named = HashSet::new();
    let mut findings = Vec::new();
    for (file, need) in needs.iter().flat_map(|(file, needs)| needs.iter().map(move |need| (file, need))) {
        let name = need.name.as_str();
        let is_missing = need.is_required && !items.contains(name) && allow.allows(name);
        if is_missing && named.insert(name) {
            let finding = Finding::new("missing", environment, name);
            findings.push(Finding { file: Some(file.clone()), line: Some(need.line), ..finding });
        }
    }
    findings
}

fn unfit(environment: &EnvironmentName, content: &Content, needs: &Needs) -> Vec<Finding> {
    let now = Time::now();
    let named: HashSet<&str> = needs.iter().flat_map(|(_, needs)| needs).map(|need| need.name.as_str()).collect();
    let mut findings = Vec::new();
    for item in content.items().values() {
        let problems = [
            ("extra", !needs.is_empty() && !named.contains(item.name.as_str())),
            ("empty", item.current.value.is_empty()),
            ("expired", item.is_expired(now)),
        ];
        let found = problems.into_iter().filter(|(_, is_so)| *is_so);
        findings.extend(found.map(|(problem, _)| Finding::new(problem, environment, item.name.as_str())));
    }
    findings
}

fn report(findings: &[Finding], environments: &[EnvironmentName], context: &Context) -> Result<ExitCode> {
    if context.ui.json {
        context.ui.json(&findings)?;
    } else {
        for finding in findings {
            let place = match (&finding.file, finding.line) {
                (Some(file), Some(line)) => format!("  {file}:{line}"),
                _ => String::new(),
            };
            context.ui.line(&format!("{:<8} {}/{}{place}", finding.problem, finding.environment, finding.name))?;
        }
    }
    if findings.is_empty() {
        let names: Vec<&str> = environments.iter().map(EnvironmentName::as_str).collect();
        context.ui.done(&format!("Nothing is missing in {}.", names.join(", ")));
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.done(&format!("{}.", plural(findings.len(), "finding")));
    Ok(ExitCode::FAILURE)
}

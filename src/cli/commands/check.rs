//! `vault check`: whether the vault has what the project needs.

use crate::cli::options::moment;
use crate::cli::options::names::AllowNames;
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;
use vault::check::{Finding, Problem, Rules};
use vault::format::needs::{self, Need};
use vault::item::{ANNOUNCED, Outlook};
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::time::Time;
use vault::vault::Purpose;
use vault::view;
use vault::words::{moment as date_of, plural};

/// For CI: fails with exit code 1 if an item is missing that a file needs, or if one is empty or expired. Items that no file
/// names, and those that expire soon, are listed and don't fail.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A .env.example, or a compose file with ${NAME}; may be repeated. Else .env.example, if there is one
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Fail if there is an item that no file names
    #[arg(long)]
    no_extra: bool,
    /// List what expires within this time, such as 14d; else 7d
    #[arg(long, value_name = "DURATION", value_parser = moment::ahead)]
    within: Option<Duration>,
}

/// What is taken where no file is named.
const DEFAULT_FILE: &str = ".env.example";

/// Files and what each needs.
type Needs = Vec<(String, Vec<Need>)>;

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let needs = read(&args.against)?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let purpose = Purpose::new(Action::Check);
    let unread = environments.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    context.show_warnings(session.vault());
    let allow = AllowNames::default().once();
    let outlook = Outlook::new(Time::now(), args.within.unwrap_or(ANNOUNCED));
    let rules = Rules { needs: &needs, allows: &|name| allow.allows(name), no_extra: args.no_extra, outlook };
    let mut findings = Vec::new();
    for (environment, content) in session.compare_all(&purpose, unread)? {
        findings.extend(rules.check(&content).into_iter().map(|finding| (environment.clone(), finding)));
    }
    report(&findings, &needs, &environments, context)
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

fn report(
    findings: &[(EnvironmentName, Finding)],
    needs: &Needs,
    environments: &[EnvironmentName],
    context: &Context,
) -> Result<ExitCode> {
    let objects: Vec<_> = findings.iter().map(|(environment, finding)| object(environment, finding, needs)).collect();
    if context.ui.json {
        context.ui.json(&objects)?;
    } else {
        let now = Time::now();
        for ((_, finding), object) in findings.iter().zip(&objects) {
            let detail = detail(finding, needs, now).map_or(String::new(), |detail| format!("  {detail}"));
            context.ui.line(&format!("{:<8} {}/{}{detail}", object.problem, object.environment, object.name))?;
        }
    }
    let faults = findings.iter().filter(|(_, finding)| finding.is_fault).count();
    let notes = match findings.len() - faults {
        0 => String::new(),
        notes => format!(", {}", plural(notes, "note")),
    };
    if faults > 0 {
        context.ui.done(&format!("{}{notes}.", plural(faults, "problem")));
        return Ok(ExitCode::FAILURE);
    }
    let names: Vec<&str> = environments.iter().map(EnvironmentName::as_str).collect();
    context.ui.done(&format!("Nothing is missing in {}{notes}.", names.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn object(environment: &EnvironmentName, finding: &Finding, needs: &Needs) -> view::Finding {
    let mut object = view::Finding::new(finding.problem.word(), environment, &finding.name);
    object.is_fault = finding.is_fault;
    match finding.problem {
        Problem::Missing { file, line } => {
            object.file = needs.get(file).map(|(name, _)| name.clone());
            object.line = Some(line);
        }
        Problem::Expired(time) | Problem::Expiring(time) => object.expires_at = Some(time.to_string()),
        Problem::Empty | Problem::Extra => {}
    }
    object
}

/// What stands behind the name.
fn detail(finding: &Finding, needs: &Needs, now: Time) -> Option<String> {
    match finding.problem {
        Problem::Missing { file, line } => needs.get(file).map(|(name, _)| format!("{name}:{line}")),
        Problem::Expired(time) | Problem::Expiring(time) => Some(date_of(time, now)),
        Problem::Empty | Problem::Extra => None,
    }
}

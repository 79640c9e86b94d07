//! `vault check`: checks whether the vault has what the project needs.

use crate::cli::generated::examples;
use crate::cli::options::{input, moment};
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vault::actions::check::{Finding, Needs, Problem, Rules};
use vault::dangerous::AllowedOnce;
use vault::item::{ANNOUNCED, DueWindow};
use vault::name::{EnvironmentName, NamedItem};
use vault::time::Time;
use vault::view;
use vault::words::{moment as date_of, plural};
use vault::{Result, actions};

/// For CI: fails with exit code 1 if an item that a file needs is missing, or if an item is empty or expired. Items
/// that no file names, and items that expire soon, are listed and don't make it fail.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault check" => "Compare with .env.example",
    "vault check -e prod --against compose.yaml --no-extra" => "Compare prod with a compose file, and fail for unused items",
})]
pub struct Args {
    /// Compare with this .env.example, or compose file with ${NAME}; may be repeated. Default: .env.example, if there is one
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Fail if there is an item that no file names
    #[arg(long)]
    no_extra: bool,
    /// List what expires within this time, such as 14d (default 7d)
    #[arg(long, value_name = "DURATION", value_parser = moment::ahead)]
    within: Option<Duration>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let needs = actions::check::needs(&args.against, Path::new(""), |file| input::read(file, vault::vault::MAX_FILE))?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let allowed = AllowedOnce::by(&[]);
    let window = DueWindow::new(Time::now(), args.within.unwrap_or(ANNOUNCED));
    let rules = Rules { needs: &needs, allowed: &allowed, no_extra: args.no_extra, window };
    let findings = actions::check::check(&session, &environments, &rules);
    context.show_warnings(session.vault());
    let findings = findings?;
    report(&findings, &needs, &environments, context)
}

fn report(
    findings: &[(EnvironmentName, Finding)],
    needs: &Needs,
    environments: &[EnvironmentName],
    context: &Context,
) -> Result<ExitCode> {
    let objects: Vec<_> =
        findings.iter().map(|(environment, finding)| view::Finding::of_check(environment, finding, needs)).collect();
    if context.ui.json {
        context.ui.json(&objects)?;
    } else {
        let now = Time::now();
        for ((_, finding), object) in findings.iter().zip(&objects) {
            let detail = detail(finding, needs, now).map_or(String::new(), |detail| format!("  {detail}"));
            let item = NamedItem::within(&object.environment, &object.name);
            context.ui.line(&format!("{:<8} {item}{detail}", object.problem))?;
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

/// Returns what is printed after the name.
fn detail(finding: &Finding, needs: &Needs, now: Time) -> Option<String> {
    match finding.problem {
        Problem::Missing { file, line, is_given_otherwise } => {
            let otherwise = "; commands get it in another way, as vault list shows";
            let otherwise = if is_given_otherwise { otherwise } else { "" };
            needs.get(file).map(|(name, _)| format!("{name}:{line}{otherwise}"))
        }
        Problem::Expired(time) | Problem::Expiring(time) => Some(date_of(time, now)),
        Problem::Empty | Problem::Extra => None,
    }
}

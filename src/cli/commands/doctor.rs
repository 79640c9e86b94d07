//! `vault doctor`: shows everything that may be wrong, with the command that fixes it.

use crate::cli::generated::{examples, install};
use crate::cli::showing::remedies::worded;
use crate::cli::showing::ui::one_line;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::{agent, credential};
use std::process::ExitCode;
use vault::Result;
use vault::doctor::{self, Agents, Finding, Level, Surroundings, UserShell};
use vault::settings;
use vault::settings::shells::{Shell, ShellPlaces};
use vault::time::Time;
use vault::vault::Session;
use vault::view::Diagnosis;
use vault::words::plural;

/// Looks at the vault, its directory, git, the agent, your shell and the access log. Each line says ok, note or fix,
/// what it is about, and the command that fixes it. The exit code is 1 if there is anything to fix. Nothing is changed.
///
/// If the vault is unlocked or a key is given, it also looks for values that are expired, easy to guess, used twice, or
/// in a plain .env file beside the vault. With -e it looks only in that environment. It shows no value, and the access
/// log records that they were read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault doctor" => "Check for problems",
    "vault doctor -e prod --json" => "Check only the values of prod, for a program",
})]
pub struct Args {}

pub fn run(context: &Context) -> Result<ExitCode> {
    let source = credential::source(&context.globals)?;
    let report = doctor::examine(&surroundings(&source, context), || session(&source, context), Time::now())?;
    report.warnings.iter().for_each(|warning| context.show_warning(warning));
    show(&report.findings, context)?;
    let notes = match report.count(Level::Note) {
        0 => String::new(),
        notes => format!(", {}", plural(notes, "note")),
    };
    if report.is_sound() {
        context.ui.done(&format!("Nothing to fix{notes}."));
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.done(&format!("{} to fix{notes}.", report.count(Level::Fix)));
    Ok(ExitCode::FAILURE)
}

fn surroundings(source: &credential::Source, context: &Context) -> Surroundings {
    let key_file = match source {
        credential::Source::KeyFile(path) | credential::Source::PassphraseFile(path) => Some(path.clone()),
        _ => None,
    };
    Surroundings {
        path: context.path(),
        settings: context.settings(),
        state: settings::state_directory(),
        key_file,
        agents: agents(source),
        sockets: agent::sockets_if_any().ok().flatten(),
        environments: context.named_environments().to_vec(),
        shell: shell(),
    }
}

fn agents(source: &credential::Source) -> Agents {
    match source {
        credential::Source::Terminal if vault::agent::is_off() => Agents::Off,
        credential::Source::Terminal => Agents::At(agent::sockets_if_any()),
        source if source.is_key() => Agents::NotAsked("a key"),
        _ => Agents::NotAsked("a passphrase"),
    }
}

/// Opens a session with the agent, or with a given key or passphrase. Nobody is asked.
fn session(source: &credential::Source, context: &Context) -> Result<Option<Session>> {
    if source.is_terminal() { context.session_at_once() } else { context.session().map(Some) }
}

fn shell() -> Option<UserShell> {
    let shell = settings::login_shell().and_then(|program| Shell::named(&program))?;
    let places = ShellPlaces::of_user()?;
    let searched = if shell == Shell::Zsh { install::searched_by_zsh() } else { Vec::new() };
    Some(UserShell { shell, places, searched })
}

fn show(findings: &[Finding], context: &Context) -> Result<()> {
    if context.ui.json {
        return context.ui.json(&findings.iter().map(|finding| Diagnosis::new(finding, worded)).collect::<Vec<_>>());
    }
    let lines = Lines::for_findings(findings, context.ui.width());
    for finding in findings {
        let mut level = finding.level.word();
        for line in lines.of_finding(finding) {
            context.ui.line(&format!("{level:<LEVEL$}{line}"))?;
            level = "";
        }
    }
    Ok(())
}

/// The width of the first column and the space after it.
const LEVEL: usize = 6;

/// The widths of the other columns.
struct Lines {
    subject: usize,
    what: usize,
    /// The terminal's width.
    room: usize,
}

impl Lines {
    fn for_findings(findings: &[Finding], room: Option<usize>) -> Self {
        const SUBJECT: usize = 24;
        const WHAT: usize = 60;
        let widest = |widths: &mut dyn Iterator<Item = usize>, most: usize| widths.max().unwrap_or_default().min(most);
        let subject = widest(&mut findings.iter().map(|finding| one_line(&finding.subject).chars().count()), SUBJECT);
        let with_remedy = findings.iter().filter(|finding| finding.remedy.is_some());
        let what = with_remedy.map(|finding| finding.what.chars().count()).filter(|width| *width <= WHAT);
        Self { subject, what: widest(&mut { what }, WHAT), room: room.unwrap_or(usize::MAX) }
    }

    /// Returns the lines of a finding, without its level. On a terminal, a remedy that doesn't fit gets its own line.
    fn of_finding(&self, finding: &Finding) -> Vec<String> {
        let Finding { subject, what, remedy, .. } = finding;
        // It is escaped before it is aligned, because a file may have any name.
        let (subject, width) = (one_line(subject), self.subject);
        let Some(remedy) = remedy.as_ref().map(worded) else { return vec![format!("{subject:<width$}  {what}")] };
        let line = format!("{subject:<width$}  {what:<0$}  {remedy}", self.what);
        if LEVEL + line.chars().count() <= self.room {
            return vec![line];
        }
        vec![format!("{subject:<width$}  {what}"), format!("{:<width$}  {remedy}", "")]
    }
}

//! `vault doctor`: shows everything that may be wrong, with the command that fixes it.

use crate::cli::generated::{examples, install};
use crate::cli::showing::remedies::worded;
use crate::cli::showing::ui::one_line;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::{agent, credential};
use std::path::Path;
use std::process::ExitCode;
use vault::Result;
use vault::doctor::{self, Agents, Finding, Level};
use vault::error::Kind;
use vault::settings;
use vault::settings::shells::{Shell, ShellPlaces};
use vault::time::Time;
use vault::vault::{Session, Vault};
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
    let findings = examine(context)?;
    show(&findings, context)?;
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let (fixes, notes) = (count(Level::Fix), count(Level::Note));
    let notes = if notes == 0 { String::new() } else { format!(", {}", plural(notes, "note")) };
    if fixes > 0 {
        context.ui.done(&format!("{fixes} to fix{notes}."));
        return Ok(ExitCode::FAILURE);
    }
    context.ui.done(&format!("Nothing to fix{notes}."));
    Ok(ExitCode::SUCCESS)
}

fn examine(context: &Context) -> Result<Vec<Finding>> {
    let now = Time::now();
    let mut findings = Vec::new();
    let path = match context.path() {
        Ok(path) => Some(path),
        Err(error) if error.kind() == Kind::NotFound => {
            findings.push(Finding::no_vault(&error));
            None
        }
        Err(error) => {
            findings.push(Finding::of_error("vault", "vault", &error));
            None
        }
    };
    let vault = path.as_deref().and_then(|path| open(path, &mut findings, context));
    let place = vault.as_ref().map(Vault::path);
    if let Some(vault) = &vault {
        findings.extend(doctor::blocks(vault));
        findings.extend(doctor::vault_file(vault.path()));
        findings.extend(doctor::clock(vault, now));
        findings.extend(doctor::drafts(vault));
    }
    findings.extend(doctor::state(&settings::state_directory(), place));
    if let Some(vault) = &vault {
        findings.extend(of_vault(vault, now, context)?);
    }
    findings.extend(shell());
    Ok(findings)
}

/// Opens the vault. An error is a finding like any other.
fn open(path: &Path, findings: &mut Vec<Finding>, context: &Context) -> Option<Vault> {
    let opened = context.settings().and_then(|settings| Vault::open(path, &settings));
    if let Err(error) = &opened {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        findings.push(match error.kind() {
            Kind::NotFound => Finding::no_vault(error),
            _ => Finding::of_error("vault", name, error),
        });
    }
    let vault = opened.ok()?;
    context.show_warnings(&vault);
    Some(vault)
}

/// Examines what belongs to the vault besides its file: the agent, git, users, the log, and values.
fn of_vault(vault: &Vault, now: Time, context: &Context) -> Result<Vec<Finding>> {
    let source = credential::source(&context.globals)?;
    let mut findings = Vec::new();
    if let credential::Source::KeyFile(path) | credential::Source::PassphraseFile(path) = &source {
        findings.extend(doctor::key_file(path));
    }
    findings.extend(doctor::agent(&agents(&source), vault, now));
    if let Ok(Some(sockets)) = agent::sockets_if_any() {
        findings.extend(doctor::servers(&sockets, vault));
    }
    findings.extend(doctor::repository(vault.path()));
    let session = match session(&source, context) {
        Ok(session) => session,
        Err(error) => {
            findings.push(Finding::of_error("unlock", "unlock", &error));
            None
        }
    };
    findings.extend(doctor::users(vault, session.as_ref(), now));
    match session {
        Some(session) => findings.extend(unlocked(&session, now, context)?),
        None => {
            findings.extend(doctor::plain_files(vault.path(), None));
            findings.push(Finding::locked());
        }
    }
    Ok(findings)
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

fn unlocked(session: &Session, now: Time, context: &Context) -> Result<Vec<Finding>> {
    let environments = match context.named_environments() {
        [] => session.readable(),
        _ => context.environments(session)?,
    };
    let findings = doctor::unlocked(session, &environments, now);
    context.show_warnings(session.vault());
    Ok(findings)
}

/// Examines the user's shell. Without a home directory there is no user to help.
fn shell() -> Vec<Finding> {
    let shell = settings::login_shell().and_then(|program| Shell::named(&program));
    let Some((shell, places)) = shell.zip(ShellPlaces::of_user()) else { return Vec::new() };
    let searched = if shell == Shell::Zsh { install::searched_by_zsh() } else { Vec::new() };
    doctor::shell(shell, &places, &searched)
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

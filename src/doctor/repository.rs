//! Checks the git repository around a vault: the merge and diff drivers, and the hook that keeps values out of commits.

use super::Finding;
use super::modes::name_of;
use crate::drivers::{self, Found, Overruled, SETTINGS, Setup, converted, hook, overruled, setup_around};
use crate::error::{Remedy, Result, SystemStep};
use crate::git::{Git, work_trees_above};
use crate::path::{parent, shell_word};
use std::path::Path;

const GIT: &str = "git";
const HOOK: &str = "pre-commit";

/// Checks the repository that contains the vault; no findings if there is none.
#[must_use]
pub fn repository(vault: &Path) -> Vec<Finding> {
    let directory = parent(vault);
    if work_trees_above(directory).next().is_none() {
        return Vec::new();
    }
    let top = match Git::at(directory).top() {
        Ok(top) => top,
        Err(error) => return vec![Finding::of_error(GIT, GIT, &error)],
    };
    let git = Git::at(&top);
    let mut findings = setup(vault, &top, &git);
    findings.extend(program());
    findings.extend(tracked(vault));
    if findings.is_empty() {
        findings.push(Finding::ok(GIT, GIT, format!("merges and shows {} by item", name_of(vault))));
    }
    findings.push(match hook::find(&git) {
        Ok((path, state)) => of_hook(&if path.is_absolute() { path } else { top.join(path) }, state),
        Err(error) => Finding::of_error(HOOK, HOOK, &error),
    });
    findings
}

fn setup(vault: &Path, top: &Path, git: &Git) -> Vec<Finding> {
    let of_git = |found: Result<Vec<Finding>>| found.unwrap_or_else(|error| vec![Finding::of_error(GIT, GIT, &error)]);
    let mut findings = match setup_around(vault) {
        Setup::None | Setup::OnlyAttributes => {
            vec![Finding::fix("merge-driver", GIT, "no merge driver in this clone").command(Remedy::SetUpGit)]
        }
        Setup::Done => of_git(changed(vault, top, git)),
    };
    let lines = converted(git, vault.strip_prefix(top).unwrap_or(vault));
    findings.extend(of_git(lines.map(|lines| lines.iter().map(|line| of_line("git-conversion", line)).collect())));
    findings
}

/// Reports git settings and attributes that have changed since the setup.
fn changed(vault: &Path, top: &Path, git: &Git) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let is_other = |(key, value): &&(&str, &str)| git.setting_of_clone(key).as_deref() != Some(value);
    if let Some((key, _)) = SETTINGS.iter().find(is_other) {
        let what = format!("{key} is not what vault needs");
        findings.push(Finding::fix("merge-driver", GIT, what).command(Remedy::SetUpGit));
    }
    findings.extend(
        overruled(git, vault.strip_prefix(top).unwrap_or(vault))?.iter().map(|line| of_line("merge-driver", line)),
    );
    Ok(findings)
}

fn of_line(check: &'static str, line: &Overruled) -> Finding {
    let path = shell_word(&line.path);
    let what = format!(
        "another attribute line overrides vault's for {path}: {} is {}, not {}",
        line.name, line.found, line.expected
    );
    Finding::fix(check, ".gitattributes", what).command(SystemStep::ShowAttributes(line.path.clone()))
}

fn program() -> Option<Finding> {
    let what = match drivers::found() {
        Found::Own => return None,
        Found::Other(path) => format!("it would start {}, which is not this program", path.display()),
        Found::Nothing => "it starts vault by name, but vault is not in PATH".to_owned(),
    };
    Some(Finding::fix("git-program", GIT, what).command(SystemStep::FindProgram))
}

/// Reports a vault that git does not track.
fn tracked(vault: &Path) -> Option<Finding> {
    let name = vault.file_name()?;
    if Git::at(parent(vault)).tracks(name) {
        return None;
    }
    let finding = Finding::note("untracked", name_of(vault), "git does not track it: no commit has it");
    Some(finding.command(SystemStep::Track(vault.to_owned())))
}

fn of_hook(path: &Path, state: hook::State) -> Finding {
    match state {
        hook::State::Scans => Finding::ok(HOOK, HOOK, "refuses commits that hold a value of the vault"),
        hook::State::None => {
            let finding = Finding::note(HOOK, HOOK, "nothing keeps the vault's values out of commits");
            finding.command(Remedy::InstallScan)
        }
        hook::State::Idle => {
            let finding = Finding::fix(HOOK, HOOK, "git doesn't run the hook: it is not executable");
            finding.command(SystemStep::MakeExecutable(path.to_owned()))
        }
        hook::State::Other => {
            let what = format!("{} doesn't look for values; add a line to it", path.display());
            Finding::note(HOOK, HOOK, what).command(hook::COMMAND)
        }
    }
}

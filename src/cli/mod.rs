//! The command line: one file per command, one `Ui`, one `Context`.

mod again;
mod agent;
mod allow;
mod args;
mod candidates;
mod check;
mod completion;
mod context;
mod credential;
mod demo;
mod diff;
mod differences;
mod edit;
mod env;
mod exec;
mod export;
mod exposure;
mod frequent;
mod generate;
mod generated;
mod get;
mod git;
mod grant;
mod hardening;
mod history;
mod hook;
mod import;
mod init;
mod input;
mod join;
mod list;
mod lock;
mod log;
mod log_archive;
mod log_export;
mod log_missing;
mod log_show;
mod log_verify;
mod merge;
mod metadata;
mod moment;
mod names;
mod object;
mod output;
mod passphrase;
mod passwd;
mod programs;
mod references;
mod refusal;
mod relocate;
mod remove;
mod render;
mod rollback;
mod rotate;
mod scan;
mod selection;
mod set;
#[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
mod start;
mod status;
mod taking;
mod terminal;
mod ui;
mod unlock;
mod user;
mod verify;
mod words;

use args::{Cli, Command, Refusal};
use context::Context;
use std::ffi::OsString;
use std::process::ExitCode;
use ui::{ColorChoice, Ui};
use vault::{Result, redact};

/// Exit code of `exec` when vault itself failed, so that it can't be taken for the command's own.
const EXEC_FAILED: u8 = 125;

/// Parses, runs and renders the error.
pub fn main() -> ExitCode {
    hardening::start();
    let arguments: Vec<_> = std::env::args_os().collect();
    // Before anything looks at the environment, which is a command's.
    if let Some(code) = exec::lead(&arguments) {
        return code;
    }
    if let Err(error) = completion::answer() {
        Ui::new(false, false, Default::default()).error(&error, error.kind().exit_code());
        return ExitCode::from(error.kind().exit_code());
    }
    let cli = match args::parse(&arguments) {
        Ok(cli) => cli,
        Err(refusal) => return refuse(*refusal, &arguments),
    };
    let ui = Ui::new(cli.globals.json, cli.globals.quiet, cli.globals.color);
    let is_exec = matches!(cli.command, Some(Command::Exec(_)));
    if is_exec {
        hardening::panic_with(EXEC_FAILED);
    }
    run(cli, ui).unwrap_or_else(|error| {
        let code = if is_exec { EXEC_FAILED } else { error.kind().exit_code() };
        ui.error(&error, code);
        ExitCode::from(code)
    })
}

fn run(cli: Cli, ui: Ui) -> Result<ExitCode> {
    let context = Context::new(ui, cli.globals, cli.environments);
    let Some(command) = cli.command else {
        return status::bare(&context);
    };
    // Not where every system call counts.
    if !matches!(command, Command::Exec(_) | Command::Get(_) | Command::HookEnv(_) | Command::Agent(_)) {
        edit::clear();
    }
    match command {
        Command::Init(args) => init::run(&args, &context),
        Command::Set(args) => set::run(&args, &context),
        Command::Get(args) => get::run(&args, &context),
        Command::List(args) => list::run(&args, &context),
        Command::Rm(args) => remove::run(&args, &context),
        Command::Mv(args) => relocate::move_item(&args, &context),
        Command::Cp(args) => relocate::copy_item(&args, &context),
        Command::Edit(args) => edit::run(&args, &context),
        Command::History(args) => history::run(&args, &context),
        Command::Diff(args) => diff::run(&args, &context),
        Command::Rollback(args) => rollback::run(&args, &context),
        Command::Rotate(args) => rotate::run(&args, &context),
        Command::Exec(args) => exec::run(&args, &context),
        Command::Env(command) => env::run(&command, &context),
        Command::Import(args) => import::run(&args, &context),
        Command::Export(args) => export::run(&args, &context),
        Command::User(command) => user::run(&command, &context),
        Command::Grant(args) => grant::grant(&args, &context),
        Command::Revoke(args) => grant::revoke(&args, &context),
        Command::Join(args) => join::run(&args, &context),
        Command::Exposure(args) => exposure::run(&args, &context),
        Command::Check(args) => check::run(&args, &context),
        Command::Scan(args) => scan::run(&args, &context),
        Command::Generate(args) => generate::run(&args, &context),
        Command::Render(args) => render::run(&args, &context),
        Command::Unlock(args) => unlock::run(&args, &context),
        Command::Hook(args) => hook::run(&args, &context),
        Command::HookEnv(args) => hook::at_prompt(&args, &context),
        Command::Allow(args) => allow::allow(&args, &context),
        Command::Deny(args) => allow::deny(&args, &context),
        Command::Lock(args) => lock::run(&args, &context),
        Command::Agent(args) => agent::process::run(&args),
        Command::Passwd(args) => passwd::passwd(&args, &context),
        Command::Recovery(args) => passwd::recovery(&args, &context),
        Command::Status(args) => status::run(&args, &context),
        Command::Verify(args) => verify::run(&args, &context),
        Command::Log(args) => log::run(&args, &context),
        Command::Git(command) => git::run(&command, &context),
        Command::Merge(args) => merge::run(&args, &context),
        Command::Demo(_) => demo::run(&context),
        Command::Schema => generated::schema(&context),
        Command::Completions(args) => generated::completions(&args, &context),
        Command::Man(args) => generated::man(&args, &context),
        Command::Help(args) => generated::help(&args, &context),
    }
}

/// Help is data; a wrong line is an error like any other, and of `exec` it must not look like the command's own.
fn refuse(refusal: Refusal, arguments: &[OsString]) -> ExitCode {
    match refusal {
        Refusal::Shown(shown) => {
            let _ = shown.print();
            ExitCode::SUCCESS
        }
        Refusal::Wrong(error) => {
            let is_exec = args::command_name(arguments).as_deref() == Some("exec");
            let code = if is_exec { EXEC_FAILED } else { error.kind().exit_code() };
            let is_key = |argument: &OsString| redact::is_key(&argument.to_string_lossy());
            let error = if arguments.iter().any(is_key) { error.of_a_key() } else { error };
            let json = arguments.iter().any(|argument| argument == "--json");
            Ui::new(json, false, ColorChoice::Auto).error(&error, code);
            ExitCode::from(code)
        }
    }
}

//! The commands. Each has its own file with its options and its code. This file lists all commands and calls their
//! functions.

mod agent_process;
mod allow;
mod check;
mod clear_clipboard;
mod demo;
mod diff;
mod doctor;
pub mod edit;
mod env;
pub mod exec;
mod export;
mod exposure;
mod generate;
pub mod get;
mod git;
mod grant;
mod history;
mod hook;
mod import;
mod init;
mod join;
mod list;
mod lock;
mod log;
mod merge;
mod mv;
mod passwd;
mod render;
mod rm;
mod rollback;
mod rotate;
mod scan;
mod serve;
mod set;
mod shell;
pub mod status;
mod undo;
mod unlock;
mod user;
mod verify;

use super::generated::{self, Line, examples};
use super::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;

// This has no doc comment, because that would become the help of `vault`. Only the arguments of the called command are
// built. Building all of them would take a millisecond.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Create a vault
    Init(init::Args),
    /// Set values or their metadata
    Set(set::Args),
    /// Print a value
    Get(get::Args),
    /// List items
    #[command(visible_alias = "ls", aliases = ["search", "secrets"])]
    List(list::Args),
    /// Remove items
    #[command(alias = "remove")]
    Rm(rm::Args),
    /// Rename an item or move it to another environment
    #[command(after_long_help = examples! {
        "vault mv DB_PASS DB_PASSWORD" => "Rename an item",
        "vault mv dev/SMTP_KEY prod/SMTP_KEY" => "Move it to another environment",
    })]
    Mv(mv::Args),
    /// Copy an item to another name or environment
    #[command(after_long_help = examples! {
        "vault cp dev/PORT prod/PORT" => "Copy an item to another environment",
        "vault cp API_URL API_URL_OLD" => "Copy it under another name",
    })]
    Cp(mv::Args),
    /// Edit an environment, or one item, in your editor
    Edit(edit::Args),
    /// List the versions of an item
    History(history::Args),
    /// Show what changed since a git revision
    Diff(diff::Args),
    /// Make an earlier value the current one again
    Rollback(rollback::Args),
    /// Undo your last change to the vault on this device
    Undo(undo::Args),
    /// Give an item a new value, and renew its expiry
    Rotate(rotate::Args),
    /// Run a program with the values in its environment
    #[command(visible_aliases = ["run", "x"])]
    Exec(exec::Args),
    /// Start a shell with the values in its environment
    Shell(shell::Args),
    /// List, add or remove environments
    #[command(subcommand)]
    Env(env::Command),
    /// Import a .env, JSON, YAML, TOML or CSV file
    Import(import::Args),
    /// Print all values for another tool
    Export(export::Args),
    /// List, add, change or remove users
    #[command(subcommand)]
    User(user::Command),
    /// Give a user rights on environments
    Grant(grant::GrantArgs),
    /// Revoke a user's rights on environments
    Revoke(grant::RevokeArgs),
    /// Join as the user that an admin added for you, with your own passphrase
    Join(join::Args),
    /// Show what a user could read and did read: what to replace after they leave
    Exposure(exposure::Args),
    /// Fill in the references in a file
    Render(render::Args),
    /// Compare the vault with what files need
    Check(check::Args),
    /// Look for the vault's values in files and in git
    Scan(scan::Args),
    /// Print a random value
    Generate(generate::Args),
    /// Unlock once: the agent keeps the keys for a while
    Unlock(unlock::Args),
    /// Stop the agent: the next command asks for the passphrase again
    #[command(alias = "logout")]
    Lock(lock::Args),
    /// Set a vault's variables in a shell while it is in the vault's directory
    Hook(hook::Args),
    /// What the hook calls at each prompt
    #[command(hide = true)]
    HookEnv(hook::PromptArgs),
    /// Let shells with the hook set the variables of this vault
    Allow(allow::AllowArgs),
    /// Undo vault allow
    Deny(allow::DenyArgs),
    /// The agent's own process
    #[command(hide = true, name = "agent-process")]
    Agent(agent_process::Args),
    /// The process that vault get --clip leaves behind
    #[command(hide = true)]
    ClearClipboard(clear_clipboard::Args),
    /// Change the passphrase, and all keys with it
    Passwd(passwd::PasswdArgs),
    /// Make a new recovery key; the old one stops working
    Recovery(passwd::RecoveryArgs),
    /// Show the vault, its environments and what is due
    Status(status::Args),
    /// Find problems with the vault, its files, git, the agent, the log or your shell
    Doctor(doctor::Args),
    /// Check every signature, right and version, without any key
    Verify(verify::Args),
    /// Show or check the access log
    Log(log::Args),
    /// Make git merge and show the file by item
    #[command(subcommand)]
    Git(git::Command),
    /// Merge what git couldn't, item by item
    Merge(merge::Args),
    /// Serve the vault to apps on this machine: REST, GraphQL and a page
    Serve(serve::Args),
    /// Show the main commands on a throwaway vault
    Demo(demo::Args),
    /// Print the JSON Schema of the --json output
    #[command(after_long_help = examples! {
        "vault schema" => "Print the schema",
        "vault schema > vault.schema.json" => "Keep it in a file",
    })]
    Schema,
    /// Print a shell's completion script
    Completions(generated::CompletionsArgs),
    /// Print a man page
    Man(generated::ManArgs),
    /// Print the help of a command
    Help(generated::HelpArgs),
}

impl Command {
    /// Runs the command. `line` returns the whole command line, for the commands that show it.
    pub fn run(&self, context: &Context, line: Line) -> Result<ExitCode> {
        match self {
            Self::Init(args) => init::run(args, context),
            Self::Set(args) => set::run(args, context),
            Self::Get(args) => get::run(args, context),
            Self::List(args) => list::run(args, context),
            Self::Rm(args) => rm::run(args, context),
            Self::Mv(args) => mv::move_item(args, context),
            Self::Cp(args) => mv::copy_item(args, context),
            Self::Edit(args) => edit::run(args, context),
            Self::History(args) => history::run(args, context),
            Self::Diff(args) => diff::run(args, context),
            Self::Rollback(args) => rollback::run(args, context),
            Self::Undo(args) => undo::run(args, context),
            Self::Rotate(args) => rotate::run(args, context),
            Self::Exec(args) => exec::run(args, context),
            Self::Shell(args) => shell::run(args, context),
            Self::Env(command) => env::run(command, context),
            Self::Import(args) => import::run(args, context),
            Self::Export(args) => export::run(args, context),
            Self::User(command) => user::run(command, context),
            Self::Grant(args) => grant::grant(args, context),
            Self::Revoke(args) => grant::revoke(args, context),
            Self::Join(args) => join::run(args, context),
            Self::Exposure(args) => exposure::run(args, context),
            Self::Check(args) => check::run(args, context),
            Self::Scan(args) => scan::run(args, context),
            Self::Generate(args) => generate::run(args, context),
            Self::Render(args) => render::run(args, context),
            Self::Unlock(args) => unlock::run(args, context),
            Self::Hook(args) => hook::run(args, context),
            Self::HookEnv(args) => hook::at_prompt(args, context),
            Self::Allow(args) => allow::allow(args, context),
            Self::Deny(args) => allow::deny(args, context),
            Self::Lock(args) => lock::run(args, context),
            Self::Agent(args) => agent_process::run(args),
            Self::ClearClipboard(args) => clear_clipboard::run(args),
            Self::Passwd(args) => passwd::passwd(args, context),
            Self::Recovery(args) => passwd::recovery(args, context),
            Self::Status(args) => status::run(args, context),
            Self::Doctor(_) => doctor::run(context),
            Self::Verify(args) => verify::run(args, context),
            Self::Log(args) => log::run(args, context),
            Self::Git(command) => git::run(command, context),
            Self::Merge(args) => merge::run(args, context),
            Self::Serve(args) => serve::run(args, context),
            Self::Demo(_) => demo::run(context),
            Self::Schema => generated::schema(context),
            Self::Completions(args) => generated::completions(args, context),
            Self::Man(args) => generated::man(args, context, line),
            Self::Help(args) => generated::help(args, context, line),
        }
    }
}

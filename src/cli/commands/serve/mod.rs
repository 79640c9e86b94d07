//! `vault serve`: becomes the program `vault-serve`, which is in the same directory. Only that program contains HTTP.

mod sessions;

use crate::cli::generated::examples;
use crate::cli::unlocking::agent;
use crate::cli::unlocking::context::Context;
use rustix::io::FdFlags;
use std::ffi::OsStr;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::settings::{environment, opens_a_vault};
use vault::vault::{Chosen, Continued, Session};
use vault::{Error, Result};

/// Apps talk to it as to a Parse server (parseplatform.org): with Parse's SDKs, REST, GraphQL or live queries. There is
/// a page for people, too. The server first prints its address, and runs until you stop it. Users sign in with their
/// name and passphrase; --code and --open sign you in. The paths are listed in /openapi.json, and /playground tries them.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_long_help = examples! {
    "vault serve --code" => "Serve the vault, and print a code that signs you in",
    "vault serve --listen 127.0.0.1:8080" => "Serve it on a port of your choice",
})]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Listen on this address; port 0, the default, takes a free one. An address that others reach needs --tls-cert
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "socket")]
    listen: Option<String>,
    /// Listen on a Unix socket instead, for processes of the same user only
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Use TLS with these certificates, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Use TLS with this private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Accept this name in the Host header, too; every other name is refused
    #[arg(long = "host", value_name = "NAME[:PORT]")]
    hosts: Vec<String>,
    /// Let pages of this origin use the API in a browser: http://localhost:3000
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// End a session after this long without a request: 15m
    #[arg(long, value_name = "TIME", value_parser = agent::duration)]
    idle: Option<std::time::Duration>,
    /// End a session after this long, used or not: 8h
    #[arg(long = "for", value_name = "TIME", value_parser = agent::duration)]
    total: Option<std::time::Duration>,
    /// Answer at most this many requests per second and session (default 1000), with bursts of twice as many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Print a code that signs you in once, without a passphrase
    #[arg(long)]
    code: bool,
    /// Open the page in the browser, signed in as you
    #[arg(long, conflicts_with = "socket")]
    open: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show who is signed in at your servers, or end sessions
    ///
    /// Shows who is signed in at your servers, for all vaults. It never prompts, and shows names, clients and times,
    /// but no value.
    #[command(after_long_help = examples! {
        "vault serve sessions" => "Show who is signed in",
        "vault serve sessions --end 3f9a01c2" => "End a session",
    })]
    Sessions(sessions::Args),
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if let Some(Command::Sessions(args)) = &args.command {
        return sessions::run(args, context);
    }
    let named: Chosen = context.named_environments().iter().cloned().collect();
    let only = named.only()?;
    let program = program()?;
    let mut command = std::process::Command::new(&program);
    command.arg("--vault").arg(context.path()?);
    if let Some(name) = only {
        command.args(["-e", name.as_str()]);
    }
    add_options(&mut command, args, context);
    // Kept open until this process becomes the other program.
    let _keys = match args.code || args.open {
        true => Some(hand_over(&context.session()?, &mut command)?),
        false => None,
    };
    for (name, _) in environment().filter(|(name, _)| opens_a_vault(name)) {
        command.env_remove(name);
    }
    let error = command.exec();
    Err(Error::failed(format!("cannot start {}: {}", program.display(), vault::error::reason(&error))))
}

/// Returns the server's program. Only the one in the directory of this program is used, because another one in PATH
/// would get the keys.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe().map_err(|error| Error::io("find", Path::new("vault"), &error))?;
    let server = own.with_file_name("vault-serve");
    if server.is_file() {
        return Ok(server);
    }
    Err(Error::failed(format!("there is no {}", server.display()))
        .hint("install the server of the same release beside vault: cargo install --path serve"))
}

fn add_options(command: &mut std::process::Command, args: &Args, context: &Context) {
    let Args { command: _, listen, socket, tls_cert, tls_key, hosts, origins, idle, total, rate, code, open } = args;
    let mut option = |name: &str, value: &OsStr| {
        command.arg(name).arg(value);
    };
    listen.iter().for_each(|address| option("--listen", address.as_ref()));
    for (name, path) in [("--socket", socket), ("--tls-cert", tls_cert), ("--tls-key", tls_key)] {
        path.iter().for_each(|path| option(name, path.as_ref()));
    }
    hosts.iter().for_each(|host| option("--host", host.as_ref()));
    origins.iter().for_each(|origin| option("--allow-origin", origin.as_ref()));
    for (name, time) in [("--idle", idle), ("--for", total)] {
        time.iter().for_each(|time| option(name, format!("{}s", time.as_secs()).as_ref()));
    }
    rate.iter().for_each(|rate| option("--rate", rate.to_string().as_ref()));
    for (name, is_given) in [
        ("--code", *code),
        ("--open", *open),
        ("--json", context.globals.json),
        ("--log-sync", context.globals.log_sync),
        ("--strict", context.strict()),
    ] {
        if is_given {
            command.arg(name);
        }
    }
}

/// Hands over the session's keys through a socket, which other processes can't open by name, and without a file. If an
/// agent has the keys, they stay in the agent.
fn hand_over(session: &Session, command: &mut std::process::Command) -> Result<Option<UnixStream>> {
    let keys = match session.let_continue()? {
        Continued::Keys(keys) => keys,
        Continued::Agent(user) => {
            command.args(["--agent-of", user.as_str()]);
            return Ok(None);
        }
    };
    let cannot =
        |error: &std::io::Error| Error::failed(format!("cannot hand over keys: {}", vault::error::reason(error)));
    let (mut ours, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
    // Everything fits into the socket's buffer.
    keys.write_to(&mut ours).map_err(|error| cannot(&error))?;
    rustix::io::fcntl_setfd(&theirs, FdFlags::empty()).map_err(|error| cannot(&error.into()))?;
    command.arg("--keys-fd").arg(theirs.as_raw_fd().to_string());
    Ok(Some(theirs))
}

//! Starts the server from its options.

use crate::api::call::Keys;
use crate::api::code::HOLDS as CODE_HOLDS;
use crate::api::served_vault::ServedVault;
use crate::api::{Api, login, steps};
use crate::control::Control;
use crate::guard::{Guard, guard};
use crate::listen::{self, Listener};
use crate::live::Live;
use crate::open::RedirectFile;
use crate::options::Options;
use crate::peers::{Peers, limit};
use crate::{graphql, live, openapi, page, parse, server};
use axum::Router;
use rustix::fd::OwnedFd;
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use vault::vault::Chosen;
use vault::words::exactly;
use vault::{Error, Result};

/// The stack of a thread, in bytes.
const STACK: usize = 512 * 1024;

/// Serves until a signal ends it.
pub fn run(options: &Options) -> Result<()> {
    // The inherited descriptor is taken before any other file is opened.
    let handed_over = listen::handed_over()?;
    let keys = owner(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(64)
        .thread_stack_size(STACK)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Error::failed(format!("cannot start: {}", vault::error::reason(&error))))?;
    runtime.block_on(serve(options, keys, handed_over))
}

/// Returns the keys of the user who starts the server, if the options give them.
fn owner(options: &Options) -> Result<Option<Keys>> {
    if let Some(user) = &options.agent_of {
        return Ok(Some(Keys::Agent(user.clone())));
    }
    let Some(descriptor) = options.keys_fd else { return Ok(None) };
    let stream = vault::fs::inherited(descriptor).ok_or_else(|| {
        Error::usage(format!("file descriptor {descriptor} can't be read")).hint("vault serve gives it")
    })?;
    login::handed_over(&mut File::from(stream)).map(Some)
}

async fn serve(options: &Options, keys: Option<Keys>, handed_over: Option<OwnedFd>) -> Result<()> {
    let served =
        ServedVault::find(&options.vault, Chosen::by(options.env.as_slice()), options.strict, options.log_sync)?;
    if let Some(Keys::Agent(user)) = &keys {
        served.agent(user)?;
    }
    let listener = Listener::open(options, handed_over)?;
    let api = Arc::new(Api::new(served, options.limits(), options.rate()));
    let code = match keys {
        Some(keys) if options.code || options.open => Some(api.issue_code(keys)?),
        None if options.code || options.open => {
            return Err(Error::unlock("there are no keys to sign in with")
                .hint("start it with vault serve, which unlocks the vault"));
        }
        _ => None,
    };
    let guarded = Guard::new(listener.hosts(options), options.origins.clone(), options.tls_cert.is_some());
    let (ending, _) = tokio::sync::watch::channel(false);
    let live = Live::new(Arc::clone(&api), &ending);
    let app = app(Arc::clone(&api), live.clone(), guarded, Peers::new(options.rate().of_peer()))?;
    let base = listener.base(options);
    // The socket is ready before the address is printed: whoever reads the address may connect at once.
    let control = Control::begin(&api, &base);
    say(options, &base, code.as_deref().map(String::as_str))?;
    if let Some(code) = code.filter(|_| options.open) {
        open(&api, &base, &code)?;
    }
    tokio::spawn(Arc::clone(&api).sweep_for_ever());
    tokio::spawn(live.clone().watch_for_ever());
    let ended = server::run(listener, app, ending).await;
    drop(control);
    live.ended().await;
    api.sessions.end_all();
    ended.map_err(|error| Error::failed(format!("cannot continue: {}", vault::error::reason(&error))))
}

/// Opens the page. If no browser starts, it prints a warning, and the server runs.
fn open(api: &Api, base: &str, code: &str) -> Result<()> {
    if !base.starts_with("http") {
        return Err(Error::usage("a browser can't open a page over a Unix socket").hint("leave out --socket or --open"));
    }
    let redirect = RedirectFile::write(&api.served.settings.state, base, code)?;
    if let Err(error) = redirect.open() {
        let hint = error.advice().map_or(String::new(), |hint| format!("hint: {}\n", steps::worded(hint)));
        let _ = write!(std::io::stderr(), "warning: {error}\n{hint}");
    }
    // The file is removed when the code expires, or when the server ends.
    tokio::spawn(async move {
        tokio::time::sleep(CODE_HOLDS).await;
        drop(redirect);
    });
    Ok(())
}

/// Returns all routes, behind the limit and the guard.
fn app(api: Arc<Api>, live: Live, guarded: Guard, peers: Peers) -> Result<Router> {
    let asked = parse::router(Arc::clone(&api)).merge(graphql::router(api)?);
    let all = asked.merge(live::router(live)).merge(page::router()).merge(openapi::router()).fallback(parse::nowhere);
    let all = all.layer(axum::middleware::from_fn_with_state(Arc::new(peers), limit));
    Ok(all.layer(axum::middleware::from_fn_with_state(Arc::new(guarded), guard)))
}

/// Prints the address, alone on the first line of standard output, for programs. The code goes to standard error, for a
/// person; with `--json` both are in one object.
fn say(options: &Options, base: &str, code: Option<&str>) -> Result<()> {
    let mut line = format!("{base}\n");
    if options.json {
        let mut json = serde_json::json!({ "url": base, "parse": format!("{base}/parse") });
        if let Some(code) = code {
            json["code"] = code.into();
        }
        line = format!("{json}\n");
    } else if let Some(code) = code {
        let _ = writeln!(std::io::stderr(), "One-time code, valid for {}: {code}", exactly(CODE_HOLDS));
    }
    let mut output = std::io::stdout();
    let written = output.write_all(line.as_bytes()).and_then(|()| output.flush());
    written.map_err(|error| Error::failed(format!("cannot print the address: {}", vault::error::reason(&error))))
}

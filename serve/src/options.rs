//! The command line of `vault-serve`.

use crate::api::rate::Rate;
use clap::Parser;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use vault::agent::Limits;
use vault::name::EnvironmentName;
use vault::{Error, Result};

/// The local API of a vault: for apps written for Parse, for GraphQL, and for the page in the browser.
///
/// It listens on this machine only. `vault serve` starts it with the keys of the user who runs `vault serve`.
#[derive(Debug, Parser)]
#[command(name = "vault-serve", version)]
pub struct Options {
    /// The vault
    #[arg(long, value_name = "FILE")]
    pub vault: PathBuf,
    /// Use this environment for requests that name none (default: VAULT_ENV, else the only one that the user reads, else
    /// dev)
    #[arg(short, long, value_name = "NAME")]
    pub env: Option<EnvironmentName>,
    /// Listen on this address; port 0 takes a free one. An address that others reach needs --tls-cert
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", conflicts_with = "socket")]
    pub listen: SocketAddr,
    /// Listen on a Unix socket instead, for processes of the same user only
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Use TLS with these certificates, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Use TLS with this private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Accept this name in the Host header, too; every other name is refused
    #[arg(long = "host", value_name = "NAME[:PORT]", value_parser = host)]
    pub hosts: Vec<String>,
    /// Let pages of this origin use the API in a browser: http://localhost:3000
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = origin)]
    pub origins: Vec<String>,
    /// End a session after this long without a request
    #[arg(long, value_name = "TIME", value_parser = vault::agent::duration)]
    pub idle: Option<Duration>,
    /// End a session after this long, used or not
    #[arg(long = "for", value_name = "TIME", value_parser = vault::agent::duration)]
    pub total: Option<Duration>,
    /// Answer at most N requests per second and session, with bursts of twice as many, and four times as many per
    /// address
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// Print a code that signs in once, as the user whose keys the server has
    #[arg(long)]
    pub code: bool,
    /// Open the page in the browser, signed in as the user whose keys the server has
    #[arg(long, conflicts_with = "socket")]
    pub open: bool,
    /// Print the address as JSON
    #[arg(long)]
    pub json: bool,
    /// Wait for the disk after every log entry; or set VAULT_LOG_SYNC=1
    #[arg(long)]
    pub log_sync: bool,
    /// Fail instead of warning about an old file or giving an expired value; or set VAULT_STRICT=1
    #[arg(long)]
    pub strict: bool,
    /// Read the keys from this descriptor (for `vault serve`)
    #[arg(long, value_name = "N", hide = true)]
    pub keys_fd: Option<i32>,
    /// Use the agent of this user, which has the keys (for `vault serve`)
    #[arg(long, value_name = "NAME", hide = true, conflicts_with = "keys_fd")]
    pub agent_of: Option<vault::name::UserName>,
}

impl Options {
    /// Returns how long sessions last.
    pub fn limits(&self) -> Limits {
        Limits::chosen(self.total, self.idle)
    }

    /// Returns how many requests of a session are answered per second.
    pub fn rate(&self) -> Rate {
        self.rate.map_or(Rate::OF_SESSION, Rate)
    }
}

/// Parses a host name as in a Host header, with or without a port.
fn host(text: &str) -> Result<String> {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_bracketed = name.starts_with('[') && name.ends_with(']');
    let is_name = is_host(name) && (is_bracketed || !name.contains([':', '[', ']']));
    match is_name && port.is_none_or(|port| port.parse::<u16>().is_ok()) {
        true => Ok(text.to_owned()),
        false => Err(Error::usage("not a host name").hint("for example vault.example, vault.example:8443 or [::1]")),
    }
}

fn is_host(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]_".contains(&byte);
    !text.is_empty() && text.bytes().all(may_stand)
}

/// Parses an origin: scheme, host and port as a browser writes them (RFC 6454, 6.1).
fn origin(text: &str) -> Result<String> {
    let wrong = || Error::usage("not an origin").hint("give scheme, name and port, for example http://localhost:3000");
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).ok_or_else(wrong)?;
    if !is_host(host) {
        return Err(wrong());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_not_a_url() {
        for good in ["vault.example", "vault.example:8443", "[::1]", "[::1]:80", "localhost"] {
            assert_eq!(host(good).unwrap(), good);
        }
        for wrong in
            ["", "*", "https://vault.example", "vault.example/", "::1", "a:b", "a:99999", "Vault.Example", ":80"]
        {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_origin_must_have_the_form_that_browsers_send() {
        for good in ["http://localhost:3000", "https://app.example", "http://[::1]:8080"] {
            assert_eq!(origin(good).unwrap(), good);
        }
        for wrong in ["null", "*", "localhost:3000", "http://", "http://localhost/", "http://LOCALHOST", "file://"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}

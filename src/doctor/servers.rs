//! Reports the servers that this user runs for the vault: whoever is signed in there reads it without a passphrase.

use super::Finding;
use crate::agent::Sockets;
use crate::error::Remedy;
use crate::serving::{self, Server};
use crate::vault::Vault;
use crate::words::plural;

const CHECK: &str = "server";

/// Reports each running server.
#[must_use]
pub fn servers(sockets: &Sockets, vault: &Vault) -> Vec<Finding> {
    serving::of_vault(sockets, &vault.id()).iter().map(finding).collect()
}

fn finding(server: &Server) -> Finding {
    let signed_in = match server.sessions.len() {
        0 => "nobody is signed in".to_owned(),
        count => plural(count, "session"),
    };
    let what = format!("served at {} by process {}: {signed_in}", server.address, server.pid);
    Finding::note(CHECK, CHECK, what).command(Remedy::ShowSessions)
}

//! `vault serve sessions`: listing sessions and ending them.

use crate::harness::{MIA, Place};
use serde_json::json;
use std::os::unix::fs::MetadataExt as _;
use vault::agent::Sockets;
use vault::serving::{Request, Server, ask};

/// The answers of all servers of this place.
fn ask_all(place: &Place, request: &Request) -> Vec<Server> {
    let sockets = Sockets::new(&place.runtime()).unwrap();
    sockets.of_servers().iter().filter_map(|socket| ask(socket, request).unwrap()).collect()
}

#[test]
fn a_user_can_list_and_end_sessions_on_their_servers() {
    let place = Place::new();
    let server = place.serve_with(&["--idle", "5m"]);
    let listed = ask_all(&place, &Request::List);
    assert_eq!((listed.len(), &*listed[0].address, listed[0].pid), (1, &*server.base, server.id()));
    assert!(listed[0].sessions.is_empty() && listed[0].path.ends_with("secrets.vault"));

    let (mia, noah) = (server.mia(), server.noah());
    let login = json!({ "username": "mia", "password": MIA });
    server.ask("POST", "/parse/login", &[("x-vault-client", "another app")], Some(&login)).ok();
    mia.get("/parse/classes/Secret").ok();
    let listed = ask_all(&place, &Request::List).remove(0);
    let who: Vec<_> = listed.sessions.iter().map(|one| (&*one.user, &*one.client)).collect();
    assert_eq!(who, [("mia", "ureq"), ("noah", "ureq"), ("mia", "another app")]);
    assert!(listed.sessions.iter().all(|one| one.idle_in <= 300_000 && one.idle_in <= one.ends_in));
    assert!(!format!("{listed:?}").contains(&mia.token[2..10]));

    let ended = ask_all(&place, &Request::End(listed.sessions[1].id.clone())).remove(0);
    assert_eq!((ended.ended.len(), ended.sessions.len()), (1, 2));
    noah.get("/parse/users/me").refused(209);
    mia.get("/parse/users/me").ok();
    assert!(ask_all(&place, &Request::End("ffffffff".to_owned())).remove(0).ended.is_empty());
    assert_eq!(ask_all(&place, &Request::EndAll).remove(0).ended.len(), 2);
    mia.get("/parse/users/me").refused(209);
    server.mia().get("/parse/users/me").ok();
}

#[test]
fn two_servers_are_found_and_a_killed_ones_socket_is_removed() {
    let place = Place::new();
    let (first, second) = (place.serve(), place.serve());
    let mut found: Vec<String> = ask_all(&place, &Request::List).into_iter().map(|server| server.address).collect();
    found.sort();
    let mut both = vec![first.base.clone(), second.base.clone()];
    both.sort();
    assert_eq!(found, both);
    let sockets = || Sockets::new(&place.runtime()).unwrap().of_servers();
    for socket in sockets() {
        assert_eq!(std::fs::symlink_metadata(socket).unwrap().mode() & 0o777, 0o600);
    }
    first.terminate();
    assert_eq!(first.wait(), (Some(0), String::new()));
    assert_eq!(sockets().len(), 1);
    // A killed server can't remove its socket. The next server does.
    drop(second);
    assert_eq!(sockets().len(), 1);
    let third = place.serve();
    assert_eq!(ask_all(&place, &Request::List).iter().map(|server| &server.address).collect::<Vec<_>>(), [&third.base]);
    assert_eq!(sockets().len(), 1);
}

//! Rate limits.

use crate::harness::{MIA, Place};
use serde_json::json;

#[test]
fn a_session_with_too_many_requests_has_to_wait_and_others_do_not() {
    let place = Place::new();
    // A rate so low that every machine exceeds it: two requests at once, then one each second.
    let server = place.serve_with(&["--rate", "1"]);
    let (mia, noah) = (server.mia(), server.noah());
    let refused = (0..8).map(|_| mia.get("/parse/users/me")).find(|answer| answer.status == 429);
    if let Some(refused) = refused {
        let refused = refused.refused(155).says("too many requests");
        assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    } else {
        panic!("nobody was made to wait");
    }
    let others = noah.get("/parse/users/me");
    assert!(
        others.status == 200 || others.status == 429,
        "only the limit of the whole address may stop it: {others:?}"
    );
}

#[test]
fn a_busy_session_does_not_block_another() {
    use std::io::{Read as _, Write as _};
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let path = format!("/parse/classes/Secret/{}", mia.item("dev", "TOKEN"));
    let body = json!({ "note": "n" }).to_string();
    let request = format!(
        "PUT {path} HTTP/1.1\r\nHost: {}\r\nX-Parse-Session-Token: {}\r\nContent-Length: {}\r\n\r\n{body}",
        server.address(),
        mia.token,
        body.len()
    );
    let mut all = Vec::new();
    place.add_while("eva", || {
        // The vault's file is locked here, so each of these requests waits. They are more than the server handles at a
        // time.
        for _ in 0..40 {
            let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            all.push(stream);
        }
        noah.get("/parse/users/me").ok();
        for stream in &mut all {
            stream.set_nonblocking(true).unwrap();
            assert!(stream.read(&mut [0]).is_err(), "a waiting request was answered");
        }
    });
}

#[test]
fn one_limit_holds_for_all_sessions_of_an_address() {
    let place = Place::new();
    let server = place.serve_with(&["--rate", "1"]);
    let refused = (0..60).map(|_| server.ask("GET", "/parse/health", &[], None)).find(|answer| answer.status == 429);
    let refused = refused.expect("nobody was made to wait").refused(155);
    assert_eq!(refused.headers["cache-control"], "no-store");
    assert!(refused.headers.contains_key("retry-after"));
    // The server doesn't believe headers about the sender's address.
    let other = [("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=10.0.0.1")];
    let all = (0..60).map(|_| server.ask("GET", "/parse/health", &other, None));
    assert!(all.into_iter().any(|answer| answer.status == 429));
}

#[test]
fn every_request_in_a_batch_counts() {
    let place = Place::new();
    let server = place.serve_with(&["--rate", "2"]);
    let mia = server.mia();
    let one = json!({ "method": "GET", "path": "/parse/classes/Secret" });
    let many = json!({ "requests": vec![one.clone(); 50] });
    let answers = mia.ask("POST", "/parse/batch", Some(&many)).ok();
    let answers = answers.as_array().unwrap();
    let refused = answers.iter().filter(|answer| answer["error"]["code"] == 155).count();
    assert!(answers.len() == 50 && refused > 0 && refused < 50, "{refused}");
    let log = |count: usize| {
        let request = json!({ "method": "GET", "path": "/parse/classes/AccessLog" });
        server.signed_in("mia", MIA).ask("POST", "/parse/batch", Some(&json!({ "requests": vec![request; count] })))
    };
    log(6).refused(251).says("counts as 10");
    let too_many = json!({ "requests": vec![one; 10_000] });
    server.signed_in("mia", MIA).ask("POST", "/parse/batch", Some(&too_many)).refused(251).says("at most 50");
}

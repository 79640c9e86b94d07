//! I6: clients that keep the agent busy, and an agent that keeps its clients waiting.

use crate::unlocked::{PROTOCOL, Unlocked, has_memory, send, until};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

#[test]
fn i6_invalid_requests_and_slow_clients_delay_nobody() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let mut slow = Vec::new();
    for junk in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4], &[0, 0, 0, 0], &[0, 0, 0, 9, 1], &[], &[0, 0, 0, 2, 1, b'{']]
    {
        for _ in 0..5 {
            let mut stream = UnixStream::connect(vault.socket()).unwrap();
            stream.write_all(junk).unwrap();
            slow.push(stream);
        }
    }
    slow.extend((0..200).map(|_| UnixStream::connect(vault.socket()).unwrap()));
    let begun = Instant::now();
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    assert!(begun.elapsed() < Duration::from_secs(4), "other clients must be served before the slow ones time out");
}

#[test]
fn i6_an_empty_or_too_long_frame_is_refused_at_its_head() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    for length in [0, 256 * 1024 + 1, u32::MAX] {
        let mut stream = UnixStream::connect(vault.socket()).unwrap();
        stream.write_all(&[&length.to_be_bytes()[..], &[1]].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(String::from_utf8_lossy(&answer).contains("carries something other"), "{length}");
    }
    let stanza = "{\"tag\":\"x\",\"args\":[],\"body\":\"\"}";
    let id =
        serde_json::from_slice::<serde_json::Value>(&vault.ask(PROTOCOL, "\"status\"")[1..]).unwrap()["vault"].clone();
    let many = vec![stanza; 1002].join(",");
    let open = format!("{{\"open\":{{\"vault\":{id},\"likely\":0,\"is_use\":true,\"stanzas\":[{many}]}}}}");
    assert_eq!(vault.ask(PROTOCOL, &open), b"\0too many readers");
}

/// Connections that send one byte of a long request at a time, until the agent closes them or this is dropped.
struct Dripping(Vec<UnixStream>);

impl Dripping {
    fn new(vault: &Unlocked, count: usize) -> Self {
        Self((0..count).map(|_| UnixStream::connect(vault.socket()).unwrap()).map(Self::begin).collect())
    }

    fn begin(mut stream: UnixStream) -> UnixStream {
        stream.write_all(&[&200_000_u32.to_be_bytes()[..], &[1]].concat()).unwrap();
        stream
    }

    /// Sends another byte on each, and returns how many are still open.
    fn drip(&mut self) -> usize {
        self.0.retain_mut(|stream| stream.write_all(b"{").is_ok());
        self.0.len()
    }
}

#[test]
fn i6_a_request_that_arrives_byte_by_byte_times_out_and_blocks_nobody() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    // More than the agent can serve at once, so it closes the oldest connections.
    let mut many = Dripping::new(&vault, 160);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1500) {
        many.drip();
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    drop(many);
    let mut one = Dripping::new(&vault, 1);
    until("the agent closes the slow connection", || one.drip() == 0);
}

#[test]
fn i6_an_agent_that_does_not_answer_is_reported_and_can_be_stopped() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    send("STOP", agent);
    vault.run(&["get", "TOKEN"]).fails(4).says("the agent does not answer").says("vault lock --all");
    assert!(vault.run(&["status"]).ok().says("warning: the agent does not answer").text().contains("locked"));
    vault.run(&["lock"]).ok().says("Locked.");
    assert!(!has_memory(agent), "its memory must be gone before the message");
    // Connections that nobody accepts time out, too.
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    send("STOP", agent);
    let socket = vault.socket();
    let mut waiting = Vec::new();
    let fill = std::thread::spawn(move || {
        while let Ok(stream) = UnixStream::connect(&socket) {
            waiting.push(stream);
        }
    });
    vault.run(&["get", "TOKEN"]).fails(4).says("the agent does not answer");
    vault.run(&["lock"]).fails(4).says("stop it by hand: ps shows it");
    send("KILL", agent);
    fill.join().unwrap();
}

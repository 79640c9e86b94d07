//! Many clients at once while another process writes. Each value that was given out is in the log once.

use crate::harness::{Place, Server, set};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use vault::log::Action;

/// Sets an item again and again until it is told to stop. Returns how often.
fn write(place: &Place, is_over: &AtomicBool) -> usize {
    let mut session = place.session();
    let mut count = 0;
    while !is_over.load(Ordering::Relaxed) {
        count += 1;
        set(&mut session, "dev", &[("WRITTEN", &count.to_string())]);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    count
}

/// Returns a number from a process's status (proc(5)): its current memory in kilobytes (`VmRSS:`), its peak (`VmHWM:`),
/// or its number of `Threads:`.
fn number(server: &Server, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends this many requests from this many clients. Each request has its own client name, so the log tells them apart.
fn run(requests: usize, clients: usize) -> String {
    let place = Place::new();
    let server = place.serve_with(&["--rate", "1000000"]);
    let mia = server.mia();
    let ids: Vec<String> = ["TOKEN", "PORT", "STRIPE_KEY", "BINARY"].iter().map(|name| mia.item("dev", name)).collect();
    let before = place.log("mia").len();
    let (next, is_over, given) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let begun = std::time::Instant::now();
    let (written, took) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&place, &is_over));
        let mut all = Vec::new();
        for _ in 0..clients {
            all.push(scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return;
                    }
                    let name = format!("client {number}");
                    let path = format!("/parse/classes/Secret/{}", ids[number % ids.len()]);
                    let answer = mia.ask_with("GET", &path, &[("x-vault-client", &name)], None);
                    match answer.status {
                        200 => given.lock().unwrap().push((name, answer.body["name"].as_str().unwrap().to_owned())),
                        // docs/serve.md documents this answer for a vault that is being written.
                        503 => {}
                        other => panic!("{other}: {:?}", answer.body),
                    }
                }
            }));
        }
        all.into_iter().for_each(|client| client.join().unwrap());
        let took = begun.elapsed();
        is_over.store(true, Ordering::Relaxed);
        (writer.join().unwrap(), took)
    });
    let given = given.into_inner().unwrap();
    let summary = format!(
        "{} of {requests} given by {clients} clients in {took:?}, {written} writes, {} kB",
        given.len(),
        number(&server, "VmRSS:")
    );
    assert!(written > 0 && given.len() > requests / 2, "{written} {}", given.len());
    // `log` also checks that the chain is intact.
    let lines = place.log("mia");
    let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in &lines[before..] {
        if line.entry.action == Action::Get {
            let items: Vec<&str> = line.entry.items.iter().map(vault::secret::TextPart::as_str).collect();
            *counted.entry((line.entry.program.clone(), items.join(","))).or_default() += 1;
        }
    }
    let missing: Vec<_> = given.iter().filter(|one| counted.get(one) != Some(&1)).collect();
    assert!(missing.is_empty(), "not in the log exactly once: {missing:?}");
    assert_eq!(counted.len(), given.len(), "the log has an entry for a value that was not given out");
    summary
}

#[test]
fn every_value_given_to_many_clients_during_writes_is_logged_once() {
    println!("{}", run(300, 16));
}

/// The same test with many requests: cargo test --release -p vault-serve -- --ignored ten_thousand --nocapture
#[test]
#[ignore = "a minute"]
fn ten_thousand_requests_by_64_clients_are_each_in_the_log_once() {
    println!("{}", run(10_000, 64));
}

#[test]
fn long_lists_for_many_clients_at_once_need_little_memory() {
    let place = Place::new();
    let names: Vec<String> = (0..1_000).map(|number| format!("KEY_{number}")).collect();
    let value = "x".repeat(64);
    let items: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*value)).collect();
    set(&mut place.session(), "dev", &items);
    let server = place.serve();
    let mia = server.mia();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(
                        mia.get("/parse/classes/Secret?limit=1000").ok()["results"].as_array().unwrap().len(),
                        1_000
                    );
                }
            });
        }
    });
    // It was more than 250 MB when each answer had a copy of every object.
    let most = number(&server, "VmHWM:");
    assert!(most < 150_000, "{most} kB");
    // Requests of one session wait for their turn without a thread. Before, there were more than 30 threads.
    let threads = number(&server, "Threads:");
    assert!(threads < 25, "{threads} threads");
}

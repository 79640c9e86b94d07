use super::*;
use crate::agent::protocol::ended;
use crate::signature::Hash;
use std::net::Shutdown;

#[test]
fn what_is_asked_of_an_agent_that_ends_gets_no_answer_and_means_locked() {
    let identity = crate::identity::tests::identity();
    let limits = Limits { total: Duration::from_secs(60), idle: Duration::from_secs(60) };
    let status = first_status(&identity, Path::new("v"), limits).unwrap();
    let agent = Agent {
        identity: Mutex::new(KeptText::read(&mut identity.to_text().as_bytes()).unwrap()),
        socket: PathBuf::from("/nowhere/at/all.sock"),
        status,
        limits,
        begun: now(),
        used: Mutex::new(now()),
        clients: Clients::default(),
        has_ended: AtomicBool::new(false),
    };
    let open = Request::Open { vault: identity.vault, likely: 0, is_use: true, stanzas: Vec::new() };
    let hash = Hash::of(b"");
    let segment = Request::SignLogSegment {
        device: "0".repeat(32),
        segment: 1,
        previous: hash,
        last_number: 0,
        last_hash: hash,
        roster: 1,
        key: hash,
    };
    for has_ended in [false, true] {
        if has_ended {
            agent.end();
        }
        for request in [&open, &segment, &Request::Status] {
            let (here, there) = UnixStream::pair().unwrap();
            write_frame(&here, &[&[VERSION], &serde_json::to_vec(request).unwrap()]).unwrap();
            here.shutdown(Shutdown::Write).unwrap();
            agent.answer_all(&there);
            drop(there);
            let answer = read_frame(&here);
            assert_eq!(answer.as_ref().err(), has_ended.then(ended).as_ref(), "{request:?}");
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
#[cfg(target_os = "linux")]
fn i7_times_go_by_the_clock_that_counts_suspend() {
    // proc_uptime(5): "including time spent in suspend".
    let uptime = || -> f64 {
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        text.split_whitespace().next().unwrap().parse().unwrap()
    };
    let (before, own, after) = (uptime(), now().as_secs_f64(), uptime());
    assert!(before - 0.02 <= own && own <= after + 0.02, "{before} {own} {after}");
    // Run again in a time namespace in which that clock has slept a day (time_namespaces(7)).
    const SLEPT: &str = "VAULT_TEST_SLEPT";
    let slept = |program: &Path, arguments: &[&str]| {
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["--time", "--fork", "--boottime", "86400"]).arg(program).args(arguments).env(SLEPT, "");
        unshare.output().is_ok_and(|output| output.status.success())
    };
    if std::env::var_os(SLEPT).is_none() && slept(Path::new("true"), &[]) {
        let this = "agent::server::tests::i7_times_go_by_the_clock_that_counts_suspend";
        assert!(slept(&std::env::current_exe().unwrap(), &["--exact", this]));
    }
}

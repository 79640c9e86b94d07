use super::*;
use crate::agent::protocol::{StanzaFields, ended};
use crate::agent::status::{Begun, CurrentKeys};
use crate::crypto;
use crate::identity::{PrivateKeys, encrypt_to};
use crate::secret::ExposeSecret as _;
use crate::signature::Hash;
use age_core::format::Stanza;
use std::net::Shutdown;

const MINUTE: Duration = Duration::from_secs(60);

fn agent_of(identity: &Identity, limits: Limits) -> Agent {
    Agent {
        identity: Mutex::new(KeptText::read(&mut identity.to_text().as_bytes()).unwrap()),
        socket: PathBuf::from("/nowhere/at/all.sock"),
        status: first_status(identity, Path::new("v"), limits).unwrap(),
        limits,
        begun: now(),
        used: Mutex::new(now()),
        clients: Clients::default(),
        spare: Spare::new(),
        has_ended: AtomicBool::new(false),
        exit: || panic!("the agent has ended"),
    }
}

/// Returns the stanza of an age file that is encrypted to these keys.
fn stanza_for(keys: &PrivateKeys) -> Stanza {
    let armored = encrypt_to(std::iter::once(&keys.public().unwrap().recipient), b"text").unwrap();
    crypto::stanza_at(&crypto::dearmor(&armored).unwrap(), 0).unwrap()
}

/// A client's first request.
struct First {
    keys: CurrentKeys,
    stanza: StanzaFields,
}

impl First {
    fn from_identity(identity: &Identity) -> Self {
        let public = identity.keys.public().unwrap();
        let keys = CurrentKeys {
            vault: identity.vault,
            recipient: public.recipient.as_str().to_owned(),
            verifying_key: public.verifying_key.to_string(),
            roster: identity.roster.version,
        };
        Self { keys, stanza: StanzaFields::new(&stanza_for(&identity.keys)) }
    }

    fn ask(self, agent: &Agent) -> Result<Begun> {
        let Self { keys, stanza } = self;
        agent.answer(Request::Begin { keys, stanza }).map(|answer| Begun::parse(&answer).unwrap())
    }
}

#[test]
fn a_first_request_opens_a_stanza_and_counts_as_use() {
    let identity = crate::identity::tests::identity();
    let agent = agent_of(&identity, Limits { total: MINUTE, idle: MINUTE });
    *agent.used.lock().unwrap() -= MINUTE / 2;
    let first = First::from_identity(&identity);
    let stanza = first.stanza.clone().stanza().unwrap();
    let begun = first.ask(&agent).unwrap();
    let own = age::Identity::unwrap_stanza(identity.keys.identities().next().unwrap(), &stanza).unwrap().unwrap();
    assert_eq!(begun.file_key.unwrap().expose_secret(), own.expose_secret());
    assert!(begun.status.idle_in > 50_000, "the idle time has begun again: {}", begun.status.idle_in);
    // A roster that is newer than the keys doesn't prevent their use.
    let mut newer = First::from_identity(&identity);
    newer.keys.roster += 1;
    assert!(newer.ask(&agent).unwrap().file_key.is_some());
}

#[test]
fn a_first_request_that_names_other_keys_gets_only_the_status_and_does_not_count_as_use() {
    let identity = crate::identity::tests::identity();
    let other = PrivateKeys::generate().unwrap();
    let changes: [fn(&mut CurrentKeys); 4] = [
        |keys| keys.vault = Hash::of(b"other"),
        |keys| keys.recipient.push('x'),
        |keys| keys.verifying_key.clear(),
        |keys| keys.roster -= 1,
    ];
    let mut requests: Vec<First> = changes.iter().map(|_| First::from_identity(&identity)).collect();
    requests.iter_mut().zip(changes).for_each(|(first, change)| change(&mut first.keys));
    // A stanza for another user, and one for no user, such as the one that age adds.
    requests.push(First { stanza: StanzaFields::new(&stanza_for(&other)), ..First::from_identity(&identity) });
    let grease = Stanza { tag: "x-grease".to_owned(), args: Vec::new(), body: vec![1; 9] };
    requests.push(First { stanza: StanzaFields::new(&grease), ..First::from_identity(&identity) });
    // A damaged stanza. Only a separate request for the file key gets the reason.
    let damaged = Stanza { body: vec![0; 31], ..stanza_for(&identity.keys) };
    requests.push(First { stanza: StanzaFields::new(&damaged), ..First::from_identity(&identity) });
    let agent = agent_of(&identity, Limits { total: MINUTE, idle: MINUTE });
    *agent.used.lock().unwrap() -= MINUTE / 2;
    for first in requests {
        let named = format!("{:?} {:?}", first.keys, first.stanza);
        let begun = first.ask(&agent).unwrap();
        assert!(begun.file_key.is_none(), "{named}");
        assert!(begun.status.idle_in < 40_000, "{named}");
        assert_eq!(begun.status.recipient, identity.keys.public().unwrap().recipient.as_str(), "{named}");
    }
}

#[test]
fn an_agent_that_is_about_to_end_opens_nothing() {
    let identity = crate::identity::tests::identity();
    for (total, idle) in [(Duration::from_millis(100), MINUTE), (MINUTE, Duration::from_millis(100))] {
        let begun = First::from_identity(&identity).ask(&agent_of(&identity, Limits { total, idle })).unwrap();
        assert!(begun.file_key.is_none() && begun.status.ends_soon());
    }
}

#[test]
fn a_first_request_without_a_stanza_is_refused() {
    let identity = crate::identity::tests::identity();
    let agent = agent_of(&identity, Limits { total: MINUTE, idle: MINUTE });
    let mut first = First::from_identity(&identity);
    first.stanza.body = "!".to_owned();
    assert_eq!(first.ask(&agent).err().unwrap().to_string(), "the header is not an age header");
}

#[test]
fn an_agent_that_ends_gives_no_answer_which_means_locked() {
    let identity = crate::identity::tests::identity();
    let agent = agent_of(&identity, Limits { total: MINUTE, idle: MINUTE });
    let First { keys, stanza } = First::from_identity(&identity);
    let begin = Request::Begin { keys, stanza };
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
        for request in [&begin, &open, &segment, &Request::Status] {
            let (here, there) = UnixStream::pair().unwrap();
            write_frame(&here, &[&[VERSION], &serde_json::to_vec(request).unwrap()], PATIENCE).unwrap();
            here.shutdown(Shutdown::Write).unwrap();
            agent.answer_all(&there);
            drop(there);
            let answer = read_frame(&here, PATIENCE);
            assert_eq!(answer.as_ref().err(), has_ended.then(ended).as_ref(), "{request:?}");
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
#[cfg(target_os = "linux")]
fn i7_time_limits_include_time_in_suspend() {
    // proc_uptime(5): "including time spent in suspend".
    let uptime = || -> f64 {
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        text.split_whitespace().next().unwrap().parse().unwrap()
    };
    let (before, own, after) = (uptime(), now().as_secs_f64(), uptime());
    assert!(before - 0.02 <= own && own <= after + 0.02, "{before} {own} {after}");
    // Run the test again in a time namespace in which that clock has slept a day (time_namespaces(7)).
    const SLEPT: &str = "VAULT_TEST_SLEPT";
    let slept = |program: &Path, arguments: &[&str]| {
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["--time", "--fork", "--boottime", "86400"]).arg(program).args(arguments).env(SLEPT, "");
        unshare.output().is_ok_and(|output| output.status.success())
    };
    if std::env::var_os(SLEPT).is_none() && slept(Path::new("true"), &[]) {
        let this = "agent::server::tests::i7_time_limits_include_time_in_suspend";
        assert!(slept(&std::env::current_exe().unwrap(), &["--exact", this]));
    }
}

//! The text of an identity, earlier keys, and vouchers.

use super::*;

pub(crate) fn identity() -> Identity {
    let keys = PrivateKeys::generate().unwrap().renew().unwrap();
    let head = Head { version: 3, hash: Hash::of(b"roster") };
    Identity { vault: Hash::of(b"vault"), user: UserName::new("alice").unwrap(), keys, roster: head }
}

#[test]
fn an_identity_round_trips_through_text() {
    let identity = identity();
    let again = Identity::from_text(&identity.to_text()).unwrap();
    assert_eq!(*again.to_text(), *identity.to_text());
    assert_eq!(again.keys.decryption.len(), 2);
}

#[test]
fn keys_are_recognized_by_their_earlier_versions() {
    let first = PrivateKeys::generate().unwrap();
    let mut line = vec![first];
    for _ in 0..MAX_RETIRED + 2 {
        line.push(line[line.len() - 1].renew().unwrap());
    }
    let newest = Identity { keys: line[line.len() - 1].clone(), ..identity() };
    let newest = Identity::from_text(&newest.to_text()).unwrap().keys;
    let known: Vec<bool> = line
        .iter()
        .map(|keys| {
            let public = keys.public().unwrap();
            newest.as_before(&public).is_some_and(|before| before.public().unwrap() == public)
        })
        .collect();
    // The first two are too old, and the newest is the current one.
    let expected: Vec<bool> = (0..line.len()).map(|number| (2..line.len() - 1).contains(&number)).collect();
    assert_eq!(known, expected);
    let message = Message::new("test");
    let before = newest.as_before(&line[5].public().unwrap()).unwrap();
    assert!(line[5].public().unwrap().verifying_key.verifies(&message, &before.sign(&message)));
    assert!(before.as_before(&line[4].public().unwrap()).is_some());
}

#[test]
fn a_voucher_depends_on_the_vault_the_roster_and_the_keys() {
    let Identity { keys, roster: head, vault, .. } = identity();
    let voucher = keys.voucher(&vault, head);
    assert!(keys.vouched(&vault, head, &voucher));
    assert!(!keys.vouched(&Hash::of(b"another vault"), head, &voucher));
    assert!(!keys.vouched(&vault, Head { version: 4, ..head }, &voucher));
    assert!(!keys.vouched(&vault, Head { hash: Hash::of(b"another roster"), ..head }, &voucher));
    assert!(!PrivateKeys::generate().unwrap().vouched(&vault, head, &voucher));
    assert!(!keys.renew().unwrap().vouched(&vault, head, &voucher), "new keys must not accept an old voucher");
}

//! Keys and signatures that only lax rules would accept, and keys of somebody else.

use crate::forge::{Forge, Member, Team, environment, user};
use vault::identity::{PublicKeys, Recipient};
use vault::identity::{Signature, VerifyingKey};
use vault::roster::{Change, NewKeys, Right, Role};

#[test]
fn d11_a_signature_that_only_lax_verifiers_accept_is_refused() {
    // S plus the group's order: lax verifiers (RFC 8032) accept it as the same signature.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let team = Team::new();
    let mut forge = team.forge();
    let mut bytes = *forge.block("dev").signature.as_bytes();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    forge.block("dev").signature = signature(&bytes);
    forge.write();
    team.refuses("is not signed by mia");
}

fn signature(bytes: &[u8; 64]) -> Signature {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes).parse().unwrap()
}

/// Adds this member with these keys, signed by an honest admin.
fn add_with(team: &Team, keys: impl FnOnce(PublicKeys) -> PublicKeys) -> Forge {
    let mut forge = team.forge();
    let new = Member::new("eve");
    let honest = forge.new_keys(&new.name, &new.keys);
    let keys = NewKeys { keys: keys(honest.keys), signature: honest.signature };
    let grants = vec![(environment("dev"), Right::Read)];
    forge.change(
        &team.mia,
        Change::AddUser { user: new.name, email: None, role: Role::Member, grants, keys: keys.into() },
    );
    forge
}

#[test]
fn d11_a_verifying_key_of_low_order_is_refused_in_a_roster() {
    let team = Team::new();
    for text in [format!("01{}", "0".repeat(62)), "0".repeat(64), format!("ec{}7f", "f".repeat(60))] {
        let weak = VerifyingKey::from_trusted(&text).unwrap();
        add_with(&team, |keys| PublicKeys { verifying_key: weak, ..keys }).write();
        team.refuses("not a canonical Ed25519 key");
    }
}

#[test]
fn l12_a_recipient_of_low_order_is_refused_on_reading_without_a_panic() {
    let team = Team::new();
    let encode = |bytes: &[u8; 32]| bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age").unwrap(), bytes);
    for first in [0, 1] {
        let mut bytes = [0; 32];
        bytes[0] = first;
        let recipient = Recipient::from_trusted(&encode(&bytes).unwrap()).unwrap();
        add_with(&team, |keys| PublicKeys { recipient, ..keys }).write();
        team.refuses("not a canonical X25519 key");
    }
}

#[test]
fn l12_a_users_own_new_keys_with_a_low_order_recipient_are_refused() {
    let team = Team::new();
    let mut forge = team.forge();
    let zero = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age").unwrap(), &[0; 32]).unwrap();
    let mut keys = forge.new_keys(&team.ben.name, &team.ben.keys.renew().unwrap());
    keys.keys.recipient = Recipient::from_trusted(&zero).unwrap();
    forge.change(&team.ben, Change::ReplaceKeys { keys: keys.into() }).write();
    team.refuses("not a canonical X25519 key");
}

#[test]
fn keys_of_somebody_else_cannot_be_claimed() {
    let team = Team::new();
    let rea = team.rea.keys.public().unwrap();
    add_with(&team, |_| rea).write();
    team.refuses("in use before");
    let other = Member::new("zoe").keys.public().unwrap();
    add_with(&team, |keys| PublicKeys { recipient: other.recipient, ..keys }).write();
    team.refuses("did not sign for themselves");
    // Signed for themselves, and earlier in the chain.
    let mut forge = team.forge();
    let keys = forge.new_keys(&user("eve"), &team.rea.keys);
    let change =
        Change::AddUser { user: user("eve"), email: None, role: Role::Member, grants: vec![], keys: keys.into() };
    forge.change(&team.mia, change).write();
    team.refuses("in use before");
}

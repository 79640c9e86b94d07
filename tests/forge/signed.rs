//! The bytes that are signed, written a second time from vault-format(5).

use super::dearmored;
use vault::identity::{Hash, Message};
use vault::identity::{Head, PrivateKeys};
use vault::name::UserName;
use vault::roster::{Change, Draft, NewKeys, Right, Statement};
use vault::vault::{Ancestors, BlockStatement};

/// The hash of every change, as in vault-format(5).
pub fn hashes(roster: &[Statement]) -> Vec<Hash> {
    let mut hashes: Vec<Hash> = Vec::new();
    for Statement { version, draft, signature } in roster {
        let first = hashes.first().copied().unwrap_or(Hash::ZERO);
        let last = hashes.last().copied().unwrap_or(Hash::ZERO);
        hashes.push(message(&first, *version, &last, draft).hash(signature));
    }
    hashes
}

/// Public keys in the form that a change has, signed by the keys themselves: `vault/keys/v1`. The keys of the first user
/// are signed before the vault has an id, which is all zeros then.
pub fn new_keys(vault: &Hash, name: &UserName, keys: &PrivateKeys) -> NewKeys {
    let public = keys.public().unwrap();
    let mut message = Message::new("vault/keys/v1");
    message.raw(vault.as_bytes()).text(name.as_str());
    message.text(public.recipient.as_str()).raw(public.verifying_key.as_bytes());
    NewKeys { signature: keys.sign(&message), keys: public }
}

/// `vault/environment/v1`.
pub fn block_message(vault: &Hash, statement: &BlockStatement, data: &str) -> Message {
    let mut message = Message::new("vault/environment/v1");
    message.raw(vault.as_bytes()).text(statement.name.as_str()).integer(statement.version);
    message.count(statement.previous.len());
    for hash in &statement.previous {
        message.raw(hash.as_bytes());
    }
    message.bytes(statement.ancestors.as_bytes());
    message.integer(statement.roster.version).raw(statement.roster.hash.as_bytes());
    message.text(statement.author.as_str()).text(&statement.time.to_string());
    message.raw(Hash::of(&dearmored(data)).as_bytes());
    message
}

/// What these keys record in a device's marks about a roster that they verified: `vault/verified-roster/v1`.
pub fn verified_roster(vault: &Hash, head: Head, keys: &PrivateKeys) -> serde_json::Value {
    let mut message = Message::new("vault/verified-roster/v1");
    message.raw(vault.as_bytes()).integer(head.version).raw(head.hash.as_bytes());
    serde_json::json!({ "head": head, "voucher": keys.voucher(vault, head), "signature": keys.sign(&message) })
}

/// Returns the entry for a statement in a list of ancestors, for any version but the one directly before.
pub fn entry(hash: &Hash) -> [u8; 8] {
    let mut entry: [u8; 8] = hash.as_bytes()[..8].try_into().unwrap();
    entry[7] &= !1;
    entry
}

/// Made-up ancestors for a block of this version. Nobody has seen them, except for the first of `previous`.
pub fn made_up(version: u32, previous: &[Hash]) -> Ancestors {
    let others: Vec<[u8; 8]> = (2..version.min(65)).map(|apart| entry(&Hash::of(&apart.to_be_bytes()))).collect();
    match previous.first() {
        Some(first) => list(&[entry(first)], &others.concat()),
        None => Ancestors::default(),
    }
}

/// The newest ancestors, followed by the earlier ones, up to the limit.
pub fn list(newest: &[[u8; 8]], before: &[u8]) -> Ancestors {
    let mut bytes = [newest.concat(), before.to_vec()].concat();
    bytes.truncate(64 * 8);
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes).parse().unwrap()
}

/// `vault/roster/v1`.
pub fn message(vault: &Hash, version: u32, previous: &Hash, draft: &Draft) -> Message {
    let mut message = Message::new("vault/roster/v1");
    message.raw(vault.as_bytes()).integer(version).raw(previous.as_bytes());
    message.text(draft.author.as_str()).text(&draft.time.to_string()).text(draft.change.word());
    write_change(&draft.change, &mut message);
    message.count(draft.pending.len());
    for (name, hash) in &draft.pending {
        message.text(name.as_str()).raw(hash.as_bytes());
    }
    message
}

fn write_change(change: &Change, message: &mut Message) {
    match change {
        Change::Create { random, email, keys } => {
            message.bytes(random).optional(email.as_deref());
            write_keys(keys, message);
        }
        Change::AddUser { user, email, role, grants, keys } => {
            message.text(user.as_str()).optional(email.as_deref()).text(role.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
            write_keys(keys, message);
        }
        Change::RemoveUser { user } => {
            message.text(user.as_str());
        }
        Change::SetRole { user, role } => {
            message.text(user.as_str()).text(role.as_str());
        }
        Change::ReplaceKeys { keys } => write_keys(keys, message),
        Change::AddEnvironment { environment, grants } => {
            message.text(environment.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
        }
        Change::RemoveEnvironment { environment } => {
            message.text(environment.as_str());
        }
        Change::Grant { user, grants } => {
            message.text(user.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
        }
        Change::Revoke { user, environments } => {
            message.text(user.as_str()).count(environments.len());
            for name in environments {
                message.text(name.as_str());
            }
        }
        Change::SetEnvironment { environment, protected } => {
            message.text(environment.as_str()).text(protected.as_str());
        }
    }
}

fn write_keys(NewKeys { keys, signature }: &NewKeys, message: &mut Message) {
    message.text(keys.recipient.as_str()).raw(keys.verifying_key.as_bytes()).bytes(signature.as_bytes());
}

fn write_pairs<'a>(pairs: impl ExactSizeIterator<Item = (&'a str, Right)>, message: &mut Message) {
    message.count(pairs.len());
    for (name, right) in pairs {
        message.text(name).text(right.as_str());
    }
}

//! Reading the file: bytes from anybody, so strict and bounded.

use super::{Block, BlockStatement, FORMAT, File, MAX_FILE, MAX_KEY_SLOTS, MAX_SLOT, Slot, SlotKind};
use crate::error::{Error, Result};
use crate::identity::{Head, PublicKeys, Recipient};
use crate::name::UserName;
use crate::roster::{Change, Draft, MAX_CHANGES, MAX_ENVIRONMENTS, MAX_USERS, NewKeys, Right, Statement};
use crate::signature::{Hash, VerifyingKey, from_hex};
use crate::time::Time;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::str::FromStr;

const MAX_SLOTS: usize = MAX_USERS * (MAX_KEY_SLOTS + 1);

pub(super) fn parse(bytes: &[u8]) -> Result<File> {
    let text = check_text(bytes)?;
    let (short, armor) = set_armor_aside(text);
    // Its own error would count lines without the armor.
    let outline: Outline<'_> = match toml::from_str(&short) {
        Ok(outline) => outline,
        Err(error) => {
            return Err(toml::from_str::<Outline<'_>>(text)
                .err()
                .map_or_else(|| explain(&short, &error), |error| explain(text, &error)));
        }
    };
    check_format(outline.format)?;
    let roster = statements(outline.roster)?;
    let slots = outline.slot.0.into_iter().map(|raw| slot(raw, &armor)).collect::<Result<Vec<_>>>()?;
    check_slots(&slots)?;
    let blocks = outline.environment.0.into_iter().map(|raw| block(&raw, &armor)).collect::<Result<Vec<_>>>()?;
    if slots.is_empty() || blocks.is_empty() {
        return Err(Error::integrity("the file is cut short: it has no slot or no environment").hint(RESTORE));
    }
    Ok(File { roster, slots, blocks })
}

pub(super) fn roster(text: &str) -> Result<Vec<Statement>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Roster<'a> {
        format: u32,
        #[serde(borrow)]
        roster: Bounded<RawStatement<'a>, MAX_CHANGES>,
    }
    let outline: Roster<'_> = toml::from_str(text).map_err(|error| explain(text, &error))?;
    check_format(outline.format)?;
    statements(outline.roster)
}

/// Takes the armored blocks out before TOML is parsed, which would look at each of their characters three times: what it
/// reads instead is `@0`, `@1`, ... Only armor whose two marker lines fill lines of their own is taken, so what stood in
/// a string still does.
fn set_armor_aside(text: &str) -> (Cow<'_, str>, Vec<&str>) {
    const BEGIN: &str = "\n-----BEGIN AGE ENCRYPTED FILE-----";
    const END: &str = "\n-----END AGE ENCRYPTED FILE-----";
    let mut armor = Vec::new();
    let mut short = String::new();
    let mut rest = text;
    while let Some(begin) = memchr::memmem::find(rest.as_bytes(), BEGIN.as_bytes()).map(|at| at + 1)
        && let Some(length) = memchr::memmem::find(&rest.as_bytes()[begin..], END.as_bytes()).map(|at| at + END.len())
    {
        let block = &rest[begin..begin + length];
        // Quotes would end the string that it stands in.
        if memchr::memchr3(b'\'', b'"', b'\\', block.as_bytes()).is_some() {
            break;
        }
        short.push_str(&rest[..begin]);
        short.push_str(&format!("@{}", armor.len()));
        armor.push(block);
        rest = &rest[begin + length..];
    }
    if armor.is_empty() {
        return (Cow::Borrowed(text), armor);
    }
    short.push_str(rest);
    (Cow::Owned(short), armor)
}

/// The armor that a placeholder stands for, or the text itself.
fn data<'a>(raw: &'a str, armor: &[&'a str]) -> &'a str {
    let index: Option<usize> = raw.trim().strip_prefix('@').and_then(|number| number.parse().ok());
    index.and_then(|index| armor.get(index)).copied().unwrap_or(raw)
}

const RESTORE: &str = "take the file from a copy you trust, for example: git checkout -- secrets.vault";

fn check_text(bytes: &[u8]) -> Result<&str> {
    if bytes.len() > MAX_FILE {
        return Err(Error::integrity(format!("the file is larger than {} MiB", MAX_FILE >> 20)));
    }
    let no_text = || Error::integrity("the file is no vault: it is not UTF-8 text").hint(RESTORE);
    let text = std::str::from_utf8(bytes).map_err(|_| no_text())?;
    if memchr::memchr(0, bytes).is_some() {
        return Err(no_text());
    }
    if ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| text.starts_with(mark) || text.contains(&format!("\n{mark}"))) {
        return Err(Error::integrity("the file has an unresolved merge").hint("resolve it with: vault git resolve"));
    }
    // Cut anywhere, even by its last byte, a file is refused: it ends with the quotes of its last block and a line end.
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if !text.ends_with('\n') || !last.ends_with(['\'', '"']) || last.starts_with('#') {
        return Err(Error::integrity("the file is cut short or has something after its end").hint(RESTORE));
    }
    Ok(text)
}

fn check_format(format: u32) -> Result<()> {
    if format == FORMAT {
        return Ok(());
    }
    Err(Error::integrity(format!("the file has format {format}; this program knows {FORMAT}"))
        .hint("it was made by a newer version of vault: update"))
}

/// Says what TOML found wrong without repeating the file, and looks first whether another format explains it.
fn explain(text: &str, error: &toml::de::Error) -> Error {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    if let Err(newer) = toml::from_str(text).map_or(Ok(()), |Format { format }| check_format(format)) {
        return newer;
    }
    let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
    let what = error.message().lines().next().unwrap_or_default();
    Error::integrity(format!("the file is no vault, or damaged: line {line}: {what}")).hint(RESTORE)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outline<'a> {
    format: u32,
    #[serde(borrow)]
    roster: Bounded<RawStatement<'a>, MAX_CHANGES>,
    #[serde(borrow, default)]
    slot: Bounded<RawSlot<'a>, MAX_SLOTS>,
    #[serde(borrow, default)]
    environment: Bounded<RawBlock<'a>, MAX_ENVIRONMENTS>,
}

type Text<'a> = Cow<'a, str>;

/// All fields that any change has; which of them belong together is checked when the change is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatement<'a> {
    version: u32,
    #[serde(borrow)]
    author: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    change: Text<'a>,
    #[serde(borrow, default)]
    random: Option<Text<'a>>,
    #[serde(borrow, default)]
    user: Option<Text<'a>>,
    #[serde(borrow, default)]
    email: Option<Text<'a>>,
    #[serde(borrow, default)]
    role: Option<Text<'a>>,
    #[serde(borrow, default)]
    environment: Option<Text<'a>>,
    #[serde(borrow, default)]
    environments: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow, default)]
    grants: Option<Bounded<Text<'a>, MAX_USERS>>,
    #[serde(borrow, default)]
    recipient: Option<Text<'a>>,
    #[serde(borrow, default)]
    verifying_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    keys_signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    pending: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow)]
    signature: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlot<'a> {
    #[serde(borrow)]
    user: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    hint: Option<Text<'a>>,
    #[serde(borrow)]
    data: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    version: u32,
    #[serde(borrow)]
    previous: Bounded<Text<'a>, 2>,
    roster: u32,
    #[serde(borrow)]
    roster_hash: Text<'a>,
    #[serde(borrow)]
    author: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    signature: Text<'a>,
    #[serde(borrow)]
    data: Text<'a>,
}

fn statements(raw: Bounded<RawStatement<'_>, MAX_CHANGES>) -> Result<Vec<Statement>> {
    raw.0
        .into_iter()
        .map(|raw| {
            let version = raw.version;
            statement(raw).map_err(|error| located(&format!("roster change {version}"), &error))
        })
        .collect()
}

/// The same error with where it is; what it advises itself is kept.
fn located(place: &str, error: &Error) -> Error {
    let hint = error.hint_text().unwrap_or(RESTORE).to_owned();
    Error::integrity(format!("{place}: {error}")).hint(hint)
}

fn statement(mut raw: RawStatement<'_>) -> Result<Statement> {
    let version = raw.version;
    let author = name(&raw.author)?;
    let time = Time::parse(&raw.time)?;
    let signature = raw.signature.parse()?;
    let pending = raw.pending.take().map_or(Ok(Vec::new()), |list| pairs(&list.0, str::parse::<Hash>))?;
    let change = change(&mut raw)?;
    if raw.has_more() {
        return Err(Error::integrity(format!("a {} has fields that belong to another change", raw.change)));
    }
    Ok(Statement { version, draft: Draft { author, time, change, pending }, signature })
}

fn change(raw: &mut RawStatement<'_>) -> Result<Change> {
    let word = std::mem::take(&mut raw.change);
    let change = match &*word {
        "create" => Change::Create { random: random(raw)?, email: email(raw), keys: keys(raw)? },
        "add-user" => Change::AddUser {
            user: field(&mut raw.user, "user")?,
            email: email(raw),
            role: field(&mut raw.role, "role")?,
            grants: grants(raw)?,
            keys: keys(raw)?,
        },
        "remove-user" => Change::RemoveUser { user: field(&mut raw.user, "user")? },
        "set-role" => Change::SetRole { user: field(&mut raw.user, "user")?, role: field(&mut raw.role, "role")? },
        "replace-keys" => Change::ReplaceKeys { keys: keys(raw)? },
        "add-environment" => {
            Change::AddEnvironment { environment: field(&mut raw.environment, "environment")?, grants: grants(raw)? }
        }
        "remove-environment" => Change::RemoveEnvironment { environment: field(&mut raw.environment, "environment")? },
        "grant" => Change::Grant { user: field(&mut raw.user, "user")?, grants: grants(raw)? },
        "revoke" => {
            let environments = raw.environments.take().ok_or_else(|| missing("environments"))?;
            let environments = environments.0.iter().map(|text| name(text)).collect::<Result<_>>()?;
            Change::Revoke { user: field(&mut raw.user, "user")?, environments }
        }
        _ => {
            return Err(Error::integrity(format!("the change {} is unknown", crate::name::quoted(&word)))
                .hint("it was made by a newer version of vault: update"));
        }
    };
    raw.change = word;
    Ok(change)
}

impl RawStatement<'_> {
    /// Whether a field is left that the change did not take.
    fn has_more(&self) -> bool {
        let texts = [
            &self.random,
            &self.user,
            &self.email,
            &self.role,
            &self.environment,
            &self.recipient,
            &self.verifying_key,
            &self.keys_signature,
        ];
        texts.into_iter().any(Option::is_some) || self.environments.is_some() || self.grants.is_some()
    }
}

fn missing(field: &str) -> Error {
    Error::integrity(format!("the field {field} is missing"))
}

/// A name or another word whose own errors are about typing it; here they are about the file.
fn name<T: FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|error: Error| Error::integrity(error.to_string()))
}

fn field<T: FromStr<Err = Error>>(slot: &mut Option<Text<'_>>, what: &str) -> Result<T> {
    name(&slot.take().ok_or_else(|| missing(what))?)
}

fn random(raw: &mut RawStatement<'_>) -> Result<[u8; 16]> {
    raw.random.take().and_then(|text| from_hex(&text)).ok_or_else(|| missing("random"))
}

fn email(raw: &mut RawStatement<'_>) -> Option<String> {
    raw.email.take().map(Cow::into_owned)
}

fn keys(raw: &mut RawStatement<'_>) -> Result<NewKeys> {
    let recipient = raw.recipient.take().ok_or_else(|| missing("recipient"))?;
    let verifying_key = raw.verifying_key.take().ok_or_else(|| missing("verifying_key"))?;
    let signature = field(&mut raw.keys_signature, "keys_signature")?;
    // Their points are checked with the signatures: not again for a part of the chain that was verified before.
    let recipient = Recipient::from_trusted(&recipient)?;
    let verifying_key = VerifyingKey::from_trusted(&verifying_key)?;
    Ok(NewKeys { keys: PublicKeys { recipient, verifying_key }, signature })
}

fn grants<T: FromStr<Err = Error>>(raw: &mut RawStatement<'_>) -> Result<Vec<(T, Right)>> {
    pairs(&raw.grants.take().ok_or_else(|| missing("grants"))?.0, str::parse)
}

/// A list of `name:word`.
fn pairs<T: FromStr<Err = Error>, W>(list: &[Text<'_>], word: fn(&str) -> Result<W>) -> Result<Vec<(T, W)>> {
    let pair = |text: &Text<'_>| -> Result<(T, W)> {
        let (first, second) = text.split_once(':').ok_or_else(|| missing("name:word in a list"))?;
        Ok((name(first)?, word(second).map_err(|error| Error::integrity(error.to_string()))?))
    };
    list.iter().map(pair).collect()
}

fn slot(raw: RawSlot<'_>, armor: &[&str]) -> Result<Slot> {
    let data = data(&raw.data, armor);
    let user = name(&raw.user)?;
    let kind = match (&*raw.kind, raw.hint) {
        ("passphrase", None) => SlotKind::Passphrase,
        ("key", Some(hint)) if from_hex::<8>(&hint).is_some() => SlotKind::Key { hint: hint.into_owned() },
        _ => {
            return Err(Error::integrity(format!("a slot of {user} is of a kind this program doesn't know"))
                .hint("it was made by a newer version of vault: update"));
        }
    };
    if data.len() > MAX_SLOT {
        return Err(Error::integrity(format!("a slot of {user} is larger than {} KiB", MAX_SLOT >> 10)).hint(RESTORE));
    }
    Ok(Slot { user, kind, data: data.trim().to_owned() })
}

fn check_slots(slots: &[Slot]) -> Result<()> {
    let mut counts: HashMap<(&UserName, &str), usize> = HashMap::new();
    for slot in slots {
        let count = counts.entry((&slot.user, slot.kind.as_str())).or_default();
        *count += 1;
        let most = if slot.kind == SlotKind::Passphrase { 1 } else { MAX_KEY_SLOTS };
        if *count > most {
            return Err(Error::integrity(format!("{} has more than {most} {} slots", slot.user, slot.kind.as_str()))
                .hint(RESTORE));
        }
    }
    Ok(())
}

fn block(raw: &RawBlock<'_>, armor: &[&str]) -> Result<Block> {
    let in_block = |error: Error| Error::integrity(format!("environment {}: {error}", raw.name)).hint(RESTORE);
    let read = || -> Result<(BlockStatement, crate::signature::Signature)> {
        let previous = raw.previous.0.iter().map(|text| text.parse()).collect::<Result<Vec<Hash>>>()?;
        let counts = if raw.version == 1 { 0..=0 } else { 1..=2 };
        if raw.version == 0 || !counts.contains(&previous.len()) || !previous.is_sorted_by(|a, b| a < b) {
            return Err(Error::integrity("its version and the versions it follows don't go together"));
        }
        let statement = BlockStatement {
            name: name(&raw.name)?,
            version: raw.version,
            previous,
            roster: Head { version: raw.roster, hash: raw.roster_hash.parse()? },
            author: name(&raw.author)?,
            time: Time::parse(&raw.time)?,
        };
        Ok((statement, raw.signature.parse()?))
    };
    let (statement, signature) = read().map_err(in_block)?;
    Ok(Block { statement, signature, data: data(&raw.data, armor).trim().to_owned() })
}

/// A list that refuses to grow beyond `N` items while it is read.
struct Bounded<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Default for Bounded<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Bounded<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const N: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Items<T, N> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "a list of at most {N}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() == N {
                        return Err(A::Error::custom(format!("a list of more than {N}")));
                    }
                    items.push(item);
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Items::<T, N>(PhantomData)).map(Self)
    }
}

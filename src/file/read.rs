//! Parses the file. It may come from anybody, so parsing is strict and bounded.

use super::armor::Armor;
use super::fields::{Bounded, name, restore};
use super::lines;
use super::raw::{Outline, RawBlock, RawSlot};
use super::statement::ReadStatement;
use super::{
    Ancestors, Block, BlockStatement, FORMAT, File, Lineage, MAX_FILE, MAX_KEY_SLOTS, MAX_SLOT, Slot, SlotKind,
};
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{MAX_CHANGES, Statement};
use crate::signature::{Hash, from_hex};
use crate::time::Time;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn parse(bytes: Vec<u8>) -> Result<File> {
    let text = Arc::new(check_text(bytes)?);
    let outline = outline(&text)?;
    let roster = statements(outline.roster)?;
    let slots = outline.slot.0.into_iter().map(|raw| slot(raw, &text)).collect::<Result<Vec<_>>>()?;
    check_slots(&slots)?;
    let blocks = outline.environment.0.iter().map(|raw| block(raw, &text)).collect::<Result<Vec<_>>>()?;
    if slots.is_empty() || blocks.is_empty() {
        return Err(
            Error::new(Reason::Damaged, "the file is cut short: it has no slot or no environment").hint(restore())
        );
    }
    Ok(File { roster, slots, blocks })
}

fn outline(text: &str) -> Result<Outline<'_>> {
    if let Some(outline) = lines::read(text) {
        check_format(outline.format)?;
        return Ok(outline);
    }
    stated_format(text).map_or(Ok(()), check_format)?;
    check_size_otherwise(text)?;
    toml::from_str(text).map_err(|error| explain(text, &error))
}

/// Finds the format by its line alone, because nothing else is known about a file of another format.
fn stated_format(text: &str) -> Option<u32> {
    let lines = text.lines().take(100).map(str::trim).take_while(|line| !line.starts_with('['));
    let number = |line: &str| line.strip_prefix("format")?.trim_start().strip_prefix('=')?.trim().parse().ok();
    lines.filter_map(|line| line.split('#').next()).find_map(number)
}

/// The maximum number of punctuation and space characters in a file for the TOML parser, which bounds its memory: it
/// keeps less than 200 bytes for each. The largest armor has half as many line breaks.
const MAX_SIGNS: usize = 1_000_000;

/// Checks that the TOML parser will take little memory for a file that is not in the form that this program writes.
fn check_size_otherwise(text: &str) -> Result<()> {
    let is_sign = |byte: &&u8| !byte.is_ascii_alphanumeric() && !b"+/-_".contains(byte);
    if text.as_bytes().iter().filter(is_sign).nth(MAX_SIGNS).is_none() {
        return Ok(());
    }
    Err(Error::new(
        Reason::Damaged,
        "the file is not a vault, or it is damaged: it is not in the form vault writes, and too large to parse",
    )
    .hint(restore()))
}

pub(super) fn roster(text: &str) -> Result<Vec<Statement>> {
    let outline = outline(text)?;
    if !outline.slot.0.is_empty() || !outline.environment.0.is_empty() {
        return Err(Error::integrity("there is more than a roster"));
    }
    statements(outline.roster)
}

fn statements(roster: Bounded<ReadStatement, MAX_CHANGES>) -> Result<Vec<Statement>> {
    roster.0.into_iter().map(|statement| statement.0).collect()
}

fn check_text(bytes: Vec<u8>) -> Result<String> {
    if bytes.len() > MAX_FILE {
        return Err(Error::new(Reason::Damaged, format!("the file is larger than {} MiB", MAX_FILE >> 20)));
    }
    let no_text = || Error::new(Reason::Damaged, "the file is not a vault: it is not UTF-8 text").hint(restore());
    let mut text = String::from_utf8(bytes).map_err(|_| no_text())?;
    if may_be_foreign(text.as_bytes()) {
        if text.contains('\0') {
            return Err(no_text());
        }
        let has = |mark: &str| text.starts_with(mark) || text.contains(&format!("\n{mark}"));
        if has("<<<<<<< ") || has(">>>>>>> ") {
            return Err(Error::new(Reason::UnresolvedMerge, "the file has an unresolved merge")
                .hint(("merge both sides, item by item: ", Remedy::Merge)));
        }
        // A checkout may have changed all line breaks. They mean the same in TOML, and are not part of what is signed.
        text = text.replace("\r\n", "\n");
    }
    // A file that was cut short anywhere, even by its last byte, is refused: it must end with the quotes of its last
    // block and a line break.
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if !text.ends_with('\n') || !last.ends_with(['\'', '"']) || last.starts_with('#') {
        return Err(Error::new(Reason::Damaged, "the file is cut short or has something after its end").hint(restore()));
    }
    Ok(text)
}

/// Whether the file has a byte that this program never writes. Armor may be long, and this search is fast.
fn may_be_foreign(bytes: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'<', b'>', bytes).is_some() || memchr::memchr(0, bytes).is_some()
}

fn check_format(format: u32) -> Result<()> {
    if format == FORMAT {
        return Ok(());
    }
    Err(Error::new(Reason::NewerFormat, format!("the file has format {format}; this program reads {FORMAT}"))
        .hint("it was made by a newer version of vault: update"))
}

/// Converts the TOML parser's error. The message shows at most a name from the file.
fn explain(text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
    let what = crate::name::shown(error.message().lines().next().unwrap_or_default(), 120);
    Error::new(Reason::Damaged, format!("the file is not a vault, or it is damaged: line {line}: {what}"))
        .hint(restore())
}

fn slot(raw: RawSlot<'_>, text: &Arc<String>) -> Result<Slot> {
    let data = &raw.data;
    let user = name(&raw.user)?;
    let kind = match (&*raw.kind, raw.hint) {
        ("passphrase", None) => SlotKind::Passphrase,
        ("key", Some(hint)) if from_hex::<8>(&hint).is_some() => SlotKind::Key { hint: hint.0.into_owned() },
        _ => {
            return Err(Error::new(
                Reason::NewerFormat,
                format!("a slot of {user} is of a kind this program doesn't know"),
            )
            .hint("it was made by a newer version of vault: update"));
        }
    };
    if data.len() > MAX_SLOT {
        return Err(Error::integrity(format!("a slot of {user} is larger than {} KiB", MAX_SLOT >> 10)).hint(restore()));
    }
    Ok(Slot { user, kind, data: Armor::within(text, data) })
}

fn check_slots(slots: &[Slot]) -> Result<()> {
    let mut counts: HashMap<(&UserName, &str), usize> = HashMap::new();
    for slot in slots {
        let count = counts.entry((&slot.user, slot.kind.as_str())).or_default();
        *count += 1;
        let most = if slot.kind == SlotKind::Passphrase { 1 } else { MAX_KEY_SLOTS };
        if *count > most {
            return Err(Error::integrity(format!("{} has more than {most} {} slots", slot.user, slot.kind.as_str()))
                .hint(restore()));
        }
    }
    Ok(())
}

fn block(raw: &RawBlock<'_>, text: &Arc<String>) -> Result<Block> {
    let name: EnvironmentName = name(&raw.name).map_err(|error| error.hint(restore()))?;
    let in_block = |error: Error| Error::integrity(format!("environment {name}: {error}")).hint(restore());
    let read = || -> Result<(BlockStatement, crate::signature::Signature)> {
        let previous = raw.previous.0.iter().map(|hash| hash.parse()).collect::<Result<Vec<Hash>>>()?;
        let Lineage { version, previous, ancestors } = Lineage::new(raw.version, previous, ancestors(raw)?)?;
        let statement = BlockStatement {
            name: name.clone(),
            version,
            previous,
            ancestors,
            roster: Head { version: raw.roster, hash: raw.roster_hash.parse()? },
            author: self::name(&raw.author)?,
            time: Time::parse(&raw.time)?,
        };
        Ok((statement, raw.signature.parse()?))
    };
    let (statement, signature) = read().map_err(in_block)?;
    Ok(Block { statement, signature, data: Armor::within(text, &raw.data) })
}

/// Parses the ancestors. They are not written for the first version.
fn ancestors(raw: &RawBlock<'_>) -> Result<Ancestors> {
    match &raw.ancestors {
        None => Ok(Ancestors::default()),
        Some(text) if text.is_empty() => Err(Error::integrity("its ancestors are empty")),
        Some(text) => text.parse(),
    }
}

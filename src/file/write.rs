//! Writes the file. All fields use characters that need no escapes in TOML: names, numbers, hexadecimal, base64, times,
//! e-mail addresses that [`crate::roster::check_email`] accepts, and armor.

use super::{Block, BlockStatement, FORMAT, File, Slot, SlotKind};
use crate::roster::{Change, Draft, NewKeys, Right, Statement};
use std::fmt::{Display, Write as _};

/// The first line, for people who come across the file.
pub const HEADING: &str = "# Encrypted by vault. Safe to commit. Every part is signed: change it only with `vault`.";

pub(super) fn file(file: &File) -> String {
    let blocks: usize = file.blocks.iter().map(|block| block.data.len() + 1024).sum();
    let mut out = Output(String::with_capacity(blocks + 1024 * (file.roster.len() + 4 * file.slots.len() + 1)));
    let _ = writeln!(out.0, "{HEADING}");
    out.number("format", FORMAT);
    file.roster.iter().for_each(|statement| out.statement(statement));
    file.slots.iter().for_each(|slot| out.slot(slot));
    file.blocks.iter().for_each(|block| out.block(block));
    out.0
}

pub(super) fn roster(statements: &[Statement]) -> String {
    let mut out = Output(String::new());
    out.number("format", FORMAT);
    statements.iter().for_each(|statement| out.statement(statement));
    out.0
}

struct Output(String);

// Writing to a String cannot fail.
impl Output {
    fn table(&mut self, name: &str) {
        let _ = write!(self.0, "\n[[{name}]]\n");
    }

    fn number(&mut self, key: &str, number: u32) {
        let _ = writeln!(self.0, "{key} = {number}");
    }

    fn text(&mut self, key: &str, text: impl Display) {
        let _ = writeln!(self.0, "{key} = \"{text}\"");
    }

    fn list(&mut self, key: &str, items: impl Iterator<Item = impl Display>) {
        let items: Vec<_> = items.map(|item| format!("\"{item}\"")).collect();
        let _ = writeln!(self.0, "{key} = [{}]", items.join(", "));
    }

    fn armor(&mut self, data: &str) {
        let _ = writeln!(self.0, "data = '''\n{}\n'''", data.trim_end());
    }

    fn statement(&mut self, statement: &Statement) {
        let Statement { version, draft: Draft { author, time, change, pending }, signature } = statement;
        self.table("roster");
        self.number("version", *version);
        self.text("author", author);
        self.text("time", time);
        self.text("change", change.word());
        self.change(change);
        if !pending.is_empty() {
            self.list("pending", pending.iter().map(|(name, hash)| format!("{name}:{hash}")));
        }
        self.text("signature", signature);
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Create { random, email, keys } => {
                let mut hexadecimal = String::new();
                let _ = crate::signature::write_hex(random, &mut hexadecimal);
                self.text("random", hexadecimal);
                self.email(email.as_deref());
                self.keys(keys);
            }
            Change::AddUser { user, email, role, grants, keys } => {
                self.text("user", user);
                self.email(email.as_deref());
                self.text("role", role);
                self.grants(grants);
                self.keys(keys);
            }
            Change::RemoveUser { user } => self.text("user", user),
            Change::SetRole { user, role } => {
                self.text("user", user);
                self.text("role", role);
            }
            Change::ReplaceKeys { keys } => self.keys(keys),
            Change::AddEnvironment { environment, grants } => {
                self.text("environment", environment);
                self.grants(grants);
            }
            Change::RemoveEnvironment { environment } => self.text("environment", environment),
            Change::Grant { user, grants } => {
                self.text("user", user);
                self.grants(grants);
            }
            Change::Revoke { user, environments } => {
                self.text("user", user);
                self.list("environments", environments.iter());
            }
            Change::SetEnvironment { environment, protected } => {
                self.text("environment", environment);
                self.text("protected", protected);
            }
        }
    }

    fn email(&mut self, email: Option<&str>) {
        if let Some(email) = email {
            self.text("email", email);
        }
    }

    fn grants<N: Display>(&mut self, grants: &[(N, Right)]) {
        self.list("grants", grants.iter().map(|(name, right)| format!("{name}:{right}")));
    }

    fn keys(&mut self, keys: &NewKeys) {
        self.text("recipient", &keys.keys.recipient);
        self.text("verifying_key", keys.keys.verifying_key);
        self.text("keys_signature", keys.signature);
    }

    fn slot(&mut self, slot: &Slot) {
        let Slot { user, kind, data } = slot;
        self.table("slot");
        self.text("user", user);
        self.text("kind", kind.as_str());
        if let SlotKind::Key { hint } = kind {
            self.text("hint", hint);
        }
        self.armor(data);
    }

    fn block(&mut self, block: &Block) {
        let Block { statement, signature, data } = block;
        let BlockStatement { name, version, previous, ancestors, roster, author, time } = statement;
        self.table("environment");
        self.text("name", name);
        self.number("version", *version);
        self.list("previous", previous.iter());
        if !ancestors.is_empty() {
            self.text("ancestors", ancestors);
        }
        self.number("roster", roster.version);
        self.text("roster_hash", roster.hash);
        self.text("author", author);
        self.text("time", time);
        self.text("signature", signature);
        self.armor(data);
    }
}

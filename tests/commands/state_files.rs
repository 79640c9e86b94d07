//! vault-format(5) names every file that a device keeps.

use crate::harness::{Sandbox, finish};
use std::path::Path;

const PAGE: &str = include_str!("../../man/vault-format.5");
/// What a part of a name stands for on the page.
const WORDS: [&str; 3] = ["HASH", "ID", "DEVICE"];

#[test]
fn every_file_in_the_state_directory_is_named_in_vault_format() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    sandbox.set("dev/A", b"1");
    sandbox.run(["exec", "-e", "dev", "--", "true"]).ok();
    sandbox.run(["allow"]).ok();
    sandbox.run(["env", "default", "dev"]);
    sandbox.run(["join", "--request", "--user", "eva"]).ok();
    let mut edit = sandbox.command(["edit", "dev"]);
    edit.env("EDITOR", "echo 'no assignment' >>");
    finish(edit).fails(2).says("kept as a draft");
    let mut names = Vec::new();
    collect(&sandbox.state(), &mut names);
    let unnamed: Vec<_> = names.iter().filter(|name| !is_named(name)).collect();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
    assert!(names.len() > 8, "{names:#?}");
    assert!(names.iter().any(|name| name.starts_with("draft-")) && !is_named("drafts-mia.age"));
}

fn collect(directory: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => collect(&entry, names),
            false => names.push(entry.file_name().unwrap().to_str().unwrap().to_owned()),
        }
    }
}

/// Whether the page has this name, with words in place of users, hashes and ids.
fn is_named(name: &str) -> bool {
    let parts: Vec<&str> = name.split_inclusive(['-', '.']).collect();
    WORDS.iter().any(|word| {
        let part = |part: &&str| {
            let (text, end) = part.split_at(part.trim_end_matches(['-', '.']).len());
            let is_number = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let text = match text {
                "mia" | "eva" => "USER",
                _ if is_number => word,
                _ => text,
            };
            format!("{text}{end}")
        };
        let name: String = parts.iter().map(part).collect();
        [" ", "\n", "/", "\""].iter().any(|before| PAGE.contains(&format!("{before}{name}")))
    })
}

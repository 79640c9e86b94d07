//! The programs that `vault` is compared with: the least that any program of its kind must do.
//!
//! The bench starts itself again as one of them, so they load the same code and are built in the same way.

use nix::unistd::execve;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::fmt;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// Becomes one of the programs, if the arguments name one; otherwise returns.
pub fn run(arguments: &[String]) {
    match arguments {
        [_, mode, file, key, command] if mode == "minimal" => minimal(Path::new(file), Path::new(key), command),
        [_, mode, file, command] if mode == "floor" => become_program(command, &std::fs::read(file).unwrap()),
        [_, mode, file, key] if mode == "decrypt" => decrypt_to_output(Path::new(file), Path::new(key)),
        _ => {}
    }
}

/// Decrypts a binary age file that contains a JSON object, borrows names and values from the plaintext, writes the
/// environment as one block and becomes the command. There is no log, no signature and no armor.
fn minimal(file: &Path, key: &Path, command: &str) {
    let json = decrypt(&std::fs::read(file).unwrap()[..], key);
    let mut block = Vec::with_capacity(json.len() + 4096);
    for (name, value) in std::env::vars() {
        push(&mut block, &name, &value);
    }
    serde_json::Deserializer::from_slice(&json).deserialize_map(Block(&mut block)).unwrap();
    become_program(command, &block);
}

/// Does what stock tools such as `rage -d` do with an armored age file.
fn decrypt_to_output(file: &Path, key: &Path) {
    let bytes = std::fs::read(file).unwrap();
    std::io::stdout().write_all(&decrypt(age::armor::ArmoredReader::new(&bytes[..]), key)).unwrap();
    std::process::exit(0);
}

fn decrypt(file: impl std::io::BufRead, key: &Path) -> Vec<u8> {
    let identity: age::x25519::Identity = std::fs::read_to_string(key).unwrap().trim().parse().unwrap();
    let decryptor = age::Decryptor::new_buffered(file).unwrap();
    let mut plaintext = Vec::new();
    decryptor.decrypt(std::iter::once(&identity as _)).unwrap().read_to_end(&mut plaintext).unwrap();
    plaintext
}

fn push(block: &mut Vec<u8>, name: &str, value: &str) {
    block.extend_from_slice(name.as_bytes());
    block.push(b'=');
    block.extend_from_slice(value.as_bytes());
    block.push(0);
}

/// Becomes the command. The environment is a block of `NAME=value` texts, each terminated by a zero byte.
fn become_program(command: &str, block: &[u8]) {
    let variables: Vec<&CStr> =
        block.split_inclusive(|byte| *byte == 0).map(|variable| CStr::from_bytes_with_nul(variable).unwrap()).collect();
    let path = CString::new(command).unwrap();
    let Err(_) = execve(&path, &[&path], &variables);
    std::process::exit(127);
}

/// Writes the members of a JSON object into an environment block.
struct Block<'b>(&'b mut Vec<u8>);

impl<'de> Visitor<'de> for Block<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some((Text(name), Text(value))) = members.next_entry()? {
            push(self.0, &name, &value);
        }
        Ok(())
    }
}

/// A text that is borrowed if it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

//! The format is final: a file written once is read by every later version, to the same plaintexts and hashes.

use crate::forge::{Forge, block_message, environment, hashes};
use crate::harness::{Sandbox, finish};
use serde_json::Value;
use vault::identity::Key;
use vault::item::{Content, Place};
use vault::log::Action;
use vault::time::Time;
use vault::vault::{Credential, Purpose, Settings, Vault};

const FILE: &str = include_str!("vectors/small.vault");
const KEY: &str = include_str!("vectors/small-key.txt");

fn expected(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_file_of_format_1_says_what_it_said() {
    let sandbox = Sandbox::empty();
    std::fs::write(sandbox.vault(), FILE).unwrap();
    let settings = Settings { state: sandbox.state(), ..Settings::default() };
    let vault = Vault::open(&sandbox.vault(), &settings).unwrap();
    vault.verify().unwrap();
    let id = vault.id();
    let hashes = expected(include_str!("vectors/small.hashes.json"));
    let session = vault.unlock(&Credential::Key(Key::parse(KEY).unwrap()), None).unwrap();
    for (name, text) in
        [("dev", include_str!("vectors/small.dev.json")), ("prod", include_str!("vectors/small.prod.json"))]
    {
        let name = environment(name);
        let version = session.vault().file().block(&name).unwrap().statement.version;
        let place = Place { vault: &id, environment: &name, version };
        let content = Content::from_json(text.as_bytes(), &place, Time::now()).unwrap();
        let purpose = Purpose::new(Action::Get);
        let unread = session.open(&purpose, &name).unwrap();
        assert_eq!(session.read(&purpose, unread).unwrap(), content, "{name}");
        let ids = &hashes["environments"][name.as_str()]["ids"];
        assert!(content.items().values().all(|item| ids[item.name.as_str()] == *item.id(&name)), "{name}");
        assert_eq!(Content::from_json(&content.to_json(&place), &place, Time::now()).unwrap(), content);
    }
}

#[test]
fn the_hashes_of_format_1_are_what_they_were() {
    let sandbox = Sandbox::empty();
    std::fs::write(sandbox.vault(), FILE).unwrap();
    let expected = expected(include_str!("vectors/small.hashes.json"));
    let verified = finish(sandbox.command(["verify", "--json"])).ok().json();
    for field in ["objectId", "rosterVersion", "rosterHash"] {
        assert_eq!(verified[field], expected[field], "{field}");
    }
    let file = Forge::of(&sandbox).file;
    assert_eq!(hashes(&file.roster).last().unwrap().to_string(), expected["rosterHash"]);
    for block in &file.blocks {
        let wanted = &expected["environments"][block.statement.name.as_str()];
        let id = hashes(&file.roster)[0];
        let hash = block_message(&id, &block.statement, &block.data).hash(&block.signature);
        assert_eq!(hash, block.dearmor(&id).unwrap().hash);
        assert_eq!(hash.to_string(), wanted["hash"]);
        assert_eq!(block.statement.version, wanted["version"]);
    }
    assert_eq!(file.to_text(), FILE);
}

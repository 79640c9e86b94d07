//! Every version reads the files of earlier versions, with the same plaintexts and hashes.

use crate::forge::{Forge, block_message, environment, hashes};
use crate::harness::{Sandbox, finish};
use serde_json::Value;
use vault::identity::Key;
use vault::item::{Content, Place};
use vault::log::Caller;
use vault::time::Time;
use vault::vault::{Credential, Purpose, Settings, Use, Vault};

/// A file, the key that opens it, the plaintexts of its environments, and what a reader written from the page prints
/// about it.
struct Vector {
    file: &'static str,
    key: &'static str,
    plaintexts: [(&'static str, &'static str); 2],
    hashes: &'static str,
}

const VECTORS: [Vector; 3] = [
    Vector {
        file: include_str!("vectors/small.vault"),
        key: include_str!("vectors/small-key.txt"),
        plaintexts: [
            ("dev", include_str!("vectors/small.dev.json")),
            ("prod", include_str!("vectors/small.prod.json")),
        ],
        hashes: include_str!("vectors/small.hashes.json"),
    },
    Vector {
        file: include_str!("vectors/delivery.vault"),
        key: include_str!("vectors/delivery-key.txt"),
        plaintexts: [
            ("dev", include_str!("vectors/delivery.dev.json")),
            ("prod", include_str!("vectors/delivery.prod.json")),
        ],
        hashes: include_str!("vectors/delivery.hashes.json"),
    },
    Vector {
        file: include_str!("vectors/again.vault"),
        key: include_str!("vectors/again-key.txt"),
        plaintexts: [
            ("dev", include_str!("vectors/again.dev.json")),
            ("prod", include_str!("vectors/again.prod.json")),
        ],
        hashes: include_str!("vectors/again.hashes.json"),
    },
];

fn expected(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn sandbox(vector: &Vector) -> Sandbox {
    let mut sandbox = Sandbox::empty();
    std::fs::write(sandbox.vault(), vector.file).unwrap();
    sandbox.use_key(vector.key);
    sandbox
}

#[test]
fn files_of_format_1_have_the_same_plaintexts() {
    for vector in &VECTORS {
        let sandbox = sandbox(vector);
        let settings = Settings::at(sandbox.state());
        let vault = Vault::open(&sandbox.vault(), &settings).unwrap();
        vault.verify().unwrap();
        let id = vault.id();
        let hashes = expected(vector.hashes);
        let mut session =
            vault.unlock(&Credential::Key(Key::parse(vector.key).unwrap()), None, &Caller::default()).unwrap();
        session.set_ask(std::sync::Arc::new(|_: &_| Ok(Some(true))));
        for (name, text) in vector.plaintexts {
            let name = environment(name);
            let version = session.vault().last_saves().unwrap()[&name].statement.version;
            let place = Place { vault: &id, environment: &name, version };
            let content = Content::from_json(text.as_bytes(), &place, Time::now()).unwrap();
            let purpose = Purpose::new(Use::Get);
            let unread = session.open(&purpose, &name).unwrap();
            assert_eq!(session.read(&purpose, unread).unwrap(), content, "{name}");
            let ids = &hashes["environments"][name.as_str()]["ids"];
            assert!(content.items().values().all(|item| ids[item.name.as_str()] == *item.id(&name)), "{name}");
            assert_eq!(Content::from_json(&content.to_json(&place), &place, Time::now()).unwrap(), content);
        }
    }
}

#[test]
fn files_of_format_1_have_the_same_hashes() {
    for vector in &VECTORS {
        let sandbox = sandbox(vector);
        let expected = expected(vector.hashes);
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
        assert_eq!(file.to_text(), vector.file);
    }
}

#[test]
fn delivery_and_protection_in_files_of_format_1_are_read_the_same() {
    let vector = &VECTORS[1];
    let (sandbox, expected) = (sandbox(vector), expected(vector.hashes));
    for name in ["dev", "prod"] {
        let wanted = &expected["environments"][name]["delivery"];
        let listed = sandbox.run(["list", "-e", name, "--json"]).ok().json();
        let items = listed.as_array().unwrap();
        assert_eq!(items.len(), wanted.as_object().unwrap().len());
        for item in items {
            let (name, how) = (item["name"].as_str().unwrap(), item["deliver"].as_str().unwrap());
            let usual = if how == "file" { format!("{name}_FILE") } else { name.to_owned() };
            let variable = item["as"].as_str().unwrap_or(&usual);
            assert_eq!(
                (how, variable),
                (wanted[name]["deliver"].as_str().unwrap(), wanted[name]["as"].as_str().unwrap())
            );
        }
    }
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    let of = environments.as_array().unwrap().iter().filter(|of| of["protected"] == true);
    let protected: Vec<Value> = of.map(|of| of["name"].clone()).collect();
    assert_eq!(Value::from(protected), expected["protected"]);
}

/// Stock age and the page give the same results for each file.
#[test]
fn a_reader_written_from_the_man_page_reads_files_of_format_1() {
    for vector in &VECTORS {
        let sandbox = sandbox(vector);
        if !crate::reader::is_possible(&sandbox) {
            return;
        }
        let (read, expected) = (crate::reader::read(&sandbox, vector.key, None).ok().json(), expected(vector.hashes));
        for field in ["objectId", "rosterVersion", "rosterHash"] {
            assert_eq!(read[field], expected[field], "{field}");
        }
        for (name, of) in expected["environments"].as_object().unwrap() {
            for (field, wanted) in of.as_object().unwrap().iter().filter(|(field, _)| *field != "ids") {
                assert_eq!(&read["environments"][name][field], wanted, "{name} {field}");
            }
        }
        assert_eq!(read["protected"], expected.get("protected").cloned().unwrap_or_else(|| Value::Array(Vec::new())));
    }
}

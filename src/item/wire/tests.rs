//! Tests of what is read back and what is refused.

use super::*;
use crate::identity::PrivateKeys;
use crate::item::{Anchor, AnchorStatement, Deliver, Kind, MAX_DEVICES, MAX_NOTE, MAX_TAGS, MAX_VALUE, Metadata};
use crate::name::{EnvironmentName, VariableName};
use crate::secret::{SecretBytes, SecretPart};
use crate::signature::Hash;
use proptest::prelude::*;

fn round_trip(values: &[Vec<u8>]) -> Result<()> {
    let environment = EnvironmentName::new("dev")?;
    let place = Place { vault: &Hash::of(b"v"), environment: &environment, version: 3 };
    let (user, now) = (UserName::new("mia")?, Time::now());
    let mut content = Content::default();
    for (number, value) in values.iter().enumerate() {
        let name = ItemName::new(format!("N{}", number % 3))?;
        content.set(&name, SecretBytes::new(value.clone()), &Metadata::default(), &user, now)?;
    }
    let json = content.to_json(&place);
    assert_eq!(Content::from_json(&json, &place, Time::now())?, content);
    let light = injectables_of(&json, &place)?;
    assert!(light.iter().all(|(name, value)| content.items[name.as_str()].current.value[..] == **value));
    assert_eq!(light.len(), content.items.len());
    Ok(())
}

fn injectables_of(json: &[u8], place: &Place<'_>) -> Result<Vec<(String, SecretPart)>> {
    Ok(read_injectables(json.to_vec().into(), place, &|_| true)?
        .all
        .into_iter()
        .map(|item| (item.name.to_string(), item.value))
        .collect())
}

fn any_metadata() -> impl Strategy<Value = Metadata> {
    let kind = prop::sample::select(vec![Kind::Secret, Kind::Variable, Kind::ApiKey]);
    let deliver = prop::sample::select(vec![Deliver::Variable, Deliver::File, Deliver::None]);
    let variable = prop::option::of("[A-Za-z_][A-Za-z0-9_]{0,9}".prop_map(|name| VariableName::new(name).unwrap()));
    let note = prop::option::of(".{0,9}");
    (kind, deliver, variable, note, prop::option::of(any::<u32>())).prop_map(
        |(kind, deliver, variable, note, rotate_after)| Metadata {
            kind,
            deliver,
            variable,
            note,
            rotate_after,
            ..Metadata::default()
        },
    )
}

proptest! {
    #[test]
    fn metadata_round_trips_through_both_readers(all in proptest::collection::vec(any_metadata(), 0..6)) {
        let dev = EnvironmentName::new("dev").unwrap();
        let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
        let mut content = Content::default();
        for (number, metadata) in all.iter().enumerate() {
            let (name, value) = (ItemName::new(format!("N{number}")).unwrap(), SecretBytes::from("x"));
            content.set(&name, value, metadata, &UserName::new("mia").unwrap(), Time::now()).unwrap();
        }
        let json = content.to_json(&place);
        prop_assert_eq!(&Content::from_json(&json, &place, Time::now()).unwrap(), &content);
        let light = read_injectables(json.to_vec().into(), &place, &|_| true).unwrap();
        for (light, item) in light.all.iter().zip(content.items.values()) {
            let Metadata { kind, deliver, variable, .. } = &item.metadata;
            prop_assert_eq!((light.kind, light.deliver, light.variable.as_deref()), (*kind, *deliver, variable.as_ref()));
            prop_assert_eq!(light.variable(), item.outline().variable());
        }
    }

    #[test]
    fn e3_any_bytes_round_trip(values in proptest::collection::vec(any::<Vec<u8>>(), 0..20)) {
        round_trip(&values).unwrap();
    }
}

proptest! {
    // Large values take time.
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Programs may change an item that they took out of a content, before they put it into one.
    #[test]
    fn whatever_item_is_accepted_can_be_read_again(
        name in "[A-Za-z][a-z0-9_-]{0,2}", metadata in any_metadata(), tags in 0..2 * MAX_TAGS, note in 0..2 * MAX_NOTE,
        size in prop::sample::select(vec![0, 1, MAX_VALUE, MAX_VALUE + 1]),
        set_id in prop::option::of(prop::sample::select(vec!["", "x", "0123456789abcdef0123456789abcdef"])),
    ) {
        let (dev, user, now) = (EnvironmentName::new("dev").unwrap(), UserName::new("mia").unwrap(), Time::now());
        let name = ItemName::new(name).unwrap();
        let mut content = Content::default();
        content.set(&name, SecretBytes::from("x"), &Metadata::default(), &user, now).unwrap();
        let mut item = content.remove(&dev, &name).unwrap();
        item.metadata = Metadata { tags: vec!["t".to_owned(); tags], note: Some("n".repeat(note)), ..metadata };
        item.current.value = SecretBytes::new(vec![0xff; size]);
        item.current.set_id = set_id.map(str::to_owned);
        let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
        let is_accepted = content.insert(item.clone(), &name, &user, now).is_ok();
        let can_be_read = Content::of_items([Item { name, ..item }]).to_readable_json(&place).is_ok();
        prop_assert_eq!(is_accepted, can_be_read);
    }
}

#[test]
fn e3_awkward_values_round_trip() {
    let values: [&[u8]; 9] =
        [b"", b"\0", b"\n", b"a\r\nb", b"a  ", b"\xff", "é\u{2028}".as_bytes(), b"\"\\/", b"\x1b]52;"];
    round_trip(&values.map(<[u8]>::to_vec)).unwrap();
}

#[test]
fn an_item_keeps_its_id_when_it_is_renamed_and_its_old_name_gets_another() {
    let dev = EnvironmentName::new("dev").unwrap();
    let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
    let (user, now) = (UserName::new("mia").unwrap(), Time::now());
    let names = ["A", "B", "C"].map(|name| ItemName::new(name).unwrap());
    let mut content = Content::default();
    let set = |content: &mut Content, name| {
        content.set(name, SecretBytes::new(vec![1]), &Metadata::default(), &user, now).unwrap();
        Content::from_json(&content.to_json(&place), &place, Time::now()).unwrap()
    };
    set(&mut content, &names[2]);
    content = set(&mut content, &names[0]);
    let id = content.items[&names[0]].id(&dev);
    let item = content.remove(&dev, &names[0]).unwrap();
    content.insert(item, &names[1], &user, now).unwrap();
    content = set(&mut content, &names[0]);
    assert_eq!(content.items[&names[1]].id(&dev), id);
    let ids: std::collections::BTreeSet<_> = content.items.values().map(|item| item.id(&dev)).collect();
    assert_eq!(ids.len(), 3);
}

fn anchor(number: u64, time: &str) -> Anchor {
    let (user, device, time) = (&UserName::new("mia").unwrap(), "", Time::parse(time).unwrap());
    let statement = AnchorStatement { user, device, segment: 1, number, hash: Hash::ZERO, time, roster: 1 };
    statement.signed(PrivateKeys::generate().unwrap().sign(&statement.message(&Hash::ZERO)))
}

#[test]
fn invalid_and_too_many_anchors_are_refused() {
    let dev = EnvironmentName::new("dev").unwrap();
    let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
    let read = |devices: Vec<String>| {
        let anchors = devices.into_iter().map(|device| (device, anchor(1, "2026-01-01T00:00:00Z"))).collect();
        let json = Content { anchors, ..Content::default() }.to_json(&place);
        Content::from_json(&json, &place, Time::now()).and(injectables_of(&json, &place).map(|_| ())).is_ok()
    };
    let names = |count: usize| (0..count).map(|number| format!("{number:032x}")).collect::<Vec<_>>();
    assert!(read(names(MAX_DEVICES)));
    assert!(!read(names(MAX_DEVICES + 1)));
    for junk in ["", "laptop", &"0".repeat(31), &"0".repeat(33), &"A".repeat(32), &"g".repeat(32)] {
        assert!(!read(vec![junk.to_owned()]), "{junk}");
    }
}

#[test]
fn with_too_many_devices_the_one_with_the_oldest_anchor_is_dropped() {
    let mut content = Content::default();
    for number in 0..=MAX_DEVICES {
        let time = if number == 7 { "2026-01-01T00:00:00Z" } else { "2026-01-02T00:00:00Z" };
        content.anchor(&format!("{number:032x}"), anchor(1, time));
    }
    content.anchor(&format!("{:032x}", 3), anchor(2, "2026-01-03T00:00:00Z"));
    assert_eq!(content.anchors.len(), MAX_DEVICES);
    assert!(!content.anchors.contains_key(&format!("{:032x}", 7)));
    assert_eq!(content.anchors[&format!("{:032x}", 3)].number, 2);
}

#[test]
fn j10_errors_never_quote_the_plaintext() {
    let environment = EnvironmentName::new("dev").unwrap();
    let place = Place { vault: &Hash::of(b"v"), environment: &environment, version: 3 };
    let error = Content::from_json(br#"{"id":"hunter2","environment":7}"#, &place, Time::now()).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
}

/// Returns a block with one item that has these fields in addition to its name and value.
fn with(fields: &str) -> String {
    format!(
        r#"{{"id":"{}","environment":"dev","version":3,"usual":{{"updated_at":"2026-01-01T00:00:00Z","updated_by":"mia"}},
        "items":[{{"name":"A","value":"x"{fields}}}],"anchors":{{}}}}"#,
        Hash::of(b"v")
    )
}

/// Returns whether each of the two readers accepts a plaintext.
fn both(json: &str) -> [bool; 2] {
    let dev = EnvironmentName::new("dev").unwrap();
    let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
    let full = Content::from_json(json.as_bytes(), &place, Time::now()).is_ok();
    [full, injectables_of(json.as_bytes(), &place).is_ok()]
}

#[test]
fn o1_both_readers_of_a_block_refuse_the_same() {
    let version = r#"{"version":1,"value":"x","set_at":"2026-01-01T00:00:00Z","set_by":"mia"}"#;
    let versions = |count: usize| format!(r#","history":[{}]"#, vec![version; count].join(","));
    assert_eq!(both(&with(&versions(10))), [true; 2]);
    let changed = |from: &str, to: &str| format!(r#","history":[{}]"#, version.replace(from, to));
    let refused = [
        versions(11),
        changed("mia", "M!"),
        changed("\"x\"", "\"?\",\"encoding\":\"base64\""),
        changed("2026-", "26-"),
        r#","updated_by":"no user""#.to_owned(),
        r#","set_by":"no user""#.to_owned(),
        r#","owner":"""#.to_owned(),
        r#","id":"1""#.to_owned(),
        r#","set_id":"1""#.to_owned(),
        changed("\"mia\"", r#""mia","set_id":"""#),
        r#","set_at":"2026-02-30T00:00:00Z""#.to_owned(),
        r#","rotate_after":-1"#.to_owned(),
        r#","rotate_due":"soon""#.to_owned(),
        r#","version":4294967296"#.to_owned(),
        r#","tags":["no tag"]"#.to_owned(),
        format!(r#","note":"{}""#, "n".repeat(4097)),
        format!(r#","provider":"{}""#, "n".repeat(4097)),
        r#","deliver":"stdin""#.to_owned(),
        r#","deliver":"""#.to_owned(),
        r#","as":"""#.to_owned(),
        r#","as":"1A""#.to_owned(),
        r#","as":"A B""#.to_owned(),
        format!(r#","as":"{}""#, "A".repeat(256)),
        r#"},{"name":"a-b","value":"y","deliver":"file""#.to_owned(),
        r#","delivered":"file""#.to_owned(),
        r#"},{"name":"A","value":"y""#.to_owned(),
        r#"},{"name":"B","value":"y"},{"name":"A","value":"y""#.to_owned(),
        r#"},{"name":"no name","value":"y""#.to_owned(),
        r#"},{"name":"NO-VARIABLE","value":"y","kind":"variable""#.to_owned(),
        format!(r#"}},{{"name":"B","value":"{}""#, "x".repeat(MAX_VALUE + 1)),
    ];
    for fields in refused {
        let shown: String = fields.chars().take(80).collect();
        assert_eq!(both(&with(&fields)), [false; 2], "{shown}");
    }
    assert_eq!(both(&with(r#"},{"name":"0","value":"y""#)), [true; 2], "in any order");
    for fields in [
        r#","deliver":"variable","as":"A""#,
        r#","deliver":"none","as":"B""#,
        r#","as":"LD_PRELOAD""#,
        r#"},{"name":"a-b","value":"y","deliver":"file","as":"B""#,
    ] {
        assert_eq!(both(&with(fields)), [true; 2], "{fields}");
    }
    let usual = r#""usual":{"updated_at":"2026-01-01T00:00:00Z","updated_by":"mia"},"#;
    assert_eq!(both(&with("").replace(usual, "")), [false; 2], "the author of the change is missing");
    assert_eq!(both(&with("").replace(r#""updated_by":"mia""#, r#""updated_by":"M!""#)), [false; 2]);
}

#[test]
fn o4_times_after_the_block_are_set_to_its_time_and_later_anchors_are_dropped() {
    let dev = EnvironmentName::new("dev").unwrap();
    let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
    let written = Time::parse("2026-03-01T00:00:00Z").unwrap();
    let late = r#""2999-01-01T00:00:00Z""#;
    let fields = format!(
        r#","updated_at":{late},"set_at":{late},"created_at":{late},"rotate_due":{late},"expires_at":{late},
        "history":[{{"version":1,"value":"w","set_at":{late},"set_by":"mia","rotate_due":{late}}}]"#
    );
    let as_of = |time: Time| Content::from_json(with(&fields).as_bytes(), &place, time).unwrap().as_of(&dev, time);
    let content = as_of(written);
    let item = &content.items[&ItemName::new("A").unwrap()];
    assert_eq!([item.created_at, item.updated_at, item.current.set_at, item.history[0].set_at], [written; 4]);
    assert_eq!([item.current.rotate_due, item.history[0].rotate_due], [Some(written); 2]);
    assert_eq!(item.metadata.expires_at.unwrap().to_string(), "2999-01-01T00:00:00Z");
    // The id depends on the stated time of creation, and doesn't change with the clock.
    let later = as_of(Time::now());
    assert_eq!(later.items.values().next().unwrap().id(&dev), item.id(&dev));
    let mut content = Content::default();
    for (device, time) in [("0", "2026-03-01T00:00:00Z"), ("1", "2026-03-01T00:00:01Z")] {
        content.anchor(&device.repeat(32), anchor(1, time));
    }
    let content = Content::from_json(&content.to_json(&place), &place, written).unwrap();
    assert_eq!(content.anchors.keys().collect::<Vec<_>>(), [&"0".repeat(32)]);
}

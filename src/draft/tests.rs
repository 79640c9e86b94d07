use super::record::Unreadable;
use super::*;
use crate::dangerous::AllowedOnce;
use crate::item::Metadata;
use crate::name::UserName;
use crate::signature::Hash;
use std::collections::BTreeSet;

fn name(text: &str) -> ItemName {
    ItemName::new(text).unwrap()
}

fn dev() -> EnvironmentName {
    EnvironmentName::new("dev").unwrap()
}

fn set(content: &mut Content, item: &str, value: &str, by: &str) {
    let metadata = content.items().get(&name(item)).map_or_else(Metadata::default, |item| item.metadata.clone());
    content.set(&name(item), value.into(), &metadata, &UserName::new(by).unwrap(), Time::now()).unwrap();
}

fn content(items: &[(&str, &str)]) -> Content {
    let mut content = Content::default();
    items.iter().for_each(|(item, value)| set(&mut content, item, value, "mia"));
    content
}

fn rules() -> Rules {
    Rules { accepts_empty: false, is_below_message: false }
}

fn changes(draft: &Draft) -> Result<Changes> {
    draft.changes(&rules())
}

fn typed(draft: &mut Draft, from: &str, to: &str) {
    let text = draft.text.as_str().unwrap();
    assert!(text.contains(from), "{from:?} is not in {text:?}");
    draft.text = text.replace(from, to).as_str().into();
}

fn draft(shown: &Content) -> Draft {
    Draft::of_environment(&dev(), shown, BTreeSet::new(), Time::now()).unwrap()
}

fn merged(draft: &Draft, now: &Content) -> Result<Content, Vec<Collision>> {
    let by = UserName::new("mia").unwrap();
    match draft.merged(&changes(draft).unwrap(), now, &by, Time::now()).unwrap() {
        Merged::Content(content) => Ok(content),
        Merged::Conflict(collisions) => Err(collisions),
    }
}

fn value(content: &Content, item: &str) -> Option<String> {
    content.items().get(&name(item)).map(|item| item.current.value.as_str().unwrap().to_owned())
}

#[test]
fn a_reference_is_shown_literally_and_parsed_back_unchanged() {
    let values = ["${A}", "http://${HOST:-x}/$y", "$A`date`", "a # b", "it's", "two\nlines ${X}", " space ", "\"q\""];
    let items: Vec<_> = values.iter().enumerate().map(|(at, value)| (format!("V{at}"), *value)).collect();
    let items: Vec<_> = items.iter().map(|(item, value)| (item.as_str(), *value)).collect();
    let draft = draft(&content(&items));
    let text = draft.text.as_str().unwrap();
    assert!(text.contains("V0='${A}'\n"), "{text}");
    assert!(changes(&draft).unwrap().is_empty(), "{text}");
}

#[test]
fn a_new_reference_is_taken_literally_and_an_ambiguous_value_is_refused() {
    let mut one = draft(&content(&[("A", "one")]));
    typed(&mut one, "A=one", "A=\"${B}/x\"");
    assert_eq!(value(&merged(&one, &one.base).unwrap(), "A").unwrap(), "${B}/x");
    let mut cut = draft(&content(&[("A", "one")]));
    typed(&mut cut, "A=one", "A=pass#word");
    assert!(changes(&cut).unwrap_err().to_string().contains("line 3: A: node reads it differently"));
}

#[test]
fn concurrent_changes_stay_where_the_text_is_unchanged() {
    let shown = content(&[("A", "1"), ("B", "1"), ("C", "1"), ("D", "1")]);
    let mut draft = draft(&shown);
    typed(&mut draft, "A=1", "A=mine\nNEW=n");
    typed(&mut draft, "D=1\n", "");
    let mut now = shown.clone();
    set(&mut now, "B", "theirs", "rea");
    set(&mut now, "OTHER", "o", "rea");
    now.remove(&dev(), &name("C")).unwrap();
    let merged = merged(&draft, &now).unwrap();
    let values: Vec<_> =
        merged.items().keys().map(|item| (item.as_str(), value(&merged, item.as_str()).unwrap())).collect();
    let expected = [("A", "mine"), ("B", "theirs"), ("NEW", "n"), ("OTHER", "o")];
    assert_eq!(values, expected.map(|(item, value)| (item, value.to_owned())));
    // The earlier value is now in the history, although the draft doesn't keep earlier values.
    assert_eq!(merged.items()[&name("A")].history[0].value.as_str(), Some("1"));
}

#[test]
fn a_conflict_is_shown_in_the_text_and_resolved_by_removing_its_lines() {
    let shown = content(&[("A", "1"), ("B", "x y"), ("C", "1")]);
    let mut draft = draft(&shown);
    typed(&mut draft, "A=1", "A=mine");
    typed(&mut draft, "B='x y'\n", "");
    typed(&mut draft, "C=1", "C=same");
    let mut now = shown.clone();
    set(&mut now, "A", "theirs of\ntwo lines", "rea");
    set(&mut now, "B", "changed", "rea");
    set(&mut now, "C", "same", "rea");
    let collisions = merged(&draft, &now).unwrap_err();
    let error = draft.conflict(&collisions).to_string();
    assert_eq!(error, "dev/A was changed by rea in the meantime, dev/B was changed by rea in the meantime");
    draft.tell(&collisions, &now).unwrap();
    let text = draft.text.as_str().unwrap().to_owned();
    let above = "# conflict A: rea changed it in the meantime; the vault now has\n# conflict A: A=\"theirs of\\ntwo lines\"\n\
                 # conflict A: to save what you have below, delete these lines\nA=mine\n";
    assert!(text.contains(above), "{text}");
    assert!(text.starts_with("# conflict B: "), "{text}");
    assert!(changes(&draft).unwrap_err().to_string().starts_with("A is in conflict"));
    // The user decides: their own A, and the other user's B.
    let decided: Vec<_> = text.lines().filter(|line| !line.starts_with("# conflict ")).collect();
    draft.text = format!("{}\nB=changed\n", decided.join("\n")).as_str().into();
    let saved = merged(&draft, &now).unwrap();
    assert_eq!((value(&saved, "A").unwrap().as_str(), value(&saved, "B").unwrap().as_str()), ("mine", "changed"));
    // The user was not shown a third value.
    set(&mut now, "A", "third", "ben");
    let again = merged(&draft, &now).unwrap_err();
    assert_eq!(draft.conflict(&again).to_string(), "dev/A was changed by ben in the meantime");
    draft.tell(&again, &now).unwrap();
    assert_eq!(draft.text.as_str().unwrap().matches("# conflict A: ").count(), 3);
}

#[test]
fn removals_by_others_and_new_items_of_the_same_name_are_conflicts() {
    let shown = content(&[("A", "1")]);
    let mut draft = draft(&shown);
    typed(&mut draft, "A=1", "A=mine\nNEW=mine");
    let mut now = shown.clone();
    now.remove(&dev(), &name("A")).unwrap();
    set(&mut now, "NEW", "theirs", "rea");
    let collisions = merged(&draft, &now).unwrap_err();
    let error = draft.conflict(&collisions).to_string();
    assert_eq!(error, "dev/A was removed in the meantime, dev/NEW was changed by rea in the meantime");
    draft.tell(&collisions, &now).unwrap();
    assert!(draft.text.as_str().unwrap().contains("# conflict A: it was removed in the meantime\n"));
    draft.text = "A=mine\nNEW=mine\n".into();
    let saved = merged(&draft, &now).unwrap();
    assert_eq!((value(&saved, "A").unwrap().as_str(), value(&saved, "NEW").unwrap().as_str()), ("mine", "mine"));
}

#[test]
fn for_a_single_item_a_new_note_is_merged_and_a_new_value_is_a_conflict() {
    let shown = content(&[("A", "1")]);
    let mut draft = Draft::of_item(&dev(), &name("A"), &shown, Time::now()).unwrap();
    draft.text = "mine\n".into();
    let mut now = shown.clone();
    let with_note = Metadata { note: Some("why".to_owned()), ..Metadata::default() };
    now.describe(&dev(), &name("A"), with_note, &UserName::new("rea").unwrap(), Time::now()).unwrap();
    let saved = merged(&draft, &now).unwrap();
    assert_eq!(value(&saved, "A").unwrap(), "mine");
    assert_eq!(saved.items()[&name("A")].metadata.note.as_deref(), Some("why"));
    set(&mut now, "A", "theirs", "rea");
    let collisions = merged(&draft, &now).unwrap_err();
    draft.accept(&collisions);
    assert_eq!(value(&merged(&draft, &now).unwrap(), "A").unwrap(), "mine");
    // The other user's value is now in the history.
    let earlier: Vec<_> =
        merged(&draft, &now).unwrap().items()[&name("A")].history.iter().map(|earlier| earlier.value.clone()).collect();
    assert!(earlier.contains(&"theirs".into()), "{earlier:?}");
}

#[test]
fn a_name_that_is_refused_when_the_text_is_saved_is_named_with_its_line() {
    let mut draft = draft(&content(&[("A", "1")]));
    typed(&mut draft, "A=1", "A=1\n\nLD_PRELOAD=x");
    let changes = changes(&draft).unwrap();
    let refused = AllowedOnce::default().check(["LD_PRELOAD"].into_iter()).unwrap_err();
    let hint = refused.advice().cloned();
    let located = changes.located(refused);
    assert_eq!(located.to_string(), "line 5: LD_PRELOAD can make a program load code");
    assert_eq!(located.advice().cloned(), hint);
    let other = crate::Error::usage("the file is too large");
    assert_eq!(changes.located(other.clone()), other);
}

#[test]
fn an_invalid_line_is_named_by_its_number() {
    let shown = content(&[("A", "1")]);
    let long = format!("A={}", "x".repeat(crate::item::MAX_VALUE + 1));
    for (line, says) in [
        ("what", "line 3: sets no value"),
        ("A=", "line 3: A is empty"),
        ("B=", "line 3: B is empty"),
        ("A=2\nA=3", "line 3: A: set again on line 4"),
        ("A=1\ntls.key=x", "line 4: tls.key already exists"),
        ("A=1\né=x", "line 4"),
        (&long, "line 3: the value is larger than 1024 KiB"),
        ("# A=1", "the text has no items left"),
    ] {
        let mut draft = draft(&shown);
        draft.left_out.insert(name("tls.key"));
        typed(&mut draft, "A=1", line);
        let error = draft.changes(&rules()).unwrap_err();
        assert!(error.to_string().starts_with(says) && error.kind() == crate::error::Kind::Usage, "{says}: {error}");
    }
    let mut draft = draft(&shown);
    typed(&mut draft, "A=1", "what");
    let below = Rules { is_below_message: true, ..rules() };
    assert!(draft.changes(&below).unwrap_err().to_string().starts_with("line 4: "));
}

#[test]
fn a_stored_draft_is_read_back_and_belongs_to_one_vault() {
    let mut kept = draft(&content(&[("A", "1"), ("B", "2")]));
    kept.text = "A=2\nnonsense \u{e9}\n".into();
    kept.shown_conflicts.insert(name("A"), Some(Digest::of(b"a")));
    kept.left_out.insert(name("tls.key"));
    kept.shown_conflicts.insert(name("B"), None);
    let (vault, other) = (Hash::of(b"vault"), Hash::of(b"other"));
    let bytes = kept.to_bytes(&vault).unwrap();
    assert_eq!(Draft::from_bytes(&bytes, &vault), Ok(kept.clone()));
    assert_eq!(Draft::from_bytes(&bytes, &other), Err(Unreadable));
    for length in 0..bytes.len() - kept.text.len() {
        assert_eq!(Draft::from_bytes(&bytes[..length], &vault), Err(Unreadable));
    }
    kept.text = SecretBytes::new(vec![b'x'; MAX_BODY]);
    assert!(kept.to_bytes(&vault).unwrap_err().to_string().contains("larger than 32 MiB"));
}

#[test]
fn a_draft_is_kept_for_a_week() {
    let draft = draft(&content(&[("A", "1")]));
    let after = |hours: i64| Time::from(draft.time.utc() + chrono::TimeDelta::hours(hours));
    assert!(!draft.is_expired(after(7 * 24 - 1)));
    assert!(draft.is_expired(after(7 * 24 + 1)));
}

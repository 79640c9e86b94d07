//! Whether a variable or a line can hold a value says something about the value, so the answer comes after an entry.

use super::{log, session, token, value};
use crate::forge::environment;
use vault::actions::env_protect::protect;
use vault::actions::exec::{Handing, Plan, Request, Variables};
use vault::actions::rotate::{Expiry, Rotation};
use vault::actions::set::{Change, Set};
use vault::actions::{Selection, edit, export};
use vault::dangerous::AllowedOnce;
use vault::error::Reason;
use vault::format::export::Format;
use vault::item::{ANNOUNCED, Description, DueWindow};
use vault::log::ProgramName;
use vault::name::ItemName;
use vault::roster::Protection;
use vault::time::Time;
use vault::vault::{DraftId, KeySession};

/// Two vaults with the item TOKEN in dev, which can be a variable only in the first.
fn fit_and_unfit(directories: &[tempfile::TempDir; 2]) -> [KeySession; 2] {
    let [fit, mut unfit] = [0, 1].map(|number| session(directories[number].path()));
    set(&mut unfit, token(), "two\nlines\0");
    [fit, unfit]
}

/// Sets an item in dev.
fn set(session: &mut KeySession, name: ItemName, text: &str) {
    let changes = vec![Change { place: (environment("dev"), name), value: Some(value(text)) }];
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    Set { changes, description: &description, allowed: &allowed, may_be_empty: false }.save(session).unwrap();
}

fn plan<'a>(session: &KeySession, only: &[&str]) -> Plan<'a> {
    let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
    let request = Request {
        program: ProgramName::of_command("server"),
        variables: Variables::new("", &[]).unwrap(),
        selection: Selection::new(&only, &[]).unwrap(),
        handing: Handing::default(),
        env_files: &[],
        allowed: AllowedOnce::default(),
        window: DueWindow::new(Time::now(), ANNOUNCED),
    };
    Plan::new(request, session, &[environment("dev")]).unwrap()
}

#[test]
fn a_plan_says_nothing_about_a_value_that_nobody_has_read() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (session, is_fit) in fit_and_unfit(&directories).iter().zip([true, false]) {
        let before = log(session);
        for only in [&[][..], &["TOKEN"]] {
            let plan = plan(session, only);
            let told = (plan.unread()[0].items().count(), plan.notices.left_out.len(), plan.notices.is_empty);
            assert_eq!((told, plan.sets("TOKEN")), ((1, 0, false), true));
        }
        assert_eq!(log(session), before);
        let left_out = plan(session, &[]).read(session).unwrap().left_out;
        assert_eq!(left_out.is_empty(), is_fit);
        assert_eq!(plan(session, &["TOKEN"]).read(session).is_ok(), is_fit);
        let entries: &[_] = match is_fit {
            true => &["exec dev ok", "exec dev ok"],
            false => &["exec dev failed", "exec dev ok", "exec dev failed"],
        };
        assert_eq!(log(session)[before.len()..], *entries);
    }
}

#[test]
fn nobody_learns_what_holds_a_value_of_a_protected_environment_without_a_confirmation() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for session in &mut fit_and_unfit(&directories) {
        let dev = environment("dev");
        protect(session, &dev, Protection::Yes).unwrap();
        let before = log(session).len();
        let (once, selection) = (AllowedOnce::default(), Selection::new(&[], &[]).unwrap());
        let request = export::Request {
            target: Format::Docker.into(),
            selection: &selection,
            allowed: session.vault().allowed(&once),
        };
        let unread = export::open(session, std::slice::from_ref(&dev)).unwrap();
        let exported = export::Chosen::new(unread, &request).unwrap().write(session).err();
        let edited = edit::Subject { environment: dev.clone(), item: None }.begin(session, Time::now()).err();
        let rotation = Rotation::begin(session, &(dev, token()), Expiry::Never);
        let rotated = rotation.unwrap().hand_over(session, "program", "TOKEN").err();
        for error in [exported, edited, rotated] {
            assert_eq!(error.unwrap().reason(), Reason::Protected);
        }
        assert_eq!(log(session)[before..], ["export dev denied", "edit dev denied", "rotate-command dev denied"]);
    }
}

#[test]
fn a_draft_that_is_continued_says_nothing_about_values_that_were_set_since() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [fit, unfit] = [("fits", 0), ("two\nlines\0", 1)].map(|(text, number)| {
        let mut session = session(directories[number].path());
        let dev = environment("dev");
        let mut draft = edit::Subject { environment: dev, item: None }.begin(&session, Time::now()).unwrap();
        session.drafts().unwrap().keep(&DraftId::new().unwrap(), &mut draft).unwrap();
        set(&mut session, ItemName::new("NEW").unwrap(), text);
        let (_, draft) = edit::resume(&session, session.open_drafts().unwrap().0.remove(0)).unwrap();
        (draft.left_out, log(&session))
    });
    assert_eq!(fit, unfit);
    assert!(fit.0.is_empty());
}

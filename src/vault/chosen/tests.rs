use super::*;
use crate::actions::env_add;
use crate::actions::testing::{Sandbox, environment, place, remove_environment};
use crate::actions::user_add::Rights;
use crate::vault::Unproven;

/// What options would name.
fn chosen(names: &[&str]) -> Chosen {
    names.iter().map(|name| environment(name)).collect()
}

/// What a variable may name, which is anything.
fn in_variable(names: &[&str]) -> Chosen {
    Chosen(names.iter().map(ToString::to_string).collect())
}

fn is<T>(meant: Result<Meant<'_, T>>) -> T {
    match meant.unwrap() {
        Meant::Is(meant) => meant,
        Meant::Changed(changed) => panic!("{}", changed.refusal()),
    }
}

fn changed<T>(meant: Result<Meant<'_, T>>) -> Changed<'_, T> {
    match meant.unwrap() {
        Meant::Is(_) => panic!("the default is clear"),
        Meant::Changed(changed) => changed,
    }
}

/// Returns the reason, the message and the hint.
fn refusal<T>(result: Result<T>) -> (Reason, String, String) {
    let error = result.map(|_| ()).unwrap_err();
    (error.reason(), error.to_string(), error.advice().map_or(String::new(), ToString::to_string))
}

/// A vault whose default was dev, until dev was removed and staging added.
fn with_changed_default() -> Sandbox {
    let mut sandbox = Sandbox::new();
    assert_eq!(is(Chosen::default().environment(&sandbox.session)), environment("dev"));
    remove_environment(&mut sandbox.session, "dev");
    env_add::add(&mut sandbox.session, &environment("staging"), false).unwrap();
    sandbox
}

#[test]
fn what_was_named_is_meant_and_otherwise_the_default() {
    let Sandbox { session, .. } = &Sandbox::new();
    assert_eq!(is(Chosen::default().environments(session)), [environment("dev")]);
    assert_eq!(is(chosen(&["prod"]).environments(session)), [environment("prod")]);
    let both = chosen(&["prod", "dev"]);
    assert_eq!(
        is(both.environments(session)),
        ["prod", "dev"].map(environment),
        "in the order in which they were named"
    );
    let (reason, message, hint) = refusal(both.environment(session));
    assert_eq!((reason, message.as_str()), (Reason::SeveralEnvironments, "this command takes one environment"));
    assert_eq!(hint, "name only one: [name-environment]");
    assert_eq!(both.only().unwrap_err().reason(), Reason::SeveralEnvironments);
}

#[test]
fn an_environment_that_was_named_twice_is_still_one() {
    let Sandbox { session, .. } = &Sandbox::new();
    let twice = chosen(&["prod", "prod"]);
    assert_eq!(is(twice.environment(session)), environment("prod"));
    assert_eq!(is(twice.environments(session)), [environment("prod")]);
    assert_eq!(twice.only().unwrap(), Some(environment("prod")));
    assert_eq!(Chosen::default().only().unwrap(), None);
}

#[test]
fn an_item_is_in_the_environment_that_its_text_names_or_else_in_the_chosen_one() {
    let Sandbox { session, .. } = &Sandbox::new();
    for (names, text, meant) in [
        (&[][..], "KEY", place("dev", "KEY")),
        (&["prod"], "KEY", place("prod", "KEY")),
        (&["prod"], "dev/KEY", place("dev", "KEY")),
        (&["prod", "dev"], "dev/KEY", place("dev", "KEY")),
    ] {
        assert_eq!(is(chosen(names).item(text, session)), meant, "{names:?} {text}");
    }
    assert_eq!(refusal(chosen(&["prod", "dev"]).item("KEY", session)).0, Reason::SeveralEnvironments);
    assert!(refusal(Chosen::default().item("dev/", session)).1.starts_with("this is not a valid item name"));
}

#[test]
fn an_environment_must_exist_wherever_it_is_named() {
    let Sandbox { session, .. } = &Sandbox::new();
    let (nowhere, none) = (chosen(&["dev", "nowhere"]), Chosen::default());
    let refused = [
        refusal(nowhere.environments(session)),
        refusal(nowhere.environment(session)),
        refusal(nowhere.item("KEY", session)),
        refusal(nowhere.named(session.vault())),
        refusal(none.item("nowhere/KEY", session)),
    ];
    for (reason, message, _) in refused {
        assert_eq!((reason, message.as_str()), (Reason::NoEnvironment, "there is no environment \"nowhere\""));
    }
    let (_, message, _) = refusal(in_variable(&["Dev"]).environments(session));
    assert_eq!(message, "\"Dev\" is not a valid name for an environment");
}

#[test]
fn without_a_default_the_user_has_to_name_one() {
    let mut sandbox = Sandbox::new();
    remove_environment(&mut sandbox.session, "dev");
    env_add::add(&mut sandbox.session, &environment("staging"), false).unwrap();
    let (reason, message, hint) = refusal(Chosen::default().environments(&sandbox.session));
    assert_eq!((reason, message.as_str()), (Reason::UnclearEnvironment, "say which environment"));
    assert_eq!(hint, "[name-environment]; you read: prod, staging");
}

#[test]
fn a_user_who_reads_nothing_is_told_so_and_not_asked() {
    let mut sandbox = Sandbox::new();
    let eva = sandbox.add_user("eva", &Rights::default());
    let (reason, message, hint) = refusal(Chosen::default().environment(&eva));
    assert_eq!((reason, message.as_str()), (Reason::NothingReadable, "eva may read no environment"));
    assert_eq!(hint, "an admin can change that: [grant eva ENV]");
}

#[test]
fn a_changed_default_is_a_question_whose_answer_is_checked_and_remembered() {
    let Sandbox { session, .. } = &with_changed_default();
    let none = Chosen::default();
    let question = changed(none.item("KEY", session));
    assert_eq!(
        (question.was(), question.candidates()),
        (&environment("dev"), &["prod", "staging"].map(environment)[..])
    );
    let refused = refusal::<()>(Err(question.refusal()));
    assert_eq!(refused.0, Reason::DefaultChanged);
    assert!(refused.1.contains("it was dev until now"), "{}", refused.1);
    assert_eq!(refused.2, "[name-environment]; you read: prod, staging");
    // A wrong answer changes nothing.
    let wrong = refusal(question.choose("dev"));
    assert_eq!((wrong.0, wrong.1.as_str()), (Reason::UnclearEnvironment, "that is not one of them"));
    assert_eq!(changed(none.environments(session)).choose(" staging\n").unwrap(), [environment("staging")]);
    assert_eq!(is(none.item("KEY", session)), place("staging", "KEY"));
}

#[test]
fn each_question_gives_what_was_asked_for() {
    for answer in ["prod", "staging"] {
        let none = Chosen::default();
        let one = changed(none.environment(&with_changed_default().session)).choose(answer).unwrap();
        let item = changed(none.item("KEY", &with_changed_default().session)).choose(answer).unwrap();
        assert_eq!((one, item), (environment(answer), place(answer, "KEY")));
    }
}

#[test]
fn what_is_named_needs_no_default() {
    let Sandbox { session, .. } = &with_changed_default();
    assert_eq!(is(chosen(&["prod"]).environment(session)), environment("prod"));
    assert_eq!(is(Chosen::default().item("prod/KEY", session)), place("prod", "KEY"));
    // The next command is still asked.
    changed(Chosen::default().environment(session));
}

#[test]
fn without_keys_the_default_is_that_of_the_user_who_would_unlock() {
    let Sandbox { session, .. } = &Sandbox::new();
    let (vault, eva) = (session.vault(), UserName::new("eva").unwrap());
    let naming = |name: &EnvironmentName| Remedy::List(name.to_string());
    let meant = |names: &[&str], user| chosen(names).environments_without_keys(vault, user, naming);
    assert_eq!(meant(&["prod"], None).unwrap(), [environment("prod")]);
    assert_eq!(meant(&[], Some(session.user())).unwrap(), [environment("dev")]);
    let (reason, message, hint) = refusal(meant(&[], Some(&eva)));
    assert_eq!((reason, message.as_str()), (Reason::UnclearEnvironment, "say which environment: dev, prod"));
    assert_eq!(hint, "for example: [list dev]");
    assert_eq!(refusal(meant(&["nowhere"], None)).0, Reason::NoEnvironment);
}

#[test]
fn what_is_read_first_is_known_before_the_vault_is_unlocked() {
    let Sandbox { session, .. } = &Sandbox::new();
    let file = Unproven::open(session.vault().path(), session.vault().settings()).unwrap();
    let first = |chosen: Chosen, first| {
        chosen.first_read(first, &file, session.user()).map_or("-".to_owned(), |name| name.to_string())
    };
    assert_eq!(first(chosen(&["prod"]), First::Unknown), "-");
    assert_eq!(first(Chosen::default(), First::Chosen), "dev");
    assert_eq!(first(chosen(&["prod", "dev"]), First::Chosen), "prod");
    assert_eq!(first(in_variable(&["Dev", "prod"]), First::Chosen), "-");
    assert_eq!(first(Chosen::default(), First::Of("KEY")), "dev");
    assert_eq!(first(chosen(&["prod"]), First::Of("KEY")), "prod");
    assert_eq!(first(chosen(&["prod"]), First::Of("dev/KEY")), "dev");
}

#[test]
fn a_display_shows_what_is_clear_and_remembers_nothing() {
    let mut sandbox = Sandbox::new();
    let likely = |names: &[&str], session: &Session| in_variable(names).likely(session.vault(), Some(session.user()));
    assert_eq!(likely(&["prod", "dev"], &sandbox.session), ["prod", "dev"].map(environment));
    assert_eq!(likely(&[], &sandbox.session), [environment("dev")]);
    for refused in [&["Dev"][..], &["Dev", "prod"], &["nowhere"]] {
        assert!(in_variable(refused).environments(&sandbox.session).is_err(), "{refused:?}");
        assert!(likely(refused, &sandbox.session).is_empty(), "{refused:?}");
    }
    let without_user = |names: &[&str]| in_variable(names).likely(sandbox.session.vault(), None);
    assert_eq!((without_user(&["prod"]), without_user(&[])), (vec![environment("prod")], Vec::new()));
    // If dev had been remembered, its removal would now be a question.
    remove_environment(&mut sandbox.session, "dev");
    assert_eq!(is(Chosen::default().environment(&sandbox.session)), environment("prod"));
    env_add::add(&mut sandbox.session, &environment("dev"), false).unwrap();
    assert!(likely(&[], &sandbox.session).is_empty());
}

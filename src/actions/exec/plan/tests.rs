use super::*;
use crate::actions::testing::{Sandbox, environment};
use crate::error::Reason;
use crate::item::ANNOUNCED;

fn request<'a>(renamed: &'a [(String, String)], env_files: &'a [PathBuf]) -> Request<'a> {
    Request {
        program: ProgramName::of_command("server"),
        variables: Variables::new("", renamed).unwrap(),
        selection: Selection::new(&[], &[]).unwrap(),
        handing: Handing::default(),
        env_files,
        allowed: AllowedOnce::default(),
        window: DueWindow::new(Time::now(), ANNOUNCED),
    }
}

fn variables(injected: &Injected<'_>) -> Vec<String> {
    let reach = injected.reach(&mut |_| Ok(String::new())).unwrap();
    let inherited = [("PATH".into(), "/bin".into()), ("A".into(), "outer".into())].into_iter();
    let environment = injected.environment(&reach, &[], (&Inherit::All, false), inherited);
    let text = |(name, value): (&std::ffi::OsStr, &std::ffi::OsStr)| {
        format!("{}={}", name.to_str().unwrap(), value.to_str().unwrap())
    };
    environment.iter().map(text).collect()
}

#[test]
fn a_command_gets_the_items_of_all_environments_after_one_entry_each() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/B=3", "prod/LD_PRELOAD=x"]);
    let renamed = [("B".to_owned(), "C".to_owned())];
    let environments = [environment("dev"), environment("prod")];
    let plan = Plan::new(request(&renamed, &[]), &sandbox.session, &environments).unwrap();
    let left_out: Vec<_> = plan.notices.left_out.iter().map(|one| one.item.as_str()).collect();
    assert_eq!((left_out, plan.sets("C"), plan.sets("B")), (vec!["LD_PRELOAD"], true, false));
    assert!(!sandbox.log().iter().any(|line| line.starts_with("exec")), "nothing is read yet");
    let injected = plan.read(&sandbox.session).unwrap();
    assert_eq!(variables(&injected), ["PATH=/bin", "A=1", "C=3"]);
    let log = sandbox.log();
    assert_eq!(log[log.len() - 2..], ["exec dev A,B", "exec prod B"]);
}

#[test]
fn a_person_is_asked_about_the_items_that_a_command_would_get_and_a_refusal_names_them() {
    let mut sandbox = Sandbox::with(&["dev/A=1", "prod/B=2", "prod/C=3", "prod/LD_PRELOAD=x"]);
    let asked = sandbox.refuse_all("prod");
    let environments = [environment("dev"), environment("prod")];
    let refused = Plan::new(request(&[], &[]), &sandbox.session, &environments).err().unwrap();
    assert_eq!(refused.reason(), Reason::Protected);
    assert_eq!(*asked.lock().unwrap(), ["exec prod B,C server"]);
    assert_eq!(sandbox.log().last().unwrap(), "exec prod B,C");
}

#[test]
fn a_dangerous_name_is_refused_with_an_entry_for_each_environment() {
    let sandbox = Sandbox::with(&["dev/LD_PRELOAD=x", "prod/A=1"]);
    let directory = tempfile::tempdir().unwrap();
    let files = [directory.path().join("app.env")];
    std::fs::write(&files[0], "BASH_ENV=x\n").unwrap();
    let environments = [environment("dev"), environment("prod")];
    let named = Selection::new(&["LD_PRELOAD".to_owned()], &[]).unwrap();
    for request in [request(&[], &files), Request { selection: named, ..request(&[], &[]) }] {
        assert!(Plan::new(request, &sandbox.session, &environments).is_err());
        let log = sandbox.log();
        let [.., dev, prod] = &log[..] else { panic!("{log:?}") };
        assert!(dev.starts_with("exec dev") && prod.starts_with("exec prod"), "{log:?}");
    }
    assert_eq!(sandbox.log().iter().filter(|line| line.starts_with("exec")).count(), 4);
}

#[test]
fn leaving_out_an_item_because_of_its_value_is_logged_before_it_is_reported() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/NUL=a\0b", "prod/LD_PRELOAD=x", "prod/A=2"]);
    let environments = [environment("dev"), environment("prod")];
    let plan = Plan::new(request(&[], &[]), &sandbox.session, &environments).unwrap();
    let names = |left_out: &[NotInjected]| left_out.iter().map(|one| one.item.clone()).collect::<Vec<_>>();
    assert_eq!(names(&plan.notices.left_out), ["LD_PRELOAD"], "a name says nothing about a value");
    let exec = || sandbox.log().into_iter().filter(|line| line.starts_with("exec")).collect::<Vec<_>>();
    assert_eq!(exec(), [""; 0]);
    assert_eq!(names(&plan.read(&sandbox.session).unwrap().left_out), ["NUL"]);
    assert_eq!(exec(), ["exec dev NUL", "exec dev A", "exec prod A"]);
}

#[test]
fn refusing_a_named_item_because_of_its_value_is_logged_with_all_items_that_were_looked_at() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/NUL=a\0b", "prod/B=2"]);
    let named = ["A", "B", "NUL"].map(str::to_owned);
    let request = Request { selection: Selection::new(&named, &[]).unwrap(), ..request(&[], &[]) };
    let plan = Plan::new(request, &sandbox.session, &[environment("dev"), environment("prod")]).unwrap();
    let before = sandbox.log().len();
    let error = plan.read(&sandbox.session).err().unwrap();
    assert_eq!(error.to_string(), "NUL contains a NUL byte, which a variable can't have");
    assert_eq!(sandbox.log()[before..], ["exec dev A,NUL", "exec prod B"]);
}

#[test]
fn an_env_file_is_filled_from_the_vault_and_overrides_items() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/PW=secret"]);
    let directory = tempfile::tempdir().unwrap();
    let files = [directory.path().join("app.env")];
    std::fs::write(&files[0], "A=2\nURL=postgres://me:vault://PW@db\n").unwrap();
    let plan = Plan::new(request(&[], &files), &sandbox.session, &[environment("dev")]).unwrap();
    let injected = plan.read(&sandbox.session).unwrap();
    assert_eq!(variables(&injected), ["PATH=/bin", "A=2", "PW=secret", "URL=postgres://me:secret@db"]);
    assert_eq!(injected.referred().len(), 1);
}

#[test]
fn a_plan_knows_whether_something_was_saved_and_nothing_about_values() {
    let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=1", "prod/A=1"]);
    let dev = [environment("dev")];
    let only_a = || Request { selection: Selection::new(&["A".to_owned()], &[]).unwrap(), ..request(&[], &[]) };
    let plan = |sandbox: &Sandbox| Plan::new(only_a(), &sandbox.session, &dev).unwrap();
    let before = plan(&sandbox).before();
    assert!(plan(&sandbox).gives_what_it_has(&before));
    let all = Plan::new(request(&[], &[]), &sandbox.session, &dev).unwrap();
    assert!(!all.gives_what_it_has(&before), "other items");
    let mut remove = |environment: &str, name: &str| {
        crate::actions::testing::remove(&mut sandbox.session, &[crate::actions::testing::place(environment, name)]);
        plan(&sandbox).gives_what_it_has(&before)
    };
    assert!(remove("prod", "A"), "another environment");
    assert!(!remove("dev", "B"), "whether A has the same value can't be known without reading it");
}

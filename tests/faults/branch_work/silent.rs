//! Ordinary work with branches, which causes no warning.

use super::Repository;
use super::host::Clone;

#[test]
fn n1_switching_back_and_forth_between_branches_causes_no_warning() {
    let Some(repository) = Repository::new() else { return };
    repository.git("checkout -qb feature").reads("start").saves("dev/KEY", "feature");
    repository.git("checkout -q main").reads("start");
    for round in 0..3 {
        repository.saves("dev/KEY", &format!("main {round}")).reads(&format!("main {round}"));
        repository.git("checkout -q feature");
        repository.saves("dev/KEY", &format!("feature {round}")).reads(&format!("feature {round}"));
        repository.git("checkout -q main").reads(&format!("main {round}"));
    }
}

#[test]
fn n1_a_rebase_a_cherry_pick_a_squash_and_a_bisect_cause_no_warning() {
    let Some(repository) = Repository::new() else { return };
    repository.git("checkout -qb feature").saves("prod/KEY", "feature").saves("prod/KEY", "feature 2");
    repository.sandbox.write("code", "2\n");
    repository.git("commit -qam code").git("checkout -q main").saves("dev/KEY", "main").reads("main");
    let strict = repository.git("checkout -q feature").sandbox.run(["get", "dev/KEY", "--strict"]).fails(6);
    assert!(strict.stderr.contains("main has the newer file: git checkout main"), "{strict:?}");
    repository.git("rebase -q main").reads("main");
    assert_eq!(repository.sandbox.run(["get", "prod/KEY"]).ok().text(), "feature 2");
    repository.saves("prod/KEY", "feature 3").git("checkout -q main").reads("main");
    repository.git("cherry-pick feature~1").reads("main").saves("dev/KEY", "picked").reads("picked");
    repository.git("merge -q --squash feature").git("commit -qm squashed").reads("picked");
    assert_eq!(repository.sandbox.run(["get", "prod/KEY"]).ok().text(), "feature 3");
    repository.git("branch -qD feature").saves("prod/KEY", "after").reads("picked");
    repository.git("bisect start").git("bisect bad HEAD").git("bisect good HEAD~3").is_silent();
    repository.git("bisect good").is_silent().git("bisect reset").reads("picked");
}

#[test]
fn n2_a_stash_and_its_pop_cause_no_warning_even_on_another_branch() {
    let Some(repository) = Repository::new() else { return };
    repository.sets("dev/KEY", "work").git("stash -q").reads("start").git("stash pop -q").reads("work");
    repository.git("stash -q").git("checkout -qb other").reads("start");
    repository.saves("prod/KEY", "other").git("checkout -q main").git("stash pop -q").reads("work");
    repository.git("commit -qam work").reads("work").git("checkout -q other").reads("start");
}

#[test]
fn n2_a_save_undone_before_anybody_saw_it_causes_no_warning() {
    let Some(repository) = Repository::new() else { return };
    let kept = repository.at("HEAD");
    for value in ["one", "two"] {
        repository.sets("dev/KEY", "undone").git("checkout -q -- secrets.vault").reads("start");
        repository.sets("dev/KEY", value).reads(value).git("checkout -q -- secrets.vault").reads("start");
    }
    repository
        .sets("dev/KEY", "reset")
        .git("reset -q --hard HEAD~")
        .git(&format!("reset -q --hard {kept}"))
        .reads("start");
    repository.saves("dev/KEY", "committed").reads("committed").git("reset -q --hard HEAD~").reads("start");
    repository.saves("dev/KEY", "1").saves("dev/KEY", "2").git("reset -q --hard HEAD~2").reads("start");
    repository.saves("dev/KEY", "again").reads("again");
    repository.sandbox.run(["user", "add", "zoe", "--read", "dev"]).ok();
    repository.git("checkout -q -- secrets.vault").reads("again").saves("dev/KEY", "without zoe").reads("without zoe");
}

#[test]
fn n2_a_revert_and_a_later_save_cause_no_warning_here_or_for_those_who_pull() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    repository.saves("dev/KEY", "wrong").git("push -q");
    let clone = Clone::of(&repository);
    assert_eq!(clone.run(&["get", "dev/KEY"]).ok().text(), "wrong");
    repository.git("revert --no-edit HEAD").reads("start");
    repository.git("checkout -qb other").reads("start").git("checkout -q main");
    repository.saves("dev/KEY", "right").reads("right").saves("prod/KEY", "right").reads("right").git("push -q");
    clone.git("pull -q");
    let run = clone.run(&["get", "dev/KEY"]).ok();
    assert!(run.stderr.is_empty() && run.text() == "right", "{run:?}");
}

#[test]
fn n1_work_in_several_work_trees_causes_no_warning() {
    let Some(repository) = Repository::new() else { return };
    let tree = repository.sandbox.home().join("tree");
    repository.git("branch feature").git(&format!("worktree add -q {} feature", tree.display()));
    let file = tree.join("secrets.vault");
    let vault = ["--vault", file.to_str().unwrap()];
    for round in 0..3 {
        let value = format!("main {round}");
        repository.sets("dev/KEY", &value).reads(&value);
        let set = repository.sandbox.run_with_input([&vault[..], &["set", "dev/KEY"]].concat(), b"feature").ok();
        let get = repository.sandbox.run([&vault[..], &["get", "dev/KEY"]].concat()).ok();
        assert!(!set.stderr.contains("warning") && get.stderr.is_empty(), "{set:?} {get:?}");
        assert_eq!(get.text(), "feature");
        repository.reads(&value);
        if round == 1 {
            repository.git("commit -qam main").git(&format!("-C {} commit -qam feature", tree.display()));
        }
    }
}

#[test]
fn n1_a_shallow_clone_a_submodule_and_crlf_cause_no_warning() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    repository.git("checkout -qb feature").saves("dev/KEY", "feature").git("push -q -u origin feature");
    let clones = [
        ("shallow", "clone -q --depth 1 --no-single-branch file://ORIGIN shallow"),
        ("crlf", "clone -q -c core.autocrlf=true -c core.eol=crlf ORIGIN crlf"),
        ("super/sub", "-c protocol.file.allow=always -C super submodule --quiet add ORIGIN sub"),
    ];
    repository.git("init -q super");
    for (name, command) in clones {
        repository.git(&command.replace("ORIGIN", repository.origin().to_str().unwrap()));
        let directory = repository.sandbox.project().join(name);
        let file = directory.join("secrets.vault");
        assert_eq!(std::fs::read(&file).unwrap().contains(&b'\r'), name == "crlf", "{name}");
        for (branch, value) in [("main", "start"), ("feature", "feature"), ("main", "start")] {
            repository.git(&format!("-C {} checkout -q {branch}", directory.display()));
            for arguments in [&["get", "dev/KEY"][..], &["verify"]] {
                let vault = ["--vault", file.to_str().unwrap()];
                let run = repository.sandbox.run([&vault[..], arguments].concat()).ok();
                assert!(run.stderr.is_empty(), "{name} {branch}: {run:?}");
                assert!(arguments[0] != "get" || run.text() == value, "{run:?}");
            }
        }
    }
}

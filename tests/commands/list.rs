//! `list`: finding items across environments, and tables that fit the terminal.

use crate::harness::{Sandbox, finish, has};

const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END KEY-----\n";

fn vault() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    for name in ["STRIPE_KEY", "AWS_KEY", "prod/STRIPE_KEY", "prod/MAIL_PASSWORD"] {
        sandbox.set(name, b"secret-value");
    }
    sandbox.run(["set", "--kind", "variable", "prod/STRIPE_MODE=live"]).ok();
    sandbox.run(["set", "prod/STRIPE_KEY", "--tag", "billing,eu", "--kind", "api-key"]).ok();
    sandbox.run(["set", "AWS_KEY", "--tag", "eu"]).ok();
    sandbox
}

/// The items listed, as ENV/NAME.
fn found(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let listed = sandbox.run([&["list", "--json"], arguments].concat()).ok().json();
    let place = |item: &serde_json::Value| {
        format!("{}/{}", item["environment"].as_str().unwrap(), item["name"].as_str().unwrap())
    };
    listed.as_array().unwrap().iter().map(place).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_pattern_finds_items_in_every_environment_and_an_environment_lists_its_own() {
    let sandbox = vault();
    for (arguments, expected) in [
        (&["stripe"][..], "dev/STRIPE_KEY prod/STRIPE_KEY prod/STRIPE_MODE"),
        (&["*_KEY"], "dev/AWS_KEY dev/STRIPE_KEY prod/STRIPE_KEY"),
        (&["mail", "aws"], "dev/AWS_KEY prod/MAIL_PASSWORD"),
        (&["prod"], "prod/MAIL_PASSWORD prod/STRIPE_KEY prod/STRIPE_MODE"),
        (&["prod", "key"], "prod/STRIPE_KEY"),
        (&["dev/*", "prod/mode"], "dev/AWS_KEY dev/STRIPE_KEY prod/STRIPE_MODE"),
        (&["-e", "prod", "stripe"], "prod/STRIPE_KEY prod/STRIPE_MODE"),
        (&[], "dev/AWS_KEY dev/STRIPE_KEY"),
    ] {
        assert_eq!(found(&sandbox, arguments), expected, "{arguments:?}");
    }
    let mut command = sandbox.command(["list", "stripe", "--json"]);
    command.env("VAULT_ENV", "prod");
    assert_eq!(finish(command).ok().json().as_array().unwrap().len(), 2);
    let text = sandbox.run(["list", "stripe"]).ok().text();
    let headings: Vec<_> = text.lines().filter(|line| line.contains(" · ")).collect();
    assert_eq!(headings, ["dev · 1 item", "prod · 2 items"]);
    assert!(
        !sandbox.run(["list", "mail"]).ok().text().contains("dev"),
        "an environment without matches must not be shown"
    );
}

#[test]
fn filters_by_kind_tag_and_age_apply_to_every_environment() {
    let sandbox = vault();
    for (arguments, expected) in [
        (&["--kind", "variable"][..], "prod/STRIPE_MODE"),
        (&["--kind", "api-key,variable", "prod"], "prod/STRIPE_KEY prod/STRIPE_MODE"),
        (&["--tag", "eu"], "dev/AWS_KEY prod/STRIPE_KEY"),
        (&["--tag", "eu,billing"], "prod/STRIPE_KEY"),
        (&["--tag", "eu", "aws"], "dev/AWS_KEY"),
        (&["--stale", "90d"], ""),
        (&["--stale", "0s", "-e", "dev"], "dev/AWS_KEY dev/STRIPE_KEY"),
    ] {
        assert_eq!(found(&sandbox, arguments), expected, "{arguments:?}");
    }
    sandbox.run(["list", "--stale", "long"]).fails(2).says("--stale is not a time").says("7d");
    sandbox.run(["list", "--kind", "password"]).fails(2).says("secret, variable, api-key");
}

#[test]
fn a_failed_search_names_the_environments_and_never_repeats_a_key() {
    let sandbox = vault();
    let run = sandbox
        .run(["list", "sk_live_abcdef"])
        .fails(3)
        .says("no item matches what you typed in dev, prod")
        .says("AWS_*");
    assert!(!run.stderr.contains("sk_live"), "{run:?}");
    sandbox.run(["list", "prdo"]).fails(3).says("did you mean the environment prod? vault list prod");
    sandbox.run(["list", "-e", "nowhere", "stripe"]).fails(3);
    sandbox.run(["list", "[A"]).fails(2).says("is not a pattern");
}

#[test]
fn a_search_reads_only_the_values_it_shows_and_keys_that_may_be_too_short_to_show() {
    let sandbox = vault();
    let lists = || sandbox.run(["log", "--action", "list", "--json"]).ok().text();
    sandbox.run(["list", "password"]).ok();
    sandbox.run(["list", "--stale", "0s", "--json"]).ok();
    assert_eq!(lists(), "");
    assert!(sandbox.run(["list", "mode"]).ok().text().contains("live"));
    assert!(lists().contains("STRIPE_MODE") && !lists().contains("STRIPE_KEY"), "{}", lists());
    let listed = sandbox.run(["list", "key"]).ok().text();
    assert!(!listed.contains("value") && lists().contains("STRIPE_KEY") && !lists().contains("AWS_KEY"), "{listed}");
}

/// Returns what `list` shows on a terminal with this many columns.
fn on_terminal(sandbox: &Sandbox, columns: usize, arguments: &str) -> String {
    let program = crate::harness::program().display();
    let line = format!("stty cols {columns}; {program} {arguments} 2>&1");
    let mut command = sandbox.other("script", ["-qec", &line, "/dev/null"]);
    command.env("TERM", "dumb").env("NO_COLOR", "1");
    finish(command).ok().text().replace('\r', "")
}

#[test]
fn on_a_terminal_a_row_is_one_line_and_in_a_pipe_it_is_complete() {
    if !has("script") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let note = "This is a note that is longer than what a line of a terminal has room for, by far";
    sandbox.set("TLS_KEY", KEY.as_bytes());
    sandbox.set("OTHER", b"short");
    sandbox.run(["set", "OTHER", "--note", note, "--tag", "one"]).ok();
    for columns in [60, 80, 100, 140] {
        let text = on_terminal(&sandbox, columns, "list --values");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "a heading, a header, two items and the hint: {text}");
        assert!(lines[..4].iter().all(|line| line.chars().count() <= columns), "{columns}: {text}");
        assert!(text.contains("-----BEGIN KEY-----…") || text.contains("-----BEGIN KEY…"), "{columns}: {text}");
        assert!(!text.contains("MIIE") && text.contains("hint: every column"), "{columns}: {text}");
    }
    let wide = on_terminal(&sandbox, 60, "list --values --wide");
    let piped = sandbox.run(["list", "--values"]).ok();
    for text in [&wide, &piped.text()] {
        assert!(text.contains("MIIEvQIB") && text.contains(note), "{text}");
    }
    assert_eq!(piped.stderr, "");
    assert_eq!(piped.text().lines().count(), 4, "an item is a line in a pipe, too");
}

#[test]
fn a_tab_in_a_value_or_note_is_escaped() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "--kind", "variable", "A=one\ttwo", "--note", "a\tb"]).ok();
    sandbox.run(["set", "--kind", "variable", "B=three"]).ok();
    let text = sandbox.run(["list"]).ok().text();
    assert!(text.contains("one\\ttwo  ") && text.contains("a\\tb\n") && !text.contains('\t'), "{text}");
}

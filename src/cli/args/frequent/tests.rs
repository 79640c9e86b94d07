//! Lines that the fast parser accepts mean the same to the full command line. They are generated from the real options
//! of the commands, in every notation, valid and invalid.

use super::*;
use crate::cli::args::{command, narrow_command, read_as};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::os::unix::ffi::OsStringExt as _;

/// An option of `exec` or `get`.
#[derive(Debug, Clone)]
struct Known {
    long: String,
    short: Option<char>,
}

fn known(name: &str) -> Vec<Known> {
    let mut whole = command();
    whole.build();
    let arguments = whole.find_subcommand(name).unwrap().get_arguments();
    arguments
        .filter_map(|argument| Some(Known { long: argument.get_long()?.into(), short: argument.get_short() }))
        .collect()
}

/// Returns a value that the option accepts, if it takes one.
fn right_value(long: &str) -> &'static str {
    match long {
        "env" => "dev",
        "user" => "mia",
        "color" => "never",
        "watch" => "restart",
        "within" => "14d",
        "rename" => "A=B",
        "passphrase-fd" | "version" => "3",
        "clip" => "5m",
        _ => "A",
    }
}

fn value(long: &str) -> impl Strategy<Value = OsString> + use<> {
    const VALUES: [&str; 12] = ["", "-", "--", "-1", "prod,ci", "Dev", ",", "a=b", "é", "=x", "never", "--mask"];
    prop_oneof![
        6 => Just(OsString::from(right_value(long))),
        2 => prop::sample::select(&VALUES[..]).prop_map(OsString::from),
        1 => Just(OsString::from_vec(b"\xff".to_vec())),
    ]
}

/// One option in one of its notations.
fn option(known: &[Known]) -> impl Strategy<Value = Vec<OsString>> + use<> {
    let shorts: Vec<char> = known.iter().filter_map(|option| option.short).chain(['z']).collect();
    let one = prop::sample::select(known.to_vec()).prop_flat_map(|option| (value(&option.long), Just(option)));
    (one, prop::sample::select(shorts), 0..9).prop_map(|((value, Known { long, short }), other, way)| {
        let long = format!("--{long}");
        let short = short.map_or_else(|| long.clone(), |short| format!("-{short}"));
        let joined = |name: &str, between: &str| {
            let mut word = OsString::from(format!("{name}{between}"));
            word.push(&value);
            vec![word]
        };
        match way {
            0 | 1 => vec![long.into(), value],
            2 => joined(&long, "="),
            3 => vec![long.into()],
            4 => vec![short.into(), value],
            5 => joined(&short, ""),
            6 => joined(&short, "="),
            7 => vec![format!("{short}{other}").into(), value],
            _ => vec![long[..long.len() - 1].into()],
        }
    })
}

/// The rest of a line: names, and a command with its arguments.
fn rest() -> impl Strategy<Value = Vec<OsString>> {
    const RESTS: [&[&str]; 11] = [
        &[],
        &["--"],
        &["NAME"],
        &["dev/NAME"],
        &["--", "NAME"],
        &["--", "sh", "-c", "true", "--mask"],
        &["--", "--", "-e", "dev"],
        &["--", ""],
        &["env", "-e", "dev", "--json"],
        &["-"],
        &["--help"],
    ];
    let rest = prop::sample::select(&RESTS[..]).prop_map(|words| words.iter().map(OsString::from).collect());
    prop_oneof![9 => rest, 1 => Just(vec![OsString::from_vec(b"\xff".to_vec())])]
}

/// Lines that begin with one of these words and have the options of this command.
fn lines(words: &'static [&'static str], options: &[Known]) -> impl Strategy<Value = Vec<OsString>> + use<> {
    let word = prop::sample::select(words).prop_map(|word| vec![vec![OsString::from("vault"), OsString::from(word)]]);
    let some = || proptest::collection::vec(option(options), 0..3);
    let parts = (word, some(), rest(), some());
    parts.prop_map(|(word, before, rest, behind)| [word, before, vec![rest], behind].concat().concat())
}

fn shown(cli: &Cli) -> String {
    format!("{:?} {:?} {:?}", cli.globals, cli.command, cli.environments)
}

#[test]
fn the_full_command_line_parses_every_accepted_line_alike() {
    const CASES: u32 = 1_500;
    let (plain, flat, narrow) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let exec = lines(&["exec", "run", "x", "exe", "list", "-e"], &known("exec"));
    let outcome = runner.run(&prop_oneof![exec, lines(&["get"], &known("get"))], |words| {
        let narrowed = narrow_command(&words).and_then(|command| read_as(command, &words).ok());
        let readings = [
            (&plain, words[1].to_str().and_then(|word| read_plain(word, &words[2..]))),
            (&flat, read(&words)),
            (&narrow, narrowed),
        ];
        for (count, cli) in readings {
            let Some(cli) = cli else { continue };
            count.set(count.get() + 1);
            let whole = read_as(command(), &words);
            prop_assert!(whole.is_ok(), "only the whole command line refuses it: {:?}", whole.err());
            prop_assert_eq!(shown(&cli), shown(&whole.unwrap()));
        }
        Ok(())
    });
    outcome.unwrap();
    let counts = [&plain, &flat, &narrow].map(Cell::get);
    assert!(counts.iter().all(|count| *count > CASES / 50), "too few lines are accepted to say anything: {counts:?}");
}

#[test]
fn frequent_lines_are_accepted_and_invalid_ones_are_not() {
    let lines = [
        "exec -- true",
        "x -e dev --env prod,ci -- sh -c true -- --mask",
        "run -- -e dev",
        "exec -- --",
        "exec -e dev true",
        "get -e dev NAME",
        "exec -e dev -e prod,ci --only A,B* --json -q -- sh -c true -e x --json",
        "run --prefix P_ --vault v --reason why env",
        "x --mask --rename A=B --file C --user mia true --mask",
        "exec --preserve-env=A --color never --strict true",
        "exec -c true --mask",
        "get NAME",
        "get dev/NAME --version 2 -o file --key-file key --non-interactive",
        "get NAME --clip",
        "get NAME --clip=5m --quiet",
        "get --qr NAME",
        "get -e dev NAME --log-sync --passphrase-fd 3",
    ];
    for line in lines {
        let words: Vec<OsString> = std::iter::once("vault").chain(line.split(' ')).map(OsString::from).collect();
        let flat = read(&words).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(shown(&flat), shown(&read_as(command(), &words).unwrap()), "{line}");
    }
    for line in [
        "exec",
        "exec --",
        "exec -e -- true",
        "exec -e Dev -- true",
        "get -e dev",
        "exec --help",
        "get --version",
        "get",
        "-e dev get NAME",
        "exec --nope true",
        "list",
        "",
    ] {
        let words: Vec<OsString> = std::iter::once("vault").chain(line.split(' ')).map(OsString::from).collect();
        assert!(read(&words).is_none(), "{line}");
    }
}

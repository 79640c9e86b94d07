use super::{VALUE, item, output, texts};
use crate::format::export::{Format, Item, write};
use std::collections::BTreeMap;
use std::process::Command;

/// Returns values that a shell could run, change or lose.
fn awkward_values() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = texts(VALUE, 10, 300).into_iter().map(String::into_bytes).collect();
    for text in
        ["$(touch x)", "`touch x`", "'; touch x; '", "\\'; touch x #", "\n", "a\n", "\n\na b\n\n", "-n", "!!", "%s"]
    {
        values.push(text.as_bytes().to_vec());
    }
    values.push((1..=255).collect());
    values.push(vec![0xff, b'a', 0xfe]);
    values.push("\u{f600}\u{fdd0}\u{e000}\u{f8ff}".into());
    values
}

/// Evaluates an export in a shell, and compares it with what a program started there receives.
fn f1_through(shell: &str, script: &str, format: Format) {
    let values = awkward_values();
    let names: Vec<String> = (0..values.len()).map(|i| format!("VAULT_TEST_{i}")).collect();
    let items: Vec<Item<'_>> = names.iter().zip(&values).map(|(name, value)| item(name, value)).collect();
    let exported = write(format, &items).unwrap();
    for locale in ["C", "C.UTF-8"] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(shell);
        command.args(["-c", script]).current_dir(directory.path()).env("LC_ALL", locale).env("HOME", directory.path());
        let Some(environment) = output(&mut command, &exported) else { return };
        let found: BTreeMap<&[u8], &[u8]> = environment
            .split(|byte| *byte == 0)
            .filter_map(|pair| pair.iter().position(|byte| *byte == b'=').map(|at| (&pair[..at], &pair[at + 1..])))
            .collect();
        for (name, value) in names.iter().zip(&values) {
            let found = found.get(name.as_bytes()).map(|bytes| bytes.to_vec());
            assert_eq!(found.as_ref(), Some(value), "{shell} {locale} {name} {}", String::from_utf8_lossy(value));
        }
        assert!(!directory.path().join("x").exists(), "{shell} ran a value");
    }
}

const EVAL: &str = "eval \"$(cat)\"; env -0";

#[test]
fn f1_sh_evaluates_exports_to_the_same_values() {
    f1_through("sh", EVAL, Format::Shell);
}

#[test]
fn f1_dash_evaluates_exports_to_the_same_values() {
    f1_through("dash", EVAL, Format::Shell);
}

#[test]
fn f1_bash_evaluates_exports_to_the_same_values() {
    f1_through("bash", EVAL, Format::Shell);
}

#[test]
fn f1_zsh_evaluates_exports_to_the_same_values() {
    f1_through("zsh", EVAL, Format::Shell);
}

#[test]
fn f1_fish_sources_exports_to_the_same_values() {
    f1_through("fish", "source; env -0", Format::Fish);
}

#[test]
fn f1_fish_evaluates_exports_to_the_same_values() {
    f1_through("fish", "eval (cat); env -0", Format::Fish);
}

/// systemd itself needs a booted machine. For the double-quoted text written here, its rules are those of the shell.
#[test]
fn systemd_exports_are_read_back_by_shell_rules() {
    let values: Vec<String> = texts(VALUE, 10, 300);
    let names: Vec<String> = (0..values.len()).map(|i| format!("VAULT_TEST_{i}")).collect();
    let one = |name: &str, value: &str| write(Format::Systemd, &[item(name, value.as_bytes())]).ok();
    let carried: Vec<_> =
        names.iter().zip(&values).filter_map(|(name, value)| Some((value, one(name, value)?))).collect();
    assert!(carried.len() > 150, "{}", carried.len());
    let script: Vec<u8> = carried.iter().flat_map(|(_, line)| line.to_vec()).collect();
    let mut command = Command::new("sh");
    let Some(environment) = output(command.args(["-c", "set -a; eval \"$(cat)\"; env -0"]), &script) else { return };
    let environment = String::from_utf8(environment).unwrap();
    for (value, line) in &carried {
        let name = line.as_str().unwrap().split('=').next().unwrap();
        assert!(environment.split('\0').any(|pair| pair == format!("{name}={value}")), "{name} {value:?}");
    }
}

//! `exec --mask` with real programs that print a value. Programs that are not installed are skipped.

use crate::harness::{Run, Sandbox, has};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

/// A service account's key in JSON, with characters that programs escape.
const ACCOUNT: &str = concat!(
    "{\n  \"type\": \"service_account\",\n",
    "  \"private_key_id\": \"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567\",\n",
    "  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEF\\nAASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3\\n",
    "-----END PRIVATE KEY-----\\n\"\n}\n"
);
/// The secret parts of the key.
const SECRETS: [&str; 3] =
    ["0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3"];
/// All characters that any of the formats quotes.
const TEXT: &str = "pa\"ss'wo$rd & <caf\u{e9}> \\x %41 `tick` end";
const URL: &str = "postgres://app:p%40ssw%2Frd%2777@db.internal:5432/app";
const KEY: &str = "xK8pQ2vR9mT4wZ7bN3cY6dF1gH5jL0aS";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    for (name, value) in [("ACCOUNT", ACCOUNT), ("TEXT", TEXT), ("URL", URL), ("KEY", KEY)] {
        sandbox.set(name, value.as_bytes());
    }
    sandbox
}

/// Runs a program. Checks that no eight characters in a row of a secret are in its output, and that the output has
/// asterisks.
#[track_caller]
fn hides(command: &[&str]) {
    if !has(command[0]) {
        return;
    }
    let run = sandbox().run([&["exec", "--mask", "--"], command].concat()).ok();
    let text = run.text() + &run.stderr;
    assert!(text.contains("****"), "{text}");
    let others = ["pa\"ss'wo", "tick", "caf", "p@ssw", "p%40ssw", KEY];
    let pieces = SECRETS.iter().chain(&others).flat_map(|secret| secret.as_bytes().windows(secret.len().min(8)));
    for piece in pieces {
        let is_there = text.as_bytes().windows(piece.len()).any(|window| window == piece);
        assert!(!is_there, "{} in {text}", String::from_utf8_lossy(piece));
    }
}

#[test]
fn j8_values_printed_by_node_and_python_are_masked() {
    hides(&[
        "node",
        "-e",
        "const a = JSON.parse(process.env.ACCOUNT); console.log(a, a.private_key, JSON.stringify(a), JSON.stringify(JSON.stringify(a)))",
    ]);
    hides(&[
        "node",
        "-e",
        "console.log([process.env.TEXT], process.env.TEXT, JSON.stringify(process.env.TEXT), escape(process.env.TEXT), encodeURIComponent(process.env.TEXT))",
    ]);
    hides(&[
        "node",
        "-e",
        "const u = new URL(process.env.URL); console.log(u, u.password, decodeURIComponent(u.password))",
    ]);
    hides(&[
        "node",
        "-e",
        "console.log(Buffer.from(process.env.KEY), Buffer.from(process.env.ACCOUNT).toString('base64'))",
    ]);
    let python = "import os, json, pprint; a = json.loads(os.environ['ACCOUNT']); print(a); print(a['private_key']); pprint.pprint(a); print(json.dumps(a, indent=4))";
    hides(&["python3", "-c", python]);
    let python = "import os, json, html, shlex, urllib.parse as u; t = os.environ['TEXT']; print(repr(t), ascii(t), repr(t.encode()), json.dumps(t), html.escape(t), shlex.quote(t), u.quote(t), u.quote_plus(t), t.replace(\"'\", \"''\"), t.replace('\"', '\"\"'))";
    hides(&["python3", "-c", python]);
    hides(&[
        "python3",
        "-c",
        "import os, urllib.parse as u; p = u.urlparse(os.environ['URL']).password; print(p, u.unquote(p), repr(u.unquote(p)))",
    ]);
}

#[test]
fn j8_values_printed_by_php_perl_and_jq_are_masked() {
    let php = "$a = json_decode(getenv('ACCOUNT'), true); var_export($a); var_dump($a); print_r($a); echo json_encode($a), serialize($a);";
    hides(&["php", "-r", php]);
    hides(&[
        "php",
        "-r",
        "$t = getenv('TEXT'); var_export($t); echo json_encode($t), htmlspecialchars($t), addslashes($t), urlencode($t), rawurlencode($t);",
    ]);
    hides(&[
        "perl",
        "-MData::Dumper",
        "-e",
        "$Data::Dumper::Useqq = $_, print Dumper(\\%ENV{qw(ACCOUNT TEXT URL KEY)}) for 0, 1",
    ]);
    hides(&[
        "jq",
        "-n",
        "$ENV.ACCOUNT, ($ENV.ACCOUNT | fromjson), ($ENV.TEXT | @sh, @html, @uri, @csv \"\\([.])\", @base64)",
    ]);
}

#[test]
fn j8_values_printed_by_a_shell_and_its_tools_are_masked() {
    for script in [
        "set -x; : \"$ACCOUNT\" \"$TEXT\"",
        "declare -p ACCOUNT TEXT URL KEY",
        "printf '%q\\n' \"$ACCOUNT\" \"$TEXT\"",
        "LC_ALL=C; printf '%q\\n' \"$TEXT\"; export -p",
        "echo \"${TEXT@Q} ${ACCOUNT@Q}\"; env",
        "echo \"$KEY $ACCOUNT\" | fold -w 13",
        "echo \"    $KEY $ACCOUNT\" | fold -w 20 | sed 's/^/    /'",
        "echo \"key: $(printf %s \"$ACCOUNT\" | base64 -w 40 | sed 's/^/  /')\"",
        "printf 'KEY=%s' \"$KEY\" | xxd",
        "printf 'KEY=%s' \"$KEY\" | od -c; printf %s \"$KEY\" | od -An -tx1",
    ] {
        if script.contains("xxd") && !has("xxd") {
            continue;
        }
        hides(&["bash", "-c", script]);
    }
}

/// Runs a command with two values that differ in every character. If the output is the same for both, it reveals
/// nothing about either.
#[track_caller]
fn reveals_nothing(sandboxes: &[Sandbox; 2], command: &str, name: &str, before: &str) {
    let print = format!("printf '%s' \"{before}${name}\" | {command}");
    let [one, other] = sandboxes.each_ref().map(|sandbox| masked(sandbox, &["-q"], &print).ok().text());
    assert!(one.contains("****"), "{command}, {name}: {one}");
    assert_eq!(one, other, "{command}, {name}");
}

#[test]
fn j8_dumps_and_encodings_by_real_programs_reveal_nothing_of_ordinary_words() {
    let sandboxes = [Sandbox::with_vault(), Sandbox::with_vault()];
    let values = [
        ("SHORT", ["hunter2", "swordfi"]),
        ("WORDS", ["correct horse b", "Swordfish-Tues!"]),
        (
            "LONG",
            ["xyzzy_plugh,_said_the_quick_brown_fox_to_the_dog", "a_lazy_cat_and_12_white_mice_passed_the_night_at"],
        ),
        ("SEED", ["thirty-two bytes of a plain word", "another seed that is as long, 32"]),
    ];
    for (name, both) in values {
        for (sandbox, value) in sandboxes.iter().zip(both) {
            sandbox.set(name, value.as_bytes());
        }
    }
    let dumps = [
        ("xxd", "xxd; xxd -u; xxd -g1; xxd -g4; xxd -e; xxd -c 7; xxd -c 32; xxd -p; xxd -i; xxd -o 64"),
        ("hexdump", "hexdump; hexdump -C; hexdump -c; hexdump -b"),
        (
            "od",
            "od; od -An; od -c; od -An -c; od -a; od -b; od -x; od -An -x; od -tx1; od -An -tx1; od -Ax -tx1z; od -v -tx1 -w1; od -tx4",
        ),
    ];
    for (_, commands) in dumps.iter().filter(|(program, _)| has(program)) {
        for command in commands.split("; ") {
            for (name, before) in [("SHORT", ""), ("WORDS", "k="), ("LONG", "the name: "), ("SHORT", "1234567890abc")] {
                reveals_nothing(&sandboxes, command, name, before);
            }
        }
    }
    // If digits also encode bits of neighboring bytes, the values begin and end with whole groups of digits.
    let encodings = [
        ("base32", "base32; base32 -w0; base32 | tr A-Z a-z; base32 -w 20"),
        ("openssl", "openssl base64; openssl base64 -A"),
        ("basenc", "basenc --base16; basenc --base64url; basenc --base32"),
    ];
    for (_, commands) in encodings.iter().filter(|(program, _)| has(program)) {
        for command in commands.split("; ") {
            reveals_nothing(&sandboxes, command, "WORDS", "");
            reveals_nothing(&sandboxes, command, "WORDS", "fifteen bytes: ");
        }
    }
    let python =
        "import sys, base64; b = sys.stdin.buffer.read(); print(b.hex(':'), b.hex('-'), b.hex(' '), *map(hex, b))";
    let node = "console.log(require('fs').readFileSync(0))";
    for (program, command) in [("python3", format!("python3 -c \"{python}\"")), ("node", format!("node -e \"{node}\""))]
    {
        if has(program) {
            reveals_nothing(&sandboxes, &command, "SHORT", "");
            reveals_nothing(&sandboxes, &command, "LONG", "x ");
        }
    }
    if has("openssl") {
        // A private key. The public key next to it isn't secret.
        let der = "{ printf '\\060\\056\\002\\001\\000\\060\\005\\006\\003\\053\\145\\160\\004\\042\\004\\040'; cat; }";
        reveals_nothing(
            &sandboxes,
            &format!("{der} | openssl pkey -inform DER -text -noout | sed '/pub/,$d'"),
            "SEED",
            "",
        );
    }
}

#[test]
fn j8_lines_that_every_json_file_has_stay_visible() {
    let text = "{\n  \"type\": \"service_account\",\n  \"port\": 5432\n}";
    let run = sandbox().run(["exec", "--mask", "--", "printf", "%s\n", text]).ok();
    assert_eq!(run.text(), format!("{text}\n"));
}

/// Prints something, and waits for a limited time until the test has seen it.
fn waits_after(printed: &str) -> String {
    format!(
        "rm -f seen; {printed}; n=0; until [ -e seen ] || [ $n -gt 400 ]; do sleep 0.05; n=$((n+1)); done; \
         [ -e seen ] && echo seen"
    )
}

#[test]
fn a_line_or_prompt_that_ends_in_a_secret_is_shown_while_the_command_waits() {
    let sandbox = Sandbox::with_vault();
    // The second value may start at any position within the first.
    for value in ["swordfish", "hunter2-hunter2", "aaaaaaaaaaaaaaaaaaaa"] {
        sandbox.set("TOKEN", value.as_bytes());
        for (print, shown) in
            [("echo $TOKEN", "****\n"), ("echo \"'$TOKEN'\"", "'****'\n"), ("printf '%s: ' \"$TOKEN\"", "****: ")]
        {
            let script = waits_after(print);
            let mut child = sandbox.command(["exec", "--mask", "-q", "--", "sh", "-c", &script]).spawn().unwrap();
            let mut output = child.stdout.take().unwrap();
            let (mut seen, mut byte) = (Vec::new(), [0]);
            while seen != shown.as_bytes() && output.read(&mut byte).unwrap() > 0 {
                seen.push(byte[0]);
            }
            sandbox.write("seen", "");
            let mut rest = String::new();
            output.read_to_string(&mut rest).unwrap();
            child.wait().unwrap();
            let shown_when = (String::from_utf8(seen).unwrap(), rest);
            assert_eq!(shown_when, (shown.to_owned(), "seen\n".to_owned()), "{print}, {value}");
        }
        // The same on a terminal.
        let mut command = sandbox.command(["exec", "--mask", "-q", "--", "sh", "-c", "echo \"$TOKEN\"; read x"]);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
        terminal.exp_string("****\r\n").unwrap();
        terminal.send_line("").unwrap();
        terminal.exp_eof().unwrap();
    }
}

fn masked(sandbox: &Sandbox, options: &[&str], script: &str) -> Run {
    sandbox.run([&["exec", "--mask"], options, &["--", "sh", "-c", script]].concat())
}

#[test]
fn the_summary_counts_masked_values_by_item() {
    let sandbox = sandbox();
    let script = "echo $KEY; echo \"$KEY $TEXT\"; echo $KEY >&2";
    assert_eq!(masked(&sandbox, &[], script).ok().stderr, "****\nmasked: KEY 3 times, TEXT once\n");
    assert_eq!(masked(&sandbox, &["-q"], script).ok().stderr, "****\n");
    assert_eq!(masked(&sandbox, &[], "echo nothing; exit 0").ok().stderr, "");
    let summary = "masked: URL once\n";
    assert_eq!(masked(&sandbox, &[], "printf %s $URL >&2").ok().stderr, format!("****\n{summary}"));
    // If both streams go to the same file, the last line before the summary may be from the other stream.
    let run = |script: &str| {
        let script = format!("'{}' exec --mask -- sh -c '{script}' 2>&1", crate::harness::program().display());
        crate::harness::finish(sandbox.other("sh", ["-c", &script])).ok().text()
    };
    assert_eq!(run("printf %s $URL"), format!("****\n{summary}"));
    assert_eq!(run("echo $URL"), format!("****\n{summary}"));
    // The same if the command fails or a signal ends it: its last output is masked, too.
    let run = masked(&sandbox, &[], "echo $URL; exit 3");
    assert_eq!((run.code, run.stderr.as_str()), (3, summary));
    let run = masked(&sandbox, &[], "echo $URL; kill -KILL $$");
    assert_eq!((run.code, run.stderr.as_str()), (137, summary));
    let script = "echo $URL; sleep 600 & exit 0";
    let mut child = sandbox.command(["exec", "--mask", "--", "sh", "-c", script]).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.signal(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(15), summary));
}

#[test]
fn the_summary_uses_the_names_that_the_command_sees_and_shows_no_value() {
    let sandbox = sandbox();
    sandbox.write("app.env", "COMPOSED=user:vault://KEY\n");
    let run = masked(&sandbox, &["--only", "TEXT", "--env-file", "app.env"], "echo $COMPOSED; echo ${COMPOSED#user:}");
    assert_eq!((run.text().as_str(), run.stderr.as_str()), ("****\n****\n", "masked: KEY once, COMPOSED once\n"));
    let run = masked(&sandbox, &["--only", "KEY", "--prefix", "APP_"], "echo $APP_KEY").ok();
    assert_eq!(run.stderr, "masked: APP_KEY once\n");
}

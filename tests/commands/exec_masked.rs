//! `exec --mask` and what real programs print of a value. Programs that aren't there are left out.

use crate::harness::{Sandbox, has};

/// The JSON key of a service account, with what a program may escape.
const ACCOUNT: &str = concat!(
    "{\n  \"type\": \"service_account\",\n",
    "  \"private_key_id\": \"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567\",\n",
    "  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEF\\nAASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3\\n",
    "-----END PRIVATE KEY-----\\n\"\n}\n"
);
/// What of it is nobody else's business.
const SECRETS: [&str; 3] =
    ["0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3"];
/// Everything that is quoted somewhere.
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

/// Runs a program and checks that eight characters in a row of no secret are in what it prints, and that there are stars.
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
fn j8_what_node_and_python_print_of_a_value_is_masked() {
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
fn j8_what_php_perl_and_jq_print_of_a_value_is_masked() {
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
fn j8_what_a_shell_and_its_tools_print_of_a_value_is_masked() {
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

#[test]
fn j8_the_lines_of_a_json_value_that_are_in_every_file_stay() {
    let text = "{\n  \"type\": \"service_account\",\n  \"port\": 5432\n}";
    let run = sandbox().run(["exec", "--mask", "--", "printf", "%s\n", text]).ok();
    assert_eq!(run.text(), format!("{text}\n"));
}

//! Values as programs print them: the recorded output of each program for the same value, masked.

use super::tests::masked;

/// The JSON key of a service account.
const ACCOUNT: &str = concat!(
    "{\n  \"type\": \"service_account\",\n",
    "  \"private_key_id\": \"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567\",\n",
    "  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEF\\nAASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3\\n",
    "-----END PRIVATE KEY-----\\n\",\n  \"client_email\": \"ci@example.iam.gserviceaccount.com\"\n}\n"
);
/// The secret parts of the key.
const SECRET: [&str; 3] =
    ["0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3"];

/// Asserts that no eight characters in a row of a secret are left.
#[track_caller]
fn hidden(values: &[&[u8]], secrets: &[&str], text: &str) {
    let out = masked(values, &[text.as_bytes()]);
    for piece in secrets.iter().flat_map(|secret| secret.as_bytes().windows(8)) {
        let is_there = out.as_bytes().windows(8).any(|window| window == piece);
        assert!(!is_there, "{} in {out}", String::from_utf8_lossy(piece));
    }
}

#[test]
fn j8_the_fields_of_a_json_value_are_masked_however_a_program_prints_them() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCx+Yz/9KqW4tR7uI2oP5sD8fG1hJ3\n-----END PRIVATE KEY-----\n";
    let escaped = key.replace('\n', "\\n");
    for written in [
        // The whole value, and one of its fields.
        ACCOUNT.to_owned(),
        key.to_owned(),
        // node's console.log of the object, Python's repr and json.dumps, jq, and Go's encoding/json.
        format!("{{\n  private_key: '{escaped}' +\n    'x'\n}}"),
        format!("{{'type': 'service_account', 'private_key': '{escaped}'}}"),
        format!("{{\"private_key\":\"{escaped}\"}}"),
        format!("\"{{\\n  \\\"private_key\\\": \\\"{}\\\"\"", escaped.replace('\\', "\\\\")),
        escaped.replace('+', "\\u002b"),
        // node breaks a string of several lines.
        escaped.replace("\\n", "\\n' +\n    '"),
        // PHP's json_encode and var_export.
        escaped.replace('/', "\\/"),
        format!("array (\n  'private_key' => '{key}',\n)"),
        // Perl's Data::Dumper; a shell's set -x, declare -p and printf %q.
        format!("$VAR1 = {{\n  'private_key' => '{key}'\n}};"),
        format!("+ echo $'{escaped}'"),
        format!("declare -x KEY=\"{key}\""),
        key.replace(' ', "\\ "),
        // HTML, a URL, a terminal's line endings, YAML.
        key.replace('+', "&#43;").replace('/', "&#x2F;").replace('\n', "&#10;"),
        key.replace('+', "%2B").replace('/', "%2F").replace('\n', "%0A").replace(' ', "%20"),
        key.replace('\n', "\r\n"),
        key.replace('\n', "\n        "),
        // A prefix on each line.
        key.replace('\n', "\n2026-11-28 12:00:00 app | "),
    ] {
        hidden(&[ACCOUNT.as_bytes()], &SECRET, &written);
    }
}

#[test]
fn j8_lines_and_words_that_are_in_many_files_stay_visible() {
    let text = "{\n  \"type\": \"service_account\"\n}\n\"private_key\" of ci@example.iam.gserviceaccount.com\n-----BEGIN PRIVATE KEY-----\n";
    assert_eq!(masked(&[ACCOUNT.as_bytes()], &[text.as_bytes()]), text);
}

#[test]
fn j8_quotes_and_escapes_of_any_kind_hide_no_value() {
    let value = "it's \"caf\u{e9}\" & <p@ss>\\word$1 \u{1f511}";
    for written in [
        r#"'it'\''s "café" & <p@ss>\word$1 🔑'"#,
        r#"'it'"'"'s "café" & <p@ss>\word$1 🔑'"#,
        r#"it\'s\ \"caf$'\303\251'\"\ \&\ \<p@ss\>\\word\$1\ $'\360\237\224\221'"#,
        r#"$'it\'s "caf\303\251" & <p@ss>\\word$1 \360\237\224\221'"#,
        r#"'it\'s "café" & <p@ss>\\word$1 🔑'"#,
        r#"b'it\'s "caf\xc3\xa9" & <p@ss>\\word$1 \xf0\x9f\x94\x91'"#,
        r#""it's \"caf\u00e9\" \u0026 \u003cp@ss\u003e\\word$1 \ud83d\udd11""#,
        r#""it's \"caf\u{e9}\" & <p@ss>\\word$1 \u{1F511}""#,
        r#"'it\'s "caf\xe9" & <p@ss>\\word$1 \U0001f511'"#,
        r#""it's \"caf\x{e9}\" & <p\@ss>\\word\$1 \x{1f511}""#,
        r#"'it''s "café" & <p@ss>\word$1 🔑'"#,
        r#""it's ""café"" & <p@ss>\word$1 🔑""#,
        "it&#39;s &quot;café&quot; &amp; &lt;p@ss&gt;\\word$1 🔑",
        "it&#x27;s &#34;caf&#233;&#34; &amp; &lt;p@ss&gt;\\word$1 &#128273;",
        "it&apos;s &quot;caf&#xE9;&quot; &amp; &lt;p@ss&gt;\\word$1 &#x1F511;",
        "it&amp;#39;s &amp;quot;caf&amp;#233;&amp;quot; &amp;amp; &amp;lt;p@ss&amp;gt;\\word$1 &amp;#128273;",
        "it%27s%20%22caf%C3%A9%22%20%26%20%3Cp@ss%3E%5Cword$1%20%F0%9F%94%91",
        "it's+%22caf%c3%a9%22+%26+%3cp%40ss%3e%5cword%241+%f0%9f%94%91",
        "it%2527s%2520%2522caf%25C3%25A9%2522%2520%2526%2520%253Cp@ss%253E%255Cword$1%2520%25F0%259F%2594%2591",
        r#"{\"a\":\"it's \\\"café\\\" & <p@ss>\\\\word$1 🔑\"}"#,
        r#"{\"a\":\"it's \\\"caf\\u00e9\\\" \\u0026 \\u003cp@ss\\u003e\\\\word$1 \\ud83d\\udd11\"}"#,
        "it's \"caf\u{e9}\"\\\n & <p@ss>\\word$1 \u{1f511}",
    ] {
        let out = masked(&[value.as_bytes()], &[written.as_bytes()]);
        for piece in ["caf", "p@ss", "p\\@ss", "word", "it"] {
            assert!(out.contains("****") && !out.contains(piece), "{written} became {out}");
        }
    }
}

#[test]
fn j8_the_password_of_a_url_is_masked_on_its_own() {
    let value = b"postgres://app:p%40ss%2Fw0rd@db.internal:5432/app";
    for written in ["password: 'p@ss/w0rd'", "p%40ss%2Fw0rd", "p%2540ss%252Fw0rd", "\"p@ss\\/w0rd\"", "p@ss&#47;w0rd"] {
        let out = masked(&[value], &[written.as_bytes()]);
        assert!(out.contains("****") && !out.contains("w0rd"), "{written} became {out}");
    }
    let host = "connecting to db.internal:5432 as app";
    assert_eq!(masked(&[value], &[host.as_bytes()]), host);
}

#[test]
fn j8_dumps_and_broken_lines_hide_no_key() {
    let key = "xK8pQ2vR9mT4wZ7bN3cY6dF1gH5jL0aS";
    let values = [key.as_bytes()];
    // xxd, hexdump -C, od -c, the indentation of openssl and git, fold.
    let xxd = "00000000: 4b45 593d 784b 3870 5132 7652 396d 5434  KEY=xK8pQ2vR9mT4\n00000010: 775a 3762 4e33 6359 3664 4631 6748 356a  wZ7bN3cY6dF1gH5j\n00000020: 4c30 6153 0a                             L0aS.\n";
    hidden(&values, &[key, "784b3870513276", "775a37624e336359366446316748356a"], xxd);
    let hexdump = "00000000  78 4b 38 70 51 32 76 52  39 6d 54 34 77 5a 37 62  |xK8pQ2vR9mT4wZ7b|\n";
    hidden(&values, &[key, "78 4b 38 70"], hexdump);
    let od = "0000000   x   K   8   p   Q   2   v   R   9   m   T   4   w   Z   7   b\n";
    assert_eq!(masked(&values, &[od.as_bytes()]), "0000000   ****\n");
    for broken in [
        "xK8pQ2vR9m\nT4wZ7bN3cY\n6dF1gH5jL0\naS",
        "xK8pQ2v\n    R9mT4wZ7\n    bN3cY6dF\n    1gH5jL0aS",
        "> xK8pQ2vR9m\n> T4wZ7bN3cY\n> 6dF1gH5jL0aS",
    ] {
        hidden(&values, &[key], broken);
    }
    let bytes: String = key.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    assert_eq!(masked(&values, &[bytes.as_bytes()]), "****");
}

#[test]
fn j8_base64_is_masked_after_a_prefix_and_with_indentation() {
    use base64::Engine as _;
    let value: Vec<u8> = (0..90_u32).map(|i| b'!' + u8::try_from(i * 7 % 90).unwrap()).collect();
    for before in ["", "a", "ab", "{\"key\":\""] {
        let digits = base64::prelude::BASE64_STANDARD.encode([before.as_bytes(), &value, b"\"}"].concat());
        let lines: Vec<String> =
            digits.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        for text in [format!("data: {}", lines.join("\n      ")), format!("| {}", lines.join("\n| ")), digits.clone()] {
            let out = masked(&[&value], &[text.as_bytes()]);
            let inner = &digits[before.len().div_ceil(3) * 4 + 4..digits.len() - 12];
            let is_there =
                inner.as_bytes().windows(8).any(|piece| out.as_bytes().windows(8).any(|window| window == piece));
            assert!(!is_there, "{text} became {out}");
        }
    }
}

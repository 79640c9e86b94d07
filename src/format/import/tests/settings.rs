//! Files that other programs read as settings.

use super::*;

#[test]
fn a_compose_file_is_recognized_by_its_services_and_the_error_says_where_its_variables_are() {
    let service = "x: &x {A: 1}\nservices:\n  web:\n    image: y\n";
    for (more, hint) in [
        ("", "it sets no variables"),
        ("    env_file: .env\n", "import the file that env_file (line 5) names: [import]"),
        ("    environment:\n      <<: *x\n", "write what environment (line 5) sets into a .env file"),
        (
            "    env_file: [a]\n    environment: [A=1]\n",
            "env_file (line 5) names; write what environment (line 6) sets",
        ),
    ] {
        let text = format!("{service}{more}");
        let found = detect(None, text.as_bytes()).unwrap_err();
        assert_eq!(found, error(Source::Yaml, &text));
        assert_eq!(found.to_string(), "this is a compose file, not a file of variables");
        assert!(found.advice().unwrap().to_string().contains(hint), "{found:?}");
    }
    let flattened = Options { flatten: Some("_"), ..PLAIN };
    let text = b"services:\n  web:\n    image: y\n";
    assert_eq!(values(&read(Source::Yaml, text, &flattened).unwrap()), [("services_web_image", "y")]);
    // Other files may have `services` as well.
    let other = error(Source::Yaml, "services:\n  web: x\n").to_string();
    assert_eq!(other, "line 1: \"services\" is a group of values, not a single value");
}

#[test]
fn tfvars_are_read_as_terraform_reads_them() {
    let case = flat(Source::Tfvars, include_str!("../../fixtures/not-a-dotenv.tfvars"));
    assert_eq!(values(&case), [("tags_env", "dev"), ("key", "line1\n"), ("password", "x")]);
    assert_eq!(lines(&case), [2, 4, 7]);
    let text = "# c\na = \"x\\ty\\u00e9$${b}%%{c}$d\" // c\nb = 1.50\nc = true /* c\n */\nd = null\nlist = [\"p\", # c\n 2,\n]\n\
        m = { \"k 1\" = \"v\", k2: 3 }\nh = <<-E\n    one\n      two $${x}\n\n  E\ne = []\n\"q\" = \"\"";
    let imported = flat(Source::Tfvars, text);
    let expected = [
        ("a", "x\tyé${b}%{c}$d"),
        ("b", "1.50"),
        ("c", "true"),
        ("list_0", "p"),
        ("list_1", "2"),
        ("m_k 1", "v"),
        ("m_k2", "3"),
        ("h", "one\n  two ${x}\n\n"),
        ("q", ""),
    ];
    assert_eq!(values(&imported), expected);
    assert_eq!(imported.notes.len(), 2, "null and the empty list");
    for (text, line) in [
        ("a = var.b\n", 1),
        ("a = \"${hunter2}\"\n", 1),
        ("a = \"hunter2\nb = 1\n", 1),
        ("a = 1 b = 2\n", 1),
        ("resource \"x\" \"y\" {\n}\n", 1),
        ("a = <<E\nhunter2\n", 1),
        ("a = 1\nb = <<E\n${hunter2}\nE\n", 4),
        ("a = {\n b = 1 c = 2\n}\n", 2),
        ("a = [1 2]\n", 1),
        ("a = \"\\x\"\n", 1),
        ("/* hunter2", 1),
        ("a\n", 1),
    ] {
        let error = error(Source::Tfvars, text);
        assert!(
            error.to_string().starts_with(&format!("line {line} ")) && !error.to_string().contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn properties_are_read_as_java_reads_them() {
    let text = "# c\n! c\n\nA=1\n  B : two words \nC three\nD=x\\\n    y\\\\\nE\\:F\\ G=a\\tb\\u00e9\\ud83d\\ude00\\q\r\nH\nI==\nspring.db.url=u";
    let imported = flat(Source::Properties, text);
    let expected = [
        ("A", "1"),
        ("B", "two words "),
        ("C", "three"),
        ("D", "xy\\"),
        ("E:F G", "a\tbé😀q"),
        ("H", ""),
        ("I", "="),
        ("spring.db.url", "u"),
    ];
    assert_eq!(values(&imported), expected);
    assert_eq!(lines(&imported), [4, 5, 6, 7, 9, 10, 11, 12]);
    assert!(error(Source::Properties, "A=\\ud83dhunter2\n").to_string().starts_with("line 1 has a \\u"));
}

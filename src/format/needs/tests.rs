use super::*;

fn needs(file: &str, text: &str) -> Vec<(String, usize, bool)> {
    let needs = read(file, text.as_bytes()).unwrap();
    needs.into_iter().map(|need| (need.name, need.line, need.is_required)).collect()
}

#[track_caller]
fn assert_needs(file: &str, text: &str, expected: &[(&str, usize, bool)]) {
    let expected: Vec<_> =
        expected.iter().map(|(name, line, required)| ((*name).to_owned(), *line, *required)).collect();
    assert_eq!(needs(file, text), expected);
}

#[test]
fn an_example_file_is_recognized_by_its_name() {
    for example in [".env.example", "example.env", ".env-sample", ".env.dist", "Config.Template.yaml"] {
        assert!(is_example(example), "{example}");
    }
    for real in [".env", ".env.production", "examples", "distribution.env", "-"] {
        assert!(!is_example(real), "{real}");
    }
}

#[test]
fn an_example_file_needs_its_names() {
    assert_needs(".env.example", "# note\nA=\nexport B=\"x\"\n#C=\n", &[("A", 2, true), ("B", 3, true)]);
}

#[test]
fn a_name_without_a_value_in_an_example_file_is_needed() {
    let text = include_str!("../fixtures/bare-name.env.example");
    assert_needs("bare-name.env.example", text, &[("API_TOKEN", 1, true), ("B_TOKEN", 2, true)]);
    let text = "export A\n  B  \nC=\"x\nNOT_A_NAME\"\ntwo words\n\n# D\nE=1\nF";
    let expected = [("A", 1, true), ("B", 2, true), ("C", 3, true), ("E", 8, true), ("F", 9, true)];
    assert_needs(".env.example", text, &expected);
    let text = "A # ask ops\nexport B\t#x\nC#no\nD e # f\n# G # h\n  H   # i\n";
    assert_needs(".env.example", text, &[("A", 1, true), ("B", 2, true), ("H", 6, true)]);
}

#[test]
fn a_compose_file_needs_what_it_refers_to() {
    let text = "a: ${A}\nb: \"$B:${C:-x}\"\n# ${NOT}\nc: $$D ${E:?must} $1 ${-} ${F+x}${A:-late}\nd: ${C}\n";
    let expected = [("A", 1, true), ("B", 2, true), ("C", 5, true), ("E", 4, true), ("F", 4, false)];
    assert_needs("compose.yaml", text, &expected);
}

#[test]
fn a_reference_inside_a_default_or_a_message_is_not_required() {
    let expected = [("A", 1, true), ("B", 1, false), ("C", 1, false), ("D", 1, false), ("E", 1, true)];
    assert_needs("compose.yaml", "a: ${A:?${B}} ${C:-{x}${D}} $E\n", &expected);
    assert_needs(
        "compose.yaml",
        "a: {x: ${A}, y: \"${B:-}}\"}\nb: $C",
        &[("A", 1, true), ("B", 1, false), ("C", 2, true)],
    );
}

#[test]
fn a_compose_file_needs_what_it_passes_through() {
    let text = include_str!("../fixtures/passthrough-compose.yml");
    let expected = [("DATABASE_URL", 5, true), ("PORT", 6, true), ("QUEUE_TOKEN", 10, true)];
    assert_needs("passthrough-compose.yml", text, &expected);
    let text = "x-env: &env\n  A:\n  SET: 1\nservices:\n  a:\n    build:\n      args: [B, C=1]\n    environment:\n      <<: *env\n  \
        b:\n    environment: *env\n  c:\n    environment:\n      <<: [*env]\n      D: null\n      E: ''\nsecrets:\n  s:\n    \
        environment: TOKEN\nvolumes:\n  v:\n";
    assert_needs("compose.yml", text, &[("A", 2, true), ("B", 7, true), ("D", 15, true), ("TOKEN", 19, true)]);
}

#[test]
fn a_compose_file_is_recognized_whatever_its_file_name_ends_with() {
    let text = include_str!("../fixtures/docker-compose.yml.example");
    for name in ["docker-compose.yml.example", "compose.yaml.dist", "deploy/compose.yml.sample"] {
        assert_needs(name, text, &[("TAG", 3, true)]);
    }
}

#[test]
fn many_names_take_no_quadratic_time() {
    let example: String = (0..80_000).map(|i| format!("NAME_{i}=\n")).collect();
    assert_eq!(read(".env.example", example.as_bytes()).unwrap().len(), 80_000);
    let compose: String = (0..80_000).map(|i| format!("  - ${{NAME_{i}}}\n")).collect();
    assert_eq!(read("a.yml", compose.as_bytes()).unwrap().len(), 80_000);
    read("a.yml", "${A:-".repeat(20_000).as_bytes()).unwrap();
}

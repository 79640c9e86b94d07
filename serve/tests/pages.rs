//! The pages on clients are accurate: their commands work, and what they quote is in the examples.

use crate::clients::run;
use crate::harness::{MIA, Place};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The pages, as names and texts.
fn pages() -> Vec<(String, String)> {
    let files = std::fs::read_dir(root().join("docs/clients")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

/// The code blocks in this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    page.split(&*begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The text of all files of an example, except dependencies and build output.
fn sources(directory: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true if !["node_modules", "dist", ".next", ".angular"].contains(&&*name) => text += &sources(&entry.path()),
            true => {}
            false => text += &std::fs::read_to_string(entry.path()).unwrap(),
        }
    }
    text
}

#[test]
fn every_example_has_a_page_and_every_page_has_a_row_in_the_overview() {
    let overview = std::fs::read_to_string(root().join("docs/clients.md")).unwrap();
    let pages: Vec<String> = pages().into_iter().map(|(name, _)| name).collect();
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains(&name), "examples/{name} has no page in docs/clients");
    }
    for name in pages {
        let row = overview.lines().find(|line| line.contains(&format!("](clients/{name}.md) |")));
        let row = row.unwrap_or_else(|| panic!("docs/clients.md has no row for {name}"));
        let has_example = root().join("examples").join(&name).exists();
        assert_eq!(row.contains(&format!("`examples/{name}`")), has_example, "{row}");
    }
}

#[test]
fn every_page_has_the_standard_sections() {
    for (name, page) in pages() {
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        let expected = [
            "## Set up",
            "## What to watch out for",
            "## When to use `vault exec` instead",
            "## Offline",
            "## What is tested",
        ];
        assert_eq!(headings, expected, "{name}");
        assert!(page.contains("](../clients.md#before-you-begin)"), "{name} doesn't link to the first steps");
        let replayed = page.contains("tests/clients/replay/");
        assert_eq!(replayed, page.contains("Not run: "), "{name}");
    }
}

#[test]
fn code_quoted_in_the_pages_is_in_the_examples() {
    for (name, page) in pages() {
        let directory = root().join("examples").join(&name);
        if !directory.exists() {
            continue;
        }
        let text = sources(&directory);
        for block in ["js", "ts", "python"].iter().flat_map(|language| blocks(&page, language)) {
            assert!(text.contains(block), "docs/clients/{name}.md quotes what isn't there:\n{block}");
        }
        for line in blocks(&page, "sh").iter().flat_map(|block| block.lines()) {
            if let Some(script) = line.strip_prefix("npm run ") {
                assert!(text.contains(&format!("\"{script}\": ")), "{name} has no script {script}");
            }
            if let Some(path) = line.strip_prefix("cd ") {
                assert!(root().join(path).is_dir(), "{path}");
            }
        }
    }
}

#[test]
fn the_browser_examples_share_one_stylesheet() {
    let read = |path: &str| std::fs::read_to_string(root().join("examples").join(path)).unwrap();
    let first = read("react/src/style.css");
    for other in ["vue/src/style.css", "angular/src/style.css", "next/app/style.css"] {
        assert!(read(other) == first, "{other} differs from react/src/style.css");
    }
}

#[test]
fn commands_that_run_an_example_work() {
    let mut ran = Vec::new();
    for (name, page) in pages() {
        for line in blocks(&page, "sh").iter().flat_map(|block| block.lines()) {
            let Some(command) = line.strip_prefix("VAULT_URL=http://127.0.0.1:1337/parse VAULT_USERNAME=mia ") else {
                continue;
            };
            // The page on Node installs a package first; another test runs its example.
            if name == "node" {
                continue;
            }
            let server_place = Place::new();
            let server = server_place.serve();
            let mut sh = Command::new("sh");
            sh.args(["-c", command]).current_dir(root());
            let printed = run(&server, sh, &format!("{MIA}\n"));
            assert!(printed.ends_with("removed\n"), "{name}: {printed}");
            ran.push(name.clone());
        }
    }
    ran.sort();
    assert_eq!(ran, ["curl", "php", "python"]);
}

#[test]
fn the_server_accepts_the_options_in_the_pages() {
    let overview = ("clients".to_owned(), std::fs::read_to_string(root().join("docs/clients.md")).unwrap());
    let mut started = 0;
    for (name, page) in pages().into_iter().chain([overview]) {
        let in_text = page.split('`').filter(|text| text.starts_with("vault serve --"));
        let in_blocks = page.lines().filter(|line| line.starts_with("vault serve --"));
        for command in in_text.chain(in_blocks) {
            let command = command.replace("--listen 127.0.0.1:1337", "--listen 127.0.0.1:0");
            let options: Vec<&str> = command.split_whitespace().skip(2).collect();
            let place = Place::new();
            assert!(place.serve_with(&options).base.starts_with("http://127.0.0.1:"), "{name}: {command}");
            started += 1;
        }
    }
    assert!(started > 4, "{started}");
}

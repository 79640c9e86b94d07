//! The web page: its headers, its sources, and the page in a real browser.

use crate::harness::{MIA, NOAH, Place};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use vault::actions::{env_add, env_protect};
use vault::name::EnvironmentName;
use vault::roster::Protection;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("page")
}

/// The files of the page, as names and texts.
fn files() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(directory()).unwrap();
    let file = |path: PathBuf| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    };
    entries.map(|entry| file(entry.unwrap().path())).collect()
}

#[test]
fn every_file_of_the_page_is_served_under_a_strict_policy() {
    let place = Place::new();
    let server = place.serve();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    for (name, text) in files() {
        let path = if name == "index.html" { "/".to_owned() } else { format!("/page/{name}") };
        let answer = server.ask("GET", &path, &[], None).status(200);
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        let kind = match name.rsplit('.').next().unwrap() {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(
            (header("content-type"), header("content-security-policy")),
            (kind.to_owned(), policy.to_owned()),
            "{name}"
        );
        for (header_name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(header(header_name), value, "{name}");
        }
        assert_eq!(answer.body.as_str(), Some(&*text), "{name}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let playground = server.ask("GET", "/playground", &[], None).status(200);
    assert!(playground.body.as_str().unwrap().starts_with("<!doctype html>"));
    let schemas = server.ask("GET", "/page/schemas.json", &[], None).ok();
    assert_eq!(schemas, server.mia().get("/parse/schemas").ok(), "the same as with a session");
    for path in
        ["/page/none.js", "/page/../src/main.rs", "/page/%2e%2e/Cargo.toml", "/page/", "/page", "/?q=1", "/index.html"]
    {
        server.ask("GET", path, &[], None).status(404);
    }
    server.ask("POST", "/", &[], None).status(405);
}

#[test]
fn the_page_has_no_inline_code_no_foreign_resource_and_never_parses_text_as_html() {
    let files = files();
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| &**name).collect();
    for (name, text) in &files {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
            "srcdoc",
            "createContextualFragment",
            "setHTMLUnsafe",
            "javascript:",
            "@import",
            "url(",
            "style=",
            "setAttribute('style",
            "import(",
            "importScripts",
            "WebAssembly",
            "postMessage",
            "sendBeacon",
        ] {
            assert!(!text.contains(word), "{word} in {name}");
        }
        if name != "samples.js" && name != "icon.svg" {
            assert!(!text.contains("http://") && !text.contains("https://"), "a URL in {name}");
        }
        for stored in ["localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.", "serviceWorker"] {
            assert!(!text.contains(stored), "{stored} in {name}");
        }
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            let from = import.rsplit('\'').nth(1).unwrap();
            assert!(names.contains(from.strip_prefix("./").unwrap()), "{import} in {name}");
        }
    }
    let (_, html) = files.iter().find(|(name, _)| name == "index.html").unwrap();
    for tag in html.split('<').skip(1) {
        let attributes = tag.split('>').next().unwrap();
        assert!(
            !attributes.split_whitespace().any(|word| word.starts_with("on") && word.contains('=')),
            "{attributes}"
        );
        for source in ["src=\"", "href=\""] {
            if let Some(address) = attributes.split(source).nth(1) {
                assert!(address.starts_with("/page/") || address.starts_with('#'), "{attributes}");
            }
        }
    }
    assert!(
        html.matches("<script").count() == 1
            && html.contains("</script>")
            && html.contains("src=\"/page/app.js\"></script>")
    );
    assert!(!html.contains("<style"));
}

#[test]
fn pages_of_other_origins_cannot_load_its_files() {
    let place = Place::new();
    let server = place.serve();
    let of_other = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")];
    server.ask("GET", "/page/app.js", &of_other, None).status(403);
    let framed = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    server.ask("GET", "/", &framed, None).status(403);
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    server.ask("GET", "/", &link, None).status(200);
    server.ask("GET", "/", &[("host", "evil.example")], None).status(421);
}

/// Makes a fake `xdg-open` that records what it is given. Returns the directory of the program and the path of its
/// record.
fn opener(place: &Place) -> (PathBuf, PathBuf) {
    let programs = place.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let opener = programs.join("xdg-open");
    let seen = place.path().join("seen");
    let script = format!(
        "#!/bin/sh\ncp \"$1\" {0}.html; stat -c %a \"$1\" >{0}.mode; env >{0}.env; echo \"$@\" >{0}.new; mv {0}.new {0}\n",
        seen.display()
    );
    std::fs::write(&opener, script).unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    (programs, seen)
}

#[test]
fn open_gives_the_code_to_the_browser_in_a_private_file_not_on_a_command_line() {
    let place = Place::new();
    let (programs, seen) = opener(&place);
    let server = place.serve_as_mia(&["--open"], Some(&programs));
    while !seen.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let read = |end: &str| std::fs::read_to_string(format!("{}{end}", seen.display())).unwrap();
    let html = read(".html");
    let code = html.split("/#code=").nth(1).unwrap().split('"').next().unwrap();
    assert!(html.contains(&format!("url={}/#code=", server.base)) && code.len() == 32, "{html}");
    assert_eq!(read(".mode"), "600\n");
    assert!(!read("").contains(code) && !read(".env").contains(code));
    let lead = PathBuf::from(read("").trim_end());
    assert!(lead.exists() && lead.starts_with(place.path().join("state")));
    let body = serde_json::json!({ "code": code });
    assert_eq!(server.ask("POST", "/parse/login", &[], Some(&body)).ok()["username"], "mia");
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    assert!(!lead.exists());
}

#[test]
fn without_a_browser_open_prints_a_message_and_serves() {
    let place = Place::new();
    let server = place.serve_as_mia(&["--open"], Some(&place.path().join("nothing-there")));
    server.ask("GET", "/", &[], None).status(200);
    server.terminate();
    let (code, printed) = server.wait();
    let has_opener = Path::new("/usr/bin/xdg-open").exists();
    assert!(code == Some(0) && (has_opener || printed.contains("no program was found")), "{printed}");
    let (code, printed) = place.fails(&["--open"]);
    assert!(code == Some(4) && printed.contains("vault serve"), "{printed}");
}

/// Adds a protected environment: reading its values needs a reason.
fn add_protected(place: &Place) {
    let (mut session, guarded) = (place.session(), EnvironmentName::new("guarded").unwrap());
    env_add::add(&mut session, &guarded, true).unwrap();
    place.set("guarded", "BEHIND_A_REASON", "s3cret-with-a-reason");
    env_protect::protect(&mut session, &guarded, Protection::Yes).unwrap();
}

/// Runs if `VAULT_TEST_PLAYWRIGHT` names a directory of node modules with playwright-core, and there is a Chromium.
#[test]
fn the_page_works_in_a_browser() {
    let Some(modules) = std::env::var_os("VAULT_TEST_PLAYWRIGHT") else {
        println!("skipped: VAULT_TEST_PLAYWRIGHT names no node_modules with playwright-core");
        return;
    };
    let place = Place::new();
    add_protected(&place);
    let (programs, seen) = opener(&place);
    let server = place.serve_as_mia(&["--json", "--open"], Some(&programs));
    while !seen.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/run.mjs"));
    node.env("VAULT_TEST_PLAYWRIGHT", modules).env("VAULT_TEST_BASE", &server.base).env("VAULT_TEST_MIA", MIA);
    node.env("VAULT_TEST_NOAH", NOAH).env("VAULT_TEST_CODE", server.details["code"].as_str().unwrap());
    node.env("VAULT_TEST_LEAD", format!("{}.html", seen.display()));
    let output = node.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{printed}");
    // Repeated in the assertion, so that it is also at the end of the output.
    let failed: Vec<&str> = printed.lines().skip_while(|line| !line.starts_with("FAILED")).collect();
    assert!(output.status.success(), "{}", failed.join("\n"));
    // Whatever was done in the browser, the log is intact: `log` checks that.
    assert!(place.log("mia").iter().any(|line| line.entry.program == "page"));
}

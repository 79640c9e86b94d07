//! What an import refuses and changes, and when its file is deleted.

use super::*;
use crate::actions::testing::{Sandbox, environment, value};
use crate::dangerous::AllowedOnce;
use crate::error::{Kind, Reason, Remedy};
use crate::format::Source;
use crate::format::import::Options;
use std::path::{Path, PathBuf};

/// Reads an input, with or without empty values.
fn read_as(input: Input, format: Option<Source>, takes_empty: bool) -> Result<Chosen> {
    let choice = Choice { kind: None, takes_empty, allowed: &AllowedOnce::default() };
    read(input, &Reading { format, options: Options::default(), choice })
}

fn piped(text: &str) -> Input {
    Input::from_elsewhere("standard input", value(text))
}

fn import_text(text: &str) -> Import {
    Import { environment: environment("dev"), chosen: read_as(piped(text), None, false).unwrap() }
}

/// A directory with files to import.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }
}

fn import_file(path: &Path) -> Import {
    let chosen = read_as(Input::open(path).unwrap(), None, false).unwrap();
    Import { environment: environment("dev"), chosen }
}

#[test]
fn an_import_makes_the_confirmed_change_or_none() {
    let mut sandbox = Sandbox::with(&["dev/A=1"]);
    let (ours, theirs) = (import_text("A=2\nB=3\n"), import_text("B=4\n"));
    let agreed = ours.rehearse(&sandbox.session).unwrap();
    assert_eq!((agreed.to_string().as_str(), agreed.writes()), ("1 added, 1 changed, 0 the same", 2));
    theirs.save(&mut sandbox.session, None).unwrap();
    let error = ours.save(&mut sandbox.session, Some(&agreed)).unwrap_err();
    assert_eq!(error.to_string(), "dev was changed in the meantime, so nothing was imported");
    ours.save(&mut sandbox.session, None).unwrap();
    assert_eq!(ours.save(&mut sandbox.session, None).unwrap().writes(), 0, "everything must be stored already");
}

/// Returns the reason, the message after the file's name, and the hint.
#[track_caller]
fn refusal(read: Result<Chosen>) -> (Reason, String, String) {
    let error = read.err().unwrap();
    let message = error.to_string();
    let message = message.rsplit('/').next().unwrap().to_owned();
    (error.reason(), message, error.advice().unwrap().to_string())
}

#[test]
fn an_input_without_values_is_refused_unless_empty_values_are_taken() {
    let files = Files::new();
    for (text, what) in [
        ("", "is empty"),
        (" \r\n", "is empty"),
        ("\u{feff}\n", "is empty"),
        ("# A=1\n", "contains no values"),
        ("\u{feff}# A=1\n", "contains no values"),
    ] {
        let open = || Input::open(&files.write(".env", text)).unwrap();
        let (reason, message, hint) = refusal(read_as(open(), None, false));
        assert_eq!((reason, message), (Reason::NothingToImport, format!(".env {what}, so nothing was imported")));
        assert_eq!(hint, "name the file with the values; to import it anyway: [allow-empty]");
        assert!(read_as(open(), None, true).unwrap().items().is_empty());
        let (reason, message, hint) = refusal(read_as(piped(text), None, false));
        let expected = format!("standard input {what}, so nothing was imported");
        assert_eq!((reason, message), (Reason::NothingToImport, expected));
        assert!(hint.contains("stop-on-failure") && hint.contains("allow-empty"), "{hint}");
    }
}

#[test]
fn an_example_file_is_refused_whatever_is_in_it_but_not_its_text() {
    let files = Files::new();
    for text in ["", "A=changeme\n"] {
        for name in [".env.example", ".env.sample", "dist.env"] {
            let path = files.write(name, text);
            for takes_empty in [false, true] {
                let error = read_as(Input::open(&path).unwrap(), None, takes_empty).err().unwrap();
                assert_eq!((error.reason(), error.kind()), (Reason::ExampleFile, Kind::Usage));
                let steps: Vec<_> = error.advice().unwrap().remedies().cloned().collect();
                assert_eq!(steps, [Remedy::CheckAgainst(Some(path.clone())), Remedy::ImportAnyway(path.clone())]);
            }
        }
    }
    assert_eq!(read_as(piped("A=changeme\n"), None, false).unwrap().items().len(), 1);
}

#[test]
fn a_vault_is_refused_even_under_the_name_of_a_format() {
    let sandbox = Sandbox::with(&["dev/A=1"]);
    let (files, vault) = (Files::new(), std::fs::read_to_string(sandbox.session.vault().path()).unwrap());
    for name in ["secrets.vault", "a.json", "63"] {
        let input = Input::open(&files.write(name, &vault)).unwrap();
        let (reason, message, _) = refusal(read_as(input, Some(Source::Toml), true));
        assert_eq!((reason, message), (Reason::IsAVault, format!("{name} is a vault")));
    }
}

#[test]
fn the_name_or_else_the_content_shows_the_format_unless_it_is_given() {
    let files = Files::new();
    let json = r#"{"A": "1"}"#;
    let names = |read: Result<Chosen>| -> Vec<String> {
        read.unwrap().items().iter().map(|taken| taken.name.to_string()).collect()
    };
    assert_eq!(names(read_as(piped(json), None, false)), ["A"]);
    assert_eq!(names(read_as(piped("\u{feff}A=1\nB=2\n"), None, false)), ["A", "B"]);
    assert_eq!(names(read_as(piped("A: 1\n"), Some(Source::Yaml), false)), ["A"]);
    assert_eq!(names(read_as(Input::open(&files.write("a.yaml", "A: 1\n")).unwrap(), None, false)), ["A"]);
    let refused = refusal(read_as(Input::open(&files.write("a.pem", "A=1\n")).unwrap(), None, false));
    assert_eq!((refused.0, refused.1.as_str()), (Reason::UnknownFormat, "vault can't import a .pem file"));
    assert_eq!(names(read_as(Input::open(&files.path("a.pem")).unwrap(), Some(Source::Dotenv), false)), ["A"]);
    assert_eq!(refusal(read_as(piped("<a>1</a>\n"), None, false)).0, Reason::UnknownFormat);
}

#[test]
fn a_file_is_deleted_only_after_the_vault_gave_back_its_values() {
    let mut sandbox = Sandbox::new();
    let files = Files::new();
    let path = files.write(".env", "A=1\nB=2\n");
    let import = import_file(&path);
    assert_eq!(import.check_deletable(&import.rehearse(&sandbox.session).unwrap()), Ok(()));
    let early = import.delete_source(&sandbox.session).unwrap_err();
    assert!(matches!(&early, Stays::Failed(error) if error.kind() == Kind::Integrity), "{early:?}");
    import.save(&mut sandbox.session, None).unwrap();
    import_text("A=3\n").save(&mut sandbox.session, None).unwrap();
    let replaced = import.delete_source(&sandbox.session).unwrap_err();
    assert!(matches!(&replaced, Stays::Failed(error) if error.kind() == Kind::Integrity), "{replaced:?}");
    assert!(path.exists());
    import.save(&mut sandbox.session, None).unwrap();
    assert_eq!(import.delete_source(&sandbox.session), Ok(()));
    assert!(!path.exists());
    assert_eq!(sandbox.log().last().unwrap(), "import dev A,B");
}

#[test]
fn a_file_stays_if_its_values_would_be_lost_or_would_stay_elsewhere() {
    let mut sandbox = Sandbox::new();
    let files = Files::new();
    let mut stays = |import: &Import| {
        let changes = import.save(&mut sandbox.session, None).unwrap();
        let why = import.delete_source(&sandbox.session).unwrap_err();
        assert_eq!(import.check_deletable(&changes).unwrap_err(), why);
        why
    };
    assert_eq!(stays(&import_text("A=1\n")), Stays::NotAFile);
    for lost in ["A=1\nB=\n", "A=1\nLD_PRELOAD=x\n", "A=1\nno assignment\n", "A=first\nA=1\n"] {
        assert_eq!(stays(&import_file(&files.write("incomplete.env", lost))), Stays::Incomplete, "{lost}");
    }
    let target = files.write("target.env", "A=1\n");
    std::os::unix::fs::symlink(&target, files.path("link.env")).unwrap();
    let real = std::fs::canonicalize(&target).unwrap();
    assert_eq!(stays(&import_file(&files.path("link.env"))), Stays::Link(real));
    std::fs::hard_link(&target, files.path("other.env")).unwrap();
    assert_eq!(stays(&import_file(&target)), Stays::OtherNames);
    let path = files.write("changed.env", "A=1\n");
    let changed = import_file(&path);
    files.write("new.env", "A=1\nSECRET=2\n");
    std::fs::rename(files.path("new.env"), &path).unwrap();
    assert_eq!(stays(&changed), Stays::Changed);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\nSECRET=2\n");
    std::fs::remove_file(&path).unwrap();
    let gone = stays(&changed);
    assert!(matches!(&gone, Stays::Failed(error) if error.is_missing_file()), "{gone:?}");
}

#[test]
fn a_file_stays_if_an_existing_item_does_not_get_its_tags() {
    let mut sandbox = Sandbox::with(&["dev/A=1"]);
    let files = Files::new();
    let import = import_file(&files.write("a.csv", "title,password,tags\nA,1,ci\nB,2,ci\n"));
    let changes = import.save(&mut sandbox.session, None).unwrap();
    let notes = changes.notes(&import.chosen);
    assert_eq!(notes[0].text.to_string(), "tags left out, because existing items keep their own: A");
    assert_eq!(import.check_deletable(&changes), Err(Stays::Incomplete));
    assert_eq!(import.delete_source(&sandbox.session), Err(Stays::Incomplete));
}

#[test]
fn a_file_with_a_comment_that_looks_like_a_value_stays() {
    let mut sandbox = Sandbox::new();
    let files = Files::new();
    for (name, text) in [
        (".env", "A=1\n# OLD=2\n"),
        (".env", "A=1 # OLD=2\n"),
        (".env", "A=pass#word\n"),
        ("a.yaml", "A: 1\n#OLD: 2\n"),
        ("a.toml", "A = 1 # OLD = 2\n"),
        ("a.tfvars", "A = 1\n/*\nOLD = 2\n*/\n"),
        ("a.properties", "A=1\n!OLD=2\n"),
    ] {
        let import = import_file(&files.write(name, text));
        import.save(&mut sandbox.session, None).unwrap();
        assert_eq!(import.delete_source(&sandbox.session), Err(Stays::Incomplete), "{text}");
    }
    let only = read_as(Input::open(&files.write(".env", "# OLD=2\n")).unwrap(), None, true).unwrap();
    let import = Import { environment: environment("dev"), chosen: only };
    assert_eq!(import.delete_source(&sandbox.session), Err(Stays::Incomplete));
    // Words are no value, and a line of a value is no comment.
    let text = "# Settings of the app\n# see https://example.com/a?b=c\nA=1 # one\nB=\"x # C=1\"\nD=\"a\n# E=1\nb\"\n";
    let import = import_file(&files.write(".env", text));
    import.save(&mut sandbox.session, None).unwrap();
    assert_eq!(import.delete_source(&sandbox.session), Ok(()));
}

#[test]
fn a_pipe_is_no_file_to_delete_and_no_copy_in_plain_text() {
    let mut sandbox = Sandbox::new();
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"A=1\n").unwrap();
    drop(writer);
    let path = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    let import = import_file(Path::new(&path));
    import.save(&mut sandbox.session, None).unwrap();
    assert_eq!(import.delete_source(&sandbox.session), Err(Stays::NotAFile));
    assert_eq!(PlainCopy::of(&import.chosen), None);
}

#[test]
fn a_file_is_a_plain_copy_as_long_as_it_exists_with_imported_values() {
    let files = Files::new();
    let import = import_file(&files.write(".env", "A=1\n"));
    assert_eq!(PlainCopy::of(&import.chosen), Some(PlainCopy { is_tracked: false }));
    std::fs::remove_file(files.path(".env")).unwrap();
    assert_eq!(PlainCopy::of(&import.chosen), None);
    let nothing = read_as(Input::open(&files.write("b.env", "# A=1\n")).unwrap(), None, true).unwrap();
    assert_eq!(PlainCopy::of(&nothing), None);
    assert_eq!(PlainCopy::of(&import_text("A=1\n").chosen), None);
}

//! Everything that the documented modules of the library publish as a function is used by a program: the command line,
//! the server, or an example in the documentation. What no program uses is `pub(crate)`: a public function is a promise,
//! and one more way to a value. Tests are no programs, and what only they need is listed here.

use crate::source::{self, Source, Tokens, is_group, is_parenthesis, type_of, up_to_body};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use vault::error::Reason;
use vault::vault::WarningReason;

/// The programs that use the library.
const PROGRAMS: [&str; 2] = ["src/cli", "serve/src"];

/// What measures and tests the programs from outside.
const TESTS: [&str; 3] = ["tests", "serve/tests", "benches"];

/// The functions that only tests and measurements call, each with the reason why they need it.
const FOR_TESTS: &[(&str, &str)] = &[
    ("dangerous::is_dangerous", "the names that SECURITY.md calls refused are refused"),
    ("identity::Identity::from_text", "a forger has the keys in her own slot"),
    ("identity::PrivateKeys::public", "a forger puts public keys into a roster of her own"),
    ("identity::PrivateKeys::sign", "a forger signs what vault would not"),
    ("identity::PrivateKeys::voucher", "a forger vouches for a roster with her own keys"),
    ("identity::key::Key::seal", "a forger makes slots"),
    ("item::anchor::AnchorStatement::signed", "a forger signs an anchor of an entry that does not exist"),
    ("item::content::Content::anchors", "the anchors that a forged one must not replace"),
    ("roster::Roster::extends", "a law of all rosters: one extends each of its beginnings, and nothing else"),
    ("vault::unread::Session::read_all", "what was opened is not read through another session, however many there are"),
    ("vault::verify::Vault::verify_signatures", "hostile files are verified without what this device has seen"),
];

type Module = Vec<String>;

/// What a file declares as public.
#[derive(Default)]
struct Declared {
    modules: BTreeSet<String>,
    /// The names in `pub use`.
    reexported: BTreeSet<String>,
    types: BTreeSet<String>,
    /// Functions, each with the type that it belongs to, if any.
    functions: Vec<(Option<String>, String)>,
}

impl Declared {
    fn read(code: TokenStream) -> Self {
        let mut declared = Self::default();
        declared.walk(code, None);
        declared
    }

    fn walk(&mut self, code: TokenStream, owner: Option<&str>) {
        let mut tokens: Tokens = code.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token.to_string().as_str() {
                "#" if is_hidden(tokens.peek()) => skip_item(&mut tokens),
                "impl" => {
                    let owner = type_of(&up_to_body(&mut tokens));
                    if let Some(TokenTree::Group(body)) = tokens.next() {
                        self.walk(body.stream(), Some(&owner));
                    }
                }
                "pub" if !tokens.peek().is_some_and(is_parenthesis) => {
                    let head = up_to_body(&mut tokens);
                    self.add(&head, tokens.next(), owner);
                }
                // Not a public item: `pub` inside it publishes nothing.
                "fn" | "mod" => drop((up_to_body(&mut tokens), tokens.next())),
                _ => {}
            }
        }
    }

    fn add(&mut self, head: &[TokenTree], body: Option<TokenTree>, owner: Option<&str>) {
        let name = head.get(1).map(ToString::to_string).unwrap_or_default();
        match head[0].to_string().as_str() {
            "mod" => _ = self.modules.insert(name),
            "struct" | "enum" | "trait" => _ = self.types.insert(name),
            "use" => words(head.iter().cloned().chain(body).collect(), &mut |word| _ = self.reexported.insert(word)),
            _ => {
                let at = head.iter().position(|token| token.to_string() == "fn");
                // Not the type of a function pointer.
                if let Some(TokenTree::Ident(name)) = at.and_then(|at| head.get(at + 1)) {
                    self.functions.push((owner.map(str::to_owned), name.to_string()));
                }
            }
        }
    }
}

/// Whether an attribute hides the item after it from the documentation.
fn is_hidden(attribute: Option<&TokenTree>) -> bool {
    attribute.is_some_and(|attribute| attribute.to_string().replace(' ', "") == "[doc(hidden)]")
}

fn skip_item(tokens: &mut Tokens) {
    tokens.find(|token| is_group(token, Delimiter::Brace) || token.to_string() == ";");
}

/// Passes on all words, also those in groups.
fn words(code: TokenStream, found: &mut dyn FnMut(String)) {
    for token in code {
        match token {
            TokenTree::Ident(word) => found(word.to_string()),
            TokenTree::Group(group) => words(group.stream(), found),
            _ => {}
        }
    }
}

/// The files of the documented modules, each with what it declares.
fn documented() -> Vec<(Module, Declared)> {
    let library = Declared::read(source::code("src/lib.rs"));
    let files = source::of("src", &[]).into_iter().filter(|source| library.modules.contains(&source.module[0]));
    files.map(|Source { module, code, .. }| (module, Declared::read(code))).collect()
}

/// Returns the modules that other crates can name: every module on the way is public.
fn open(files: &[(Module, Declared)]) -> BTreeSet<&[String]> {
    let is_open = |module: &[String]| {
        (1..module.len()).all(|at| {
            let parent = files.iter().find(|(parent, _)| parent == &module[..at]);
            parent.is_some_and(|(_, declared)| declared.modules.contains(&module[at]))
        })
    };
    files.iter().map(|(module, _)| &module[..]).filter(|module| is_open(module)).collect()
}

/// Returns the functions of the documented modules that other crates can call, as `module::Type::function`.
fn public(files: &[(Module, Declared)]) -> BTreeSet<String> {
    let open = open(files);
    let is_public = |module: &[String], name: &String| {
        let mut above = files.iter().filter(|(parent, _)| module.starts_with(parent) && open.contains(&parent[..]));
        open.contains(module) || above.any(|(_, declared)| declared.reexported.contains(name))
    };
    let types: BTreeSet<&String> = files
        .iter()
        .flat_map(|(module, declared)| declared.types.iter().filter(|name| is_public(module, name)))
        .collect();
    let mut public = BTreeSet::new();
    for (module, declared) in files {
        for (owner, function) in &declared.functions {
            let path = module.join("::");
            match owner {
                Some(owner) if types.contains(owner) => _ = public.insert(format!("{path}::{owner}::{function}")),
                None if is_public(module, function) => _ = public.insert(format!("{path}::{function}")),
                _ => {}
            }
        }
    }
    public
}

/// Passes on the names of functions that the code calls, refers to by a path, or imports.
fn used(code: TokenStream, found: &mut dyn FnMut(String)) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "use" => {
                let rest = tokens[at..].iter().take_while(|token| token.to_string() != ";");
                words(rest.cloned().collect(), found);
            }
            TokenTree::Ident(word) => {
                let is_member = at > 0 && matches!(&*tokens[at - 1].to_string(), "." | ":");
                if is_member || tokens.get(at + 1).is_some_and(is_parenthesis) {
                    found(word.to_string());
                }
            }
            TokenTree::Group(group) => used(group.stream(), found),
            _ => {}
        }
    }
}

/// Returns the examples in the library's documentation.
fn examples() -> String {
    let text = source::text(&["src"]);
    let comments =
        text.lines().map(str::trim_start).filter_map(|line| line.strip_prefix("//!").or(line.strip_prefix("///")));
    let comments: Vec<&str> = comments.collect();
    comments.join("\n").split("```").skip(1).step_by(2).collect::<Vec<_>>().join("\n")
}

/// Returns the names that code uses.
fn names(code: impl IntoIterator<Item = TokenStream>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    code.into_iter().for_each(|code| used(code, &mut |name| _ = names.insert(name)));
    names
}

#[test]
fn every_public_function_of_a_documented_module_is_used_by_a_program() {
    let programs = PROGRAMS.iter().flat_map(|folder| source::of(folder, &[])).map(|source| source.code);
    let by_programs = names(programs.chain([examples().parse().unwrap()]));
    let by_tests = names([source::text(&TESTS).parse().unwrap()]);
    let public = public(&documented());
    assert!(public.len() > 500, "only {} were found", public.len());
    let is_in =
        |names: &BTreeSet<String>, path: &str| path.rsplit("::").next().is_some_and(|name| names.contains(name));
    let is_listed = |path: &str| FOR_TESTS.iter().any(|(listed, _)| *listed == path);
    let unused: Vec<_> = public.iter().filter(|path| !is_in(&by_programs, path) && !is_listed(path)).collect();
    assert!(unused.is_empty(), "no program uses these, so they are `pub(crate)`: {unused:#?}");
    for (path, _) in FOR_TESTS {
        let is_needed = public.contains(*path) && is_in(&by_tests, path) && !is_in(&by_programs, path);
        assert!(is_needed, "{path} is not listed: only what tests use, and no program, is");
    }
}

/// Passes on the variants of the type that code names, except where it only compares with one.
fn variants(of: &str, code: TokenStream, found: &mut dyn FnMut(String)) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let text = |at: usize| tokens.get(at).map(ToString::to_string).unwrap_or_default();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => variants(of, group.stream(), found),
            TokenTree::Ident(word) if word == of && text(at + 1) == ":" => {
                let is_compared = at > 1 && text(at - 1) == "=" && ["=", "!"].contains(&&*text(at - 2));
                let is_pattern = text(at + 4) == "|" || (text(at + 4) == "=" && text(at + 5) == ">");
                if !is_compared && !is_pattern {
                    found(text(at + 3));
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_reason_is_given_by_some_code() {
    let sources = source::of("src", &[]).into_iter().chain(source::of("serve/src", &[]));
    let code: Vec<TokenStream> = sources.map(|source| source.code).collect();
    let given = |of: &str| {
        let mut names = BTreeSet::new();
        code.iter().for_each(|code| variants(of, code.clone(), &mut |name| _ = names.insert(name)));
        names
    };
    let errors = given("Reason");
    // The most general reason of a kind is given by naming the kind.
    let is_general = |reason: Reason| reason == Reason::from(reason.kind());
    let of_errors =
        Reason::ALL.iter().filter(|reason| !is_general(**reason) && !errors.contains(&format!("{reason:?}")));
    assert_eq!(of_errors.collect::<Vec<_>>(), [] as [&Reason; 0]);
    let warnings = given("WarningReason");
    let of_warnings = WarningReason::ALL.iter().filter(|reason| !warnings.contains(&format!("{reason:?}")));
    assert_eq!(of_warnings.collect::<Vec<_>>(), [] as [&WarningReason; 0]);
}

#[test]
fn a_variant_that_is_only_compared_with_is_not_given() {
    let code = "if a == R::B || a != R::C { match a { R::D | R::E => f(R::G), _ => R::H } } fn r() -> R { R::I }";
    let mut found = BTreeSet::new();
    variants("R", code.parse().unwrap(), &mut |name| _ = found.insert(name));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["G", "H", "I"]);
}

#[test]
fn a_function_is_public_if_its_type_or_its_module_is() {
    let file = |module: &str, code: &str| {
        (module.split("::").map(str::to_owned).collect(), Declared::read(code.parse().unwrap()))
    };
    let files = [
        file(
            "a",
            "pub mod b; mod c; pub use c::{D, e}; pub fn f() { fn g() {} } #[doc(hidden)] pub fn h() {} fn i() {}",
        ),
        file("a::b", "pub struct B; impl<T> Of<T> for B {} impl B { pub const fn j() {} pub(crate) fn k() {} }"),
        file(
            "a::c",
            "pub struct D; pub struct L; impl D { pub fn m() {} } impl L { pub fn n() {} } pub fn e() {} pub fn o() {}",
        ),
    ];
    let expected = ["a::b::B::j", "a::c::D::m", "a::c::e", "a::f"];
    assert_eq!(public(&files).iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn a_function_is_used_if_it_is_called_named_by_a_path_or_imported() {
    let code = "use a::{b, c as d}; fn e() { let f = g.h; i(j); k::l; m.map(N::o) }";
    let mut found = BTreeSet::new();
    used(code.parse().unwrap(), &mut |name| _ = found.insert(name));
    for (names, is_used) in
        [(&["b", "c", "h", "i", "l", "map", "o", "e"][..], true), (&["f", "g", "j", "k", "m"], false)]
    {
        assert!(names.iter().all(|name| found.contains(*name) == is_used), "{names:?}: {found:?}");
    }
}

//! Modules use the modules below them. No two rooms use each other, not even through a third. This holds for the
//! library, whose table of layers is read from its source, for the server, and within every module of the library, the
//! command line and the server.
//!
//! A name counts as used from the room that defines it, even if the module's own file re-exports it. Code in that file
//! counts as a room, except that the file of a command has the options, which the command's parts read. Tests don't
//! count: they are above everything and may use all of it.

mod facade;
mod paths;

use crate::source::{self, Source};
use facade::Facade;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The rooms that each room uses, each with a file in which it does.
type Uses = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// A module whose parts are rooms.
struct House {
    folder: String,
    /// The file that connects the rooms.
    facade: String,
    /// Whether the code in that file is a room, too, with the name of the file.
    is_facade_a_room: bool,
    /// The names before those of its rooms, from the root of the crate.
    within: Vec<String>,
    /// Names in the folder that are not its rooms: they connect the rooms, or are houses of their own.
    no_room: &'static [&'static str],
}

/// Every module in a folder that has files of its own, such as `vault`, `vault/edit` and `cli`.
fn modules(folder: &str) -> BTreeSet<String> {
    let sources = source::of(folder, &[]);
    let modules = sources.iter().map(|source| &source.module).filter(|module| module.len() > 1);
    modules.map(|module| module[..module.len() - 1].join("/")).collect()
}

impl House {
    fn library() -> Self {
        Self { facade: "src/lib.rs".into(), no_room: &["lib", "main", "cli"], ..Self::new("src", &[]) }
    }

    fn server() -> Self {
        Self { facade: "serve/src/main.rs".into(), no_room: &["main"], ..Self::new("serve/src", &[]) }
    }

    /// A module of the library, the command line or the server.
    fn module(folder: &str, path: &str) -> Self {
        let house = Self::new(&format!("{folder}/{path}"), &path.split('/').collect::<Vec<_>>());
        Self { is_facade_a_room: !path.starts_with("cli/commands/"), ..house }
    }

    fn new(folder: &str, within: &[&str]) -> Self {
        let facade =
            [format!("{folder}.rs"), format!("{folder}/mod.rs")].into_iter().find(|path| source::path(path).exists());
        let facade = facade.unwrap_or_default();
        let within = within.iter().map(|&name| name.into()).collect();
        Self { folder: folder.into(), facade, is_facade_a_room: true, within, no_room: &[] }
    }

    fn uses(&self) -> Uses {
        let facade = Facade::read(source::code(&self.facade));
        let mut uses = Uses::new();
        for source in self.sources() {
            let room = &source.module[self.within.len()];
            let used = uses.entry(room.clone()).or_default();
            for path in paths::read(source.code, &source.module) {
                if let Some([name, ..]) = path.strip_prefix(&self.within[..])
                    && facade.room(name) != room
                {
                    used.entry(facade.room(name).to_owned()).or_insert_with(|| source.path.clone());
                }
            }
        }
        if self.is_facade_a_room {
            self.add_facade(&facade, &mut uses);
        }
        uses
    }

    fn sources(&self) -> Vec<Source> {
        let is_room = |source: &Source| {
            let room = source.module.get(self.within.len());
            room.is_some_and(|room| !self.no_room.contains(&&**room))
        };
        let sources: Vec<Source> = source::of(&self.folder, &self.within).into_iter().filter(is_room).collect();
        assert!(!sources.is_empty(), "{} has rooms", self.folder);
        sources
    }

    /// Adds the code of the facade. A name that a room uses and that is in no other room is there.
    fn add_facade(&self, facade: &Facade, uses: &mut Uses) {
        let rooms: Vec<String> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            let path = used.iter().find(|(name, _)| !rooms.contains(name) && !facade.takes_from(name));
            let path = path.map(|(_, path)| path.clone());
            used.extend(path.map(|path| (self.facade.clone(), path)));
        }
        let below = rooms.into_iter().filter(|room| facade.uses(room));
        uses.insert(self.facade.clone(), below.map(|room| (room, PathBuf::from(&self.facade))).collect());
    }
}

/// Returns what is left after repeatedly removing every room that uses no other, or that no other uses.
fn circle(mut uses: Uses) -> Uses {
    loop {
        let rooms: BTreeSet<String> = uses.keys().cloned().collect();
        uses.values_mut().for_each(|used| used.retain(|room, _| rooms.contains(room)));
        let used: BTreeSet<String> = uses.values().flat_map(|used| used.keys().cloned()).collect();
        uses.retain(|room, below| !below.is_empty() && used.contains(room));
        if uses.len() == rooms.len() {
            return uses;
        }
    }
}

/// The modules of the table in `lib.rs`, each with the number of its row from the top.
fn layers() -> BTreeMap<String, usize> {
    let page = include_str!("../src/lib.rs");
    let mut layers = BTreeMap::new();
    for (number, row) in page.lines().filter(|line| line.starts_with("//! | ")).enumerate() {
        for module in row.split('`').skip(1).step_by(2) {
            layers.insert(module.trim_start_matches("mod@").to_owned(), number);
        }
    }
    layers
}

#[test]
fn no_two_rooms_use_each_other() {
    let (library, server) = (modules("src"), modules("serve/src"));
    assert!(["log", "vault/edit", "cli", "cli/unlocking"].iter().all(|module| library.contains(*module)));
    assert!(["api", "api/query", "listen"].iter().all(|module| server.contains(*module)));
    let mut houses = vec![House::library(), House::server()];
    houses.extend(library.iter().map(|module| House::module("src", module)));
    houses.extend(server.iter().map(|module| House::module("serve/src", module)));
    for house in houses {
        let circle = circle(house.uses());
        assert!(circle.is_empty(), "rooms of {} use each other: {circle:#?}", house.folder);
    }
}

#[test]
fn a_module_of_the_library_uses_only_modules_in_its_row_or_below() {
    let layers = layers();
    let library = House::library();
    for (module, used) in library.uses() {
        if module == library.facade {
            continue;
        }
        let row = *layers.get(&module).unwrap_or_else(|| panic!("{module} is not in the table of lib.rs"));
        for (below, file) in used {
            let is_above = layers.get(&below).is_some_and(|below| *below < row);
            assert!(!is_above, "{module} uses {below}, which is above it in the table of lib.rs: {}", file.display());
        }
    }
}

/// What several commands need is in the library or in another part of the command line, where a reader looks for it.
#[test]
fn no_command_uses_the_file_of_another_command() {
    let commands = House::module("src", "cli/commands");
    let mut uses = commands.uses();
    assert!(uses.remove(&commands.facade).is_some_and(|used| used.contains_key("get")));
    for (command, used) in uses {
        let other = used.iter().next().map(|(other, file)| format!("{command} uses {other}: {}", file.display()));
        assert_eq!(other, None);
    }
}

#[test]
fn only_files_that_are_declared_for_tests_are_left_out() {
    let has = |folder: &str, file: &str| source::of(folder, &[]).iter().any(|source| source.path.ends_with(file));
    assert!(has("serve/src/api/query", "query/test.rs") && has("src/item", "wire/quick.rs"));
    assert!(
        !has("src/item", "wire/tests.rs") && !has("src/actions", "testing.rs") && !has("src", "crypto/properties.rs")
    );
}

#[test]
fn a_circle_of_rooms_is_found_whatever_leads_into_and_out_of_it() {
    let uses = |all: &[(&str, &[&str])]| -> Uses {
        let used = |rooms: &[&str]| rooms.iter().map(|room| ((*room).to_owned(), PathBuf::new())).collect();
        all.iter().map(|(room, rooms)| ((*room).to_owned(), used(rooms))).collect()
    };
    assert!(circle(uses(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])).is_empty());
    let found = circle(uses(&[("a", &["b"]), ("b", &["c", "d"]), ("c", &["b"]), ("d", &[])]));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["b", "c"]);
}

//! Modules use the modules below them. No two rooms use each other, not even by way of a third: neither in the library,
//! whose table of layers is read here as it stands, nor in the command line, nor in the server.

mod paths;

use crate::source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What each room uses, and a file in which it does.
type Uses = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// A module whose parts are rooms.
struct House {
    folder: &'static str,
    /// The names before those of its rooms, from the root of the crate.
    within: &'static [&'static str],
    /// What is in the folder and no room of it: what puts the rooms together, or what is a house of its own.
    no_room: &'static [&'static str],
}

const LIBRARY: House = House { folder: "src", within: &[], no_room: &["lib", "main", "cli"] };
const COMMAND_LINE: House = House { folder: "src/cli", within: &["cli"], no_room: &[] };
const SERVER: House = House { folder: "serve/src", within: &[], no_room: &["main"] };

impl House {
    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for source in source::of(self.folder, self.within) {
            let Some(room) = source.module.get(self.within.len()) else { continue };
            if self.no_room.contains(&&**room) {
                continue;
            }
            let used = uses.entry(room.clone()).or_default();
            for path in paths::read(source.code, &source.module) {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                if let Some([name, ..]) = path.strip_prefix(self.within)
                    && name != room
                {
                    used.entry((*name).to_owned()).or_insert_with(|| source.path.clone());
                }
            }
        }
        assert!(uses.len() > 5, "{} has rooms", self.folder);
        uses
    }
}

/// What is left when every room that uses none of the others, or that none of them uses, is taken away, again and again.
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
        for link in row.split("[`").skip(1) {
            let module = link.split('`').next().unwrap().trim_start_matches("mod@");
            layers.insert(module.to_owned(), number);
        }
    }
    layers
}

#[test]
fn no_two_rooms_use_each_other() {
    for house in [LIBRARY, COMMAND_LINE, SERVER] {
        let circle = circle(house.uses());
        assert!(circle.is_empty(), "rooms of {} use each other: {circle:#?}", house.folder);
    }
}

#[test]
fn a_module_of_the_library_uses_only_modules_in_its_row_or_below() {
    let layers = layers();
    for (module, used) in LIBRARY.uses() {
        let row = *layers.get(&module).unwrap_or_else(|| panic!("{module} is not in the table of lib.rs"));
        // What `lib.rs` hands on, such as `crate::Error`, is in no row.
        for (below, file) in used {
            let is_above = layers.get(&below).is_some_and(|below| *below < row);
            assert!(!is_above, "{module} uses {below}, which is above it in the table of lib.rs: {}", file.display());
        }
    }
}

#[test]
fn a_circle_of_rooms_is_found_whatever_leads_into_it_and_out_of_it() {
    let uses = |all: &[(&str, &[&str])]| -> Uses {
        let used = |rooms: &[&str]| rooms.iter().map(|room| ((*room).to_owned(), PathBuf::new())).collect();
        all.iter().map(|(room, rooms)| ((*room).to_owned(), used(rooms))).collect()
    };
    assert!(circle(uses(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])).is_empty());
    let found = circle(uses(&[("a", &["b"]), ("b", &["c", "d"]), ("c", &["b"]), ("d", &[])]));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["b", "c"]);
}

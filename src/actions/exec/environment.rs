//! The command's environment: what is inherited, what is injected, and which of them wins.
//!
//! - Gives parts of what was read: `Environment::get`, `Environment::iter`, `Environment::texts`
//! - Gives text without values: `Inherit::PreservedOnly::0`

use crate::dangerous::is_dangerous;
use crate::item::Injectable;
use crate::ordered::InOrder as _;
use crate::settings::opens_a_vault;
use std::borrow::Cow;
use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use vault_quick::block::Block;

/// Which variables are inherited, and whether they win over the vault's.
pub enum Inherit {
    /// Everything; the vault's values win.
    All,
    /// Everything, and inherited variables win.
    Preserved,
    /// Everything; of the inherited variables, only these win.
    PreservedOnly(Vec<String>),
    /// Only the variables that programs can't do without.
    Pristine,
}

/// The variables that a pristine environment keeps.
const ESSENTIAL: [&str; 8] = ["PATH", "HOME", "TERM", "LANG", "TZ", "USER", "SHELL", "TMPDIR"];

/// The variables that the vault adds.
pub(super) struct Given<'a> {
    /// Variables and their values.
    pub items: Items<'a>,
    /// The variables of items that reach the command in another way. An inherited variable of such a name is not passed
    /// on.
    pub handed: Vec<Cow<'a, str>>,
    /// Variables with the path of such an item. They win over all others.
    pub paths: &'a [(String, String)],
}

/// Variables and their values.
pub(super) enum Items<'a> {
    /// Items that are the variables of their own names, sorted, each name once.
    Plain(&'a [Injectable]),
    /// In any order. If several have the same name, the last one wins.
    Listed(Vec<(Cow<'a, str>, &'a [u8])>),
}

/// The environment for execve(2): each variable once.
pub struct Environment(Block);

impl Environment {
    /// Combines inherited and given variables. The variables that open a vault are passed on only with `pass_key`.
    #[must_use]
    pub(super) fn new(
        inherited: impl Iterator<Item = (OsString, OsString)>,
        inherit: &Inherit,
        pass_key: bool,
        given: Given<'_>,
    ) -> Self {
        let mut inherited: Vec<_> = inherited.filter(|(name, _)| pass_key || !opens_a_vault(name)).collect();
        let Given { items, handed, paths } = given;
        inherited.retain(|(name, _)| inherit.keeps(name) && !inherit.replaces(name, &handed));
        keep_last(&mut inherited, |(name, _)| name.as_bytes());
        let is_path = |name: &[u8]| paths.iter().any(|(path, _)| path.as_bytes() == name);
        inherited.retain(|(name, _)| !is_path(name.as_bytes()));
        let is_preserved = |name: &[u8]| {
            inherited
                .binary_search_by(|(kept, _)| kept.as_bytes().cmp(name))
                .is_ok_and(|at| inherit.preserves(&inherited[at].0))
        };
        let takes_all = paths.is_empty() && !inherited.iter().any(|(name, _)| inherit.preserves(name));
        let items = items.retain(takes_all, |name| !is_path(name) && !is_preserved(name));
        inherited.retain(|(name, _)| !items.has(name.as_bytes()));
        let inherited = || inherited.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let paths = || paths.iter().map(|(name, path)| (name.as_bytes(), path.as_bytes()));
        Self(Block::new(|| inherited().chain(items.iter()).chain(paths())))
    }

    /// Returns the number of variables, and the size of their strings in bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.0.size()
    }

    /// Returns the variables as strings for the kernel.
    #[must_use]
    pub fn texts(&self) -> Vec<&CStr> {
        self.0.texts()
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.parts().map(|text| {
            // A name may begin with `=` (environ(7)).
            let end = 1 + memchr::memchr(b'=', &text[1..]).unwrap_or(0);
            (OsStr::from_bytes(&text[..end]), OsStr::from_bytes(&text[end + 1..text.len() - 1]))
        })
    }

    /// Returns the value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value)
    }
}

impl<'a> Items<'a> {
    /// Keeps the variables that `keeps` accepts, or all of them if it `takes_all`; of several with the same name, the
    /// last.
    fn retain(self, takes_all: bool, keeps: impl Fn(&[u8]) -> bool) -> Self {
        let mut list: Vec<_> = match self {
            Self::Plain(_) if takes_all => return self,
            Self::Plain(items) => items.iter().map(|item| (Cow::Borrowed(item.name.as_str()), &*item.value)).collect(),
            Self::Listed(list) => list,
        };
        keep_last(&mut list, |(name, _)| name.as_bytes());
        list.retain(|(name, _)| takes_all || keeps(name.as_bytes()));
        Self::Listed(list)
    }

    /// Returns whether there is a variable of this name. They must be sorted.
    fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::Plain(items) => items.binary_search_by(|item| item.name.as_bytes().cmp(name)).is_ok(),
            Self::Listed(list) => list.binary_search_by(|(given, _)| given.as_bytes().cmp(name)).is_ok(),
        }
    }

    /// Returns names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let (plain, listed): (&[_], &[_]) = match self {
            Self::Plain(items) => (items, &[]),
            Self::Listed(list) => (&[], list),
        };
        let plain = plain.iter().map(|item: &Injectable| (item.name.as_bytes(), &*item.value));
        plain.chain(listed.iter().map(|(name, value): &(Cow<'_, str>, &[u8])| (name.as_bytes(), *value)))
    }
}

/// Sorts by name, and keeps the last variable of each name. The items of one environment are sorted already.
fn keep_last<T>(variables: &mut Vec<T>, name: impl Fn(&T) -> &[u8]) {
    if variables.is_sorted_by(|before, after| name(before) < name(after)) {
        return;
    }
    variables.reverse();
    variables.order_by(|a, b| name(a).cmp(name(b)));
    variables.dedup_by(|earlier, last| name(earlier) == name(last));
}

impl Inherit {
    fn keeps(&self, name: &OsStr) -> bool {
        let is_essential = || ESSENTIAL.iter().any(|essential| name == *essential);
        !matches!(self, Self::Pristine) || opens_a_vault(name) || is_essential()
    }

    /// Returns whether an inherited variable is dropped because an item of its name is handed over. Variables that
    /// programs depend on stay.
    fn replaces(&self, name: &OsStr, handed: &[Cow<'_, str>]) -> bool {
        !self.preserves(name) && handed.iter().any(|variable| name == &**variable && !is_dangerous(variable))
    }

    fn preserves(&self, name: &OsStr) -> bool {
        match self {
            Self::All | Self::Pristine => false,
            Self::Preserved => true,
            Self::PreservedOnly(names) => names.iter().any(|preserved| name == preserved.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INHERITED: [(&str, &str); 5] =
        [("B", "outer"), ("A", "outer"), ("PATH", "/bin"), ("VAULT_TOKEN", "t"), ("A", "outer again")];

    fn environment(inherit: &Inherit, given: Given<'_>) -> Vec<(String, String)> {
        let inherited = INHERITED.map(|(name, value)| (name.into(), value.into())).to_vec();
        let environment = Environment::new(inherited.into_iter(), inherit, false, given);
        let text = |text: &OsStr| text.to_str().unwrap().to_owned();
        let texts: Vec<_> = environment.texts().iter().map(|text| text.to_str().unwrap().to_owned()).collect();
        let variables: Vec<_> = environment.iter().map(|(name, value)| (text(name), text(value))).collect();
        assert_eq!(texts, variables.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>());
        let mut names: Vec<_> = variables.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), variables.len(), "each once: {variables:?}");
        variables
    }

    fn given<'a>(items: &[(&'a str, &'a str)]) -> Given<'a> {
        let items = items.iter().map(|(name, value)| (Cow::Borrowed(*name), value.as_bytes())).collect();
        Given { items: Items::Listed(items), handed: Vec::new(), paths: &[] }
    }

    fn value<'a>(variables: &'a [(String, String)], name: &str) -> Option<&'a str> {
        variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn items_override_inherited_variables_unless_those_are_preserved() {
        let items = [("A", "vault"), ("B", "vault"), ("C", "a=b")];
        let all = environment(&Inherit::All, given(&items));
        assert_eq!((value(&all, "A"), value(&all, "C")), (Some("vault"), Some("a=b")));
        assert_eq!(value(&all, "VAULT_TOKEN"), Some("t"), "another program's variable must stay");
        let preserved = environment(&Inherit::Preserved, given(&items));
        assert_eq!((value(&preserved, "A"), value(&preserved, "C")), (Some("outer again"), Some("a=b")));
        let only = environment(&Inherit::PreservedOnly(vec!["A".to_owned()]), given(&items));
        assert_eq!((value(&only, "A"), value(&only, "B")), (Some("outer again"), Some("vault")));
    }

    #[test]
    fn the_last_of_several_environments_wins_whatever_the_order_of_items() {
        let items = [("B", "1"), ("A", "1"), ("A", "2"), ("C", ""), ("B", "3")];
        let all = environment(&Inherit::Pristine, given(&items));
        let expected = [("PATH", "/bin"), ("A", "2"), ("B", "3"), ("C", "")];
        assert_eq!(all, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn an_injected_item_replaces_an_inherited_variable() {
        let handed = || vec!["A".into(), "PATH".into()];
        let names = |inherit: &Inherit| {
            let all = environment(inherit, Given { handed: handed(), ..given(&[]) });
            ["A", "B", "PATH"].map(|name| value(&all, name).is_some())
        };
        assert_eq!(names(&Inherit::All), [false, true, true]);
        assert_eq!(names(&Inherit::PreservedOnly(vec!["A".to_owned()])), [true; 3]);
    }

    #[test]
    fn the_path_of_a_file_overrides_everything() {
        let paths = [("A".to_owned(), "/proc/1/fd/9".to_owned())];
        for inherit in [Inherit::All, Inherit::Preserved] {
            let all = environment(&inherit, Given { paths: &paths, ..given(&[("A", "vault")]) });
            assert_eq!(value(&all, "A"), Some("/proc/1/fd/9"));
        }
    }

    #[test]
    fn a_name_may_start_with_an_equals_sign() {
        let inherited = vec![("=::".into(), "::\\".into())];
        let environment = Environment::new(inherited.into_iter(), &Inherit::All, false, given(&[]));
        assert_eq!(environment.iter().collect::<Vec<_>>(), [(OsStr::new("=::"), OsStr::new("::\\"))]);
    }

    #[test]
    fn the_keys_of_a_vault_are_passed_on_only_if_requested() {
        let inherited =
            || [("VAULT_KEY", "k"), ("A", "1")].map(|(name, value)| (name.into(), value.into())).into_iter();
        let has_key = |inherit: &Inherit, pass_key| {
            Environment::new(inherited(), inherit, pass_key, given(&[])).get("VAULT_KEY").is_some()
        };
        assert_eq!((has_key(&Inherit::Preserved, false), has_key(&Inherit::Pristine, true)), (false, true));
    }
}

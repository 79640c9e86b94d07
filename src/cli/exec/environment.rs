//! The child's environment: what is inherited, what is injected, and who wins.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use vault::dangerous::is_dangerous;
use vault::item::Injectable;
use vault::settings::{self, opens_a_vault};

/// What is inherited, and against whom it wins.
pub enum Inherit {
    /// Everything; the vault's values win.
    All,
    /// Everything, and it wins.
    Preserved,
    /// Everything; only these win.
    PreservedOnly(Vec<String>),
    /// Only what programs can't do without.
    Pristine,
}

/// What a pristine environment keeps.
const ESSENTIAL: [&str; 8] = ["PATH", "HOME", "TERM", "LANG", "TZ", "USER", "SHELL", "TMPDIR"];

/// An item and the name of the variable that it becomes.
pub type Variable<'a> = (Cow<'a, str>, &'a Injectable);

/// Sets the command's environment: the caller's and these items, later ones winning. Our own keys are passed on only
/// where that was asked for. What is handed over is no variable, an inherited one of the name neither.
pub fn set(command: &mut Command, inherit: &Inherit, pass_key: bool, items: &[Variable<'_>], handed: &[Cow<'_, str>]) {
    let inherited = settings::environment().filter(|(name, _)| pass_key || !opens_a_vault(name));
    let inherited = inherited.filter(|(name, _)| !inherit.replaces(name, handed));
    set_from(command, inherited, inherit, items);
}

fn set_from(
    command: &mut Command,
    inherited: impl Iterator<Item = (OsString, OsString)>,
    inherit: &Inherit,
    items: &[Variable<'_>],
) {
    let kept = |name: &OsStr| {
        !matches!(inherit, Inherit::Pristine)
            || opens_a_vault(name)
            || ESSENTIAL.iter().any(|essential| name == *essential)
    };
    let mut preserved = HashSet::new();
    command.env_clear();
    for (name, value) in inherited.filter(|(name, _)| kept(name)) {
        command.env(&name, value);
        if inherit.preserves(&name) {
            preserved.insert(name);
        }
    }
    for (variable, Injectable { value, .. }) in items {
        let variable = OsStr::new(&**variable);
        if preserved.is_empty() || !preserved.contains(variable) {
            command.env(variable, OsStr::from_bytes(value));
        }
    }
}

impl Inherit {
    /// Whether an inherited variable gives way to what is handed over under its name. One that programs can't do without
    /// stays.
    fn replaces(&self, name: &OsStr, handed: &[Cow<'_, str>]) -> bool {
        !self.preserves(name) && handed.iter().any(|own| name == &**own && !is_dangerous(own))
    }

    fn preserves(&self, name: &OsStr) -> bool {
        match self {
            Self::All | Self::Pristine => false,
            Self::Preserved => true,
            Self::PreservedOnly(names) => names.iter().any(|own| name == own.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::item::Kind;
    use vault::secret::SecretBytes;

    fn item(name: &str, value: &[u8]) -> Injectable {
        let value = SecretBytes::new(value.to_vec()).into();
        Injectable { name: name.to_owned(), kind: Kind::Secret, value, expires_at: None }
    }

    fn environment(inherit: &Inherit) -> Command {
        let inherited = [
            ("A", "outer"),
            ("B", "outer"),
            ("PATH", "/bin"),
            ("VAULT_KEY", "k"),
            ("VAULT_PASSPHRASE_FILE", "f"),
            ("VAULT_TOKEN", "t"),
        ];
        let inherited = inherited.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut command = Command::new("x");
        let inherited = inherited.filter(|(name, _): &(OsString, OsString)| !opens_a_vault(name));
        let (a, b) = (item("A", b"vault"), item("B", b"vault"));
        set_from(&mut command, inherited, inherit, &[("A".into(), &a), ("B".into(), &b)]);
        command
    }

    fn value<'a>(command: &'a Command, name: &str) -> Option<&'a str> {
        command.get_envs().find(|(own, _)| *own == name).and_then(|(_, value)| value?.to_str())
    }

    #[test]
    fn j4_keys_are_scrubbed_and_the_other_vaults_variables_are_not() {
        let command = environment(&Inherit::All);
        assert_eq!(value(&command, "VAULT_KEY"), None);
        assert_eq!(value(&command, "VAULT_PASSPHRASE_FILE"), None);
        assert_eq!(value(&command, "VAULT_TOKEN"), Some("t"));
    }

    #[test]
    fn the_vault_wins_unless_the_environment_is_preserved() {
        assert_eq!(value(&environment(&Inherit::All), "A"), Some("vault"));
        assert_eq!(value(&environment(&Inherit::Preserved), "A"), Some("outer"));
        let only = environment(&Inherit::PreservedOnly(vec!["A".to_owned()]));
        assert_eq!((value(&only, "A"), value(&only, "B")), (Some("outer"), Some("vault")));
    }

    #[test]
    fn a_pristine_environment_keeps_the_essentials_only() {
        let command = environment(&Inherit::Pristine);
        let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_str().unwrap()).collect();
        assert_eq!(names, ["A", "B", "PATH"]);
    }

    #[test]
    fn what_is_handed_over_takes_the_place_of_an_inherited_variable() {
        let handed = ["A".into(), "PATH".into()];
        let replaced = |inherit: &Inherit| ["A", "B", "PATH"].map(|name| inherit.replaces(OsStr::new(name), &handed));
        assert_eq!(replaced(&Inherit::All), [true, false, false]);
        assert_eq!(replaced(&Inherit::PreservedOnly(vec!["A".to_owned()])), [false; 3]);
    }
}

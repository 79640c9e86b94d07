//! The child's environment: what is inherited, what is injected, and who wins.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use vault::secret::SecretBytes;
use vault::{Error, Result};

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

/// Variables and where they come from.
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    injected: Vec<String>,
}

impl Environment {
    /// The caller's environment and these items, later ones winning. Our own keys are never passed on.
    pub fn new(inherit: Inherit, items: Vec<(String, SecretBytes)>) -> Result<Self> {
        Self::from(std::env::vars_os(), &inherit, items)
    }

    fn from(
        inherited: impl Iterator<Item = (OsString, OsString)>,
        inherit: &Inherit,
        items: Vec<(String, SecretBytes)>,
    ) -> Result<Self> {
        let kept = |name: &OsStr| {
            !matches!(inherit, Inherit::Pristine) || ESSENTIAL.iter().any(|essential| name == *essential)
        };
        let mut variables: BTreeMap<OsString, OsString> =
            inherited.filter(|(name, _)| !is_key(name) && kept(name)).collect();
        let mut injected = Vec::with_capacity(items.len());
        for (name, value) in items {
            if value.contains(&0) {
                return Err(Error::failed(format!("{name} holds a NUL byte, which no variable can"))
                    .hint(format!("leave it out: --except {name}; to a file: vault get {name} -o FILE")));
            }
            let wins = match inherit {
                Inherit::All | Inherit::Pristine => false,
                Inherit::Preserved => true,
                Inherit::PreservedOnly(names) => names.contains(&name),
            };
            let key = OsString::from(&name);
            if wins && variables.contains_key(&key) {
                continue;
            }
            variables.insert(key, OsString::from_vec(value.to_vec()));
            injected.push(name);
        }
        Ok(Self { variables, injected })
    }

    /// All variables.
    pub fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.variables
    }

    /// The names of the items among them.
    pub fn injected(&self) -> &[String] {
        &self.injected
    }
}

/// VAULT_KEY, VAULT_KEY_FILE, VAULT_PASSPHRASE and their kin. VAULT_TOKEN and VAULT_ADDR belong to another program.
fn is_key(name: &OsStr) -> bool {
    [b"VAULT_KEY".as_slice(), b"VAULT_PASSPHRASE"].iter().any(|prefix| name.as_bytes().starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(inherit: &Inherit) -> BTreeMap<OsString, OsString> {
        let inherited = [
            ("A", "outer"),
            ("B", "outer"),
            ("PATH", "/bin"),
            ("VAULT_KEY", "k"),
            ("VAULT_PASSPHRASE_FILE", "f"),
            ("VAULT_TOKEN", "t"),
        ];
        let inherited = inherited.into_iter().map(|(name, value)| (name.into(), value.into()));
        let items = vec![("A".to_owned(), SecretBytes::from("vault")), ("B".to_owned(), SecretBytes::from("vault"))];
        Environment::from(inherited, inherit, items).unwrap().variables
    }

    fn value<'a>(variables: &'a BTreeMap<OsString, OsString>, name: &str) -> Option<&'a str> {
        variables.get(OsStr::new(name)).and_then(|value| value.to_str())
    }

    #[test]
    fn j4_keys_are_scrubbed_and_the_other_vaults_variables_are_not() {
        let variables = environment(&Inherit::All);
        assert_eq!(value(&variables, "VAULT_KEY"), None);
        assert_eq!(value(&variables, "VAULT_PASSPHRASE_FILE"), None);
        assert_eq!(value(&variables, "VAULT_TOKEN"), Some("t"));
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
        let variables = environment(&Inherit::Pristine);
        let names: Vec<_> = variables.keys().map(|name| name.to_str().unwrap()).collect();
        assert_eq!(names, ["A", "B", "PATH"]);
    }

    #[test]
    fn e2_a_nul_is_refused_by_name() {
        let items = vec![("A".to_owned(), SecretBytes::new(b"x\0y".to_vec()))];
        let error = Environment::from(std::iter::empty(), &Inherit::All, items).err().unwrap();
        assert!(error.to_string().starts_with("A holds a NUL"), "{error}");
    }
}

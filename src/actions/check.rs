//! Checks whether environments have what a project needs. Only the presence of a value matters, not the value.

pub use crate::check::{Finding, Problem};

use crate::check;
use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::format::needs::{self, Need};
use crate::item::DueWindow;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::secret::SecretBytes;
use crate::vault::{Purpose, Session};
use std::path::{Path, PathBuf};

/// The files that a project is compared with, by name, and what each needs.
pub type Needs = Vec<(String, Vec<Need>)>;

/// What the environments are compared with.
pub struct Rules<'a> {
    /// The files and what each needs. Without files, nothing is missing and nothing is extra.
    pub needs: &'a Needs,
    /// The dangerous names that are allowed once. What neither these nor this device allow for an environment is
    /// deliberately left out of it, and not missing.
    pub allowed: &'a AllowedOnce,
    /// Whether it is a fault if no file names an item.
    pub no_extra: bool,
    /// How far ahead an expiry is announced.
    pub window: DueWindow,
}

/// The file that a project is compared with if none is named, and if there is one.
const DEFAULT_FILE: &str = ".env.example";

/// Reads with `read` what the named files need, or else the file of the project in this directory.
///
/// # Errors
/// The error of `read`, or of a file that is not valid, with its name.
pub fn needs(named: &[PathBuf], directory: &Path, read: impl Fn(&Path) -> Result<SecretBytes>) -> Result<Needs> {
    let default = [directory.join(DEFAULT_FILE)];
    let files = if named.is_empty() && default[0].exists() { &default } else { named };
    let mut all = Needs::new();
    for file in files {
        let (name, bytes) = (file.display().to_string(), read(file)?);
        let needs = needs::read(&name, &bytes).map_err(|error| {
            let message = format!("{name}: {error}");
            error.reworded(message)
        })?;
        all.push((name, needs));
    }
    Ok(all)
}

/// Returns the findings for these environments, in their order, and logs the check.
///
/// # Errors
/// As [`Session::open`].
pub fn check(
    session: &Session,
    environments: &[EnvironmentName],
    rules: &Rules<'_>,
) -> Result<Vec<(EnvironmentName, Finding)>> {
    let purpose = Purpose::for_action(Action::Check);
    let unread = environments.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    let (mut findings, allowed) = (Vec::new(), session.vault().allowed(rules.allowed));
    for (environment, content) in session.compare_all(&purpose, unread)? {
        let allows = |name: &str| allowed.allows(&environment, name);
        let Rules { needs, no_extra, window, .. } = *rules;
        let rules = check::Rules { needs, allows: &allows, no_extra, window };
        findings.extend(rules.check(&content).into_iter().map(|finding| (environment.clone(), finding)));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::dangerous::DangerousName;
    use crate::error::Error;
    use crate::item::ANNOUNCED;
    use crate::name::VariableName;
    use crate::time::Time;
    use crate::view;

    #[test]
    fn a_project_is_compared_with_the_named_files_or_else_with_its_example_file() {
        let directory = tempfile::tempdir().unwrap();
        let read = |file: &Path| {
            let bytes = std::fs::read(file).map_err(|error| Error::io("read", file, &error))?;
            Ok(SecretBytes::new(bytes))
        };
        let names = |named: &[PathBuf]| -> Vec<String> {
            let all = needs(named, directory.path(), read).unwrap();
            all.into_iter().flat_map(|(_, needs)| needs).map(|need| need.name).collect()
        };
        let (default, other) = (directory.path().join(".env.example"), directory.path().join("other"));
        std::fs::write(&other, "B=\n").unwrap();
        assert_eq!((names(&[]), names(std::slice::from_ref(&other))), (Vec::new(), vec!["B".to_owned()]));
        std::fs::write(&default, "A=\n").unwrap();
        assert_eq!((names(&[]), names(std::slice::from_ref(&other))), (vec!["A".to_owned()], vec!["B".to_owned()]));
        std::fs::write(&other, b"\xff").unwrap();
        let error = needs(&[other], directory.path(), read).err().unwrap();
        assert!(error.to_string().ends_with("other: line 1 is not UTF-8"), "{error}");
        assert!(needs(&[directory.path().join("none")], directory.path(), read).err().unwrap().is_missing_file());
    }

    #[test]
    fn missing_and_empty_items_are_found_and_the_log_names_only_the_environment() {
        let sandbox = Sandbox::with(&["dev/A=", "dev/B=2"]);
        let needs = vec![(".env.example".to_owned(), needs::read(".env.example", b"A=\nB=\nC=\n").unwrap())];
        let window = DueWindow::new(Time::now(), ANNOUNCED);
        let rules = Rules { needs: &needs, allowed: &AllowedOnce::default(), no_extra: false, window };
        let found = check(&sandbox.session, &[environment("dev")], &rules).unwrap();
        let object =
            |(environment, finding): &(EnvironmentName, Finding)| view::Finding::of_check(environment, finding, &needs);
        let described: Vec<_> = found.iter().map(object).map(|one| (one.problem, one.name, one.line)).collect();
        assert_eq!(described, [("missing", "C".to_owned(), Some(3)), ("empty", "A".to_owned(), None)]);
        assert_eq!(sandbox.log().last().unwrap(), "check dev ");
    }

    #[test]
    fn a_dangerous_name_is_missing_only_where_it_is_allowed() {
        let sandbox = Sandbox::new();
        let (dev, prod) = (environment("dev"), environment("prod"));
        let name = DangerousName::new(VariableName::new("LD_PRELOAD").unwrap()).unwrap();
        sandbox.session.vault().allow_name(&dev, &name).unwrap();
        let (session, needs) =
            (sandbox.session.reopen().unwrap(), needs::read(".env.example", b"LD_PRELOAD=\n").unwrap());
        let (needs, window) = (vec![(".env.example".to_owned(), needs)], DueWindow::new(Time::now(), ANNOUNCED));
        for (once, expected) in
            [(vec![], vec![dev.clone()]), (vec!["LD_PRELOAD".to_owned()], vec![dev.clone(), prod.clone()])]
        {
            let rules = Rules { needs: &needs, allowed: &AllowedOnce::new(once), no_extra: false, window };
            let found = check(&session, &[dev.clone(), prod.clone()], &rules).unwrap();
            assert_eq!(found.into_iter().map(|(environment, _)| environment).collect::<Vec<_>>(), expected);
        }
    }
}

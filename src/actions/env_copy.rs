//! Copying many items into an existing or a new environment: what is added, what is replaced, and what stays.
//!
//! - Gives text without values: `Copy::takes`

use super::different::check_different;
use super::env_add;
use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::item::{Content, Item};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::time::Time;
use crate::vault::{Edit, Need, Session, Vault};

/// A copy from one environment to another.
pub struct Copy<'a> {
    /// The source environment.
    pub from: &'a EnvironmentName,
    /// The destination environment, which is added if it does not exist.
    pub to: &'a EnvironmentName,
    /// Says for each item whether to copy it.
    pub takes: &'a dyn Fn(&str) -> bool,
    /// Refuses a name that no item has. Called after `takes` has seen every item.
    pub check_names: &'a dyn Fn() -> Result<()>,
    /// Whether to replace values that differ: each becomes a new version.
    pub replaces: bool,
    /// The dangerous names that may be used.
    pub allowed: &'a AllowedOnce,
}

/// What happens to the items.
#[derive(Debug, Default)]
pub struct Plan {
    added: Vec<Item>,
    changed: Vec<Item>,
    /// The items whose value differs in the destination, and stays.
    kept: Vec<ItemName>,
    /// The items with the same value in the destination: it is due for rotation in the source, but not yet marked in
    /// the destination.
    marked: Vec<Item>,
    same: usize,
}

impl Copy<'_> {
    /// Returns whether the destination would be new.
    ///
    /// # Errors
    /// If both are the same, or the source does not exist.
    pub fn is_new(&self, vault: &Vault) -> Result<bool> {
        check_different(self.from, self.to)?;
        vault.roster().state().environment(self.from)?;
        Ok(!vault.environments().any(|name| name == self.to))
    }

    /// Returns what [`Copy::save`] needs: the keys sign the addition of an environment. [`Copy::rehearse`] needs only a
    /// session.
    ///
    /// # Errors
    /// As [`Copy::is_new`].
    pub fn need(&self, vault: &Vault) -> Result<Need> {
        Ok(Need::of_change(self.is_new(vault)?))
    }

    /// Returns what would be copied, without writing it. This is logged, because it shows which values are the same.
    ///
    /// # Errors
    /// As [`Copy::save`].
    pub fn rehearse(&self, session: &Session) -> Result<Plan> {
        let is_new = self.is_new(session.vault())?;
        session.rehearse(&self.attempt(), |edit| {
            let plan = self.plan(edit, is_new)?;
            if is_new {
                // An agent can't add the environment, so its items are checked without it.
                let mut content = Content::default();
                Self::fill(&mut content, &plan, (edit.user(), edit.now()))?;
                edit.check_variables_of(self.to, &Content::default(), &content)?;
            } else {
                self.write(edit, &plan)?;
            }
            Ok(plan)
        })
    }

    /// Copies the items.
    ///
    /// # Errors
    /// As [`Copy::is_new`]; an unlock error if this needs the keys and an agent holds them; if the user may not read the
    /// source or change the destination, or the vault can't be saved.
    pub fn save(&self, session: &mut Session) -> Result<Plan> {
        session.check_meets(self.need(session.vault())?)?;
        let is_new = self.is_new(session.vault())?;
        self.confirm(session)?;
        let attempt = self.attempt();
        session.edit(&attempt, |edit| {
            let plan = self.plan(edit, is_new)?;
            if is_new || plan.written().next().is_some() {
                attempt.iter().for_each(|entry| edit.log(entry.clone().items(plan.written())));
                if is_new {
                    env_add::add_to(&mut edit.with_keys()?, self.to, false)?;
                }
                self.write(edit, &plan)?;
            }
            Ok(plan)
        })
    }

    /// Asks about protected environments, with the names of the items that would be copied or compared. Which of them have
    /// the same value says something about it, and nobody has an entry for that yet.
    fn confirm(&self, session: &Session) -> Result<()> {
        let both = [self.from, self.to];
        if both.iter().all(|environment| session.is_confirmed(environment)) {
            return Ok(());
        }
        let names: Vec<ItemName> = session.foresee(&self.attempt(), |edit| {
            let taken = self.taken(edit.content(self.from)?)?;
            Ok(taken.into_iter().map(|item| item.name.clone()).collect())
        })?;
        let entry = |environment| Entry::new(Action::EnvCopy).environment(environment).items(&names);
        both.iter().try_for_each(|environment| session.confirm(environment, || entry(environment)))
    }

    fn attempt(&self) -> [Entry; 2] {
        [self.from, self.to].map(|environment| Entry::new(Action::EnvCopy).environment(environment))
    }

    fn plan(&self, edit: &mut Edit<'_>, is_new: bool) -> Result<Plan> {
        edit.allow(self.allowed);
        let to = if is_new { Content::default() } else { edit.content(self.to)?.clone() };
        let from = edit.content(self.from)?;
        let mut plan = Plan::default();
        for item in self.taken(from)? {
            match to.items().get(&item.name) {
                None => plan.added.push(item.clone()),
                Some(existing) if existing.current.value == item.current.value => {
                    plan.same += 1;
                    let is_known = item.current.rotate_due.is_some() && existing.current.rotate_due.is_none();
                    plan.marked.extend(is_known.then(|| item.clone()));
                }
                Some(_) if self.replaces => plan.changed.push(item.clone()),
                Some(_) => plan.kept.push(item.name.clone()),
            }
        }
        Ok(plan)
    }

    fn taken<'c>(&self, from: &'c Content) -> Result<Vec<&'c Item>> {
        let taken = from.items().values().filter(|item| (self.takes)(item.name.as_str())).collect();
        (self.check_names)()?;
        Ok(taken)
    }

    fn write(&self, edit: &mut Edit<'_>, plan: &Plan) -> Result<()> {
        let by = (edit.user(), edit.now());
        Self::fill(edit.content_mut(self.to)?, plan, by)
    }

    /// Writes the copies. Each starts its own history.
    fn fill(content: &mut Content, plan: &Plan, (user, now): (&UserName, Time)) -> Result<()> {
        for item in plan.added.iter().chain(&plan.changed) {
            content.set_copy(&item.name, item, user, now)?;
        }
        plan.marked.iter().for_each(|item| content.copy_mark(&item.name, item));
        Ok(())
    }
}

impl Plan {
    /// The items that are new in the destination.
    pub fn added(&self) -> impl ExactSizeIterator<Item = &ItemName> {
        self.added.iter().map(|item| &item.name)
    }

    /// The items that get a new version in the destination.
    pub fn replaced(&self) -> impl ExactSizeIterator<Item = &ItemName> {
        self.changed.iter().map(|item| &item.name)
    }

    /// The items with a different value in the destination, which stays.
    pub fn kept(&self) -> impl ExactSizeIterator<Item = &ItemName> {
        self.kept.iter()
    }

    /// The items that had the same value in the destination and are now marked as due for rotation there, too.
    pub fn marked(&self) -> impl ExactSizeIterator<Item = &ItemName> {
        self.marked.iter().map(|item| &item.name)
    }

    /// The number of items that had the same value in the destination.
    #[must_use]
    pub fn same(&self) -> usize {
        self.same
    }

    /// The items that change in the destination.
    fn written(&self) -> impl Iterator<Item = &ItemName> {
        self.added().chain(self.replaced()).chain(self.marked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment, place};
    use crate::error::Reason;

    fn names<'a>(names: impl Iterator<Item = &'a ItemName>) -> Vec<&'a str> {
        names.map(ItemName::as_str).collect()
    }

    fn whole<'a>(from: &'a EnvironmentName, to: &'a EnvironmentName, allowed: &'a AllowedOnce) -> Copy<'a> {
        Copy { from, to, takes: &|_| true, check_names: &|| Ok(()), replaces: false, allowed }
    }

    #[test]
    fn different_items_stay_unless_they_are_to_be_replaced() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "dev/C=3", "prod/B=other", "prod/C=3"]);
        let (from, to, none) = (environment("dev"), environment("prod"), AllowedOnce::default());
        let copy = |replaces| Copy { replaces, ..whole(&from, &to, &none) };
        let plan = copy(false).rehearse(&sandbox.session).unwrap();
        assert_eq!((names(plan.added()), names(plan.kept()), plan.same()), (vec!["A"], vec!["B"], 1));
        assert_eq!(sandbox.names("prod"), ["B", "C"], "nothing was written");
        assert_eq!(sandbox.log().last().unwrap(), "env-copy prod ");
        copy(false).save(&mut sandbox.session).unwrap();
        assert_eq!(sandbox.item(&place("prod", "B")).current.number, 1);
        let plan = copy(true).save(&mut sandbox.session).unwrap();
        assert_eq!((names(plan.replaced()), plan.same()), (vec!["B"], 2));
        assert_eq!(sandbox.item(&place("prod", "B")).current.number, 2);
    }

    #[test]
    fn a_person_is_asked_about_the_items_of_a_copy_which_says_nothing_of_their_values_and_a_refusal_names_them() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/B=2"]);
        let asked = sandbox.refuse_all("prod");
        let (from, to, none) = (environment("dev"), environment("prod"), AllowedOnce::default());
        let refused = whole(&from, &to, &none).save(&mut sandbox.session).unwrap_err();
        assert_eq!(refused.reason(), Reason::Protected);
        // The question comes before the entry, and A has another value in prod, but B the same one.
        assert_eq!(*asked.lock().unwrap(), ["env-copy prod A,B vault"]);
        assert_eq!(sandbox.log().last().unwrap(), "env-copy prod A,B");
    }

    #[test]
    fn a_missing_environment_is_added() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=2"]);
        let (from, to, none) = (environment("dev"), environment("stage"), AllowedOnce::default());
        let copy = Copy { takes: &|name| name == "A", ..whole(&from, &to, &none) };
        assert!(copy.is_new(sandbox.session.vault()).unwrap());
        copy.save(&mut sandbox.session).unwrap();
        assert_eq!(sandbox.names("stage"), ["A"]);
        assert_eq!(sandbox.item(&place("stage", "A")).history.len(), 0);
        let same = Copy { to: &from, ..copy };
        assert_eq!(same.is_new(sandbox.session.vault()).unwrap_err().reason(), Reason::SamePlace);
    }

    #[test]
    fn a_dangerous_name_is_copied_only_if_allowed() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/LD_PRELOAD=x"]);
        let (dev, none) = (environment("dev"), AllowedOnce::default());
        let one = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
        for to in ["prod", "stage"].map(environment) {
            let copy = whole(&dev, &to, &none);
            for error in [copy.rehearse(&sandbox.session).unwrap_err(), copy.save(&mut sandbox.session).unwrap_err()] {
                assert_eq!(error.to_string(), "LD_PRELOAD can make a program load code");
            }
            assert!(sandbox.log().contains(&format!("env-copy {to} A,LD_PRELOAD")), "{:?}", sandbox.log());
            let copy = whole(&dev, &to, &one);
            copy.rehearse(&sandbox.session).unwrap();
            copy.save(&mut sandbox.session).unwrap();
            // Neither an existing item nor another value for it is new.
            whole(&dev, &to, &none).save(&mut sandbox.session).unwrap();
            assert_eq!(sandbox.names(to.as_str()), ["A", "LD_PRELOAD"]);
        }
    }
}

//! Properties of every file: a roster is a chain, and a file survives writing and reading.

use crate::forge::{Team, environment, hashes, made_up, message, new_keys, user};
use proptest::prelude::*;
use std::sync::LazyLock;
use vault::identity::{Hash, PrivateKeys};
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Change, Draft, Protection, Right, Role, Roster, Statement};
use vault::time::Time;
use vault::vault::File;

/// An attempted change, allowed or not.
#[derive(Debug, Clone)]
enum Try {
    Add(usize, bool, Vec<(usize, bool)>),
    Remove(usize),
    Role(usize, bool),
    Keys,
    AddEnvironment(usize, Vec<(usize, bool)>),
    RemoveEnvironment(usize),
    Grant(usize, Vec<(usize, bool)>),
    Revoke(usize, Vec<usize>),
    Protect(usize, Protection),
}

const USERS: [&str; 4] = ["mia", "ada", "ben", "rea"];
const ENVIRONMENTS: [&str; 4] = ["dev", "prod", "qa", "x-1_y"];

fn tries() -> impl Strategy<Value = Vec<(usize, Try)>> {
    let rights = || prop::collection::vec((0..4_usize, any::<bool>()), 0..4);
    let one = prop_oneof![
        (0..4_usize, any::<bool>(), rights()).prop_map(|(user, admin, rights)| Try::Add(user, admin, rights)),
        (0..4_usize).prop_map(Try::Remove),
        (0..4_usize, any::<bool>()).prop_map(|(user, admin)| Try::Role(user, admin)),
        Just(Try::Keys),
        (0..4_usize, rights()).prop_map(|(name, rights)| Try::AddEnvironment(name, rights)),
        (0..4_usize).prop_map(Try::RemoveEnvironment),
        (0..4_usize, rights()).prop_map(|(user, rights)| Try::Grant(user, rights)),
        (0..4_usize, prop::collection::vec(0..4_usize, 0..3)).prop_map(|(user, names)| Try::Revoke(user, names)),
        (0..4_usize, prop::sample::select(vec![Protection::No, Protection::Yes]))
            .prop_map(|(name, protected)| Try::Protect(name, protected)),
    ];
    prop::collection::vec((0..4_usize, one), 0..24)
}

fn right(write: bool) -> Right {
    if write { Right::Write } else { Right::Read }
}

fn role(admin: bool) -> Role {
    if admin { Role::Admin } else { Role::Member }
}

fn on_environments(rights: &[(usize, bool)]) -> Vec<(EnvironmentName, Right)> {
    rights.iter().map(|(name, write)| (environment(ENVIRONMENTS[*name]), right(*write))).collect()
}

fn of_users(rights: &[(usize, bool)]) -> Vec<(UserName, Right)> {
    rights.iter().map(|(name, write)| (user(USERS[*name]), right(*write))).collect()
}

/// Returns the chain with one more change by this author, if it is allowed.
fn with(before: &[Statement], author: usize, change: Change, keys: &PrivateKeys) -> vault::Result<Roster> {
    let draft = Draft { author: user(USERS[author]), time: Time::now(), change, pending: Vec::new() };
    let (hashes, version) = (hashes(before), before.len() as u32 + 1);
    let [id, previous] = [hashes.first(), hashes.last()].map(|hash| hash.copied().unwrap_or(Hash::ZERO));
    let signature = keys.sign(&message(&id, version, &previous, &draft));
    Roster::verify([before, &[Statement { version, draft, signature }]].concat())
}

/// Returns the chain of the attempts that were allowed.
fn grow(tries: &[(usize, Try)]) -> Roster {
    let mut keys: Vec<PrivateKeys> = (0..4).map(|_| PrivateKeys::generate().unwrap()).collect();
    let keys_of_first = new_keys(&Hash::ZERO, &user(USERS[0]), &keys[0]);
    let email = Some("mia@example.com".to_owned());
    let first = Change::Create { random: [7; 16], email, keys: keys_of_first.into() };
    let mut roster = with(&[], 0, first, &keys[0]).unwrap();
    for (author, attempt) in tries {
        let mut new = None;
        let change = match attempt {
            Try::Add(who, admin, rights) => {
                let fresh = PrivateKeys::generate().unwrap();
                let signed = new_keys(&roster.id(), &user(USERS[*who]), &fresh);
                new = Some((*who, fresh));
                let email = admin.then(|| "a.b+c@example.com".to_owned());
                let (role, grants) = (role(*admin), on_environments(rights));
                Change::AddUser { user: user(USERS[*who]), email, role, grants, keys: signed.into() }
            }
            Try::Remove(who) => Change::RemoveUser { user: user(USERS[*who]) },
            Try::Role(who, admin) => Change::SetRole { user: user(USERS[*who]), role: role(*admin) },
            Try::Keys => {
                let fresh = keys[*author].renew().unwrap();
                let signed = new_keys(&roster.id(), &user(USERS[*author]), &fresh);
                new = Some((*author, fresh));
                Change::ReplaceKeys { keys: signed.into() }
            }
            Try::AddEnvironment(name, rights) => {
                Change::AddEnvironment { environment: environment(ENVIRONMENTS[*name]), grants: of_users(rights) }
            }
            Try::RemoveEnvironment(name) => Change::RemoveEnvironment { environment: environment(ENVIRONMENTS[*name]) },
            Try::Grant(who, rights) => Change::Grant { user: user(USERS[*who]), grants: on_environments(rights) },
            Try::Revoke(who, names) => {
                let environments = names.iter().map(|name| environment(ENVIRONMENTS[*name])).collect();
                Change::Revoke { user: user(USERS[*who]), environments }
            }
            Try::Protect(name, protected) => {
                Change::SetEnvironment { environment: environment(ENVIRONMENTS[*name]), protected: *protected }
            }
        };
        let Ok(next) = with(roster.statements(), *author, change, &keys[*author]) else { continue };
        roster = next;
        if let Some((who, fresh)) = new {
            keys[who] = fresh;
        }
    }
    roster
}

/// An honest file with blocks and slots.
static FILE: LazyLock<File> = LazyLock::new(|| Team::new().forge().file);

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_roster_verifies_as_a_whole_and_so_does_every_prefix(tries in tries()) {
        let roster = grow(&tries);
        let statements = roster.statements().to_vec();
        // The hash of the bytes that the test writes for each change is the same.
        let chain = hashes(&statements);
        prop_assert_eq!(chain[0], roster.id());
        for (number, hash) in (1..).zip(&chain) {
            prop_assert_eq!(roster.hash_at(number), Some(*hash));
        }
        let again = Roster::verify(statements.clone()).unwrap();
        prop_assert_eq!(again.head(), roster.head());
        for length in 1..=statements.len() {
            let part = Roster::verify(statements[..length].to_vec()).unwrap();
            prop_assert!(roster.extends(&part));
            prop_assert_eq!(part.extends(&roster), length == statements.len());
        }
        prop_assert!(again.state().admins().next().is_some());
    }

    #[test]
    fn no_change_in_a_chain_can_be_removed_swapped_or_repeated(tries in tries(), place in any::<prop::sample::Index>()) {
        let statements = grow(&tries).statements().to_vec();
        let index = place.index(statements.len());
        let forged = |change: &dyn Fn(&mut Vec<Statement>)| {
            let mut forged = statements.clone();
            change(&mut forged);
            for (number, statement) in (1..).zip(&mut forged) {
                statement.version = number;
            }
            forged
        };
        if index + 1 < statements.len() {
            prop_assert!(Roster::verify(forged(&|list| drop(list.remove(index)))).is_err());
            prop_assert!(Roster::verify(forged(&|list| list.swap(index, index + 1))).is_err());
        }
        prop_assert!(Roster::verify(forged(&|list| list.insert(index, list[index].clone()))).is_err());
        prop_assert!(Roster::verify(forged(&|list| list[index].draft.author = user("eve"))).is_err());
        let later = Time::parse("2031-01-01T00:00:00Z").unwrap();
        prop_assert!(Roster::verify(forged(&|list| list[index].draft.time = later)).is_err());
    }

    #[test]
    fn writing_and_parsing_a_file_round_trips(tries in tries(), versions in prop::collection::vec(1..=u32::MAX, 2)) {
        let mut file = FILE.clone();
        file.roster = grow(&tries).statements().to_vec();
        for (number, statement) in file.roster.iter_mut().enumerate() {
            statement.draft.pending = (0..number % 3).map(|n| (environment(ENVIRONMENTS[n]), Hash::of(&[0]))).collect();
        }
        for (block, version) in file.blocks.iter_mut().zip(versions) {
            let mut previous: Vec<Hash> = (0..version % 2 + 1).map(|n| Hash::of(&n.to_be_bytes())).collect();
            previous.sort_unstable();
            block.statement.previous = if version == 1 { Vec::new() } else { previous };
            block.statement.ancestors = made_up(version, &block.statement.previous);
            block.statement.version = version;
        }
        let text = file.to_text();
        prop_assert_eq!(&File::parse(text.as_bytes()).unwrap(), &file);
        prop_assert_eq!(&File::parse(text.replace('\n', "\r\n").as_bytes()).unwrap().roster, &file.roster);
    }
}

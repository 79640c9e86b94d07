use super::*;

fn sighting(branch: &str, version: u32) -> Sighting {
    Sighting {
        environment: None,
        added: 0,
        version,
        hash: Hash::of(format!("{branch} {version}").as_bytes()),
        author: UserName::new("mia").unwrap(),
        // 64 bytes in base64.
        signature: format!("{}==", "A".repeat(86)).parse().unwrap(),
        branch: Some(branch.to_owned()),
        clone: "/clone/.git".to_owned(),
        time: Time::now(),
        commit: None,
        path: "secrets.vault".to_owned(),
        is_own: false,
        covered: true,
    }
}

fn observation(goes_on: &dyn Fn(&Sighting) -> bool, sightings: Vec<Sighting>) -> Observation<'_> {
    Observation { sightings, sides: Vec::new(), goes_on, undone: Vec::new(), is_roster_fork: false }
}

#[test]
fn a_sighting_replaces_its_predecessor_only_on_the_same_branch() {
    let mut branches = Branches::default();
    branches.note(&observation(&|_| true, vec![sighting("main", 1)]), &[]);
    branches.note(&observation(&|_| true, vec![sighting("other", 2)]), &[]);
    branches.note(&observation(&|_| true, vec![sighting("main", 3)]), &[]);
    branches.note(&observation(&|_| false, vec![sighting("main", 4)]), &[]);
    let versions: Vec<u32> = branches.sightings_of(None, 0).map(|sighting| sighting.version).collect();
    assert_eq!(versions, [2, 3, 4]);
}

#[test]
fn a_sighting_in_one_clone_does_not_replace_one_in_another() {
    let mut branches = Branches::default();
    let in_clone = |clone: &str, version| Sighting { clone: clone.to_owned(), ..sighting("main", version) };
    branches.note(&observation(&|_| true, vec![in_clone("/a/.git", 1)]), &[]);
    assert_eq!(branches.only_clone().as_deref(), Some("/a/.git"));
    branches.note(&observation(&|_| true, vec![in_clone("/b/.git", 1)]), &[]);
    branches.note(&observation(&|_| true, vec![in_clone("/b/.git", 2)]), &[]);
    let seen: Vec<_> = branches.sightings_of(None, 0).map(|seen| (seen.clone.as_str(), seen.version)).collect();
    assert_eq!(seen, [("/a/.git", 1), ("/b/.git", 2)]);
    assert_eq!(branches.only_clone(), None);
}

#[test]
fn many_branches_displace_old_ones_but_never_the_highest() {
    let mut branches = Branches::default();
    let highest = sighting("highest", 1000);
    branches.note(&observation(&|_| false, vec![highest.clone()]), &[highest.hash]);
    for number in 0..100 {
        branches.note(&observation(&|_| false, vec![sighting(&format!("branch-{number}"), number)]), &[highest.hash]);
    }
    assert_eq!(branches.seen.len(), MAX_SIGHTINGS);
    assert_eq!((&branches.seen[0], branches.seen[1].version), (&highest, 69));
}

#[test]
fn a_dropped_state_is_not_compared_until_it_is_accepted_itself() {
    let mut branches = Branches::default();
    let (lost, kept) = (sighting("main", 2), sighting("main", 1));
    branches.note(&observation(&|_| false, vec![lost.clone()]), &[]);
    branches.give_up(Some(&observation(&|_| false, vec![kept])));
    branches.note(&observation(&|_| false, vec![lost.clone()]), &[]);
    assert!(branches.sightings_of(None, 0).all(|sighting| sighting.version == 1), "{branches:?}");
    branches.give_up(Some(&observation(&|_| true, vec![lost])));
    assert!(branches.sightings_of(None, 0).all(|sighting| sighting.version == 2), "{branches:?}");
}

#[test]
fn n4_others_work_stays_recorded_while_only_this_device_built_on_it() {
    let own = |version| Sighting { is_own: true, ..sighting("main", version) };
    let versions = |branches: &Branches| branches.sightings_of(None, 0).map(|seen| seen.version).collect::<Vec<u32>>();
    let mut branches = Branches::default();
    branches.note(&observation(&|_| true, vec![sighting("main", 1)]), &[]);
    branches.note(&observation(&|_| true, vec![own(2)]), &[]);
    branches.note(&observation(&|_| true, vec![own(3)]), &[]);
    assert_eq!(versions(&branches), [1, 3]);
    // Work made here is replaced if it was undone, or if others' work descends from it, because then they have it.
    let undone = Observation { undone: vec![own(3).hash], ..observation(&|_| true, Vec::new()) };
    let mut other = branches.clone();
    other.note(&undone, &[]);
    assert_eq!(versions(&other), [1]);
    branches.note(&observation(&|_| true, vec![sighting("main", 4)]), &[]);
    assert_eq!(versions(&branches), [4]);
    // What a merge included counts as seen.
    let side = Side { sighting: sighting("main", 5), goes_on: vec![sighting("main", 4).hash], roster: None };
    branches.note(&Observation { sides: vec![side], ..observation(&|_| true, vec![own(6)]) }, &[]);
    assert_eq!(versions(&branches), [5, 6]);
}

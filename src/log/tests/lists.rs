//! Tests of long lists of items, which a segment names once.

use super::{Log, lines};
use crate::log::{Action, Entry, Extent};

#[test]
fn a_long_list_of_items_is_named_once_in_a_segment() {
    let log = Log::new();
    let entry = |count: usize| Entry::new(Action::Exec).items((0..count).map(|number| format!("ITEM_{number}")));
    let append = |entries: Vec<Entry>| {
        let before = std::fs::metadata(log.path(1)).unwrap().len();
        log.signing(|signer| log.writer().append(entries, signer)).unwrap();
        std::fs::metadata(log.path(1)).unwrap().len() - before
    };
    let (first, again) = (append(vec![entry(10_000)]), append(vec![entry(10_000)]));
    assert!(first > 100_000 && again < 400, "{first} {again}");
    append(vec![entry(9_999), entry(3), entry(10_000)]);
    let reading = log.read();
    assert_eq!(reading.problem, None);
    let counts: Vec<usize> = lines(&reading).iter().map(|line| line.items().len()).collect();
    assert_eq!(counts, [0, 0, 10_000, 10_000, 9_999, 3, 10_000]);
    let lines = lines(&reading);
    assert!(lines[6].entry.items.is_empty() && lines[6].items()[7].as_str() == "ITEM_7");
    // The next segment names the list again, so that each segment can be read by itself.
    let mut writer = log.writer();
    writer.full = 0;
    log.signing(|signer| writer.append(vec![entry(10_000)], signer)).unwrap();
    assert_eq!(self::lines(&log.read_extent(Extent::Last(1)))[0].entry.items.len(), 10_000);
}

#[test]
fn a_list_beyond_the_number_that_is_remembered_is_named_again() {
    let log = Log::new();
    for round in 0..2 {
        for list in 0..12 {
            let entry = Entry::new(Action::Exec).items((0..40).map(|number| format!("ITEM_{list}_{number}")));
            log.signing(|signer| log.writer().append(vec![entry], signer)).unwrap();
        }
        let reading = log.read();
        assert_eq!(reading.problem, None);
        assert!(lines(&reading)[2 + 12 * round..].iter().all(|line| line.items().len() == 40));
    }
}

#[test]
fn a_list_that_no_entry_names_is_a_problem() {
    let log = Log::new();
    let mut entry = Entry::new(Action::Exec);
    entry.list = Some("0".repeat(32));
    log.signing(|signer| log.writer().append(vec![entry], signer)).unwrap();
    assert_eq!(log.problem(), "no earlier entry names the items that it refers to");
}

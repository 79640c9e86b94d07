//! Tests of progress lines on a terminal that records its output, with a clock that the tests set.

use super::*;

/// The output of a terminal.
#[derive(Default)]
struct Drawn(Arc<Mutex<Vec<u8>>>);

impl Drawn {
    /// Returns everything that was drawn since the last call.
    fn drawn(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap().replace("\r\x1b[2K", "<cleared>")
    }
}

fn line(what: &'static str, extent: Extent, terminal: &Drawn) -> Arc<Line> {
    Arc::new(Line::new(what, extent, Terminal::Kept(Arc::clone(&terminal.0))))
}

#[test]
fn work_of_less_than_a_second_draws_nothing() {
    let (place, terminal) = (Place::new(), Drawn::default());
    let line = line("Scanning, files:", Extent::Counted, &terminal);
    let mut waited = Vec::new();
    keep(&place, &line, MOMENT, |pause| {
        waited.push(pause);
        true
    });
    place.leave(&line);
    place.beside(|| ());
    assert_eq!(waited, [Duration::from_secs(1)]);
    assert_eq!(terminal.drawn(), "");
}

#[test]
fn longer_work_shows_a_count_that_is_erased_at_the_end() {
    let (place, terminal) = (Place::new(), Drawn::default());
    let line = line("Encrypting environments", Extent::Steps(1200), &terminal);
    let mut frames = Vec::new();
    keep(&place, &line, MOMENT, |_| {
        frames.push(terminal.drawn());
        line.done.fetch_add(600, Ordering::Relaxed);
        frames.len() > 2
    });
    assert_eq!(frames[0], "");
    assert!(frames[1].contains("Encrypting environments [===============>              ] 600/1,200"), "{frames:?}");
    assert!(frames[2].contains("[==============================] 1,200/1,200"), "{frames:?}");
    assert!(place.is_taken.load(Ordering::SeqCst));
    place.leave(&line);
    assert!(terminal.drawn().ends_with("<cleared>"));
    assert!(!place.is_taken.load(Ordering::SeqCst));
    assert_eq!(place.beside(|| terminal.drawn()), "");
}

#[test]
fn other_output_replaces_the_line_which_is_drawn_again_below() {
    let (place, terminal) = (Place::new(), Drawn::default());
    let line = line("Scanning, files:", Extent::Counted, &terminal);
    line.done.store(12_345, Ordering::Relaxed);
    place.take(&line);
    assert!(terminal.drawn().contains("Scanning, files: 12,345"));
    let before = place.beside(|| terminal.drawn());
    assert!(before.ends_with("<cleared>"), "{before:?}");
    assert!(terminal.drawn().contains("Scanning, files: 12,345"), "the line must be drawn again below");
}

#[test]
fn of_two_lines_only_the_later_one_is_drawn() {
    let (place, terminal) = (Place::new(), Drawn::default());
    let outer = line(NEW_PASSPHRASE, Extent::Unknown, &terminal);
    let inner = line("Encrypting environments", Extent::Steps(5), &terminal);
    place.take(&outer);
    place.take(&inner);
    terminal.drawn();
    place.draw(&outer);
    place.leave(&outer);
    assert_eq!(terminal.drawn(), "");
    assert!(place.is_taken.load(Ordering::SeqCst));
    place.draw(&inner);
    assert!(terminal.drawn().contains("Encrypting"));
    place.leave(&inner);
    terminal.drawn();
    place.draw(&outer);
    place.draw(&inner);
    assert_eq!(terminal.drawn(), "");
}

#[test]
fn a_line_is_no_wider_than_the_terminal() {
    let terminal = Drawn::default();
    let line = Line::new("x".repeat(200), Extent::Counted, Terminal::Kept(Arc::clone(&terminal.0)));
    line.draw();
    assert_eq!(terminal.drawn(), format!("<cleared>| {}", "x".repeat(77)));
}

#[test]
fn digits_are_grouped_and_a_bar_is_full_at_the_last_step() {
    let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
    assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
    let shown = [(0, 4), (2, 4), (4, 4), (9, 4), (0, 0)].map(|(done, steps)| bar(done, steps));
    assert_eq!(shown[0], format!(">{}", " ".repeat(29)));
    assert_eq!(shown[1], format!("{}>{}", "=".repeat(15), " ".repeat(14)));
    assert_eq!((&shown[2], &shown[3]), (&"=".repeat(30), &"=".repeat(30)));
    assert_eq!(shown[4], shown[0]);
}

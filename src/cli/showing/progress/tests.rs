//! Lines on a terminal that writes down what it is told, by a clock that the tests set.

use super::*;
use indicatif::TermLike;
use std::io;

/// A terminal, as what was drawn on it.
#[derive(Debug, Clone, Default)]
struct Terminal(Arc<Mutex<String>>);

impl Terminal {
    /// Everything that was drawn since this was asked last.
    fn drawn(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn target(&self) -> ProgressDrawTarget {
        ProgressDrawTarget::term_like(Box::new(self.clone()))
    }

    fn add(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _lines: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _lines: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text)?;
        self.add("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("<cleared>")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn line(what: &'static str, extent: Extent, terminal: &Terminal) -> Arc<Line> {
    Arc::new(Line::new(what, extent, terminal.target()))
}

#[test]
fn what_is_over_within_a_second_draws_nothing() {
    let (place, terminal) = (Place::new(), Terminal::default());
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
fn what_takes_longer_is_counted_and_nothing_is_left_of_it() {
    let (place, terminal) = (Place::new(), Terminal::default());
    let line = line("Encrypting environments", Extent::Steps(1200), &terminal);
    let mut pictures = Vec::new();
    keep(&place, &line, MOMENT, |_| {
        pictures.push(terminal.drawn());
        line.done.fetch_add(600, Ordering::Relaxed);
        pictures.len() > 2
    });
    assert_eq!(pictures[0], "");
    assert!(pictures[1].contains("Encrypting environments [===============>              ] 600/1,200"), "{pictures:?}");
    assert!(pictures[2].contains("[==============================] 1,200/1,200"), "{pictures:?}");
    assert!(place.is_taken.load(Ordering::SeqCst));
    place.leave(&line);
    assert!(terminal.drawn().ends_with("<cleared>"));
    assert!(!place.is_taken.load(Ordering::SeqCst));
    assert_eq!(place.beside(|| terminal.drawn()), "");
}

#[test]
fn what_is_printed_meanwhile_stands_where_the_line_was() {
    let (place, terminal) = (Place::new(), Terminal::default());
    let line = line("Scanning, files:", Extent::Counted, &terminal);
    line.done.store(12_345, Ordering::Relaxed);
    place.take(&line);
    assert!(terminal.drawn().contains("Scanning, files: 12,345"));
    let before = place.beside(|| terminal.drawn());
    assert!(before.ends_with("<cleared>"), "{before:?}");
    assert!(terminal.drawn().contains("Scanning, files: 12,345"), "drawn again below");
}

#[test]
fn of_two_lines_the_later_one_is_drawn_and_neither_comes_back() {
    let (place, terminal) = (Place::new(), Terminal::default());
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

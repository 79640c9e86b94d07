//! `vault log stats`: counts entries by user, action, item, outcome and time.

use super::Filter;
use super::read::{Selected, query, read};
use crate::cli::showing::toned::Tone;
use crate::cli::unlocking::context::Context;
use chrono::Local;
use std::path::PathBuf;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr as _;
use vault::Result;
use vault::log::{Counter, Stats, Tally};
use vault::view::LogStats;
use vault::words::plural;

/// The longest bar, in columns.
const LONGEST: usize = 40;
/// How many items a terminal shows, the most frequent first.
const MOST: usize = 10;
/// The width that is assumed if the terminal reports none.
const USUAL_WIDTH: usize = 80;

pub fn run(filter: &Filter, files: &[PathBuf], context: &Context) -> Result<ExitCode> {
    let query = query(filter, context)?;
    let session = context.session()?;
    let (logs, _) = read(filter, files, &query, &session, None, context)?;
    let mut counter = Counter::new(&|time| time.utc().with_timezone(&Local).naive_local());
    for line in Selected::new(&logs, &query, filter)?.lines(&logs) {
        counter.add(&line?);
    }
    let stats = counter.finish();
    if context.ui.json {
        context.ui.json(&LogStats::from(stats))?;
    } else if stats.entries == 0 {
        context.ui.done("No entries.");
    } else if context.ui.is_terminal() {
        draw(&stats, context)?;
    } else {
        let rows: Vec<_> = sections(&stats).into_iter().flat_map(|(name, tallies)| rows(name, tallies)).collect();
        context.ui.table(&["BY", "NAME", "ENTRIES"], &rows)?;
    }
    logs.check().map(|()| ExitCode::SUCCESS)
}

/// Returns the tallies with the names that they have in a pipe.
fn sections(stats: &Stats) -> [(&'static str, &[Tally]); 5] {
    let Stats { users, actions, items, outcomes, times, .. } = stats;
    [("user", users), ("action", actions), ("item", items), ("outcome", outcomes), ("time", times)]
}

fn rows(name: &'static str, tallies: &[Tally]) -> impl Iterator<Item = Vec<String>> {
    tallies.iter().map(move |tally| vec![name.to_owned(), tally.name.clone(), tally.count.to_string()])
}

fn draw(stats: &Stats, context: &Context) -> Result<()> {
    let entries = plural(usize::try_from(stats.entries).unwrap_or(usize::MAX), "entry");
    let date = |time: vault::time::Time| time.utc().with_timezone(&Local).format("%F %R").to_string();
    if let (Some(first), Some(last)) = (stats.first, stats.last) {
        context.ui.toned(&format!("{entries}, {} to {}", date(first), date(last)), Tone::Plain)?;
    }
    for (name, tallies) in sections(stats) {
        let shown = if name == "item" { &tallies[..tallies.len().min(MOST)] } else { tallies };
        if shown.is_empty() {
            continue;
        }
        context.ui.toned("", Tone::Plain)?;
        context.ui.toned(&heading(name, tallies.len() - shown.len()), Tone::Heading)?;
        let width = context.ui.width().unwrap_or(USUAL_WIDTH);
        let tone = |tally: &Tally| match name == "outcome" && tally.name != "ok" {
            true => Tone::Alarming,
            false => Tone::Plain,
        };
        bars(shown, width).iter().zip(shown).try_for_each(|(line, tally)| context.ui.toned(line, tone(tally)))?;
    }
    Ok(())
}

fn heading(name: &str, left_out: usize) -> String {
    let heading = match name {
        "user" => "Who",
        "action" => "What",
        "item" => "Which items",
        "outcome" => "How it ended",
        _ => "When",
    };
    if left_out == 0 { heading.to_owned() } else { format!("{heading} (and {left_out} more)") }
}

/// Returns a line for each tally: its name, a bar in proportion to the largest tally, and its count.
fn bars(tallies: &[Tally], width: usize) -> Vec<String> {
    let names = tallies.iter().map(|tally| tally.name.width()).max().unwrap_or_default();
    let largest = tallies.iter().map(|tally| tally.count).max().unwrap_or_default();
    let digits = largest.to_string().len();
    let room = LONGEST.min(width.saturating_sub(names + digits + 3)).max(1);
    let mut lines = Vec::with_capacity(tallies.len());
    for Tally { name, count } in tallies {
        // A count above 0 always has a visible bar.
        let length = (count.saturating_mul(room as u64)).div_ceil(largest.max(1));
        let bar = "█".repeat(usize::try_from(length).unwrap_or(room));
        let gap = " ".repeat(names - name.width());
        lines.push(if *count == 0 { name.clone() } else { format!("{name}{gap}  {bar} {count}") });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(all: &[(&str, u64)], width: usize) -> Vec<String> {
        let tallies: Vec<_> =
            all.iter().map(|(name, count)| Tally { name: (*name).to_owned(), count: *count }).collect();
        bars(&tallies, width)
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_empty() {
        let lines = drawn(&[("mia", 100), ("ci", 50), ("ben", 1), ("zoe", 0)], 18);
        assert_eq!(lines, ["mia  █████████ 100", "ci   █████ 50", "ben  █ 1", "zoe"]);
        assert_eq!(drawn(&[("a", 2)], 200)[0].width(), 1 + 2 + LONGEST + 2);
        assert_eq!(
            drawn(&[("a-very-long-name", 2)], 4),
            ["a-very-long-name  █ 2"],
            "a narrow terminal breaks the line"
        );
    }
}

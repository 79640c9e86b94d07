//! Runs commands side by side, and prints a table of their times.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The program that the commands start.
pub const PROGRAM: &str = "/usr/bin/true";

/// A command, with its name in the table.
pub struct Subject {
    pub name: String,
    pub command: Command,
}

impl Subject {
    pub fn new(name: impl Into<String>, command: Command) -> Self {
        Self { name: name.into(), command }
    }
}

/// The times of a command's runs.
pub struct Times {
    name: String,
    sorted: Vec<Duration>,
    /// The number of instructions of one run, counted by callgrind.
    instructions: Option<u64>,
}

impl Times {
    pub fn minimum(&self) -> Duration {
        self.sorted[0]
    }

    pub fn median(&self) -> Duration {
        self.sorted[self.sorted.len() / 2]
    }

    /// Returns the time that `share` percent of all runs do not exceed.
    pub fn percentile(&self, share: usize) -> Duration {
        self.sorted[(self.sorted.len() * share / 100).min(self.sorted.len() - 1)]
    }

    pub fn of(name: impl Into<String>, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { name: name.into(), sorted: times, instructions: None }
    }
}

/// Runs every command once per round, in turn, after one round that does not count.
pub fn measure(subjects: &[Subject], rounds: usize) -> Vec<Times> {
    measure_after(subjects, rounds, |_| {})
}

/// As [`measure`], but calls `prepare` with the index of the command before each run.
pub fn measure_after(subjects: &[Subject], rounds: usize, prepare: impl Fn(usize)) -> Vec<Times> {
    let mut times: Vec<Vec<Duration>> = subjects.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for round in 0..=rounds {
        for (index, subject) in subjects.iter().enumerate() {
            prepare(index);
            let mut command = again(&subject.command);
            let start = Instant::now();
            let status = command.status().unwrap();
            let time = start.elapsed();
            assert!(status.success(), "{}: {status}", subject.name);
            if round > 0 {
                times[index].push(time);
            }
        }
    }
    subjects.iter().zip(times).map(|(subject, times)| Times::of(&subject.name, times)).collect()
}

/// Counts the instructions of one run of each command up to its `execve`, if valgrind is installed. Unlike times, they
/// are the same on a busy machine; but valgrind's processor lacks the SHA-256 instructions and AVX-512.
pub fn count_instructions(subjects: &[Subject], times: &mut [Times]) {
    for (subject, times) in subjects.iter().zip(times) {
        times.instructions = instructions(&subject.command);
    }
}

fn instructions(template: &Command) -> Option<u64> {
    let mut command = Command::new("/usr/bin/valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(template.get_program());
    // If the program became another one, nothing would be counted, so execve has to fail. Only execve notices that a
    // name is too long: vault itself reports a missing program before it reads any value.
    let too_long = format!("/{}", "x".repeat(256));
    command
        .args(template.get_args().map(|argument| if argument == PROGRAM { OsStr::new(&too_long) } else { argument }));
    take_environment(&mut command, template);
    let output = command.stdin(Stdio::null()).output().ok()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report.lines().find_map(|line| line.split_once("Collected : "))?;
    line.1.trim().parse().ok()
}

/// Copies a command, because a command that was started can't be changed for one start only.
pub fn again(template: &Command) -> Command {
    let mut command = Command::new(template.get_program());
    command.args(template.get_args());
    take_environment(&mut command, template);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub fn take_environment(command: &mut Command, template: &Command) {
    command.env_clear();
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    if let Some(directory) = template.get_current_dir() {
        command.current_dir(directory);
    }
}

/// Prints a table: the median and minimum of each command, and their ratios to those of each baseline.
pub fn print(times: &[Times], baselines: &[(&str, usize)]) {
    print!("{:<38} {:>10} {:>10} {:>8}", "command", "median", "minimum", "Minstr");
    for (name, _) in baselines {
        print!("   {:>18}", format!("x {name} (med, min)"));
    }
    println!();
    for row in times {
        let instructions = row.instructions.map_or("-".to_owned(), |count| format!("{:.2}", count as f64 / 1e6));
        let (median, minimum) = (milliseconds(row.median()), milliseconds(row.minimum()));
        print!("{:<38} {median:>7.2} ms {minimum:>7.2} ms {instructions:>8}", row.name);
        for (name, index) in baselines {
            let base = &times[*index];
            let width = format!("x {name} (med, min)").len().max(18);
            let ratios =
                format!("{:.2} {:.2}", ratio(row.median(), base.median()), ratio(row.minimum(), base.minimum()));
            print!("   {ratios:>width$}");
        }
        println!();
    }
    println!();
}

pub fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64()
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

//! Running commands side by side, and the table of what they took.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The program that is started.
pub const PROGRAM: &str = "/usr/bin/true";

/// A command and what it is called in the table.
pub struct Subject {
    pub name: String,
    pub command: Command,
}

impl Subject {
    pub fn new(name: impl Into<String>, command: Command) -> Self {
        Self { name: name.into(), command }
    }
}

/// What a command took, run by run.
pub struct Times {
    name: String,
    sorted: Vec<Duration>,
    /// Instructions of one run, by callgrind.
    instructions: Option<u64>,
}

impl Times {
    pub fn minimum(&self) -> Duration {
        self.sorted[0]
    }

    pub fn median(&self) -> Duration {
        self.sorted[self.sorted.len() / 2]
    }

    /// The run that `share` percent of all runs are not slower than.
    pub fn percentile(&self, share: usize) -> Duration {
        self.sorted[(self.sorted.len() * share / 100).min(self.sorted.len() - 1)]
    }

    pub fn of(name: impl Into<String>, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { name: name.into(), sorted: times, instructions: None }
    }
}

/// Runs every command once a round, in turn, after one round that doesn't count.
pub fn measure(subjects: &[Subject], rounds: usize) -> Vec<Times> {
    measure_after(subjects, rounds, |_| {})
}

/// As [`measure`]; before each run `prepare` is called with the index of the command.
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

/// Counts the instructions of one run of each command up to its `execve`, where valgrind is there. Unlike times they are the
/// same on a busy machine; but valgrind's processor has no instructions for SHA-256 and no AVX-512.
pub fn count_instructions(subjects: &[Subject], times: &mut [Times]) {
    for (subject, times) in subjects.iter().zip(times) {
        times.instructions = instructions(&subject.command);
    }
}

fn instructions(template: &Command) -> Option<u64> {
    let mut command = Command::new("/usr/bin/valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(template.get_program());
    // Where the program would become another one, nothing would be counted. That a name is too long, only execve says: of a
    // program that is missing, vault says so before it reads any value.
    let too_long = format!("/{}", "x".repeat(256));
    command
        .args(template.get_args().map(|argument| if argument == PROGRAM { OsStr::new(&too_long) } else { argument }));
    take_environment(&mut command, template);
    let output = command.stdin(Stdio::null()).output().ok()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report.lines().find_map(|line| line.split_once("Collected : "))?;
    line.1.trim().parse().ok()
}

/// A command can be started more than once, but not changed for one start only: so each start gets a copy.
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

/// Prints a table: each command's median and minimum, then, for each of these baselines, the ratios of both to its.
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

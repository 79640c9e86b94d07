//! How much work hostile files make. The tests count steps, because times depend on the machine. They count only what is
//! done here: the parser of the `adotenv` crate has its own tests for this.

use super::*;
use crate::format::dotenv::steps;

const PIECES: &[&str] = &[
    "${", "$", "${A:-", "${A:-}", "${A:-{}", "${B:+", "$A", "$B", "$`", "'", "\"", "\\", "\\$", ":", "#", "=", " ",
    "}", "{",
];

/// Returns hostile files with runs of this piece, `length` bytes long.
fn sources(piece: &str, length: usize) -> Vec<String> {
    let run = piece.repeat(length / piece.len());
    vec![
        format!("A={run}\n"),
        format!("A='{run}:\n"),
        format!("A=\"{run}}}\"\n"),
        format!("B=1\nA={run}\n"),
        format!("A={run}x{}\n", ".".repeat(length)),
    ]
}

/// Returns the steps that each of these files takes, for each dialect.
fn steps_taken(sources: &[String]) -> Vec<usize> {
    let mut all = Vec::new();
    for source in sources {
        for dialect in Dialect::ALL {
            steps::taken();
            let _ = parse(source.as_bytes(), dialect, References::Expand);
            let _ = parse(source.as_bytes(), dialect, References::Keep);
            all.push(steps::taken());
        }
    }
    all
}

#[test]
fn d20_twice_as_long_a_run_of_special_characters_takes_twice_the_steps() {
    let length = 1 << 13;
    for piece in PIECES {
        let (once, twice) = (sources(piece, length), sources(piece, 2 * length));
        let taken = steps_taken(&once).into_iter().zip(steps_taken(&twice));
        for (at, (once, twice)) in taken.enumerate() {
            assert!(twice <= 2 * once + once / 4 + 1000, "file {at} of {piece}: {once} steps, then {twice}");
        }
    }
    assert!(steps_taken(&sources("$A", length)).into_iter().max() > Some(length), "nothing was counted");
}

#[test]
fn d20_a_replacement_that_repeats_what_is_before_it_is_refused_while_it_grows() {
    let source = format!("A={}\nB={}$A\n", "$`".repeat(1 << 14), ".".repeat(1 << 14));
    let _ = steps::taken();
    let error = parse(source.as_bytes(), Dialect::Node, References::Expand).unwrap_err();
    assert!(error.to_string().starts_with("B expands to more than 1 MiB"), "{error}");
    assert!(steps::taken() < 4 << 20);
}

#[test]
fn many_pem_blocks_that_end_nowhere_are_read() {
    assert_eq!(values(&read(&"A=-----BEGIN X\n".repeat(20_000), Dialect::Node)), [("A", "-----BEGIN X")]);
}

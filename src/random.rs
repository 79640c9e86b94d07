//! Random bytes from the operating system. If it provides none, that is an error and not a panic.

use crate::error::{Error, Result};
use rand::RngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

/// Fills all of `bytes`.
///
/// # Errors
/// If the operating system provides no random bytes: see [`unavailable`].
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(|_| unavailable())
}

/// Returns `count` random bytes.
///
/// # Errors
/// As [`fill`].
pub fn bytes(count: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Returns a random number of 64 bits, for a unique name.
///
/// # Errors
/// As [`fill`].
pub fn number() -> Result<u64> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

/// Returns a random number below `bound`, which is at least 1; all are equally likely.
///
/// # Errors
/// As [`fill`].
pub fn below(bound: u32) -> Result<u32> {
    // Numbers above the last whole multiple would favor small results, so they are drawn again.
    let end = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = Zeroizing::new([0; 4]);
        fill(&mut *bytes)?;
        let number = u32::from_ne_bytes(*bytes);
        if number < end {
            return Ok(number % bound);
        }
    }
}

/// What is wrong if there are none.
pub const UNAVAILABLE: &str = "the operating system provides no random bytes";

/// The error if the operating system provides no random bytes.
#[must_use]
pub fn unavailable() -> Error {
    Error::failed(UNAVAILABLE).hint("a sandbox may forbid it: allow getrandom(2), or make /dev/urandom available")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_the_bound_occurs_and_none_above() {
        let mut seen = [0; 6];
        for _ in 0..600 {
            seen[usize::try_from(below(6).unwrap()).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| *count > 30), "{seen:?}");
        assert_eq!(below(1).unwrap(), 0);
    }
}

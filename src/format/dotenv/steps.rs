//! Counts the work of expanding references for a test, because times depend on the machine.

/// Counts steps, for example the bytes that are searched or copied.
#[cfg(not(test))]
#[inline(always)]
pub(super) fn count(_: usize) {}

#[cfg(test)]
pub(super) use counted::count;
#[cfg(test)]
pub(super) use counted::taken;

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// Returns how many steps were counted in this thread since the last call.
    pub fn taken() -> usize {
        STEPS.take()
    }
}

//! Reports the progress of something slow to a caller that wants to show it.

/// Receives the progress of an operation.
pub trait Progress: Send + Sync {
    /// The operation starts, with this many steps.
    fn begin(&self, steps: usize);
    /// A step is done.
    fn step(&self);
    /// The operation has ended, successfully or not.
    fn end(&self);
}

/// Reports the steps of an operation, and its end even after an error.
pub(crate) struct Steps<'a>(Option<&'a dyn Progress>);

impl<'a> Steps<'a> {
    /// Reports the start, if there is a listener. A single step is not worth reporting.
    pub(crate) fn begin(listener: Option<&'a dyn Progress>, steps: usize) -> Self {
        let listener = listener.filter(|_| steps > 1);
        listener.iter().for_each(|listener| listener.begin(steps));
        Self(listener)
    }

    /// Reports that a step is done.
    pub(crate) fn step(&self) {
        self.0.iter().for_each(|listener| listener.step());
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(|listener| listener.end());
    }
}

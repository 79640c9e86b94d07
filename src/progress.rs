//! Progress of something that may take a while, reported to a caller that wants to show it.

/// Is told of the steps of something.
pub trait Progress: Send + Sync {
    /// So many steps begin.
    fn begin(&self, steps: usize);
    /// One is done.
    fn step(&self);
    /// That was the last one, or it failed.
    fn end(&self);
}

/// Steps that are told of; the end, too, however it comes.
pub(crate) struct Steps<'a>(Option<&'a dyn Progress>);

impl<'a> Steps<'a> {
    /// Tells of the beginning, if anybody listens. A single step is not worth telling of.
    pub(crate) fn begin(listener: Option<&'a dyn Progress>, steps: usize) -> Self {
        let listener = listener.filter(|_| steps > 1);
        listener.iter().for_each(|listener| listener.begin(steps));
        Self(listener)
    }

    /// One is done.
    pub(crate) fn step(&self) {
        self.0.iter().for_each(|listener| listener.step());
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(|listener| listener.end());
    }
}

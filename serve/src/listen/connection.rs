//! A connection with a limit on blocked writes: a client that doesn't read would occupy its place forever.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How long a write may be blocked.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The connection.
pub struct Connection {
    stream: Box<dyn Stream>,
    /// The timer, which runs while a write is blocked.
    waiting: Option<Pin<Box<Sleep>>>,
    patience: Duration,
}

impl Connection {
    pub fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, waiting: None, patience: PATIENCE }
    }

    /// Passes on the result of a write, and turns it into an error after too long a wait.
    fn within<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.within(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.within(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_client_that_never_reads_is_disconnected_and_a_slow_one_is_not() {
        let (here, mut there) = tokio::io::duplex(4);
        let mut connection = Connection { patience: Duration::from_millis(20), ..Connection::new(Box::new(here)) };
        let refused = connection.write_all(b"more than fits").await;
        assert_eq!(refused.err().map(|error| error.kind()), Some(io::ErrorKind::TimedOut));

        let (here, mut slow) = tokio::io::duplex(4);
        let mut connection = Connection { patience: Duration::from_secs(60), ..Connection::new(Box::new(here)) };
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            slow.read_to_end(&mut all).await.unwrap();
            all
        });
        connection.write_all(b"more than fits").await.unwrap();
        drop(connection);
        assert_eq!(reading.await.unwrap(), b"more than fits");
        there.shutdown().await.unwrap();
    }
}

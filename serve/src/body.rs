//! Reads request bodies with bounds on size and time. Few large bodies are read at a time, so that clients without a
//! session can't fill the memory.

use crate::api::{ApiError, Code, Result};
use axum::body::Body;
use http_body_util::BodyExt as _;
use std::ops::Deref;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

/// The largest body, in bytes. It has room for a few values of the largest size.
const LARGEST: usize = 8 * 1024 * 1024;
/// The largest body, in bytes, that needs no permit of [`LARGE`]: every connection may hold one this large.
const SMALL: usize = 128 * 1024;
/// Limits how many larger bodies are in memory at a time. Further requests wait.
static LARGE: Semaphore = Semaphore::const_new(4);
/// How long the whole body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request body that was read completely.
pub struct Whole {
    bytes: Zeroizing<Vec<u8>>,
    /// The permit of a large body, held until the body is dropped.
    _room: Option<SemaphorePermit<'static>>,
}

impl Deref for Whole {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body.
///
/// # Errors
/// If the body is too large, ends early, or takes too long.
pub async fn read(body: Body) -> Result<Whole> {
    within(PATIENCE, body).await
}

async fn within(patience: Duration, body: Body) -> Result<Whole> {
    let slow = || {
        let what = format!("the body did not arrive within {} seconds", PATIENCE.as_secs());
        ApiError::new(Code::InvalidJson, what).status(408)
    };
    tokio::time::timeout(patience, whole(body)).await.map_err(|_| slow())?
}

/// Reads a body to its end. A body that is too large is read as well, up to four times the limit: a client that is
/// still sending would not see the response.
async fn whole(mut body: Body) -> Result<Whole> {
    let (mut bytes, mut room, mut length) = (Zeroizing::new(Vec::new()), None, 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::new(Code::InvalidJson, "the body ended early"))?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length > 4 * LARGEST {
            break;
        }
        if length > SMALL && room.is_none() {
            let ending = |_| ApiError::new(Code::Internal, "the server is shutting down").status(503);
            room = Some(LARGE.acquire().await.map_err(ending)?);
        }
        if length <= LARGEST {
            bytes.extend_from_slice(data);
        }
    }
    match length > LARGEST {
        true => Err(ApiError::validation(format!("the body is larger than {LARGEST} bytes")).status(413)),
        false => Ok(Whole { bytes, _room: room }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn error_status(body: Body) -> Option<u16> {
        read(body).await.err().map(|error| error.status)
    }

    #[tokio::test]
    async fn waiting_for_a_body_that_never_arrives_times_out() {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        sender.send(hyper::body::Bytes::from_static(b"{")).await.unwrap();
        let refused = within(Duration::from_millis(20), Body::new(crate::live::Frames(receiver))).await;
        assert_eq!(refused.err().map(|error| error.status), Some(408));
        drop(sender);
    }

    #[tokio::test]
    async fn large_bodies_are_read_one_at_a_time_and_too_large_ones_are_refused() {
        assert_eq!(&*read(Body::from("{}")).await.unwrap(), b"{}");
        assert_eq!(error_status(Body::from(vec![b' '; LARGEST + 1])).await, Some(413));
        let held: Vec<Whole> = {
            let mut held = Vec::new();
            for _ in 0..4 {
                held.push(read(Body::from(vec![b' '; SMALL + 1])).await.unwrap());
            }
            held
        };
        let waiting = tokio::spawn(read(Body::from(vec![b' '; SMALL + 1])));
        assert_eq!(read(Body::from("small ones go on")).await.unwrap().len(), 16);
        assert!(!waiting.is_finished());
        drop(held);
        assert_eq!(waiting.await.unwrap().unwrap().len(), SMALL + 1);
    }
}

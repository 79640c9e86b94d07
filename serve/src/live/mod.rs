//! Live queries: sends changes as they happen, whichever process makes them. They come as Parse's LiveQuery on a
//! WebSocket at `/parse`, and as server-sent events at `/events`. Events never have values.

mod compare;
mod events;
mod message;
mod socket;
mod subscription;
mod watching;

#[cfg(test)]
pub use events::Frames;
pub use watching::Live;

use axum::Router;
use axum::routing::get;

/// The routes of this front end.
pub fn router(live: Live) -> Router {
    Router::new().route("/parse", get(socket::open)).route("/events", get(events::open)).with_state(live)
}

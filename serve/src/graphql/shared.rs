//! What the fields of a request share.

use super::document::Document;
use crate::api::{Api, ApiError, Client, Code, Result, Token};
use async_graphql::dynamic::ResolverContext;
use std::sync::Arc;

/// One request: its caller and its document. Every field can read it.
pub struct Shared {
    pub api: Arc<Api>,
    pub token: Option<Token>,
    pub client: Client,
    pub document: Document,
}

impl Shared {
    /// Returns the request that a field belongs to.
    pub fn from_context<'a>(context: &ResolverContext<'a>) -> Result<&'a Self> {
        context.ctx.data::<Self>().map_err(|_| ApiError::new(Code::Internal, "the request is missing"))
    }
}

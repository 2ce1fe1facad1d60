//! What there is: groups, versions, resources, the version, health.

use super::errors;
use crate::ApiServer;
use apimachinery::{Body, Request, Response, Status};

/// GET of anything that is no resource.
pub fn get(_server: &ApiServer, request: &Request) -> Result<Response, Status> {
    match request.path.trim_end_matches('/') {
        "/healthz" | "/livez" | "/readyz" => {
            Ok(Response { status: 200, warnings: Vec::new(), body: Body::Text("ok".into()) })
        }
        _ => Ok(errors::page_not_found()),
    }
}

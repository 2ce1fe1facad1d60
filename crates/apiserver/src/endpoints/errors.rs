//! Errors of the HTTP layer. Those of objects are in `apimachinery::status`.

use crate::Call;
use apimachinery::{Body, Response, Status, json};

/// 404 for a path that means nothing: plain text, as Go's net/http sends it.
pub fn page_not_found() -> Response {
    Response { status: 404, warnings: Vec::new(), body: Body::Text("404 page not found\n".into()) }
}

/// 405.
pub fn method_not_allowed() -> Status {
    Status::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
}

/// 413.
pub fn too_large(message: String) -> Status {
    Status::new(413, "RequestEntityTooLarge", format!("Request entity is too large: {message}"))
}

/// 413 for a body of more than `limit` bytes.
pub fn body_too_large(limit: usize) -> Status {
    too_large(format!("limit is {limit}"))
}

/// 415. Mirrors negotiation.NewUnsupportedMediaTypeError.
pub fn unsupported_media_type(accepted: &[&str]) -> Status {
    Status::new(
        415,
        "UnsupportedMediaType",
        format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            accepted.join(", ")
        ),
    )
}

/// 410: a watch or a continue token from too long ago.
pub fn expired(message: String) -> Status {
    Status::new(410, "Expired", message)
}

/// 504: a resourceVersion from the future. Mirrors storage.NewTooLargeResourceVersionError.
pub fn too_large_version(wanted: u64, current: u64) -> Status {
    let message = format!("Timeout: Too large resource version: {wanted}, current: {current}");
    let mut status = Status::new(504, "Timeout", message);
    let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
    status.0.set_at("details.causes", vec![cause]);
    status.0.set_at("details.retryAfterSeconds", 1);
    status
}

/// 503.
pub fn service_unavailable(message: String) -> Status {
    Status::new(503, "ServiceUnavailable", message)
}

/// 501 for a part of the real API that is not simulated: it is named, not ignored.
pub fn not_simulated(call: &Call<'_>) -> Status {
    let what = format!("{}/{}", call.plural(), call.subresource);
    Status::new(501, "NotImplemented", format!("the subresource {what} is not simulated in this cluster"))
}

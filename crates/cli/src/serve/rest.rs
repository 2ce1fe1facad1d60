//! HTTP messages to REST-shaped requests and back.

use apimachinery::{Body, Method, Request, Response, Status, Value};
use apiserver::protobuf;
use sim::net::{HttpRequest, HttpResponse};

/// The request that an HTTP message stands for; or why it stands for none.
pub(crate) fn request(http: &HttpRequest) -> Result<Request, Status> {
    let method = match http.method.as_str() {
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => return Err(Status::new(405, "MethodNotAllowed", format!("method {other} is not allowed"))),
    };
    let (path, query) = http.path.split_once('?').unwrap_or((&http.path, ""));
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut request = Request::new(method, path);
    request.query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    request.content_type = media_type(http.header("content-type").unwrap_or_default()).into();
    request.accept = http.header("accept").unwrap_or_default().into();
    request.agent =
        http.header("user-agent").unwrap_or_default().split('/').next().unwrap_or_default().into();
    request.body = body(&request.content_type, &http.body)?;
    Ok(request)
}

fn media_type(header: &str) -> &str {
    header.split(';').next().unwrap_or_default().trim()
}

fn body(content_type: &str, bytes: &[u8]) -> Result<Body, Status> {
    if bytes.is_empty() {
        return Ok(Body::Empty);
    }
    if content_type == protobuf::CONTENT_TYPE {
        return protobuf::decode(bytes).map(Body::Value).map_err(Status::bad_request);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Status::new(415, "UnsupportedMediaType", "the body is not UTF-8"))?;
    Ok(Body::Text(text.into()))
}

/// The HTTP message of an answer that ends.
pub(crate) fn response(response: Response) -> HttpResponse {
    let mut http = match response.body {
        Body::Value(value) => {
            HttpResponse::new(response.status, content_type(&value), value.to_json() + "\n")
        }
        Body::Text(text) => HttpResponse::new(response.status, "text/plain; charset=utf-8", text),
        Body::Empty | Body::Watch(_) | Body::Connect(_) => {
            HttpResponse { status: response.status, ..Default::default() }
        }
    };
    http.headers.extend(warnings(&response.warnings));
    http
}

/// Aggregated discovery is told from the older one by its content type.
fn content_type(value: &Value) -> &'static str {
    match value["kind"].str() {
        "APIGroupDiscoveryList" => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        _ => "application/json",
    }
}

/// `Warning` headers, as RFC 7234 writes them.
pub(crate) fn warnings(texts: &[String]) -> impl Iterator<Item = (String, String)> {
    texts.iter().map(|t| ("Warning".to_string(), format!("299 - {t:?}")))
}

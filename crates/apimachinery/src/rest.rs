//! Requests and answers in the shape of Kubernetes' REST API, as plain data.

use crate::{Object, Status, Value};

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // their names say it
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// `Content-Type` of a JSON patch.
pub const JSON_PATCH: &str = "application/json-patch+json";
/// `Content-Type` of a merge patch.
pub const MERGE_PATCH: &str = "application/merge-patch+json";
/// `Content-Type` of a strategic merge patch.
pub const STRATEGIC_PATCH: &str = "application/strategic-merge-patch+json";
/// `Content-Type` of a server-side apply.
pub const APPLY_PATCH: &str = "application/apply-patch+yaml";
/// `Accept` of a request that wants the server's columns.
pub const AS_TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// A request to the API server.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path without query, such as `/apis/apps/v1/namespaces/default/deployments/web`.
    pub path: String,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// `Content-Type`; empty means JSON.
    pub content_type: String,
    /// `Accept`; empty means JSON.
    pub accept: String,
    /// Who asks: a `User-Agent`, such as `kubectl`, `deployment-controller`, `kubelet/minikube-m02`.
    pub agent: String,
    /// The body.
    pub body: Body,
}

/// The body of a request or of an answer.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// JSON, not serialised.
    Value(Value),
    /// Text that is not JSON: logs, `/healthz`, or a request body still to be parsed.
    Text(String),
    /// Answers only: a watch that has begun. The caller polls it.
    Watch(Box<Cursor>),
    /// Answers only: the API server would now connect the caller with a kubelet (log, exec, attach, portforward) or
    /// with a pod or service (proxy). Whoever carries the request does so.
    Connect(Box<Connect>),
}

/// A watch: what is looked at and how far it was read.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// The path of the collection, as it was asked for.
    pub path: String,
    /// What the keys of its objects begin with in the store.
    pub prefix: String,
    /// Label selector, as it was asked for; empty for all.
    pub label_selector: String,
    /// Field selector, as it was asked for; empty for all.
    pub field_selector: String,
    /// Whether rows of a Table are wanted instead of objects.
    pub table: bool,
    /// The store's revision up to which it was read.
    pub revision: u64,
    /// Objects to say ADDED for first (a watch from revision 0 or none); emptied by the first poll.
    pub initial: Vec<Object>,
}

/// One change that a watch reports.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchEvent {
    /// What happened.
    pub kind: WatchKind,
    /// The object after it (before it, for `Deleted`); a Status for `Error`.
    pub object: Object,
}

/// The `type` of a watch event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Kubernetes' own words
pub enum WatchKind {
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

impl WatchKind {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            WatchKind::Added => "ADDED",
            WatchKind::Modified => "MODIFIED",
            WatchKind::Deleted => "DELETED",
            WatchKind::Bookmark => "BOOKMARK",
            WatchKind::Error => "ERROR",
        }
    }
}

/// What the API server would connect the caller with.
#[derive(Clone, Debug)]
pub struct Connect {
    /// The subresource: `log`, `exec`, `attach`, `portforward` or `proxy`.
    pub subresource: String,
    /// The pod or service, as it stands in the store.
    pub object: Object,
    /// What follows the subresource in the path (`proxy`), beginning with `/` or empty.
    pub rest: String,
    /// The port or scheme part of a proxied name (`http:name:port`), as it was written: (scheme, port).
    pub target: (String, String),
}

/// An answer of the API server.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `Warning` headers, their text.
    pub warnings: Vec<String>,
    /// The body.
    pub body: Body,
}

impl Request {
    /// A request without body.
    pub fn new(method: Method, path: impl Into<String>) -> Request {
        Request {
            method,
            path: path.into(),
            query: Vec::new(),
            content_type: String::new(),
            accept: String::new(),
            agent: String::new(),
            body: Body::Empty,
        }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Request {
        Request::new(Method::Get, path)
    }

    /// With a JSON body.
    pub fn with_body(mut self, body: impl Into<Value>) -> Request {
        self.body = Body::Value(body.into());
        self
    }

    /// With one more query parameter.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Request {
        self.query.push((key.into(), value.into()));
        self
    }

    /// A patch of the given `Content-Type`.
    pub fn patch(path: impl Into<String>, content_type: &str, patch: impl Into<Value>) -> Request {
        let mut request = Request::new(Method::Patch, path).with_body(patch);
        request.content_type = content_type.into();
        request
    }

    /// The first value of a query parameter.
    pub fn param(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Whether a query parameter is there and true (`true`, `1` or empty).
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.param(key), Some("true" | "1" | ""))
    }

    /// All values of a query parameter that may be repeated.
    pub fn params<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(k, _)| k == key).map(|(_, v)| v.as_str())
    }
}

impl Response {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: impl Into<Value>) -> Response {
        Response { status, warnings: Vec::new(), body: Body::Value(body.into()) }
    }

    /// Whether the status is 2xx (or a switch of protocols).
    pub fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The JSON body; null when there is none.
    pub fn value(&self) -> Value {
        match &self.body {
            Body::Value(value) => value.clone(),
            _ => Value::Null,
        }
    }

    /// The object that it carries, or the Status that says why not.
    pub fn into_object(self) -> Result<Object, Status> {
        match self.body {
            Body::Value(value) if self.status < 300 => Ok(Object(value)),
            Body::Value(value) => Err(Status::from_value(value)),
            Body::Text(text) if self.status >= 300 => Err(Status::new(self.status, "", text)),
            _ => Err(Status::internal_error("the server answered without an object")),
        }
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Response {
        Response::json(status.code(), status.0)
    }
}

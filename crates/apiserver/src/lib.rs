//! The API server as a function: same state, same time, same request, same answer.
//!
//! [`ApiServer::handle`] takes a request in the shape of REST and gives the answer that kube-apiserver would give;
//! [`ApiServer::poll`] reads on in a watch. There are no callbacks and no threads, and nothing here knows who asks.
//!
//! The way of a request: [`request_info`] finds out what is meant, `endpoints` speaks HTTP (bodies, patches, tables,
//! discovery), `admission` lets it pass or not, `registry` reads and writes objects as each kind wants it.

mod admission;
mod endpoints;
mod kinds;
pub mod protobuf;
mod registry;
mod request_info;
mod versions;

use apimachinery::rest::{Cursor, WatchEvent};
use apimachinery::{Body, Method, Object, Request, Response, Status, Value};
use etcd::Store;
use kinds::Kind;
use request_info::Target;
use sim::{Rng, Time};
use std::sync::Arc;
use versions::Version;

/// The largest body of a request, in bytes. Mirrors MaxRequestBodyBytes.
pub const MAX_REQUEST_BYTES: usize = 3 * 1024 * 1024;
/// The largest object that the store takes, in bytes of JSON. Mirrors etcd's request limit.
pub const MAX_OBJECT_BYTES: usize = 1536 * 1024;
/// The most objects of one kind. A real cluster would be out of disk or patience; a page must say so.
pub const MAX_OBJECTS_PER_KIND: usize = 50_000;

/// The state of the API server: everything that is stored, and its own random numbers. A clone is cheap.
#[derive(Clone)]
pub struct ApiServer {
    store: Store<Object>,
    rng: Rng,
    /// How many objects there are of each kind, in the order of the table of kinds.
    counts: Vec<usize>,
    /// When to look for Events that are too old.
    next_sweep: Time,
    /// What metrics-server would answer; `None` while there is none.
    metrics: Option<Arc<Vec<Object>>>,
}

/// A request that has found its kind, on its way through the server.
struct Call<'a> {
    now: Time,
    /// The request; its body has been taken out.
    request: &'a Request,
    body: Body,
    kind: &'static Kind,
    /// The version that was asked for, when it is not the one that is stored.
    version: Option<&'static Version>,
    namespace: &'a str,
    name: &'a str,
    subresource: &'a str,
    /// What follows the subresource in the path, with its `/`; empty for none.
    rest: &'a str,
    dry_run: bool,
    warnings: Vec<String>,
}

/// One write, for those who deliver changes.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'a> {
    /// Plural of the resource.
    pub plural: &'static str,
    /// Before; `None` for a new object.
    pub old: Option<&'a Object>,
    /// After; `None` for a deletion.
    pub new: Option<&'a Object>,
}

impl ApiServer {
    /// An empty one. All of its random numbers (uids, ends of names) come from `rng`.
    pub fn new(rng: Rng) -> ApiServer {
        ApiServer {
            store: Store::default(),
            rng,
            counts: vec![0; kinds::all().count()],
            next_sweep: Time::ZERO,
            metrics: None,
        }
    }

    /// What metrics-server has measured: objects of kinds `NodeMetrics` and `PodMetrics`. With `None` the group
    /// `metrics.k8s.io` does not exist, as in a cluster without metrics-server.
    pub fn set_metrics(&mut self, metrics: Option<Vec<Object>>) {
        self.metrics = metrics.map(Arc::new);
    }

    /// Deletes whatever is stored, as if the disk were emptied. Revisions go on, so that those who watch hear of it.
    pub fn wipe(&mut self) {
        let keys: Vec<String> = self.store.range("").map(|(key, _)| key.to_string()).collect();
        for key in keys {
            self.store.put(&key, None);
        }
        self.counts.iter_mut().for_each(|count| *count = 0);
        self.metrics = None;
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.store.revision()
    }

    /// The objects of a resource, in the order of namespace and name, for those who only look.
    pub fn objects(&self, resource: &apimachinery::Resource) -> Vec<Object> {
        self.store.range(&registry::prefix(resource, "")).map(|(_, entry)| entry.value.clone()).collect()
    }

    /// One object, for those who only look.
    pub fn object(&self, resource: &apimachinery::Resource, namespace: &str, name: &str) -> Option<Object> {
        self.get_object(resource, namespace, name).cloned()
    }

    /// The writes after a revision, oldest first: the resource's plural, the object before and after. Nothing when the
    /// log does not reach back that far.
    pub fn changes_since(&self, revision: u64) -> impl Iterator<Item = Changed<'_>> {
        let changes = self.store.since(revision).ok().into_iter().flatten();
        changes.map(|c| {
            let kind = c.new.as_ref().or(c.old.as_ref()).map_or("", |o| o.kind());
            let plural = kinds::all().find(|k| k.resource.kind == kind).map_or("", |k| k.resource.plural);
            Changed { plural, old: c.old.as_ref(), new: c.new.as_ref() }
        })
    }

    /// Answers a request at the time `now`.
    pub fn handle(&mut self, now: Time, mut request: Request) -> Response {
        self.sweep(now);
        let body = std::mem::take(&mut request.body);
        self.route(now, &request, body).unwrap_or_else(Response::from)
    }

    /// What a watch has to report since it was last polled; moves the cursor on. `now` is for the ages
    /// in rows of Tables.
    ///
    /// When the log no longer reaches back to the cursor, the answer is one `Error` event (410 Expired): list again.
    pub fn poll(&mut self, now: Time, cursor: &mut Cursor) -> Vec<WatchEvent> {
        endpoints::watch::poll(self, now, cursor)
    }

    fn route(&mut self, now: Time, request: &Request, body: Body) -> Result<Response, Status> {
        if let Body::Text(text) = &body
            && text.len() > MAX_REQUEST_BYTES
        {
            return Err(endpoints::errors::body_too_large(MAX_REQUEST_BYTES));
        }
        let target = match request_info::parse(&request.path) {
            Target::Objects(target) => target,
            Target::Metrics { namespace, resource, name } => {
                return endpoints::metrics::get(self, request, namespace, resource, name);
            }
            Target::Other => return endpoints::discovery::get(self, request),
        };
        let mut call = Call {
            now,
            request,
            body,
            kind: target.kind,
            version: target.version,
            namespace: target.namespace,
            name: target.name,
            subresource: target.subresource,
            rest: target.rest,
            dry_run: endpoints::options::dry_run(request)?,
            warnings: Vec::new(),
        };
        let mut response = self.dispatch(&mut call)?;
        call.warnings.extend(kinds::deprecation(call.kind).map(str::to_string));
        response.warnings.append(&mut call.warnings);
        Ok(response)
    }

    fn dispatch(&mut self, call: &mut Call<'_>) -> Result<Response, Status> {
        if !call.subresource.is_empty() {
            return endpoints::subresource::handle(self, call);
        }
        let verb = endpoints::verb(call);
        if !call.kind.verbs.contains(&verb) {
            return Err(endpoints::errors::method_not_allowed());
        }
        if call.kind.storage == kinds::Storage::Computed {
            return endpoints::componentstatus::get(call);
        }
        match (call.request.method, call.name) {
            (Method::Get, _) if call.request.flag("watch") => endpoints::watch::begin(self, call),
            (Method::Get, "") => endpoints::list::list(self, call),
            (Method::Get, _) => endpoints::get(self, call),
            (Method::Post, _) => endpoints::create(self, call),
            (Method::Put, _) => endpoints::update(self, call),
            (Method::Patch, _) => endpoints::patch::patch_object(self, call),
            (Method::Delete, "") => endpoints::delete_collection(self, call),
            (Method::Delete, _) => endpoints::delete(self, call),
        }
    }
}

impl Call<'_> {
    /// The kind as the caller knows it.
    fn served(&self) -> &'static Kind {
        self.version.map_or(self.kind, |v| &v.kind)
    }

    /// An object as the caller wants to see it.
    fn serve(&self, object: Object) -> Object {
        match self.version {
            Some(version) => version.serve(object),
            None => object,
        }
    }

    /// The kind's group.
    fn group(&self) -> &'static str {
        self.served().resource.group
    }

    /// The kind's plural.
    fn plural(&self) -> &'static str {
        self.served().resource.plural
    }

    /// 404 for the object that was asked for.
    fn not_found(&self) -> Status {
        Status::not_found(self.group(), self.plural(), self.name)
    }

    /// 409 for the object that was asked for.
    fn conflict(&self, why: &str) -> Status {
        Status::conflict(self.group(), self.plural(), self.name, why)
    }

    /// 403 for an object called `name`.
    fn forbidden(&self, name: &str, why: &str) -> Status {
        Status::forbidden(self.group(), self.plural(), name, why)
    }

    /// An object (or a Table with its row, or its metadata alone), as `Accept` asks for it.
    fn respond(&self, status: u16, object: Object) -> Response {
        Response::json(status, endpoints::table::transform(self, object))
    }
}

/// Whether two values are equal; shared parts are not looked into.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            Arc::ptr_eq(x, y)
                || x.len() == y.len() && x.iter().zip(y.iter()).all(|((k, v), (l, w))| k == l && same(v, w))
        }
        (Value::Array(x), Value::Array(y)) => {
            Arc::ptr_eq(x, y) || x.len() == y.len() && x.iter().zip(y.iter()).all(|(v, w)| same(v, w))
        }
        (Value::String(x), Value::String(y)) => Arc::ptr_eq(x, y) || x == y,
        (x, y) => x == y,
    }
}

#[cfg(test)]
mod tests;

use crate::{Signal, SignalKind};
use apimachinery::rest::{Cursor, MERGE_PATCH, STRATEGIC_PATCH, WatchEvent};
use apimachinery::{Body, Method, Object, Request, Resource, Response, Status, Value};
use sim::{Rng, Time};

/// The API server as components see it: answers at once, in virtual time.
pub trait Server {
    /// Handles one request.
    fn request(&mut self, request: Request) -> Response;
    /// What a watch has to report since it was last polled; moves the cursor on. An `Error` event (410 Gone) ends the
    /// watch: list again.
    fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent>;
}

/// A part of the cluster that runs in virtual time: it watches and writes through the API alone.
///
/// All of its state is plain data, so that a cluster can be cloned at any moment.
pub trait Component {
    /// Plurals of the resources whose changes wake it (after the delay of watch delivery).
    fn watches(&self) -> &'static [&'static str];
    /// When it wants to run next, apart from changes. `None`: only when something changes.
    fn wake(&self) -> Option<Time>;
    /// Pulls what is new and does everything that is due at `ctx.now`.
    fn run(&mut self, ctx: &mut Context<'_>);
}

/// What a component has in its hands while it runs.
pub struct Context<'a> {
    /// The virtual time.
    pub now: Time,
    /// Its own random numbers.
    pub rng: &'a mut Rng,
    /// The API.
    pub server: &'a mut dyn Server,
    /// What it says to whoever looks on.
    pub signals: &'a mut Vec<Signal>,
    /// Who it is, as `User-Agent` and in signals: `deployment-controller`, `default-scheduler`, `kubelet/minikube`.
    pub agent: &'static str,
}

impl Context<'_> {
    /// Sends a request in this component's name.
    pub fn send(&mut self, mut request: Request) -> Response {
        request.agent = self.agent.into();
        self.server.request(request)
    }

    /// Says something to whoever looks on.
    pub fn signal(&mut self, kind: SignalKind) {
        self.signals.push(Signal { at: self.now, agent: self.agent.into(), kind });
    }

    /// Reads one object.
    pub fn get(&mut self, r: &Resource, namespace: &str, name: &str) -> Result<Object, Status> {
        self.send(Request::get(r.object_path(namespace, name))).into_object()
    }

    /// Reads all objects of a namespace, or of all namespaces (empty).
    pub fn list(&mut self, r: &Resource, namespace: &str) -> Result<Vec<Object>, Status> {
        let list = self.send(Request::get(r.path(namespace))).into_object()?;
        Ok(list["items"].items().iter().cloned().map(Object).collect())
    }

    /// Creates an object in the namespace that it names.
    pub fn create(&mut self, r: &Resource, object: impl Into<Value>) -> Result<Object, Status> {
        let value = object.into();
        let path = r.path(value["metadata"]["namespace"].str());
        self.send(Request::new(Method::Post, path).with_body(value)).into_object()
    }

    /// Replaces an object; fails with a conflict when its resourceVersion is old.
    pub fn update(&mut self, r: &Resource, object: impl Into<Value>) -> Result<Object, Status> {
        self.put(r, object.into(), "")
    }

    /// Replaces an object's status.
    pub fn update_status(&mut self, r: &Resource, object: impl Into<Value>) -> Result<Object, Status> {
        self.put(r, object.into(), "/status")
    }

    fn put(&mut self, r: &Resource, value: Value, subresource: &str) -> Result<Object, Status> {
        let meta = &value["metadata"];
        let path = r.object_path(meta["namespace"].str(), meta["name"].str());
        self.send(Request::new(Method::Put, path + subresource).with_body(value)).into_object()
    }

    /// Patches an object with a strategic merge patch. `subresource` is empty or such as `status`.
    pub fn patch(
        &mut self,
        r: &Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: Value,
    ) -> Result<Object, Status> {
        self.patch_as(STRATEGIC_PATCH, r, namespace, name, subresource, patch)
    }

    /// Patches an object with a JSON merge patch.
    pub fn merge_patch(
        &mut self,
        r: &Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: Value,
    ) -> Result<Object, Status> {
        self.patch_as(MERGE_PATCH, r, namespace, name, subresource, patch)
    }

    fn patch_as(
        &mut self,
        content_type: &str,
        r: &Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: Value,
    ) -> Result<Object, Status> {
        let mut path = r.object_path(namespace, name);
        if !subresource.is_empty() {
            path = format!("{path}/{subresource}");
        }
        self.send(Request::patch(path, content_type, patch)).into_object()
    }

    /// Deletes an object. `options` is a metav1.DeleteOptions (`{}` for the defaults).
    pub fn delete(
        &mut self,
        r: &Resource,
        namespace: &str,
        name: &str,
        options: Value,
    ) -> Result<(), Status> {
        let request = Request::new(Method::Delete, r.object_path(namespace, name)).with_body(options);
        self.send(request).into_object().map(drop)
    }

    /// Begins a watch of all namespaces from nothing: the first poll gives every object as `Added`.
    pub fn watch(
        &mut self,
        r: &Resource,
        label_selector: &str,
        field_selector: &str,
    ) -> Result<Cursor, Status> {
        let mut request = Request::get(r.path("")).with("watch", "true");
        for (key, text) in [("labelSelector", label_selector), ("fieldSelector", field_selector)] {
            if !text.is_empty() {
                request = request.with(key, text);
            }
        }
        match self.send(request) {
            Response { body: Body::Watch(cursor), .. } => Ok(*cursor),
            other => Err(other.into_object().err().unwrap_or_else(|| Status::internal_error("not a watch"))),
        }
    }
}

//! Other versions of stored kinds: what a client writes is converted to the stored version, what it reads is converted
//! back. One file a version, one line in [`VERSIONS`]. Mirrors pkg/apis/*/conversion.go.

mod autoscaling_v1;
mod events_v1;

use crate::kinds::Kind;
use apimachinery::{Object, Value};

/// A version that is served but not stored.
pub struct Version {
    /// The kind as it is served: its path, its schema.
    pub kind: Kind,
    /// The kind that is stored.
    pub stored: &'static Kind,
    /// From what was decoded to the stored form; `apiVersion` and `kind` are set afterwards.
    pub to_stored: fn(&mut Value),
    /// From the stored form to what is served.
    pub from_stored: fn(&mut Value),
}

/// All of them.
pub static VERSIONS: &[&Version] = &[&autoscaling_v1::VERSION, &events_v1::VERSION];

impl Version {
    /// An object as a client of this version sees it.
    pub fn serve(&self, mut object: Object) -> Object {
        (self.from_stored)(&mut object.0);
        self.name(object, &self.kind)
    }

    /// An object of this version in its stored form.
    pub fn store(&self, mut object: Object) -> Object {
        (self.to_stored)(&mut object.0);
        self.stored.default(&mut object.0);
        self.name(object, self.stored)
    }

    fn name(&self, mut object: Object, kind: &Kind) -> Object {
        object.set("apiVersion", kind.resource.api_version());
        object.set("kind", kind.resource.kind);
        object
    }
}

/// Moves a field to another name.
fn rename(value: &mut Value, from: &str, to: &str) {
    if let Some(moved) = value.remove(from) {
        value.set(to, moved);
    }
}

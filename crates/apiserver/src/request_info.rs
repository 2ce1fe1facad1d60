//! From a path to what is meant by it. Mirrors apiserver/pkg/endpoints/request/requestinfo.go.

use crate::kinds::{self, Kind};
use crate::versions::Version;

/// What a path means.
pub enum Target<'a> {
    /// Objects of a kind, one of them, or a subresource.
    Objects(Objects<'a>),
    /// metrics.k8s.io: `nodes` or `pods`, all or one.
    Metrics { namespace: &'a str, resource: &'a str, name: &'a str },
    /// Not a resource: discovery, `/healthz`, or nothing that exists.
    Other,
}

/// A path below a group and version.
pub struct Objects<'a> {
    pub kind: &'static Kind,
    /// The version that was asked for, when it is not the one that is stored.
    pub version: Option<&'static Version>,
    pub namespace: &'a str,
    pub name: &'a str,
    pub subresource: &'a str,
    /// What follows the subresource, with its `/`.
    pub rest: &'a str,
}

/// Subresources of Namespace: in `/namespaces/x/status`, `status` is no resource in a namespace.
const NAMESPACE_SUBRESOURCES: [&str; 2] = ["status", "finalize"];

/// Reads a path (without query).
pub fn parse(path: &str) -> Target<'_> {
    parse_resource(path).unwrap_or(Target::Other)
}

fn parse_resource(path: &str) -> Option<Target<'_>> {
    let path = path.strip_prefix('/')?;
    let (root, rest) = path.split_once('/')?;
    let (group, rest) = match root {
        "api" => ("", rest),
        "apis" => rest.split_once('/')?,
        _ => return None,
    };
    let (version, rest) = rest.split_once('/')?;
    let (first, after) = next(rest);
    let (namespace, resource, after) = match (first, next(after)) {
        // `/namespaces/NS/RESOURCE...`, but not `/namespaces/NS` or `/namespaces/NS/status`.
        ("namespaces", (namespace, tail)) => match next(tail) {
            ("", _) => ("", first, after),
            (sub, _) if group.is_empty() && NAMESPACE_SUBRESOURCES.contains(&sub) => ("", first, after),
            (resource, tail) => (namespace, resource, tail),
        },
        _ => ("", first, after),
    };
    let (name, after) = next(after);
    let (subresource, rest) = match after.split_once('/') {
        Some((sub, _)) => (sub, &after[sub.len()..]),
        None => (after, ""),
    };
    if group == "metrics.k8s.io" && version == "v1beta1" {
        return Some(Target::Metrics { namespace, resource, name });
    }
    let (kind, version) = match kinds::find(group, version, resource) {
        Some(kind) => (kind, None),
        None => kinds::version(group, version, resource).map(|v| (v.stored, Some(v)))?,
    };
    // An object of a namespaced kind must be asked for in its namespace; one without must not.
    let misplaced = if kind.resource.namespaced {
        namespace.is_empty() && !name.is_empty()
    } else {
        !namespace.is_empty()
    };
    if misplaced {
        return None;
    }
    Some(Target::Objects(Objects { kind, version, namespace, name, subresource, rest }))
}

/// The part before the first `/` and what follows it.
fn next(path: &str) -> (&str, &str) {
    path.split_once('/').unwrap_or((path, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> String {
        match parse(path) {
            Target::Objects(o) => {
                format!("{} {} {} {} {}", o.kind.resource.plural, o.namespace, o.name, o.subresource, o.rest)
            }
            Target::Metrics { namespace, resource, name } => format!("metrics {resource} {namespace} {name}"),
            Target::Other => "other".into(),
        }
    }

    #[test]
    fn paths_are_understood() {
        let cases = [
            ("/api/v1/pods", "pods    "),
            ("/api/v1/namespaces/d/pods/p", "pods d p  "),
            ("/api/v1/namespaces/d/pods/p/log", "pods d p log "),
            ("/api/v1/namespaces/d/pods/http:p:80/proxy/a/b", "pods d http:p:80 proxy /a/b"),
            ("/api/v1/namespaces/d/pods/p/proxy/", "pods d p proxy /"),
            ("/api/v1/namespaces", "namespaces    "),
            ("/api/v1/namespaces/d", "namespaces  d  "),
            ("/api/v1/namespaces/d/finalize", "namespaces  d finalize "),
            ("/api/v1/nodes/n/status", "nodes  n status "),
            ("/apis/apps/v1/namespaces/d/deployments/w/scale", "deployments d w scale "),
            ("/apis/metrics.k8s.io/v1beta1/namespaces/d/pods", "metrics pods d "),
            ("/api/v1/namespaces/d/nodes/n", "other"),
            ("/api/v1/pods/p", "other"),
            ("/apis/apps/v2/deployments", "other"),
            ("/api/v1", "other"),
            ("/", "other"),
            ("", "other"),
        ];
        for (path, meaning) in cases {
            assert_eq!(read(path), meaning, "{path}");
        }
    }
}

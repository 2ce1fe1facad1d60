//! Empties namespaces that are on their way out, and lets them go. Mirrors pkg/controller/namespace.

mod status;

use crate::{Cache, Controller};
use apimachinery::{Method, Object, Request, Resource, Status, json};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes, so that every API server has seen the deletion. Mirrors
/// namespaceDeletionGracePeriod.
const GRACE: Duration = Duration::from_secs(5);
/// How long finalizers are expected to take, in seconds. Mirrors finalizerEstimateSeconds.
const FINALIZER_ESTIMATE: i64 = 15;

const NAMESPACES: Resource = api::namespace::RESOURCE;
const PODS: Resource = api::pod::RESOURCE;

/// The namespace controller.
#[derive(Clone, Default)]
pub struct NamespaceController {
    queue: WorkQueue,
}

/// What is left in a namespace.
#[derive(Default)]
pub struct Remaining {
    /// (resource.group, how many).
    pub objects: Vec<(String, usize)>,
    /// (finalizer, on how many objects).
    pub finalizers: Vec<(String, usize)>,
    /// In how many seconds it may be gone.
    pub estimate: i64,
    /// What could not be deleted.
    pub failed: Option<String>,
}

impl Controller for NamespaceController {
    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == NAMESPACES && delta.new.as_ref().is_some_and(|n| n.is_terminating()) {
            self.queue.add_at(now + GRACE, delta.object().name());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(name) = self.queue.take(ctx.now) {
            let Some(namespace) = cache.of(&NAMESPACES).get(&name) else { return };
            match delete(ctx, namespace) {
                Ok(None) => self.queue.forget(&name),
                Ok(Some(estimate)) => {
                    let after = Duration::from_secs((estimate / 2 + 1).max(0) as u64);
                    self.queue.add_at(ctx.now + after, name);
                }
                Err(_) => self.queue.add_rate_limited(ctx.now, name),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Deletes what is in a namespace, and then lets it go. Gives the seconds that what remains may take.
fn delete(ctx: &mut Context<'_>, namespace: &Object) -> Result<Option<i64>, Status> {
    let namespace = match ctx.get(&NAMESPACES, "", namespace.name()) {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    if !namespace.is_terminating() || namespace.at("spec.finalizers").is_empty() {
        return Ok(None);
    }
    let mut remaining = Remaining::default();
    // Pods go first: what they use goes when they no longer use it.
    empty(ctx, &PODS, namespace.name(), &mut remaining);
    if remaining.objects.is_empty() && remaining.failed.is_none() {
        let deletable = api::KINDS.iter().filter(|kind| kind.verbs.contains(&"deletecollection"));
        let resources = deletable.map(|kind| kind.resource);
        for resource in resources.filter(|r| r.namespaced && *r != PODS) {
            empty(ctx, &resource, namespace.name(), &mut remaining);
        }
    }
    let namespace = status::update(ctx, namespace, &remaining)?;
    if remaining.failed.is_some() {
        return Err(Status::internal_error("not everything could be deleted"));
    }
    if !remaining.objects.is_empty() {
        return Ok(Some(remaining.estimate));
    }
    finalize(ctx, namespace).map(|()| None)
}

/// Deletes all objects of a resource in a namespace, and notes what is still there. Mirrors deleteAllContentForGroupVersionResource.
fn empty(ctx: &mut Context<'_>, resource: &Resource, namespace: &str, remaining: &mut Remaining) {
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
    let request = Request::new(Method::Delete, resource.path(namespace)).with_body(options);
    if let Err(error) = ctx.send(request).into_object() {
        remaining.failed.get_or_insert(error.message().to_string());
    }
    let left = ctx.list(resource, namespace).unwrap_or_default();
    if left.is_empty() {
        return;
    }
    let name = format!("{}.{}", resource.plural, resource.group);
    for object in &left {
        for finalizer in object.meta("finalizers").items() {
            match remaining.finalizers.iter_mut().find(|(known, _)| finalizer == known.as_str()) {
                Some((_, count)) => *count += 1,
                None => remaining.finalizers.push((finalizer.str().into(), 1)),
            }
            remaining.estimate = remaining.estimate.max(FINALIZER_ESTIMATE);
        }
        remaining.estimate = remaining.estimate.max(object.at("spec.terminationGracePeriodSeconds").int());
    }
    remaining.objects.push((name, left.len()));
}

/// Takes the controller's own finalizer away; the API server then removes the namespace.
fn finalize(ctx: &mut Context<'_>, mut namespace: Object) -> Result<(), Status> {
    let others = namespace.at("spec.finalizers").items().iter().filter(|f| **f != "kubernetes");
    let others: Vec<_> = others.cloned().collect();
    namespace.0.set_at("spec.finalizers", others);
    let path = format!("{}/finalize", NAMESPACES.object_path("", namespace.name()));
    match ctx.send(Request::new(Method::Put, path).with_body(namespace)).into_object() {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

//! Endpoints, the older form of the same: ready and not ready addresses in one object of the Service's name.
//! Mirrors pkg/controller/endpoint.

mod subsets;

use crate::endpointslice::membership;
use crate::endpointslice::services::Services;
use crate::endpointslice::trigger;
use crate::{Cache, Controller};
use apimachinery::{Object, Resource, Status, Value, json};
use client::{Context, Delta, EventRecorder, EventType};
use sim::Time;

/// How many addresses one object holds at most. Mirrors maxCapacity.
const MAX_ADDRESSES: usize = 1000;

const ENDPOINTS: Resource = api::endpoints::RESOURCE;
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const MANAGER: &str = "endpoint-controller";
const HEADLESS: &str = "service.kubernetes.io/headless";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// The endpoints controller.
#[derive(Clone)]
pub struct EndpointsController {
    services: Services,
    recorder: EventRecorder,
}

impl Default for EndpointsController {
    fn default() -> Self {
        let recorder = EventRecorder::new("endpoint-controller", "");
        EndpointsController { services: Services::default(), recorder }
    }
}

impl Controller for EndpointsController {
    fn name(&self) -> &'static str {
        "endpoint-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        self.services.changed(now, resource, delta, cache);
        if *resource == ENDPOINTS && delta.new.is_none() {
            self.services.add(now, delta.object().key());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.services.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.services.take(ctx.now) {
            let result = self.sync_service(ctx, cache, &key);
            self.services.done(ctx.now, key, result.is_err());
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

impl EndpointsController {
    fn sync_service(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let current = cache.of(&ENDPOINTS).get(key);
        let Some(service) = cache.services().get(key) else {
            self.services.forget(key);
            return delete_orphaned(ctx, current);
        };
        let Some(members) = Services::members(service, cache) else { return Ok(()) };
        let trigger = self.services.trigger(key, &members);
        let subsets = subsets::of(service, &members.pods, MAX_ADDRESSES);
        let unchanged = current.is_some_and(|c| {
            c["subsets"].items() == subsets.list.items()
                && *c.labels() == labels(service)
                && c.annotation(OVER_CAPACITY).is_some() == subsets.truncated
        });
        if unchanged {
            return Ok(());
        }
        let mut new = current.cloned().unwrap_or_else(|| {
            Object(json!({
                "apiVersion": "v1", "kind": "Endpoints",
                "metadata": {"name": service.name(), "namespace": service.namespace()},
            }))
        });
        describe(&mut new, service, subsets, trigger);
        let written = match current {
            None => ctx.create(&ENDPOINTS, new),
            Some(_) => ctx.update(&ENDPOINTS, new),
        };
        self.report(ctx, service, current.is_none(), written)
    }

    fn report(
        &mut self,
        ctx: &mut Context<'_>,
        service: &Object,
        create: bool,
        written: Result<Object, Status>,
    ) -> Result<(), Status> {
        let Err(error) = written else { return Ok(()) };
        if create && crate::is_namespace_terminating(&error) {
            return Ok(()); // its namespace goes away
        }
        let (reason, verb) = match create {
            true => ("FailedToCreateEndpoint", "create"),
            false => ("FailedToUpdateEndpoint", "update"),
        };
        let message = format!("Failed to {verb} endpoint {}: {}", service.key(), error.message());
        // What is written about is the Endpoints object, which may not exist.
        let reference = json!({
            "kind": "Endpoints", "apiVersion": "v1", "namespace": service.namespace(), "name": service.name(),
        });
        self.recorder.event_for(ctx, reference, EventType::Warning, reason, &message);
        Err(error)
    }
}

/// The Service is gone, and what was kept for it goes too. What somebody made by hand stays.
fn delete_orphaned(ctx: &mut Context<'_>, current: Option<&Object>) -> Result<(), Status> {
    let Some(current) = current.filter(|c| c.label(MANAGED_BY) == Some(MANAGER)) else { return Ok(()) };
    match ctx.delete(&ENDPOINTS, current.namespace(), current.name(), Value::object()) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

fn describe(new: &mut Object, service: &Object, subsets: subsets::Subsets, trigger: Option<Time>) {
    new.0.set_at("metadata.labels", labels(service));
    if subsets.list.is_empty() {
        new.remove("subsets");
    } else {
        new.set("subsets", subsets.list);
    }
    trigger::annotate(new, trigger);
    if subsets.truncated {
        new.0.at_mut("metadata.annotations").set(OVER_CAPACITY, "truncated");
    } else if new.annotation(OVER_CAPACITY).is_some() {
        new.0.at_mut("metadata.annotations").remove(OVER_CAPACITY);
    }
}

fn labels(service: &Object) -> Value {
    let mut labels = match service.labels() {
        Value::Null => Value::object(),
        labels => labels.clone(),
    };
    labels.set(MANAGED_BY, MANAGER);
    if membership::is_headless(service) {
        labels.set(HEADLESS, "");
    } else {
        labels.remove(HEADLESS);
    }
    labels
}

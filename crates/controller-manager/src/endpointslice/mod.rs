//! EndpointSlices: the addresses of the pods that a Service selects. Mirrors pkg/controller/endpointslice and
//! staging/src/k8s.io/endpointslice.

pub mod membership;
mod reconcile;
pub mod services;
pub mod trigger;

use crate::{Cache, Controller};
use apimachinery::{Object, Resource, Status, Value};
use client::{Context, Delta, EventRecorder, EventType};
use services::Services;
use sim::Time;
use sim::collections::BTreeMap;

const SLICES: Resource = api::endpointslice::RESOURCE;
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
pub const MANAGER: &str = "endpointslice-controller.k8s.io";

/// The endpointslice controller.
#[derive(Clone)]
pub struct EndpointSliceController {
    services: Services,
    recorder: EventRecorder,
    /// The generations that were written, by Service and slice: a cache that does not show them yet is too old to
    /// compute from. Mirrors EndpointSliceTracker.
    written: BTreeMap<String, BTreeMap<String, i64>>,
}

impl Default for EndpointSliceController {
    fn default() -> Self {
        EndpointSliceController {
            services: Services::default(),
            recorder: EventRecorder::new("endpoint-slice-controller", ""),
            written: BTreeMap::new(),
        }
    }
}

impl Controller for EndpointSliceController {
    fn name(&self) -> &'static str {
        "endpointslice-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        self.services.changed(now, resource, delta, cache);
        if *resource == SLICES && delta.object().label(MANAGED_BY) == Some(MANAGER) {
            self.slice_changed(now, delta);
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

/// The Service that a slice belongs to, as a key.
fn service_of(slice: &Object) -> String {
    format!("{}/{}", slice.namespace(), slice.label(SERVICE_NAME).unwrap_or_default())
}

impl EndpointSliceController {
    /// A slice that somebody else changed or deleted has to be put right.
    fn slice_changed(&mut self, now: Time, delta: &Delta) {
        let slice = delta.object();
        let key = service_of(slice);
        let written = self.written.get(&key).and_then(|slices| slices.get(slice.name())).copied();
        let ours = match &delta.new {
            Some(slice) => written.is_some_and(|generation| slice.generation() <= generation),
            None => written.is_none(),
        };
        if delta.new.is_none()
            && let Some(slices) = self.written.get_mut(&key)
        {
            slices.remove(slice.name());
        }
        if !ours {
            self.services.add(now, key);
        }
    }

    fn sync_service(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        key: &str,
    ) -> Result<(), Option<Status>> {
        let Some(service) = cache.services().get(key) else {
            // Its slices go with it: it owns them.
            self.services.forget(key);
            self.written.remove(key);
            return Ok(());
        };
        let Some(members) = Services::members(service, cache) else { return Ok(()) };
        let slices: Vec<&Object> = cache
            .of(&SLICES)
            .namespace(service.namespace())
            .filter(|s| s.label(SERVICE_NAME) == Some(service.name()) && s.label(MANAGED_BY) == Some(MANAGER))
            .filter(|s| !s.is_terminating())
            .collect();
        if self.is_stale(key, &slices) {
            return Err(None);
        }
        let trigger = self.services.trigger(key, &members);
        let plan = reconcile::reconcile(service, &members.pods, &slices, trigger);
        let result = self.carry_out(ctx, key, service, plan);
        if let Err(error) = &result {
            let message = format!("Error updating Endpoint Slices for Service {key}: {}", error.message());
            self.recorder.event(ctx, service, EventType::Warning, "FailedToUpdateEndpointSlices", &message);
        }
        result.map_err(Some)
    }

    fn is_stale(&self, key: &str, slices: &[&Object]) -> bool {
        let Some(written) = self.written.get(key) else { return false };
        written.iter().any(|(name, generation)| {
            !slices.iter().any(|s| s.name() == name && s.generation() >= *generation)
        })
    }

    fn carry_out(
        &mut self,
        ctx: &mut Context<'_>,
        key: &str,
        service: &Object,
        plan: reconcile::Plan,
    ) -> Result<(), Status> {
        let written = self.written.entry(key.into()).or_default();
        for slice in plan.create {
            match ctx.create(&SLICES, slice) {
                Ok(slice) => drop(written.insert(slice.name().into(), slice.generation())),
                // In a namespace that goes away nothing can be created, and nothing need be.
                Err(error) if crate::is_namespace_terminating(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        for slice in plan.update {
            let slice = ctx.update(&SLICES, slice)?;
            written.insert(slice.name().into(), slice.generation());
        }
        for name in plan.delete {
            written.remove(&name);
            match ctx.delete(&SLICES, service.namespace(), &name, Value::object()) {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

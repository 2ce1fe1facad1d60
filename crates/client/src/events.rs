use crate::Context;
use apimachinery::{Object, Resource, Value, json, time};
use sim::Time;
use std::collections::BTreeMap;

/// How many different Events a recorder remembers for counting. Mirrors maxLruCacheEntries.
const MAX_REMEMBERED: usize = 4096;

/// `type` of an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Kubernetes' own words
pub enum EventType {
    Normal,
    Warning,
}

/// Writes Events about objects and counts those that repeat. Mirrors client-go/tools/record.
#[derive(Clone, Debug)]
pub struct EventRecorder {
    component: &'static str,
    host: String,
    known: BTreeMap<String, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    name: String,
    namespace: String,
    count: i64,
    last: Time,
}

impl EventRecorder {
    /// In the name of a component (`source.component`), on a host (`source.host`, empty for the control plane's).
    pub fn new(component: &'static str, host: &str) -> EventRecorder {
        EventRecorder { component, host: host.into(), known: BTreeMap::new() }
    }

    /// Writes an Event about an object.
    pub fn event(
        &mut self,
        ctx: &mut Context<'_>,
        about: &Object,
        kind: EventType,
        reason: &str,
        message: &str,
    ) {
        let reference = json!({
            "kind": about.kind(), "apiVersion": about.api_version(), "namespace": about.namespace(), "name": about.name(),
            "uid": about.uid(), "resourceVersion": about.resource_version(),
        });
        self.event_for(ctx, reference, kind, reason, message);
    }

    /// Writes an Event about an object reference, which may have a `fieldPath`.
    pub fn event_for(
        &mut self,
        ctx: &mut Context<'_>,
        mut reference: Value,
        kind: EventType,
        reason: &str,
        message: &str,
    ) {
        for optional in ["namespace", "uid", "resourceVersion", "apiVersion"] {
            if reference[optional].str().is_empty() {
                reference.remove(optional);
            }
        }
        let events = api::event::RESOURCE;
        let kind = if kind == EventType::Normal { "Normal" } else { "Warning" };
        let identity = ["kind", "namespace", "name", "uid", "fieldPath"]
            .map(|k| reference[k].str().to_string())
            .join("/");
        let key = format!("{identity}/{kind}/{reason}/{message}");
        let now = time::format(ctx.now);
        if let Some(known) = self.known.get_mut(&key) {
            known.count += 1;
            known.last = ctx.now;
            let patch = json!({"count": known.count, "lastTimestamp": now.as_str()});
            let (namespace, name) = (known.namespace.clone(), known.name.clone());
            if ctx.patch(&events, &namespace, &name, "", patch).is_ok() {
                return;
            }
        }
        let namespace = match reference["namespace"].str() {
            "" => "default".to_string(),
            namespace => namespace.to_string(),
        };
        let mut source = json!({"component": self.component});
        if !self.host.is_empty() {
            source.set("host", self.host.as_str());
        }
        let name =
            format!("{}.{:x}", reference["name"].str(), ctx.now.as_micros() * 1000 + ctx.rng.below(1000));
        let event = json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": name.as_str(), "namespace": namespace.as_str()},
            "involvedObject": reference, "reason": reason, "message": message, "type": kind,
            "source": source, "firstTimestamp": now.as_str(), "lastTimestamp": now.as_str(), "count": 1,
            "eventTime": null, "reportingComponent": self.component, "reportingInstance": self.host.as_str(),
        });
        self.create(ctx, &events, event, key, namespace, name);
    }

    fn create(
        &mut self,
        ctx: &mut Context<'_>,
        events: &Resource,
        event: Value,
        key: String,
        namespace: String,
        name: String,
    ) {
        if ctx.create(events, event).is_err() {
            return; // as in reality: an Event that cannot be written is lost
        }
        if self.known.len() >= MAX_REMEMBERED {
            let oldest = self.known.iter().min_by_key(|(_, k)| k.last).map(|(key, _)| key.clone());
            oldest.map(|key| self.known.remove(&key));
        }
        self.known.insert(key, Known { name, namespace, count: 1, last: ctx.now });
    }
}

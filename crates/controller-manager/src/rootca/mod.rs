//! The ConfigMap with the cluster's certificate, in every namespace. Mirrors
//! pkg/controller/certificates/rootcacertpublisher.

use crate::{Cache, Controller};
use apimachinery::{Object, Resource, Status, json};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(5);
const CONFIG_MAPS: Resource = api::configmap::RESOURCE;
const NAME: &str = "kube-root-ca.crt";
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
/// The certificate of the cluster's authority.
const CA: &str = include_str!("ca.crt");

/// The root CA publisher. Its queue holds names of namespaces.
#[derive(Clone, Default)]
pub struct RootCaPublisher {
    queue: WorkQueue,
}

impl Controller for RootCaPublisher {
    fn name(&self) -> &'static str {
        "root-ca-cert-publisher"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        let object = delta.object();
        if *resource == api::namespace::RESOURCE {
            self.queue.add_at(now + REACTION, object.name());
        } else if *resource == CONFIG_MAPS && object.name() == NAME {
            self.queue.add_at(now + REACTION, object.namespace());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(namespace) = self.queue.take(ctx.now) {
            match publish(ctx, cache, &namespace) {
                Ok(()) => self.queue.forget(&namespace),
                Err(_) => self.queue.add_rate_limited(ctx.now, namespace),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

fn publish(ctx: &mut Context<'_>, cache: &Cache, namespace: &str) -> Result<(), Status> {
    let active = cache.of(&api::namespace::RESOURCE).get(namespace).is_some_and(|n| !n.is_terminating());
    if !active {
        return Ok(());
    }
    let data = json!({"ca.crt": CA});
    let written = match cache.of(&CONFIG_MAPS).get(&format!("{namespace}/{NAME}")) {
        Some(map) if map["data"] == data && map.annotation("kubernetes.io/description").is_some() => {
            return Ok(());
        }
        Some(map) => {
            let mut map: Object = map.clone();
            map.set("data", data);
            map.0.at_mut("metadata.annotations").set("kubernetes.io/description", DESCRIPTION);
            ctx.update(&CONFIG_MAPS, map)
        }
        None => {
            let metadata = json!({
                "name": NAME, "namespace": namespace, "annotations": {"kubernetes.io/description": DESCRIPTION},
            });
            ctx.create(
                &CONFIG_MAPS,
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}),
            )
        }
    };
    crate::unless_terminating(written)
}

//! Images on the node, and how they get there. Mirrors pkg/kubelet/images/image_manager.go.

use crate::Kubelet;
use crate::images::{Found, Image, Reference};
use crate::sync::{go_duration, spec_of};
use crate::worker::Worker;
use client::{Context, EventType};
use sim::collections::BTreeMap;
use sim::{Duration, Time};
use std::sync::Arc;

/// What a pull takes at least: asking the registry.
const PULL_BASE: Duration = Duration::from_millis(900);
/// What each byte adds: 100 MB a second.
const PULL_NANOS_PER_BYTE: u64 = 10;
/// What a pull takes that fails.
const PULL_FAILS_AFTER: Duration = Duration::from_millis(600);

/// The images of a node. Bounded by the number of images that registries have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    images: BTreeMap<String, Arc<Image>>,
}

impl Store {
    /// An image by its full name, if it is there.
    pub(crate) fn get(&self, full: &str) -> Option<&Arc<Image>> {
        self.images.get(full)
    }

    /// Adds an image under a full name.
    pub(crate) fn add(&mut self, full: &str, image: Arc<Image>) {
        self.images.insert(full.into(), image);
    }

    /// Removes what no container uses, as garbage collection does on a full disk.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.images.retain(|full, _| keep(full));
    }
}

/// How an image gets onto the node.
pub(crate) enum PullStep {
    /// It is there.
    Present,
    /// It is on its way for this long.
    Wait(Duration),
    /// It does not come: reason and message of the waiting state.
    Failed(&'static str, String),
}

impl Kubelet {
    /// One step of EnsureImageExists. `since` is when the pull began, zero before.
    /// Pulls run side by side, as in the recorded cluster.
    pub(crate) fn pull(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        name: &str,
        since: Time,
    ) -> PullStep {
        let spec = spec_of(w, name);
        let image = spec["image"].str().to_string();
        let Ok(reference) = Reference::parse(&image) else {
            let message = format!(
                "Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: invalid reference format"
            );
            self.container_event(ctx, w, name, EventType::Warning, "InspectFailed", &message);
            return PullStep::Failed("InvalidImageName", message);
        };
        if since != Time::ZERO {
            return self.pulled(ctx, w, name, &image, &reference, since);
        }
        let present = self.store.get(&reference.full()).is_some();
        match spec["imagePullPolicy"].str() {
            "Never" if !present => {
                let message = format!("Container image {image:?} is not present with pull policy of Never");
                self.container_event(ctx, w, name, EventType::Warning, "ErrImageNeverPull", &message);
                return PullStep::Failed("ErrImageNeverPull", message);
            }
            "Always" => {}
            _ if present => {
                let message = format!(
                    "Container image {image:?} already present on machine and can be accessed by the pod"
                );
                self.container_event(ctx, w, name, EventType::Normal, "Pulled", &message);
                return PullStep::Present;
            }
            _ => {}
        }
        let backoff = w.pulls.entry(image.clone()).or_default();
        if backoff.is_in_backoff(ctx.now) {
            let message = format!("Back-off pulling image {image:?}");
            self.container_event(ctx, w, name, EventType::Normal, "BackOff", &message);
            let last = match w.reasons.get(name) {
                Some((reason, text)) if reason == "ErrImagePull" => {
                    format!("{message}: ErrImagePull: {text}")
                }
                Some((_, text)) => text.clone(),
                None => message,
            };
            return PullStep::Failed("ImagePullBackOff", last);
        }
        self.container_event(ctx, w, name, EventType::Normal, "Pulling", &format!("Pulling image {image:?}"));
        let jitter = Duration::from_millis(self.rng.below(5));
        PullStep::Wait(match self.images.find(&reference) {
            Found::Image(_) if present => PULL_BASE + jitter,
            Found::Image(found) => {
                PULL_BASE + Duration::from_nanos(found.size.saturating_mul(PULL_NANOS_PER_BYTE)) + jitter
            }
            _ => PULL_FAILS_AFTER + jitter,
        })
    }

    /// Says which pull secrets are not there; the registries here ask for none. Mirrors getPullSecretsForPod.
    pub(crate) fn look_for_pull_secrets(&mut self, ctx: &mut Context<'_>, w: &Worker) {
        let names = w.pod["spec"]["imagePullSecrets"].items().iter().map(|s| s["name"].str());
        let namespace = w.pod.namespace();
        let missing: Vec<&str> =
            names.filter(|n| Kubelet::lookup(ctx, namespace, "secret", n).is_none()).collect();
        if missing.is_empty() {
            return;
        }
        let message = format!(
            "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
            missing.join(", ")
        );
        self.event(ctx, w, "", EventType::Warning, "FailedToRetrieveImagePullSecret", &message);
    }

    fn pulled(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        name: &str,
        image: &str,
        reference: &Reference,
        since: Time,
    ) -> PullStep {
        let full = reference.full();
        match self.images.find(reference) {
            Found::Image(found) => {
                let took = go_duration(ctx.now.since(since));
                let message = format!(
                    "Successfully pulled image {image:?} in {took} ({took} including waiting). Image size: {} bytes.",
                    found.size
                );
                self.store.add(&full, found);
                self.container_event(ctx, w, name, EventType::Normal, "Pulled", &message);
                PullStep::Present
            }
            failed => {
                let error = pull_error(&failed, reference);
                let message = format!("Failed to pull image {image:?}: {error}");
                self.container_event(ctx, w, name, EventType::Warning, "Failed", &message);
                w.pulls.entry(image.to_string()).or_default().next(ctx.now, ctx.now);
                PullStep::Failed("ErrImagePull", error)
            }
        }
    }
}

/// What the runtime says when a registry does not give an image.
fn pull_error(found: &Found, reference: &Reference) -> String {
    let full = reference.full();
    let resolve = format!("failed to pull and unpack image {full:?}: failed to resolve reference {full:?}: ");
    match found {
        Found::NoTag => format!("rpc error: code = NotFound desc = {resolve}{full}: not found"),
        Found::NoRegistry => {
            let host = &reference.registry;
            let url = format!("https://{host}/v2/{}/manifests/{}", reference.repository, reference.tag);
            format!("{resolve}failed to do request: Head {url:?}: dial tcp: lookup {host}: no such host")
        }
        Found::Broken => {
            let host =
                if reference.registry == "docker.io" { "registry-1.docker.io" } else { &reference.registry };
            let url = format!("https://{host}/v2/{}/manifests/{}", reference.repository, reference.tag);
            format!("{resolve}unexpected status from HEAD request to {url}: 503 Service Unavailable")
        }
        _ => format!(
            "{resolve}pull access denied, repository does not exist or may require authorization: \
             server message: insufficient_scope: authorization failed"
        ),
    }
}

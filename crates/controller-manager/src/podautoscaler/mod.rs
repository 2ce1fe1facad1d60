//! Horizontal pod autoscalers. Mirrors pkg/controller/podautoscaler/horizontal.go.

mod behavior;
mod calculator;
mod metrics;
mod specs;

use crate::{Cache, Controller, decide};
use apimachinery::labels::Selector;
use apimachinery::{Method, Object, Request, Resource, Status, Value, time};
use behavior::History;
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// From a change to the first look, and from each look to the next. Mirrors
/// `--horizontal-pod-autoscaler-sync-period`.
const SYNC_PERIOD: Duration = Duration::from_secs(15);

const AUTOSCALERS: Resource = api::horizontalpodautoscaler::RESOURCE;

/// The horizontal pod autoscaler.
#[derive(Clone)]
pub struct HorizontalController {
    queue: WorkQueue,
    recorder: EventRecorder,
    /// Recommendations and changes of late, by key.
    history: BTreeMap<String, History>,
    /// Whose pods each autoscaler has looked at, by key: the selector of its target.
    selectors: BTreeMap<String, Selector>,
}

impl Default for HorizontalController {
    fn default() -> Self {
        HorizontalController {
            queue: WorkQueue::default(),
            recorder: EventRecorder::new("horizontal-pod-autoscaler", ""),
            history: BTreeMap::new(),
            selectors: BTreeMap::new(),
        }
    }
}

impl Controller for HorizontalController {
    fn name(&self) -> &'static str {
        "horizontal-pod-autoscaler"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource != AUTOSCALERS {
            return;
        }
        let key = delta.object().key();
        if delta.new.is_none() {
            self.history.remove(&key);
            self.selectors.remove(&key);
        }
        self.queue.add_at(now + SYNC_PERIOD, key);
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            let Some(hpa) = cache.of(&AUTOSCALERS).get(&key) else { return };
            self.reconcile(ctx, cache, hpa);
            self.queue.add_at(ctx.now + SYNC_PERIOD, key);
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// What size an autoscaler's target is to have.
struct Decision {
    replicas: i64,
    /// Why it is another than before; empty when it is not.
    reason: String,
    statuses: Value,
}

/// Sets a condition where it stands, or at the end. Mirrors setCondition.
fn set_condition(status: &mut Value, now: Time, kind: &str, value: bool, reason: &str, message: &str) {
    let value = if value { "True" } else { "False" };
    let list = status.field_mut("conditions").array_mut();
    let new = crate::conditions::new(now, kind, value, reason, message);
    match list.iter_mut().find(|c| c["type"] == kind) {
        Some(known) => {
            let since = known["lastTransitionTime"].clone();
            let same = known["status"] == value;
            *known = new;
            if same {
                known.set("lastTransitionTime", since);
            }
        }
        None => list.push(new),
    }
}

impl HorizontalController {
    /// Mirrors reconcileAutoscaler.
    fn reconcile(&mut self, ctx: &mut Context<'_>, cache: &Cache, original: &Object) {
        let mut hpa = original.clone();
        let scale = match get_scale(ctx, &hpa) {
            Ok(scale) => scale,
            Err(why) => {
                self.recorder.event(ctx, &hpa, EventType::Warning, "FailedGetScale", &why);
                let message =
                    format!("the HPA controller was unable to get the target's current scale: {why}");
                set_condition(
                    hpa.field_mut("status"),
                    ctx.now,
                    "AbleToScale",
                    false,
                    "FailedGetScale",
                    &message,
                );
                return write(ctx, original, hpa);
            }
        };
        let message = "the HPA controller was able to get the target's current scale";
        set_condition(hpa.field_mut("status"), ctx.now, "AbleToScale", true, "SucceededGetScale", message);
        let current = scale.at("spec.replicas").int();
        self.history.entry(hpa.key()).or_default().begin(ctx.now, current);
        match self.decide(ctx, cache, &mut hpa, &scale, current) {
            Some(decision) if decision.replicas != current && !decision.reason.is_empty() => {
                self.rescale(ctx, &mut hpa, scale, decision);
            }
            Some(decision) => set_sizes(&mut hpa, current, Some(current), decision.statuses),
            None => {}
        }
        write(ctx, original, hpa);
    }

    /// What size the target is to have; `None` when that cannot be told.
    fn decide(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        hpa: &mut Object,
        scale: &Object,
        current: i64,
    ) -> Option<Decision> {
        let (min, max) = limits(hpa);
        let keep = hpa.at("status.currentMetrics").clone();
        let at_once =
            |replicas, reason: &str| Some(Decision { replicas, reason: reason.into(), statuses: keep });
        if current == 0 && min != 0 {
            let message = "scaling is disabled since the replica count of the target is zero";
            set_condition(
                hpa.field_mut("status"),
                ctx.now,
                "ScalingActive",
                false,
                "ScalingDisabled",
                message,
            );
            return at_once(0, "");
        }
        if current > max {
            return at_once(max, "Current number of replicas above Spec.MaxReplicas");
        }
        if current < min {
            return at_once(min, "Current number of replicas below Spec.MinReplicas");
        }
        let computed = self.compute(ctx, cache, hpa, scale, current)?;
        let (wanted, metric) = (computed.replicas, computed.metric);
        let reason = match wanted.cmp(&current) {
            std::cmp::Ordering::Greater => format!("{metric} above target"),
            std::cmp::Ordering::Less => "All metrics below target".into(),
            std::cmp::Ordering::Equal => String::new(),
        };
        let history = self.history.entry(hpa.key()).or_default();
        let replicas = behavior::normalize(history, ctx.now, hpa, current, wanted);
        Some(Decision { replicas, reason, statuses: computed.statuses })
    }

    /// The largest number that a metric asks for. Mirrors computeReplicasForMetrics.
    fn compute(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        hpa: &mut Object,
        scale: &Object,
        current: i64,
    ) -> Option<specs::Computed> {
        let selector = match specs::selector(scale) {
            Ok(selector) => selector,
            Err(reason) => {
                let message = if reason == "InvalidSelector" {
                    "the HPA target's scale is missing a selector"
                } else {
                    "couldn't convert selector into a corresponding internal selector object"
                };
                self.recorder.event(ctx, hpa, EventType::Warning, reason, message);
                let status = hpa.field_mut("status");
                set_condition(status, ctx.now, "ScalingActive", false, "InvalidSelector", message);
                return None;
            }
        };
        let pods: Vec<&Object> = {
            let all = cache.pods().namespace(hpa.namespace());
            all.filter(|pod| selector.matches(pod.labels())).collect()
        };
        self.selectors.insert(hpa.key(), selector);
        let rivals = self.controlling(hpa.namespace(), &pods);
        if rivals.len() > 1 {
            let message = format!(
                "pods by selector {} are controlled by multiple HPAs: [{}]",
                scale.at("status.selector").str(),
                rivals.join(" ")
            );
            self.recorder.event(ctx, hpa, EventType::Warning, "AmbiguousSelector", &message);
            let status = hpa.field_mut("status");
            set_condition(status, ctx.now, "ScalingActive", false, "AmbiguousSelector", &message);
            set_sizes(hpa, current, None, Value::Null);
            self.recorder.event(ctx, hpa, EventType::Warning, "FailedComputeMetricsReplicas", &message);
            return None;
        }
        let (computed, failures) =
            specs::compute(ctx, hpa, &pods, scale.at("status.selector").str(), current);
        for failure in &failures {
            self.recorder.event(ctx, hpa, EventType::Warning, failure.reason, &failure.event);
        }
        let total = hpa.at("spec.metrics").items().len();
        if let Some(first) = failures.first()
            && (failures.len() >= total || computed.replicas < current)
        {
            let message = format!("the HPA was unable to compute the replica count: {}", first.event);
            set_condition(hpa.field_mut("status"), ctx.now, "ScalingActive", false, first.reason, &message);
            set_sizes(hpa, current, None, computed.statuses);
            let message = format!(
                "invalid metrics ({} invalid out of {total}), first error is: {}",
                failures.len(),
                first.error
            );
            self.recorder.event(ctx, hpa, EventType::Warning, "FailedComputeMetricsReplicas", &message);
            return None;
        }
        let message =
            format!("the HPA was able to successfully calculate a replica count from {}", computed.metric);
        set_condition(hpa.field_mut("status"), ctx.now, "ScalingActive", true, "ValidMetricFound", &message);
        Some(computed)
    }

    /// The autoscalers that have looked at any of these pods. Mirrors hpasControllingPodsUnderSelector.
    fn controlling(&self, namespace: &str, pods: &[&Object]) -> Vec<&str> {
        let here = |key: &str| key.split_once('/').is_some_and(|(of, _)| of == namespace);
        let any = |selector: &Selector| pods.iter().any(|pod| selector.matches(pod.labels()));
        self.selectors.iter().filter(|(key, s)| here(key) && any(s)).map(|(key, _)| key.as_str()).collect()
    }

    fn rescale(&mut self, ctx: &mut Context<'_>, hpa: &mut Object, mut scale: Object, decision: Decision) {
        let Decision { replicas, reason, statuses } = decision;
        let current = scale.at("spec.replicas").int();
        scale.0.set_at("spec.replicas", replicas);
        if let Err(error) = put_scale(ctx, hpa, scale) {
            let message = format!("New size: {replicas}; reason: {reason}; error: {}", error.message());
            self.recorder.event(ctx, hpa, EventType::Warning, "FailedRescale", &message);
            let message =
                format!("the HPA controller was unable to update the target scale: {}", error.message());
            set_condition(
                hpa.field_mut("status"),
                ctx.now,
                "AbleToScale",
                false,
                "FailedUpdateScale",
                &message,
            );
            return set_sizes(hpa, current, None, statuses);
        }
        let message = format!("the HPA controller was able to update the target scale to {replicas}");
        set_condition(hpa.field_mut("status"), ctx.now, "AbleToScale", true, "SucceededRescale", &message);
        let message = format!("New size: {replicas}; reason: {reason}");
        self.recorder.event(ctx, hpa, EventType::Normal, "SuccessfulRescale", &message);
        decide(ctx, hpa, message);
        if !hpa.at("spec.behavior").is_null() {
            self.history.entry(hpa.key()).or_default().rescaled(ctx.now, replicas - current);
        }
        set_sizes(hpa, current, Some(replicas), statuses);
        hpa.0.set_at("status.lastScaleTime", time::format(ctx.now));
    }
}

/// (minReplicas, maxReplicas)
fn limits(hpa: &Object) -> (i64, i64) {
    (hpa.at("spec.minReplicas").as_i64().unwrap_or(1), hpa.at("spec.maxReplicas").int())
}

fn set_sizes(hpa: &mut Object, current: i64, desired: Option<i64>, metrics: Value) {
    let status = hpa.field_mut("status");
    status.set("currentReplicas", current);
    status.set("currentMetrics", metrics);
    if let Some(desired) = desired {
        status.set("desiredReplicas", desired);
    }
}

fn write(ctx: &mut Context<'_>, original: &Object, hpa: Object) {
    if hpa["status"] != original["status"] {
        // What fails is computed again at the next look.
        drop(ctx.update_status(&AUTOSCALERS, hpa));
    }
}

/// The path of the target's subresource `scale`.
fn scale_path(hpa: &Object) -> Result<String, String> {
    let target = hpa.at("spec.scaleTargetRef");
    let (kind, version) = (target["kind"].str(), target["apiVersion"].str());
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kinds = api::KINDS.iter().filter(|k| k.has_subresource("scale")).map(|k| k.resource);
    let resource = kinds.into_iter().find(|r| r.kind == kind && r.group == group);
    let resource = resource.ok_or_else(|| {
        format!("unable to determine resource for scale target reference: no matches for kind {kind:?} in group {group:?}")
    })?;
    Ok(format!("{}/scale", resource.object_path(hpa.namespace(), target["name"].str())))
}

fn get_scale(ctx: &mut Context<'_>, hpa: &Object) -> Result<Object, String> {
    let path = scale_path(hpa)?;
    ctx.send(Request::get(path)).into_object().map_err(|error| error.message().to_string())
}

fn put_scale(ctx: &mut Context<'_>, hpa: &Object, scale: Object) -> Result<(), Status> {
    let path = scale_path(hpa).map_err(|why| Status::internal_error(&why))?;
    ctx.send(Request::new(Method::Put, path).with_body(scale)).into_object().map(drop)
}

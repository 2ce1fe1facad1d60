use crate::Context;
use apimachinery::{Object, Value, json, time};
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Rng, Time};
use std::sync::Arc;

/// How many keys each of a recorder's caches remembers. Mirrors maxLruCacheEntries.
const MAX_REMEMBERED: usize = 4096;
/// From how many different messages on similar Events are combined into one. Mirrors defaultAggregateMaxEvents.
const MAX_SIMILAR: usize = 10;
/// Events further apart than this are not similar. Mirrors defaultAggregateIntervalInSeconds.
const SIMILAR_WITHIN: Duration = Duration::from_secs(600);
/// How many Events about one object may be written at once. Mirrors defaultSpamBurst.
const SPAM_BURST: f64 = 25.0;
/// After that, one in so many seconds. Mirrors defaultSpamQPS.
const SPAM_REFILL_SECONDS: f64 = 300.0;
/// What the message of an Event begins with that stands for several.
const COMBINED: &str = "(combined from similar events): ";

/// `type` of an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Kubernetes' own words
pub enum EventType {
    Normal,
    Warning,
}

/// Writes Events about objects, counts those that repeat, combines those that are similar and drops those that are too
/// many. Mirrors client-go/tools/record (events_cache.go: EventCorrelator).
#[derive(Clone, Debug)]
pub struct EventRecorder {
    component: &'static str,
    host: String,
    /// When the last Event was written, in nanoseconds, as it stands in its name.
    last: u64,
    /// Shared, so that a clone is cheap.
    correlator: Arc<Correlator>,
}

/// What was written before, by the keys of each question that is asked about a new Event.
#[derive(Clone, Debug, Default)]
struct Correlator {
    /// Different messages of late, of what is similar.
    similar: BTreeMap<String, Similar>,
    /// The Event that was written for the same thing.
    written: BTreeMap<String, Written>,
    /// How many more Events an object may have.
    allowance: BTreeMap<String, Allowance>,
}

#[derive(Clone, Debug, Default)]
struct Similar {
    messages: BTreeSet<String>,
    last: Time,
}

#[derive(Clone, Debug)]
struct Written {
    name: String,
    namespace: String,
    first: String,
    count: i64,
    last: Time,
}

#[derive(Clone, Debug)]
struct Allowance {
    tokens: f64,
    last: Time,
}

impl EventRecorder {
    /// In the name of a component (`source.component`), on a host (`source.host`, empty for the control plane's).
    pub fn new(component: &'static str, host: &str) -> EventRecorder {
        EventRecorder { component, host: host.into(), last: 0, correlator: Arc::default() }
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
        let kind = if kind == EventType::Normal { "Normal" } else { "Warning" };
        let part = |keys: &[&str]| keys.iter().map(|k| reference[*k].str()).collect::<Vec<_>>().join("/");
        let object = part(&["kind", "namespace", "name", "uid", "apiVersion"]);
        let correlator = Arc::make_mut(&mut self.correlator);
        let (key, combined) = correlator.aggregate(
            format!("{object}/{kind}/{reason}"),
            || format!("{object}/{}/{kind}/{reason}/{message}", part(&["fieldPath"])),
            message,
            ctx.now,
            ctx.rng,
        );
        let message = if combined { format!("{COMBINED}{message}") } else { message.to_string() };
        let namespace = match reference["namespace"].str() {
            "" => "default",
            namespace => namespace,
        };
        // Names sort in the order in which Events were written, also those of one moment.
        let nanos = (ctx.now.as_micros() * 1000 + ctx.rng.below(1000)).max(self.last + 1);
        self.last = nanos;
        let new = Written {
            name: format!("{}.{nanos:x}", reference["name"].str()),
            namespace: namespace.into(),
            first: time::format(ctx.now),
            count: 0,
            last: ctx.now,
        };
        let written = correlator.observe(&key, new.clone());
        if !correlator.allow(&object, ctx.now) {
            return;
        }
        if written.count > 1 && count(ctx, &written, &message) {
            return;
        }
        let written = Written { name: new.name, ..written };
        let event = self.build(ctx, &written, reference, kind, reason, &message);
        if ctx.create(&api::event::RESOURCE, event).is_ok() {
            // As in reality, an Event that cannot be written is lost.
            Arc::make_mut(&mut self.correlator).written.insert(key, written);
        }
    }

    fn build(
        &self,
        ctx: &Context<'_>,
        written: &Written,
        reference: Value,
        kind: &str,
        reason: &str,
        message: &str,
    ) -> Value {
        let mut source = json!({"component": self.component});
        if !self.host.is_empty() {
            source.set("host", self.host.as_str());
        }
        json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": written.name.as_str(), "namespace": written.namespace.as_str()},
            "involvedObject": reference, "reason": reason, "message": message, "type": kind,
            "source": source, "firstTimestamp": written.first.as_str(), "lastTimestamp": time::format(ctx.now),
            "count": written.count, "eventTime": null, "reportingComponent": self.component,
            "reportingInstance": self.host.as_str(),
        })
    }
}

/// Counts an Event that is there already. False when it is gone.
fn count(ctx: &mut Context<'_>, known: &Written, message: &str) -> bool {
    let patch = json!({"count": known.count, "lastTimestamp": time::format(ctx.now), "message": message});
    let result = ctx.patch(&api::event::RESOURCE, &known.namespace, &known.name, "", patch);
    !matches!(result, Err(status) if status.is_not_found())
}

impl Correlator {
    /// The key under which an Event is counted, and whether it stands for several. Mirrors EventAggregate.
    fn aggregate(
        &mut self,
        group: String,
        own: impl FnOnce() -> String,
        message: &str,
        now: Time,
        rng: &mut Rng,
    ) -> (String, bool) {
        let mut record = self.similar.remove(&group).unwrap_or_default();
        if now.since(record.last) > SIMILAR_WITHIN {
            record.messages.clear();
        }
        record.messages.insert(message.into());
        record.last = now;
        let combined = record.messages.len() >= MAX_SIMILAR;
        if combined {
            // Mirrors PopAny: which of them is forgotten is left to chance.
            let nth = rng.below(record.messages.len() as u64) as usize;
            let any = record.messages.iter().nth(nth).cloned();
            any.map(|any| record.messages.remove(&any));
        }
        let key = if combined { group.clone() } else { own() };
        remember(&mut self.similar, group, record, |r| r.last);
        (key, combined)
    }

    /// What was written under this key, or is to be, counted once more. It counts even if it is dropped afterwards.
    /// Mirrors eventObserve.
    fn observe(&mut self, key: &str, new: Written) -> Written {
        let now = new.last;
        if !self.written.contains_key(key) {
            remember(&mut self.written, key.into(), new, |w| w.last);
        }
        let known = self.written.get_mut(key).expect("it was put there above");
        known.count += 1;
        known.last = now;
        known.clone()
    }

    /// Whether one more Event about this object may be written. Mirrors EventSourceObjectSpamFilter.
    fn allow(&mut self, object: &str, now: Time) -> bool {
        if !self.allowance.contains_key(object) {
            let full = Allowance { tokens: SPAM_BURST, last: now };
            remember(&mut self.allowance, object.into(), full, |a| a.last);
        }
        let allowance = self.allowance.get_mut(object).expect("it was put there above");
        let refill = now.since(allowance.last).as_secs_f64() / SPAM_REFILL_SECONDS;
        allowance.tokens = (allowance.tokens + refill).min(SPAM_BURST);
        allowance.last = now;
        let allowed = allowance.tokens >= 1.0;
        if allowed {
            allowance.tokens -= 1.0;
        }
        allowed
    }
}

/// Puts an entry into a cache of [`MAX_REMEMBERED`], in place of the oldest when it is full.
fn remember<T>(cache: &mut BTreeMap<String, T>, key: String, entry: T, last: fn(&T) -> Time) {
    if cache.len() >= MAX_REMEMBERED && !cache.contains_key(&key) {
        let oldest = cache.iter().min_by_key(|(_, entry)| last(entry)).map(|(key, _)| key.clone());
        oldest.map(|key| cache.remove(&key));
    }
    cache.insert(key, entry);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;
    use apimachinery::rest::{Cursor, WatchEvent};
    use apimachinery::{Body, Method, Request, Response};

    /// Keeps what it is sent.
    #[derive(Default)]
    struct Sink {
        created: Vec<Value>,
        patched: Vec<Value>,
    }

    impl Server for Sink {
        fn request(&mut self, request: Request) -> Response {
            let Body::Value(body) = request.body else { panic!("an Event has a body") };
            let list = if request.method == Method::Post { &mut self.created } else { &mut self.patched };
            list.push(body.clone());
            Response::json(200, body)
        }
        fn poll(&mut self, _: &mut Cursor) -> Vec<WatchEvent> {
            Vec::new()
        }
    }

    fn record(messages: &[&str], every: Duration) -> Sink {
        let (mut sink, mut rng, mut signals) = (Sink::default(), Rng::new(1), Vec::new());
        let mut recorder = EventRecorder::new("deployment-controller", "");
        let about = Object(json!({
            "kind": "Deployment", "apiVersion": "apps/v1",
            "metadata": {"name": "web", "namespace": "default", "uid": "u", "resourceVersion": "7"},
        }));
        for (i, message) in messages.iter().enumerate() {
            let now = Time::from_secs(1000) + every * i as u32;
            let mut ctx =
                Context { now, rng: &mut rng, server: &mut sink, signals: &mut signals, agent: "test" };
            recorder.event(&mut ctx, &about, EventType::Normal, "ScalingReplicaSet", message);
        }
        sink
    }

    #[test]
    fn an_event_that_repeats_is_counted() {
        let sink = record(&["a", "b", "a"], Duration::from_secs(2));
        assert_eq!(sink.created.len(), 2);
        assert_eq!(
            sink.patched,
            [json!({"count": 2, "lastTimestamp": "1970-01-01T00:16:44Z", "message": "a"})]
        );
        let first = &sink.created[0];
        assert_eq!(first["firstTimestamp"], "1970-01-01T00:16:40Z");
        assert_eq!(first["source"], json!({"component": "deployment-controller"}));
        assert_eq!(first["involvedObject"]["resourceVersion"], "7");
    }

    #[test]
    fn the_tenth_different_message_is_combined_and_too_many_are_dropped() {
        let texts: Vec<String> = (0..40).map(|i| format!("message {i}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let sink = record(&texts, Duration::from_millis(10));
        assert_eq!(sink.created.len(), 10);
        assert_eq!(sink.created[9]["message"], "(combined from similar events): message 9");
        // 25 in all: then the object has had its share.
        assert_eq!(sink.created.len() + sink.patched.len(), 25);
        assert_eq!(sink.patched.last().unwrap()["message"], "(combined from similar events): message 24");
        assert_eq!(sink.patched.last().unwrap()["count"].int(), 16);
        // Far apart nothing is similar.
        let sink = record(&texts, Duration::from_secs(700));
        assert_eq!((sink.created.len(), sink.patched.len()), (40, 0));
    }
}

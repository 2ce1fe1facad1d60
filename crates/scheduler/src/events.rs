//! The scheduler's Events: those of the group events.k8s.io, which count repeats in a series.
//! Mirrors client-go/tools/events.

use apimachinery::{Object, Value, json, time};
use client::Context;
use sim::collections::BTreeMap;
use sim::{Duration, Time};
use std::sync::Arc;

/// Who reports: `reportingComponent`, and `reportingInstance` with the host's name.
const COMPONENT: &str = "default-scheduler";
const INSTANCE: &str = "default-scheduler-vm";
/// A series ends when nothing was added to it for this long. Mirrors finishTime.
const FINISH: Duration = Duration::from_secs(6 * 60);
/// A series that goes on is written this often, apart from its beginning. Mirrors refreshTime.
const REFRESH: Duration = Duration::from_secs(30 * 60);
/// How many different Events are remembered for counting.
const MAX_REMEMBERED: usize = 4096;
/// The longest message. Mirrors NoteLengthLimit.
const NOTE_LENGTH_LIMIT: usize = 1024;

/// An Event to write.
pub struct Event<'a> {
    /// What it is about.
    pub about: &'a Object,
    /// What else is concerned.
    pub related: Option<&'a Object>,
    /// `Normal` or `Warning`.
    pub kind: &'static str,
    /// `reason`.
    pub reason: &'static str,
    /// `action`.
    pub action: &'static str,
    /// `message`.
    pub note: &'a str,
}

#[derive(Clone, Debug)]
struct Known {
    namespace: String,
    name: String,
    count: i64,
    last: Time,
    written: Time,
}

/// Writes Events and counts those that repeat: same object at the same version, same reason.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    known: Arc<BTreeMap<String, Known>>,
    /// When finished series are forgotten next.
    next_sweep: Time,
}

impl Recorder {
    /// Writes an Event, or adds it to the series of its like.
    pub fn event(&mut self, ctx: &mut Context<'_>, event: Event<'_>) {
        let now = ctx.now;
        self.sweep(now);
        let about = reference(event.about);
        let (uid, version) = (event.about.uid(), event.about.resource_version());
        let key = format!("{uid} {version} {} {}", event.reason, event.related.map_or("", |r| r.uid()));
        match self.known.get(&key).filter(|known| now.since(known.last) < FINISH) {
            Some(_) => {
                let known = Arc::make_mut(&mut self.known).get_mut(&key).expect("it was there just now");
                known.count += 1;
                known.last = now;
                if known.count == 2 || now.since(known.written) >= REFRESH {
                    known.written = now;
                    let series = json!({"count": known.count, "lastObservedTime": time::format_micro(now)});
                    let (namespace, name) = (known.namespace.clone(), known.name.clone());
                    // As in reality, an Event that cannot be written is lost.
                    let patch = json!({"series": series});
                    let _ = ctx.patch(&api::event::RESOURCE, &namespace, &name, "", patch);
                }
            }
            None => self.create(ctx, event, about, key),
        }
    }

    fn sweep(&mut self, now: Time) {
        if now >= self.next_sweep {
            self.next_sweep = now + FINISH;
            Arc::make_mut(&mut self.known).retain(|_, k| now.since(k.last) < FINISH);
        }
    }

    fn create(&mut self, ctx: &mut Context<'_>, event: Event<'_>, about: Value, key: String) {
        let now = ctx.now;
        let name = format!("{}.{:x}", event.about.name(), now.as_micros() * 1000 + ctx.rng.below(1000));
        let namespace = event.about.namespace().to_string();
        let mut body = json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": name.as_str(), "namespace": namespace.as_str()},
            "involvedObject": about, "reason": event.reason, "message": truncate(event.note), "type": event.kind,
            "source": {}, "firstTimestamp": null, "lastTimestamp": null, "eventTime": time::format_micro(now),
            "action": event.action, "reportingComponent": COMPONENT, "reportingInstance": INSTANCE,
        });
        if let Some(related) = event.related {
            body.set("related", reference(related));
        }
        if ctx.create(&api::event::RESOURCE, body).is_ok() && self.known.len() < MAX_REMEMBERED {
            Arc::make_mut(&mut self.known)
                .insert(key, Known { namespace, name, count: 1, last: now, written: now });
        }
    }
}

fn reference(object: &Object) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "namespace": object.namespace(), "name": object.name(),
        "uid": object.uid(), "resourceVersion": object.resource_version(),
    })
}

fn truncate(note: &str) -> String {
    const SUFFIX: &str = " ...";
    if note.len() <= NOTE_LENGTH_LIMIT {
        return note.into();
    }
    let mut end = NOTE_LENGTH_LIMIT - SUFFIX.len();
    while !note.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{SUFFIX}", &note[..end])
}

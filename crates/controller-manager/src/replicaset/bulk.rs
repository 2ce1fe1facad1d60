use super::PODS;
use crate::expectations::Expectations;
use crate::is_namespace_terminating;
use apimachinery::{Object, Status, Value, json};
use client::{Context, EventRecorder, EventType};
use std::collections::VecDeque;

/// What one sync creates or deletes, one request at a time. Creations come in batches of 1, 2, 4, ...: a batch in which
/// one fails is the last, so that what cannot succeed is not tried a thousand times. Mirrors slowStartBatch.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    /// Pods to create, this batch included.
    remaining: usize,
    batch: usize,
    left_in_batch: usize,
    /// Names of pods to delete.
    victims: VecDeque<String>,
    /// The first thing that went wrong.
    pub error: Option<Status>,
    /// Whether something changed meanwhile.
    pub again: bool,
}

impl Bulk {
    /// So many pods to create.
    pub fn creating(count: usize) -> Bulk {
        Bulk { remaining: count, batch: 1, left_in_batch: 1, ..Bulk::default() }
    }

    /// These pods to delete.
    pub fn deleting(victims: VecDeque<String>) -> Bulk {
        Bulk { victims, ..Bulk::default() }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.remaining == 0 && self.victims.is_empty()
    }

    /// Makes the next request.
    pub fn step(
        &mut self,
        ctx: &mut Context<'_>,
        rs: &Object,
        recorder: &mut EventRecorder,
        expectations: &mut Expectations,
    ) {
        let key = rs.key();
        if let Some(name) = self.victims.pop_front() {
            if let Err(error) = delete_pod(ctx, rs, &name, recorder) {
                expectations.deletion_observed(&key, &format!("{}/{name}", rs.namespace()));
                if !error.is_not_found() {
                    self.error.get_or_insert(error);
                }
            }
            return;
        }
        if let Err(error) = create_pod(ctx, rs, recorder) {
            expectations.creation_observed(&key);
            if !is_namespace_terminating(&error) {
                self.error.get_or_insert(error);
            }
        }
        self.remaining -= 1;
        self.left_in_batch -= 1;
        if self.left_in_batch > 0 {
            return;
        }
        if self.error.is_some() {
            // What was never tried is not expected either.
            (0..self.remaining).for_each(|_| expectations.creation_observed(&key));
            self.remaining = 0;
        }
        self.batch = (self.batch * 2).min(self.remaining);
        self.left_in_batch = self.batch;
    }
}

fn create_pod(ctx: &mut Context<'_>, rs: &Object, recorder: &mut EventRecorder) -> Result<(), Status> {
    match ctx.create(&PODS, pod_from_template(rs)) {
        Ok(pod) => {
            let message = format!("Created pod: {}", pod.name());
            recorder.event(ctx, rs, EventType::Normal, "SuccessfulCreate", &message);
            Ok(())
        }
        Err(error) => {
            if !is_namespace_terminating(&error) {
                let message = format!("Error creating: {}", error.message());
                recorder.event(ctx, rs, EventType::Warning, "FailedCreate", &message);
            }
            Err(error)
        }
    }
}

fn delete_pod(
    ctx: &mut Context<'_>,
    rs: &Object,
    name: &str,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    match ctx.delete(&PODS, rs.namespace(), name, Value::object()) {
        Ok(()) => {
            recorder.event(ctx, rs, EventType::Normal, "SuccessfulDelete", &format!("Deleted pod: {name}"));
            Ok(())
        }
        Err(error) => {
            if !error.is_not_found() {
                let message = format!("Error deleting: {}", error.message());
                recorder.event(ctx, rs, EventType::Warning, "FailedDelete", &message);
            }
            Err(error)
        }
    }
}

/// A pod of a ReplicaSet. Its spec is shared with the template. Mirrors GetPodFromTemplate.
fn pod_from_template(rs: &Object) -> Value {
    let template = rs.at("spec.template");
    let mut metadata = json!({
        "generateName": format!("{}-", rs.name()), "namespace": rs.namespace(),
        "ownerReferences": [rs.controller_ref()],
    });
    for key in ["labels", "annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            metadata.set(key, &template["metadata"][key]);
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": &template["spec"]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::rest::{Cursor, WatchEvent};
    use apimachinery::{Request, Response};
    use client::Server;
    use sim::{Rng, Time};

    /// Refuses every pod after so many.
    struct Quota(usize, usize);

    impl Server for Quota {
        fn request(&mut self, request: Request) -> Response {
            if !request.path.ends_with("/pods") {
                return Response::json(201, Value::object());
            }
            self.1 += 1;
            if self.1 > self.0 {
                return Status::forbidden("", "pods", "x", "exceeded quota: q").into();
            }
            Response::json(201, json!({"metadata": {"name": format!("pod-{}", self.1)}}))
        }
        fn poll(&mut self, _: &mut Cursor) -> Vec<WatchEvent> {
            Vec::new()
        }
    }

    fn tries(wanted: usize, allowed: usize) -> (usize, bool, bool) {
        let (mut server, mut rng, mut signals) = (Quota(allowed, 0), Rng::new(1), Vec::new());
        let now = Time::from_secs(1);
        let mut ctx =
            Context { now, rng: &mut rng, server: &mut server, signals: &mut signals, agent: "test" };
        let rs = Object(json!({"metadata": {"name": "web", "namespace": "default"}}));
        let (mut recorder, mut expectations) = (EventRecorder::new("test", ""), Expectations::default());
        expectations.expect(now, "default/web", wanted, Default::default());
        let mut bulk = Bulk::creating(wanted);
        while !bulk.is_done() {
            bulk.step(&mut ctx, &rs, &mut recorder, &mut expectations);
        }
        (0..allowed.min(wanted)).for_each(|_| expectations.creation_observed("default/web"));
        (server.1, bulk.error.is_some(), expectations.satisfied(now, "default/web"))
    }

    #[test]
    fn creations_start_slowly_and_stop_after_the_batch_that_failed() {
        // Batches of 1, 2, 4, 8.
        assert_eq!(tries(10, 10), (10, false, true));
        assert_eq!(tries(10, 0), (1, true, true));
        assert_eq!(tries(10, 2), (3, true, true));
        assert_eq!(tries(100, 7), (15, true, true));
    }
}

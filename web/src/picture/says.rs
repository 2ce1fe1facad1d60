//! What shapes say to those who listen, in the reader's language. Names, states and ports are Kubernetes' own.

use crate::words::Words;
use diagram::{NodeBox, PodMark, PodState, ServiceBar, Workload};

/// A pod in one sentence.
pub fn pod(w: Words, pod: &PodMark) -> String {
    if w.is_english() {
        return pod.text.clone();
    }
    let restarts = if pod.restarts > 0 { w.tell("card.restarts", &[&pod.restarts]) } else { String::new() };
    w.tell("says.pod", &[&pod.name, &state(w, &pod.state), &pod.containers, &restarts])
}

/// A Service in one sentence.
pub fn service(w: Words, s: &ServiceBar) -> String {
    if w.is_english() {
        return s.text.clone();
    }
    match s.ready {
        Some((ready, all)) => w.tell("says.service", &[&s.name, &s.detail, &s.selector, &ready, &all]),
        None => w.tell("says.alias", &[&s.name, &s.detail]),
    }
}

/// A node in one sentence.
pub fn node(w: Words, n: &NodeBox) -> String {
    if w.is_english() {
        return n.text.clone();
    }
    let state = match (n.running, n.ready) {
        (false, _) => w.t("picture.switched-off"),
        (true, true) => "Ready",
        (true, false) => "NotReady",
    };
    w.tell("says.node", &[&n.name, &node_detail(w, n), &state])
}

/// A node's address and role.
pub fn node_detail(w: Words, n: &NodeBox) -> String {
    match n.detail.split_once(" · ") {
        Some((address, _)) => format!("{address} · {}", w.t("picture.control-plane")),
        None => n.detail.clone(),
    }
}

/// What makes pods, in one sentence.
pub fn workload(w: Words, workload: &Workload) -> String {
    if w.is_english() {
        return workload.text.clone();
    }
    let text = if workload.runs_out { "says.job" } else { "says.workload" };
    w.tell(text, &[&workload.name, &workload.ready.0, &workload.ready.1])
}

/// A pod's state. Reasons are Kubernetes' own words.
pub fn state(w: Words, state: &PodState) -> String {
    match state {
        _ if w.is_english() => state.text(),
        PodState::Pulling(image) => w.tell("says.pulling", &[image]),
        PodState::Starting(why) if why.is_empty() => w.t("pod.starting").into(),
        PodState::NotReady => w.t("says.not-ready").into(),
        PodState::Ready => w.t("says.ready").into(),
        other => other.text(),
    }
}

//! Requests on their way. A hop takes well under a millisecond of virtual time, too short to see: it is shown as long as
//! it took or for [`HOP_MS`], whichever is longer, one hop after the other.

use crate::layout::{Picture, Spot};
use client::{Hop, Outcome, Place, Signal, SignalKind};
use sim::collections::BTreeMap;
use sim::net::RequestId;

/// How long a hop is shown at least, in milliseconds of the display.
const HOP_MS: f64 = 240.0;

/// How long a failure stays to be seen.
const FAILURE_MS: f64 = 2500.0;

/// The most requests that are drawn at a time; of more only the newest are.
const MAX_WALKS: usize = 400;

/// The requests that are drawn.
#[derive(Clone, Default)]
pub struct Traffic {
    walks: BTreeMap<RequestId, Walk>,
    /// Answers and failures that have been seen so far.
    pub answered: u64,
    /// Requests that failed.
    pub failed: u64,
}

#[derive(Clone)]
struct Walk {
    begin: f64,
    hops: Vec<(Hop, Hop, bool, f64)>,
    end: Option<(Hop, Outcome)>,
}

/// A request at a moment: where, and which way it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Where.
    pub spot: Spot,
    /// Whether it is the answer on its way back.
    pub answer: bool,
    /// Why it failed, where it did: it stays there for a while.
    pub failed: Option<String>,
    /// From 1 (new) to 0 (gone), for what fades.
    pub strength: f64,
}

impl Traffic {
    /// Takes note of a signal about requests.
    pub(crate) fn signal(&mut self, signal: &Signal, display: f64) {
        match &signal.kind {
            SignalKind::Hop { request, from, to, arrives, answer, .. } => {
                let ms = arrives.since(signal.at).as_secs_f64() * 1000.0;
                let walk = self.walks.entry(*request).or_insert_with(|| Walk {
                    begin: display,
                    hops: Vec::new(),
                    end: None,
                });
                walk.push(from, to, *answer, ms.clamp(HOP_MS, 4.0 * HOP_MS));
                if self.walks.len() > MAX_WALKS {
                    self.walks.pop_first();
                }
            }
            SignalKind::End { request, at, outcome } => {
                match outcome {
                    Outcome::Answered(_) => self.answered += 1,
                    Outcome::Failed(..) => self.failed += 1,
                }
                if let Some(walk) = self.walks.get_mut(request) {
                    walk.end = Some((at.clone(), outcome.clone()));
                }
            }
            _ => {}
        }
    }

    /// Whether nothing is to be drawn.
    pub fn is_empty(&self) -> bool {
        self.walks.is_empty()
    }

    /// Where everything is at a time of the display; forgets what has arrived. `still`: nothing travels, a request is
    /// where it is going.
    pub fn dots(&mut self, picture: &Picture, display: f64, still: bool) -> Vec<Dot> {
        let mut dots = Vec::new();
        self.walks.retain(|_, walk| walk.dot(picture, display, still, &mut dots));
        dots
    }
}

impl Walk {
    /// Adds a hop. Where a node only hands on to a Service, or from one, the picture goes straight there: it reads
    /// from top to bottom.
    fn push(&mut self, from: &Hop, to: &Hop, answer: bool, ms: f64) {
        if let Some((before, via, back, _)) = self.hops.last_mut()
            && *back == answer
            && via == from
            && matches!(via, Hop::Place(Place::Node(_)))
            && (matches!(to, Hop::Service(..)) || matches!(before, Hop::Service(..)))
        {
            *via = to.clone();
            return;
        }
        self.hops.push((from.clone(), to.clone(), answer, ms));
    }

    /// Adds its dot; gives whether there will be one later.
    fn dot(&self, picture: &Picture, display: f64, still: bool, dots: &mut Vec<Dot>) -> bool {
        let mut at = self.begin;
        for (from, to, answer, ms) in &self.hops {
            if display < at + ms {
                let part = if still { 1.0 } else { ((display - at) / ms).clamp(0.0, 1.0) };
                if let Some(way) = way(picture, from, to) {
                    dots.push(Dot { spot: along(&way, part), answer: *answer, failed: None, strength: 1.0 });
                }
                return true;
            }
            at += ms;
        }
        match &self.end {
            Some((_, Outcome::Answered(_))) => false,
            Some((hop, Outcome::Failed(_, why))) => {
                let strength = 1.0 - (display - at) / FAILURE_MS;
                if let Some(spot) = anchor(picture, hop).filter(|_| strength > 0.0) {
                    dots.push(Dot { spot, answer: false, failed: Some(why.clone()), strength });
                }
                strength > 0.0
            }
            None => {
                // Waits for its answer where it arrived last.
                let last = self.hops.last().and_then(|(_, to, ..)| anchor(picture, to));
                dots.extend(last.map(|spot| Dot { spot, answer: false, failed: None, strength: 0.5 }));
                true
            }
        }
    }
}

/// The way between two stations: the line that is drawn between them where there is one, else one with right angles.
fn way(picture: &Picture, from: &Hop, to: &Hop) -> Option<Vec<Spot>> {
    let (a, b) = anchor(picture, from).zip(anchor(picture, to))?;
    let drawn = match (from, to) {
        (Hop::Service(..), Hop::Place(Place::Pod { .. })) => line(picture, from, b),
        (Hop::Place(Place::Pod { .. }), Hop::Service(..)) => line(picture, to, a).map(|mut points| {
            points.reverse();
            points
        }),
        _ => None,
    };
    Some(drawn.unwrap_or_else(|| {
        let middle = (a.y + b.y) / 2.0;
        vec![a, Spot { x: a.x, y: middle }, Spot { x: b.x, y: middle }, b]
    }))
}

/// The line from a Service to the pod at a spot.
fn line(picture: &Picture, service: &Hop, pod: Spot) -> Option<Vec<Spot>> {
    let Hop::Service(namespace, name) = service else { return None };
    let key = format!("{namespace}/{name}");
    let uid = &picture.pods.iter().find(|p| p.spot == pod)?.uid;
    picture.links.iter().find(|l| l.service == key && l.pod == *uid).map(|l| l.points.clone())
}

/// The point that lies a part of the way along a line.
fn along(points: &[Spot], part: f64) -> Spot {
    let length = |w: &[Spot]| (w[1].x - w[0].x).hypot(w[1].y - w[0].y);
    let mut left = points.windows(2).map(length).sum::<f64>() * part;
    for w in points.windows(2) {
        let l = length(w);
        if left <= l && l > 0.0 {
            let share = left / l;
            return Spot { x: w[0].x + (w[1].x - w[0].x) * share, y: w[0].y + (w[1].y - w[0].y) * share };
        }
        left -= l;
    }
    points.last().copied().unwrap_or_default()
}

/// Where a station of a request's way is drawn.
fn anchor(picture: &Picture, hop: &Hop) -> Option<Spot> {
    match hop {
        Hop::Place(Place::Laptop) => Some(picture.laptop.center()),
        Hop::Place(Place::Node(name)) => {
            let node = picture.nodes.iter().find(|n| n.name == *name)?;
            Some(Spot { x: node.area.x + node.area.w / 2.0, y: node.area.y + 26.0 })
        }
        Hop::Place(Place::Pod { namespace, name }) => {
            let pod = picture.pods.iter().find(|p| p.name == *name && p.namespace == *namespace)?;
            Some(pod.spot)
        }
        Hop::Service(namespace, name) => {
            let key = format!("{namespace}/{name}");
            picture.services.iter().find(|s| s.key == key).map(|s| s.area.center())
        }
        Hop::Outside(_) => Some(picture.load_balancer.unwrap_or(picture.laptop).center()),
    }
}

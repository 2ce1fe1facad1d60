//! Requests on their way. A hop takes well under a millisecond of virtual time, too short to see: it is shown as long as
//! it took or for [`HOP_MS`], whichever is longer, one hop after the other.

use crate::layout::{Picture, Spot};
use client::{Hop, Outcome, Place, Signal, SignalKind};
use sim::collections::BTreeMap;
use sim::net::RequestId;

/// How long a hop is shown at least, in milliseconds of the display.
const HOP_MS: f64 = 170.0;

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
                walk.hops.push((from.clone(), to.clone(), *answer, ms.clamp(HOP_MS, 4.0 * HOP_MS)));
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

    /// Where everything is at a time of the display; forgets what has arrived.
    pub fn dots(&mut self, picture: &Picture, display: f64) -> Vec<Dot> {
        let mut dots = Vec::new();
        self.walks.retain(|_, walk| walk.dot(picture, display, &mut dots));
        dots
    }
}

impl Walk {
    /// Adds its dot; gives whether there will be one later.
    fn dot(&self, picture: &Picture, display: f64, dots: &mut Vec<Dot>) -> bool {
        let mut at = self.begin;
        for (from, to, answer, ms) in &self.hops {
            if display < at + ms {
                let part = ((display - at) / ms).clamp(0.0, 1.0);
                if let Some((a, b)) = anchor(picture, from).zip(anchor(picture, to)) {
                    let spot = Spot { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
                    dots.push(Dot { spot, answer: *answer, failed: None, strength: 1.0 });
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

/// Where a station of a request's way is drawn.
fn anchor(picture: &Picture, hop: &Hop) -> Option<Spot> {
    match hop {
        Hop::Place(Place::Laptop) => Some(picture.laptop.center()),
        Hop::Place(Place::Node(name)) => {
            let node = picture.nodes.iter().find(|n| n.name == *name)?;
            Some(Spot { x: node.area.x + node.area.w / 2.0, y: node.area.y + 20.0 })
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

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

/// So many requests at a time on one way, in one direction, are drawn as a line with their number; it ends at fewer.
const CROWD: f64 = 7.0;
const CROWD_ENDS: f64 = 4.0;

/// Over how many milliseconds of the display requests on a way are averaged.
const AVERAGE_MS: f64 = 500.0;

/// The most requests that are drawn at a time; of more only the newest are.
const MAX_WALKS: usize = 400;

/// The requests that are drawn.
#[derive(Clone, Default)]
pub struct Traffic {
    walks: BTreeMap<RequestId, Walk>,
    flows: BTreeMap<WayEnds, Flow>,
    looked: f64,
}

/// The ends of a way in whole pixels, whichever direction is gone.
type WayEnds = [(i32, i32); 2];

/// How many requests are on a way.
#[derive(Clone, Default)]
struct Flow {
    /// There and back, at this moment.
    now: [usize; 2],
    /// The same in the average.
    usual: [f64; 2],
    crowded: bool,
    points: Vec<Spot>,
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

/// Many requests on one way: a line that is as thick as they are many.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The way.
    pub points: Vec<Spot>,
    /// Requests a second of the display.
    pub rate: f64,
}

/// The requests at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// Those that are drawn one by one.
    pub dots: Vec<Dot>,
    /// Ways on which there are too many for that.
    pub streams: Vec<Stream>,
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
    pub fn moment(&mut self, picture: &Picture, display: f64, still: bool) -> Moment {
        let mut moment = Moment::default();
        let mut moving = Vec::new();
        self.walks.retain(|_, walk| walk.dot(picture, display, still, &mut moment.dots, &mut moving));
        self.flows.values_mut().for_each(|flow| flow.now = [0, 0]);
        for (dot, way) in &moving {
            let flow = self.flows.entry(ends(way)).or_default();
            flow.now[usize::from(dot.answer)] += 1;
            if flow.points.is_empty() {
                flow.points = way.clone();
            }
        }
        let weight = 1.0 - (-(display - self.looked).max(0.0) / AVERAGE_MS).exp();
        self.looked = display;
        self.flows.retain(|_, flow| flow.average(weight));
        let crowded = |way: &[Spot]| self.flows.get(&ends(way)).is_some_and(|flow| flow.crowded);
        moment.dots.extend(moving.into_iter().filter(|(_, way)| !crowded(way)).map(|(dot, _)| dot));
        for flow in self.flows.values().filter(|flow| flow.crowded) {
            let rate = flow.usual[0].max(flow.usual[1]) * 1000.0 / HOP_MS;
            moment.streams.push(Stream { points: flow.points.clone(), rate });
        }
        moment
    }
}

impl Flow {
    /// Brings the average up to date; gives whether anybody was here lately.
    fn average(&mut self, weight: f64) -> bool {
        for (usual, now) in self.usual.iter_mut().zip(self.now) {
            *usual += (now as f64 - *usual) * weight;
        }
        let most = self.usual[0].max(self.usual[1]);
        self.crowded = most >= if self.crowded { CROWD_ENDS } else { CROWD };
        most > 0.01
    }
}

fn ends(way: &[Spot]) -> WayEnds {
    let end = |spot: Option<&Spot>| spot.map_or((0, 0), |s| (s.x as i32, s.y as i32));
    let (a, b) = (end(way.first()), end(way.last()));
    if a <= b { [a, b] } else { [b, a] }
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

    /// Adds its dot, to those that move with the way that it goes; gives whether there will be one later.
    fn dot(
        &self,
        picture: &Picture,
        display: f64,
        still: bool,
        dots: &mut Vec<Dot>,
        moving: &mut Vec<(Dot, Vec<Spot>)>,
    ) -> bool {
        let mut at = self.begin;
        for (from, to, answer, ms) in &self.hops {
            if display < at + ms {
                let part = if still { 1.0 } else { ((display - at) / ms).clamp(0.0, 1.0) };
                if let Some(way) = way(picture, from, to) {
                    let dot = Dot { spot: along(&way, part), answer: *answer, failed: None, strength: 1.0 };
                    moving.push((dot, way));
                }
                return true;
            }
            at += ms;
        }
        let Some((hop, outcome)) = &self.end else {
            // Waits for its answer where it arrived last.
            let last = self.hops.last().and_then(|(_, to, ..)| anchor(picture, to));
            dots.extend(last.map(|spot| Dot { spot, answer: false, failed: None, strength: 0.5 }));
            return true;
        };
        let Some(failed) = failure(outcome) else { return false };
        let strength = 1.0 - (display - at) / FAILURE_MS;
        if let Some(spot) = anchor(picture, hop).filter(|_| strength > 0.0) {
            dots.push(Dot { spot, answer: false, failed: Some(failed), strength });
        }
        strength > 0.0
    }
}

/// Why a request is no success, if it is none: what says an HTTP error is an answer, and not what was asked for.
fn failure(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Answered(status) => (*status >= 400).then(|| format!("HTTP {status}")),
        Outcome::Failed(_, why) => Some(why.clone()),
    }
}

/// The way between two stations: the line that is drawn between them where there is one, else one with right angles.
fn way(picture: &Picture, from: &Hop, to: &Hop) -> Option<Vec<Spot>> {
    let (a, b) = anchor(picture, from).zip(anchor(picture, to))?;
    let drawn = match (from, to) {
        (Hop::Service(..), Hop::Place(Place::Pod { .. })) => line(picture, from, b),
        (Hop::Place(Place::Pod { .. }), Hop::Service(..)) => line(picture, to, a).map(back),
        (Hop::Place(Place::Laptop) | Hop::Outside(_), Hop::Service(..)) => entry(picture, b),
        (Hop::Service(..), Hop::Place(Place::Laptop) | Hop::Outside(_)) => entry(picture, a).map(back),
        _ => None,
    };
    Some(drawn.unwrap_or_else(|| {
        let middle = (a.y + b.y) / 2.0;
        vec![a, Spot { x: a.x, y: middle }, Spot { x: b.x, y: middle }, b]
    }))
}

fn back(mut points: Vec<Spot>) -> Vec<Spot> {
    points.reverse();
    points
}

/// The line from outside to the Service whose middle is at a spot.
fn entry(picture: &Picture, service: Spot) -> Option<Vec<Spot>> {
    let area = picture.services.iter().map(|s| s.area).find(|a| a.holds(service))?;
    picture
        .entries
        .iter()
        .find(|e| e.last().is_some_and(|end| end.y == area.y && end.x == service.x))
        .cloned()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Area;
    use sim::Time;

    fn failures(outcome: Outcome) -> Vec<String> {
        let laptop = || Hop::Place(Place::Laptop);
        let request = RequestId(1);
        let signal = |kind| Signal { at: Time::default(), agent: "kube-proxy".into(), kind };
        let picture = Picture { laptop: Area { x: 0.0, y: 0.0, w: 100.0, h: 40.0 }, ..Picture::default() };
        let mut traffic = Traffic::default();
        let (from, to, arrives, why) = (laptop(), laptop(), Time::default(), String::new());
        traffic.signal(&signal(SignalKind::Hop { request, from, to, arrives, answer: true, why }), 0.0);
        traffic.signal(&signal(SignalKind::End { request, at: laptop(), outcome }), 0.0);
        let moment = traffic.moment(&picture, HOP_MS * 1.5, false);
        moment.dots.into_iter().filter_map(|dot| dot.failed).collect()
    }

    #[test]
    fn an_http_error_is_marked_as_a_failure_where_it_arrives() {
        assert_eq!(failures(Outcome::Answered(200)), [""; 0]);
        assert_eq!(failures(Outcome::Answered(503)), ["HTTP 503"]);
        assert_eq!(failures(Outcome::Failed(sim::net::Error::Reset, "gone".into())), ["gone"]);
    }
}

//! The lines of the picture: from outside to Services, from Services to pods. They have right angles, and run beside the
//! boxes that are in between, not behind them.

use crate::layout::{Area, GAP, LANE_H, Link, Outside, Picture, ServiceBar, Spot};
use crate::scene::Scene;
use sim::collections::BTreeMap;
use std::rc::Rc;

/// Where requests come in from outside, in order of the Services that are open to them.
pub(crate) fn place_entries(picture: &mut Picture) {
    for (index, service) in picture.services.iter().enumerate() {
        let from = match service.outside {
            Outside::Closed => continue,
            Outside::NodePort => picture.laptop.bottom(),
            Outside::Balancer => picture.load_balancer.unwrap_or(picture.laptop).bottom(),
        };
        let lane = from.y + LANE_H / 2.0 + if index % 2 == 0 { 0.0 } else { 8.0 };
        let mut points = vec![from, Spot { x: from.x, y: lane }];
        points.extend(way_in(&picture.services, service.area, lane));
        picture.entries.push(points);
    }
}

/// From the lane above the Services to the upper edge of one of them.
fn way_in(services: &[Rc<ServiceBar>], area: Area, lane: f64) -> Vec<Spot> {
    let to = Spot { x: area.x + area.w / 2.0, y: area.y };
    if !services.iter().any(|s| s.area.y < area.y) {
        return vec![Spot { x: to.x, y: lane }, to];
    }
    let (gutter, y) = (area.x - GAP / 2.0, area.y - GAP / 4.0);
    vec![Spot { x: gutter, y: lane }, Spot { x: gutter, y }, Spot { x: to.x, y }, to]
}

/// From the lower edge of a Service to the lane below all of them.
fn way_out(services: &[Rc<ServiceBar>], area: Area, lane: f64) -> Vec<Spot> {
    let from = area.bottom();
    if !services.iter().any(|s| s.area.y > area.y) {
        return vec![from, Spot { x: from.x, y: lane }];
    }
    let (gutter, y) = (area.x + area.w + GAP / 2.0, from.y + GAP / 4.0);
    vec![from, Spot { x: from.x, y }, Spot { x: gutter, y }, Spot { x: gutter, y: lane }]
}

impl Scene {
    /// Which Service leads to which pod.
    pub(crate) fn place_links(&self, picture: &mut Picture) {
        let spots: BTreeMap<&str, Spot> = picture.pods.iter().map(|p| (p.uid.as_str(), p.spot)).collect();
        let first_row = picture.nodes.first().map_or(0.0, |n| n.area.y);
        let mut links = Vec::new();
        for (index, service) in picture.services.iter().enumerate() {
            // Each Service has a lane of its own above the nodes, so that lines of two Services can be told apart.
            let lane = first_row - 8.0 - (index % 4) as f64 * 8.0;
            for endpoint in self.endpoints(&service.key) {
                let Some(to) = spots.get(endpoint.uid.as_str()) else { continue };
                let end = Spot { x: to.x, y: to.y - 16.0 };
                let node = picture.nodes.iter().find(|n| n.area.holds(*to));
                let mut points = way_out(&picture.services, service.area, lane);
                // Down to a lower row it goes between the columns, not through the nodes above.
                if let Some(area) = node.map(|n| n.area).filter(|a| a.y > first_row) {
                    let gutter = area.x - GAP / 2.0 - (index % 2) as f64 * 4.0;
                    let y = area.y - GAP / 2.0;
                    points.extend([Spot { x: gutter, y: lane }, Spot { x: gutter, y }, Spot { x: end.x, y }]);
                } else {
                    points.push(Spot { x: end.x, y: lane });
                }
                points.push(end);
                let (service, pod) = (service.key.clone(), endpoint.uid);
                links.push(Rc::new(Link { service, pod, ready: endpoint.ready, points }));
            }
        }
        picture.links = links;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a line with right angles runs through the inside of a box.
    fn crosses(points: &[Spot], area: Area) -> bool {
        points.windows(2).any(|w| {
            let (left, right) = (w[0].x.min(w[1].x), w[0].x.max(w[1].x));
            let (top, bottom) = (w[0].y.min(w[1].y), w[0].y.max(w[1].y));
            left < area.x + area.w && right > area.x && top < area.y + area.h && bottom > area.y
        })
    }

    #[test]
    fn lines_pass_beside_the_services_of_other_rows() {
        let bar = |n: usize| {
            let (x, y) = (16.0 + (n % 2) as f64 * 264.0, 96.0 + (n / 2) as f64 * 64.0);
            let area = Area { x, y, w: 248.0, h: 48.0 };
            Rc::new(ServiceBar { area, outside: Outside::NodePort, ..ServiceBar::default() })
        };
        let laptop = Area { x: 16.0, y: 16.0, w: 112.0, h: 40.0 };
        let mut picture = Picture { laptop, services: (0..6).map(bar).collect(), ..Picture::default() };
        place_entries(&mut picture);
        for (service, entry) in picture.services.iter().zip(&picture.entries) {
            assert_eq!(entry.last().map(|end| end.y), Some(service.area.y));
            let out = way_out(&picture.services, service.area, 320.0);
            for other in &picture.services {
                assert!(!crosses(entry, other.area) && !crosses(&out, other.area), "{entry:?} {out:?}");
            }
        }
    }
}

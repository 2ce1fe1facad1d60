//! ImageLocality: nodes that have the images already are better. Mirrors plugins/imagelocality.

use crate::cache::NodeInfo;
use crate::framework::{Cycle, MAX_NODE_SCORE, Plugin};

pub struct ImageLocality;

/// Images smaller than this count for nothing, and no image counts for more than that.
const MIN_THRESHOLD: i64 = 23 * 1024 * 1024;
const MAX_CONTAINER_THRESHOLD: i64 = 1000 * 1024 * 1024;

impl Plugin for ImageLocality {
    fn name(&self) -> &'static str {
        "ImageLocality"
    }

    fn weight(&self) -> i64 {
        1
    }

    fn pre_score(&self, _: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        true
    }

    /// The sizes of the images that the node has, each counting the more the more nodes have it.
    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        if node.images.is_empty() {
            return 0;
        }
        let spec = &cycle.pod.object["spec"];
        let containers = || spec["initContainers"].items().iter().chain(spec["containers"].items());
        let nodes = cycle.snapshot.nodes;
        let total = nodes.len() as f64;
        let scaled = |image: String| {
            let size = *node.images.get(&image)?;
            Some((size as f64 * (nodes.with_image(&image) as f64 / total)) as i64)
        };
        let sum: i64 = containers().filter_map(|c| scaled(normalized(c["image"].str()))).sum();
        let most = MAX_CONTAINER_THRESHOLD * containers().count() as i64;
        MAX_NODE_SCORE * (sum.clamp(MIN_THRESHOLD, most) - MIN_THRESHOLD) / (most - MIN_THRESHOLD)
    }
}

/// With `:latest` where there is no tag. As in reality, `nginx` does not find `docker.io/library/nginx`.
fn normalized(image: &str) -> String {
    if image.rfind(':') <= image.rfind('/') { format!("{image}:latest") } else { image.to_string() }
}

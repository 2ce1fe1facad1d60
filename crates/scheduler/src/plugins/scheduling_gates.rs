//! SchedulingGates: a pod with gates does not enter the queue. Mirrors plugins/schedulinggates.

use apimachinery::Object;

/// As in the scheduler's configuration.
pub const NAME: &str = "SchedulingGates";

/// Whether a pod has gates left.
pub fn is_gated(pod: &Object) -> bool {
    !pod["spec"]["schedulingGates"].is_empty()
}

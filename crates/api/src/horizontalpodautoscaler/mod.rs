//! HorizontalPodAutoscaler.

mod defaults;
mod table;
mod validation;

use crate::kind::{BASE, Kind, status_of};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "horizontalpodautoscaler",
    short_names: &["hpa"],
    categories: &["all"],
    subresources: &[status_of("HorizontalPodAutoscaler")],
    schema: "HorizontalPodAutoscaler",
    defaults: defaults::apply,
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    columns: table::COLUMNS,
    row: table::row,
    ..BASE
};

//! Patches: JSON patch, merge patch, strategic merge patch, and what `kubectl apply` sends.

mod json_patch;
mod merge;
mod strategic;
mod three_way;

pub use json_patch::{JsonPatchError, json_patch};
pub use merge::{create_merge_patch, merge_patch};
pub use strategic::{MergeError, strategic_merge};
pub use three_way::{three_way_merge_patch, three_way_strategic_patch, two_way_strategic_patch};

/// What strategic merge has to know of a type.
pub trait MergeSchema: Sync {
    /// What is known of a field of an object of this type; for a list, of a field of its items. `None`: nothing.
    fn field(&self, name: &str) -> Option<MergeField<'_>>;
}

/// How a field is merged.
#[derive(Clone, Copy)]
pub struct MergeField<'a> {
    /// The key by which the objects of a list are found again; empty when they are not.
    pub merge_key: &'a str,
    /// Whether a list is merged instead of replaced.
    pub merge: bool,
    /// Whether only the fields that the patch names are kept.
    pub retain_keys: bool,
    /// The type of the field.
    pub schema: &'a dyn MergeSchema,
}

/// Directive of an object or list item: `replace`, `delete`, `merge`.
const DIRECTIVE: &str = "$patch";
/// Directive with the fields that remain.
const RETAIN_KEYS: &str = "$retainKeys";
/// Prefix of a directive with texts to take out of a list.
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
/// Prefix of a directive with the order of a list.
const ORDER: &str = "$setElementOrder/";

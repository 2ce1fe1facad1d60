//! What is fetched before the prompt.

use crate::build;
use crate::run::Outcome;

/// Builds the page, prints what each file weighs, and fails where the first load is above its limit.
pub fn measure() -> Outcome {
    build::build(&[])
}

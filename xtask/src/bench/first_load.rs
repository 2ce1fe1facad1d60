//! What is fetched before the prompt, alone and with a lesson, and what each further lesson and language weighs.

use crate::build;
use crate::run::Outcome;

/// Builds the page, prints what each file weighs, and fails where the first load with an English lesson, or a
/// further lesson or language, is above its limit.
pub fn measure() -> Outcome {
    build::build(&[])
}

//! The real kubectl through `kubarium serve`: how many of its commands are right.

use crate::run::{Outcome, cargo, run};

/// Every command must be right; the test prints how many there are.
pub fn measure() -> Outcome {
    run(cargo(&["test", "--quiet", "--locked", "--package", "tests", "--test", "door"]))
}

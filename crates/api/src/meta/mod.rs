//! What all kinds share: object metadata, its validation, and pieces of tables.

mod table;
mod validation;

pub use table::*;
pub use validation::*;

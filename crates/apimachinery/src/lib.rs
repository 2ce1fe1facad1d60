//! What every Kubernetes API object and request has in common.
//!
//! An object is a [`Value`] (JSON with shared, immutable parts) in an [`Object`]; requests and answers have the shape of
//! REST ([`rest`]). Kinds are described in the crate `api`, not here.

mod json;
mod macros;
mod object;
mod resource;
mod value;

pub mod base64;
pub mod fields;
pub mod labels;
pub mod names;
pub mod patch;
pub mod quantity;
pub mod rest;
pub mod status;
pub mod table;
pub mod time;
pub mod yaml;

pub use object::{Object, OwnerReference};
pub use quantity::Quantity;
pub use resource::Resource;
pub use rest::{Body, Method, Request, Response};
pub use status::Status;
pub use table::Table;
pub use value::{Map, Value};

//! The page: a terminal and a moving picture of one cluster, as a component that can stand anywhere.
//!
//! Nothing here is global: a page may hold several playgrounds, each with a cluster of its own.

mod app;
mod browser;
mod commands;
mod controls;
mod editor;
pub mod embed;
mod engine;
mod fetch;
mod frames;
mod inspector;
mod later;
mod lesson;
mod load;
mod panic;
mod picture;
mod splitter;
mod tabs;
mod terminal;
mod words;

pub use app::{App, AppProps};

//! `cluster:` — the cluster that a lesson begins with.

use crate::fields::{At, Doc};
use apimachinery::Value;

/// The most nodes a lesson may ask for.
const MAX_NODES: i64 = 20;
/// The most files to apply, addons to enable and images to add.
const MAX_LIST: usize = 16;
/// The size of an image that does not say its own, in MiB.
const IMAGE_MIB: i64 = 20;

/// What a lesson begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// How many nodes.
    pub nodes: usize,
    /// The seed of the cluster's randomness.
    pub seed: u64,
    /// Images that registries have besides those that are built in.
    pub images: Vec<ExtraImage>,
    /// Files of the lesson that are applied before the learner begins.
    pub manifests: Vec<String>,
    /// Addons that are enabled before.
    pub addons: Vec<String>,
    /// Shell commands that run before.
    pub commands: String,
}

/// An image made of a small Linux that runs a shell script.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtraImage {
    /// Its name, such as `example.com/shop:1`.
    pub name: String,
    /// The script that it runs.
    pub script: String,
    /// Its size in bytes.
    pub size: u64,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            nodes: 3,
            seed: 1,
            images: Vec::new(),
            manifests: Vec::new(),
            addons: Vec::new(),
            commands: String::new(),
        }
    }
}

const KEYS: [&str; 6] = ["nodes", "seed", "images", "manifests", "setup", "addons"];

impl Setup {
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Setup {
        let default = Setup::default();
        if value.is_null() {
            return default;
        }
        doc.only(at, value, &KEYS);
        let images: Vec<Value> = doc.list(at, value, "images", MAX_LIST).to_vec();
        let here = At::Field(at, "images");
        Setup {
            nodes: doc.number(at, value, "nodes", 1, MAX_NODES).map_or(default.nodes, |n| n as usize),
            seed: doc.number(at, value, "seed", 0, i64::MAX).map_or(default.seed, |n| n as u64),
            images: (0..).zip(&images).filter_map(|(i, v)| image(doc, &At::Item(&here, i), v)).collect(),
            manifests: doc.texts(at, value, "manifests", MAX_LIST),
            addons: doc.texts(at, value, "addons", MAX_LIST),
            commands: doc.text(at, value, "setup").unwrap_or_default(),
        }
    }

    /// The script that is run, unseen, before the learner begins. It fails if one of its commands does.
    pub fn script(&self) -> String {
        let mut script = String::from("set -e\n");
        for addon in &self.addons {
            script.push_str(&format!("minikube addons enable '{addon}'\n"));
        }
        for file in &self.manifests {
            script.push_str(&format!("kubectl apply -f '{file}'\n"));
        }
        script + &self.commands
    }
}

fn image(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Option<ExtraImage> {
    doc.only(at, value, &["name", "script", "mebibytes"]);
    let (name, script) = (doc.text(at, value, "name"), doc.text(at, value, "script"));
    let name = name.filter(|name| !name.is_empty());
    if name.is_none() || script.is_none() {
        doc.problem(at, "an image without name or script", "write both");
    }
    let mebibytes = doc.number(at, value, "mebibytes", 1, 10_000).unwrap_or(IMAGE_MIB);
    Some(ExtraImage { name: name?, script: script?, size: (mebibytes as u64) << 20 })
}

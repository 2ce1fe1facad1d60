//! The entries of the cluster in the kubeconfig: `minikube start` writes them, `stop` and `delete` take them out.
//! Mirrors pkg/minikube/kubeconfig.

use super::PROFILE;
use crate::{Spawn, home};
use apimachinery::{Value, json, yaml};

const LISTS: [&str; 3] = ["clusters", "contexts", "users"];

/// Writes them, and makes the context the current one.
pub(super) fn add(spawn: &Spawn) {
    // It is written in this crate.
    let fresh = yaml::parse(home::KUBECONFIG).unwrap_or_default();
    change(spawn, &mut |config| {
        for list in LISTS {
            let entries = config.field_mut(list).array_mut();
            entries.retain(|e| e["name"] != PROFILE);
            entries.extend(fresh[list].items().iter().cloned());
        }
        config.set("current-context", PROFILE);
    });
}

/// Takes them out.
pub(super) fn remove(spawn: &Spawn) {
    change(spawn, &mut |config| {
        for list in LISTS {
            config.field_mut(list).array_mut().retain(|e| e["name"] != PROFILE);
            if config[list].is_empty() {
                config.set(list, Value::Null);
            }
        }
        if config["current-context"] == PROFILE {
            config.set("current-context", "");
        }
    });
}

/// A file that is not there, or that cannot be read, is made anew.
fn change(spawn: &Spawn, with: &mut dyn FnMut(&mut Value)) {
    let path = match spawn.command.env.get("KUBECONFIG").map(|list| list.split(':').next().unwrap_or("")) {
        Some(path) if !path.is_empty() => spawn.path(path),
        _ => format!("{}/.kube/config", home::HOME),
    };
    let mut machine = spawn.machine.borrow_mut();
    let text = machine.files.read(&path).unwrap_or_default();
    let known = yaml::parse(&String::from_utf8_lossy(&text)).ok().filter(|v| !v.is_empty());
    let mut config = known.unwrap_or_else(|| json!({"apiVersion": "v1", "kind": "Config"}));
    with(&mut config);
    machine.files.put(&path, yaml::to_string(&config));
    // The file was written just now.
    let _ = machine.files.set_owner(&path, home::LEARNER, home::LEARNER);
}

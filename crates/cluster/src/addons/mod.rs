//! minikube's addons, and its tunnel.

mod metrics_server;
mod tunnel;

use crate::cluster::Cluster;
use client::{Component, Context};
use sim::Time;

/// The addons of minikube that are simulated: name, and whether a new cluster has it.
const ADDONS: [(&str, bool); 3] =
    [("default-storageclass", true), ("metrics-server", false), ("storage-provisioner", true)];

/// Which addons are enabled, and what they keep in mind.
#[derive(Clone, Default)]
pub(crate) struct Addons {
    metrics: metrics_server::MetricsServer,
    tunnel: tunnel::Tunnel,
}

impl Addons {
    /// Every simulated addon with whether it is enabled.
    pub(crate) fn list(&self) -> Vec<(String, bool)> {
        let enabled =
            |name: &str, from_start| if name == "metrics-server" { self.metrics.enabled } else { from_start };
        ADDONS.iter().map(|(name, from_start)| (name.to_string(), enabled(name, *from_start))).collect()
    }
}

/// Enables an addon. The error says which ones there are.
pub(crate) fn enable(cluster: &mut Cluster, name: &str) -> Result<(), String> {
    match name {
        "metrics-server" => metrics_server::enable(cluster),
        _ if ADDONS.iter().any(|(n, _)| *n == name) => {}
        _ => return Err(format!("the addon {name:?} is not simulated; there are {}", names())),
    }
    cluster.wake_addons();
    Ok(())
}

/// Disables an addon.
pub(crate) fn disable(cluster: &mut Cluster, name: &str) -> Result<(), String> {
    match name {
        "metrics-server" => metrics_server::disable(cluster),
        _ if ADDONS.iter().any(|(n, _)| *n == name) => {
            return Err(format!("the addon {name:?} cannot be disabled in the simulation"));
        }
        _ => return Err(format!("the addon {name:?} is not simulated; there are {}", names())),
    }
    cluster.wake_addons();
    Ok(())
}

fn names() -> String {
    ADDONS.map(|(name, _)| name).join(", ")
}

/// Opens or closes `minikube tunnel`.
pub(crate) fn tunnel(cluster: &mut Cluster, open: bool) {
    cluster.addons.tunnel.open = open;
    cluster.network.set_tunnel(open);
    cluster.wake_addons();
}

impl Component for Addons {
    fn watches(&self) -> &'static [&'static str] {
        &["services", "pods"]
    }

    fn wake(&self) -> Option<Time> {
        self.metrics.wake()
    }

    fn run(&mut self, ctx: &mut Context<'_>) {
        self.tunnel.run(ctx);
        self.metrics.run(ctx);
    }
}

impl Cluster {
    /// Does what an addon cannot do through the API alone: reads what containers use.
    pub(crate) fn pump_addons(&mut self) {
        if self.addons.metrics.take_due() {
            metrics_server::scrape(self);
        }
    }
}

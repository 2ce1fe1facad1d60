use super::{Command, Needs, PROFILE};
use crate::Spawn;
use apimachinery::{Request, Value};
use client::Driver;
use sim::Duration;
use std::rc::Rc;

/// How often it looks for Services that are new.
const LOOK: Duration = Duration::from_secs(5);

/// `minikube tunnel`: LoadBalancers have an address as long as it runs.
pub(super) const COMMAND: Command = Command {
    name: "tunnel",
    short: "Connect to LoadBalancer services",
    needs: Needs::Running,
    flags: &[],
    run: |spawn, _| Box::pin(tunnel(spawn)),
};

/// Closes the tunnel when minikube ends, by Ctrl-C too.
struct Open(Rc<dyn Driver>);

impl Drop for Open {
    fn drop(&mut self) {
        // There is nobody left to tell if this fails.
        let _ = self.0.act("stop-tunnel", "");
    }
}

async fn tunnel(spawn: &Spawn) -> i32 {
    if let Err(why) = spawn.world.driver.act("start-tunnel", "") {
        return super::fail(spawn, 110, &format!("SVC_TUNNEL_START: {}", why.0));
    }
    let _open = Open(spawn.world.driver.clone());
    let mut said = None;
    loop {
        let services = balanced(spawn).await;
        if said.as_ref() != Some(&services) {
            spawn.print(&report(spawn, &services));
            said = Some(services);
        }
        spawn.world.clock.sleep(LOOK).await;
    }
}

async fn balanced(spawn: &Spawn) -> Vec<String> {
    let list = spawn
        .world
        .transport
        .send(Request::get("/api/v1/services"))
        .await
        .map(|r| r.value())
        .unwrap_or_default();
    let wanted = |s: &&Value| s.at("spec.type") == "LoadBalancer";
    list["items"].items().iter().filter(wanted).map(|s| s.at("metadata.name").str().to_string()).collect()
}

/// Mirrors the simple reporter of pkg/minikube/tunnel.
fn report(spawn: &Spawn, services: &[String]) -> String {
    let address = spawn
        .world
        .driver
        .nodes()
        .into_iter()
        .find(|n| n.control_plane)
        .map(|n| n.address)
        .unwrap_or_default();
    format!(
        "Status:\t\n\tmachine: {PROFILE}\n\tpid: {}\n\troute: 10.96.0.0/12 -> {address}\n\tminikube: Running\n\tservices: [{}]\n    errors: \n\t\tminikube: no errors\n\t\trouter: no errors\n\t\tloadbalancer emulator: no errors\n",
        spawn.pid.0,
        services.join(", ")
    )
}

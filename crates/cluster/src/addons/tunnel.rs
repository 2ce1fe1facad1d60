use apimachinery::{Object, json};
use client::Context;

/// `minikube tunnel`: gives every LoadBalancer its ClusterIP as external address, as minikube does, as long as it is open.
#[derive(Clone, Default)]
pub(crate) struct Tunnel {
    pub(crate) open: bool,
    was_open: bool,
}

impl Tunnel {
    pub(crate) fn run(&mut self, ctx: &mut Context<'_>) {
        if !self.open && !self.was_open {
            return;
        }
        ctx.agent = "minikube";
        for service in ctx.list(&api::service::RESOURCE, "").unwrap_or_default() {
            let has = !service.at("status.loadBalancer.ingress").is_empty();
            let wants = self.open && service.at("spec.type") == "LoadBalancer";
            if has != wants {
                set_ingress(ctx, &service, wants);
            }
        }
        self.was_open = self.open;
    }
}

fn set_ingress(ctx: &mut Context<'_>, service: &Object, on: bool) {
    let ingress = match on {
        true => json!([{"ip": service.at("spec.clusterIP"), "ipMode": "VIP"}]),
        false => json!(null),
    };
    let patch = json!({"status": {"loadBalancer": {"ingress": ingress}}});
    // A conflict or a service that has just gone: the next change brings us back.
    let _ = ctx.merge_patch(&api::service::RESOURCE, service.namespace(), service.name(), "status", patch);
}

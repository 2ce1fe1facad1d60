use super::Writer;
use crate::{Ctx, Error};
use apimachinery::{Object, Value};
use client::LocalFuture;
use sim::Order;

/// Mirrors describeQuota.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    quota: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", quota.name()));
        w.put(0, &format!("Namespace:\t{}\n", quota.namespace()));
        scopes(quota, 0, " * ", w);
        w.put(0, "Resource\tUsed\tHard\n--------\t----\t----\n");
        resources(quota, 0, w);
        Ok(())
    })
}

/// All of a namespace, one after the other. Mirrors DescribeResourceQuotas.
pub(super) fn of_namespace(quotas: &[Object], w: &mut Writer) {
    if quotas.is_empty() {
        return w.put(0, "No resource quota.\n");
    }
    w.put(0, "Resource Quotas\n");
    for quota in quotas {
        w.put(1, &format!("Name:\t{}\n", quota.name()));
        scopes(quota, 1, "* ", w);
        w.put(1, "Resource\tUsed\tHard\n");
        w.put(1, "--------\t---\t---\n");
        resources(quota, 1, w);
    }
}

fn resources(quota: &Object, level: usize, w: &mut Writer) {
    let status = &quota["status"];
    for (name, hard) in status["hard"].fields() {
        let used = status["used"].get(name).map_or("0", |v| v.str());
        w.put(level, &format!("{name}\t{used}\t{}\n", hard.str()));
    }
}

fn scopes(quota: &Object, level: usize, bullet: &str, w: &mut Writer) {
    let mut scopes: Vec<&str> = quota.at("spec.scopes").items().iter().map(Value::str).collect();
    if scopes.is_empty() {
        return;
    }
    scopes.order_by_key(|s| s.to_string());
    w.put(level, &format!("Scopes:\t{}\n", scopes.join(", ")));
    for scope in scopes {
        let help = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        w.put(level, &format!("{bullet}{help}\n"));
    }
}

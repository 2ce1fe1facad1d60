use super::containers::{containers, resources};
use super::{Writer, controlled_by, date, since, template, volumes};
use crate::{Ctx, Error};
use apimachinery::Object;
use client::LocalFuture;

pub(super) fn describe<'a>(
    c: &'a Ctx,
    pod: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        top(c, pod, w);
        let (spec, status) = (&pod["spec"], &pod["status"]);
        if !spec["resources"].is_null() {
            w.put(0, "Resources:\n");
            resources(w, &spec["resources"], 1);
        }
        if !spec["initContainers"].is_empty() {
            containers(
                w,
                "Init Containers",
                &spec["initContainers"],
                &status["initContainerStatuses"],
                Some(pod),
                "",
            );
        }
        containers(w, "Containers", &spec["containers"], &status["containerStatuses"], Some(pod), "");
        if !spec["ephemeralContainers"].is_empty() {
            let statuses = &status["ephemeralContainerStatuses"];
            containers(w, "Ephemeral Containers", &spec["ephemeralContainers"], statuses, Some(pod), "");
        }
        conditions(pod, w);
        volumes::volumes(w, &spec["volumes"], "");
        w.put(0, &format!("QoS Class:\t{}\n", status["qosClass"].str()));
        w.labels("Node-Selectors", &spec["nodeSelector"]);
        w.tolerations("Tolerations", &spec["tolerations"]);
        template::spread(w, &spec["topologySpreadConstraints"], "");
        Ok(())
    })
}

fn top(c: &Ctx, pod: &Object, w: &mut Writer) {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    w.put(0, &format!("Name:\t{}\n", pod.name()));
    w.put(0, &format!("Namespace:\t{}\n", pod.namespace()));
    if let Some(priority) = spec["priority"].as_i64() {
        w.put(0, &format!("Priority:\t{priority}\n"));
    }
    for (title, key) in [
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ] {
        if !spec[key].is_empty() {
            w.put(0, &format!("{title}:\t{}\n", spec[key].str()));
        }
    }
    match spec["nodeName"].str() {
        "" => w.put(0, "Node:\t<none>\n"),
        node => w.put(0, &format!("Node:\t{node}/{}\n", status["hostIP"].str())),
    }
    if !status["startTime"].is_null() {
        w.put(0, &format!("Start Time:\t{}\n", date(&status["startTime"])));
    }
    w.labels("Labels", pod.labels());
    w.annotations("Annotations", pod.meta("annotations"));
    if pod.is_terminating() && !matches!(status["phase"].str(), "Failed" | "Succeeded") {
        w.put(0, &format!("Status:\tTerminating (lasts {})\n", since(c, pod.meta("deletionTimestamp"))));
        w.put(0, &format!("Termination Grace Period:\t{}s\n", pod.meta("deletionGracePeriodSeconds").int()));
    } else {
        w.put(0, &format!("Status:\t{}\n", status["phase"].str()));
    }
    for (title, key) in [("Reason", "reason"), ("Message", "message")] {
        if !status[key].is_empty() {
            w.put(0, &format!("{title}:\t{}\n", status[key].str()));
        }
    }
    let seccomp = spec.at("securityContext.seccompProfile");
    if !seccomp.is_null() {
        w.put(0, &format!("SeccompProfile:\t{}\n", seccomp["type"].str()));
        if seccomp["type"] == "Localhost" {
            w.put(0, &format!("LocalhostProfile:\t{}\n", seccomp["localhostProfile"].str()));
        }
    }
    w.put(0, &format!("IP:\t{}\n", status["podIP"].str()));
    match status["podIPs"].items() {
        [] => w.put(0, "IPs:\t<none>\n"),
        ips => {
            w.put(0, "IPs:\n");
            ips.iter().for_each(|ip| w.put(1, &format!("IP:\t{}\n", ip["ip"].str())));
        }
    }
    controlled_by(pod, w);
    if !status["nominatedNodeName"].is_empty() {
        w.put(0, &format!("NominatedNodeName:\t{}\n", status["nominatedNodeName"].str()));
    }
}

fn conditions(pod: &Object, w: &mut Writer) {
    let conditions = pod.at("status.conditions").items();
    let gates = pod.at("spec.readinessGates").items();
    if !gates.is_empty() {
        w.put(0, "Readiness Gates:\n  Type\tStatus\n");
    }
    for gate in gates {
        let kind = gate["conditionType"].str();
        let status = conditions.iter().find(|c| c["type"] == *kind).map_or("<none>", |c| c["status"].str());
        w.put(1, &format!("{kind} \t{status} \n"));
    }
    if !conditions.is_empty() {
        w.put(0, "Conditions:\n  Type\tStatus\n");
    }
    for condition in conditions {
        w.put(1, &format!("{} \t{} \n", condition["type"].str(), condition["status"].str()));
    }
}

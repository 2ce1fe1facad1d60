//! The commands, one file each.

mod annotate;
mod apply;
mod common;
mod create;
mod delete;
mod get;
mod label;
mod patch;
mod replace;
mod scale;
mod version;

use crate::Command;

/// `kubectl` itself: every command there is, in the groups and the order of the real one.
pub static ROOT: Command = Command {
    name: "kubectl",
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/",
    subs: &[
        (
            "Basic Commands (Beginner):",
            &[
                &create::COMMAND,
                &Command::refused("expose", "Expose pods as a new service"),
                &Command::refused("run", "Run a particular image on the cluster"),
                &Command::refused("set", "Set specific features on objects"),
            ],
        ),
        (
            "Basic Commands (Intermediate):",
            &[
                &Command::refused("explain", "Get documentation for a resource"),
                &get::COMMAND,
                &Command::refused("edit", "Edit a resource on the server"),
                &delete::COMMAND,
            ],
        ),
        (
            "Deploy Commands:",
            &[
                &Command::refused("rollout", "Manage the rollout of a resource"),
                &scale::COMMAND,
                &Command::refused(
                    "autoscale",
                    "Auto-scale a deployment, replica set, stateful set, or replication controller",
                ),
            ],
        ),
        (
            "Cluster Management Commands:",
            &[
                &Command::refused("certificate", "Modify certificate resources"),
                &Command::refused("cluster-info", "Display cluster information"),
                &Command::refused("top", "Display resource (CPU/memory) usage"),
                &Command::refused("cordon", "Mark node as unschedulable"),
                &Command::refused("uncordon", "Mark node as schedulable"),
                &Command::refused("drain", "Drain node in preparation for maintenance"),
                &Command::refused("taint", "Update the taints on one or more nodes"),
            ],
        ),
        (
            "Troubleshooting and Debugging Commands:",
            &[
                &Command::refused("describe", "Show details of a specific resource or group of resources"),
                &Command::refused("logs", "Print the logs for a container in a pod"),
                &Command::refused("attach", "Attach to a running container"),
                &Command::refused("exec", "Execute a command in a container"),
                &Command::refused("port-forward", "Forward one or more local ports to a pod"),
                &Command::refused("proxy", "Run a proxy to the Kubernetes API server"),
                &Command::refused("cp", "Copy files and directories to and from containers"),
                &Command::refused("auth", "Inspect authorization"),
                &Command::refused(
                    "debug",
                    "Create debugging sessions for troubleshooting workloads and nodes",
                ),
                &Command::refused("events", "List events"),
            ],
        ),
        (
            "Advanced Commands:",
            &[
                &Command::refused("diff", "Diff the live version against a would-be applied version"),
                &apply::COMMAND,
                &patch::COMMAND,
                &replace::COMMAND,
                &Command::refused("wait", "Wait for a specific condition on one or many resources"),
                &Command::refused("kustomize", "Build a kustomization target from a directory or URL"),
            ],
        ),
        (
            "Settings Commands:",
            &[
                &label::COMMAND,
                &annotate::COMMAND,
                &Command::refused("completion", "Output shell completion code for the specified shell"),
            ],
        ),
        (
            "Other Commands:",
            &[
                &Command::refused("api-resources", "Print the supported API resources on the server"),
                &Command::refused("api-versions", "Print the supported API versions on the server"),
                &Command::refused("config", "Modify kubeconfig files"),
                &Command::refused("kuberc", "Manage kuberc configuration files"),
                &Command::refused("plugin", "Provides utilities for interacting with plugins"),
                &version::COMMAND,
                &Command::refused("options", "List the options that every command has"),
            ],
        ),
    ],
    ..Command::NEW
};

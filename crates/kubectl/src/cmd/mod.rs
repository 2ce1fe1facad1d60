//! The commands, one file each.

mod annotate;
mod api_resources;
mod api_versions;
mod apply;
mod attach;
mod autoscale;
mod cluster_info;
mod common;
mod completion;
mod config;
mod cordon;
mod create;
mod delete;
mod describe;
mod diff;
mod drain;
mod edit;
mod events;
mod exec;
mod explain;
mod expose;
mod get;
mod label;
mod logs;
mod metadata;
mod options;
mod patch;
mod plugin;
mod pods;
mod port_forward;
mod proxy;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod taint;
mod top;
mod version;
mod wait;

pub(crate) use common::LAST_APPLIED;

use crate::Command;

/// `kubectl` itself: every command there is, in the groups and the order of the real one.
pub static ROOT: Command = Command {
    name: "kubectl",
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/",
    subs: &[
        ("Basic Commands (Beginner):", &[&create::COMMAND, &expose::COMMAND, &run::COMMAND, &set::COMMAND]),
        (
            "Basic Commands (Intermediate):",
            &[&explain::COMMAND, &get::COMMAND, &edit::COMMAND, &delete::COMMAND],
        ),
        ("Deploy Commands:", &[&rollout::COMMAND, &scale::COMMAND, &autoscale::COMMAND]),
        (
            "Cluster Management Commands:",
            &[
                &Command::refused("certificate", "Modify certificate resources"),
                &cluster_info::COMMAND,
                &top::COMMAND,
                &cordon::COMMAND,
                &cordon::UNCORDON,
                &drain::COMMAND,
                &taint::COMMAND,
            ],
        ),
        (
            "Troubleshooting and Debugging Commands:",
            &[
                &describe::COMMAND,
                &logs::COMMAND,
                &attach::COMMAND,
                &exec::COMMAND,
                &port_forward::COMMAND,
                &proxy::COMMAND,
                &Command::refused("cp", "Copy files and directories to and from containers"),
                &Command::refused("auth", "Inspect authorization"),
                &Command::refused(
                    "debug",
                    "Create debugging sessions for troubleshooting workloads and nodes",
                ),
                &events::COMMAND,
            ],
        ),
        (
            "Advanced Commands:",
            &[
                &diff::COMMAND,
                &apply::COMMAND,
                &patch::COMMAND,
                &replace::COMMAND,
                &wait::COMMAND,
                &Command::refused("kustomize", "Build a kustomization target from a directory or URL"),
            ],
        ),
        ("Settings Commands:", &[&label::COMMAND, &annotate::COMMAND, &completion::COMMAND]),
        (
            "Other Commands:",
            &[
                &api_resources::COMMAND,
                &api_versions::COMMAND,
                &config::COMMAND,
                &Command::refused("kuberc", "Manage kuberc configuration files"),
                &plugin::COMMAND,
                &version::COMMAND,
                &options::COMMAND,
            ],
        ),
    ],
    ..Command::NEW
};

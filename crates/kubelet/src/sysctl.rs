//! Kernel parameters of a pod: which ones a node allows, and where a container reads them. Mirrors pkg/kubelet/sysctl.

use apimachinery::Object;
use userland::Files;

/// What every node allows. Mirrors SafeSysctlAllowlist.
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// Whether the node takes a pod with these parameters. `Err`: (reason, message). Mirrors patternAllowlist.Admit.
pub(crate) fn admit(pod: &Object) -> Result<(), (String, String)> {
    let refuse = |why: String| Err(("SysctlForbidden".to_string(), format!("forbidden sysctl: {why}")));
    for sysctl in pod["spec"]["securityContext"]["sysctls"].items() {
        let name = sysctl["name"].str().replace('/', ".");
        if !SAFE.contains(&name.as_str()) {
            return refuse(format!("{name:?} not allowlisted"));
        }
        if name.starts_with("net.") && pod["spec"]["hostNetwork"].is_true() {
            return refuse(format!("{name:?} not allowed with host net enabled"));
        }
    }
    Ok(())
}

/// Writes them where programs read them.
pub(crate) fn write(files: &mut Files, pod: &Object) {
    for sysctl in pod["spec"]["securityContext"]["sysctls"].items() {
        let path = sysctl["name"].str().replace('.', "/");
        files.put(&format!("/proc/sys/{path}"), format!("{}\n", sysctl["value"].str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn only_what_every_node_allows_is_taken() {
        let pod = |name: &str| {
            Object(json!({"spec": {"securityContext": {"sysctls": [{"name": (name), "value": "1"}]}}}))
        };
        assert_eq!(admit(&pod("kernel.shm_rmid_forced")), Ok(()));
        let refused = admit(&pod("kernel.msgmax")).unwrap_err();
        assert_eq!(refused.1, "forbidden sysctl: \"kernel.msgmax\" not allowlisted");
        let mut files = Files::new();
        write(&mut files, &pod("net.ipv4.tcp_syncookies"));
        assert_eq!(files.read("/proc/sys/net/ipv4/tcp_syncookies").unwrap().as_slice(), b"1\n");
    }
}

//! The images of kube-system. What these components do, the simulation does itself; their containers are up, say so in
//! their logs and use what such components use.

use super::server::{Stop, WAIT};
use super::{Definition, Image};
use sim::net::{HttpResponse, Payload, Response};
use userland::{Files, Flavor, Os, Program, Signal, Step};

/// A component: name, size of its image, thousandths of a CPU, MiB of memory, ports in its pod, first line of its log.
type Component = (&'static str, u64, u64, u64, &'static [u16], &'static str);

const COMPONENTS: [Component; 8] = [
    ("etcd", 23_000_000, 20, 60, &[], "{\"level\":\"info\",\"msg\":\"ready to serve client requests\"}"),
    ("kube-apiserver", 30_000_000, 45, 250, &[], "I server.go: Serving securely on [::]:8443"),
    (
        "kube-controller-manager",
        25_000_000,
        15,
        50,
        &[],
        "I leaderelection.go: successfully acquired lease kube-system/kube-controller-manager",
    ),
    (
        "kube-scheduler",
        19_000_000,
        4,
        25,
        &[],
        "I leaderelection.go: successfully acquired lease kube-system/kube-scheduler",
    ),
    ("kube-proxy", 27_000_000, 1, 15, &[], "I server.go: Using iptables proxy"),
    ("coredns", 22_384_805, 3, 15, &[53, 8080, 8181, 9153], ".:53\nCoreDNS-1.13.1\nlinux/amd64"),
    (
        "storage-provisioner",
        9_000_000,
        2,
        10,
        &[],
        "I main.go: Storage provisioner initialized, now starting service!",
    ),
    (
        "metrics-server",
        22_000_000,
        4,
        20,
        &[4443, 10250],
        "I secure_serving.go: Serving securely on [::]:4443",
    ),
];

pub(super) const ETCD: Definition =
    Definition { repositories: &["registry.k8s.io/etcd"], tags: &["3.6.6-0"], make: |_| image("etcd") };
pub(super) const API_SERVER: Definition = Definition {
    repositories: &["registry.k8s.io/kube-apiserver"],
    tags: &["v1.36.2"],
    make: |_| image("kube-apiserver"),
};
pub(super) const CONTROLLER_MANAGER: Definition = Definition {
    repositories: &["registry.k8s.io/kube-controller-manager"],
    tags: &["v1.36.2"],
    make: |_| image("kube-controller-manager"),
};
pub(super) const SCHEDULER: Definition = Definition {
    repositories: &["registry.k8s.io/kube-scheduler"],
    tags: &["v1.36.2"],
    make: |_| image("kube-scheduler"),
};
pub(super) const PROXY: Definition = Definition {
    repositories: &["registry.k8s.io/kube-proxy"],
    tags: &["v1.36.2"],
    make: |_| image("kube-proxy"),
};
pub(super) const DNS: Definition = Definition {
    repositories: &["registry.k8s.io/coredns/coredns"],
    tags: &["v1.13.1"],
    make: |_| image("coredns"),
};
pub(super) const STORAGE: Definition = Definition {
    repositories: &["gcr.io/k8s-minikube/storage-provisioner"],
    tags: &["v5"],
    make: |_| image("storage-provisioner"),
};
pub(super) const METRICS: Definition = Definition {
    repositories: &["registry.k8s.io/metrics-server/metrics-server"],
    tags: &["v0.8.0"],
    make: |_| image("metrics-server"),
};

fn image(name: &str) -> Image {
    // One static program, as in the distroless images that these are built on: no shell.
    let mut files = Files::new();
    let path = format!("/{name}");
    files.install(&path, |_| Box::new(Running::default()));
    let size = COMPONENTS.iter().find(|c| c.0 == name).map_or(0, |c| c.1);
    Image::new(size, files, Flavor::Gnu, &[&path], &[])
}

#[derive(Clone, Default)]
struct Running {
    ports: Option<&'static [u16]>,
    stop: Stop,
}

impl Program for Running {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        let Some(ports) = self.ports else {
            let name = os.argv()[0].trim_start_matches('/').to_string();
            let Some((_, _, cpu, memory, ports, line)) = COMPONENTS.iter().find(|c| c.0 == name) else {
                return Step::Exit(1);
            };
            os.print(&format!("{line}\n"));
            os.claim_cpu(*cpu);
            os.claim_memory(memory << 20);
            for port in *ports {
                os.listen(*port);
            }
            self.ports = Some(ports);
            return WAIT;
        };
        for port in ports {
            while let Some((id, payload, _)) = os.accept(*port) {
                let answer = match payload {
                    Payload::Http(_) => {
                        Response::Http(HttpResponse::new(200, "text/plain; charset=utf-8", "OK"))
                    }
                    _ => Response::Connected,
                };
                os.answer(id, Ok(answer));
            }
        }
        WAIT
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

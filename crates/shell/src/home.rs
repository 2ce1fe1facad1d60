//! What is on the laptop when it is opened.

use userland::Files;

/// The learner's home.
pub(crate) const HOME: &str = "/home/learner";

/// The learner's user and group.
pub(crate) const LEARNER: u32 = 1000;

/// Programs that the laptop's machine does not run itself.
pub(crate) const EXTERNALS: [&str; 5] = ["kubectl", "minikube", "nano", "vi", "vim"];

/// Programs that whoever shows lessons answers, once somebody does.
pub(crate) const LESSON_PROGRAMS: [&str; 5] = ["hint", "lesson", "levels", "reset", "solution"];

/// A file system with the usual programs, a home and a kubeconfig as `minikube start` writes it.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    userland::programs::install_all(&mut files);
    for name in EXTERNALS {
        files.install_external(&format!("/usr/local/bin/{name}"));
    }
    files.put("/etc/hostname", "laptop\n");
    files.put("/etc/hosts", "127.0.0.1\tlocalhost\n");
    files.put(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\nlearner:x:1000:1000::/home/learner:/bin/bash\n",
    );
    files.put("/etc/group", "root:x:0:\nlearner:x:1000:\n");
    files.put("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n");
    files.put(&format!("{HOME}/.kube/config"), KUBECONFIG);
    for path in ["", "/.kube", "/.kube/config"] {
        // What was put there a line above is there.
        let _ = files.set_owner(&format!("{HOME}{path}"), LEARNER, LEARNER);
    }
    files
}

/// What `minikube start` writes.
pub(crate) const KUBECONFIG: &str = "\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: /home/learner/.minikube/ca.crt
    server: https://192.168.49.2:8443
  name: minikube
contexts:
- context:
    cluster: minikube
    namespace: default
    user: minikube
  name: minikube
current-context: minikube
kind: Config
users:
- name: minikube
  user:
    client-certificate: /home/learner/.minikube/admin.crt
    client-key: /home/learner/.minikube/admin.key
";

/// The environment of a login.
pub(crate) fn environment() -> sim::collections::BTreeMap<String, String> {
    [
        ("HOME", HOME),
        ("USER", "learner"),
        ("LOGNAME", "learner"),
        ("SHELL", "/bin/bash"),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("PWD", HOME),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("PS1", "\\w \\$ "),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_string(), v.to_string()))
    .collect()
}

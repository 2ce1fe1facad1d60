//! Images that are just a small Linux: busybox, alpine, debian, ubuntu, curl.

use super::{Definition, Image, base};
use userland::{Flavor, Os, Program, Step};

pub(super) const BUSYBOX: Definition = Definition {
    repositories: &[
        "docker.io/library/busybox",
        "registry.k8s.io/busybox",
        "k8s.gcr.io/busybox",
        "gcr.io/google_containers/busybox",
        "gcr.io/google-containers/busybox",
    ],
    tags: &[
        "latest", "stable", "musl", "glibc", "1", "1.24", "1.27", "1.27.2", "1.28", "1.29", "1.30", "1.31",
        "1.32", "1.33", "1.34", "1.35", "1.36", "1.36.1", "1.37", "1.37.0",
    ],
    make: |_| Image::new(2_223_685, base::busybox(), Flavor::Busybox, &[], &["sh"]),
};

pub(super) const ALPINE: Definition = Definition {
    repositories: &["docker.io/library/alpine"],
    tags: &[
        "latest", "3", "3.12", "3.14", "3.15", "3.16", "3.17", "3.18", "3.19", "3.20", "3.21", "3.22", "edge",
    ],
    make: |_| Image::new(3_806_528, base::alpine(), Flavor::Busybox, &[], &["/bin/sh"]),
};

pub(super) const DEBIAN: Definition = Definition {
    repositories: &["docker.io/library/debian"],
    tags: &["latest", "12", "bookworm", "bookworm-slim", "stable", "stable-slim"],
    make: |_| Image::new(48_492_000, base::debian(), Flavor::Gnu, &[], &["bash"]),
};

pub(super) const UBUNTU: Definition = Definition {
    repositories: &["docker.io/library/ubuntu"],
    tags: &["latest", "20.04", "22.04", "24.04", "focal", "jammy", "noble"],
    make: |_| {
        let mut files = base::debian();
        files.put(
            "/etc/os-release",
            "PRETTY_NAME=\"Ubuntu 24.04.2 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
        );
        Image::new(29_727_000, files, Flavor::Gnu, &[], &["/bin/bash"])
    },
};

pub(super) const CURL: Definition = Definition {
    repositories: &["docker.io/curlimages/curl", "quay.io/curl/curl"],
    tags: &[
        "latest", "7.85.0", "7.88.1", "8.1.2", "8.4.0", "8.5.0", "8.8.0", "8.9.1", "8.10.1", "8.12.1",
        "8.14.1",
    ],
    make: |_| {
        let mut files = base::alpine();
        base::add(&mut files, &["curl"]);
        files.put(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\ncurl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\n",
        );
        files.make_dirs("/home/curl_user");
        files.install("/entrypoint.sh", |_| Box::new(Curl));
        let mut image = Image::new(9_600_000, files, Flavor::Busybox, &["/entrypoint.sh"], &["curl"]);
        image.user = "curl_user".into();
        image.working_dir = "/home/curl_user".into();
        image
    },
};

/// curl's start script: arguments that are options or no program are curl's.
#[derive(Clone)]
struct Curl;

impl Program for Curl {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let mut argv = os.argv()[1..].to_vec();
        if argv.first().is_none_or(|a| a.starts_with('-') || os.find(a).is_err()) {
            argv.insert(0, "curl".into());
        }
        match os.exec(&argv) {
            Ok(()) => Step::Yield,
            Err(_) => Step::Exit(127),
        }
    }
}

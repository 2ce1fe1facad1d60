//! The files that images are built on: what every small Linux has.

use userland::{Files, programs};

/// Directories of every Linux.
const DIRECTORIES: [&str; 18] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/usr/local/bin",
    "/var/log",
    "/var/lib",
];

fn linux() -> Files {
    let mut files = Files::new();
    for path in DIRECTORIES {
        files.make_dirs(path);
    }
    files
}

/// busybox: one binary that is every program.
pub(crate) fn busybox() -> Files {
    let mut files = linux();
    files.put("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n");
    files.put("/etc/group", "root:x:0:\nnobody:x:65534:\n");
    programs::install(&mut files, programs::BUSYBOX);
    files
}

/// Alpine: busybox and a little more.
pub(crate) fn alpine() -> Files {
    let mut files = busybox();
    files.put("/etc/alpine-release", "3.22.0\n");
    files.put(
        "/etc/os-release",
        "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\n",
    );
    add(&mut files, &["getent"]);
    files
}

/// Debian, as most official images are built on it: bash and the GNU tools.
pub(crate) fn debian() -> Files {
    let mut files = linux();
    files.put(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
         nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    );
    files.put("/etc/group", "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n");
    files.put(
        "/etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
    );
    files.put("/etc/debian_version", "12.11\n");
    programs::install(&mut files, programs::DEBIAN);
    files
}

/// Programs that not every image has.
pub(crate) fn add(files: &mut Files, names: &[&str]) {
    programs::install(files, names);
}

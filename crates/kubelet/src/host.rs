//! The node's own machine: what `minikube ssh` logs into. It has a shell and the small programs; containers do not run
//! in it, they are beside it.

use crate::NodeConfig;
use crate::exec::Sessions;
use crate::images::base;
use crate::net::{Net, Owner, Socket};
use client::Place;
use sim::collections::{BTreeMap, BTreeSet};
use sim::net::{Error, RequestId, Response};
use sim::{Rng, Time};
use userland::{Command, Machine, Os, Pid, Program, SpawnError, Step};

/// The user that `minikube ssh` logs in as.
const USER: &str = "docker";
/// Programs of a node beside those that every Debian has.
const PROGRAMS: [&str; 14] = [
    "curl", "wget", "ps", "kill", "killall", "pgrep", "pkill", "ping", "nslookup", "dig", "less", "vi",
    "watch", "uptime",
];
/// Programs of a node that are about things that are not simulated on it.
const REFUSED: [&str; 5] = ["docker", "crictl", "ctr", "systemctl", "journalctl"];

/// The node's machine and what it is connected with.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) machine: Machine,
    place: Place,
    pub(crate) answers: BTreeMap<RequestId, Result<Response, Error>>,
    asking: BTreeSet<RequestId>,
    serving: BTreeSet<RequestId>,
}

impl Host {
    pub(crate) fn new(config: &NodeConfig) -> Host {
        let mut files = base::debian();
        base::add(&mut files, &PROGRAMS);
        files.put("/etc/hostname", format!("{}\n", config.name));
        files.put("/etc/hosts", format!("127.0.0.1\tlocalhost\n{}\t{}\n", config.address, config.name));
        files.put("/etc/resolv.conf", "nameserver 192.168.49.1\noptions ndots:0\n");
        files.put(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\ndocker:x:1000:999::/home/docker:/bin/bash\n",
        );
        files.make_dirs("/home/docker");
        for name in REFUSED {
            files.install(&format!("/usr/bin/{name}"), |_| Box::new(Refused));
        }
        let mut machine = Machine::new(&config.name, files);
        machine.boot(1000);
        Host {
            machine,
            place: Place::Node(config.name.clone()),
            answers: BTreeMap::new(),
            asking: BTreeSet::new(),
            serving: BTreeSet::new(),
        }
    }

    /// Starts a command as the login user; without one, a shell.
    pub(crate) fn spawn(&mut self, mut command: Command) -> Result<Pid, SpawnError> {
        if command.argv.is_empty() {
            command.argv = vec!["/bin/bash".into(), "-l".into()];
        }
        command.user = USER.into();
        command.cwd = format!("/home/{USER}");
        for (name, value) in
            [("HOME", "/home/docker"), ("USER", USER), ("LOGNAME", USER), ("SHELL", "/bin/bash")]
        {
            command.env.insert(name.into(), value.into());
        }
        command
            .env
            .insert("PATH".into(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into());
        if command.tty.is_some() {
            command.env.insert("TERM".into(), "xterm-256color".into());
        }
        self.machine.spawn(command)
    }

    /// Runs the machine and hands its sessions' output on.
    pub(crate) fn run(&mut self, now: Time, rng: &mut Rng, net: &mut Net, sessions: &mut Sessions) {
        self.machine.run(&mut Socket {
            now,
            rng,
            net,
            owner: Owner::Host,
            place: &self.place,
            answers: &mut self.answers,
            asking: &mut self.asking,
            serving: &mut self.serving,
        });
        sessions.collect(Owner::Host, &mut self.machine);
    }

    /// When the machine wants to run.
    pub(crate) fn wake(&self) -> Option<Time> {
        self.machine.wake()
    }
}

/// A program of a node that is not simulated.
#[derive(Clone)]
struct Refused;

impl Program for Refused {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let name = os.argv().first().cloned().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default().to_string();
        os.eprint(&format!("{name}: not simulated on this node; kubectl shows what runs on it\n"));
        Step::Exit(1)
    }
}

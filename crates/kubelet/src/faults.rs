//! What can be done to a node from outside.

use crate::Kubelet;
use crate::config::RELIST_PERIOD;
use crate::kubelet::{Power, Timer};
use crate::net::Outgoing;
use crate::worker::{Exit, Worker};
use sim::net::Error;
use sim::{Duration, Time, Timers};
use std::rc::Rc;
use userland::Signal;

impl Kubelet {
    /// Whether the node's machine is up.
    pub fn is_up(&self) -> bool {
        self.power != Power::Off
    }

    /// Whether its kubelet runs.
    pub fn is_running(&self) -> bool {
        self.power == Power::On
    }

    /// Stops the kubelet alone: it goes silent, containers run on.
    pub fn stop_kubelet(&mut self) {
        if self.power == Power::On {
            self.power = Power::KubeletOff;
            self.since = None;
        }
    }

    /// Switches the whole node off: its containers are lost at once, and nothing answers any more.
    pub fn stop(&mut self) {
        self.power = Power::Off;
        self.since = None;
        for w in self.workers.values_mut().map(Rc::make_mut) {
            for c in &mut w.containers {
                c.machine = None;
                if c.exit.is_none() && c.started.is_some() {
                    // That is how a container is found after a reboot.
                    let at = self.clock;
                    c.exit = Some(Exit { at, code: 255, reason: "Unknown", message: String::new() });
                }
                (c.wake, c.hook, c.stopping) = (None, None, None);
                c.probes.clear();
                c.answers.clear();
                let serving = std::mem::take(&mut c.serving);
                self.net.outgoing.extend(
                    serving.into_iter().map(|id| Outgoing::Answer { id, result: Err(Error::Timeout) }),
                );
                for id in std::mem::take(&mut c.asking) {
                    self.net.asking.remove(&id);
                    self.net.outgoing.push(Outgoing::Cancel { id });
                }
            }
        }
        self.host = crate::host::Host::new(&self.config);
        self.sessions = Default::default();
        self.machines = None;
    }

    /// Starts what was stopped. Pods whose containers were lost get new ones; what the API says of them counts.
    pub fn start(&mut self) {
        if self.power == Power::On {
            return;
        }
        let lost = self.power == Power::Off;
        self.power = Power::On;
        self.since = None;
        self.poked = true;
        self.timers = Timers::default();
        self.relist = Duration::from_micros(self.rng.below(RELIST_PERIOD.as_micros() as u64));
        for w in self.workers.values_mut().map(Rc::make_mut) {
            w.activity = None;
            w.token += 1;
            w.pending = false;
            if lost {
                if let Some(sandbox) = w.sandbox.take().filter(|s| s.ready && !w.host_network()) {
                    self.ipam.release(&sandbox.ip);
                }
                w.volumes = None;
                w.mounting = None;
                w.containers.retain(|c| c.exit.is_some());
            }
        }
        self.returned = true;
    }

    /// After a start: every pod is looked at, and timers that were lost are set anew.
    pub(crate) fn resume(&mut self, now: Time) {
        if !std::mem::take(&mut self.returned) {
            return;
        }
        if self.disk_full {
            self.timers.push(now, Timer::Eviction);
        }
        let ids: Vec<_> = self.workers.keys().copied().collect();
        for id in ids {
            self.with_worker(id, |kubelet, w| {
                w.fresh_at = now;
                let running: Vec<_> = w.running().map(|c| c.no).collect();
                for no in running {
                    if let Some(c) = w.container(no) {
                        c.probes.clear();
                    }
                    kubelet.arm_probes(w, no, now);
                }
                if w.containers.iter().any(|c| c.stopping.is_some()) {
                    kubelet.timers.push(now, Timer::Stopping(w.id));
                }
                kubelet.trigger(w, now);
            });
        }
    }

    /// Kills the first process of a container (empty: of each of the pod's). `false`: nothing of that name runs here.
    pub fn crash_container(&mut self, now: Time, namespace: &str, pod: &str, container: &str) -> bool {
        let Some(id) = self.pod_worker(namespace, pod).map(|w| w.id) else { return false };
        let crash = |kubelet: &mut Kubelet, w: &mut Worker| {
            let wanted = |name: &str| container.is_empty() || name == container;
            let list: Vec<_> = w.running().filter(|c| wanted(&c.name)).map(|c| c.no).collect();
            for no in &list {
                if let Some(c) = w.container(*no)
                    && let Some(machine) = &mut c.machine
                {
                    machine.signal(c.main, Signal::Kill);
                }
                kubelet.run_machine(now, w, *no);
            }
            !list.is_empty()
        };
        let done = self.with_worker(id, crash).unwrap_or(false);
        self.poke();
        done
    }

    /// Fills the node's disk, or empties it: the node gets the condition DiskPressure and throws pods out, one by one.
    pub fn fill_disk(&mut self, now: Time, full: bool) {
        if self.disk_full == full {
            return;
        }
        self.disk_full = full;
        self.timers.retain(|t| *t != Timer::NodeStatus);
        self.timers.push(now, Timer::NodeStatus);
        if full {
            self.timers.push(now, Timer::Eviction);
            // Images that nobody uses are the first to go.
            let used: Vec<String> =
                self.workers.values().flat_map(|w| w.running()).map(|c| c.image.clone()).collect();
            self.store.retain(|name| used.iter().any(|u| u == name));
        }
        self.poke();
    }

    /// An image can no longer be pulled, as if its registry were broken.
    pub fn break_image(&mut self, image: &str) {
        self.images.set_broken(image, true);
    }

    /// It can be pulled again.
    pub fn mend_image(&mut self, image: &str) {
        self.images.set_broken(image, false);
    }
}

//! How containers and pods end: preStop hooks, SIGTERM, the grace period, SIGKILL.
//! Mirrors killContainer in pkg/kubelet/kuberuntime, and SyncTerminatingPod.

use crate::Kubelet;
use crate::config::{MIN_GRACE, STOP_TIME};
use crate::kubelet::Timer;
use crate::sync::{self, Go};
use crate::worker::{Container, ContainerNo, Hook, Kind, Phase, Stopping, Worker};
use client::{Context, EventType};
use sim::{Duration, Time};
use userland::Signal;

/// The grace period of a pod that does not say one.
const DEFAULT_GRACE: i64 = 30;

impl Kubelet {
    /// Begins to stop a pod. Mirrors the beginning of SyncTerminatingPod.
    pub(crate) fn terminate(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        self.update_status(ctx, w);
        w.phase = Phase::Terminating;
        w.activity = None;
        // What was created and not started yet is simply dropped.
        w.containers.retain(|c| c.started.is_some() || c.exit.is_some());
        let grace = grace(w);
        w.grace = Some(grace);
        w.stop_by = Some(ctx.now + grace);
        for c in w.containers.iter_mut() {
            c.probes.retain(|p| p.is_readiness());
        }
        self.progress_stopping(ctx, w);
    }

    /// A second deletion may shorten the grace period.
    pub(crate) fn shorten_grace(&mut self, w: &mut Worker, now: Time) {
        if w.phase != Phase::Terminating || w.pod.meta("deletionGracePeriodSeconds").is_null() {
            return;
        }
        let by = now + grace_of(w.pod.meta("deletionGracePeriodSeconds").int());
        if w.stop_by.is_none_or(|at| by < at) {
            w.stop_by = Some(by);
            for stopping in w.containers.iter_mut().filter_map(|c| c.stopping.as_mut()) {
                stopping.kill_at = stopping.kill_at.min(by);
            }
            self.timers.push(by, Timer::Stopping(w.id));
        }
    }

    /// Goes on with whatever is being stopped in a pod.
    pub(crate) fn progress_stopping(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let now = ctx.now;
        let stopping = |c: &&Container| c.is_running() && c.stopping.is_some();
        let list: Vec<ContainerNo> = w.containers.iter().filter(stopping).map(|c| c.no).collect();
        for no in list {
            self.progress_container(ctx, w, no, now);
        }
        if w.phase != Phase::Terminating {
            return;
        }
        let message = |name: &str| format!("Stopping container {name}");
        let untouched = |c: &&Container| c.stopping.is_none();
        let main: Vec<(ContainerNo, String)> = w
            .running()
            .filter(|c| c.kind != Kind::Sidecar)
            .filter(untouched)
            .map(|c| (c.no, c.name.clone()))
            .collect();
        for (no, name) in main {
            self.stop_container(ctx, w, no, &message(&name));
        }
        // Sidecars end after all others, the last one first.
        while !w.running().any(|c| c.kind != Kind::Sidecar) && !w.running().any(|c| c.stopping.is_some()) {
            let Some((no, name)) = w.running().last().map(|c| (c.no, c.name.clone())) else { break };
            self.stop_container(ctx, w, no, &message(&name));
        }
        if w.running().next().is_some() {
            return;
        }
        let down = *w.down_at.get_or_insert(now + STOP_TIME);
        if now < down {
            return self.timers.push(down, Timer::Stopping(w.id));
        }
        self.pod_stopped(ctx, w);
    }

    fn pod_stopped(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        if let Some(sandbox) = &mut w.sandbox {
            if sandbox.ready && !w.pod["spec"]["hostNetwork"].is_true() {
                self.ipam.release(&sandbox.ip);
            }
            sandbox.ready = false;
        }
        w.phase = Phase::Terminated;
        self.update_status(ctx, w);
        w.fresh_at = self.next_relist(ctx.now);
        w.pending = false;
        self.trigger(w, ctx.now);
    }

    /// Begins to stop one container: its preStop hook, or SIGTERM.
    pub(crate) fn stop_container(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        message: &str,
    ) {
        let now = ctx.now;
        let left = w.stop_by.map(|at| at.since(now));
        let grace = left.unwrap_or_else(|| grace(w)).max(MIN_GRACE);
        let Some(c) = w.container(no) else { return };
        let (name, hook) = (c.name.clone(), c.spec["lifecycle"]["preStop"].clone());
        let kill_at = now + probe_grace(c).unwrap_or(grace);
        c.stopping = Some(Stopping { hook: None, signalled: false, kill_at });
        self.container_event(ctx, w, &name, EventType::Normal, "Killing", message);
        self.timers.push(kill_at, Timer::Stopping(w.id));
        if !hook.is_null() {
            match self.start_hook(w, no, &hook, now) {
                Ok(started) => {
                    if let Hook::Sleep(until) = started {
                        self.timers.push(until, Timer::Stopping(w.id));
                    }
                    if let Some(stopping) = w.container(no).and_then(|c| c.stopping.as_mut()) {
                        stopping.hook = Some(started);
                    }
                }
                Err(error) => self.pre_stop_failed(ctx, w, &name, &error),
            }
        }
        self.progress_container(ctx, w, no, now);
    }

    fn pre_stop_failed(&mut self, ctx: &mut Context<'_>, w: &mut Worker, name: &str, error: &str) {
        let text = format!("PreStopHook failed: {error}");
        self.container_event(ctx, w, name, EventType::Warning, "FailedPreStopHook", &text);
    }

    fn progress_container(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo, now: Time) {
        let Some(c) = w.container(no) else { return };
        let name = c.name.clone();
        let Some(stopping) = c.stopping.as_ref().filter(|_| c.exit.is_none()) else { return };
        if now >= stopping.kill_at {
            if let Some(machine) = &mut c.machine {
                machine.signal(c.main, Signal::Kill);
            }
            return self.run_machine(now, w, no);
        }
        if stopping.signalled {
            return;
        }
        if stopping.hook.is_some() {
            match self.hook_result(w, no, now) {
                None => return,
                Some(Ok(())) => {}
                Some(Err(error)) => self.pre_stop_failed(ctx, w, &name, &error),
            }
        }
        let Some(c) = w.container(no) else { return };
        if let Some(stopping) = &mut c.stopping {
            stopping.signalled = true;
        }
        if let Some(machine) = &mut c.machine {
            machine.signal(c.main, c.stop_signal);
        }
        self.run_machine(now, w, no);
    }

    /// Stops a container that a probe or a hook has condemned, in the course of a sync.
    pub(crate) fn kill_in_sync(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo) -> Go {
        let Some(c) = w.container(no) else { return Go::On };
        if c.exit.is_some() {
            sync::change(w);
            return Go::On;
        }
        if c.stopping.is_none() {
            let message = c.condemned.clone().unwrap_or_default();
            self.stop_container(ctx, w, no, &message);
        }
        match w.container(no).is_some_and(|c| c.exit.is_some()) {
            true => {
                sync::change(w);
                Go::On
            }
            false => {
                sync::wait_for_end(w, no);
                Go::Hold
            }
        }
    }
}

/// The grace period that counts for a pod now.
fn grace(w: &Worker) -> Duration {
    if let Some(grace) = w.grace {
        return grace;
    }
    let deletion = w.pod.meta("deletionGracePeriodSeconds").as_i64();
    grace_of(
        deletion.unwrap_or(w.pod["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(DEFAULT_GRACE)),
    )
}

fn grace_of(seconds: i64) -> Duration {
    Duration::from_secs(seconds.max(0) as u64).max(MIN_GRACE)
}

/// The grace period that the failed probe has of its own.
fn probe_grace(c: &Container) -> Option<Duration> {
    let message = c.condemned.as_ref()?;
    let field = if message.contains("startup") { "startupProbe" } else { "livenessProbe" };
    c.spec[field]["terminationGracePeriodSeconds"].as_i64().map(grace_of)
}

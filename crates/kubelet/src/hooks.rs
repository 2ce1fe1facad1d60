//! Life-cycle hooks of containers: commands, requests, sleeps. Mirrors pkg/kubelet/lifecycle/handlers.go.

use crate::runtime::{exec_error, exec_in};
use crate::sync::{self, Go};
use crate::worker::{ContainerNo, Hook, Step, Worker};
use crate::{Kubelet, prober};
use apimachinery::Value;
use client::{Context, EventType};
use sim::Time;

impl Kubelet {
    /// When a hook that runs is to be looked at again.
    pub(crate) fn check_hook_later(&mut self, w: &mut Worker, no: ContainerNo, now: Time) -> Go {
        match w.container(no).and_then(|c| c.hook.clone()) {
            Some(Hook::Sleep(until)) => Go::Wait(until.since(now)),
            _ => Go::Hold,
        }
    }

    /// The postStart hook of a container: is it done?
    pub(crate) fn post_start(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo) -> Go {
        match self.hook_result(w, no, ctx.now) {
            None => {
                sync::wait_for_hook(w, no);
                self.check_hook_later(w, no, ctx.now)
            }
            Some(Ok(())) => Go::On,
            Some(Err(message)) => {
                self.hook_failed(ctx, w, no, &message);
                Go::On
            }
        }
    }

    /// A postStart hook failed: the container is stopped.
    pub(crate) fn hook_failed(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        message: &str,
    ) {
        let Some(c) = w.container(no) else { return };
        c.condemned = Some("FailedPostStartHook".into());
        let name = c.name.clone();
        let text = format!("PostStartHook failed: {message}");
        self.container_event(ctx, w, &name, EventType::Warning, "FailedPostStartHook", &text);
        w.reasons.insert(name, ("PostStartHookError".into(), text));
        if let Some(activity) = &mut w.activity {
            activity.steps.push_front(Step::Kill(no));
        }
        sync::fail(w);
    }

    /// Starts a life-cycle hook. `Err`: why it cannot be started.
    pub(crate) fn start_hook(
        &mut self,
        w: &mut Worker,
        no: ContainerNo,
        hook: &Value,
        now: Time,
    ) -> Result<Hook, String> {
        if let Some(sleep) = hook.get("sleep") {
            return Ok(Hook::Sleep(now + sim::Duration::from_secs(sleep["seconds"].int().max(0) as u64)));
        }
        if let Some(exec) = hook.get("exec") {
            let argv: Vec<String> = exec["command"].items().iter().map(|a| a.str().to_string()).collect();
            let pid = exec_in(w, no, argv.clone(), None, false).map_err(|e| exec_error(&argv, &e))?;
            self.run_machine(now, w, no);
            return Ok(Hook::Exec(pid));
        }
        if let Some(get) = hook.get("httpGet") {
            let Some(c) = w.container(no) else { return Err("no such container".into()) };
            let port = prober::port_number(&c.spec, &get["port"]).ok_or("invalid port")?;
            let (id, ip) = (self.net.fresh(), w.ip().to_string());
            let request = prober::http_request(get, &ip, port, "kube-lifecycle/1.36");
            self.net.own.insert(id, None);
            self.deliver_to_pod(now, w, port, id, sim::net::Payload::Http(request), "");
            return Ok(Hook::Http(id));
        }
        Err("tcpSocket hooks are not supported".into())
    }

    /// How a hook of a container ended; `None` while it runs.
    pub(crate) fn hook_result(
        &mut self,
        w: &mut Worker,
        no: ContainerNo,
        now: Time,
    ) -> Option<Result<(), String>> {
        let Some(c) = w.container(no) else { return Some(Ok(())) };
        let stop = c.stopping.as_mut().map(|s| &mut s.hook).filter(|h| h.is_some());
        let slot = stop.unwrap_or(&mut c.hook);
        let result = match slot.clone() {
            None => Ok(()),
            Some(Hook::Sleep(until)) if until > now => return None,
            Some(Hook::Sleep(_)) => Ok(()),
            Some(Hook::Exec(pid)) => {
                let Some(machine) = &mut c.machine else { return Some(Ok(())) };
                let status = machine.status(pid)?;
                let output: Vec<u8> = machine.take_output(pid).into_iter().flat_map(|(_, b)| b).collect();
                machine.forget(pid);
                match status.code() {
                    0 => Ok(()),
                    code => {
                        let text = String::from_utf8_lossy(&output).into_owned();
                        Err(format!("command exited with {code}: {text}, message: {text:?}"))
                    }
                }
            }
            Some(Hook::Http(id)) => {
                let answer = self.net.own.get(&id)?.clone()?;
                self.net.own.remove(&id);
                answer.map(drop).map_err(|e| e.to_string())
            }
        };
        *slot = None;
        Some(result)
    }
}

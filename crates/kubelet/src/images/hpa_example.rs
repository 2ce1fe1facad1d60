//! The autoscaler's example: each request costs CPU.

use super::server::{self, Stop};
use super::{Definition, Image, base};
use sim::net::{HttpResponse, Payload, RequestId, Response};
use sim::{Duration, Time, net};
use std::collections::VecDeque;
use userland::{Flavor, Os, Program, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &[
        "registry.k8s.io/hpa-example",
        "k8s.gcr.io/hpa-example",
        "gcr.io/google_containers/hpa-example",
    ],
    tags: &["latest"],
    make: |_| {
        let mut files = base::debian();
        base::add(&mut files, &["curl"]);
        files.put(
            "/var/www/html/index.php",
            "<?php for ($i = 0; $i <= 1000000; $i++) { $x += sqrt($x); } echo \"OK!\"; ?>\n",
        );
        files.install("/usr/local/bin/apache2-foreground", |_| Box::new(Busy::default()));
        Image::new(176_000_000, files, Flavor::Gnu, &[], &["apache2-foreground"])
    },
};

/// What a request costs on one CPU.
const COST: Duration = Duration::from_millis(60);
/// CPU is reported as the mean over this many seconds.
const WINDOW: u64 = 10;
/// Requests that wait; more are turned away.
const MAX_WAITING: usize = 150;

#[derive(Clone, Default)]
struct Busy {
    started: bool,
    stop: Stop,
    /// When the CPU is free again.
    free_at: Time,
    /// Requests in work and when they are done.
    work: VecDeque<(Time, RequestId)>,
    /// (second, busy microseconds), the oldest first.
    load: VecDeque<(u64, u64)>,
}

impl Program for Busy {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        if !std::mem::replace(&mut self.started, true) {
            os.listen(80);
            os.claim_memory(10 << 20);
            os.eprint(
                "AH00163: Apache/2.4.10 (Debian) PHP/5.6.14 configured -- resuming normal operations\n",
            );
        }
        let now = os.now();
        while let Some((id, payload, _)) = os.accept(80) {
            match payload {
                Payload::Http(_) if self.work.len() < MAX_WAITING => {
                    self.free_at = self.free_at.max(now) + COST;
                    self.work.push_back((self.free_at, id));
                    self.note(self.free_at.as_secs());
                }
                Payload::Http(_) => {
                    os.answer(id, Ok(Response::Http(server::text(503, "Service Unavailable\n"))))
                }
                _ => os.answer(id, Err(net::Error::Reset)),
            }
        }
        while let Some((_, id)) = self.work.pop_front_if(|(at, _)| *at <= now) {
            let response = HttpResponse::new(200, "text/html; charset=UTF-8", "OK!");
            os.answer(id, Ok(Response::Http(response)));
        }
        self.load.retain(|(second, _)| second + WINDOW > now.as_secs());
        let busy: u64 = self.load.iter().map(|(_, micros)| micros).sum();
        os.claim_cpu((busy / WINDOW / 1000).max(1));
        let tick = (!self.load.is_empty()).then(|| Time::from_secs(now.as_secs() + 1));
        Step::Wait(self.work.front().map(|(at, _)| *at).into_iter().chain(tick).min())
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

impl Busy {
    fn note(&mut self, second: u64) {
        let micros = COST.as_micros() as u64;
        match self.load.back_mut() {
            Some((last, sum)) if *last == second => *sum += micros,
            _ => self.load.push_back((second, micros)),
        }
    }
}

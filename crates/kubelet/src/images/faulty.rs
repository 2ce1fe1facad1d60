//! Images that make trouble, for lessons: one that crashes, one that is slow to become ready, one whose memory grows.

use super::server::{self, Http, State, Stop};
use super::{Definition, Image, base};
use sim::net::{HttpRequest, HttpResponse};
use sim::{Duration, Time};
use userland::{Flavor, Os, Program, Signal, Step};

pub(super) const CRASH: Definition = Definition {
    repositories: &["example.com/crash"],
    tags: &["latest", "1"],
    make: |_| {
        let mut files = base::busybox();
        files.install("/crash", |_| Box::new(Crash::default()));
        Image::new(12_490_349, files, Flavor::Busybox, &["/crash"], &[])
    },
};

pub(super) const SLOW: Definition = Definition {
    repositories: &["example.com/slow"],
    tags: &["latest", "1"],
    make: |_| {
        let mut files = base::busybox();
        files.install("/slow", |_| Http::boxed(start_slow, slow, Some(0)));
        Image::new(12_490_349, files, Flavor::Busybox, &["/slow"], &[]).with_env("READY_AFTER", "20")
    },
};

pub(super) const LEAK: Definition = Definition {
    repositories: &["example.com/leak"],
    tags: &["latest", "1"],
    make: |_| {
        let mut files = base::busybox();
        files.install("/leak", |_| Box::new(Leak::default()));
        Image::new(12_490_349, files, Flavor::Busybox, &["/leak"], &[])
    },
};

/// Says that it cannot start, and ends after a second.
#[derive(Clone, Default)]
struct Crash {
    until: Option<Time>,
}

impl Program for Crash {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        match self.until {
            None => {
                os.eprint("fatal: cannot start: configuration error\n");
                self.until = Some(os.now() + Duration::from_secs(1));
                Step::Wait(self.until)
            }
            Some(at) if os.now() < at => Step::Wait(Some(at)),
            Some(_) => Step::Exit(1),
        }
    }
}

fn start_slow(os: &mut Os<'_>) -> u16 {
    let seconds = os.var("READY_AFTER").to_string();
    os.print(&format!("warming up, ready in {seconds} s\n"));
    8080
}

/// Unavailable until it is warm.
fn slow(os: &mut Os<'_>, _: &HttpRequest, _: &str, state: &mut State) -> HttpResponse {
    let after = Duration::from_secs(os.var("READY_AFTER").parse().unwrap_or(20));
    match os.now().since(state.started) < after {
        true => server::text(503, "warming up\n"),
        false => server::text(200, format!("ready on {}\n", os.hostname())),
    }
}

/// Claims 10 MiB more each second.
#[derive(Clone, Default)]
struct Leak {
    since: Option<Time>,
    stop: Stop,
}

impl Program for Leak {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        let now = os.now();
        let seconds = now.since(*self.since.get_or_insert(now)).as_secs();
        os.claim_memory((seconds + 1) * (10 << 20));
        Step::Wait(Some(now + Duration::from_secs(1)))
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

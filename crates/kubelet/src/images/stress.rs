//! stress: claims memory and CPU.

use super::server::Stop;
use super::{Definition, Image, base};
use sim::{Duration, Time};
use userland::{Flavor, Os, Program, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["docker.io/polinux/stress", "docker.io/progrium/stress"],
    tags: &["latest", "1.0.4"],
    make: |_| {
        let mut files = base::busybox();
        files.install("/usr/local/bin/stress", |_| Box::new(Stress::default()));
        Image::new(14_063_201, files, Flavor::Busybox, &[], &["stress", "--verbose", "--vm", "1"])
    },
};

#[derive(Clone, Default)]
struct Stress {
    started: Option<Time>,
    until: Option<Time>,
    stop: Stop,
}

/// `250M` in bytes, `10s` in seconds: a number with a unit.
fn amount(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let n: u64 = digits.parse().ok()?;
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" | "s" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    Some(n.saturating_mul(unit))
}

impl Stress {
    fn start(&mut self, os: &mut Os<'_>) -> Result<(), String> {
        let argv = os.argv().to_vec();
        let (mut cpu, mut io, mut vm, mut bytes, mut timeout) = (0, 0, 0, 256 << 20, 0);
        let mut i = 1;
        while i < argv.len() {
            let (name, joined) = match argv[i].split_once('=') {
                Some((name, value)) => (name.to_string(), Some(value.to_string())),
                None => (argv[i].clone(), None),
            };
            let target = match name.as_str() {
                "--cpu" | "-c" => &mut cpu,
                "--io" | "-i" => &mut io,
                "--vm" | "-m" => &mut vm,
                "--vm-bytes" => &mut bytes,
                "--timeout" | "-t" => &mut timeout,
                "--vm-hang" | "--vm-stride" | "--backoff" => {
                    i += 1 + usize::from(joined.is_none());
                    continue;
                }
                "--verbose" | "-v" | "--quiet" | "-q" | "--vm-keep" => {
                    i += 1;
                    continue;
                }
                other => return Err(format!("stress: FAIL: [1] (244) unrecognized option: {other}")),
            };
            let value = joined.clone().or_else(|| argv.get(i + 1).cloned()).unwrap_or_default();
            *target =
                amount(&value).ok_or_else(|| format!("stress: FAIL: [1] (244) invalid number: {value}"))?;
            i += 1 + usize::from(joined.is_none());
        }
        let now = os.now();
        self.started = Some(now);
        self.until = (timeout > 0).then(|| now + Duration::from_secs(timeout));
        os.print(&format!("stress: info: [1] dispatching hogs: {cpu} cpu, {io} io, {vm} vm, 0 hdd\n"));
        os.claim_memory((vm * bytes).max(1 << 20));
        os.claim_cpu((cpu + io + vm) * 1000);
        Ok(())
    }
}

impl Program for Stress {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        let Some(started) = self.started else {
            return match self.start(os) {
                Ok(()) => Step::Wait(self.until),
                Err(text) => {
                    os.eprint(&(text + "\n"));
                    Step::Exit(1)
                }
            };
        };
        match self.until {
            Some(at) if os.now() >= at => {
                let took = os.now().since(started).as_secs();
                os.print(&format!("stress: info: [1] successful run completed in {took}s\n"));
                Step::Exit(0)
            }
            until => Step::Wait(until),
        }
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

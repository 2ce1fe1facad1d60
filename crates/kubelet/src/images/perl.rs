//! perl, as far as the Job of the documentation needs it: digits of pi.

use super::{Definition, Image, base};
use sim::{Duration, Time};
use userland::{Flavor, Os, Program, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["docker.io/library/perl"],
    tags: &["latest", "5", "5.34", "5.34.0", "5.36", "5.38", "5.40"],
    make: |_| {
        let mut files = base::debian();
        files.install("/usr/local/bin/perl", |_| Box::new(Perl::default()));
        Image::new(336_000_000, files, Flavor::Gnu, &[], &["perl", "-de0"])
    },
};

/// The most digits that are computed.
const MAX_DIGITS: usize = 5_000;
/// How long the real one takes for 2000 digits.
const TAKES: Duration = Duration::from_secs(4);

#[derive(Clone, Default)]
struct Perl {
    until: Option<Time>,
}

impl Program for Perl {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let script = os.argv().join(" ");
        let digits =
            script.split_once("bpi(").and_then(|(_, r)| r.split_once(')')).and_then(|(n, _)| n.parse().ok());
        let Some(digits) = digits.filter(|d| *d <= MAX_DIGITS) else {
            os.eprint("perl: only 'print bpi(N)' with up to 5000 digits is simulated\n");
            return Step::Exit(2);
        };
        let until = *self.until.get_or_insert(os.now() + TAKES);
        if os.now() < until {
            return Step::Wait(Some(until));
        }
        os.claim_cpu(1000);
        os.print(&(pi(digits) + "\n"));
        Step::Exit(0)
    }
}

/// `n` digits of pi, by the spigot of Rabinowitz and Wagon.
fn pi(n: usize) -> String {
    let size = n * 10 / 3 + 2;
    let mut a = vec![2u64; size];
    let (mut out, mut nines, mut held) = (String::new(), 0, None::<u64>);
    while out.len() < n + 2 {
        let mut carry = 0;
        for i in (1..size).rev() {
            let x = a[i] * 10 + carry;
            let d = 2 * i as u64 + 1;
            a[i] = x % d;
            carry = x / d * i as u64;
        }
        let x = a[0] * 10 + carry;
        a[0] = x % 10;
        match x / 10 {
            9 => nines += 1,
            q => {
                let up = u64::from(q == 10);
                if let Some(d) = held {
                    out += &(d + up).to_string();
                }
                out.extend(std::iter::repeat_n(if up == 1 { '0' } else { '9' }, nines));
                (nines, held) = (0, Some(if q == 10 { 0 } else { q }));
            }
        }
    }
    format!("{}.{}", &out[..1], &out[1..n])
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_of_pi() {
        assert_eq!(super::pi(30), "3.14159265358979323846264338327");
        assert!(super::pi(800).ends_with("60963185"));
    }
}

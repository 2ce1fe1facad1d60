//! `sleep`, `date`

use super::support::{Spec, complain, duration, name};
use crate::{Flavor, Os, Program, Step, date};
use sim::{Duration, Time};

/// `sleep`
#[derive(Clone, Default)]
pub(super) struct Sleep {
    until: Option<Time>,
}

impl Program for Sleep {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if let Some(until) = self.until {
            return if os.now() >= until { Step::Exit(0) } else { Step::Wait(Some(until)) };
        }
        let args = os.argv()[1..].to_vec();
        if args.is_empty() {
            complain(os, "missing operand");
            os.eprint("Try 'sleep --help' for more information.\n");
            return Step::Exit(1);
        }
        let mut total = Duration::ZERO;
        for arg in &args {
            match duration(arg) {
                Some(duration) => total += duration,
                None => {
                    match os.flavor() {
                        Flavor::Gnu => {
                            complain(os, &format!("invalid time interval ‘{arg}’"));
                            os.eprint("Try 'sleep --help' for more information.\n");
                        }
                        Flavor::Busybox => complain(os, &format!("invalid number '{arg}'")),
                    }
                    return Step::Exit(1);
                }
            }
        }
        let until = os.now() + total;
        self.until = Some(until);
        Step::Wait(Some(until))
    }
}

const DATE: Spec = Spec {
    usage: "date [OPTION]... [+FORMAT]",
    letters: "ud:IRr:s:",
    long: &[
        ("utc", 'u'),
        ("date", 'd'),
        ("iso-8601", 'I'),
        ("rfc-email", 'R'),
        ("reference", 'r'),
        ("set", 's'),
    ],
    code: 1,
};

/// `date`: the simulated time, in UTC.
pub(super) fn date_program(os: &mut Os<'_>) -> i32 {
    // `-Iseconds` is one word.
    let argv = os.argv()[1..].to_vec();
    let iso =
        argv.iter().find_map(|a| a.strip_prefix("-I").or(a.strip_prefix("--iso-8601="))).map(String::from);
    let argv: Vec<String> =
        argv.into_iter().filter(|a| !a.starts_with("-I") && !a.starts_with("--iso-8601=")).collect();
    let args = match super::support::parse(os, &DATE, &argv, true) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if args.has('s') {
        complain(os, "cannot set date: Operation not permitted");
        return 1;
    }
    let time = match args.value('d') {
        None => os.now(),
        Some(text) => match parse(text, os.now()) {
            Some(time) => time,
            None => {
                let text = format!("invalid date ‘{text}’");
                complain(os, &text);
                return 1;
            }
        },
    };
    let format = match (args.operands.first(), iso.as_deref()) {
        (Some(format), _) if format.starts_with('+') => format[1..].to_string(),
        (Some(other), _) => {
            let text = format!("invalid date ‘{other}’");
            complain(os, &text);
            return 1;
        }
        (_, Some("s" | "seconds")) => "%Y-%m-%dT%H:%M:%S+00:00".into(),
        (_, Some(_)) => "%Y-%m-%d".into(),
        _ if args.has('R') => "%a, %d %b %Y %H:%M:%S +0000".into(),
        _ => "%a %b %e %H:%M:%S UTC %Y".into(),
    };
    os.print(&format!("{}\n", date::format(&format, time)));
    0
}

/// What `date -d` understands: `now`, `@seconds`, `2026-01-31`, with a time, and `5 minutes ago`.
fn parse(text: &str, now: Time) -> Option<Time> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok().map(Time::from_secs);
    }
    let day = Duration::from_secs(86_400);
    match text {
        "" | "now" | "today" => return Some(now),
        "yesterday" => return Some(now - day),
        "tomorrow" => return Some(now + day),
        _ => {}
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [count, unit, rest @ ..] = words.as_slice()
        && let Ok(count) = count.parse::<i64>()
    {
        let seconds = match unit.trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            "week" => 604_800,
            _ => return None,
        };
        let back = (count < 0) != (rest == ["ago"]);
        let span = Duration::from_secs(count.unsigned_abs().saturating_mul(seconds));
        return Some(if back { now - span } else { now + span });
    }
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let numbers = |t: &str, c: char| {
        t.trim_end_matches('Z').split(c).map(|n| n.parse::<f64>().ok()).collect::<Option<Vec<_>>>()
    };
    let (day, clock) = (numbers(day, '-')?, numbers(clock, ':')?);
    let [year, month, day] = day.as_slice() else { return None };
    let seconds = clock.iter().zip([3600.0, 60.0, 1.0]).map(|(n, unit)| n * unit).sum::<f64>();
    date::time_of(*year as i64, *month as i64, *day as i64, seconds as i64)
}

/// `uptime`
pub(super) fn uptime(os: &mut Os<'_>) -> i32 {
    if os.argv().len() > 1 {
        let text = format!("{}: options are not supported\n", name(os));
        os.eprint(&text);
        return 1;
    }
    let started = os.processes().first().map_or(os.now(), |p| p.started);
    let up = os.now().since(started).as_secs();
    let text = format!(
        " {} up {} min,  1 user,  load average: 0.00, 0.00, 0.00\n",
        date::format("%T", os.now()),
        up / 60
    );
    os.print(&text);
    0
}

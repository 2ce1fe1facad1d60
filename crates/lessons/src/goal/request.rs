//! `request:` — what was asked for over the network since the step began, and what came back.

use super::{Compare, Now, Verdict, in_namespace, name_fits};
use crate::fields::{At, Doc};
use apimachinery::Value;
use client::{Place, RequestRecord};
use sim::collections::BTreeSet;
use sim::net::Error;
use sim::{Duration, Time};
use std::collections::VecDeque;

/// How many different answers are told apart.
const MAX_DIFFERENT: usize = 64;

/// How many requests of the last while are remembered.
const MAX_RECENT: usize = 4096;

/// A condition over requests.
#[derive(Clone, Debug)]
pub struct RequestGoal {
    to: To,
    from: Option<String>,
    status: Option<u16>,
    contains: Option<String>,
    error: Option<Error>,
    count: Compare,
    failed: Option<Compare>,
    different: Option<Compare>,
    last: Option<Duration>,
}

/// Where requests go to.
#[derive(Clone, Debug)]
enum To {
    /// A Service, as `NAME` or `NAMESPACE/NAME`.
    Service(String),
    /// A pod, likewise.
    Pod(String),
    /// Part of the address.
    Url(String),
}

/// What a condition has seen so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) fitting: u64,
    pub(crate) failed: u64,
    pub(crate) answers: BTreeSet<u64>,
    /// When, and the answer's hash of one that fits; `None` of one that failed. Only for conditions with `last`.
    recent: VecDeque<(Time, Option<u64>)>,
}

const KEYS: [&str; 9] = ["to", "from", "status", "contains", "error", "count", "failed", "different", "last"];

const ERRORS: [(&str, Error); 6] = [
    ("refused", Error::ConnectionRefused),
    ("timeout", Error::Timeout),
    ("no-such-host", Error::NoSuchHost { server: String::new() }),
    ("no-route", Error::NoRoute),
    ("reset", Error::Reset),
    ("empty", Error::EmptyReply),
];

impl RequestGoal {
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Option<RequestGoal> {
        doc.only(at, value, &KEYS);
        let before = doc.problems.len();
        let to = doc.text(at, value, "to").unwrap_or_default();
        if to.is_empty() {
            doc.problem(
                at,
                "a request without `to`",
                "write service/NAME, pod/NAME or a part of the address",
            );
        }
        let from = doc.text(at, value, "from");
        if let Some(from) = &from
            && !["laptop", "node", "pod"].contains(&from.split('/').next().unwrap_or_default())
        {
            let what = format!("no request comes from {from:?}");
            doc.problem(&At::Field(at, "from"), what, "write laptop, node, pod, node/NAME or pod/NAME");
        }
        let error = doc.text(at, value, "error").and_then(|text| {
            let known = ERRORS.into_iter().find(|(name, _)| *name == text);
            if known.is_none() {
                let names: Vec<&str> = ERRORS.into_iter().map(|(name, _)| name).collect();
                let what = format!("unknown error {text:?}");
                doc.problem(&At::Field(at, "error"), what, format!("write one of {}", names.join(", ")));
            }
            known.map(|(_, error)| error)
        });
        let failed = Compare::read(doc, at, value, "failed");
        let goal = RequestGoal {
            to: match to.split_once('/') {
                Some(("service", name)) => To::Service(name.into()),
                Some(("pod", name)) => To::Pod(name.into()),
                _ => To::Url(to),
            },
            from,
            status: doc.number(at, value, "status", 100, 599).map(|n| n as u16),
            contains: doc.text(at, value, "contains"),
            error,
            count: Compare::read(doc, at, value, "count").unwrap_or(Compare::SOME),
            failed,
            different: Compare::read(doc, at, value, "different"),
            last: doc.duration(at, value, "last"),
        };
        (doc.problems.len() == before).then_some(goal)
    }

    /// Remembers a request, if it concerns this condition.
    pub(crate) fn note(&self, seen: &mut Seen, record: &RequestRecord) {
        if !self.to.means(record) || !self.from.as_ref().is_none_or(|from| is_from(from, &record.from)) {
            return;
        }
        let fits = self.fits(record);
        let failed = record.result.as_ref().map_or(true, |status| *status >= 500);
        if !fits && !failed {
            return;
        }
        let answer = fits.then(|| hash(&record.body));
        if self.last.is_some() {
            if seen.recent.len() >= MAX_RECENT {
                seen.recent.pop_front();
            }
            seen.recent.push_back((record.ended, answer));
        }
        match answer {
            Some(answer) => {
                seen.fitting += 1;
                if seen.answers.len() < MAX_DIFFERENT {
                    seen.answers.insert(answer);
                }
            }
            None => seen.failed += 1,
        }
    }

    fn fits(&self, record: &RequestRecord) -> bool {
        let contains = self.contains.as_ref().is_none_or(|text| record.body.contains(text.as_str()));
        match (&self.error, &record.result) {
            (Some(Error::Timeout), Err(Error::Unanswered)) => true,
            (Some(wanted), Err(error)) => std::mem::discriminant(wanted) == std::mem::discriminant(error),
            (Some(_), Ok(_)) | (None, Err(_)) => false,
            (None, Ok(status)) => contains && self.status.map_or(*status < 400, |wanted| wanted == *status),
        }
    }

    /// Whether it holds now.
    pub(crate) fn holds(&self, seen: &Seen, now: Time) -> Verdict {
        let (fitting, failed, different) = match self.last {
            None => (seen.fitting, seen.failed, seen.answers.len() as u64),
            Some(last) => seen.within(now - last),
        };
        if !self.count.fits(fitting) || self.failed.is_some_and(|compare| !compare.fits(failed)) {
            return Err(Now::Requests(fitting, failed));
        }
        match self.different {
            Some(compare) if !compare.fits(different) => Err(Now::Count(different)),
            _ => Ok(()),
        }
    }
}

impl Seen {
    /// How many fit, how many failed, how many different answers there were since a time.
    fn within(&self, since: Time) -> (u64, u64, u64) {
        let recent = self.recent.iter().rev().take_while(|(at, _)| *at >= since);
        let (mut fitting, mut failed, mut answers) = (0, 0, BTreeSet::new());
        for (_, answer) in recent {
            match answer {
                Some(answer) => {
                    fitting += 1;
                    answers.insert(*answer);
                }
                None => failed += 1,
            }
        }
        (fitting, failed, answers.len() as u64)
    }
}

impl To {
    fn means(&self, record: &RequestRecord) -> bool {
        let named = |wanted: &str, got: &Option<(String, String)>| {
            let (namespace, name) = in_namespace(wanted);
            got.as_ref().is_some_and(|(ns, n)| ns == namespace && name_fits(name, n))
        };
        match self {
            To::Service(name) => named(name, &record.service),
            To::Pod(name) => named(name, &record.pod),
            To::Url(part) => {
                record.url.contains(part.as_str())
                    || record.named.as_ref().is_some_and(|named| named.contains(part.as_str()))
            }
        }
    }
}

fn is_from(from: &str, place: &Place) -> bool {
    let (kind, wanted) = from.split_once('/').unwrap_or((from, ""));
    match place {
        Place::Laptop => kind == "laptop",
        Place::Node(name) => kind == "node" && (wanted.is_empty() || name_fits(wanted, name)),
        Place::Pod { namespace, name } => {
            let (ns, pattern) = in_namespace(wanted);
            kind == "pod" && (wanted.is_empty() || (ns == namespace && name_fits(pattern, name)))
        }
    }
}

/// Tells answers apart: FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

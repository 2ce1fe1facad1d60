//! When a CronJob runs: cron's five fields and its descriptors. Mirrors github.com/robfig/cron/v3 ParseStandard, whose
//! words the API server passes on.

use apimachinery::time;
use sim::{Duration, Time};

/// How many days ahead the next time is looked for: five years.
const MAX_DAYS: u64 = 5 * 366;
const DAY: u64 = 86_400;
/// Set in a field that is `*`: such a day restricts nothing.
const STAR: u64 = 1 << 63;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A field's least and greatest value, and the names of its values, the first standing for the least.
struct Bounds(u32, u32, &'static [&'static str]);

/// Minute, hour, day of the month, month, day of the week.
const FIELDS: [Bounds; 5] = [
    Bounds(0, 59, &[]),
    Bounds(0, 23, &[]),
    Bounds(1, 31, &[]),
    Bounds(1, 12, &MONTHS),
    Bounds(0, 6, &WEEKDAYS),
];

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// The values of each field, as bits.
    Fields([u64; 5]),
    /// `@every 1h30m`.
    Every(Duration),
}

impl Schedule {
    /// Reads a schedule. The error is what the parser says.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".into());
        }
        if text.starts_with('@') {
            return descriptor(text);
        }
        let parts: Vec<&str> = text.split_whitespace().collect();
        if parts.len() != FIELDS.len() {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", parts.len(), parts.join(" ")));
        }
        let mut fields = [0; 5];
        for (i, part) in parts.into_iter().enumerate() {
            fields[i] = field(part, &FIELDS[i])?;
        }
        Ok(Schedule::Fields(fields))
    }

    /// The first time after a moment; `None` when there is none within five years.
    pub fn next(&self, after: Time) -> Option<Time> {
        match self {
            Schedule::Every(period) => Some(Time::from_secs(after.as_secs()) + *period),
            Schedule::Fields(fields) => next(fields, after),
        }
    }
}

fn next(fields: &[u64; 5], after: Time) -> Option<Time> {
    let [minutes, hours, ..] = *fields;
    let first = (after.as_secs() / 60 + 1) * 60;
    for day in first / DAY..first / DAY + MAX_DAYS {
        if !matches_day(fields, day) {
            continue;
        }
        // Only on the first day is there something that has passed already.
        let begin = if day == first / DAY { first % DAY / 60 } else { 0 };
        let is_due = |minute: &u64| has(hours, minute / 60) && has(minutes, minute % 60);
        if let Some(minute) = (begin..DAY / 60).find(is_due) {
            return Some(Time::from_secs(day * DAY + minute * 60));
        }
    }
    None
}

fn has(bits: u64, value: u64) -> bool {
    bits & (1 << value) != 0
}

/// Mirrors dayMatches: with both days restricted, one of them is enough.
fn matches_day([_, _, days, months, weekdays]: &[u64; 5], day: u64) -> bool {
    let (_, month, of_month) = time::civil(day);
    let of_week = (day + 4) % 7; // 1970-01-01 was a Thursday
    if !has(*months, month) {
        return false;
    }
    let (one, other) = (has(*days, of_month), has(*weekdays, of_week));
    if (days | weekdays) & STAR != 0 { one && other } else { one || other }
}

fn descriptor(text: &str) -> Result<Schedule, String> {
    let fields = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(period) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let wrong = || format!("failed to parse duration {text}: time: invalid duration {period:?}");
            // Not less than a second, and in whole ones.
            return duration(period)
                .map(|seconds| Schedule::Every(Duration::from_secs(seconds.max(1))))
                .ok_or_else(wrong);
        }
    };
    Schedule::parse(fields)
}

/// `1h30m` in seconds.
fn duration(text: &str) -> Option<u64> {
    let (mut total, mut rest) = (0u64, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u64 = rest[..end].parse().ok()?;
        let (unit, tail) = rest[end..].split_at_checked(1)?;
        let factor = match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        total = total.checked_add(amount.checked_mul(factor)?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

/// Mirrors getField: ranges with commas between.
fn field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let mut bits = 0;
    for part in text.split(',').filter(|part| !part.is_empty()) {
        bits |= range(part, bounds)?;
    }
    Ok(bits)
}

/// Mirrors getRange: `*`, `n`, `n-m`, each with `/step`.
fn range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let Bounds(least, greatest, names) = *bounds;
    let mut halves = text.split('/');
    let ends: Vec<&str> = halves.next().unwrap_or_default().split('-').collect();
    let (mut star, start, mut end);
    if matches!(ends[0], "*" | "?") {
        (star, start, end) = (STAR, least, greatest);
    } else {
        start = number_or_name(ends[0], least, names)?;
        (star, end) = (0, start);
        match ends.as_slice() {
            [_] => {}
            [_, last] => end = number_or_name(last, least, names)?,
            _ => return Err(format!("too many hyphens: {text}")),
        }
    }
    let mut step = 1;
    if let Some(every) = halves.next() {
        step = number(every)?;
        if ends.len() == 1 {
            end = greatest; // `n/step` goes on to the end
        }
        if step > 1 {
            star = 0;
        }
    }
    if halves.next().is_some() {
        return Err(format!("too many slashes: {text}"));
    }
    match () {
        () if start < least => Err(format!("beginning of range ({start}) below minimum ({least}): {text}")),
        () if end > greatest => Err(format!("end of range ({end}) above maximum ({greatest}): {text}")),
        () if start > end => Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}")),
        () if step == 0 => Err(format!("step of range should be a positive number: {text}")),
        () => Ok((start..=end).step_by(step as usize).fold(star, |bits, value| bits | 1 << value)),
    }
}

fn number_or_name(text: &str, least: u32, names: &[&str]) -> Result<u32, String> {
    let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
    named.map_or_else(|| number(text), |at| Ok(least + at as u32))
}

/// Mirrors mustParseInt.
fn number(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(n) if n < 0 => Err(format!("negative number ({n}) not allowed: {text}")),
        Ok(n) => Ok(u32::try_from(n).unwrap_or(u32::MAX)),
        Err(_) => {
            Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_is_that_of_cron() {
        for (text, after, next) in [
            ("*/1 * * * *", "2026-11-23T02:10:00Z", "2026-11-23T02:11:00Z"),
            ("*/5 * * * *", "2026-11-23T02:10:01Z", "2026-11-23T02:15:00Z"),
            ("0 0 * * *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
            ("30 4 1,15 * 5", "2026-11-23T02:10:00Z", "2026-11-27T04:30:00Z"),
            ("0 12 29 2 *", "2026-11-23T02:10:00Z", "2028-02-29T12:00:00Z"),
            ("0 9-17/4 * jan-mar mon-fri", "2026-11-23T02:10:00Z", "2027-01-01T09:00:00Z"),
            ("@hourly", "2026-11-23T02:10:00Z", "2026-11-23T03:00:00Z"),
            ("@every 90s", "2026-11-23T02:10:00Z", "2026-11-23T02:11:30Z"),
        ] {
            let found = Schedule::parse(text).unwrap().next(time::parse(after).unwrap());
            assert_eq!(found.map(time::format).as_deref(), Some(next), "{text}");
        }
        assert_eq!(Schedule::parse("0 0 31 2 *").unwrap().next(Time::ZERO), None);
    }

    #[test]
    fn what_is_wrong_is_said_in_the_parsers_words() {
        for (text, why) in [
            ("every minute", "expected exactly 5 fields, found 2: [every minute]"),
            ("61 * * * *", "end of range (61) above maximum (59): 61"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("*/2/3 * * * *", "too many slashes: */2/3"),
            ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
            ("@often", "unrecognized descriptor: @often"),
        ] {
            assert_eq!(Schedule::parse(text).unwrap_err(), why);
        }
    }
}

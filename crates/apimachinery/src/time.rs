//! Timestamps of the API and ages as kubectl prints them.

use sim::{Duration, Time};

/// RFC 3339 in UTC with whole seconds: `2026-01-31T12:00:00Z`.
pub fn format(time: Time) -> String {
    let seconds = time.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let s = seconds % 86_400;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", s / 3600, s / 60 % 60, s % 60)
}

/// RFC 3339 with microseconds, as metav1.MicroTime: `2026-01-31T12:00:00.000000Z`.
pub fn format_micro(time: Time) -> String {
    format!("{}.{:06}Z", format(time).trim_end_matches('Z'), time.as_micros() % 1_000_000)
}

/// RFC 3339 with nanoseconds, as logs with timestamps have it: `2026-01-31T12:00:00.000000000Z`.
pub fn format_nano(time: Time) -> String {
    format!("{}.{:06}000Z", format(time).trim_end_matches('Z'), time.as_micros() % 1_000_000)
}

/// RFC 1123 with a numeric zone, as describe prints it: `Sat, 31 Jan 2026 12:00:00 +0000`.
pub fn format_rfc1123z(time: Time) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]; // 1970-01-01 was a Thursday
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = time.as_secs() / 86_400;
    let (year, month, day) = civil(days);
    let s = time.as_secs() % 86_400;
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} +0000",
        DAYS[(days % 7) as usize],
        MONTHS[month as usize - 1],
        s / 3600,
        s / 60 % 60,
        s % 60
    )
}

/// Reads what [`format`] and [`format_micro`] write (UTC only, `Z` or `+00:00`); anything else is `None`.
pub fn parse(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once('T')?;
    let clock = clock.strip_suffix('Z').or_else(|| clock.strip_suffix("+00:00"))?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let numbers =
        |text: &str, sep| text.split(sep).map(|n| n.parse::<u64>().ok()).collect::<Option<Vec<_>>>();
    let (&[year, month, day], &[h, m, s]) = (&numbers(date, '-')?[..], &numbers(clock, ':')?[..]) else {
        return None;
    };
    let micros = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}")[..6].parse().ok()? };
    let seconds = days_from_civil(year, month, day)? * 86_400 + h * 3600 + m * 60 + s;
    Some(Time::from_micros(seconds * 1_000_000 + micros))
}

/// Reads RFC 3339 with any offset from UTC; anything else is `None`.
pub fn parse_rfc3339(text: &str) -> Option<Time> {
    if let Some(time) = parse(text) {
        return Some(time);
    }
    let at = text.len().checked_sub(6)?;
    let (local, offset) = text.split_at_checked(at)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<u64>().ok()? * 3600 + minutes.parse::<u64>().ok()? * 60;
    let local = parse(&format!("{local}Z"))?.as_micros();
    match offset.as_bytes()[0] {
        b'+' => local.checked_sub(seconds * 1_000_000),
        b'-' => local.checked_add(seconds * 1_000_000),
        _ => None,
    }
    .map(Time::from_micros)
}

/// Year, month and day of a day counted from 1970-01-01. Mirrors Howard Hinnant's civil_from_days.
pub fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let y = year.checked_sub(u64::from(month <= 2))?;
    let (era, yoe) = (y / 400, y % 400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    (era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy).checked_sub(719_468)
}

/// An age as kubectl prints it: `5s`, `3m20s`, `95m`, `5h12m`, `2d3h`, `12d`, `2y3d`.
/// Mirrors apimachinery/pkg/util/duration.HumanDuration.
pub fn human_duration(d: Duration) -> String {
    let seconds = d.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    let two = |a: u64, unit_a: &str, b: u64, unit_b: &str| match b {
        0 => format!("{a}{unit_a}"),
        b => format!("{a}{unit_a}{b}{unit_b}"),
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(days, "d", hours % 24, "h"),
        () if days < 2 * 365 => format!("{days}d"),
        () if days < 8 * 365 => two(years, "y", days % 365, "d"),
        () => format!("{years}y"),
    }
}

/// How long ago something was, as kubectl prints it: `<invalid>` for what lies two seconds or more ahead, because Go cuts
/// seconds off towards zero. Mirrors duration.HumanDuration of a negative duration.
pub fn human_since(then: Time, now: Time) -> String {
    match then.since(now).as_secs() {
        0 | 1 => human_duration(now.since(then)),
        _ => "<invalid>".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_round_trip() {
        for text in
            ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-11-23T04:00:00Z", "2100-03-01T00:00:00Z"]
        {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        let micro = "2026-11-23T04:00:00.012345Z";
        assert_eq!(format_micro(parse(micro).unwrap()), micro);
        assert_eq!(format_rfc1123z(parse(micro).unwrap()), "Mon, 23 Nov 2026 04:00:00 +0000");
        assert_eq!(parse("2026-13-01T00:00:00Z"), None);
    }

    #[test]
    fn ages_are_those_of_kubectl() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (200, "3m20s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (18_720, "5h12m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (183_600, "2d3h"),
            (691_200, "8d"),
            (63_244_800, "2y2d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(human_duration(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn what_lies_ahead_has_no_age() {
        let now = Time::from_secs(100);
        for (then, text) in [(99, "1s"), (100, "0s"), (101, "0s"), (102, "<invalid>"), (130, "<invalid>")] {
            assert_eq!(human_since(Time::from_secs(then), now), text, "{then}");
        }
    }
}

//! Calendar dates in UTC: what `date`, `ls -l` and `printf '%(...)T'` show.

use sim::Time;

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // its fields are their own words
pub(crate) struct Date {
    pub year: i64,
    /// From 1.
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// From 0, Sunday.
    pub weekday: u32,
    /// From 1.
    pub day_of_year: u32,
}

/// The date of a time. (Howard Hinnant's civil_from_days.)
pub(crate) fn date(time: Time) -> Date {
    let seconds = time.as_secs();
    let days = (seconds / 86_400) as i64;
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    let year = yoe + era * 400 + i64::from(month <= 2);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month as usize - 1];
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    Date {
        year,
        month,
        day,
        hour: (seconds / 3600 % 24) as u32,
        minute: (seconds / 60 % 60) as u32,
        second: (seconds % 60) as u32,
        weekday: ((days + 4) % 7) as u32,
        day_of_year: before + day + u32::from(leap && month > 2),
    }
}

/// The time of a date.
pub(crate) fn time_of(year: i64, month: i64, day: i64, seconds: i64) -> Option<Time> {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let total = (era * 146_097 + doe - 719_468) * 86_400 + seconds;
    u64::try_from(total).ok().map(Time::from_secs)
}

/// `strftime`, in UTC and English.
pub(crate) fn format(template: &str, time: Time) -> String {
    let d = date(time);
    let (day, month) = (DAYS[d.weekday as usize], MONTHS[d.month as usize - 1]);
    let hour12 = (d.hour + 11) % 12 + 1;
    let half = if d.hour < 12 { "AM" } else { "PM" };
    let mut out = String::new();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut kind = chars.next();
        let bare = kind == Some('-');
        if bare || kind == Some('_') || kind == Some('^') {
            kind = chars.next();
        }
        let two = |n: u32| if bare { n.to_string() } else { format!("{n:02}") };
        let text = match kind {
            Some('Y') => d.year.to_string(),
            Some('C') => two((d.year / 100) as u32),
            Some('y') => two((d.year % 100) as u32),
            Some('m') => two(d.month),
            Some('d') => two(d.day),
            Some('e') => format!("{:2}", d.day),
            Some('H') => two(d.hour),
            Some('I') => two(hour12),
            Some('k') => format!("{:2}", d.hour),
            Some('l') => format!("{hour12:2}"),
            Some('M') => two(d.minute),
            Some('S') => two(d.second),
            Some('N') => format!("{:09}", time.as_micros() % 1_000_000 * 1000),
            Some('p') => half.into(),
            Some('P') => half.to_lowercase(),
            Some('a') => day[..3].into(),
            Some('A') => day.into(),
            Some('b' | 'h') => month[..3].into(),
            Some('B') => month.into(),
            Some('j') => format!("{:03}", d.day_of_year),
            Some('u') => (if d.weekday == 0 { 7 } else { d.weekday }).to_string(),
            Some('w') => d.weekday.to_string(),
            Some('s') => time.as_secs().to_string(),
            Some('Z') => "UTC".into(),
            Some('z') => "+0000".into(),
            Some('F') => format("%Y-%m-%d", time),
            Some('T' | 'X') => format("%H:%M:%S", time),
            Some('R') => format("%H:%M", time),
            Some('r') => format("%I:%M:%S %p", time),
            Some('D' | 'x') => format("%m/%d/%y", time),
            Some('c') => format("%a %b %e %H:%M:%S %Y", time),
            Some('n') => "\n".into(),
            Some('t') => "\t".into(),
            Some('%') => "%".into(),
            Some(other) => format!("%{other}"),
            None => "%".into(),
        };
        out.push_str(&text);
    }
    out
}

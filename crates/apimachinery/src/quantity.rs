//! Resource quantities: `100m`, `1Gi`, `0.5`. Mirrors apimachinery/pkg/api/resource.

use std::fmt;

/// An amount in nano-units, with the suffix family it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// The family of suffixes in which a quantity is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `m`, none, `k`, `M`, `G`, ...
    DecimalSi,
    /// `Ki`, `Mi`, `Gi`, ...
    BinarySi,
    /// `1e3`.
    DecimalExponent,
}

const NANO: i128 = 1_000_000_000;
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// The error of a text that is no quantity, in Kubernetes' words.
pub const FORMAT_ERROR: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Why a text is no quantity, in Kubernetes' words. Mirrors resource.ParseQuantity.
pub fn parse_error(text: &str) -> &'static str {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let suffix = body.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let letters = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let exponent = letters.trim_start_matches(['-', '+']).trim_start_matches(|c: char| c.is_ascii_digit());
    if text.is_empty() || !exponent.is_empty() || body.len() == suffix.len() {
        FORMAT_ERROR
    } else if suffix_factor(suffix).is_none() {
        "unable to parse quantity's suffix"
    } else {
        "unable to parse numeric part of quantity"
    }
}

impl Quantity {
    /// Nothing, as `0`.
    pub const ZERO: Quantity = Quantity { nanos: 0, format: Format::DecimalSi };

    /// Whole units.
    pub fn new(units: i64, format: Format) -> Quantity {
        Quantity { nanos: i128::from(units) * NANO, format }
    }

    /// A number of things.
    pub fn count(units: i64) -> Quantity {
        Quantity::new(units, Format::DecimalSi)
    }

    /// Thousandths, such as millicores.
    pub fn from_millis(millis: i64) -> Quantity {
        Quantity { nanos: i128::from(millis) * 1_000_000, format: Format::DecimalSi }
    }

    /// Reads a quantity; `None` when it is none ([`FORMAT_ERROR`]).
    pub fn parse(text: &str) -> Option<Quantity> {
        let (negative, body) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let digits_end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
        let (number, suffix) = body.split_at(digits_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if number.is_empty() || number == "." || fraction.contains('.') || number.len() > 30 {
            return None;
        }
        let (format, mul, exp) = suffix_factor(suffix)?;
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        // Value = digits * mul * 10^(exp - len(fraction)), in nano-units, rounded up away from zero.
        let power = exp - fraction.len() as i32 + 9;
        let base = digits.checked_mul(mul)?;
        let nanos = if power >= 0 {
            base.checked_mul(10i128.checked_pow(power as u32)?)?
        } else {
            let divisor = 10i128.checked_pow(power.unsigned_abs())?;
            base.checked_add(divisor - 1)? / divisor
        };
        Some(Quantity { nanos: if negative { -nanos } else { nanos }, format })
    }

    /// Whole units, rounded up.
    pub fn value(self) -> i64 {
        self.scaled(NANO)
    }

    /// Thousandths, rounded up.
    pub fn millis(self) -> i64 {
        self.scaled(1_000_000)
    }

    fn scaled(self, unit: i128) -> i64 {
        let up = if self.nanos > 0 { (self.nanos + unit - 1) / unit } else { self.nanos / unit };
        i64::try_from(up).unwrap_or(i64::MAX)
    }

    /// Whether it is more than another, however both are written.
    pub fn more_than(self, other: Quantity) -> bool {
        self.nanos > other.nanos
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }
}

fn suffix_factor(suffix: &str) -> Option<(Format, i128, i32)> {
    if let Some(i) = BINARY.iter().skip(1).position(|s| *s == suffix) {
        return Some((Format::BinarySi, 1i128 << (10 * (i + 1)), 0));
    }
    if let Some((_, exp)) = DECIMAL.iter().find(|(s, _)| *s == suffix) {
        return Some((Format::DecimalSi, 1, *exp));
    }
    let exp: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    (exp.abs() <= 18).then_some((Format::DecimalExponent, 1, exp))
}

impl std::ops::Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos + other.nanos, format }
    }
}

impl std::ops::Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        self + Quantity { nanos: -other.nanos, format: other.format }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<std::cmp::Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl fmt::Display for Quantity {
    /// The canonical form: the largest suffix that leaves a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        if self.format == Format::BinarySi && self.nanos % NANO == 0 && (self.nanos / NANO).abs() >= 1024 {
            let mut units = self.nanos / NANO;
            let mut i = 0;
            while units % 1024 == 0 && i + 1 < BINARY.len() {
                (units, i) = (units / 1024, i + 1);
            }
            return write!(f, "{units}{}", BINARY[i]);
        }
        let mut n = self.nanos;
        let mut i = 0;
        while n % 1000 == 0 && i + 1 < DECIMAL.len() {
            (n, i) = (n / 1000, i + 1);
        }
        let (suffix, exp) = DECIMAL[i];
        match self.format {
            Format::DecimalExponent if exp != 0 => write!(f, "{n}e{exp}"),
            _ => write!(f, "{n}{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_in_canonical_form() {
        let cases = [
            ("100m", "100m"),
            ("0.1", "100m"),
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("1536Mi", "1536Mi"),
            ("0", "0"),
            ("1.5Gi", "1536Mi"),
            ("2000", "2k"),
            ("0.5", "500m"),
            ("1e3", "1e3"),
            ("100Ki", "100Ki"),
            ("12e6", "12e6"),
            ("-1", "-1"),
            ("512", "512"),
            ("1Ei", "1Ei"),
        ];
        for (text, printed) in cases {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), printed, "{text}");
        }
        for bad in ["", "abc", "1x", "1.2.3", "Mi", "1 Gi", "--1", "1e99"] {
            assert_eq!(Quantity::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn amounts_round_up() {
        assert_eq!(Quantity::parse("1500m").unwrap().value(), 2);
        assert_eq!(Quantity::parse("0.0001").unwrap().millis(), 1);
        assert_eq!((Quantity::parse("1Gi").unwrap() - Quantity::parse("1Mi").unwrap()).to_string(), "1023Mi");
    }
}

//! Command-line flags as tables, parsed as pflag parses them.

use sim::collections::BTreeMap;

/// What a flag's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`; `--x` alone means `true`.
    Bool,
    /// A whole number.
    Int,
    /// Text; the last one counts.
    Text,
    /// Text that may be given several times, each kept whole (pflag's stringArray).
    Array,
    /// Texts separated by commas, may be given several times (pflag's stringSlice).
    List,
    /// A Go duration such as `1m30s`.
    Duration,
}

/// A flag: one item of one list.
#[derive(Debug)]
pub struct Flag {
    /// Long name, without dashes.
    pub name: &'static str,
    /// One letter, or a space for none.
    pub short: char,
    /// What its value is.
    pub kind: Kind,
    /// The value when it is not given; empty for none.
    pub default: &'static str,
    /// The value of `--x` alone, where that is allowed (pflag's NoOptDefVal); empty where it is not.
    pub alone: &'static str,
    /// One sentence for the help text.
    pub help: &'static str,
    /// Whether the command refuses to run without it.
    pub required: bool,
    /// Not in the help text.
    pub hidden: bool,
    /// Why not to use it any more; empty when it is not deprecated.
    pub deprecated: &'static str,
    /// Known to the real kubectl but not supported here: giving it is an error that names it.
    pub refused: bool,
}

const fn flag(
    name: &'static str,
    short: char,
    kind: Kind,
    default: &'static str,
    help: &'static str,
) -> Flag {
    let alone = if matches!(kind, Kind::Bool) { "true" } else { "" };
    Flag {
        name,
        short,
        kind,
        default,
        alone,
        help,
        required: false,
        hidden: false,
        deprecated: "",
        refused: false,
    }
}

/// A boolean flag that is off unless given.
pub const fn switch(name: &'static str, short: char, help: &'static str) -> Flag {
    flag(name, short, Kind::Bool, "false", help)
}
/// A boolean flag that is on unless `=false` is given.
pub const fn on(name: &'static str, short: char, help: &'static str) -> Flag {
    flag(name, short, Kind::Bool, "true", help)
}
/// A number.
pub const fn int(name: &'static str, short: char, default: &'static str, help: &'static str) -> Flag {
    flag(name, short, Kind::Int, default, help)
}
/// A text.
pub const fn text(name: &'static str, short: char, default: &'static str, help: &'static str) -> Flag {
    flag(name, short, Kind::Text, default, help)
}
/// Texts, each kept whole.
pub const fn array(name: &'static str, short: char, help: &'static str) -> Flag {
    flag(name, short, Kind::Array, "", help)
}
/// Texts separated by commas.
pub const fn list(name: &'static str, short: char, help: &'static str) -> Flag {
    flag(name, short, Kind::List, "", help)
}
/// A duration.
pub const fn duration(name: &'static str, default: &'static str, help: &'static str) -> Flag {
    flag(name, ' ', Kind::Duration, default, help)
}

impl Flag {
    /// `--x` alone means this value.
    pub const fn alone(mut self, value: &'static str) -> Flag {
        self.alone = value;
        self
    }
    /// The command refuses to run without it.
    pub const fn required(mut self) -> Flag {
        self.required = true;
        self
    }
    /// It is not in the help text.
    pub const fn hidden(mut self) -> Flag {
        self.hidden = true;
        self
    }
    /// It still works, with a warning that says what to use instead.
    pub const fn deprecated(mut self, instead: &'static str) -> Flag {
        self.deprecated = instead;
        self
    }
    /// It is refused by name.
    pub const fn refused(mut self) -> Flag {
        self.refused = true;
        self
    }

    /// As errors name it: `"-r, --replicas"` or `"--image"`.
    fn title(&self) -> String {
        match self.short {
            ' ' => format!("--{}", self.name),
            short => format!("-{short}, --{}", self.name),
        }
    }

    /// The default as help shows it: texts in quotes, lists in brackets.
    pub fn shown_default(&self) -> String {
        match self.kind {
            Kind::Text => format!("'{}'", self.default),
            Kind::Array | Kind::List => format!("[{}]", self.default),
            _ => self.default.into(),
        }
    }

    fn check(&self, value: &str) -> Result<(), String> {
        let problem = match self.kind {
            Kind::Bool => match parse_bool(value) {
                Some(_) => return Ok(()),
                None => format!("strconv.ParseBool: parsing {value:?}: invalid syntax"),
            },
            Kind::Int => match parse_int(value) {
                Ok(_) => return Ok(()),
                Err(why) => format!("strconv.ParseInt: parsing {value:?}: {why}"),
            },
            Kind::Duration => match parse_duration(value) {
                Ok(_) => return Ok(()),
                Err(why) => why,
            },
            Kind::Text | Kind::Array | Kind::List => return Ok(()),
        };
        Err(format!("invalid argument {value:?} for {:?} flag: {problem}", self.title()))
    }
}

/// `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A whole number as Go reads it: decimal, or with 0x, 0o, 0b. The error is strconv's.
pub fn parse_int(text: &str) -> Result<i64, &'static str> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (radix, digits) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err("invalid syntax");
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix).map_err(|_| "value out of range")
}

/// A Go duration in nanoseconds: `300ms`, `-1.5h`, `2h45m`, `0`. The error is time.ParseDuration's.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("μs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 60e9),
        ("h", 3600e9),
    ];
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| invalid())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = &rest[..end];
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| format!("time: unknown unit {unit:?} in duration {text:?}"))?;
        total += number * factor;
        rest = &rest[end..];
    }
    Ok(if negative { -(total as i64) } else { total as i64 })
}

/// The flags that were given, and the rest of the command line.
#[derive(Debug, Default)]
pub struct Parsed {
    given: BTreeMap<&'static str, Vec<String>>,
    /// What is not a flag.
    pub args: Vec<String>,
    /// How many of `args` stand before `--`, if there was one.
    pub dash: Option<usize>,
    /// Whether `-h` or `--help` was given.
    pub help: bool,
    /// Deprecated flags that were given, in order.
    pub deprecated: Vec<&'static Flag>,
    /// All flags and their values as they came, in order.
    pub order: Vec<(&'static str, String)>,
}

fn by_name<'a>(flags: &[&'a Flag], name: &str) -> Option<&'a Flag> {
    let name = name.replace('_', "-");
    flags.iter().find(|f| f.name == name).copied()
}

fn by_short<'a>(flags: &[&'a Flag], short: char) -> Option<&'a Flag> {
    flags.iter().find(|f| short != ' ' && f.short == short).copied()
}

impl Parsed {
    /// Parses arguments. The error is pflag's, without advice. Mirrors spf13/pflag FlagSet.Parse.
    pub fn parse(flags: &[&'static Flag], arguments: &[String]) -> Result<Parsed, String> {
        let mut parsed = Parsed::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                parsed.dash = Some(parsed.args.len());
                parsed.args.extend(rest.by_ref().cloned());
            } else if let Some(body) = argument.strip_prefix("--") {
                parsed.long(flags, body, argument, &mut rest)?;
            } else if argument.len() > 1 && argument.starts_with('-') {
                parsed.shorts(flags, &argument[1..], &mut rest)?;
            } else {
                parsed.args.push(argument.clone());
            }
            if parsed.help {
                break;
            }
        }
        Ok(parsed)
    }

    fn long(
        &mut self,
        flags: &[&'static Flag],
        body: &str,
        argument: &str,
        rest: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), String> {
        if body.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: {argument}"));
        }
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (body, None),
        };
        let Some(flag) = by_name(flags, name) else {
            if name == "help" {
                self.help = true;
                return Ok(());
            }
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match value {
            Some(value) => value,
            None if !flag.alone.is_empty() => flag.alone.into(),
            None => rest.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?.clone(),
        };
        self.set(flag, value)
    }

    fn shorts(
        &mut self,
        flags: &[&'static Flag],
        cluster: &str,
        rest: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), String> {
        let mut letters = cluster;
        while let Some(c) = letters.chars().next() {
            let tail = &letters[c.len_utf8()..];
            let Some(flag) = by_short(flags, c) else {
                if c == 'h' {
                    self.help = true;
                    return Ok(());
                }
                return Err(format!("unknown shorthand flag: {c:?} in -{letters}"));
            };
            let value = if tail.len() > 1 && tail.starts_with('=') {
                tail[1..].to_string()
            } else if !flag.alone.is_empty() {
                letters = tail;
                self.set(flag, flag.alone.into())?;
                continue;
            } else if !tail.is_empty() {
                tail.to_string()
            } else {
                rest.next().ok_or_else(|| format!("flag needs an argument: {c:?} in -{letters}"))?.clone()
            };
            return self.set(flag, value);
        }
        Ok(())
    }

    fn set(&mut self, flag: &'static Flag, value: String) -> Result<(), String> {
        flag.check(&value)?;
        if !flag.deprecated.is_empty() {
            self.deprecated.push(flag);
        }
        self.order.push((flag.name, value.clone()));
        let values = self.given.entry(flag.name).or_default();
        match flag.kind {
            Kind::Array => values.push(value),
            Kind::List => values.extend(value.split(',').filter(|_| !value.is_empty()).map(String::from)),
            _ => *values = vec![value],
        }
        Ok(())
    }

    /// Whether the flag was given.
    pub fn given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The values that were given.
    pub fn values(&self, name: &str) -> &[String] {
        self.given.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLAGS: [Flag; 6] = [
        switch("watch", 'w', ""),
        text("output", 'o', "", ""),
        int("replicas", 'r', "1", ""),
        array("env", ' ', ""),
        list("label-columns", 'L', ""),
        text("dry-run", ' ', "none", "").alone("unchanged"),
    ];

    fn parse(line: &str) -> Result<Parsed, String> {
        let flags: Vec<&Flag> = FLAGS.iter().collect();
        Parsed::parse(&flags, &line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn values_come_in_every_form_of_pflag() {
        for line in ["-o yaml", "-oyaml", "-o=yaml", "--output yaml", "--output=yaml", "-wo yaml", "-woyaml"]
        {
            assert_eq!(parse(line).unwrap().values("output"), ["yaml"], "{line}");
        }
        assert_eq!(parse("--watch=false").unwrap().values("watch"), ["false"]);
        assert_eq!(parse("--env a=1,b=2 --env c").unwrap().values("env"), ["a=1,b=2", "c"]);
        assert_eq!(parse("-L a,b -Lc").unwrap().values("label-columns"), ["a", "b", "c"]);
        assert_eq!(parse("--dry-run x").unwrap().args, ["x"]);
        let dashed = parse("x -w -- ls -l").unwrap();
        assert_eq!((dashed.dash, dashed.args.join(" ").as_str()), (Some(1), "x ls -l"));
    }

    #[test]
    fn errors_are_those_of_pflag() {
        let cases = [
            ("--bogus", "unknown flag: --bogus"),
            ("--bogus=1", "unknown flag: --bogus"),
            ("-web", "unknown shorthand flag: 'e' in -eb"),
            ("-z", "unknown shorthand flag: 'z' in -z"),
            ("-o", "flag needs an argument: 'o' in -o"),
            ("--output", "flag needs an argument: --output"),
            (
                "--replicas=abc",
                "invalid argument \"abc\" for \"-r, --replicas\" flag: strconv.ParseInt: parsing \"abc\": invalid syntax",
            ),
            (
                "--watch=x",
                "invalid argument \"x\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
            ("---x", "bad flag syntax: ---x"),
        ];
        for (line, error) in cases {
            assert_eq!(parse(line).unwrap_err(), error, "{line}");
        }
    }

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(parse_duration("1m30s"), Ok(90_000_000_000));
        assert_eq!(parse_duration("-1.5h"), Ok(-5_400_000_000_000));
        assert_eq!(parse_duration("bogus"), Err("time: invalid duration \"bogus\"".into()));
        assert_eq!(parse_duration("5"), Err("time: missing unit in duration \"5\"".into()));
    }
}

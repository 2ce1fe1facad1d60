//! What a block says about how it is to be checked: `{wait=30s} {expect=fail}` in its info string, or a comment
//! `<!-- kubarium: wait=30s -->` before it.

use sim::Duration;

/// The longest time that any option may name: a day of virtual time.
const MAX_TIME: Duration = Duration::from_secs(24 * 3600);

/// The most nodes of a page's cluster: a page is read by people.
pub(crate) const MAX_NODES: usize = 100;

/// Attributes in braces that site generators read (Hugo, Docusaurus, VitePress, MkDocs, MyST): not ours, and left to them.
const FOREIGN: [&str; 20] = [
    "hl_lines",
    "hl_inline",
    "linenos",
    "linenostart",
    "lineanchors",
    "anchorlinenos",
    "style",
    "title",
    "tabsize",
    "class",
    "id",
    "wrap",
    "nowrap",
    "filename",
    "copy",
    "highlight",
    "tabwidth",
    "code-block",
    "code",
    "sourcecode",
];

/// Where checked commands run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// `from=node` and `from=node/NAME`: in `minikube ssh`.
    Node(Option<String>),
    /// `from=pod/NAME` and the like: in `kubectl exec -it`.
    Pod(String),
}

/// What a block, a comment or the page's head says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// Virtual time that passes before the block, instead of the page's pace.
    pub(crate) wait: Option<Duration>,
    /// The last command must fail, by whatever code.
    pub(crate) expect_fail: bool,
    /// The last command must end with this code.
    pub(crate) exit: Option<i32>,
    /// The block is not run.
    pub(crate) skip: bool,
    /// A fresh cluster with so many nodes begins here.
    pub(crate) nodes: Option<usize>,
    /// A fresh cluster with this seed begins here.
    pub(crate) seed: Option<u64>,
    /// The commands run there instead of on the laptop.
    pub(crate) from: Option<Place>,
    /// How long each command may take.
    pub(crate) timeout: Option<Duration>,
    /// Ctrl-C after so long, which is then no failure.
    pub(crate) interrupt: Option<Duration>,
    /// The last command goes on in a terminal of its own.
    pub(crate) background: bool,
    /// The block is the output of the block before.
    pub(crate) output: bool,
    /// Files beside the page that its commands need without naming them.
    pub(crate) files: Vec<String>,
    /// Virtual time that passes before each block from here on.
    pub(crate) pace: Option<Duration>,
}

/// An option: its name, whether the page's head may have it, and what it does with its value (`None`: it had none).
struct Known {
    name: &'static str,
    page: bool,
    set: fn(&mut Options, Option<&str>) -> Result<(), String>,
}

/// Every option. `docs/checking-docs.md` explains them in this order.
const KNOWN: [Known; 13] = [
    Known { name: "wait", page: false, set: |o, v| time(v).map(|t| o.wait = Some(t)) },
    Known { name: "expect", page: false, set: expect },
    Known { name: "exit", page: false, set: |o, v| number(v, 0, 255).map(|n| o.exit = Some(n as i32)) },
    Known { name: "skip", page: false, set: |o, v| nothing(v).map(|()| o.skip = true) },
    Known {
        name: "nodes",
        page: true,
        set: |o, v| number(v, 1, MAX_NODES as u64).map(|n| o.nodes = Some(n as usize)),
    },
    Known { name: "seed", page: true, set: |o, v| number(v, 0, u64::MAX).map(|n| o.seed = Some(n)) },
    Known { name: "from", page: false, set: |o, v| place(v).map(|p| o.from = Some(p)) },
    Known { name: "timeout", page: true, set: |o, v| time(v).map(|t| o.timeout = Some(t)) },
    Known { name: "interrupt", page: false, set: |o, v| time(v).map(|t| o.interrupt = Some(t)) },
    Known { name: "background", page: false, set: |o, v| nothing(v).map(|()| o.background = true) },
    Known { name: "output", page: false, set: |o, v| nothing(v).map(|()| o.output = true) },
    Known { name: "files", page: true, set: files },
    Known { name: "pace", page: true, set: |o, v| time(v).map(|t| o.pace = Some(t)) },
];

impl Options {
    /// Reads what stands in braces behind a fence's language. What stands outside of braces, and what other tools are
    /// known to read, is left to them.
    pub(crate) fn of_info(info: &str) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = info;
        while let Some((_, after)) = rest.split_once('{') {
            let (inside, behind) = after.split_once('}').ok_or("an option's `{` has no `}`")?;
            if !is_foreign(inside) {
                options.read(inside, false)?;
            }
            rest = behind;
        }
        Ok(options)
    }

    /// Reads words such as `nodes=2 files=a.yaml,b.yaml`. In a `page`'s head only what holds for all of it may stand.
    pub(crate) fn read(&mut self, words: &str, page: bool) -> Result<(), String> {
        for word in words.split(|c: char| c.is_whitespace()).map(|w| w.trim_end_matches(',')) {
            if word.is_empty() {
                continue;
            }
            let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
            let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
                let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
                return Err(format!("unknown option `{word}`; there are {}", names.join(", ")));
            };
            if page && !known.page {
                return Err(format!("`{name}` belongs to a block, not to the page's head"));
            }
            let value = value.map(|v| v.trim_matches(['"', '\'']));
            (known.set)(self, value).map_err(|why| format!("option `{word}`: {why}"))?;
        }
        Ok(())
    }

    /// Options of a block of commands that do not go together.
    pub(crate) fn conflict(&self) -> Option<String> {
        let given = [
            ("background", self.background),
            ("interrupt", self.interrupt.is_some()),
            ("expect", self.expect_fail),
            ("exit", self.exit.is_some()),
            ("from", self.from.is_some()),
        ];
        let together =
            |names: &[&str]| names.iter().all(|name| given.iter().any(|(n, yes)| n == name && *yes));
        let never: [[&str; 2]; 6] = [
            ["background", "interrupt"],
            ["background", "expect"],
            ["background", "exit"],
            ["background", "from"],
            ["interrupt", "expect"],
            ["interrupt", "exit"],
        ];
        let [one, other] = never.into_iter().find(|pair| together(pair))?;
        Some(format!("`{one}` and `{other}` do not go together"))
    }

    /// What both say; where they disagree, `other` is right.
    pub(crate) fn and(self, other: Options) -> Options {
        Options {
            wait: other.wait.or(self.wait),
            expect_fail: other.expect_fail || self.expect_fail,
            exit: other.exit.or(self.exit),
            skip: other.skip || self.skip,
            nodes: other.nodes.or(self.nodes),
            seed: other.seed.or(self.seed),
            from: other.from.or(self.from),
            timeout: other.timeout.or(self.timeout),
            interrupt: other.interrupt.or(self.interrupt),
            background: other.background || self.background,
            output: other.output || self.output,
            files: self.files.into_iter().chain(other.files).collect(),
            pace: other.pace.or(self.pace),
        }
    }
}

/// `{1,3-5}`, `{.class #id}`, `{hl_lines=[2]}`: written for others.
fn is_foreign(inside: &str) -> bool {
    let inside = inside.trim();
    let name = inside.split(['=', ' ', ',']).next().unwrap_or("").to_lowercase();
    let lines = !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit() || " ,-".contains(c));
    lines || name.starts_with(['.', '#']) || FOREIGN.contains(&name.as_str())
}

fn nothing(value: Option<&str>) -> Result<(), String> {
    value.map_or(Ok(()), |_| Err("it takes no value".into()))
}

fn some(value: Option<&str>) -> Result<&str, String> {
    value.filter(|v| !v.is_empty()).ok_or_else(|| "its value is missing".into())
}

fn number(value: Option<&str>, least: u64, most: u64) -> Result<u64, String> {
    let number = some(value)?.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("a number from {least} to {most} is needed"))
}

/// `90`, `90s`, `1m30s`, `500ms`, `2h`.
fn time(value: Option<&str>) -> Result<Duration, String> {
    let text = some(value)?;
    let bad = || "a time is needed, such as 500ms, 30s or 2m".to_string();
    if let Ok(seconds) = text.parse::<u32>() {
        return limited(Duration::from_secs(u64::from(seconds)));
    }
    let (mut total, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let amount: f64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = &rest[digits..];
        let unit = &unit[..unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len())];
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(bad()),
        };
        total += amount * seconds;
        rest = &rest[digits + unit.len()..];
    }
    if total > MAX_TIME.as_secs_f64() {
        limited(Duration::MAX)
    } else {
        limited(Duration::from_secs_f64(total))
    }
}

fn limited(time: Duration) -> Result<Duration, String> {
    if time > MAX_TIME { Err("a day is the longest".into()) } else { Ok(time) }
}

fn expect(options: &mut Options, value: Option<&str>) -> Result<(), String> {
    options.expect_fail = some(value)? == "fail";
    if options.expect_fail { Ok(()) } else { Err("only `expect=fail` is there".into()) }
}

fn place(value: Option<&str>) -> Result<Place, String> {
    let text = some(value)?;
    if text.chars().any(|c| !c.is_ascii_alphanumeric() && !"-._/$".contains(c)) {
        return Err("node, node/NAME, pod/NAME or deployment/NAME is needed".into());
    }
    match text.split_once('/') {
        None if text == "node" => Ok(Place::Node(None)),
        Some(("node", name)) if !name.is_empty() => Ok(Place::Node(Some(name.into()))),
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(Place::Pod(text.into())),
        _ => Err("node, node/NAME, pod/NAME or deployment/NAME is needed".into()),
    }
}

fn files(options: &mut Options, value: Option<&str>) -> Result<(), String> {
    options.files.extend(some(value)?.split(',').map(String::from));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_braces_and_the_rest_is_left_alone() {
        let options =
            Options::of_info("sh {wait=1m30s} {expect=fail, exit=3} title=\"x\" {hl_lines=[1]} {1,3-4}")
                .unwrap();
        let wanted = Options {
            wait: Some(Duration::from_secs(90)),
            expect_fail: true,
            exit: Some(3),
            ..Options::default()
        };
        assert_eq!(options, wanted);
        assert_eq!(Options::of_info("sh").unwrap(), Options::default());
        assert_eq!(
            Options::of_info("sh {from=pod/web-0}").unwrap().from,
            Some(Place::Pod("pod/web-0".into()))
        );
    }

    #[test]
    fn what_generators_read_is_left_to_them() {
        for info in [
            "{ .sh .copy title=x }",
            "sh {linenos=table,hl_lines=[8]}",
            "sh {lineNos=inline}",
            "{code-block} sh",
            "sh {#id}",
        ] {
            assert_eq!(Options::of_info(info), Ok(Options::default()), "{info}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused_by_its_name() {
        let error = |info: &str| Options::of_info(info).unwrap_err();
        assert!(error("sh {wiat=3s}").starts_with("unknown option `wiat=3s`; there are wait, expect,"));
        assert_eq!(error("sh {wait}"), "option `wait`: its value is missing");
        assert_eq!(error("sh {wait=3x}"), "option `wait=3x`: a time is needed, such as 500ms, 30s or 2m");
        assert_eq!(error("sh {wait=9999h}"), "option `wait=9999h`: a day is the longest");
        assert_eq!(error("sh {skip=1}"), "option `skip=1`: it takes no value");
        assert_eq!(error("sh {nodes=0}"), "option `nodes=0`: a number from 1 to 100 is needed");
        assert_eq!(error("sh {expect=ok}"), "option `expect=ok`: only `expect=fail` is there");
        assert_eq!(
            error("sh {from=moon}"),
            "option `from=moon`: node, node/NAME, pod/NAME or deployment/NAME is needed"
        );
        assert_eq!(error("sh {skip"), "an option's `{` has no `}`");
        let mut page = Options::default();
        assert_eq!(
            page.read("exit=1", true).unwrap_err(),
            "`exit` belongs to a block, not to the page's head"
        );
    }
}

//! Compares transcripts: what the real kubectl printed and what ours printed for the same scenario.
//!
//! A recorded command is scored unless it is marked `racy` (two recordings of the real cluster differ there), `help`
//! (prose) or `imitated` (what a container printed). It is right when its exit code is equal and its stdout and stderr
//! are equal after [`Rules::normalise`]: that takes out what no two runs share (ages, uids, hashes, addresses, times,
//! placement) and nothing else. These rules are the definition of "identical".

use anyhow::{Context, Result};
use fancy_regex::Regex;
use serde_json::Value;
use sim::Order;
use std::collections::BTreeSet;
use std::path::Path;

/// The letters and digits of names' random ends.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// What is taken out of a line, in this order: a pattern (`SAFE` stands for the class above) and what takes its place.
const RULES: [(&str, &str); 24] = [
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})", "<TIME>"),
    (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}", "<TIME>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<UID>"),
    (r"(containerd://|docker://|sha256:)[0-9a-f]{64}", "${1}<ID>"),
    (r"\b[0-9a-f]{40,64}\b", "<HEX>"),
    (r#"(resourceVersion"?: )"?\d+"?"#, "${1}<RV>"),
    (r#"("?(?:uid)"?: )"?[0-9a-f-]{36}"?"#, "${1}<UID>"),
    (r#"(pod-template-hash[=:"]+ ?"?)[SAFE]{6,10}"#, "${1}<HASH>"),
    (r#"(controller-revision-hash[=:"]+ ?"?)[\w-]*?[SAFE]{6,10}"#, "${1}<HASH>"),
    (r"-[SAFE]{6,10}-[SAFE]{5}\b", "-<HASH>-<ID>"),
    (r"-[SAFE]{6,10}\b", "-<HASH>"),
    (r"-[SAFE]{5}\b", "-<ID>"),
    (r"kube-api-access-[SAFE]{5}", "kube-api-access-<ID>"),
    (r"\b10\.244\.\d+\.\d+\b", "<POD_IP>"),
    (r"\b10\.(9[6-9]|10\d|11[01])\.(?!0\.(1|10)\b)\d+\.\d+\b", "<CLUSTER_IP>"),
    (r"\b192\.168\.49\.\d+\b", "<NODE_IP>"),
    (r"https?://127\.0\.0\.1:\d+", "<SERVER>"),
    (r"https://<NODE_IP>:\d+", "<SERVER>"),
    (r"\bminikube(-m0\d)?\b(?!-)", "<NODE>"),
    (r"\b3[0-2]\d{3}\b", "<NODE_PORT>"),
    (r"\b(\d+y)?(\d+d)?(\d+h)?(\d+m)?\d+(\.\d+)?(ms|s)\b|\b\d+[dhm](\d+[hm])?\b", "<AGE>"),
    (r"\(x\d+ over <AGE>\)", "(xN over <AGE>)"),
    (r"<invalid>", "<AGE>"),
    (r"Image size: \d+ bytes", "Image size: <N> bytes"),
];

/// The rules, ready to be used.
pub struct Rules {
    rules: Vec<(Regex, &'static str)>,
    gaps: Regex,
    dashes: Regex,
    document: Regex,
}

impl Default for Rules {
    fn default() -> Self {
        Rules::new()
    }
}

impl Rules {
    /// Compiles every rule.
    pub fn new() -> Rules {
        let compile = |pattern: &str| Regex::new(pattern).expect("the rules of this file are valid");
        Rules {
            rules: RULES.iter().map(|(pattern, to)| (compile(&pattern.replace("SAFE", SAFE)), *to)).collect(),
            gaps: compile(r"[ \t]{2,}"),
            dashes: compile(r"-{4,}"),
            document: compile(r"(-o|--output)[ =]?(yaml|json)\b"),
        }
    }

    /// The lines of a text without what no two runs share. Repeated `Waiting for …` lines count once, as how often
    /// they come is a matter of speed; empty lines at the end do not count.
    pub fn normalise(&self, text: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for line in text.replace("\r\n", "\n").split('\n') {
            let mut line = line.to_string();
            for (pattern, to) in &self.rules {
                line = pattern.replace_all(&line, *to).into_owned();
            }
            line = self.gaps.replace_all(&line, "  ").into_owned();
            line.truncate(line.trim_end_matches(blank).len());
            line = self.dashes.replace_all(&line, "----").into_owned();
            if line.starts_with("Waiting for ") && lines.last() == Some(&line) {
                continue;
            }
            lines.push(line);
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// True where both texts are what the command could have printed. A table's rows may stand in another order, as
    /// they are sorted by names with random ends; a document's lines may not.
    pub fn equal(&self, a: &str, b: &str, command: &str) -> bool {
        let (mut a, mut b) = (self.normalise(a), self.normalise(b));
        if a == b {
            return true;
        }
        if command.contains("rollout status") {
            return a.last() == b.last();
        }
        if self.document.is_match(command).unwrap_or(false) {
            return false;
        }
        a.order();
        b.order();
        a == b
    }

    /// Every scored command of a recorded transcript beside ours, in order.
    pub fn score(&self, recorded: &Value, ours: &Value) -> Vec<Row> {
        let ours: Vec<&Value> = commands(ours).collect();
        let scored = |step: &Value| !["racy", "help", "imitated"].iter().any(|mark| step[*mark] == true);
        let rows = commands(recorded).enumerate().filter(|(_, step)| scored(step));
        rows.map(|(index, step)| {
            let other = ours.get(index).copied().filter(|other| other["cmd"] == step["cmd"]);
            let command = text(step, "cmd").to_string();
            let same =
                |name| other.is_some_and(|other| self.equal(text(step, name), text(other, name), &command));
            let right =
                other.is_some_and(|other| exit(other) == exit(step)) && same("stdout") && same("stderr");
            Row { right, real: step.clone(), ours: other.cloned(), command }
        })
        .collect()
    }
}

/// One scored command.
pub struct Row {
    /// True where ours is identical.
    pub right: bool,
    /// As typed.
    pub command: String,
    /// The recorded step.
    pub real: Value,
    /// Our step; `None` where ours did not get that far or ran another command.
    pub ours: Option<Value>,
}

/// White space as the recordings' own comparison trims it: Unicode's, and the four separators of ASCII.
fn blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn commands(transcript: &Value) -> impl Iterator<Item = &Value> {
    transcript["steps"].as_array().into_iter().flatten().filter(|step| step["type"] == "cmd")
}

fn text<'a>(step: &'a Value, name: &str) -> &'a str {
    step[name].as_str().unwrap_or("")
}

fn exit(step: &Value) -> Option<i64> {
    step["exit"].as_i64()
}

/// A difference that is known, with its reason: a line `SCENARIO<tab>COMMAND<tab>REASON` of `known.txt`.
/// It speaks of every run of that command in that scenario.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// The scenario's name.
    pub scenario: String,
    /// The command as typed; of several lines, with `\n` for the ends of lines.
    pub command: String,
    /// Why ours differs.
    pub reason: String,
}

/// Reads `known.txt`. Lines that begin with `#` and empty ones say nothing.
pub fn known(text: &str) -> Result<Vec<Known>> {
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [scenario, command, reason] = fields[..] else {
                anyhow::bail!(
                    "known.txt, line {}: scenario, command and reason, with tabs between",
                    number + 1
                )
            };
            anyhow::ensure!(!reason.is_empty(), "known.txt, line {}: the reason is missing", number + 1);
            Ok(Known { scenario: scenario.into(), command: command.into(), reason: reason.into() })
        })
        .collect()
}

/// What came out for a folder of transcripts.
#[derive(Default)]
pub struct Report {
    /// Per scenario: its name and every scored command.
    pub scenarios: Vec<(String, Vec<Row>)>,
}

impl Report {
    /// Compares every recorded `NAME.json` with ours of the same name; one that is missing in ours has nothing right.
    pub fn new(recorded: &Path, ours: &Path) -> Result<Report> {
        let rules = Rules::new();
        let entries = std::fs::read_dir(recorded).with_context(|| format!("read {}", recorded.display()))?;
        let names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<BTreeSet<_>>>()?;
        let mut report = Report::default();
        for name in names.iter().filter_map(|name| name.strip_suffix(".json")) {
            let file = format!("{name}.json");
            let real = read(&recorded.join(&file))?;
            let other = ours.join(&file);
            let other = if other.exists() { read(&other)? } else { Value::Null };
            report.scenarios.push((name.to_string(), rules.score(&real, &other)));
        }
        Ok(report)
    }

    /// How many commands are right, of how many.
    pub fn totals(&self) -> (usize, usize) {
        let rows = || self.scenarios.iter().flat_map(|(_, rows)| rows);
        (rows().filter(|row| row.right).count(), rows().count())
    }

    /// What is wrong with the list of known differences: commands that differ and are not in it, and lines of it
    /// whose command is right now, or is not there at all.
    pub fn surprises(&self, known: &[Known]) -> Vec<String> {
        let mut surprises = Vec::new();
        let mut differing = BTreeSet::new();
        for (scenario, rows) in &self.scenarios {
            for row in rows.iter().filter(|row| !row.right) {
                let key = (scenario.as_str(), row.command.replace('\n', "\\n"));
                let listed = known.iter().any(|line| line.scenario == key.0 && line.command == key.1);
                if differing.insert(key.clone()) && !listed {
                    let (scenario, command) = key;
                    surprises
                        .push(format!("differs, and known.txt does not say why: {scenario}\t{command}\t"));
                }
            }
        }
        for line in known {
            if !differing.contains(&(line.scenario.as_str(), line.command.clone())) {
                surprises.push(format!("does not differ any more: {}\t{}", line.scenario, line.command));
            }
        }
        surprises
    }
}

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn takes_out_what_no_two_runs_share_and_nothing_else() {
        let rules = Rules::new();
        let one = |text: &str| rules.normalise(text).join("|");
        let cases = [
            ("web-7dfcdf9bcc-gpvjt   1/1   Running   0     3m5s", "web-<HASH>-<ID>  1/1  Running  0  <AGE>"),
            ("2026-01-02T03:04:05Z 2026-01-02T03:04:05.1+01:00", "<TIME> <TIME>"),
            (
                "10.96.0.1 10.96.0.10 10.96.0.11 10.112.0.5 10.111.2.3",
                "10.96.0.1 10.96.0.10 <CLUSTER_IP> 10.112.0.5 <CLUSTER_IP>",
            ),
            ("minikube minikube-m02 minikube-m12 etcd-minikube", "<NODE> <NODE> minikube-m12 etcd-<NODE>"),
            ("https://192.168.49.2:8443 http://127.0.0.1:8001", "<SERVER> <SERVER>"),
            ("31234 33000 29999", "<NODE_PORT> 33000 29999"),
            ("Back-off (x4 over 52s)", "Back-off (xN over <AGE>)"),
            ("  resourceVersion: \"123\"  ", "  resourceVersion: <RV>"),
            (
                "----------\r\nWaiting for a\nWaiting for a\nWaiting for b\n\n",
                "----|Waiting for a|Waiting for b",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(one(text), expected, "of {text:?}");
        }
    }

    #[test]
    fn rows_may_change_places_but_lines_of_documents_may_not() {
        let rules = Rules::new();
        assert!(rules.equal("a\nb\n", "b\na\n", "kubectl get pods"));
        assert!(!rules.equal("a\nb\n", "b\na\n", "kubectl get pods -o yaml"));
        assert!(!rules.equal("a\nb\n", "a\nc\n", "kubectl get pods"));
        assert!(rules.equal("Waiting\ndone\n", "done\n", "kubectl rollout status deployment/a"));
    }

    fn report() -> Report {
        let step = |cmd: &str, out: &str, exit: i64| json!({"type": "cmd", "cmd": cmd, "stdout": out, "stderr": "", "exit": exit});
        let mut racy = step("date", "now", 0);
        racy["racy"] = json!(true);
        let real = json!({"steps": [step("a", "1", 0), racy, {"type": "wait"}, step("b", "2", 0), step("c", "3", 1), step("d", "4", 0)]});
        let ours = json!({"steps": [step("a", "1", 0), step("date", "then", 0), step("b", "2", 1), step("x", "3", 1)]});
        Report { scenarios: vec![("s".into(), Rules::new().score(&real, &ours))] }
    }

    #[test]
    fn scores_by_place_command_exit_code_and_text() {
        let report = report();
        let right: Vec<_> =
            report.scenarios[0].1.iter().map(|row| (row.command.as_str(), row.right)).collect();
        assert_eq!(right, [("a", true), ("b", false), ("c", false), ("d", false)]);
        assert_eq!(report.totals(), (1, 4));
    }

    #[test]
    fn a_known_difference_that_passes_is_a_surprise_and_so_is_an_unknown_one() {
        let list =
            known("# scenario, command, reason\ns\ta\told\ns\tb\tsomething\ns\tc\tsomething\n").unwrap();
        assert_eq!(
            report().surprises(&list),
            ["differs, and known.txt does not say why: s\td\t", "does not differ any more: s\ta"]
        );
        assert!(known("s\ta\n").is_err());
    }
}

//! Scenarios: plain text, a command a line, with a few directives. See `tests/transcripts/README.md`.

use sim::Duration;

/// How long a command may take if the scenario does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A scenario that was read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Scenario {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

/// One step of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// A command for the shell, with its limit of virtual time.
    Command { line: String, timeout: Duration },
    /// A file to be written.
    File { name: String, content: String },
    /// A shell condition to wait for.
    Wait(String),
    /// Virtual time to let pass.
    Sleep(Duration),
    /// A verb of the cluster (`stop-node`), and what it is done to.
    Fault { verb: String, name: String },
}

/// Reads a scenario. The error names the line.
pub(crate) fn parse(text: &str) -> Result<Scenario, String> {
    let mut scenario = Scenario::default();
    let mut timeout = DEFAULT_TIMEOUT;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let bad = |what: &str| format!("line {}: {what}: {line}", number + 1);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "#" => {
                if let Some(title) = rest.strip_prefix("title:") {
                    scenario.title = title.trim().into();
                }
            }
            "#file" => {
                let content: Vec<&str> =
                    lines.by_ref().map(|(_, l)| l).take_while(|l| *l != "#end").collect();
                scenario.steps.push(Step::File { name: rest.into(), content: content.join("\n") + "\n" });
            }
            "#wait" => scenario.steps.push(Step::Wait(rest.into())),
            "#sleep" => {
                scenario.steps.push(Step::Sleep(seconds(rest).ok_or_else(|| bad("seconds are missing"))?))
            }
            "#timeout" => timeout = seconds(rest).ok_or_else(|| bad("seconds are missing"))?,
            "#fault" => {
                let (verb, name) =
                    rest.split_once(' ').ok_or_else(|| bad("a verb and a node are missing"))?;
                scenario.steps.push(Step::Fault { verb: verb.into(), name: name.into() });
            }
            directive if directive.starts_with('#') => return Err(bad("unknown directive")),
            _ => {
                scenario.steps.push(Step::Command { line: line.into(), timeout });
                timeout = DEFAULT_TIMEOUT;
            }
        }
    }
    Ok(scenario)
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse::<f64>().ok().filter(|s| (0.0..1e9).contains(s)).map(Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read_and_a_timeout_holds_for_one_command() {
        let text = "# title: T\n#timeout 6\na b\nc\n#file f.yaml\nx: 1\n#end\n#wait avail w\n#sleep 0.5\n#fault stop-node m02\n";
        let scenario = parse(text).unwrap();
        let command =
            |line: &str, secs| Step::Command { line: line.into(), timeout: Duration::from_secs(secs) };
        assert_eq!(scenario.title, "T");
        assert_eq!(scenario.steps[..2], [command("a b", 6), command("c", 60)]);
        assert_eq!(scenario.steps[2], Step::File { name: "f.yaml".into(), content: "x: 1\n".into() });
        assert_eq!(scenario.steps[4], Step::Sleep(Duration::from_millis(500)));
        assert_eq!(parse("#bogus x").unwrap_err(), "line 1: unknown directive: #bogus x");
    }
}

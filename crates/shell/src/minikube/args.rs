use sim::collections::BTreeMap;

/// A flag of a command.
pub(super) struct Flag {
    /// Its name, without dashes.
    pub(super) name: &'static str,
    /// Its one-letter form.
    pub(super) short: Option<char>,
    /// Whether it takes a value.
    pub(super) value: bool,
    /// What it does.
    pub(super) help: &'static str,
}

/// A command line that was read.
#[derive(Default)]
pub(super) struct Args {
    /// The words that are no flags.
    pub(super) words: Vec<String>,
    flags: BTreeMap<&'static str, String>,
}

const HELP: Flag = Flag { name: "help", short: Some('h'), value: false, help: "shows this" };
const PROFILE: Flag =
    Flag { name: "profile", short: Some('p'), value: true, help: "the cluster; there is only minikube" };

impl Args {
    /// Reads a command line; the error is pflag's.
    pub(super) fn parse(flags: &'static [Flag], line: &[String]) -> Result<Args, String> {
        let mut args = Args::default();
        let mut line = line.iter();
        let all = || flags.iter().chain([&HELP, &PROFILE]);
        while let Some(word) = line.next() {
            if word == "--" {
                args.words.extend(line.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) =
                    long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
                let flag = all().find(|f| f.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
                args.take(flag, value, &mut line, word)?;
            } else if let Some(short) = word.strip_prefix('-').filter(|s| !s.is_empty()) {
                let letter = short.chars().next().unwrap_or_default();
                let unknown = || format!("unknown shorthand flag: {letter:?} in {word}");
                let flag = all().find(|f| f.short == Some(letter)).ok_or_else(unknown)?;
                let rest = &short[letter.len_utf8()..];
                let value = (!rest.is_empty()).then(|| rest.trim_start_matches('=').to_string());
                args.take(flag, value, &mut line, word)?;
            } else {
                args.words.push(word.clone());
            }
        }
        match args.value("profile") {
            Some(name) if name != super::PROFILE => {
                Err(format!("Profile {name:?} not found. There is only {:?}.", super::PROFILE))
            }
            _ => Ok(args),
        }
    }

    fn take<'a>(
        &mut self,
        flag: &Flag,
        value: Option<String>,
        line: &mut impl Iterator<Item = &'a String>,
        word: &str,
    ) -> Result<(), String> {
        let value = match (flag.value, value) {
            (_, Some(value)) => value,
            (false, None) => "true".into(),
            (true, None) => line.next().cloned().ok_or_else(|| format!("flag needs an argument: {word}"))?,
        };
        self.flags.insert(flag.name, value);
        Ok(())
    }

    /// Whether a flag is on.
    pub(super) fn has(&self, name: &str) -> bool {
        self.flags.get(name).is_some_and(|v| v != "false")
    }

    /// A flag's value.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.flags.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { name: "url", short: None, value: false, help: "" },
        Flag { name: "node", short: Some('n'), value: true, help: "" },
    ];

    #[test]
    fn flags_are_read_as_pflag_does() {
        let parse =
            |line: &str| Args::parse(FLAGS, &line.split_whitespace().map(String::from).collect::<Vec<_>>());
        let args = parse("web --url -n minikube-m02 -- -x").unwrap();
        assert_eq!(
            (args.words, args.flags["url"].as_str(), args.flags["node"].as_str()),
            (vec!["web".into(), "-x".into()], "true", "minikube-m02")
        );
        assert_eq!(parse("--bogus").err(), Some("unknown flag: --bogus".into()));
        assert_eq!(parse("-n").err(), Some("flag needs an argument: -n".into()));
        assert!(!parse("--url=false").unwrap().has("url"));
    }
}

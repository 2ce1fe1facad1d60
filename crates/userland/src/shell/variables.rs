//! Variables, options and positional parameters of a shell.

use super::Shell;
use crate::Os;
use sim::collections::BTreeMap;

/// Bytes of one variable.
const MAX_VALUE: usize = 1 << 20;
/// Variables of one shell.
const MAX_VARIABLES: usize = 10_000;

/// What a variable holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    /// Declared, without a value.
    Unset,
    Text(String),
    Array(BTreeMap<i64, String>),
    Map(BTreeMap<String, String>),
}

/// A variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub data: Data,
    pub exported: bool,
    pub readonly: bool,
    /// `declare -i`: what is assigned is calculated.
    pub integer: bool,
}

impl Variable {
    pub fn new(data: Data) -> Variable {
        Variable { data, exported: false, readonly: false, integer: false }
    }

    /// The value as `$name` gives it.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Unset => None,
            Data::Text(text) => Some(text),
            Data::Array(array) => array.get(&0).map(|s| s.as_str()),
            Data::Map(map) => map.get("0").map(|s| s.as_str()),
        }
    }
}

/// `set -e` and its kin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub errexit: bool,
    pub nounset: bool,
    pub xtrace: bool,
    pub pipefail: bool,
    pub noglob: bool,
    pub noclobber: bool,
    pub verbose: bool,
    pub allexport: bool,
    pub noexec: bool,
    pub nullglob: bool,
    pub failglob: bool,
    pub dotglob: bool,
}

/// The options of `set`: letter, long name, and where it is.
pub(crate) type OptionField = fn(&mut Options) -> &mut bool;
pub(crate) const OPTIONS: [(char, &str, OptionField); 9] = [
    ('a', "allexport", |o| &mut o.allexport),
    ('e', "errexit", |o| &mut o.errexit),
    ('C', "noclobber", |o| &mut o.noclobber),
    ('n', "noexec", |o| &mut o.noexec),
    ('f', "noglob", |o| &mut o.noglob),
    ('u', "nounset", |o| &mut o.nounset),
    (' ', "pipefail", |o| &mut o.pipefail),
    ('v', "verbose", |o| &mut o.verbose),
    ('x', "xtrace", |o| &mut o.xtrace),
];

impl Shell {
    /// Text of a variable or special parameter; `None` if not set.
    pub(crate) fn lookup(&self, os: &mut Os<'_>, name: &str) -> Option<String> {
        if let Ok(n) = name.parse::<usize>() {
            return if n == 0 { Some(self.name.clone()) } else { self.parameters.get(n - 1).cloned() };
        }
        let text = match name {
            "?" => self.status.to_string(),
            "$" => self.pid.0.to_string(),
            "!" => return self.last_background.map(|p| p.0.to_string()),
            "#" => self.parameters.len().to_string(),
            "-" => self.flags(),
            "@" | "*" => self.parameters.join(" "),
            "RANDOM" => (os.random() % 32768).to_string(),
            "SECONDS" => os.now().since(self.started).as_secs().to_string(),
            "EPOCHSECONDS" => os.now().as_secs().to_string(),
            "LINENO" => self.line.to_string(),
            "PPID" => os.parent().0.to_string(),
            "BASHPID" => os.pid().0.to_string(),
            "UID" | "EUID" if !self.variables.contains_key(name) => os.ids().0.to_string(),
            "HOSTNAME" if !self.variables.contains_key(name) => os.hostname().to_string(),
            "COLUMNS" if !self.variables.contains_key(name) => {
                return os.tty().map(|t| t.columns.to_string());
            }
            "LINES" if !self.variables.contains_key(name) => return os.tty().map(|t| t.rows.to_string()),
            _ => return self.variables.get(name).and_then(|v| v.text()).map(String::from),
        };
        Some(text)
    }

    fn flags(&self) -> String {
        let mut options = self.options.clone();
        let mut text: String = OPTIONS
            .iter()
            .filter(|(c, _, field)| *c != ' ' && *field(&mut options))
            .map(|(c, ..)| *c)
            .collect();
        text.push_str(if self.is_interactive() { "himBHs" } else { "hB" });
        text
    }

    /// Text of a plain variable, empty if not set.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.variables.get(name).and_then(|v| v.text()).unwrap_or("")
    }

    /// Sets a variable to a text. The error is as bash words it, without the shell's name.
    pub(crate) fn assign(&mut self, name: &str, text: String) -> Result<(), String> {
        self.assign_data(name, Data::Text(text))
    }

    /// Sets a variable.
    pub(crate) fn assign_data(&mut self, name: &str, data: Data) -> Result<(), String> {
        let full = self.variables.len() >= MAX_VARIABLES;
        if let Data::Text(text) = &data
            && text.len() > MAX_VALUE
        {
            return Err(format!("{name}: value is larger than {MAX_VALUE} bytes"));
        }
        let export = self.options.allexport;
        match self.variables.get_mut(name) {
            Some(variable) if variable.readonly => return Err(format!("{name}: readonly variable")),
            Some(variable) => match (&mut variable.data, data) {
                // `a=x` on an array sets its first element.
                (Data::Array(array), Data::Text(text)) => drop(array.insert(0, text)),
                (old, data) => *old = data,
            },
            None if full => return Err(format!("{name}: more than {MAX_VARIABLES} variables")),
            None => drop(self.variables.insert(name.into(), Variable::new(data))),
        }
        if export && let Some(variable) = self.variables.get_mut(name) {
            variable.exported = true;
        }
        Ok(())
    }

    /// Sets an element of an array or map. `key` is already expanded.
    pub(crate) fn assign_element(
        &mut self,
        name: &str,
        key: &str,
        index: i64,
        text: String,
    ) -> Result<(), String> {
        if !self.variables.contains_key(name) {
            self.assign_data(name, Data::Array(BTreeMap::new()))?;
        }
        let Some(variable) = self.variables.get_mut(name) else { return Ok(()) };
        if variable.readonly {
            return Err(format!("{name}: readonly variable"));
        }
        if let Data::Unset | Data::Text(_) = variable.data {
            let old = variable.text().map(|t| (0, t.to_string()));
            variable.data = Data::Array(old.into_iter().collect());
        }
        match &mut variable.data {
            Data::Map(map) if map.len() < MAX_VARIABLES => drop(map.insert(key.into(), text)),
            Data::Array(array) if array.len() < MAX_VARIABLES => {
                let last = array.last_key_value().map_or(0, |(k, _)| *k + 1);
                let at = if index < 0 { last + index } else { index };
                if at < 0 {
                    return Err(format!("{name}[{index}]: bad array subscript"));
                }
                array.insert(at, text);
            }
            _ => return Err(format!("{name}: more than {MAX_VARIABLES} elements")),
        }
        Ok(())
    }

    /// What programs inherit.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let exported = self.variables.iter().filter(|(_, v)| v.exported);
        exported.filter_map(|(n, v)| Some((n.clone(), v.text()?.to_string()))).collect()
    }
}

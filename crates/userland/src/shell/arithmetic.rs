//! `$(( ))`: C's integer expressions over the shell's variables.

/// How deep parentheses and variables that name expressions may be nested.
const MAX_DEPTH: usize = 64;

/// The variables that an expression reads and writes.
pub(crate) trait Names {
    /// Text of a variable; empty when it is not set.
    fn get(&mut self, name: &str, index: Option<&str>) -> String;
    /// Sets a variable.
    fn set(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String>;
}

/// The value of an expression; the error is as bash words it, without the shell's name.
pub(crate) fn evaluate(text: &str, names: &mut dyn Names) -> Result<i64, String> {
    evaluate_at(text, names, 0)
}

fn evaluate_at(text: &str, names: &mut dyn Names, depth: usize) -> Result<i64, String> {
    let mut e = Evaluator { text, at: 0, names, depth, dry: 0 };
    e.blanks();
    if e.rest().is_empty() {
        return Ok(0);
    }
    let value = e.comma()?;
    if !e.rest().is_empty() {
        return Err(e.error("syntax error in expression"));
    }
    Ok(value)
}

struct Evaluator<'a> {
    text: &'a str,
    at: usize,
    names: &'a mut dyn Names,
    depth: usize,
    /// More than 0: the value is not wanted, nothing is changed (`0 && x++`).
    dry: usize,
}

/// Binary operators by how strongly they bind, the weakest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="];

impl Evaluator<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn accept(&mut self, token: &str) -> bool {
        let yes = self.rest().starts_with(token);
        if yes {
            self.at += token.len();
            self.blanks();
        }
        yes
    }

    fn error(&self, what: &str) -> String {
        format!("{}: {what} (error token is \"{}\")", self.text.trim(), self.rest())
    }

    fn comma(&mut self) -> Result<i64, String> {
        let mut value = self.ternary()?;
        while self.accept(",") {
            value = self.ternary()?;
        }
        Ok(value)
    }

    fn ternary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("{}: expression recursion level exceeded", self.text.trim()));
        }
        let result = self.ternary_inner();
        self.depth -= 1;
        result
    }

    fn ternary_inner(&mut self) -> Result<i64, String> {
        let condition = self.binary(0)?;
        if !self.accept("?") {
            return Ok(condition);
        }
        let yes = self.only_if(condition != 0, &mut |e| e.comma())?;
        if !self.accept(":") {
            return Err(self.error("`:' expected for conditional expression"));
        }
        let no = self.only_if(condition == 0, &mut |e| e.ternary())?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn only_if(
        &mut self,
        wanted: bool,
        with: &mut dyn FnMut(&mut Self) -> Result<i64, String>,
    ) -> Result<i64, String> {
        self.dry += usize::from(!wanted);
        let value = with(self);
        self.dry -= usize::from(!wanted);
        value
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        loop {
            let rest = self.rest();
            let found = operators.iter().find(|o| {
                let after = &rest[o.len().min(rest.len())..];
                // `&` is not `&&`, `<` is not `<<`, and none of them is an assignment.
                let compares = matches!(**o, "==" | "!=" | "<=" | ">=");
                rest.starts_with(**o)
                    && (compares || !after.starts_with('='))
                    && !(matches!(**o, "&" | "|" | "<" | ">") && after.starts_with(**o))
            });
            let Some(operator) = found else { return Ok(left) };
            self.at += operator.len();
            self.blanks();
            if self.rest().is_empty() {
                return Err(self.error("syntax error: operand expected"));
            }
            let wanted = match *operator {
                "&&" => left != 0,
                "||" => left == 0,
                _ => true,
            };
            let start = self.at;
            let right = self.only_if(wanted, &mut |e| e.binary(level + 1))?;
            left = match *operator {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                operator => self.calculate(operator, left, right, start)?,
            };
        }
    }

    fn calculate(&self, operator: &str, a: i64, b: i64, start: usize) -> Result<i64, String> {
        Ok(match operator {
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            _ if b == 0 && self.dry == 0 => {
                return Err(format!(
                    "{}: division by 0 (error token is \"{}\")",
                    self.text.trim(),
                    self.text[start..].trim_end()
                ));
            }
            _ if b == 0 => 0,
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        if !self.rest().starts_with("**") {
            return Ok(base);
        }
        self.accept("**");
        let exponent = self.power()?;
        match u32::try_from(exponent) {
            Ok(n) => Ok(base.wrapping_pow(n)),
            Err(_) => Err(self.error("exponent less than 0")),
        }
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("{}: expression recursion level exceeded", self.text.trim()));
        }
        let result = match () {
            () if self.accept("++") => self.step_before(1),
            () if self.accept("--") => self.step_before(-1),
            () if self.accept("+") => self.unary(),
            () if self.accept("-") => self.unary().map(i64::wrapping_neg),
            () if self.accept("!") => self.unary().map(|v| i64::from(v == 0)),
            () if self.accept("~") => self.unary().map(|v| !v),
            () => self.primary(),
        };
        self.depth -= 1;
        result
    }

    fn step_before(&mut self, by: i64) -> Result<i64, String> {
        let (name, index) = self.name();
        if name.is_empty() {
            // `--5` is minus minus five.
            return self.unary();
        }
        let value = self.value(&name, index.as_deref())?.wrapping_add(by);
        self.store(&name, index.as_deref(), value)?;
        Ok(value)
    }

    fn primary(&mut self) -> Result<i64, String> {
        if self.accept("(") {
            let value = self.comma()?;
            return if self.accept(")") { Ok(value) } else { Err(self.error("missing `)'")) };
        }
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.number();
        }
        let (name, index) = self.name();
        if name.is_empty() {
            return Err(self.error("syntax error: operand expected"));
        }
        let index = index.as_deref();
        let rest = self.rest();
        let assignment =
            ASSIGNMENTS.into_iter().find(|o| rest.starts_with(o) && !(*o == "=" && rest.starts_with("==")));
        if let Some(operator) = assignment {
            self.accept(operator);
            let start = self.at;
            let right = self.ternary()?;
            let value = match operator {
                "=" => right,
                _ => {
                    let old = self.value(&name, index)?;
                    self.calculate(operator.trim_end_matches('='), old, right, start)?
                }
            };
            self.store(&name, index, value)?;
            return Ok(value);
        }
        let value = self.value(&name, index)?;
        for (token, by) in [("++", 1), ("--", -1)] {
            if self.accept(token) {
                self.store(&name, index, value.wrapping_add(by))?;
            }
        }
        Ok(value)
    }

    fn store(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String> {
        if self.dry > 0 { Ok(()) } else { self.names.set(name, index, value) }
    }

    /// A name with an index, if one stands here.
    fn name(&mut self) -> (String, Option<String>) {
        let rest = self.rest();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return (String::new(), None);
        }
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        self.at += name.len();
        let mut index = None;
        if self.rest().starts_with('[')
            && let Some(end) = self.rest().find(']')
        {
            index = Some(self.rest()[1..end].to_string());
            self.at += end + 1;
        }
        self.blanks();
        (name, index)
    }

    fn value(&mut self, name: &str, index: Option<&str>) -> Result<i64, String> {
        let text = self.names.get(name, index);
        match text.trim().parse() {
            Ok(value) => Ok(value),
            Err(_) => evaluate_at(&text, self.names, self.depth + 1),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        let rest = self.rest();
        let word: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "#@_".contains(*c)).collect();
        let parsed = if let Some((base, digits)) = word.split_once('#') {
            base.parse::<u32>()
                .ok()
                .filter(|b| (2..=36).contains(b))
                .and_then(|b| i64::from_str_radix(digits, b).ok())
        } else if let Some(hex) = word.strip_prefix("0x").or(word.strip_prefix("0X")) {
            i64::from_str_radix(hex, 16).ok()
        } else if word.len() > 1 && word.starts_with('0') {
            i64::from_str_radix(&word, 8).ok()
        } else {
            word.parse().ok()
        };
        match parsed {
            Some(value) => {
                self.at += word.len();
                self.blanks();
                Ok(value)
            }
            None => {
                let what = if word.starts_with('0') && word.chars().all(|c| c.is_ascii_digit()) {
                    "value too great for base"
                } else {
                    "syntax error: invalid arithmetic operator"
                };
                Err(format!("{}: {what} (error token is \"{word}\")", self.text.trim()))
            }
        }
    }
}

//! `test`, `[`: expressions about texts, numbers and files.

use crate::Os;

/// How deep parentheses and `!` may be nested.
const MAX_DEPTH: usize = 50;

/// The value of an expression. The error is as bash words it, without a name before it.
pub(crate) fn evaluate(os: &Os<'_>, args: &[String]) -> Result<bool, String> {
    let mut parser = Test { os, args, at: 0, depth: 0 };
    match args {
        [] => return Ok(false),
        [one] => return Ok(!one.is_empty()),
        [operator, operand] if operator == "!" => return Ok(operand.is_empty()),
        [operator, operand] => {
            return match unary(os, operator, operand) {
                Some(value) => value,
                None => Err(format!("{operator}: unary operator expected")),
            };
        }
        [left, operator, right] => {
            if let Some(value) = binary(os, left, operator, right) {
                return value;
            }
            if left != "!" && left != "(" && !matches!(operator.as_str(), "-a" | "-o") {
                return Err(format!("{operator}: binary operator expected"));
            }
        }
        _ => {}
    }
    let value = parser.or()?;
    if parser.at < args.len() {
        return Err("too many arguments".into());
    }
    Ok(value)
}

struct Test<'a, 'b> {
    os: &'a Os<'b>,
    args: &'a [String],
    at: usize,
    depth: usize,
}

impl Test<'_, '_> {
    fn peek(&self, n: usize) -> Option<&str> {
        self.args.get(self.at + n).map(|a| a.as_str())
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut value = self.and()?;
        while self.peek(0) == Some("-o") {
            self.at += 1;
            value |= self.and()?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut value = self.not()?;
        while self.peek(0) == Some("-a") {
            self.at += 1;
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("expression is nested too deeply".into());
        }
        let value = if self.peek(0) == Some("!") && self.peek(1).is_some() {
            self.at += 1;
            self.not().map(|v| !v)
        } else {
            self.primary()
        };
        self.depth -= 1;
        value
    }

    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.peek(0) else { return Err("argument expected".into()) };
        if let (Some(operator), Some(right)) = (self.peek(1), self.peek(2))
            && let Some(value) = binary(self.os, first, operator, right)
        {
            self.at += 3;
            return value;
        }
        if first == "(" {
            self.at += 1;
            let value = self.or()?;
            if self.peek(0) != Some(")") {
                return Err("`)' expected".into());
            }
            self.at += 1;
            return Ok(value);
        }
        if let Some(operand) = self.peek(1)
            && let Some(value) = unary(self.os, first, operand)
        {
            self.at += 2;
            return value;
        }
        let value = !first.is_empty();
        self.at += 1;
        Ok(value)
    }
}

fn unary(os: &Os<'_>, operator: &str, operand: &str) -> Option<Result<bool, String>> {
    let stat = |follow| os.files().stat(&os.path(operand), follow);
    let mode = |bits: u16| stat(true).is_ok_and(|s| os.ids().0 == 0 || s.meta().mode & bits != 0);
    Some(Ok(match operator {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        "-e" | "-a" => stat(true).is_ok(),
        "-f" => stat(true).is_ok_and(|s| s.is_file()),
        "-d" => stat(true).is_ok_and(|s| s.is_dir()),
        "-s" => stat(true).is_ok_and(|s| s.size() > 0),
        "-L" | "-h" => stat(false).is_ok_and(|s| s.is_link()),
        "-r" => os.may_read(operand),
        "-w" => stat(true).is_ok() && mode(0o222),
        "-x" => stat(true).is_ok_and(|s| s.meta().mode & 0o111 != 0),
        "-c" => stat(true).is_ok_and(|s| !s.is_file() && !s.is_dir() && !s.is_link()),
        "-b" | "-p" | "-S" | "-g" | "-u" | "-k" => false,
        "-O" => stat(true).is_ok_and(|s| s.meta().uid == os.ids().0),
        "-G" => stat(true).is_ok_and(|s| s.meta().gid == os.ids().1),
        "-t" => operand.parse().is_ok_and(|n| os.is_tty(n)),
        _ => return None,
    }))
}

/// Compares numbers.
pub(crate) fn compare(operator: &str, a: i64, b: i64) -> bool {
    match operator {
        "-eq" => a == b,
        "-ne" => a != b,
        "-lt" => a < b,
        "-le" => a <= b,
        "-gt" => a > b,
        _ => a >= b,
    }
}

fn binary(os: &Os<'_>, left: &str, operator: &str, right: &str) -> Option<Result<bool, String>> {
    let number =
        |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"));
    let modified = |path: &str| os.files().stat(&os.path(path), true).map(|s| s.meta().modified);
    Some(match operator {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
            number(left).and_then(|a| number(right).map(|b| compare(operator, a, b)))
        }
        "-nt" => Ok(modified(left).is_ok_and(|a| modified(right).map_or(true, |b| a > b))),
        "-ot" => Ok(modified(right).is_ok_and(|b| modified(left).map_or(true, |a| a < b))),
        "-ef" => {
            let real = |p: &str| os.files().resolve(&os.path(p), true).ok();
            Ok(modified(left).is_ok() && real(left) == real(right))
        }
        _ => return None,
    })
}

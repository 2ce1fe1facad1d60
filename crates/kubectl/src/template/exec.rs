//! The evaluation. Mirrors text/template/exec.go.

use super::funcs;
use super::parse::{Command, Node, Operand, OperandKind, Parsed, Pipe};
use crate::go;
use apimachinery::Value;

/// How deep templates may call each other, how many steps one run has, and how long its output may be.
const MAX_CALLS: usize = 100;
const MAX_STEPS: usize = 5_000_000;
const MAX_OUTPUT: usize = 64 << 20;

struct Run<'a> {
    parsed: &'a Parsed,
    text: &'a str,
    name: String,
    allow_missing: bool,
    variables: Vec<(String, Value)>,
    calls: usize,
    steps: usize,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Executes a template on a value. What was printed before an error stays in `out`.
pub fn execute(
    parsed: &Parsed,
    text: &str,
    data: &Value,
    allow_missing: bool,
    out: &mut String,
) -> Result<(), String> {
    let variables = vec![("$".to_string(), data.clone())];
    let name = "output".to_string();
    let mut run = Run { parsed, text, name, allow_missing, variables, calls: 0, steps: 0 };
    run.list(&parsed.main, data, out).map(|_| ())
}

impl Run<'_> {
    /// An error with where it happened. Mirrors state.errorf.
    fn error<T>(&self, pos: usize, context: &str, why: &str) -> Result<T, String> {
        let before = &self.text[..pos.min(self.text.len())];
        let line = 1 + before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |i| i + 1);
        let short: String = if context.chars().count() > 20 {
            context.chars().take(20).chain("...".chars()).collect()
        } else {
            context.into()
        };
        Err(format!(
            "template: output:{line}:{column}: executing {} at <{short}>: {why}",
            go::quote(&self.name)
        ))
    }

    fn list(&mut self, nodes: &[Node], dot: &Value, out: &mut String) -> Result<Flow, String> {
        for node in nodes {
            self.steps += 1;
            if self.steps > MAX_STEPS || out.len() > MAX_OUTPUT {
                return self.error(0, "", "the template does too much");
            }
            match self.node(node, dot, out)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, node: &Node, dot: &Value, out: &mut String) -> Result<Flow, String> {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    out.push_str(&printed(&value));
                }
            }
            Node::If { pipe, then, otherwise } => return self.branch(pipe, then, otherwise, dot, false, out),
            Node::With { pipe, then, otherwise } => {
                return self.branch(pipe, then, otherwise, dot, true, out);
            }
            Node::Range { pipe, then, otherwise } => return self.range(pipe, then, otherwise, dot, out),
            Node::Template { name, pipe, pos } => self.template(name, pipe.as_ref(), *pos, dot, out)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn branch(
        &mut self,
        pipe: &Pipe,
        then: &[Node],
        otherwise: &[Node],
        dot: &Value,
        with: bool,
        out: &mut String,
    ) -> Result<Flow, String> {
        let scope = self.variables.len();
        let value = self.pipe(pipe, dot)?;
        let flow = match funcs::truth(&value) {
            true => self.list(then, if with { &value } else { dot }, out),
            false => self.list(otherwise, dot, out),
        };
        self.variables.truncate(scope);
        flow
    }

    fn range(
        &mut self,
        pipe: &Pipe,
        then: &[Node],
        otherwise: &[Node],
        dot: &Value,
        out: &mut String,
    ) -> Result<Flow, String> {
        let scope = self.variables.len();
        let value = self.pipe(&Pipe { variables: Vec::new(), ..pipe.clone() }, dot)?;
        let pairs: Vec<(Value, Value)> = match &value {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(i, v)| (Value::from(i), v.clone())).collect()
            }
            Value::Object(_) => value.fields().map(|(k, v)| (Value::from(k), v.clone())).collect(),
            Value::Int(n) => {
                (0..*n.min(&(MAX_STEPS as i64))).map(|i| (Value::Int(i), Value::Int(i))).collect()
            }
            other => {
                let first = pipe.commands.first().and_then(|c| c.operands.first());
                let why = format!("range can't iterate over {}", go::display(other));
                return self.error(first.map_or(0, |o| o.pos), &pipe.text(), &why);
            }
        };
        let mut flow = Flow::Next;
        for (key, item) in &pairs {
            match pipe.variables.as_slice() {
                [one] => self.set(one, item.clone(), pipe.assign),
                [first, second] => {
                    self.set(first, key.clone(), pipe.assign);
                    self.set(second, item.clone(), pipe.assign);
                }
                _ => {}
            }
            flow = self.list(then, item, out)?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        if pairs.is_empty() {
            flow = self.list(otherwise, dot, out)?;
            self.variables.truncate(scope);
            return Ok(flow);
        }
        debug_assert!(flow != Flow::Continue || !pairs.is_empty());
        Ok(Flow::Next)
    }

    fn template(
        &mut self,
        name: &str,
        pipe: Option<&Pipe>,
        pos: usize,
        dot: &Value,
        out: &mut String,
    ) -> Result<(), String> {
        let parsed = self.parsed;
        let Some(nodes) = parsed.defined.get(name) else {
            let why = format!("template {} not defined", go::quote(name));
            return self.error(pos, &format!("{{{{template {}}}}}", go::quote(name)), &why);
        };
        let value = pipe.map_or(Ok(Value::Null), |p| self.pipe(p, dot))?;
        self.calls += 1;
        if self.calls > MAX_CALLS {
            let why = format!("exceeded maximum template depth ({MAX_CALLS})");
            return self.error(pos, &format!("{{{{template {}}}}}", go::quote(name)), &why);
        }
        let outside = std::mem::replace(&mut self.variables, vec![("$".into(), value.clone())]);
        let caller = std::mem::replace(&mut self.name, name.into());
        let result = self.list(nodes, &value, out);
        self.variables = outside;
        if result.is_ok() {
            self.name = caller;
        }
        self.calls -= 1;
        result.map(|_| ())
    }

    fn set(&mut self, name: &str, value: Value, assign: bool) {
        match self.variables.iter_mut().rev().find(|(n, _)| n == name).filter(|_| assign) {
            Some(known) => known.1 = value,
            None => self.variables.push((name.into(), value)),
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Value) -> Result<Value, String> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last.take())?);
        }
        let value = last.unwrap_or_default();
        for name in &pipe.variables {
            self.set(name, value.clone(), pipe.assign);
        }
        Ok(value)
    }

    fn command(&mut self, command: &Command, dot: &Value, last: Option<Value>) -> Result<Value, String> {
        let first = &command.operands[0];
        let OperandKind::Function(name) = &first.kind else {
            let arguments = command.operands.len() > 1 || last.is_some();
            if arguments {
                let why = match &first.kind {
                    OperandKind::Fields(fields) => format!(
                        "{} has arguments but cannot be invoked as function",
                        fields[fields.len() - 1]
                    ),
                    _ => format!("can't give argument to non-function {}", first.text),
                };
                return self.error(first.pos, &first.text, &why);
            }
            if let OperandKind::Nil = first.kind {
                return self.error(first.pos, &first.text, "nil is not a command");
            }
            return self.operand(first, dot);
        };
        // `and` and `or` stop as soon as the result is known.
        if matches!(name.as_str(), "and" | "or") {
            let mut value = Value::Null;
            for operand in &command.operands[1..] {
                value = self.operand(operand, dot)?;
                if funcs::truth(&value) == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut arguments = Vec::new();
        for operand in &command.operands[1..] {
            arguments.push(self.operand(operand, dot)?);
        }
        arguments.extend(last);
        match funcs::call(name, &arguments) {
            Ok(value) => Ok(value),
            Err(funcs::CallError::Arguments(why)) => self.error(first.pos, &command.operands[0].text, &why),
            Err(funcs::CallError::Failed(why)) => {
                self.error(first.pos, &command.text(), &format!("error calling {name}: {why}"))
            }
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, String> {
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Nil => Ok(Value::Null),
            OperandKind::Literal(value) => Ok(value.clone()),
            OperandKind::Function(_) => {
                let alone = Command { operands: vec![operand.clone()] };
                self.command(&alone, dot, None)
            }
            OperandKind::Fields(fields) => self.fields(dot.clone(), fields, operand),
            OperandKind::Variable(name, fields) => {
                let known = self.variables.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                self.fields(known.unwrap_or_default(), fields, operand)
            }
            OperandKind::Pipe(pipe, fields) => {
                let value = self.pipe(pipe, dot)?;
                self.fields(value, fields, operand)
            }
        }
    }

    /// Fields of fields. What is not there stays nothing, but a null in the data cannot be looked into.
    fn fields(&self, mut value: Value, fields: &[String], operand: &Operand) -> Result<Value, String> {
        let mut missing = false;
        for field in fields {
            value = match &value {
                _ if missing => Value::Null,
                Value::Object(map) => match map.get(field) {
                    Some(found) => found.clone(),
                    None if self.allow_missing => {
                        missing = true;
                        Value::Null
                    }
                    None => {
                        let why = format!("map has no entry for key {}", go::quote(field));
                        return self.error(operand.pos, &operand.text, &why);
                    }
                },
                Value::Null => {
                    return self.error(
                        operand.pos,
                        &operand.text,
                        &format!("nil pointer evaluating interface {{}}.{field}"),
                    );
                }
                _ => {
                    let why = format!("can't evaluate field {field} in type interface {{}}");
                    return self.error(operand.pos, &operand.text, &why);
                }
            };
        }
        Ok(value)
    }
}

/// What an action prints.
fn printed(value: &Value) -> String {
    if value.is_null() { "<no value>".into() } else { go::display(value) }
}

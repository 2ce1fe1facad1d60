//! The evaluation. Mirrors client-go/util/jsonpath/jsonpath.go.

use super::parse::Node;
use apimachinery::Value;
use std::cmp::Ordering;

/// How many values one template may find, so that `..` over a large list ends.
const MAX_VALUES: usize = 1_000_000;

/// Evaluates the parts of a template.
pub fn find(nodes: &[Node], data: &Value, allow_missing: bool) -> Result<Vec<Vec<Value>>, String> {
    let mut run = Run { allow_missing, values: 0 };
    let mut results = Vec::new();
    let ended = run.block(nodes, 0, std::slice::from_ref(data), false, &mut results)?;
    debug_assert!(ended >= nodes.len());
    Ok(results)
}

struct Run {
    allow_missing: bool,
    values: usize,
}

/// What a list of nodes asks for besides values.
#[derive(PartialEq)]
enum Flow {
    Next,
    Range,
    End,
}

impl Run {
    /// Evaluates from a place on until the block ends; gives back where that was.
    fn block(
        &mut self,
        nodes: &[Node],
        from: usize,
        current: &[Value],
        in_range: bool,
        results: &mut Vec<Vec<Value>>,
    ) -> Result<usize, String> {
        let mut i = from;
        while i < nodes.len() {
            let (found, flow) = self.part(&nodes[i], current, in_range)?;
            match flow {
                Flow::Next => results.push(found),
                Flow::End => return Ok(i),
                Flow::Range => {
                    let mut end = i + 1;
                    if found.is_empty() {
                        // Nothing to print, but the end of the block has to be found.
                        end = self.block(nodes, i + 1, &[], true, &mut Vec::new())?;
                    }
                    for value in found {
                        end = self.block(nodes, i + 1, &[value], true, results)?;
                    }
                    // Without an {end}, what follows the {range} is evaluated once more, outside of it.
                    if end < nodes.len() {
                        i = end;
                    }
                }
            }
            i += 1;
        }
        Ok(i)
    }

    fn part(&mut self, node: &Node, current: &[Value], in_range: bool) -> Result<(Vec<Value>, Flow), String> {
        let Node::List(list) = node else { return Ok((self.step(node, current.to_vec())?, Flow::Next)) };
        let mut flow = Flow::Next;
        let mut values = current.to_vec();
        for node in list {
            match node {
                Node::Identifier(name) if name == "range" => flow = Flow::Range,
                Node::Identifier(name) if name == "end" && in_range => flow = Flow::End,
                Node::Identifier(name) if name == "end" => return Err("not in range, nothing to end".into()),
                node => values = self.step(node, values)?,
            }
        }
        Ok((values, flow))
    }

    fn list(&mut self, nodes: &[Node], input: Vec<Value>) -> Result<Vec<Value>, String> {
        nodes.iter().try_fold(input, |values, node| self.step(node, values))
    }

    fn step(&mut self, node: &Node, input: Vec<Value>) -> Result<Vec<Value>, String> {
        self.values += input.len();
        if self.values > MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} values"));
        }
        match node {
            Node::Text(text) => Ok(vec![text.as_str().into()]),
            Node::Literal(value) => Ok(vec![value.clone()]),
            Node::List(nodes) => self.list(nodes, input),
            Node::Identifier(name) => Err(format!("unrecognized identifier {name}")),
            Node::Field(name) => self.field(name, input),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut found = Vec::new();
                input.iter().for_each(|v| descend(v, &mut found));
                Ok(found)
            }
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    found.extend(self.list(part, input.clone())?);
                }
                Ok(found)
            }
            Node::Slice { start, end, derived, step } => {
                let mut found = Vec::new();
                for value in input.iter().filter(|v| !v.is_null()) {
                    match value.as_array() {
                        Some(items) => slice(items, *start, *end, *derived, *step, &mut found)?,
                        None => return Err(format!("{} is not array or slice", type_name(value))),
                    }
                }
                Ok(found)
            }
            Node::Filter { left, operator, right } => self.filter(left, operator, right, input),
        }
    }

    fn field(&self, name: &str, input: Vec<Value>) -> Result<Vec<Value>, String> {
        if input.is_empty() {
            return Ok(input);
        }
        // A lone dot is the field without a name, which nothing has; the value itself is `@`.
        let found: Vec<Value> = input.iter().filter_map(|v| v.get(name).cloned()).collect();
        if found.is_empty() && !self.allow_missing {
            return Err(format!("{name} is not found"));
        }
        Ok(found)
    }

    fn filter(
        &mut self,
        left: &[Node],
        operator: &str,
        right: &[Node],
        input: Vec<Value>,
    ) -> Result<Vec<Value>, String> {
        let mut found = Vec::new();
        for value in &input {
            let Some(items) = value.as_array() else {
                return Err(format!("{} is not array or slice and cannot be filtered", value.to_go()));
            };
            for item in items {
                let lefts = self.list(left, vec![item.clone()]);
                if operator.is_empty() {
                    if lefts.is_ok_and(|l| !l.is_empty()) {
                        found.push(item.clone());
                    }
                    continue;
                }
                let (lefts, rights) = (lefts?, self.list(right, vec![item.clone()])?);
                match (lefts.as_slice(), rights.as_slice()) {
                    ([], _) | (_, []) => {}
                    ([l], [r]) => {
                        if holds(l, operator, r)? {
                            found.push(item.clone());
                        }
                    }
                    _ => return Err("can only compare one element at a time".into()),
                }
            }
        }
        Ok(found)
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        _ => value.fields().map(|(_, v)| v.clone()).collect(),
    }
}

fn descend(value: &Value, found: &mut Vec<Value>) {
    let below = children(value);
    if !below.is_empty() {
        found.push(value.clone());
        below.iter().for_each(|v| descend(v, found));
    }
}

fn slice(
    items: &[Value],
    start: Option<i64>,
    end: Option<i64>,
    derived: bool,
    step: Option<i64>,
    found: &mut Vec<Value>,
) -> Result<(), String> {
    let length = items.len() as i64;
    let mut from = start.unwrap_or_default();
    let mut to = end.unwrap_or(length);
    if from < 0 {
        from += length;
    }
    if to < 0 || (to == 0 && derived) {
        to += length;
    }
    if from == to {
        return Ok(());
    }
    let outside = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    if from >= length || from < 0 {
        return outside(from);
    }
    if to > length || to < 0 {
        return outside(to - 1);
    }
    if from > to {
        return Err(format!("starting index {from} is greater than ending index {to}"));
    }
    let step = step.unwrap_or(1);
    if step <= 0 {
        return Err("step must be > 0".into());
    }
    found.extend(items[from as usize..to as usize].iter().step_by(step as usize).cloned());
    Ok(())
}

/// Mirrors client-go/third_party/forked/golang/template: only values of one kind can be compared.
fn holds(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    let order = match (left, right) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) if matches!(operator, "==" | "!=") => a.cmp(b),
        (Value::Bool(_), Value::Bool(_)) => return Err("invalid type for comparison".into()),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        _ => return Err("incompatible types for comparison".into()),
    };
    Ok(match operator {
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        _ => return Err(format!("unrecognized filter operator {operator}")),
    })
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Bool(_) => "bool",
        _ => "map[string]interface {}",
    }
}

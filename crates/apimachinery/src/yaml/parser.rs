//! From tokens to a value. Follows libyaml's grammar and yaml.v2's decoder (aliases, merge keys, types of scalars).

use super::resolve::{Resolved, key_text, resolve};
use super::scanner::{MAX_DEPTH, Mark, Scanner, Token};
use crate::{Map, Value, base64};
use sim::collections::BTreeMap;
use std::rc::Rc;

type Result<T> = std::result::Result<T, String>;

enum Node {
    Scalar { text: String, plain: bool, tag: String },
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
    Alias(Rc<Node>),
}

/// Reads the first document.
pub(super) fn parse(text: &str) -> Result<Value> {
    let mut parser = Parser { scanner: Scanner::new(text)?, anchors: BTreeMap::new(), depth: 0 };
    let Some(node) = parser.document()? else { return Ok(Value::Null) };
    Decoder::default().value(&node)
}

struct Parser {
    scanner: Scanner,
    /// `None` while the node is still being read.
    anchors: BTreeMap<String, Option<Rc<Node>>>,
    depth: usize,
}

/// The error of a parser: lines count from zero, as Go's does by mistake.
fn error<T>(mark: Mark, problem: &str) -> Result<T> {
    Err(match mark.line {
        0 => problem.into(),
        line => format!("line {line}: {problem}"),
    })
}

impl Parser {
    fn document(&mut self) -> Result<Option<Rc<Node>>> {
        while self.scanner.peek()?.0 == Token::DocumentEnd {
            self.scanner.next()?;
        }
        match self.scanner.peek()?.0 {
            Token::StreamEnd => return Ok(None),
            Token::DocumentStart => drop(self.scanner.next()?),
            _ => {}
        }
        let node = match self.scanner.peek()?.0 {
            Token::DocumentStart | Token::DocumentEnd | Token::StreamEnd => empty(),
            _ => self.node(true, false)?,
        };
        // What follows is read as far as the end of the document is looked for.
        self.scanner.peek()?;
        Ok(Some(node))
    }

    fn node(&mut self, block: bool, indentless: bool) -> Result<Rc<Node>> {
        self.depth += 1;
        if self.depth > 2 * MAX_DEPTH {
            return Err(format!("exceeded max depth of {MAX_DEPTH}"));
        }
        let node = self.node_inside(block, indentless);
        self.depth -= 1;
        node
    }

    fn node_inside(&mut self, block: bool, indentless: bool) -> Result<Rc<Node>> {
        let (mut anchor, mut tag) = (None, None);
        let node = loop {
            let mark = self.scanner.peek()?.1;
            match &self.scanner.peek()?.0 {
                Token::Alias(name) => {
                    let name = name.clone();
                    self.scanner.next()?;
                    return self.alias(&name);
                }
                Token::Anchor(name) if anchor.is_none() => {
                    self.anchors.insert(name.clone(), None);
                    anchor = Some(name.clone());
                    self.scanner.next()?;
                }
                Token::Tag(name) if tag.is_none() => {
                    tag = Some(name.clone());
                    self.scanner.next()?;
                }
                Token::BlockEntry if indentless => break self.indentless_sequence()?,
                Token::Scalar(text, plain) => {
                    let plain = *plain && tag.as_deref().is_none_or(|t| t != "!");
                    let (text, tag) = (text.clone(), tag.take().unwrap_or_default());
                    self.scanner.next()?;
                    break Node::Scalar { text, plain, tag };
                }
                Token::FlowSequenceStart => break self.flow_sequence()?,
                Token::FlowMappingStart => break self.flow_mapping()?,
                Token::BlockSequenceStart if block => break self.block_sequence()?,
                Token::BlockMappingStart if block => break self.block_mapping()?,
                _ if anchor.is_some() || tag.is_some() => {
                    break Node::Scalar {
                        text: String::new(),
                        plain: true,
                        tag: tag.take().unwrap_or_default(),
                    };
                }
                _ => return error(mark, "did not find expected node content"),
            }
        };
        let node = Rc::new(node);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        Ok(node)
    }

    fn alias(&mut self, name: &str) -> Result<Rc<Node>> {
        match self.anchors.get(name) {
            Some(Some(node)) => Ok(Rc::new(Node::Alias(node.clone()))),
            Some(None) => Err(format!("anchor '{name}' value contains itself")),
            None => Err(format!("unknown anchor '{name}' referenced")),
        }
    }

    /// A node, or an empty one when one of these tokens comes instead.
    fn node_unless(&mut self, block: bool, indentless: bool, none: &[Token]) -> Result<Rc<Node>> {
        if none.contains(&self.scanner.peek()?.0) { Ok(empty()) } else { self.node(block, indentless) }
    }

    fn block_sequence(&mut self) -> Result<Node> {
        self.scanner.next()?;
        let mut items = Vec::new();
        loop {
            match self.scanner.next()? {
                (Token::BlockEntry, _) => {
                    items.push(self.node_unless(true, false, &[Token::BlockEntry, Token::BlockEnd])?);
                }
                (Token::BlockEnd, _) => return Ok(Node::Sequence(items)),
                (_, mark) => return error(mark, "did not find expected '-' indicator"),
            }
        }
    }

    fn indentless_sequence(&mut self) -> Result<Node> {
        const NONE: [Token; 4] = [Token::BlockEntry, Token::Key, Token::Value, Token::BlockEnd];
        let mut items = Vec::new();
        while self.scanner.peek()?.0 == Token::BlockEntry {
            self.scanner.next()?;
            items.push(self.node_unless(true, false, &NONE)?);
        }
        Ok(Node::Sequence(items))
    }

    fn block_mapping(&mut self) -> Result<Node> {
        const NONE: [Token; 3] = [Token::Key, Token::Value, Token::BlockEnd];
        self.scanner.next()?;
        let mut fields = Vec::new();
        loop {
            let key = match self.scanner.peek()?.clone() {
                (Token::Key, _) => {
                    self.scanner.next()?;
                    self.node_unless(true, true, &NONE)?
                }
                (Token::Value, _) => empty(),
                (Token::BlockEnd, _) => {
                    self.scanner.next()?;
                    return Ok(Node::Mapping(fields));
                }
                (_, mark) => return error(mark, "did not find expected key"),
            };
            let value = match self.scanner.peek()?.0 {
                Token::Value => {
                    self.scanner.next()?;
                    self.node_unless(true, true, &NONE)?
                }
                _ => empty(),
            };
            fields.push((key, value));
        }
    }

    fn flow_sequence(&mut self) -> Result<Node> {
        const NONE: [Token; 2] = [Token::FlowEntry, Token::FlowSequenceEnd];
        self.scanner.next()?;
        let mut items = Vec::new();
        loop {
            if self.scanner.peek()?.0 == Token::FlowSequenceEnd {
                self.scanner.next()?;
                return Ok(Node::Sequence(items));
            }
            if !items.is_empty() {
                self.flow_entry("did not find expected ',' or ']'")?;
            }
            match self.scanner.peek()?.0 {
                Token::FlowSequenceEnd => {}
                Token::Key => {
                    self.scanner.next()?;
                    let key =
                        self.node_unless(false, false, &[Token::Value, NONE[0].clone(), NONE[1].clone()])?;
                    let value = self.flow_value(&NONE)?;
                    items.push(Rc::new(Node::Mapping(vec![(key, value)])));
                }
                _ => items.push(self.node(false, false)?),
            }
        }
    }

    fn flow_mapping(&mut self) -> Result<Node> {
        const NONE: [Token; 2] = [Token::FlowEntry, Token::FlowMappingEnd];
        self.scanner.next()?;
        let mut fields = Vec::new();
        loop {
            if self.scanner.peek()?.0 == Token::FlowMappingEnd {
                self.scanner.next()?;
                return Ok(Node::Mapping(fields));
            }
            if !fields.is_empty() {
                self.flow_entry("did not find expected ',' or '}'")?;
            }
            match self.scanner.peek()?.0 {
                Token::FlowMappingEnd => {}
                Token::Key => {
                    self.scanner.next()?;
                    let key =
                        self.node_unless(false, false, &[Token::Value, NONE[0].clone(), NONE[1].clone()])?;
                    let value = self.flow_value(&NONE)?;
                    fields.push((key, value));
                }
                Token::Value => {
                    let value = self.flow_value(&NONE)?;
                    fields.push((empty(), value));
                }
                _ => fields.push((self.node(false, false)?, empty())),
            }
        }
    }

    fn flow_value(&mut self, none: &[Token]) -> Result<Rc<Node>> {
        if self.scanner.peek()?.0 != Token::Value {
            return Ok(empty());
        }
        self.scanner.next()?;
        self.node_unless(false, false, none)
    }

    fn flow_entry(&mut self, problem: &str) -> Result<()> {
        match self.scanner.next()? {
            (Token::FlowEntry, _) => Ok(()),
            (_, mark) => error(mark, problem),
        }
    }
}

fn empty() -> Rc<Node> {
    Rc::new(Node::Scalar { text: String::new(), plain: true, tag: String::new() })
}

/// Makes the value, counting what aliases unfold to.
#[derive(Default)]
struct Decoder {
    decoded: usize,
    aliased: usize,
    alias_depth: usize,
}

impl Decoder {
    fn value(&mut self, node: &Node) -> Result<Value> {
        self.count()?;
        match node {
            Node::Scalar { text, plain, tag } => scalar(text, *plain, tag),
            Node::Sequence(items) => {
                let values: Result<Vec<Value>> = items.iter().map(|item| self.value(item)).collect();
                Ok(Value::array(values?))
            }
            Node::Mapping(fields) => {
                let mut map = Map::default();
                for (key, value) in fields {
                    match &**key {
                        Node::Scalar { text, plain: true, .. } if text == "<<" => {
                            self.merge(&mut map, value, fields)?
                        }
                        key => {
                            let key = self.key(key)?;
                            let value = self.value(value)?;
                            map.insert(&key, value);
                        }
                    }
                }
                Ok(map.into())
            }
            Node::Alias(target) => {
                self.alias_depth += 1;
                let value = self.value(target);
                self.alias_depth -= 1;
                value
            }
        }
    }

    /// Mirrors yaml.v2: what aliases unfold to may be nearly all of a small document, but not of a large one.
    fn count(&mut self) -> Result<()> {
        const SMALL: f64 = 400_000.0;
        const LARGE: f64 = 4_000_000.0;
        self.decoded += 1;
        self.aliased += usize::from(self.alias_depth > 0);
        let part = ((self.decoded as f64 - SMALL) / (LARGE - SMALL)).clamp(0.0, 1.0);
        let allowed = 0.99 - 0.89 * part;
        if self.aliased > 100 && self.decoded > 1000 && self.aliased as f64 / self.decoded as f64 > allowed {
            return Err("document contains excessive aliasing".into());
        }
        Ok(())
    }

    fn key(&mut self, node: &Node) -> Result<String> {
        match node {
            Node::Alias(target) => self.key(target),
            Node::Scalar { text, plain, tag } => Ok(key_text(&scalar(text, *plain, tag)?)),
            _ => Err("invalid map key: a mapping or a sequence".into()),
        }
    }

    /// `<<: *defaults`: fields of other mappings; the mapping's own fields win.
    fn merge(&mut self, map: &mut Map, value: &Node, own: &[(Rc<Node>, Rc<Node>)]) -> Result<()> {
        const WRONG: &str = "map merge requires map or sequence of maps as the value";
        match value {
            Node::Alias(target) if matches!(**target, Node::Mapping(_)) => self.merge(map, target, own),
            Node::Mapping(_) => {
                let fields = self.value(value)?;
                for (key, value) in fields.fields() {
                    let later = |(k, _): &(Rc<Node>, Rc<Node>)| matches!(&**k, Node::Scalar { text, .. } if text == key);
                    if !own.iter().any(later) {
                        map.insert(key, value.clone());
                    }
                }
                Ok(())
            }
            // The first of several wins, so they are merged from the last on.
            Node::Sequence(items) => items.iter().rev().try_for_each(|item| match &**item {
                Node::Alias(target) if matches!(**target, Node::Mapping(_)) => self.merge(map, target, own),
                Node::Mapping(_) => self.merge(map, item, own),
                _ => Err(WRONG.into()),
            }),
            _ => Err(WRONG.into()),
        }
    }
}

fn scalar(text: &str, plain: bool, tag: &str) -> Result<Value> {
    match tag {
        "!!str" | "!" => return Ok(text.into()),
        "!!binary" => {
            let bytes = base64::decode(text).map_err(|_| "!!binary value contains invalid base64 data")?;
            return Ok(String::from_utf8_lossy(&bytes).into_owned().into());
        }
        _ => {}
    }
    if !plain && tag.is_empty() {
        return Ok(text.into());
    }
    let resolved = resolve(text);
    match (tag, &resolved) {
        ("!!int", Resolved::Int(_) | Resolved::BigInt(_)) | ("!!float", Resolved::Int(_)) => {}
        ("!!int", _) => return Err(format!("cannot decode !!str `{text}` as a !!int")),
        ("!!float", Resolved::Float(_)) | ("!!bool", Resolved::Bool(_)) | ("!!null", Resolved::Null) => {}
        ("!!float" | "!!bool" | "!!null", _) => {
            return Err(format!("cannot decode !!str `{text}` as a {tag}"));
        }
        _ => {}
    }
    Ok(match resolved {
        Resolved::Null => Value::Null,
        Resolved::Bool(b) => b.into(),
        Resolved::Int(i) => i.into(),
        Resolved::BigInt(f) => f.into(),
        Resolved::Float(f) if !f.is_finite() => {
            let name = if f.is_nan() {
                "NaN"
            } else if f > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("json: unsupported value: {name}"));
        }
        // A float without a fraction is a whole number once it was JSON.
        Resolved::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => Value::Int(f as i64),
        Resolved::Float(f) => f.into(),
        Resolved::Timestamp | Resolved::Text | Resolved::Merge => text.into(),
    })
}

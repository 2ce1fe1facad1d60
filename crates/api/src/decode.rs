//! From JSON as it was sent to an object as Go's structs would hold and write it.
//!
//! Mirrors what sigs.k8s.io/json does when it reads into a struct and encoding/json when it writes one: unknown fields are
//! reported and dropped, wrong types are errors with the words of Go, quantities take their canonical form, empty values
//! of omitempty fields vanish and the others appear with their zero value.

use crate::Kind;
use crate::schema::{Field, GoName, Struct, Type, schema};
use apimachinery::quantity::{self, Quantity};
use apimachinery::status::FieldError;
use apimachinery::{Map, Status, Value, base64, time};

/// What happens to fields that are unknown: `fieldValidation` of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// The request fails.
    Strict,
    /// They are dropped with a warning. What a request without `fieldValidation` gets.
    #[default]
    Warn,
    /// They are dropped.
    Ignore,
}

impl Strictness {
    /// From the query parameter `fieldValidation`; `None` for a text that is none of its values.
    pub fn parse(text: &str) -> Option<Strictness> {
        match text {
            "Strict" => Some(Strictness::Strict),
            "Warn" | "" => Some(Strictness::Warn),
            "Ignore" => Some(Strictness::Ignore),
            _ => None,
        }
    }
}

/// How the errors of an object that came out of a patch are told.
#[derive(Clone, Copy, Debug)]
pub enum Patched<'a> {
    /// By a strategic merge patch, which is given.
    Strategic(&'a Value),
    /// By a JSON patch or a merge patch.
    Json,
}

/// How many unknown fields are reported. Mirrors sigs.k8s.io/json, which stops at 100.
const MAX_STRICT_ERRORS: usize = 100;
/// How deeply values may nest: deeper than any type of the API, shallower than the stack.
const MAX_DEPTH: usize = 128;

/// Reads the body of a create or an update. The value comes back with the warnings; or the Status that the real server
/// sends: 400 `Deployment in version "v1" cannot be handled as a Deployment: ...`.
pub fn decode(kind: &Kind, value: &Value, strictness: Strictness) -> Result<(Value, Vec<String>), Status> {
    let (value, unknown) = read(kind.schema, value, false).map_err(|e| cannot_handle(kind, &e))?;
    match strictness {
        Strictness::Strict if !unknown.is_empty() => Err(cannot_handle(kind, &strict_error(&unknown))),
        Strictness::Ignore => Ok((value, Vec::new())),
        _ => Ok((value, unknown)),
    }
}

/// Reads an object after a patch was applied to it. As [`decode`], but with the errors of a PATCH: 422
/// `patch: Invalid value: ...`.
pub fn decode_patched(
    kind: &Kind,
    value: &Value,
    patched: Patched<'_>,
    strictness: Strictness,
) -> Result<(Value, Vec<String>), Status> {
    let invalid = |error: &str| {
        let shown = match patched {
            Patched::Strategic(patch) => patch.to_go(),
            Patched::Json => value.to_json(),
        };
        Status::invalid("", "", "", &[FieldError::invalid("patch", &Value::from(shown), error)])
    };
    let strategic = matches!(patched, Patched::Strategic(_));
    let (value, unknown) = read(kind.schema, value, strategic).map_err(|e| invalid(&e))?;
    match strictness {
        Strictness::Strict if !unknown.is_empty() => Err(invalid(&strict_error(&unknown))),
        Strictness::Ignore => Ok((value, Vec::new())),
        _ => Ok((value, unknown)),
    }
}

/// Reads a value of a type of the schema, such as `PodTemplateSpec`: the value in normal form and the unknown fields,
/// or Go's error. `unstructured` chooses the words of the unstructured converter instead of those of the JSON decoder.
pub fn read(type_name: &str, value: &Value, unstructured: bool) -> Result<(Value, Vec<String>), String> {
    let ty = schema().type_by_name(type_name).expect("kinds name types of the schema");
    let mut reader = Reader { unstructured, ..Reader::default() };
    let changed = reader.read(ty, value);
    match reader.fatal.or(reader.saved) {
        Some(error) => Err(error),
        None => Ok((changed.unwrap_or_else(|| value.clone()), reader.unknown)),
    }
}

fn cannot_handle(kind: &Kind, error: &str) -> Status {
    let (name, version) = (kind.resource.kind, kind.resource.version);
    Status::bad_request(format!("{name} in version {version:?} cannot be handled as a {name}: {error}"))
}

fn strict_error(unknown: &[String]) -> String {
    format!("strict decoding error: {}", unknown.join(", "))
}

#[derive(Default)]
struct Reader<'a> {
    unstructured: bool,
    /// Where we are, for unknown fields.
    path: Vec<Step<'a>>,
    /// Where we are, for wrong types: names of fields only.
    fields: Vec<&'static str>,
    /// The innermost struct.
    structure: Option<GoName>,
    /// The first wrong type.
    saved: Option<String>,
    /// The first error of a type that reads itself; it wins over `saved`.
    fatal: Option<String>,
    unknown: Vec<String>,
}

/// `None` means that the value may stay as it is.
type Changed = Option<Value>;

/// One step down, kept unprinted: only errors need the text.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl std::fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(i) => write!(f, "[{i}]"),
        }
    }
}

impl<'a> Reader<'a> {
    fn read(&mut self, ty: &Type, value: &'a Value) -> Changed {
        if value.is_null() {
            let zero = zero(ty);
            return (!zero.is_null()).then_some(zero);
        }
        if self.path.len() > MAX_DEPTH {
            self.fatal.get_or_insert_with(|| "exceeded max depth".into());
            return None;
        }
        match (ty, value) {
            (Type::Struct(index), Value::Object(map)) => self.object(schema().structure(*index), map, value),
            (Type::List(item), Value::Array(items)) => self.list(item, items),
            (Type::Map(_, _, item), Value::Object(map)) => self.map(item, map),
            (Type::Any(_), _) | (Type::String(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) => None,
            (Type::Int32, Value::Int(i)) if i32::try_from(*i).is_ok() || self.unstructured => {
                let wrapped = i64::from(*i as i32);
                (wrapped != *i).then_some(Value::Int(wrapped))
            }
            (Type::Int64, Value::Int(_)) => None,
            (Type::Int32 | Type::Int64, Value::Float(f)) if self.unstructured && f.fract() == 0.0 => {
                Some(Value::Int(*f as i64))
            }
            (Type::Quantity, _) => self.quantity(value),
            (Type::IntOrString, Value::String(_)) => None,
            (Type::IntOrString, Value::Int(i)) if i32::try_from(*i).is_ok() => None,
            (Type::Time | Type::MicroTime, Value::String(text)) => self.time(ty, text),
            (Type::Duration, Value::String(_)) => None,
            (Type::Bytes, Value::String(text)) => {
                if let Err(at) = base64::decode(text) {
                    let error = format!("illegal base64 data at input byte {at}");
                    let words = if self.unstructured { "error decoding from json: " } else { "" };
                    self.saved.get_or_insert(format!("{words}{error}"));
                }
                None
            }
            _ => {
                self.wrong_type(ty, value);
                Some(zero(ty))
            }
        }
    }

    fn object(&mut self, s: &'static Struct, map: &'a Map, value: &'a Value) -> Changed {
        let outer = self.structure;
        let mut changes: Vec<(&str, Changed)> = Vec::new();
        for (key, value) in map.iter() {
            let Some(field) = s.field(key) else {
                self.unknown_field(key);
                changes.push((key, None));
                continue;
            };
            self.structure = Some(s.go);
            self.path.push(Step::Key(key));
            self.fields.push(field.name);
            let changed = if value.is_null() { Some(Value::Null) } else { self.read(&field.ty, value) };
            self.fields.pop();
            self.path.pop();
            let now = changed.as_ref().unwrap_or(value);
            if vanishes(field, now) {
                changes.push((key, None));
            } else if let Some(now) = written(field, now).or(changed)
                && now != *value
            {
                changes.push((key, Some(now)));
            }
            if self.fatal.is_some() || (self.unstructured && self.saved.is_some()) {
                return None;
            }
        }
        self.structure = outer;
        for field in s.always_written().filter(|f| map.get(f.name).is_none()) {
            changes.push((field.name, Some(zero_field(field))));
        }
        if changes.is_empty() {
            return None;
        }
        let mut result = value.clone();
        for (key, change) in changes {
            match change {
                Some(value) => result.set(key, value),
                None => drop(result.remove(key)),
            }
        }
        Some(result)
    }

    fn list(&mut self, item: &Type, items: &'a [Value]) -> Changed {
        let mut result: Changed = None;
        for (i, value) in items.iter().enumerate() {
            self.path.push(Step::Index(i));
            let changed = self.read(item, value);
            self.path.pop();
            if let Some(changed) = changed {
                result.get_or_insert_with(|| Value::array(items.iter().cloned())).array_mut()[i] = changed;
            }
            if self.fatal.is_some() {
                return None;
            }
        }
        result
    }

    fn map(&mut self, item: &Type, map: &'a Map) -> Changed {
        let mut changes = Vec::new();
        for (key, value) in map.iter() {
            self.path.push(Step::Key(key));
            let changed = self.read(item, value);
            self.path.pop();
            if let Some(changed) = changed {
                changes.push((key, changed));
            }
            if self.fatal.is_some() {
                return None;
            }
        }
        if changes.is_empty() {
            return None;
        }
        let mut result = map.clone();
        changes.into_iter().for_each(|(key, value)| drop(result.insert(key, value)));
        Some(result.into())
    }

    fn quantity(&mut self, value: &Value) -> Changed {
        let text = match value {
            Value::String(text) => text.trim().to_string(),
            other => other.to_json(),
        };
        match Quantity::parse(&text) {
            Some(quantity) => {
                let canonical = Value::from(quantity.to_string());
                (canonical != *value).then_some(canonical)
            }
            None => {
                self.fatal.get_or_insert_with(|| quantity::parse_error(&text).into());
                None
            }
        }
    }

    fn time(&mut self, ty: &Type, text: &str) -> Changed {
        if *ty == Type::Time && is_canonical(text) {
            return None;
        }
        let Some(time) = time::parse_rfc3339(text) else {
            let layout = match ty {
                Type::MicroTime => "2006-01-02T15:04:05.000000Z07:00",
                _ => "2006-01-02T15:04:05Z07:00",
            };
            let error = format!("parsing time {text:?} as {layout:?}: cannot parse {text:?} as \"2006\"");
            self.fatal.get_or_insert(error);
            return None;
        };
        let canonical = if *ty == Type::MicroTime { time::format_micro(time) } else { time::format(time) };
        (canonical != text).then(|| Value::from(canonical))
    }

    fn unknown_field(&mut self, key: &str) {
        if self.unknown.len() < MAX_STRICT_ERRORS {
            let above: String = self.path.iter().map(Step::to_string).collect();
            let path = format!("{above}.{key}");
            self.unknown.push(format!("unknown field {:?}", &path[1..]));
        }
    }

    fn wrong_type(&mut self, ty: &Type, value: &Value) {
        if self.saved.is_some() || self.fatal.is_some() {
            return;
        }
        let error =
            if self.unstructured { unstructured_error(ty, value) } else { self.json_error(ty, value) };
        // What reads itself ends the reading.
        if matches!(ty, Type::IntOrString | Type::Time | Type::MicroTime | Type::Duration) {
            self.fatal = Some(error);
        } else {
            self.saved = Some(error);
        }
    }

    fn json_error(&self, ty: &Type, value: &Value) -> String {
        let shown = match (ty, value) {
            (_, Value::Bool(_)) => "bool".into(),
            (_, Value::String(_)) => "string".into(),
            (_, Value::Array(_)) => "array".into(),
            (_, Value::Object(_)) => "object".into(),
            (Type::Int32 | Type::Int64 | Type::IntOrString, number) => format!("number {}", number.to_json()),
            _ => "number".to_string(),
        };
        let go = match ty {
            Type::IntOrString => "int32".into(),
            Type::Time | Type::MicroTime | Type::Duration => "string".into(),
            ty => schema().go_type(ty),
        };
        let place = match &self.structure {
            Some(structure) => format!("struct field {}.{}", structure.name, self.fields.join(".")),
            None => "value".into(),
        };
        format!("json: cannot unmarshal {shown} into Go {place} of type {go}")
    }
}

/// Whether a timestamp has the form in which it is written, on a day that every month has: most have, and need not be
/// taken apart.
fn is_canonical(text: &str) -> bool {
    let b = text.as_bytes();
    let form = b"0000-00-00T00:00:00Z";
    let two = |i: usize| (b[i] - b'0') * 10 + b[i + 1] - b'0';
    b.len() == form.len()
        && b.iter().zip(form).all(|(c, f)| if *f == b'0' { c.is_ascii_digit() } else { c == f })
        && (1..=12).contains(&two(5))
        && (1..=28).contains(&two(8))
        && two(11) < 24
        && two(14) < 60
        && two(17) < 60
}

/// The words of the unstructured converter, which reads strategically patched objects.
/// Mirrors apimachinery/pkg/runtime/converter.go.
fn unstructured_error(ty: &Type, value: &Value) -> String {
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        _ => "map",
    };
    match (ty, value) {
        (Type::Struct(_), _) => format!("cannot restore struct from: {kind}"),
        (Type::List(_) | Type::Bytes, _) => format!("cannot restore slice from {kind}"),
        (Type::Map(..), _) => format!("cannot restore map from {kind}"),
        (Type::String(_), Value::Int(_)) => format!("cannot convert int64 to {}", schema().go_type(ty)),
        (Type::Int32 | Type::Int64, Value::Float(_)) => {
            format!("cannot convert float64 to {}", schema().go_type(ty))
        }
        (Type::String(_), _) => "unrecognized type: string".into(),
        (Type::IntOrString, Value::Int(i)) => {
            format!("json: cannot unmarshal number {i} into Go value of type int32")
        }
        (Type::IntOrString | Type::Time | Type::MicroTime | Type::Duration, _) => {
            let (shown, go) = match value {
                Value::Bool(_) => ("bool", "int32"),
                Value::Array(_) => ("array", "int32"),
                Value::Object(_) => ("object", "int32"),
                _ => ("number", "int32"),
            };
            let go = if *ty == Type::IntOrString { go } else { "string" };
            format!("json: cannot unmarshal {shown} into Go value of type {go}")
        }
        (ty, _) => format!("unrecognized type: {}", schema().go_type(ty)),
    }
}

/// Whether a field with this value is left out.
fn vanishes(field: &Field, value: &Value) -> bool {
    if value.is_null() {
        return !field.always_written();
    }
    if !field.omit_empty || field.pointer {
        return false;
    }
    match &field.ty {
        Type::Bool => !value.is_true(),
        Type::Int32 | Type::Int64 => value.int() == 0,
        ty if ty.is_struct() => false,
        _ => value.is_empty(),
    }
}

/// What is written instead of this value: zero for null, null for the empty list of a field without omitempty (the
/// store's encoding does not tell it from none).
fn written(field: &Field, value: &Value) -> Changed {
    match value {
        Value::Null => Some(zero_field(field)),
        Value::Array(items) if items.is_empty() && !field.omit_empty => Some(Value::Null),
        _ => None,
    }
}

fn zero_field(field: &Field) -> Value {
    if field.pointer { Value::Null } else { zero(&field.ty) }
}

/// The zero value of a type as Go writes it.
pub fn zero(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int32 | Type::Int64 | Type::IntOrString => Value::Int(0),
        Type::String(_) => Value::from(""),
        Type::Quantity => Value::from("0"),
        Type::Duration => Value::from("0s"),
        Type::Struct(index) => {
            let s = schema().structure(*index);
            Map::from_iter(s.always_written().map(|f| (f.name.to_string(), zero_field(f)))).into()
        }
        Type::Time | Type::MicroTime | Type::Bytes | Type::Any(_) | Type::List(_) | Type::Map(..) => {
            Value::Null
        }
    }
}

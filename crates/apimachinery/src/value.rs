//! A JSON value whose parts are shared: a clone is a pointer, a change copies only the path that changed.

use std::fmt;
use std::sync::Arc;

/// A JSON value. Clones share; `*_mut` methods copy what is shared on the way down.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// `null`, also what reading a missing field gives.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Vec<Value>>),
    /// Fields, sorted by name.
    Object(Arc<Map>),
}

static NULL: Value = Value::Null;

impl Value {
    /// An empty object `{}`.
    pub fn object() -> Value {
        Value::Object(Arc::default())
    }

    /// An array of these values.
    pub fn array(items: impl IntoIterator<Item = Value>) -> Value {
        Value::list(items.into_iter().collect())
    }

    /// An array of these values, as [`json!`](crate::json) makes it in hundreds of places.
    #[inline(never)]
    pub fn list(items: Vec<Value>) -> Value {
        Value::Array(Arc::new(items))
    }

    /// Whether it is `null` (or was missing).
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether it is null, `""`, `[]` or `{}`; `0` and `false` are not empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::String(s) => s.is_empty(),
            Value::Array(a) => a.is_empty(),
            Value::Object(o) => o.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(s) = self { Some(s) } else { None }
    }

    /// The text, or `""`.
    pub fn str(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    /// The whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// The whole number, or 0.
    pub fn int(&self) -> i64 {
        self.as_i64().unwrap_or_default()
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(i) => Some(*i as f64),
            Value::Float(f) => Some(*f),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(a) = self { Some(a) } else { None }
    }

    /// The items; none when it is no array.
    pub fn items(&self) -> &[Value] {
        self.as_array().unwrap_or_default()
    }

    /// The fields, if it is an object.
    pub fn as_object(&self) -> Option<&Map> {
        if let Value::Object(o) = self { Some(o) } else { None }
    }

    /// The fields by name; none when it is no object.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        let fields: &[(Arc<str>, Value)] = self.as_object().map_or(&[], |map| &map.0);
        fields.iter().map(|(k, v)| (&**k, v))
    }

    /// A field, if it is there.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// What stands at a dotted path such as `spec.template.metadata.labels`; null where there is nothing.
    /// Names with dots in them cannot be reached this way: index by them.
    #[inline(never)]
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(self, |v, key| &v[key])
    }

    /// Sets a field, making this an object if it is something else.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.object_mut().put(key, value.into());
    }

    /// Sets what stands at a dotted path, making objects on the way.
    pub fn set_at(&mut self, path: &str, value: impl Into<Value>) {
        self.put_at(path, value.into());
    }

    #[inline(never)]
    fn put_at(&mut self, path: &str, value: Value) {
        *self.at_mut(path) = value;
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match self {
            Value::Object(o) if o.get(key).is_some() => Arc::make_mut(o).remove(key),
            _ => None,
        }
    }

    /// Takes out what stands at a dotted path.
    pub fn remove_at(&mut self, path: &str) -> Option<Value> {
        match path.rsplit_once('.') {
            None => self.remove(path),
            Some((parent, key)) if !self.at(parent).is_null() => self.at_mut(parent).remove(key),
            Some(_) => None,
        }
    }

    /// The fields to change; what is no object becomes `{}` first.
    #[inline(never)]
    pub fn object_mut(&mut self) -> &mut Map {
        if !matches!(self, Value::Object(_)) {
            *self = Value::object();
        }
        match self {
            Value::Object(o) => Arc::make_mut(o),
            _ => unreachable!("made an object above"),
        }
    }

    /// The items to change; what is no array becomes `[]` first.
    #[inline(never)]
    pub fn array_mut(&mut self) -> &mut Vec<Value> {
        if !matches!(self, Value::Array(_)) {
            *self = Value::Array(Arc::default());
        }
        match self {
            Value::Array(a) => Arc::make_mut(a),
            _ => unreachable!("made an array above"),
        }
    }

    /// A field to change, made null first when it is missing.
    pub fn field_mut(&mut self, key: &str) -> &mut Value {
        self.object_mut().entry(key)
    }

    /// What stands at a dotted path, to change, making objects on the way.
    #[inline(never)]
    pub fn at_mut(&mut self, path: &str) -> &mut Value {
        path.split('.').fold(self, |v, key| v.field_mut(key))
    }
}

impl Value {
    /// As Go's `%v` prints it: `map[a:1 b:[x y]]`, texts without quotes, `<nil>`.
    pub fn to_go(&self) -> String {
        let list = |items: Vec<String>| items.join(" ");
        match self {
            Value::Null => "<nil>".into(),
            Value::String(s) => s.to_string(),
            Value::Array(a) => format!("[{}]", list(a.iter().map(Value::to_go).collect())),
            Value::Object(o) => {
                format!("map[{}]", list(o.iter().map(|(k, v)| format!("{k}:{}", v.to_go())).collect()))
            }
            other => other.to_json(),
        }
    }
}

impl std::ops::Index<&str> for Value {
    type Output = Value;
    /// A field; null when it is missing or this is no object.
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }
}

impl std::ops::Index<usize> for Value {
    type Output = Value;
    /// An item; null when there is none.
    fn index(&self, index: usize) -> &Value {
        self.items().get(index).unwrap_or(&NULL)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// The fields of an object, sorted by name, as Go's maps print.
#[derive(Clone, Default, PartialEq)]
pub struct Map(Vec<(Arc<str>, Value)>);

/// Up to how many fields a map is searched from its beginning.
const SMALL_MAP: usize = 32;

impl Map {
    /// Where a field stands, or where it would.
    fn find(&self, key: &str) -> Result<usize, usize> {
        match self.position(key) {
            Some(i) => Ok(i),
            None => self.0.binary_search_by(|(k, _)| (**k).cmp(key)),
        }
    }

    /// Where a field stands. In a small map most names differ in length already, which is cheaper to see than the order.
    fn position(&self, key: &str) -> Option<usize> {
        if self.0.len() <= SMALL_MAP {
            return self.0.iter().position(|(k, _)| k.len() == key.len() && **k == *key);
        }
        self.0.binary_search_by(|(k, _)| (**k).cmp(key)).ok()
    }

    /// A field's value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|i| &self.0[i].1)
    }

    /// Sets a field; gives back what was there.
    pub fn insert(&mut self, key: &str, value: Value) -> Option<Value> {
        match self.find(key) {
            Ok(i) => Some(std::mem::replace(&mut self.0[i].1, value)),
            Err(i) => {
                self.0.insert(i, (key.into(), value));
                None
            }
        }
    }

    /// Sets a field. What was there is dropped here, not at each of a thousand callers.
    #[inline(never)]
    pub fn put(&mut self, key: &str, value: Value) {
        self.insert(key, value);
    }

    /// Sets a field whose name is shared already.
    pub fn insert_shared(&mut self, key: Arc<str>, value: Value) -> Option<Value> {
        match self.find(&key) {
            Ok(i) => Some(std::mem::replace(&mut self.0[i].1, value)),
            Err(i) => {
                self.0.insert(i, (key, value));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.position(key).map(|i| self.0.remove(i).1)
    }

    /// A field to change, null when it was missing.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let i = self.find(key).unwrap_or_else(|i| {
            self.0.insert(i, (key.into(), Value::Null));
            i
        });
        &mut self.0[i].1
    }

    /// The fields in order of their names.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (&**k, v))
    }

    /// The fields to change, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(k, v)| (&**k, v))
    }

    /// Keeps the fields for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.0.retain_mut(|(k, v)| keep(k, v));
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(iter: T) -> Map {
        let mut map = Map::default();
        iter.into_iter().for_each(|(k, v)| drop(map.insert(&k, v)));
        map
    }
}

macro_rules! from {
    ($($type:ty => |$v:ident| $to:expr;)*) => {$(
        impl From<$type> for Value {
            #[inline(never)] // there are hundreds of callers, and each would get the allocation
            fn from($v: $type) -> Value { $to }
        }
    )*};
}

from! {
    bool => |v| Value::Bool(v);
    i32 => |v| Value::Int(v.into());
    i64 => |v| Value::Int(v);
    u16 => |v| Value::Int(v.into());
    u32 => |v| Value::Int(v.into());
    u64 => |v| Value::Int(v as i64);
    usize => |v| Value::Int(v as i64);
    f64 => |v| Value::Float(v);
    &str => |v| Value::String(v.into());
    &String => |v| Value::String(v.as_str().into());
    String => |v| Value::String(v.into());
    Arc<str> => |v| Value::String(v);
    Map => |v| Value::Object(Arc::new(v));
    &Value => |v| v.clone();
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::array(items.into_iter().map(Into::into))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl PartialEq<str> for Value {
    #[inline(never)]
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

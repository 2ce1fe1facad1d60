//! The schema table: every type of the API with its fields, as data.
//!
//! One table serves decoding, strict field validation, zero values, defaults, strategic merge keys and the
//! pod-template-hash. It is read from the `schema.txt` beside each kind. Their format, line by line:
//!
//! ```text
//! package v2                 the Go package of the types that follow, v1 unless said
//! type PodSpec               a struct; its fields follow, each indented by one space, in the order of the Go struct
//!  nodeName string?          JSON name and type; `?` omitempty, `~` omitzero, a leading `*` a pointer
//!  dnsPolicy/DNSPolicy ...   with the Go name where it is not the JSON name with a capital letter
//!  inline VolumeSource       the fields of another struct stand among these
//! type RestartPolicy string  a name for another type
//! ```
//!
//! After the type may follow words: `key=name` (strategic merge by that key), `merge` (list of texts that is a set for
//! strategic merge), `retainKeys`, `set`, `map=a,b` and `atomic` (how server-side apply merges, where it differs),
//! `opt` and `req` (optional or required against what omitempty says), `unsimulated` (a value that asks for something is
//! refused, see [`crate::unsimulated`]), and last `=value`, the default.

use apimachinery::Value;
use apimachinery::patch;
use sim::Order;
use sim::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// All types of all kinds.
pub struct Schema {
    structs: Vec<Struct>,
    by_name: BTreeMap<&'static str, Type>,
}

/// The name of a type in Go: package and name. The package is empty for built-in types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoName {
    /// Package, such as `v1`.
    pub package: &'static str,
    /// Name, such as `RestartPolicy`.
    pub name: &'static str,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the names of the schema files
pub enum Type {
    Bool,
    Int32,
    Int64,
    /// Text, under its Go name.
    String(GoName),
    /// Base64 text.
    Bytes,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Duration,
    /// Any JSON.
    Any(GoName),
    /// One of [`Schema::structure`].
    Struct(usize),
    List(Box<Type>),
    /// A map from texts; its Go name is empty for an unnamed one.
    Map(GoName, GoName, Box<Type>),
}

/// A struct of the API.
#[derive(Debug)]
pub struct Struct {
    /// Its name in Go.
    pub go: GoName,
    /// Its fields as they stand in JSON, those of inlined structs among them, in Go's order.
    pub fields: Vec<Field>,
    /// Its fields as they stand in Go: inlined structs as one member.
    pub members: Vec<Member>,
    /// Indexes of `fields`, sorted by JSON name.
    index: Vec<u16>,
    /// Indexes of the `fields` that have a default, or whose values have one at any depth.
    defaulted: Vec<u16>,
    /// Indexes of the `fields` that are not simulated, or that contain such fields at any depth.
    refusing: Vec<u16>,
    /// Indexes of the `fields` that stand in JSON even when nobody set them.
    always: Vec<u16>,
}

/// A member of a Go struct.
#[derive(Clone, Debug)]
pub enum Member {
    /// A field of its own.
    Field(Field),
    /// An inlined struct.
    Inline(usize),
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name in Go; empty when it is the JSON name with a capital letter.
    go: &'static str,
    /// Its type, without the pointer.
    pub ty: Type,
    /// Whether it is a pointer in Go: then zero values are kept, and nothing is different from zero.
    pub pointer: bool,
    /// `omitempty`: an empty value is not written.
    pub omit_empty: bool,
    /// `omitzero`: a zero value is not written, even that of a struct.
    pub omit_zero: bool,
    /// Whether `explain` calls it required.
    pub required: bool,
    /// Strategic merge by this key of the items; empty when the list is replaced.
    pub merge_key: &'static str,
    /// A list of plain values that strategic merge joins.
    pub merge: bool,
    /// `retainKeys` of strategic merge.
    pub retain_keys: bool,
    /// How server-side apply merges: `set`, `atomic`, `map=a,b`; empty for what follows from the rest.
    pub list_type: &'static str,
    /// Whether its effect would be seen but is not simulated, so that asking for it is an error.
    pub unsimulated: bool,
    /// The default as it stands in the file.
    pub default: Option<&'static str>,
}

impl Type {
    /// Go's structs, among them those that look like a number or text in JSON: omitempty never drops them.
    pub fn is_struct(&self) -> bool {
        matches!(
            self,
            Type::Struct(_)
                | Type::Quantity
                | Type::IntOrString
                | Type::Time
                | Type::MicroTime
                | Type::Duration
                | Type::Any(_)
        )
    }
}

impl Field {
    /// Whether it stands in JSON even when nobody set it.
    pub fn always_written(&self) -> bool {
        !self.omit_empty || (!self.pointer && !self.omit_zero && self.ty.is_struct())
    }

    /// Writes its name in Go.
    pub fn write_go_name(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        if !self.go.is_empty() {
            return out.write_str(self.go);
        }
        let (first, rest) = self.name.split_at(1);
        out.write_char(first.as_bytes()[0].to_ascii_uppercase().into())?;
        out.write_str(rest)
    }

    /// The default as a value.
    pub fn default_value(&self) -> Option<Value> {
        let text = self.default?;
        Some(match (&self.ty, text) {
            (Type::Int32 | Type::Int64, _) => text.parse::<i64>().map_or(Value::Null, Value::Int),
            (Type::Bool, _) => Value::Bool(text == "true"),
            (_, "{}") => Value::object(),
            (_, r#""""#) => Value::from(""),
            _ => Value::from(text),
        })
    }
}

impl Struct {
    /// The fields that have a default, or whose values have one at any depth.
    pub fn defaulted(&self) -> impl Iterator<Item = &Field> {
        self.defaulted.iter().map(|i| &self.fields[usize::from(*i)])
    }

    /// The fields that are not simulated, or that contain such fields at any depth.
    pub fn refusing(&self) -> impl Iterator<Item = &Field> {
        self.refusing.iter().map(|i| &self.fields[usize::from(*i)])
    }

    /// A field by its JSON name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let found = self.index.binary_search_by(|i| self.fields[usize::from(*i)].name.cmp(name)).ok()?;
        Some(&self.fields[usize::from(self.index[found])])
    }

    /// The fields that stand in JSON even when nobody set them.
    pub fn always_written(&self) -> impl Iterator<Item = &Field> {
        self.always.iter().map(|i| &self.fields[usize::from(*i)])
    }
}

impl GoName {
    const fn builtin(name: &'static str) -> GoName {
        GoName { package: "", name }
    }

    fn write(self, out: &mut dyn fmt::Write) -> fmt::Result {
        if !self.package.is_empty() {
            out.write_str(self.package)?;
            out.write_str(".")?;
        }
        out.write_str(self.name)
    }
}

impl fmt::Display for GoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl Schema {
    /// The struct behind [`Type::Struct`].
    pub fn structure(&self, index: usize) -> &Struct {
        &self.structs[index]
    }

    /// A struct by its name, such as `PodSpec`.
    pub fn by_name(&self, name: &str) -> Option<&Struct> {
        match self.by_name.get(name)? {
            Type::Struct(index) => Some(&self.structs[*index]),
            _ => None,
        }
    }

    /// The type with a name.
    pub fn type_by_name(&self, name: &str) -> Option<&Type> {
        self.by_name.get(name)
    }

    /// A type as Go prints it: `[]v1.Container`, `map[string]string`, `int32`.
    pub fn go_type(&self, ty: &Type) -> String {
        let mut text = String::new();
        self.write_go_type(&mut text, ty).expect("a text takes every text");
        text
    }

    /// Writes what [`Schema::go_type`] gives.
    pub fn write_go_type(&self, out: &mut dyn fmt::Write, ty: &Type) -> fmt::Result {
        match ty {
            Type::Bool => out.write_str("bool"),
            Type::Int32 => out.write_str("int32"),
            Type::Int64 => out.write_str("int64"),
            Type::String(name) | Type::Any(name) => name.write(out),
            Type::Bytes => out.write_str("[]uint8"),
            Type::Quantity => out.write_str("resource.Quantity"),
            Type::IntOrString => out.write_str("intstr.IntOrString"),
            Type::Time => out.write_str("v1.Time"),
            Type::MicroTime => out.write_str("v1.MicroTime"),
            Type::Duration => out.write_str("v1.Duration"),
            Type::Struct(index) => self.structs[*index].go.write(out),
            Type::List(item) => {
                out.write_str("[]")?;
                self.write_go_type(out, item)
            }
            Type::Map(name, ..) if !name.name.is_empty() => name.write(out),
            Type::Map(_, key, value) => {
                out.write_str("map[")?;
                key.write(out)?;
                out.write_str("]")?;
                self.write_go_type(out, value)
            }
        }
    }

    fn parse(files: &[&'static str]) -> Schema {
        let mut raw = Raw::default();
        files.iter().for_each(|text| raw.read(text));
        let structs: Vec<Struct> = raw.structs.iter().map(|s| raw.resolve(s)).collect();
        let mut schema = Schema { by_name: raw.names(), structs };
        for i in 0..schema.structs.len() {
            let fields = flatten(&schema.structs, i);
            let mut index: Vec<u16> = (0..fields.len() as u16).collect();
            index.order_by_key(|i| fields[usize::from(*i)].name);
            let always =
                (0..fields.len() as u16).filter(|i| fields[usize::from(*i)].always_written()).collect();
            let s = &mut schema.structs[i];
            (s.fields, s.index, s.always) = (fields, index, always);
        }
        schema.mark(&|f| f.default.is_some(), |s| &mut s.defaulted);
        schema.mark(&|f| f.unsimulated, |s| &mut s.refusing);
        schema
    }

    /// Fills in `defaulted` or `refusing`: from the structs with such fields of their own up to all that contain them.
    fn mark(&mut self, own: &dyn Fn(&Field) -> bool, list: fn(&mut Struct) -> &mut Vec<u16>) {
        let mut known = vec![false; self.structs.len()];
        loop {
            let before = known.iter().filter(|k| **k).count();
            for i in 0..self.structs.len() {
                let has = |f: &Field| own(f) || innermost(&f.ty).is_some_and(|s| known[s]);
                let fields = self.structs[i].fields.iter().enumerate().filter(|(_, f)| has(f));
                let marked: Vec<u16> = fields.map(|(n, _)| n as u16).collect();
                known[i] = !marked.is_empty();
                *list(&mut self.structs[i]) = marked;
            }
            // Each round but the last learns of one struct at least.
            if known.iter().filter(|k| **k).count() == before {
                return;
            }
        }
    }
}

/// The struct that a type is, or that its items are.
fn innermost(ty: &Type) -> Option<usize> {
    match ty {
        Type::Struct(index) => Some(*index),
        Type::List(item) => innermost(item),
        _ => None,
    }
}

/// The fields of a struct and of those inlined in it. Inlining nests at most three deep in Kubernetes' types.
fn flatten(structs: &[Struct], index: usize) -> Vec<Field> {
    let inline = |member: &Member| match member {
        Member::Field(field) => vec![field.clone()],
        Member::Inline(index) => flatten(structs, *index),
    };
    structs[index].members.iter().flat_map(inline).collect()
}

/// The files as they were read, names not yet looked up.
#[derive(Default)]
struct Raw {
    structs: Vec<RawStruct>,
    struct_index: BTreeMap<&'static str, usize>,
    aliases: BTreeMap<&'static str, (GoName, &'static str)>,
}

struct RawStruct {
    go: GoName,
    lines: Vec<&'static str>,
}

impl Raw {
    fn read(&mut self, text: &'static str) {
        let mut package = "v1";
        for line in text.lines() {
            if let Some(field) = line.strip_prefix(' ') {
                self.structs.last_mut().expect("fields follow a struct").lines.push(field);
            } else if let Some(name) = line.strip_prefix("package ") {
                package = name;
            } else if let Some(rest) = line.strip_prefix("type ") {
                let (full, alias) = rest.split_once(' ').unwrap_or((rest, ""));
                let name = full.rsplit_once('.').map_or(full, |(_, name)| name);
                let go = GoName { package, name };
                if alias.is_empty() {
                    self.struct_index.insert(full, self.structs.len());
                    self.structs.push(RawStruct { go, lines: Vec::new() });
                } else {
                    self.aliases.insert(full, (go, alias));
                }
            }
        }
    }

    fn names(&self) -> BTreeMap<&'static str, Type> {
        let structs = self.struct_index.iter().map(|(name, i)| (*name, Type::Struct(*i)));
        let aliases = self.aliases.keys().map(|name| (*name, self.lookup(name)));
        structs.chain(aliases).collect()
    }

    fn resolve(&self, raw: &RawStruct) -> Struct {
        let members = raw.lines.iter().map(|line| self.member(line)).collect();
        let (fields, index, defaulted, refusing, always) = Default::default();
        Struct { go: raw.go, members, fields, index, defaulted, refusing, always }
    }

    fn member(&self, line: &'static str) -> Member {
        let mut words = line.split(' ');
        let (name, ty) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if name == "inline" {
            return Member::Inline(self.struct_index[ty]);
        }
        let (name, go) = name.split_once('/').unwrap_or((name, ""));
        let omit_empty = ty.ends_with('?');
        let omit_zero = ty.ends_with('~');
        let ty = ty.trim_end_matches(['?', '~']);
        let pointer = ty.starts_with('*');
        let mut field = Field {
            name,
            go,
            ty: self.lookup(ty.trim_start_matches('*')),
            pointer,
            omit_empty: omit_empty || omit_zero,
            omit_zero,
            required: !omit_empty && !omit_zero,
            merge_key: "",
            merge: false,
            retain_keys: false,
            list_type: "",
            unsimulated: false,
            default: None,
        };
        for word in words {
            match word.split_once('=') {
                Some(("key", key)) => field.merge_key = key,
                Some(("", value)) => field.default = Some(value),
                Some(("map", _)) => field.list_type = word,
                _ => match word {
                    "merge" => field.merge = true,
                    "retainKeys" => field.retain_keys = true,
                    "set" | "atomic" => field.list_type = word,
                    "opt" => field.required = false,
                    "req" => field.required = true,
                    "unsimulated" => field.unsimulated = true,
                    _ => unreachable!("unknown word {word:?} in a schema file"),
                },
            }
        }
        Member::Field(field)
    }

    fn lookup(&self, ty: &'static str) -> Type {
        if let Some(item) = ty.strip_prefix("[]") {
            return Type::List(Box::new(self.lookup(item)));
        }
        if let Some((key, value)) = ty.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
            let key = match self.lookup(key) {
                Type::String(name) => name,
                _ => unreachable!("keys are texts"),
            };
            return Type::Map(GoName::builtin(""), key, Box::new(self.lookup(value)));
        }
        match ty {
            "bool" => Type::Bool,
            "int32" => Type::Int32,
            "int64" => Type::Int64,
            "string" => Type::String(GoName::builtin("string")),
            "UID" | "NodeName" => Type::String(GoName { package: "types", name: ty }),
            "bytes" => Type::Bytes,
            "Quantity" => Type::Quantity,
            "IntOrString" => Type::IntOrString,
            "Time" => Type::Time,
            "MicroTime" => Type::MicroTime,
            "Duration" => Type::Duration,
            "FieldsV1" => Type::Any(GoName { package: "v1", name: ty }),
            "RawExtension" => Type::Any(GoName { package: "runtime", name: ty }),
            _ => match (self.struct_index.get(ty), self.aliases.get(ty)) {
                (Some(index), _) => Type::Struct(*index),
                (None, Some((go, alias))) => match self.lookup(alias) {
                    Type::String(_) => Type::String(*go),
                    Type::Map(_, key, value) => Type::Map(*go, key, value),
                    other => other,
                },
                (None, None) => unreachable!("no type {ty:?} in the schema files"),
            },
        }
    }
}

/// The table. Read once, from the files beside the kinds.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::parse(crate::SCHEMA_FILES))
}

impl patch::MergeSchema for Type {
    fn field(&self, name: &str) -> Option<patch::MergeField<'_>> {
        match self {
            Type::Struct(index) => {
                let field = schema().structure(*index).field(name)?;
                Some(patch::MergeField {
                    merge_key: field.merge_key,
                    merge: field.merge || !field.merge_key.is_empty(),
                    retain_keys: field.retain_keys,
                    schema: &field.ty,
                })
            }
            Type::Map(.., value) => {
                Some(patch::MergeField { merge_key: "", merge: false, retain_keys: false, schema: &**value })
            }
            Type::List(item) => item.field(name),
            _ => None,
        }
    }
}

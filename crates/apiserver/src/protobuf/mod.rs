//! Bodies in protobuf, as client-go's typed clients send them (`kubectl create deployment`), read into a [`Value`].
//!
//! The types are those of the schema table; `numbers.txt` has the field numbers of each, member by member in the
//! schema's order, 0 for what is not on the wire. Mirrors apimachinery/pkg/runtime/serializer/protobuf and the
//! generated.proto files. Answers are always JSON, which every client takes.

use api::schema::{Member, Struct, Type, schema};
use apimachinery::{Map, Value, base64, json, time};
use sim::Time;

/// `Content-Type` of such a body.
pub const CONTENT_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// What a body begins with.
const MAGIC: &[u8] = b"k8s\0";
/// How deeply messages may nest.
const MAX_DEPTH: usize = 64;
/// Field numbers of every type.
const NUMBERS: &str = include_str!("numbers.txt");

/// Reads a body: the object with its `apiVersion` and `kind`. The error is one line of English.
pub fn decode(bytes: &[u8]) -> Result<Value, String> {
    let envelope =
        bytes.strip_prefix(MAGIC).ok_or("the body does not begin as protobuf of Kubernetes does")?;
    let (mut meta, mut raw) = ((String::new(), String::new()), &[][..]);
    for part in fields(envelope) {
        match part? {
            (1, Wire::Bytes(type_meta)) => {
                for part in fields(type_meta) {
                    match part? {
                        (1, Wire::Bytes(version)) => meta.0 = text(version)?,
                        (2, Wire::Bytes(kind)) => meta.1 = text(kind)?,
                        _ => {}
                    }
                }
            }
            (2, Wire::Bytes(object)) => raw = object,
            _ => {}
        }
    }
    let (version, kind) = meta;
    let name = match kind.as_str() {
        "DeleteOptions" => "DeleteOptions",
        _ => crate::kinds::served()
            .find(|k| k.resource.kind == kind && k.resource.api_version() == version)
            .map_or("", |k| k.schema),
    };
    let of = schema().by_name(name).ok_or_else(|| {
        format!("no kind {kind:?} is registered for version {version:?} in scheme \"pkg/api/legacyscheme/scheme.go:30\"")
    })?;
    let mut map = message(of, raw, 0)?;
    map.insert("apiVersion", version.into());
    map.insert("kind", kind.into());
    Ok(map.into())
}

/// What stands behind a field number.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, in order.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = Result<(u64, Wire<'_>), String>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let field = field(&mut bytes);
        if field.is_err() {
            bytes = &[];
        }
        Some(field)
    })
}

fn field<'a>(bytes: &mut &'a [u8]) -> Result<(u64, Wire<'a>), String> {
    let tag = varint(bytes)?;
    let wire = match tag & 7 {
        0 => Wire::Number(varint(bytes)?),
        1 => Wire::Bytes(take(bytes, 8)?),
        2 => {
            let length = varint(bytes)?;
            Wire::Bytes(take(bytes, length)?)
        }
        5 => Wire::Bytes(take(bytes, 4)?),
        other => return Err(format!("proto: illegal wireType {other}")),
    };
    Ok((tag >> 3, wire))
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let [first, rest @ ..] = *bytes else { return Err("unexpected EOF".into()) };
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("proto: integer overflow".into())
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], String> {
    let length = usize::try_from(length).map_err(|_| "unexpected EOF")?;
    let (head, tail) = bytes.split_at_checked(length).ok_or("unexpected EOF")?;
    *bytes = tail;
    Ok(head)
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "proto: invalid UTF-8 in a string".into())
}

/// The numbers of a type's members.
fn numbers(name: &str) -> impl Iterator<Item = u64> {
    let line = NUMBERS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_default().split(' ').map(|n| n.parse().unwrap_or_default())
}

fn message(of: &Struct, bytes: &[u8], depth: usize) -> Result<Map, String> {
    if depth > MAX_DEPTH {
        return Err("proto: nested too deeply".into());
    }
    let members: Vec<(u64, &Member)> = numbers(of.go.name).zip(&of.members).collect();
    let mut map = Map::default();
    for part in fields(bytes) {
        let (number, wire) = part?;
        match members.iter().find(|(n, _)| *n == number) {
            Some((_, Member::Field(field))) => put(map.entry(field.name), &field.ty, wire, depth)?,
            Some((_, Member::Inline(index))) => {
                let Wire::Bytes(bytes) = wire else { return Err("proto: wrong wireType".into()) };
                let inner = message(schema().structure(*index), bytes, depth + 1)?;
                inner.iter().for_each(|(key, value)| drop(map.insert(key, value.clone())));
            }
            None => {}
        }
    }
    Ok(map)
}

/// Sets a field, or adds to it where it may stand more than once.
fn put(target: &mut Value, ty: &Type, wire: Wire<'_>, depth: usize) -> Result<(), String> {
    match (ty, wire) {
        (Type::List(item), wire) => {
            let value = single(item, wire, depth)?;
            target.array_mut().push(value);
        }
        (Type::Map(_, _, item), Wire::Bytes(entry)) => {
            let (mut key, mut value) = (String::new(), Value::Null);
            for part in fields(entry) {
                match part? {
                    (1, Wire::Bytes(bytes)) => key = text(bytes)?,
                    (2, wire) => put(&mut value, item, wire, depth + 1)?,
                    _ => {}
                }
            }
            target.set(&key, value);
        }
        (ty, wire) => *target = single(ty, wire, depth)?,
    }
    Ok(())
}

fn single(ty: &Type, wire: Wire<'_>, depth: usize) -> Result<Value, String> {
    Ok(match (ty, wire) {
        (Type::Bool, Wire::Number(n)) => Value::Bool(n != 0),
        (Type::Int32 | Type::Int64, Wire::Number(n)) => Value::Int(n as i64),
        (Type::String(_), Wire::Bytes(bytes)) => text(bytes)?.into(),
        (Type::Bytes, Wire::Bytes(bytes)) => base64::encode(bytes).into(),
        (Type::Quantity, Wire::Bytes(bytes)) => first_text(bytes)?.into(),
        (Type::Any(_), Wire::Bytes(bytes)) => {
            Value::from_json(&first_text(bytes)?).map_err(|e| e.to_string())?
        }
        (Type::Struct(index), Wire::Bytes(bytes)) => {
            message(schema().structure(*index), bytes, depth + 1)?.into()
        }
        (Type::IntOrString, Wire::Bytes(bytes)) => int_or_string(bytes)?,
        (Type::Duration, Wire::Bytes(bytes)) => format!("{}ns", pair(bytes)?.0).into(),
        (Type::Time | Type::MicroTime, Wire::Bytes(bytes)) => match pair(bytes)? {
            (0, 0) => Value::Null,
            (seconds, nanos) => {
                let at = Time::from_micros(seconds.max(0) as u64 * 1_000_000 + nanos.max(0) as u64 / 1000);
                if *ty == Type::Time { time::format(at).into() } else { time::format_micro(at).into() }
            }
        },
        _ => return Err("proto: wrong wireType".into()),
    })
}

/// The text in field 1 of a message.
fn first_text(bytes: &[u8]) -> Result<String, String> {
    for part in fields(bytes) {
        if let (1, Wire::Bytes(bytes)) = part? {
            return text(bytes);
        }
    }
    Ok(String::new())
}

/// The numbers in fields 1 and 2 of a message.
fn pair(bytes: &[u8]) -> Result<(i64, i64), String> {
    let mut pair = (0, 0);
    for part in fields(bytes) {
        match part? {
            (1, Wire::Number(n)) => pair.0 = n as i64,
            (2, Wire::Number(n)) => pair.1 = n as i64,
            _ => {}
        }
    }
    Ok(pair)
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    let (kind, number) = pair(bytes)?;
    if kind == 0 {
        return Ok(Value::Int(number));
    }
    for part in fields(bytes) {
        if let (3, Wire::Bytes(bytes)) = part? {
            return Ok(text(bytes)?.into());
        }
    }
    Ok(json!(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_schema_has_as_many_numbers_as_members() {
        let known: Vec<&str> = NUMBERS.lines().filter_map(|line| line.split(' ').next()).collect();
        for name in &known {
            let of = schema().by_name(name).unwrap_or_else(|| panic!("{name} is no struct"));
            assert_eq!(numbers(name).count(), of.members.len(), "{name}");
        }
        let kinds = crate::kinds::served().filter_map(|k| schema().by_name(k.schema)).map(|of| of.go.name);
        let missing: Vec<&str> =
            kinds.filter(|name| !known.contains(name) && !NOT_SENT.contains(name)).collect();
        assert_eq!(missing, [""; 0], "kinds without numbers");
    }

    /// Kinds that nobody creates: metrics, which have no protobuf that is served here.
    const NOT_SENT: [&str; 2] = ["NodeMetrics", "PodMetrics"];

    /// What `kubectl create deployment web --image=nginx --replicas=2` sends.
    const DEPLOYMENT: &str = "6b3873000a150a07617070732f7631120a4465706c6f796d656e7412ab010a1f0a0377656212001a0022002a00320038\
        0042005a0a0a036170701203776562127a0802120c0a0a0a0361707012037765621a600a1c0a0012001a0022002a0032\
        00380042005a0a0a036170701203776562124012220a056e67696e7812056e67696e782a0042006a0072008001008801\
        00900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c080010\
        0018002000280038001a002200";

    #[test]
    fn a_deployment_is_read() {
        let byte = |i| u8::from_str_radix(&DEPLOYMENT[2 * i..2 * i + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..DEPLOYMENT.len() / 2).map(byte).collect();
        let value = decode(&bytes).unwrap();
        assert_eq!((value["kind"].str(), value["apiVersion"].str()), ("Deployment", "apps/v1"));
        assert_eq!(value.at("spec.replicas").int(), 2);
        assert_eq!(value.at("spec.selector.matchLabels.app").str(), "web");
        assert_eq!(value.at("spec.template.spec.containers")[0]["image"], "nginx");
        assert!(value.at("metadata.creationTimestamp").is_null());
        assert_eq!(decode(&bytes[..40]), Err("unexpected EOF".into()));
        assert!(decode(b"{}").is_err());
    }
}

//! The hash that names a Deployment's ReplicaSets. Mirrors ComputeHash in pkg/controller/controller_utils.go.
//!
//! It is FNV-1a over the text in which Go's spew library prints a PodTemplateSpec (`%#v` with type names), so the schema
//! table has to know Go's names and the order of Go's fields. With it the names of ReplicaSets are those of a real cluster.

use crate::schema::{Field, Member, Struct, Type, schema};
use apimachinery::{Value, names, time};
use std::fmt::{self, Write};

/// The `pod-template-hash` of a template (`spec.template` of a Deployment that was decoded and defaulted).
pub fn template_hash(template: &Value) -> String {
    template_hash_after(template, &Value::Null)
}

/// As [`template_hash`], after collisions: the Deployment's `status.collisionCount`, null when there was none.
pub fn template_hash_after(template: &Value, collisions: &Value) -> String {
    let mut hash = Fnv(0x811c_9dc5);
    let spec = schema().by_name("PodTemplateSpec").expect("in pod/schema.txt");
    let written = write!(hash, "({})", spec.go).and_then(|()| structure(&mut hash, spec, template));
    written.expect("a hash takes every text");
    if let Some(count) = collisions.as_i64() {
        hash.bytes(&u64::from(count as u32).to_le_bytes());
    }
    names::safe_encode(hash.0)
}

/// FNV-1a, 32 bits.
struct Fnv(u32);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

/// `{Name:(string)web Labels:(map[string]string)map[app:web] ...}`
fn structure(out: &mut dyn Write, s: &Struct, value: &Value) -> fmt::Result {
    out.write_str("{")?;
    for (i, member) in s.members.iter().enumerate() {
        if i > 0 {
            out.write_str(" ")?;
        }
        match member {
            Member::Field(field) => field_of(out, field, &value[field.name])?,
            Member::Inline(index) => {
                let inner = schema().structure(*index);
                write!(out, "{}:({})", inner.go.name, inner.go)?;
                structure(out, inner, value)?;
            }
        }
    }
    out.write_str("}")
}

fn field_of(out: &mut dyn Write, field: &Field, value: &Value) -> fmt::Result {
    field.write_go_name(out)?;
    out.write_str(if field.pointer { ":(*" } else { ":(" })?;
    schema().write_go_type(out, &field.ty)?;
    out.write_str(")")?;
    if field.pointer && value.is_null() { out.write_str("<nil>") } else { plain(out, &field.ty, value) }
}

/// A value without its type.
fn plain(out: &mut dyn Write, ty: &Type, value: &Value) -> fmt::Result {
    match ty {
        Type::Bool => write!(out, "{}", value.is_true()),
        Type::Int32 | Type::Int64 => write!(out, "{}", value.int()),
        Type::String(_) => out.write_str(value.str()),
        Type::Struct(index) => structure(out, schema().structure(*index), value),
        Type::List(item) => {
            let Some(items) = value.as_array() else { return out.write_str("<nil>") };
            out.write_str("[")?;
            for (i, value) in items.iter().enumerate() {
                out.write_str(if i > 0 { " " } else { "" })?;
                plain(out, item, value)?;
            }
            out.write_str("]")
        }
        Type::Map(_, _, item) => {
            let Some(map) = value.as_object() else { return out.write_str("<nil>") };
            out.write_str("map[")?;
            for (i, (key, value)) in map.iter().enumerate() {
                write!(out, "{}{key}:", if i > 0 { " " } else { "" })?;
                plain(out, item, value)?;
            }
            out.write_str("]")
        }
        Type::IntOrString => match value {
            Value::String(text) => {
                write!(out, "{{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string){text}}}")
            }
            number => write!(out, "{{Type:(intstr.Type)0 IntVal:(int32){} StrVal:(string)}}", number.int()),
        },
        Type::Quantity => quantity(out, value.str()),
        Type::Time | Type::MicroTime => go_time(out, value.str()),
        Type::Bytes | Type::Any(_) => out.write_str("<nil>"),
        Type::Duration => write!(out, "{{Duration:(time.Duration)0}}"),
    }
}

/// The inside of time.Time: seconds since year 1 and nanoseconds.
fn go_time(out: &mut dyn Write, text: &str) -> fmt::Result {
    /// Seconds from year 1 to 1970.
    const EPOCH: u64 = 62_135_596_800;
    let (wall, ext) = match time::parse_rfc3339(text) {
        Some(time) => (time.as_micros() % 1_000_000 * 1000, time.as_secs() + EPOCH),
        None => (0, 0),
    };
    write!(out, "{{Time:(time.Time){{wall:(uint64){wall} ext:(int64){ext} loc:(*time.Location)<nil>}}}}")
}

/// The inside of resource.Quantity as ParseQuantity leaves it for a text in canonical form.
fn quantity(out: &mut dyn Write, text: &str) -> fmt::Result {
    const DECIMAL: [(&str, i32); 9] =
        [("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let digits = number.trim_start_matches('-').len() as i32;
    let value: i64 = number.parse().unwrap_or(0);
    let binary = BINARY.iter().position(|s| *s == suffix);
    let (scaled, scale, format, kept) = match binary {
        Some(i) => {
            let shift = 10 * (i as i32 + 1);
            let fits = 15 - digits - shift * 3 / 10 > 0;
            if !fits {
                return big_quantity(out, i128::from(value) << shift);
            }
            (value << shift, 0, "BinarySI", value & 7 != 0)
        }
        None => {
            let decimal = DECIMAL.iter().find(|(s, _)| *s == suffix).map(|(_, exponent)| *exponent);
            let scale = decimal.or_else(|| suffix.get(1..)?.parse().ok()).unwrap_or(0);
            let format = if suffix.starts_with('e') { "DecimalExponent" } else { "DecimalSI" };
            (value, scale, format, !number.ends_with("000"))
        }
    };
    let text = if kept || text == "0" { text } else { "" };
    write!(
        out,
        "{{i:(resource.int64Amount){{value:(int64){scaled} scale:(resource.Scale){scale}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){text} Format:(resource.Format){format}}}"
    )
}

/// A binary amount that ParseQuantity holds as an arbitrary number.
fn big_quantity(out: &mut dyn Write, value: i128) -> fmt::Result {
    write!(
        out,
        "{{i:(resource.int64Amount){{value:(int64)0 scale:(resource.Scale)0}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec){{unscaled:(big.Int){{neg:(bool){} abs:(big.nat)[{}]}} \
         scale:(inf.Scale)0}}}} s:(string) Format:(resource.Format)BinarySI}}",
        value < 0,
        value.unsigned_abs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Strictness, by_kind, decode};
    use apimachinery::yaml;

    fn hash(manifest: &str) -> String {
        let kind = by_kind("apps/v1", "Deployment").unwrap();
        let mut value = decode(kind, &yaml::parse(manifest).unwrap(), Strictness::Strict).unwrap().0;
        kind.default(&mut value);
        template_hash(&value["spec"]["template"])
    }

    fn simple(app: &str, container: &str, image: &str) -> String {
        hash(&format!(
            "{{spec: {{template: {{metadata: {{labels: {{app: {app}}}}}, spec: {{containers: [{{name: {container}, image: \"{image}\"}}]}}}}}}}}"
        ))
    }

    #[test]
    fn the_tutorials_replica_sets_have_their_real_names() {
        const APP: &str = "kubernetes-bootcamp";
        assert_eq!(simple(APP, APP, "gcr.io/google-samples/kubernetes-bootcamp:v1"), "66d5c96cb");
        assert_eq!(simple(APP, APP, "docker.io/jocatalin/kubernetes-bootcamp:v2"), "7c5b86fcf9");
        assert_eq!(simple(APP, APP, "gcr.io/google-samples/kubernetes-bootcamp:v10"), "7dbbbdf7b4");
        assert_eq!(simple("web", "nginx", "nginx:1.27"), "7d876db474");
    }

    #[test]
    fn quantities_ports_and_environment_count() {
        let frontend = "{spec: {template: {metadata: {labels: {app: guestbook, tier: frontend}}, spec: {containers: [\
            {name: php-redis, image: \"gcr.io/google_samples/gb-frontend:v5\", env: [{name: GET_HOSTS_FROM, value: dns}], \
            resources: {requests: {cpu: 100m, memory: 100Mi}}, ports: [{containerPort: 80}]}]}}}}";
        assert_eq!(hash(frontend), "8667f64d6c");
        let leader = "{spec: {template: {metadata: {labels: {app: redis, role: leader, tier: backend}}, spec: {containers: [\
            {name: leader, image: \"docker.io/redis:6.0.5\", resources: {requests: {cpu: 100m, memory: 100Mi}}, \
            ports: [{containerPort: 6379}]}]}}}}";
        assert_eq!(hash(leader), "55d75568d9");
        assert_eq!(simple("rec", "c", "nginx:1.25"), "847b6674d5");
        assert_eq!(simple("slow", "c", "nginx:1.25"), "58bccb7474");
    }
}

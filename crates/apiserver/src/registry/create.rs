use super::{check_size, key, service};
use crate::kinds::Kind;
use crate::{ApiServer, Call, admission};
use api::decode::zero;
use api::schema::schema;
use apimachinery::status::FieldError;
use apimachinery::{Object, Status, Value, names, time};

/// How often a generated name is tried when it is taken. Mirrors maxNameGenerationCreateAttempts.
const GENERATE_ATTEMPTS: usize = 8;

/// Creates an object that was decoded and has its defaults. Mirrors Store.Create and rest.BeforeCreate.
pub fn create(server: &mut ApiServer, call: &mut Call<'_>, mut object: Object) -> Result<Object, Status> {
    server.check_room(call.kind)?;
    check_namespace(call, &mut object)?;
    let generated = object.name().is_empty() && !object.meta("generateName").str().is_empty();
    if generated {
        let name = names::generate(object.meta("generateName").str(), &mut server.rng);
        object.meta_mut().insert("name", name.into());
    }
    admission::create(server, call, &mut object)?;
    if !object.resource_version().is_empty() {
        return Err(Status::new(500, "", "resourceVersion should not be set on objects to be created"));
    }
    fill_system_fields(server, call, &mut object);
    call.kind.prepare_create(&mut object);
    zero_status(call.kind, &mut object);
    // Addresses and ports are given before the rest is checked, as BeginCreate comes before BeforeCreate.
    if call.kind.resource.plural == "services" {
        service::allocate(server, &mut object, None, call.dry_run)?;
    }
    let errors = call.kind.validate(&object);
    if !errors.is_empty() {
        return Err(invalid(call, object.name(), &errors));
    }
    let charges = admission::validate(server, call, &object, None)?;
    call.warnings.extend(call.kind.warnings(&object, None));
    check_size(&object)?;
    let mut at = key(&call.kind.resource, call.namespace, object.name());
    for _ in 0..GENERATE_ATTEMPTS {
        if server.store.get(&at).is_none() || !generated {
            break;
        }
        let name = names::generate(object.meta("generateName").str(), &mut server.rng);
        object.meta_mut().insert("name", name.into());
        at = key(&call.kind.resource, call.namespace, object.name());
    }
    if server.store.get(&at).is_some() {
        return Err(Status::already_exists(call.group(), call.plural(), object.name()));
    }
    if call.dry_run {
        return Ok(object);
    }
    admission::charge(server, charges);
    Ok(server.write(call.kind, &at, object))
}

/// The object belongs where the path says. Mirrors rest.EnsureObjectNamespaceMatchesRequestNamespace.
pub fn check_namespace(call: &Call<'_>, object: &mut Object) -> Result<(), Status> {
    let (wanted, given) = (call.namespace, object.namespace());
    if wanted == given {
        return Ok(());
    }
    if wanted.is_empty() || given.is_empty() {
        match wanted {
            "" => object.meta_mut().remove("namespace"),
            _ => object.meta_mut().insert("namespace", wanted.into()),
        };
        return Ok(());
    }
    Err(Status::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request",
    ))
}

/// What the server alone sets. Mirrors rest.FillObjectMetaSystemFields.
fn fill_system_fields(server: &mut ApiServer, call: &Call<'_>, object: &mut Object) {
    let uid = names::uid(&mut server.rng);
    let meta = object.meta_mut();
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "generation"]
    {
        meta.remove(key);
    }
    meta.insert("creationTimestamp", time::format(call.now).into());
    meta.insert("uid", uid.into());
    for key in ["labels", "annotations", "finalizers", "ownerReferences"] {
        if meta.get(key).is_some_and(|v| v.is_empty()) {
            meta.remove(key);
        }
    }
}

/// A status that nobody has written yet is not missing, but zero, as Go's structs are: `{}`, `{"replicas": 0}`.
fn zero_status(kind: &Kind, object: &mut Object) {
    if !kind.has_subresource("status") || !object["status"].is_null() {
        return;
    }
    let field = schema().by_name(kind.schema).and_then(|of| of.field("status"));
    object.set("status", field.map_or(Value::Null, |field| zero(&field.ty)));
}

/// 422 for an object called `name`.
pub fn invalid(call: &Call<'_>, name: &str, errors: &[FieldError]) -> Status {
    Status::invalid(call.group(), call.kind.resource.kind, name, errors)
}

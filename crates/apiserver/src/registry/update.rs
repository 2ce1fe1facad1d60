use super::create::{check_namespace, create, invalid};
use super::{check_size, key, service};
use crate::{ApiServer, Call, admission, kinds, same};
use apimachinery::status::FieldError;
use apimachinery::{Object, Status, Value};

/// Which part of an object an update may change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// All but the status.
    Spec,
    /// The status and annotations.
    Status,
    /// Anything, checked by whoever asks: binding, scale, finalize.
    Checked,
}

/// The words of a 409 on an old resourceVersion. Mirrors OptimisticLockErrorMsg.
pub const OPTIMISTIC_LOCK: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// Writes a new version of an object; the flag says whether it had to be created. Mirrors Store.Update and
/// rest.BeforeUpdate.
pub fn update(
    server: &mut ApiServer,
    call: &mut Call<'_>,
    mut object: Object,
    change: Change,
) -> Result<(Object, bool), Status> {
    let at = key(&call.kind.resource, call.namespace, call.name);
    check_name(call, &object)?;
    let Some(old) = server.store.get(&at).map(|entry| entry.value.clone()) else {
        if change == Change::Spec
            && kinds::creates_on_update(call.kind)
            && object.resource_version().is_empty()
        {
            return create(server, call, object).map(|object| (object, true));
        }
        return Err(call.not_found());
    };
    check_namespace(call, &mut object)?;
    check_uid(call, object.uid(), &old)?;
    check_version(call, &object, &old)?;
    if change == Change::Spec && call.kind.resource.plural == "services" {
        service::prepare_update(&mut object, &old);
        service::allocate(server, &mut object, Some(&old), call.dry_run)?;
    }
    prepare(call, &mut object, &old, change);
    admission::update(server, call, &mut object, &old)?;
    let errors = validate(call, &object, &old, change);
    if !errors.is_empty() {
        return Err(invalid(call, call.name, &errors));
    }
    let charges = match change {
        Change::Spec => admission::validate(server, call, &object, Some(&old))?,
        _ => admission::Charges::new(),
    };
    if change == Change::Spec {
        call.warnings.extend(call.kind.warnings(&object, Some(&old)));
    }
    // What a status update cannot change was measured before.
    check_size(if change == Change::Status { &object["status"] } else { &object })?;
    // A write that changes nothing is no write: no new resourceVersion, no event for watchers.
    if same(&object, &old) || call.dry_run {
        return Ok((object, false));
    }
    if is_finished(call, &object) {
        server.erase(call.kind, &at);
        return Ok((object, false));
    }
    admission::charge(server, charges);
    Ok((server.write(call.kind, &at, object), false))
}

/// Mirrors the check of the URL's name in UpdateResource.
fn check_name(call: &Call<'_>, object: &Object) -> Result<(), Status> {
    match object.name() {
        "" => Err(Status::bad_request("name must be provided")),
        name if name == call.name => Ok(()),
        name => Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            call.name
        ))),
    }
}

/// A uid that was given must be that of the object.
fn check_uid(call: &Call<'_>, uid: &str, old: &Object) -> Result<(), Status> {
    if uid.is_empty() || uid == old.uid() {
        return Ok(());
    }
    Err(call.conflict(&format!(
        "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
        old.uid()
    )))
}

/// A resourceVersion that was given must be the newest; some kinds insist on one.
fn check_version(call: &Call<'_>, object: &Object, old: &Object) -> Result<(), Status> {
    match object.resource_version() {
        "" | "0" if kinds::updates_unconditionally(call.kind) => Ok(()),
        "" | "0" => {
            let error = FieldError::invalid(
                "metadata.resourceVersion",
                &Value::Int(0),
                "must be specified for an update",
            );
            Err(Status::invalid(call.group(), call.plural(), call.name, &[error]))
        }
        version if version == old.resource_version() => Ok(()),
        _ => Err(call.conflict(OPTIMISTIC_LOCK)),
    }
}

/// Takes over from the old version what this update may not change. Mirrors BeforeUpdate and PrepareForUpdate.
fn prepare(call: &Call<'_>, object: &mut Object, old: &Object, change: Change) {
    const SYSTEM: [&str; 6] = [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "resourceVersion",
    ];
    for key in SYSTEM {
        if !same(object.meta(key), old.meta(key)) {
            set_or_remove(object, key, old.meta(key));
        }
    }
    if !object.meta("managedFields").is_null() {
        object.meta_mut().remove("managedFields");
    }
    for key in ["labels", "annotations", "finalizers", "ownerReferences"] {
        if object.meta(key).is_empty() && object.meta(key).as_str().is_none() {
            set_or_remove(object, key, &Value::Null);
        }
    }
    match change {
        Change::Status => call.kind.prepare_status_update(object, old),
        Change::Spec => call.kind.prepare_update(object, old),
        Change::Checked => {}
    }
}

fn set_or_remove(object: &mut Object, key: &str, value: &Value) {
    if value.is_null() {
        if !object.meta(key).is_null() {
            object.meta_mut().remove(key);
        }
    } else {
        object.meta_mut().insert(key, value.clone());
    }
}

fn validate(call: &Call<'_>, object: &Object, old: &Object, change: Change) -> Vec<FieldError> {
    match change {
        Change::Spec => call.kind.validate_update(object, old),
        Change::Status => call.kind.validate_status_update(object, old),
        Change::Checked => Vec::new(),
    }
}

/// Whether the last finalizer of an object on its way out has gone. Mirrors ShouldDeleteDuringUpdate.
fn is_finished(call: &Call<'_>, object: &Object) -> bool {
    object.is_terminating()
        && object.meta("finalizers").items().is_empty()
        && object.meta("deletionGracePeriodSeconds").int() == 0
        && (call.kind.resource.plural != "namespaces" || object["spec"]["finalizers"].items().is_empty())
}

use super::{key, namespace, pod};
use crate::{ApiServer, Call, admission, kinds};
use apimachinery::status::FieldError;
use apimachinery::{Object, Status, Value, json, time};
use sim::Duration;

/// metav1.DeleteOptions, as far as it was given.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `gracePeriodSeconds`.
    pub grace: Option<i64>,
    /// `propagationPolicy`, or what `orphanDependents` means.
    pub propagation: Option<String>,
    /// `preconditions.uid`.
    pub uid: Option<String>,
    /// `preconditions.resourceVersion`.
    pub version: Option<String>,
}

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

impl Options {
    /// Reads them from the body and, where it says nothing, from the query.
    pub fn read(call: &Call<'_>, body: &Value) -> Result<Options, Status> {
        let text = |key: &str| {
            body[key]
                .as_str()
                .or_else(|| call.request.param(key))
                .map(str::to_string)
                .filter(|t| !t.is_empty())
        };
        let orphan = body["orphanDependents"]
            .as_bool()
            .or_else(|| call.request.param("orphanDependents").map(|v| v == "true"))
            .map(|orphan| if orphan { "Orphan" } else { "Background" }.to_string());
        let grace = match (&body["gracePeriodSeconds"], call.request.param("gracePeriodSeconds")) {
            (Value::Null, None) => None,
            (Value::Null, Some(text)) => Some(text.parse().map_err(|_| {
                Status::bad_request(format!(
                    "strconv.ParseInt: parsing {text:?}: invalid syntax"
                ))
            })?),
            (value, _) => Some(value.as_i64().ok_or_else(|| {
                Status::bad_request("json: cannot unmarshal into Go struct field DeleteOptions.gracePeriodSeconds of type int64")
            })?),
        };
        let options = Options {
            grace,
            propagation: text("propagationPolicy").or(orphan),
            uid: body["preconditions"]["uid"].as_str().map(str::to_string),
            version: body["preconditions"]["resourceVersion"].as_str().map(str::to_string),
        };
        options.check()?;
        Ok(options)
    }

    /// Mirrors ValidateDeleteOptions.
    fn check(&self) -> Result<(), Status> {
        match self.propagation.as_deref() {
            None | Some("Background" | "Foreground" | "Orphan") => Ok(()),
            Some(other) => {
                let known = ["Foreground", "Background", "Orphan", "nil"];
                let error = FieldError::not_supported("propagationPolicy", &other.into(), &known);
                Err(Status::invalid("meta.k8s.io", "DeleteOptions", "", &[error]))
            }
        }
    }
}

/// What BeforeDelete decides.
enum Graceful {
    /// The kind knows no grace, or none is left: go on.
    No,
    /// The object was marked and waits for its grace period (which may be 0).
    Marked,
    /// It was on its way out already, and nothing changes.
    Pending,
}

/// Deletes an object, or marks it as on its way out. Gives the body of the answer: the object where it is still there
/// or the kind wants it, else a Status. Mirrors Store.Delete.
pub fn delete(server: &mut ApiServer, call: &Call<'_>, options: &Options) -> Result<Value, Status> {
    let at = key(&call.kind.resource, call.namespace, call.name);
    let Some(old) = server.store.get(&at).map(|entry| entry.value.clone()) else {
        return Err(call.not_found());
    };
    admission::delete(call, &old)?;
    check_preconditions(call, options, &old)?;
    if call.kind.resource.plural == "namespaces"
        && let Some(object) = namespace::begin_deletion(call, &old)
    {
        return Ok(store(server, call, &at, object).0);
    }
    let mut object = old.clone();
    let graceful = before_delete(call, options, &mut object);
    if matches!(graceful, Graceful::Pending) {
        return Ok(object.0);
    }
    set_finalizers(&mut object, call, options);
    let pending = !object.meta("finalizers").items().is_empty();
    if matches!(graceful, Graceful::No) && pending {
        mark_as_deleting(call, &mut object);
    }
    let waits = pending || object.meta("deletionGracePeriodSeconds").int() > 0;
    if matches!(graceful, Graceful::Marked) || pending {
        object = store(server, call, &at, object);
    }
    if waits {
        return Ok(object.0);
    }
    if !call.dry_run {
        server.erase(call.kind, &at);
    }
    Ok(if kinds::returns_deleted(call.kind) { object.0 } else { success(call, &old) })
}

/// The object's new version; the old one when nothing changed or this is a dry run.
fn store(server: &mut ApiServer, call: &Call<'_>, at: &str, object: Object) -> Object {
    let unchanged = server.store.get(at).is_some_and(|entry| crate::same(&entry.value, &object));
    if call.dry_run || unchanged { object } else { server.write(call.kind, at, object) }
}

/// The Status that tells of a deletion. Mirrors finalizeDelete.
fn success(call: &Call<'_>, old: &Object) -> Value {
    let mut details = json!({"name": old.name(), "kind": call.plural(), "uid": old.uid()});
    if !call.group().is_empty() {
        details.set("group", call.group());
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

fn check_preconditions(call: &Call<'_>, options: &Options, old: &Object) -> Result<(), Status> {
    let given =
        [("UID", &options.uid, old.uid()), ("ResourceVersion", &options.version, old.resource_version())];
    for (what, wanted, actual) in given {
        if let Some(wanted) = wanted
            && wanted != actual
        {
            return Err(call.conflict(&format!(
                "Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {actual}"
            )));
        }
    }
    Ok(())
}

/// Mirrors rest.BeforeDelete.
fn before_delete(call: &Call<'_>, options: &Options, object: &mut Object) -> Graceful {
    if call.kind.resource.plural != "pods" {
        return Graceful::No;
    }
    if let Some(deletion) = object.deletion() {
        // On its way out already: the grace period can only become shorter.
        let Some(current) = object.meta("deletionGracePeriodSeconds").as_i64() else { return Graceful::No };
        match options.grace {
            Some(grace) if grace < current => {
                let started = deletion - seconds(current);
                mark(object, started + seconds(grace), grace);
                return Graceful::Marked;
            }
            _ => return Graceful::Pending,
        }
    }
    let grace = pod::grace_period(object, options.grace);
    bump_generation(object);
    mark(object, call.now + seconds(grace), grace);
    Graceful::Marked
}

/// Mirrors markAsDeleting.
fn mark_as_deleting(call: &Call<'_>, object: &mut Object) {
    if !object.is_terminating() {
        bump_generation(object);
    }
    let at = object.deletion().filter(|at| *at <= call.now).unwrap_or(call.now);
    mark(object, at, 0);
}

fn bump_generation(object: &mut Object) {
    if object.generation() > 0 {
        let next = object.generation() + 1;
        object.meta_mut().insert("generation", next.into());
    }
}

fn mark(object: &mut Object, at: sim::Time, grace: i64) {
    let meta = object.meta_mut();
    meta.insert("deletionTimestamp", time::format(at).into());
    meta.insert("deletionGracePeriodSeconds", grace.into());
}

fn seconds(n: i64) -> Duration {
    Duration::from_secs(n.max(0) as u64)
}

/// Sets the garbage collector's finalizers as the options want it. Mirrors deletionFinalizersForGarbageCollection.
fn set_finalizers(object: &mut Object, call: &Call<'_>, options: &Options) {
    // Events have no dependents: their garbage collection is switched off in the registry.
    if call.kind.resource.plural == "events" {
        return;
    }
    let has = |name: &str| object.meta("finalizers").items().iter().any(|f| *f == *name);
    let (orphan, foreground) = match options.propagation.as_deref() {
        Some("Orphan") => (true, false),
        Some("Foreground") => (false, true),
        Some(_) => (false, false),
        None if has(ORPHAN) => (true, false),
        None => (false, has(FOREGROUND)),
    };
    if has(ORPHAN) == orphan && has(FOREGROUND) == foreground {
        return;
    }
    let mut list: Vec<Value> = object.meta("finalizers").items().to_vec();
    list.retain(|f| *f != *ORPHAN && *f != *FOREGROUND);
    list.extend(orphan.then(|| ORPHAN.into()));
    list.extend(foreground.then(|| FOREGROUND.into()));
    match list.is_empty() {
        true => object.meta_mut().remove("finalizers"),
        false => object.meta_mut().insert("finalizers", Value::array(list)),
    };
}

//! ResourceQuota: nothing is made that a quota of its namespace has no room for.
//! Mirrors apiserver/pkg/admission/plugin/resourcequota.

use crate::registry::key;
use crate::{ApiServer, Call};
use api::resourcequota::{self, RESOURCE, Usage};
use apimachinery::{Object, Quantity, Status, Value};

/// What is to be written when the request goes through: quotas with what they will be used up by.
pub type Charges = Vec<Object>;

/// Refuses what some quota has no room for. `old` is there when an object changes; only Services take more by a change.
pub fn check(
    server: &ApiServer,
    call: &Call<'_>,
    object: &Object,
    old: Option<&Object>,
) -> Result<Charges, Status> {
    let resource = &call.kind.resource;
    let mut charges = Charges::new();
    if call.namespace.is_empty() || (old.is_some() && resource.plural != "services") {
        return Ok(charges);
    }
    let quotas = server.objects(&RESOURCE).into_iter().filter(|q| q.namespace() == call.namespace);
    let mut added: Option<Usage> = None;
    for mut quota in quotas {
        let hard = concerned(&quota, resource);
        if hard.is_empty() || !resourcequota::covers(&quota, resource, object) {
            continue;
        }
        explicit(call, object, &quota, &hard)?;
        let added = added.get_or_insert_with(|| difference(call, object, old));
        let used = room(call, object.name(), &quota, &hard, added)?;
        if used != *quota.at("status.used") {
            quota.set_at("status.used", used);
            charges.push(quota);
        }
    }
    Ok(charges)
}

/// Writes what was used up. Mirrors quotaAccessor.UpdateQuotaStatus.
pub fn charge(server: &mut ApiServer, charges: Charges) {
    for quota in charges {
        let at = key(&RESOURCE, quota.namespace(), quota.name());
        server.write(&resourcequota::KIND, &at, quota);
    }
}

/// The limits of a quota that have to do with a kind.
fn concerned(quota: &Object, resource: &apimachinery::Resource) -> Value {
    let mut hard = Value::object();
    for (name, amount) in quota.at("status.hard").fields() {
        if resourcequota::matches(name, resource) {
            hard.set(name, amount.clone());
        }
    }
    hard
}

/// Each container has to ask for what a quota counts.
fn explicit(call: &Call<'_>, object: &Object, quota: &Object, hard: &Value) -> Result<(), Status> {
    if call.kind.resource != api::pod::RESOURCE {
        return Ok(());
    }
    match resourcequota::missing(object, hard) {
        missing if missing.is_empty() => Ok(()),
        missing => {
            let why = format!("failed quota: {}: must specify {missing}", quota.name());
            Err(call.forbidden(object.name(), &why))
        }
    }
}

/// What an object takes more than before.
fn difference(call: &Call<'_>, object: &Object, old: Option<&Object>) -> Usage {
    let resource = &call.kind.resource;
    let mut added = resourcequota::usage(resource, object, call.now);
    if let Some(old) = old {
        for (name, amount) in resourcequota::usage(resource, old, call.now) {
            let now = added.get(&name).copied().unwrap_or(Quantity::ZERO);
            added.insert(name, now - amount);
        }
    }
    added
}

/// What the quota will be used up by, if there is room for all of it.
fn room(call: &Call<'_>, name: &str, quota: &Object, hard: &Value, added: &Usage) -> Result<Value, Status> {
    let mut used = quota.at("status.used").clone();
    let unknown: Vec<&str> =
        hard.fields().map(|(name, _)| name).filter(|name| used.get(name).is_none()).collect();
    if !unknown.is_empty() {
        let why = format!("status unknown for quota: {}, resources: {}", quota.name(), unknown.join(","));
        return Err(call.forbidden(name, &why));
    }
    let amount = |value: &Value| Quantity::parse(value.str()).unwrap_or(Quantity::ZERO);
    let (mut requested, mut before, mut limited) = (Vec::new(), Vec::new(), Vec::new());
    for (resource, limit) in hard.fields() {
        let more = added.get(resource).copied().unwrap_or(Quantity::ZERO);
        if more.is_zero() {
            continue;
        }
        let after = amount(&used[resource]) + more;
        if !more.is_negative() && after.more_than(amount(limit)) {
            requested.push(format!("{resource}={more}"));
            before.push(format!("{resource}={}", amount(&used[resource])));
            limited.push(format!("{resource}={}", amount(limit)));
        }
        used.set(resource, after.to_string());
    }
    if requested.is_empty() {
        return Ok(used);
    }
    let why = format!(
        "exceeded quota: {}, requested: {}, used: {}, limited: {}",
        quota.name(),
        requested.join(","),
        before.join(","),
        limited.join(",")
    );
    Err(call.forbidden(name, &why))
}

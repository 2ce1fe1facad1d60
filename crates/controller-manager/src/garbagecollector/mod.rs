//! Deletes what no owner needs any more: in the background, in the foreground, or not at all. Mirrors
//! pkg/controller/garbagecollector.
//!
//! The real one keeps a graph of all objects; here the informers' indexes of owners are that graph.

mod references;

use crate::ratelimit::RateLimiter;
use crate::{Cache, Controller, decide};
use apimachinery::{Object, Resource, Status, json};
use client::{Context, Delta, WorkQueue};
use references::Owners;
use sim::collections::BTreeSet;
use sim::{Duration, Time};

/// From a change to the attempt that it causes: the graph's queue, and the queue of attempts.
const REACTION: Duration = Duration::from_millis(10);
/// How many owners that are gone are remembered, so that not every dependent asks for them. Mirrors the size of
/// absentOwnerCache.
const MAX_ABSENT: usize = 500;

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// The garbage collector. Its queue holds `resource.group|namespace/name`.
#[derive(Clone)]
pub struct GarbageCollector {
    queue: WorkQueue,
    limiter: RateLimiter,
    absent: BTreeSet<String>,
}

impl Default for GarbageCollector {
    fn default() -> Self {
        // Its client may send twice as many requests a second as the others (but not at once): each deletion takes two.
        let limiter = RateLimiter::new(20.0, 15.0);
        GarbageCollector { queue: WorkQueue::default(), limiter, absent: BTreeSet::new() }
    }
}

impl Controller for GarbageCollector {
    fn name(&self) -> &'static str {
        "generic-garbage-collector"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        match &delta.new {
            None => self.gone(now, delta.object(), cache),
            Some(object) => self.seen(now, resource, delta.old.as_ref(), object, cache),
        }
    }

    fn wake(&self) -> Option<Time> {
        // Nothing is looked at before it could be deleted.
        Some(self.queue.wake()?.max(self.limiter.next()?))
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            match self.attempt(ctx, cache, &key) {
                Ok(()) => self.queue.forget(&key),
                Err(_) => self.queue.add_rate_limited(ctx.now, key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Whether an object waits for its dependents to be deleted.
fn is_deleting_dependents(object: &Object) -> bool {
    object.is_terminating() && has_finalizer(object, FOREGROUND)
}

fn has_finalizer(object: &Object, name: &str) -> bool {
    object.meta("finalizers").items().iter().any(|f| f == name)
}

/// Everything that names this owner, with the resource that it is of.
fn dependents<'a>(cache: &'a Cache, uid: &str) -> Vec<(Resource, &'a Object)> {
    let of = |i: &'a client::Informer| i.owned_by(uid).map(|o| (*i.resource(), o));
    cache.all().iter().flat_map(of).collect()
}

impl GarbageCollector {
    fn enqueue(&mut self, now: Time, resource: &Resource, object: &Object) {
        let key = format!("{}.{}|{}", resource.plural, resource.group, object.key());
        self.queue.add_at(now + REACTION, key);
    }

    fn enqueue_dependents(&mut self, now: Time, uid: &str, cache: &Cache) {
        for (resource, dependent) in dependents(cache, uid) {
            self.enqueue(now, &resource, dependent);
        }
    }

    /// Owners that wait for their dependents may have waited for this one.
    fn enqueue_waiting_owners(&mut self, now: Time, object: &Object, cache: &Cache) {
        for owner in object.owners() {
            if let Some((resource, owner)) = references::cached(cache, owner, object.namespace())
                && is_deleting_dependents(owner)
            {
                self.enqueue(now, &resource, owner);
            }
        }
    }

    fn gone(&mut self, now: Time, object: &Object, cache: &Cache) {
        if self.absent.len() >= MAX_ABSENT {
            self.absent.pop_first();
        }
        self.absent.insert(object.uid().into());
        self.enqueue_dependents(now, object.uid(), cache);
        self.enqueue_waiting_owners(now, object, cache);
    }

    fn seen(&mut self, now: Time, resource: &Resource, old: Option<&Object>, new: &Object, cache: &Cache) {
        let owners_changed = old.is_none_or(|old| old.meta("ownerReferences") != new.meta("ownerReferences"));
        if owners_changed {
            let missing = new.owners().any(|o| references::cached(cache, o, new.namespace()).is_none());
            if missing {
                self.enqueue(now, resource, new);
            }
            if let Some(old) = old {
                self.enqueue_waiting_owners(now, old, cache);
            }
        }
        if is_deleting_dependents(new) && !old.is_some_and(is_deleting_dependents) {
            self.enqueue(now, resource, new);
            self.enqueue_dependents(now, new.uid(), cache);
        }
        let orphans = |o: &Object| o.is_terminating() && has_finalizer(o, ORPHAN);
        if orphans(new) && !old.is_some_and(orphans) {
            self.enqueue(now, resource, new);
        }
    }

    /// Looks at one object and does what is to be done about it. Mirrors attemptToDeleteItem and attemptToOrphan.
    fn attempt(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let Some((resource, namespace, name)) = references::parse(key) else { return Ok(()) };
        if cache.of(&resource).get(key.split_once('|').map_or("", |(_, key)| key)).is_none() {
            return Ok(());
        }
        let item = match ctx.get(&resource, namespace, name) {
            Err(error) if error.is_not_found() => return Ok(()),
            other => other?,
        };
        if item.is_terminating() {
            if has_finalizer(&item, ORPHAN) {
                self.orphan_dependents(ctx, cache, &item)?;
                return remove_finalizer(ctx, &resource, &item, ORPHAN);
            }
            if !has_finalizer(&item, FOREGROUND) {
                return Ok(());
            }
            return self.delete_dependents(ctx, cache, &resource, &item);
        }
        let owners = Owners::classify(ctx, cache, &self.absent, &item)?;
        if !owners.solid.is_empty() {
            return release(ctx, &resource, &item, &owners);
        }
        if owners.dangling.is_empty() && owners.waiting.is_empty() {
            return Ok(()); // it has no owners
        }
        self.limiter.try_take(ctx.now);
        self.delete(ctx, cache, &resource, &item, &owners)
    }

    /// An object in the foreground goes when no dependent that blocks it is left. Mirrors
    /// processDeletingDependentsItem.
    fn delete_dependents(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        resource: &Resource,
        item: &Object,
    ) -> Result<(), Status> {
        let blocks = |o: &Object| {
            o.owners().any(|owner| owner.uid() == item.uid() && owner.0["blockOwnerDeletion"].is_true())
        };
        let blocking: Vec<_> = dependents(cache, item.uid()).into_iter().filter(|(_, o)| blocks(o)).collect();
        if blocking.is_empty() {
            return remove_finalizer(ctx, resource, item, FOREGROUND);
        }
        for (resource, dependent) in blocking {
            if !dependent.is_terminating() {
                self.enqueue(ctx.now, &resource, dependent);
            }
        }
        Ok(())
    }

    fn delete(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        resource: &Resource,
        item: &Object,
        owners: &Owners,
    ) -> Result<(), Status> {
        let has_dependents = !dependents(cache, item.uid()).is_empty();
        let policy = match () {
            () if !owners.waiting.is_empty() && has_dependents => "Foreground",
            () if has_finalizer(item, ORPHAN) => "Orphan",
            () if has_finalizer(item, FOREGROUND) => "Foreground",
            () => "Background",
        };
        let why = match owners.waiting.first().or(owners.dangling.first()) {
            Some((kind, name, _)) if owners.waiting.is_empty() => {
                format!("{kind} {name}, which owns it, is gone")
            }
            Some((kind, name, _)) => format!("{kind} {name}, which owns it, waits for it to go"),
            None => String::new(),
        };
        decide(ctx, item, why);
        let options = json!({
            "kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": item.uid()},
            "propagationPolicy": policy,
        });
        match ctx.delete(resource, item.namespace(), item.name(), options) {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    fn orphan_dependents(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        owner: &Object,
    ) -> Result<(), Status> {
        for (resource, dependent) in dependents(cache, owner.uid()) {
            unlink(ctx, &resource, dependent, &[owner.uid()])?;
        }
        Ok(())
    }
}

/// Takes references to owners out of an object.
fn unlink(
    ctx: &mut Context<'_>,
    resource: &Resource,
    object: &Object,
    owners: &[&str],
) -> Result<(), Status> {
    let entries: Vec<_> = owners.iter().map(|uid| json!({"$patch": "delete", "uid": *uid})).collect();
    let patch = json!({"metadata": {"ownerReferences": entries, "uid": object.uid()}});
    match ctx.patch(resource, object.namespace(), object.name(), "", patch) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// An owner is left that wants the object: the references to the others go.
fn release(ctx: &mut Context<'_>, resource: &Resource, item: &Object, owners: &Owners) -> Result<(), Status> {
    let uids: Vec<&str> =
        owners.dangling.iter().chain(&owners.waiting).map(|(_, _, uid)| uid.as_str()).collect();
    if !uids.is_empty() {
        unlink(ctx, resource, item, &uids)?;
    }
    Ok(())
}

fn remove_finalizer(
    ctx: &mut Context<'_>,
    resource: &Resource,
    item: &Object,
    finalizer: &str,
) -> Result<(), Status> {
    let left: Vec<_> = item.meta("finalizers").items().iter().filter(|f| **f != finalizer).cloned().collect();
    let patch = json!({"metadata": {"resourceVersion": item.resource_version(), "finalizers": left}});
    match ctx.merge_patch(resource, item.namespace(), item.name(), "", patch) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

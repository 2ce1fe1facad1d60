use crate::Context;
use apimachinery::rest::{Cursor, WatchKind};
use apimachinery::{Object, Resource};
use std::collections::BTreeMap;

/// A component's copy of the objects of one resource, kept up to date by a watch. It lags: that is real.
/// Mirrors client-go/tools/cache.
#[derive(Clone, Debug)]
pub struct Informer {
    resource: Resource,
    label_selector: String,
    field_selector: String,
    cursor: Option<Cursor>,
    objects: BTreeMap<String, Object>,
}

/// One change of an informer's copy.
#[derive(Clone, Debug)]
pub struct Delta {
    /// Before; `None` when it is new.
    pub old: Option<Object>,
    /// After; `None` when it is gone.
    pub new: Option<Object>,
}

impl Delta {
    /// The newest version there is.
    pub fn object(&self) -> &Object {
        self.new.as_ref().or(self.old.as_ref()).expect("a delta has at least one side")
    }
}

impl Informer {
    /// Of all objects of a resource, in all namespaces.
    pub fn new(resource: Resource) -> Informer {
        Informer {
            resource,
            label_selector: String::new(),
            field_selector: String::new(),
            cursor: None,
            objects: BTreeMap::new(),
        }
    }

    /// Of those objects only that fulfil a field selector, such as `spec.nodeName=minikube`.
    pub fn with_field_selector(mut self, selector: &str) -> Informer {
        self.field_selector = selector.into();
        self
    }

    /// Pulls what is new and tells what changed, in order. The first time, and after the watch expired, it lists.
    pub fn sync(&mut self, ctx: &mut Context<'_>) -> Vec<Delta> {
        let mut deltas = Vec::new();
        // Twice at most: a watch that has expired is begun anew once.
        for _ in 0..2 {
            let relisting = self.cursor.is_none();
            let cursor = match &mut self.cursor {
                Some(cursor) => cursor,
                none => match ctx.watch(&self.resource, &self.label_selector, &self.field_selector) {
                    Ok(cursor) => none.insert(cursor),
                    Err(_) => return deltas,
                },
            };
            let events = ctx.server.poll(cursor);
            let mut stale = if relisting { std::mem::take(&mut self.objects) } else { BTreeMap::new() };
            let mut expired = false;
            for event in events {
                let key = event.object.key();
                match event.kind {
                    WatchKind::Added | WatchKind::Modified => {
                        let old = stale.remove(&key).or_else(|| self.objects.get(&key).cloned());
                        self.objects.insert(key, event.object.clone());
                        if old.as_ref().map(Object::resource_version) != Some(event.object.resource_version())
                        {
                            deltas.push(Delta { old, new: Some(event.object) });
                        }
                    }
                    WatchKind::Deleted => {
                        self.objects.remove(&key);
                        deltas.push(Delta { old: Some(event.object), new: None });
                    }
                    WatchKind::Bookmark => {}
                    WatchKind::Error => expired = true,
                }
            }
            deltas.extend(stale.into_values().map(|old| Delta { old: Some(old), new: None }));
            if !expired {
                break;
            }
            self.cursor = None;
        }
        deltas
    }

    /// One object by `namespace/name` (or name).
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)
    }

    /// All objects, by key.
    pub fn list(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// The objects of one namespace, by name.
    pub fn namespace<'a>(&'a self, namespace: &str) -> impl Iterator<Item = &'a Object> {
        let from = format!("{namespace}/");
        let prefix = from.clone();
        self.objects.range(from..).take_while(move |(key, _)| key.starts_with(&prefix)).map(|(_, o)| o)
    }

    /// How many objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

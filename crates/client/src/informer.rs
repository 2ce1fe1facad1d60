use crate::Context;
use apimachinery::rest::{Cursor, WatchKind};
use apimachinery::{Object, Resource};
use sim::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A component's copy of the objects of one resource, kept up to date by a watch. It lags: that is real.
/// A clone is cheap: what is in it is shared until it changes. Mirrors client-go/tools/cache.
#[derive(Clone, Debug)]
pub struct Informer {
    resource: Resource,
    label_selector: String,
    field_selector: String,
    cursor: Option<Cursor>,
    objects: Arc<BTreeMap<Arc<str>, Object>>,
    /// The keys of the objects by the uids of their owners, if it is kept.
    owned: Option<Arc<OwnerIndex>>,
}

type OwnerIndex = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

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
            objects: Arc::default(),
            owned: None,
        }
    }

    /// Keeps an index of owners too: [`Informer::owned_by`] and [`Informer::orphans`].
    pub fn with_owner_index(mut self) -> Informer {
        self.owned = Some(Arc::default());
        self
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
            let mut stale = if relisting { self.take_all() } else { BTreeMap::new() };
            let mut expired = false;
            for event in events {
                let key = event.object.key();
                match event.kind {
                    WatchKind::Added | WatchKind::Modified => {
                        let old = match stale.remove(key.as_str()) {
                            Some(old) => {
                                self.insert(key, event.object.clone());
                                Some(old)
                            }
                            None => self.insert(key, event.object.clone()),
                        };
                        if old.as_ref().map(Object::resource_version) != Some(event.object.resource_version())
                        {
                            deltas.push(Delta { old, new: Some(event.object) });
                        }
                    }
                    WatchKind::Deleted => {
                        self.remove(&key);
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

    fn take_all(&mut self) -> BTreeMap<Arc<str>, Object> {
        if let Some(owned) = &mut self.owned {
            *owned = Arc::default();
        }
        Arc::unwrap_or_clone(std::mem::take(&mut self.objects))
    }

    fn insert(&mut self, key: String, object: Object) -> Option<Object> {
        let key: Arc<str> = key.into();
        let old = Arc::make_mut(&mut self.objects).insert(key.clone(), object.clone());
        if let Some(owned) = &mut self.owned {
            let (before, after) = (old.as_ref().map(index_keys).unwrap_or_default(), index_keys(&object));
            if before != after {
                let owned = Arc::make_mut(owned);
                unindex(owned, &before, &key);
                for owner in after {
                    owned.entry(owner.into()).or_default().insert(key.clone());
                }
            }
        }
        old
    }

    fn remove(&mut self, key: &str) {
        let Some(old) = Arc::make_mut(&mut self.objects).remove(key) else { return };
        if let Some(owned) = &mut self.owned {
            unindex(Arc::make_mut(owned), &index_keys(&old), key);
        }
    }

    /// The objects that name an owner with this uid, by key. None without [`Informer::with_owner_index`].
    pub fn owned_by<'a>(&'a self, uid: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let keys = self.owned.as_ref().and_then(|owned| owned.get(uid));
        keys.into_iter().flatten().filter_map(|key| self.objects.get(key))
    }

    /// The objects of a namespace that have no controller, by key. None without [`Informer::with_owner_index`].
    pub fn orphans<'a>(&'a self, namespace: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.owned_by(&orphans_of(namespace))
    }

    /// The resource of its objects.
    pub fn resource(&self) -> &Resource {
        &self.resource
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
        let prefix = format!("{namespace}/");
        self.objects
            .range(Arc::<str>::from(prefix.as_str())..)
            .take_while(move |(key, _)| key.starts_with(&prefix))
            .map(|(_, o)| o)
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

/// Under what an object stands in the index: the uids of its owners, and its namespace if none of them controls it.
fn index_keys(object: &Object) -> Vec<String> {
    let mut keys: Vec<String> = object.owners().map(|o| o.uid().into()).collect();
    if object.controller().is_none() {
        keys.push(orphans_of(object.namespace()));
    }
    keys
}

/// A uid never begins with a slash.
fn orphans_of(namespace: &str) -> String {
    format!("/{namespace}")
}

fn unindex(owned: &mut OwnerIndex, owners: &[String], key: &str) {
    for owner in owners {
        if let Some(keys) = owned.get_mut(owner.as_str()) {
            keys.remove(key);
            if keys.is_empty() {
                owned.remove(owner.as_str());
            }
        }
    }
}

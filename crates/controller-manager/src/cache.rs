use apimachinery::{Object, Resource};
use client::{Context, Delta, Informer};

/// The resources that the controllers watch, each once: every kind that is stored, so that the garbage collector sees
/// all of them, but Events: nobody here reads those, and nothing is done about their owners.
pub(crate) fn watched() -> impl Iterator<Item = Resource> {
    let stored = api::KINDS.iter().filter(|kind| kind.verbs.contains(&"watch"));
    stored.map(|kind| kind.resource).filter(|resource| *resource != api::event::RESOURCE)
}

/// What the controllers know of the cluster: shared informers. It lags behind the API, as the real ones do.
#[derive(Clone, Debug)]
pub struct Cache {
    informers: Vec<Informer>,
}

impl Default for Cache {
    fn default() -> Cache {
        Cache { informers: watched().map(|r| Informer::new(r).with_owner_index()).collect() }
    }
}

impl Cache {
    /// Pulls what is new of every resource: (resource, change), in order.
    pub(crate) fn sync(&mut self, ctx: &mut Context<'_>) -> Vec<(Resource, Delta)> {
        let mut changes = Vec::new();
        for informer in &mut self.informers {
            let resource = *informer.resource();
            changes.extend(informer.sync(ctx).into_iter().map(|delta| (resource, delta)));
        }
        changes
    }

    /// The informer of a resource, which has to be one of those that are watched.
    pub fn of(&self, resource: &Resource) -> &Informer {
        // Names differ in length mostly, groups and versions do not.
        let is_it = |r: &Resource| r.plural == resource.plural && r == resource;
        let informer = self.informers.iter().find(|i| is_it(i.resource()));
        informer.expect("every resource that a controller reads is watched")
    }

    /// All informers.
    pub fn all(&self) -> &[Informer] {
        &self.informers
    }

    /// Pods.
    pub fn pods(&self) -> &Informer {
        self.of(&api::pod::RESOURCE)
    }

    /// Nodes.
    pub fn nodes(&self) -> &Informer {
        self.of(&api::node::RESOURCE)
    }

    /// ReplicaSets.
    pub fn replica_sets(&self) -> &Informer {
        self.of(&api::replicaset::RESOURCE)
    }

    /// Services.
    pub fn services(&self) -> &Informer {
        self.of(&api::service::RESOURCE)
    }

    /// The pods that name this owner, and those of the namespace that have no controller: what may be claimed.
    /// Mirrors controller.FilterPodsByOwner.
    pub fn claimable<'a>(&'a self, resource: &Resource, owner: &Object) -> Vec<&'a Object> {
        let informer = self.of(resource);
        let mine = informer.owned_by(owner.uid()).filter(|o| o.controller().is_some());
        mine.chain(informer.orphans(owner.namespace())).collect()
    }
}

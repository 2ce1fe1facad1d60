//! A revisioned key-value store with watch, in memory. Knows no Kubernetes. Mirrors what etcd v3 promises: one
//! revision counter, compare and swap by revision, and a log of changes that can be read from a revision on.
//!
//! A clone is cheap: everything inside is shared until it is changed.

use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// How many changes the log keeps. A reader that is further behind has to read everything anew.
pub const MAX_LOG: usize = 100_000;

/// The store.
#[derive(Clone)]
pub struct Store<V: Clone> {
    revision: u64,
    entries: OrdMap<Arc<str>, Entry<V>>,
    log: Vector<Change<V>>,
}

/// A key's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<V> {
    /// What is stored.
    pub value: V,
    /// The revision of the write that made it what it is.
    pub modified: u64,
}

/// One write, in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<V> {
    /// Its revision.
    pub revision: u64,
    /// Its key.
    pub key: Arc<str>,
    /// The value before; `None` for a new key.
    pub old: Option<V>,
    /// The value after; `None` for a deletion.
    pub new: Option<V>,
}

/// The log does not reach back that far: read everything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted;

impl<V: Clone> Default for Store<V> {
    fn default() -> Self {
        Store { revision: 1, entries: OrdMap::new(), log: Vector::new() }
    }
}

impl<V: Clone> Store<V> {
    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The revision that the next write will have.
    pub fn next_revision(&self) -> u64 {
        self.revision + 1
    }

    /// A key's entry.
    pub fn get(&self, key: &str) -> Option<&Entry<V>> {
        self.entries.get(key)
    }

    /// All entries whose keys begin with `prefix`, in order of keys.
    pub fn range<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry<V>)> {
        let from: Arc<str> = prefix.into();
        self.entries.range(from..).map(|(k, e)| (&**k, e)).take_while(move |(k, _)| k.starts_with(prefix))
    }

    /// Writes a key (or deletes it, with `None`) and gives the new revision. Deleting what is not there changes nothing.
    pub fn put(&mut self, key: &str, new: Option<V>) -> u64 {
        let shared: Arc<str> = self.entries.get_key_value(key).map_or_else(|| key.into(), |(k, _)| k.clone());
        let old = self.entries.get(key).map(|e| e.value.clone());
        if old.is_none() && new.is_none() {
            return self.revision;
        }
        self.revision += 1;
        match &new {
            Some(value) => {
                let entry = Entry { value: value.clone(), modified: self.revision };
                self.entries.insert(shared.clone(), entry);
            }
            None => drop(self.entries.remove(key)),
        }
        if self.log.len() >= MAX_LOG {
            self.log.pop_front();
        }
        self.log.push_back(Change { revision: self.revision, key: shared, old, new });
        self.revision
    }

    /// The writes after a revision, oldest first, whatever their keys.
    pub fn since(&self, revision: u64) -> Result<impl Iterator<Item = &Change<V>>, Compacted> {
        let first = self.log.front().map_or(self.revision + 1, |c| c.revision);
        if revision + 1 < first {
            return Err(Compacted);
        }
        // Revisions in the log have no gaps, so the place is known.
        let skip = ((revision + 1 - first) as usize).min(self.log.len());
        Ok(self.log.focus().narrow(skip..).into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_numbered_and_can_be_read_again() {
        let mut s = Store::default();
        let start = s.revision();
        s.put("/a/1", Some("x"));
        s.put("/a/2", Some("y"));
        s.put("/b/1", Some("z"));
        s.put("/a/1", None);
        s.put("/nothing", None);
        assert_eq!(s.revision(), start + 4);
        assert_eq!(s.range("/a/").map(|(k, _)| k).collect::<Vec<_>>(), ["/a/2"]);
        let log: Vec<_> = s.since(start + 2).unwrap().map(|c| (&*c.key, c.new)).collect();
        assert_eq!(log, [("/b/1", Some("z")), ("/a/1", None)]);
        assert_eq!(s.since(s.revision()).unwrap().count(), 0);
    }

    #[test]
    fn a_clone_does_not_see_later_writes_and_an_old_reader_is_told() {
        let mut s = Store::default();
        s.put("/a", Some(0));
        let old = s.clone();
        for i in 0..=MAX_LOG {
            s.put("/a", Some(i));
        }
        assert_eq!(old.get("/a").map(|e| e.value), Some(0));
        assert!(matches!(s.since(1), Err(Compacted)));
    }
}

//! A map and a set in the order of their keys, with the names of std's, which they stand in for: a sorted vector each.
//!
//! Why not std's: every pair of types compiles the whole tree anew, 7 KB of the page each; a vector needs a tenth.
//! Inserting in the middle moves what lies behind it, which is quicker than a tree up to some thousands of entries.

use std::borrow::Borrow;
use std::ops::{Bound, Index, RangeBounds};
use std::slice;

/// A map in the order of its keys. Looking up takes O(log n), inserting and removing O(n), at the end O(1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BTreeMap<K, V> {
    entries: Vec<(K, V)>,
}

type Pair<'a, K, V> = fn(&'a (K, V)) -> (&'a K, &'a V);
type PairMut<'a, K, V> = fn(&'a mut (K, V)) -> (&'a K, &'a mut V);
type Key<'a, K, V> = fn(&'a (K, V)) -> &'a K;
type Value<'a, K, V> = fn(&'a (K, V)) -> &'a V;
type ValueMut<'a, K, V> = fn(&'a mut (K, V)) -> &'a mut V;

fn pair<K, V>(entry: &(K, V)) -> (&K, &V) {
    (&entry.0, &entry.1)
}

fn pair_mut<K, V>(entry: &mut (K, V)) -> (&K, &mut V) {
    (&entry.0, &mut entry.1)
}

impl<K, V> Default for BTreeMap<K, V> {
    fn default() -> Self {
        BTreeMap { entries: Vec::new() }
    }
}

impl<K: std::fmt::Debug, V: std::fmt::Debug> std::fmt::Debug for BTreeMap<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V> BTreeMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        BTreeMap { entries: Vec::new() }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> std::iter::Map<slice::Iter<'_, (K, V)>, Pair<'_, K, V>> {
        self.entries.iter().map(pair)
    }

    /// The same, with values that can be changed.
    pub fn iter_mut(&mut self) -> std::iter::Map<slice::IterMut<'_, (K, V)>, PairMut<'_, K, V>> {
        self.entries.iter_mut().map(pair_mut)
    }

    /// The keys in order.
    pub fn keys(&self) -> std::iter::Map<slice::Iter<'_, (K, V)>, Key<'_, K, V>> {
        self.entries.iter().map(|entry| &entry.0)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> std::iter::Map<slice::Iter<'_, (K, V)>, Value<'_, K, V>> {
        self.entries.iter().map(|entry| &entry.1)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> std::iter::Map<slice::IterMut<'_, (K, V)>, ValueMut<'_, K, V>> {
        self.entries.iter_mut().map(|entry| &mut entry.1)
    }

    /// The keys alone.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator {
        self.entries.into_iter().map(|entry| entry.0)
    }

    /// The values alone.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.entries.into_iter().map(|entry| entry.1)
    }

    /// The entry with the smallest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(pair)
    }

    /// The entry with the largest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.entries.last().map(pair)
    }

    /// Takes out the entry with the smallest key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.entries.is_empty()).then(|| self.entries.remove(0))
    }

    /// Takes out the entry with the largest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        self.entries.pop()
    }

    /// Keeps the entries for which the condition holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|entry| keep(&entry.0, &mut entry.1));
    }

    /// Where the key is, or where it would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|entry| entry.0.borrow().cmp(key))
    }

    /// The key's value.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| &self.entries[at].1)
    }

    /// The key's value, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| &mut self.entries[at].1)
    }

    /// The key as the map holds it, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| pair(&self.entries[at]))
    }

    /// Whether the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Takes the key out and gives its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|entry| entry.1)
    }

    /// Takes the key out and gives it and its value.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|at| self.entries.remove(at))
    }

    /// The entries whose keys lie between the bounds.
    pub fn range<Q: Ord + ?Sized, R: RangeBounds<Q>>(
        &self,
        range: R,
    ) -> std::iter::Map<slice::Iter<'_, (K, V)>, Pair<'_, K, V>>
    where
        K: Borrow<Q>,
    {
        let place = |key: &Q, behind: bool| match self.find(key) {
            Ok(at) => at + usize::from(behind),
            Err(at) => at,
        };
        let start = match range.start_bound() {
            Bound::Included(key) => place(key, false),
            Bound::Excluded(key) => place(key, true),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(key) => place(key, true),
            Bound::Excluded(key) => place(key, false),
            Bound::Unbounded => self.entries.len(),
        };
        self.entries[start..end.max(start)].iter().map(pair)
    }
}

impl<K: Ord, V> BTreeMap<K, V> {
    /// Where the key is, or where it would be. What comes in order, as most does, is not searched for.
    fn place(&self, key: &K) -> Result<usize, usize> {
        match self.entries.last() {
            Some(last) if last.0 < *key => Err(self.entries.len()),
            None => Err(0),
            _ => self.find(key),
        }
    }

    /// Sets the key's value and gives the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// The key's place, to be filled or changed.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = self.place(&key);
        Entry { map: self, key, place }
    }
}

/// A key's place in a map.
pub struct Entry<'a, K, V> {
    map: &'a mut BTreeMap<K, V>,
    key: K,
    place: Result<usize, usize>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, which is this one if there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, which is made if there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        let at = match self.place {
            Ok(at) => at,
            Err(at) => {
                self.map.entries.insert(at, (self.key, make()));
                at
            }
        };
        &mut self.map.entries[at].1
    }

    /// The value, which is the default if there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value if there is one.
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        if let Ok(at) = self.place {
            change(&mut self.map.entries[at].1);
        }
        self
    }
}

impl<K: Ord, V> Extend<(K, V)> for BTreeMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for BTreeMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = BTreeMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for BTreeMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for BTreeMap<K, V> {
    type Output = V;

    /// Panics where the key is not there.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the map has the key")
    }
}

impl<K, V> IntoIterator for BTreeMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a BTreeMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<slice::Iter<'a, (K, V)>, Pair<'a, K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut BTreeMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = std::iter::Map<slice::IterMut<'a, (K, V)>, PairMut<'a, K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// A set in order. Looking up takes O(log n), inserting and removing O(n), at the end O(1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BTreeSet<T> {
    map: BTreeMap<T, ()>,
}

impl<T> Default for BTreeSet<T> {
    fn default() -> Self {
        BTreeSet::new()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for BTreeSet<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

type Member<'a, T> = fn(&'a (T, ())) -> &'a T;

fn member<T>(entry: &(T, ())) -> &T {
    &entry.0
}

impl<T> BTreeSet<T> {
    /// An empty set.
    pub const fn new() -> Self {
        BTreeSet { map: BTreeMap::new() }
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// The members in order.
    pub fn iter(&self) -> std::iter::Map<slice::Iter<'_, (T, ())>, Member<'_, T>> {
        self.map.entries.iter().map(member)
    }

    /// Whether it is a member.
    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.map.contains_key(value)
    }

    /// Takes it out; whether it was a member.
    pub fn remove<Q: Ord + ?Sized>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.map.remove(value).is_some()
    }

    /// Keeps the members for which the condition holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|value, ()| keep(value));
    }

    /// The smallest.
    pub fn first(&self) -> Option<&T> {
        self.map.entries.first().map(member)
    }

    /// The largest.
    pub fn last(&self) -> Option<&T> {
        self.map.entries.last().map(member)
    }

    /// Takes out the smallest.
    pub fn pop_first(&mut self) -> Option<T> {
        self.map.pop_first().map(|entry| entry.0)
    }

    /// Takes out the largest.
    pub fn pop_last(&mut self) -> Option<T> {
        self.map.pop_last().map(|entry| entry.0)
    }

    /// The members between the bounds.
    pub fn range<Q: Ord + ?Sized, R: RangeBounds<Q>>(&self, range: R) -> impl DoubleEndedIterator<Item = &T>
    where
        T: Borrow<Q>,
    {
        self.map.range(range).map(|(value, ())| value)
    }
}

impl<T: Ord> BTreeSet<T> {
    /// Adds it; whether it is new.
    pub fn insert(&mut self, value: T) -> bool {
        self.map.insert(value, ()).is_none()
    }

    /// The members that the other set has not.
    pub fn difference<'a>(&'a self, other: &'a BTreeSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|value| !other.contains(*value))
    }

    /// The members that the other set has too.
    pub fn intersection<'a>(&'a self, other: &'a BTreeSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|value| other.contains(*value))
    }

    /// Whether the other set has every member.
    pub fn is_subset(&self, other: &BTreeSet<T>) -> bool {
        self.iter().all(|value| other.contains(value))
    }
}

impl<T: Ord> Extend<T> for BTreeSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl<T: Ord> FromIterator<T> for BTreeSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = BTreeSet::new();
        set.extend(values);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for BTreeSet<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> IntoIterator for BTreeSet<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.entries.into_iter().map(|entry| entry.0)
    }
}

impl<'a, T> IntoIterator for &'a BTreeSet<T> {
    type Item = &'a T;
    type IntoIter = std::iter::Map<slice::Iter<'a, (T, ())>, Member<'a, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// Whatever is done, std's map does the same.
    #[test]
    #[allow(clippy::disallowed_types)] // std's own is the measure here
    fn they_do_what_stds_do() {
        let mut rng = Rng::new(7);
        let (mut ours, mut theirs) = (BTreeMap::new(), std::collections::BTreeMap::new());
        for step in 0..3000 {
            let key = rng.below(60);
            match rng.below(20) {
                0 => assert_eq!(ours.pop_first(), theirs.pop_first()),
                1 => assert_eq!(ours.pop_last(), theirs.pop_last()),
                2 => {
                    ours.retain(|k, _| k % 7 != key % 7);
                    theirs.retain(|k, _| k % 7 != key % 7);
                }
                3..7 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                7..12 => {
                    *ours.entry(key).or_insert(0) += step;
                    *theirs.entry(key).or_insert(0) += step;
                }
                _ => assert_eq!(ours.insert(key, step), theirs.insert(key, step)),
            }
            assert!(ours.iter().eq(theirs.iter()), "after step {step}");
            assert!(ours.range(key..key + 9).eq(theirs.range(key..key + 9)));
            let after = (Bound::Excluded(key), Bound::Unbounded);
            assert!(ours.range(after).eq(theirs.range(after)));
        }
        let set: BTreeSet<u64> = [5, 1, 3, 1].into();
        assert!(set.iter().eq(&[1, 3, 5]) && set.contains(&3) && !set.contains(&2));
        assert_eq!(set.first().zip(set.last()), Some((&1, &5)));
    }
}

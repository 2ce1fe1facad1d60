use std::cmp::Ordering;

/// Stable sorting that costs the page one sort, not one for each type: std's compiles 6 KB for each.
pub trait Order<T> {
    /// Sorts.
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    /// Sorts by a key.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Sorts by a comparison.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let mut places = sorted(self.len(), &|a, b| compare(&self[a], &self[b]));
        // places[i] is where the i-th of the result stands now: follow each cycle round.
        for start in 0..places.len() {
            let mut at = start;
            loop {
                let from = std::mem::replace(&mut places[at], at);
                if from == start || from == at {
                    break;
                }
                self.swap(at, from);
                at = from;
            }
        }
    }
}

/// The numbers below `len`, sorted. Not inlined: this is the one sort.
#[inline(never)]
#[expect(clippy::disallowed_methods, reason = "the one sort that the others share")]
fn sorted(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    #[test]
    fn it_sorts_as_stds_stable_sort_does() {
        let mut rng = Rng::new(3);
        for len in 0..80 {
            let list: Vec<(u64, usize)> = (0..len).map(|i| (rng.below(10), i)).collect();
            let (mut ours, mut theirs) = (list.clone(), list);
            ours.order_by_key(|entry| entry.0);
            #[expect(clippy::disallowed_methods, reason = "the model to compare with")]
            theirs.sort_by_key(|entry| entry.0);
            assert_eq!(ours, theirs);
        }
    }
}

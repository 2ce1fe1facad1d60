use sim::collections::BTreeMap;

/// Places that are kept for life: a freed one is used again by a later comer, nobody else moves.
#[derive(Clone, Default)]
pub(crate) struct Slots {
    taken: Vec<Option<String>>,
    of: BTreeMap<String, usize>,
}

impl Slots {
    /// Gives up the places of those who are not among `present`, and a place to each who has none yet.
    pub(crate) fn keep<'a>(&mut self, present: impl Iterator<Item = &'a str> + Clone) {
        let here: sim::collections::BTreeSet<&str> = present.clone().collect();
        for slot in &mut self.taken {
            if slot.as_deref().is_some_and(|id| !here.contains(id)) {
                self.of.remove(slot.take().as_deref().unwrap_or_default());
            }
        }
        for id in present {
            if self.of.contains_key(id) {
                continue;
            }
            let free = self.taken.iter().position(Option::is_none).unwrap_or_else(|| {
                self.taken.push(None);
                self.taken.len() - 1
            });
            self.taken[free] = Some(id.into());
            self.of.insert(id.into(), free);
        }
        while self.taken.last().is_some_and(Option::is_none) {
            self.taken.pop();
        }
    }

    /// Somebody's place.
    pub(crate) fn get(&self, id: &str) -> Option<usize> {
        self.of.get(id).copied()
    }

    /// How many places there are, free ones in between included.
    pub(crate) fn len(&self) -> usize {
        self.taken.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_moves_and_a_freed_place_is_used_again() {
        let mut slots = Slots::default();
        slots.keep(["a", "b", "c"].into_iter());
        slots.keep(["a", "c", "d"].into_iter());
        assert_eq!(["a", "c", "d"].map(|id| slots.get(id)), [Some(0), Some(2), Some(1)]);
        slots.keep(["a"].into_iter());
        assert_eq!((slots.len(), slots.get("d")), (1, None));
    }
}

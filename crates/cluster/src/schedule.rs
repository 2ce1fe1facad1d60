use sim::Time;
use sim::collections::BTreeSet;

/// When each component runs next: at most one time a component, the earliest first, then the lower index.
#[derive(Clone, Default)]
pub(crate) struct Schedule {
    at: Vec<Option<Time>>,
    queue: BTreeSet<(Time, usize)>,
}

impl Schedule {
    /// Sets a component's time, whatever it was.
    pub(crate) fn set(&mut self, index: usize, at: Option<Time>) {
        if self.at.len() <= index {
            self.at.resize(index + 1, None);
        }
        if let Some(old) = std::mem::replace(&mut self.at[index], at) {
            self.queue.remove(&(old, index));
        }
        if let Some(at) = at {
            self.queue.insert((at, index));
        }
    }

    /// Makes a component run at this time or before.
    pub(crate) fn by(&mut self, index: usize, at: Time) {
        let known = self.at.get(index).copied().flatten();
        if known.is_none_or(|known| at < known) {
            self.set(index, Some(at));
        }
    }

    /// Who is due first, and when.
    pub(crate) fn next(&self) -> Option<(Time, usize)> {
        self.queue.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_runs_first_and_a_later_wish_does_not_delay_it() {
        let (mut s, t) = (Schedule::default(), Time::from_secs);
        s.set(1, Some(t(5)));
        s.set(0, Some(t(7)));
        s.by(1, t(6));
        assert_eq!(s.next(), Some((t(5), 1)));
        s.by(0, t(5));
        assert_eq!(s.next(), Some((t(5), 0)));
        s.set(0, None);
        s.set(1, None);
        assert_eq!(s.next(), None);
    }
}

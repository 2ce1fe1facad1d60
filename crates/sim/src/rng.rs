/// A small seeded generator (SplitMix64): same seed, same numbers, on every platform.
///
/// Not for secrets. Each component takes its own by [`Rng::fork`], so that what one draws does not shift another's.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// A generator of its own for the part called `name`: depends on the seed and the name only.
    pub fn fork(&self, name: &str) -> Rng {
        // FNV-1a, so that similar names give unlike seeds.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Rng(self.0 ^ hash)
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// A fraction in `0.0..1.0`.
    pub fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn same_seed_same_numbers_and_forks_are_independent() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        assert_eq!(a.next_u64(), b.next_u64());
        let fork = |r: &Rng, n| r.fork(n).next_u64();
        let (before, _) = (fork(&a, "x"), a.below(1));
        assert_eq!(before, fork(&b, "x"));
        assert_ne!(fork(&b, "x"), fork(&b, "y"));
        assert!((0..1000).all(|_| a.below(10) < 10));
    }
}

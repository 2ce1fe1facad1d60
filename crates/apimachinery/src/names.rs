//! Names, random ends of names, and uids.

use sim::Rng;

/// The letters and digits of random ends: no vowels, nothing that looks like another.
/// Mirrors apimachinery/pkg/util/rand.
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The longest name to which a random end is appended.
const MAX_GENERATED_BASE: usize = 63 - 5;

/// A random text of `n` characters that is safe in names.
pub fn random_suffix(rng: &mut Rng, n: usize) -> String {
    (0..n).map(|_| ALPHANUMS[rng.below(ALPHANUMS.len() as u64) as usize] as char).collect()
}

/// A name from `metadata.generateName`: the base, cut to 58 characters, and five random ones.
/// Mirrors apiserver/pkg/storage/names.
pub fn generate(base: &str, rng: &mut Rng) -> String {
    let base = &base[..base.len().min(MAX_GENERATED_BASE)];
    format!("{base}{}", random_suffix(rng, 5))
}

/// Encodes a number so that it is safe in names. Mirrors rand.SafeEncodeString over a decimal.
pub fn safe_encode(number: u32) -> String {
    number.to_string().bytes().map(|b| ALPHANUMS[b as usize % ALPHANUMS.len()] as char).collect()
}

/// A random uid, in the form of a version 4 UUID.
pub fn uid(rng: &mut Rng) -> String {
    let a = (rng.next_u64() & !0xf000) | 0x4000;
    let b = (rng.next_u64() & !(0xc << 60)) | (0x8 << 60);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xffff,
        b >> 48,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_and_names_have_their_forms() {
        let mut rng = Rng::new(1);
        let uid = uid(&mut rng);
        assert_eq!((uid.len(), &uid[14..15]), (36, "4"));
        assert!("89ab".contains(&uid[19..20]));
        assert_eq!(generate(&"x".repeat(80), &mut rng).len(), 63);
        // '0' is character 48, and 48 % 27 = 21.
        assert_eq!(safe_encode(0), "4");
    }
}
